"""``newsbot search``: what the archive has on something, listed, counted, and over time."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from newsbot.archive.articles import Kept
from newsbot.cli import context
from newsbot.cli.listed import print_hits
from newsbot.cli.output import (
    USAGE,
    Json,
    console,
    drawn,
    errors,
    fail,
    print_csv,
    print_json,
    safe,
    say,
)
from newsbot.query import QuerySyntaxError
from newsbot.search.cursors import PageError
from newsbot.search.facets import BY, Facet, Facets
from newsbot.search.follow import catch_up
from newsbot.search.lists import Lists
from newsbot.search.results import Hit, Order, Reader, Results
from newsbot.text.doubts import believed

if TYPE_CHECKING:
    from newsbot.search.measured import Measured

_BAR = 40


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command("search")(search)


def search(
    query: Annotated[str, typer.Argument(help='As in: "وزير الدفاع" OR title:putin -sport')],
    order: Annotated[str, typer.Option(help="newest or relevance.")] = "newest",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
    by_story: Annotated[
        bool, typer.Option("--stories/--articles", help="A story once, or each of its articles.")
    ] = True,
    after: Annotated[
        str, typer.Option(metavar="TOKEN", help="The next page; a page says its token.")
    ] = "",
    with_facets: Annotated[
        bool, typer.Option("--facets", help="Count by source, language, section, author and day.")
    ] = False,
    timeline: Annotated[
        str, typer.Option(metavar="day|week|month", help="Count over time, too.")
    ] = "",
    seen: Annotated[
        bool, typer.Option("--seen", help="Over the time of first storing, not of publication.")
    ] = False,
    as_csv_: Annotated[
        bool, typer.Option("--csv", help="Print CSV: of what is listed, or counted.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Find articles. Exit code 1 when there is none."""
    if order not in ("newest", "relevance"):
        fail(f"there is no order {order!r}; give newest or relevance", code=USAGE)
    if timeline not in ("", *BY):
        fail(f"there is no timeline by {timeline!r}; give day, week or month", code=USAGE)
    if as_csv_ and (as_json or (with_facets and timeline)):
        fail("CSV is one table: give --csv with --facets or with --timeline alone", code=USAGE)
    chosen: Order = "newest" if order == "newest" else "relevance"
    config = context.config()
    with context.archive(config) as database:
        try:
            # A query that is none starts nothing.
            Lists.of(database).now().understood(query)
            catch_up(config, database)
            reader = Reader(config, database)
            counted, bars = None, None
            if with_facets or timeline:
                found, counted = reader.counted(
                    query,
                    order=chosen,
                    limit=limit,
                    after=after,
                    by=next((each for each in BY if each == timeline), None),
                    of="seen" if seen else "date",
                    whole=by_story,
                )
            else:
                listing = reader.stories if by_story else reader.search
                found = listing(query, order=chosen, limit=limit, after=after)
            if counted and timeline:
                from newsbot.search.measured import measured

                bars = measured(
                    database,
                    reader,
                    query,
                    counted.timeline,
                    now=datetime.now(UTC),
                    slowest=config.poll_slowest,
                )
        except QuerySyntaxError as error:
            fail(f"the query cannot be understood:\n{error.explain()}", code=USAGE)
        except PageError as error:
            fail(str(error), code=USAGE)
    facets = counted.facets if counted and with_facets else ()
    if as_json:
        print_json(_told(query, found, counted if with_facets else None, counted, bars))
    elif as_csv_:
        _print_csv(found, facets, bars)
    else:
        _print(found, facets, counted, bars)
    if not found.total:
        raise typer.Exit(1)


# For programs


def _told(
    query: str,
    found: Results,
    facets: Facets | None,
    counted: Facets | None,
    bars: "Measured | None",
) -> dict[str, object]:
    told: dict[str, object] = {
        "query": query,
        "total": found.total,
        "undated": found.undated,
        "stories": found.stories,
        "hits": [_as_json(hit) for hit in found.hits],
        "next": found.next or None,
    }
    if facets:
        told["facets"] = {each.field: each for each in facets.facets}
    if counted and bars:
        told["timeline"] = {
            "by": counted.timeline.by,
            "of": counted.timeline.of,
            "undated": counted.timeline.undated,
            "bars": [
                {
                    "first": bar.first,
                    "last": bar.last,
                    "count": bar.count,
                    "total_collected": bar.collected,
                    "share": bar.share,
                    "gaps": bar.gaps,
                }
                for bar in bars.bars
            ],
            "absent": bars.absent,
        }
    return told


def _as_json(hit: Hit) -> dict[str, object]:
    article = hit.kept.article
    return {
        "id": article.id,
        "url": article.url,
        "title": article.title,
        "source": hit.source,
        "published": _day(hit.kept),
        "language": article.language,
        "story": hit.story,
        "more": hit.more,
        "first_seen": hit.kept.record.first_seen,
        "partial": article.partial,
        "deleted_at": hit.kept.record.deleted_at,
        "passage": hit.passage,
    }


def _day(kept: Kept) -> str:
    stated = believed(kept.article.published)
    return stated.day.isoformat() if stated else "-"


def _print_csv(found: Results, facets: Sequence[Facet], bars: "Measured | None") -> None:
    from newsbot.export.cells import as_csv
    from newsbot.search.tables import FACET_COLUMNS, TIMELINE_COLUMNS, facet_rows, timeline_rows

    columns: Sequence[str] = _HIT_COLUMNS
    lines: Iterable[Sequence[str]] = map(_row, found.hits)
    if facets:
        columns, lines = FACET_COLUMNS, facet_rows(facets)
    elif bars:
        columns, lines = TIMELINE_COLUMNS, timeline_rows(bars)
    elif found.next:
        errors.print(f"The next page: --after {found.next}", markup=False)
    print_csv(as_csv((columns, *lines)))


_HIT_COLUMNS = (
    *("id", "published", "first_seen", "source", "language", "title", "passage", "url", "story", "more"),
)  # fmt: skip


def _row(hit: Hit) -> tuple[str, ...]:
    article = hit.kept.article
    day = _day(hit.kept)
    return (
        article.id,
        "" if day == "-" else day,
        hit.kept.record.first_seen.isoformat(),
        hit.source,
        article.language,
        article.title,
        hit.passage.published or hit.passage.text,
        article.url,
        hit.story,
        str(hit.more),
    )


# For people


def _print(
    found: Results,
    facets: Sequence[Facet],
    counted: Facets | None,
    bars: "Measured | None",
) -> None:
    if not found.total:
        say("No article says that.")
        return
    print_hits(found.hits)
    say()
    if facets:
        _print_facets(facets)
    if counted and bars:
        _print_timeline(counted, bars)
    say("".join(_summary(found)))
    if found.next:  # in one line, to be copied
        console.print(f"The next page: --after {found.next}", markup=False, soft_wrap=True)


def _summary(found: Results) -> Iterator[str]:
    articles = "article" if found.total == 1 else "articles"
    listed = len(found.hits)
    if found.stories is not None:
        stories = "story" if found.stories == 1 else "stories"
        yield f"{listed} of {found.stories:,} {stories}, {found.total:,} {articles}"
    else:
        yield f"{listed} of {found.total:,} {articles}"
    if found.undated:
        yield f", {found.undated:,} without a known date"
    yield ". Read one with: newsbot show ID"


def _print_facets(facets: Sequence[Facet]) -> None:
    for facet in facets:
        if not facet.values:
            continue
        say(f"by {facet.field}")
        width = max(len(f"{each.count:,}") for each in facet.values)
        width = max(width, len(f"{facet.others:,}"), len(f"{facet.without:,}"))
        for each in facet.values:
            console.print(safe(f"  {each.count:>{width},}  {each.name or '(removed source)'}"))
        for count, words in ((facet.others, "others"), (facet.without, "none known")):
            if count:
                say(f"  {count:>{width},}  ({words})")
        say()


def _print_timeline(counted: Facets, bars: "Measured") -> None:
    told = counted.timeline
    most = max((bar.count for bar in bars.bars), default=0)
    width = len(f"{most:,}")
    say(f"by {told.by} of {'publication' if told.of == 'date' else 'first storing'}")
    marked = False
    for bar in bars.bars:
        marked |= bool(bar.gaps)
        line = f"  {bar.first} {bar.count:>{width},} {'!' if bar.gaps else ' '} {drawn(bar.count, most, width=_BAR)}"
        console.print(safe(line.rstrip()))
    if told.undated:
        say(f"  undated    {told.undated:,}")
    if marked:
        say("  ! not all sources were collected as usual then; --csv and --json name them")
    say()
