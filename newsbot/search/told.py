"""What a comparison says, in sentences and in rows of a table: the same on the page and in the terminal."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from newsbot.search.attention import Attention, Bucket, Line
from newsbot.search.gaps import Gap
from newsbot.search.rising import Rising
from newsbot.search.surprise import Surprise

COLUMNS = ("bucket", "query", "part", "count", "total_collected", "share", "gap")
# Names that a line of a terminal or a table gives before it counts the others.
_NAMED = 3
# … and that a sentence gives.
_LISTED = 10


def rows(found: Attention) -> Iterator[tuple[str, ...]]:
    """Yield a row for each bucket and line, in the order of ``COLUMNS``: numbers as they are."""
    for at in range(len(found.buckets)):
        for line in found.lines:
            share = line.shares[at]
            yield (
                line.buckets[at].first.isoformat(),
                line.query,
                line.part,
                str(line.counts[at]),
                str(line.totals[at]),
                "" if share is None else f"{share:.6f}",
                gap_in_full(line.buckets[at]),
            )


def gap_in_full(bucket: Bucket) -> str:
    """Return who was not collected as usual in a bucket, all of them, each with the reason."""
    said = [f"{gap.name}: {gap.said}" for gap in bucket.gaps]
    return "; ".join([*said, *([] if bucket.over else ["not over yet"])])


def gap_in_short(bucket: Bucket) -> str:
    """Return the same for a line of a table: some names, and how many more there are."""
    names = list(dict.fromkeys(gap.name for gap in bucket.gaps))
    said = ", ".join(names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return "; ".join([*([said + more] if names else []), *([] if bucket.over else ["not over"])])


def reasons(gaps: Iterable[Gap]) -> str:
    """Return the kinds of reason among gaps, the most frequent first."""
    listed = Counter(gap.why for gap in gaps)
    return ", ".join(why for why, _ in listed.most_common())


def sentence(line: Line, *, share: bool) -> str:
    """Return what became of a line, and what was left out to say so."""
    change = line.change
    left_out = f"; {change.left_out} with gaps or not over are left out" if change.left_out else ""
    if change.said == "not known":
        return (
            f"nothing can be said of a rise or a fall: {change.counted} without gaps are too few"
            f"{left_out}"
        )
    return (
        f"{change.said}: {_rate(change.before, share=share)} in the earlier half of "
        f"{change.counted}, {_rate(change.after, share=share)} in the later{left_out}"
    )


def _rate(value: float, *, share: bool) -> str:
    return f"{value:.2%} of what was collected" if share else f"{value:.1f} articles a day"


def notes(found: Attention) -> list[str]:
    """Return what has to be said of a comparison as a whole."""
    said = []
    if found.undated:
        articles = "article has" if found.undated == 1 else "articles have"
        said.append(
            f"{found.undated} {articles} no known date and count by the day on which they were first seen."
        )
    marked = sum(bool(bucket.gaps) for bucket in found.buckets)
    if marked:
        kind = reasons(gap for bucket in found.buckets for gap in bucket.gaps)
        said.append(
            f"{marked} of {len(found.buckets)} {found.by}s have gaps ({kind}): nothing is said to rise "
            "or fall out of them."
        )
    if found.absent:
        said.append(f"Not collected at all in this time: {_names(found.absent)}.")
    if found.unsteady:
        said.append(f"Left out, as not collected on all days: {_names(found.unsteady)}.")
    if found.left_out:
        said.append(f"{found.left_out} smaller lines are left out; the CSV has them.")
    return said


def _names(gaps: Sequence[Gap]) -> str:
    more = f" and {len(gaps) - _LISTED} more" if len(gaps) > _LISTED else ""
    return ", ".join(gap.name for gap in gaps[:_LISTED]) + more


RISING_COLUMNS = (
    "kind", "shown", "articles", "sources", "share", "usual_share", "significance", "chance", "id",
)  # fmt: skip


def rising_rows(found: Rising) -> Iterator[tuple[str, ...]]:
    """Yield a row for each term and story, in the order of ``RISING_COLUMNS``: numbers as they are."""
    for term in found.terms:
        stands = term.stands
        yield (
            "term",
            term.shown,
            str(term.count),
            str(term.sources),
            f"{stands.today:.6f}",
            f"{stands.before:.6f}",
            f"{stands.ratio:.2f}",
            f"{stands.chance:.3g}",
            term.articles[0] if term.articles else "",
        )
    for story in found.stories:
        rooms = str(len(story.newsrooms))
        yield "story", story.title, str(story.articles), rooms, "", "", "", "", story.article


def times(stands: Surprise) -> str:
    """Return how many times its usual share a term has."""
    return f"{stands.today / stands.before:.1f}" if stands.before else "new"


def rising_notes(found: Rising) -> list[str]:
    """Return what has to be said of what rises as a whole."""
    span = f"{found.start:%Y-%m-%d %H:%M} to {found.end:%Y-%m-%d %H:%M} UTC"
    past = f"against the 28 days from {found.first} to {found.last}"
    said = [f"{found.total} articles of {span}, {past}; {found.looked_at} terms were looked at."]
    if not found.all_source_days:
        said.append(
            "There is no past to compare with: no source was collected on 14 of the 28 days."
        )
    if found.read < found.total:
        said.append(f"Terms were looked for in {found.read} articles, drawn at random.")
    missing = found.all_source_days - found.source_days
    if missing:
        said.append(
            f"{missing} of {found.all_source_days} days of sources were not collected as usual and are "
            "left out of the past."
        )
    if found.left_out:
        names = ", ".join(f"{gap.name} ({gap.why})" for gap in found.left_out[:10])
        more = f" and {len(found.left_out) - 10} more" if len(found.left_out) > 10 else ""
        said.append(f"Left out, as too much of their past is missing: {names}{more}.")
    if found.stories:
        rooms = f"{found.largest:.0f} newsroom{'' if round(found.largest) == 1 else 's'}"
        said.append(f"The largest story of a usual day is told by {rooms}.")
    return said
