"""From the spool into the archive: what waited while MongoDB was away takes the way of any article.

It is judged, stored, announced and finished, in the order in which it was spooled, and then its page
is marked as visited. All of it may be done again from the beginning, by this process or another.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial

import attrs

from newsbot.archive import articles, pages
from newsbot.archive.articles import Judged, Kept
from newsbot.archive.connection import AWAY, Database
from newsbot.archive.spool import Emptied, Entry, Sink, Visits
from newsbot.reading import Candidate

# Articles written at a time.
AT_ONCE = 100
# The verdict on an article that MongoDB does not take.
REFUSED = "refused"
# The verdicts after which steps are left to do.
_NEWS = ("new", "edited", "completed")

# Writes the matches and messages of stored articles and finishes them.
Announce = Callable[[Database, Sequence[Kept]], object]


def sink(database: Database, announce: Announce) -> Sink:
    """Return the way from the spool into this archive."""
    return partial(_empty, database.hasty, announce)


def _empty(
    database: Database, announce: Announce, entries: Sequence[Entry], damaged: bool
) -> Emptied:
    verdicts: dict[str, str] = {}
    refused: list[tuple[Entry, str]] = []
    for some, visits in _batches(entries):
        try:
            verdicts |= _store(database, announce, some)
        except AWAY:
            raise
        except Exception:  # noqa: BLE001 - which of them it was is found out one by one
            for each in some:
                try:
                    verdicts |= _store(database, announce, [each])
                except AWAY:
                    raise
                except Exception as error:  # noqa: BLE001 - it is set aside, and said
                    refused.append((each, _words(error)))
        lost = {each.article.id for each, _ in refused if isinstance(each, Candidate)}
        verdicts |= dict.fromkeys(lost, REFUSED)
        for noted in visits:
            if damaged:
                lost |= _missing(database, noted) - verdicts.keys()
            try:
                _mark(database, noted, verdicts, lost)
            except AWAY:
                raise
            except Exception as error:  # noqa: BLE001 - it is set aside, and said
                refused.append((noted, _words(error)))
    return Emptied(verdicts, refused)


def _batches(entries: Sequence[Entry]) -> Iterator[tuple[list[Candidate], list[Visits]]]:
    """Yield articles, no one twice in a batch, and the visits that were noted after them."""
    some: dict[str, Candidate] = {}
    visits: list[Visits] = []
    for entry in entries:
        if isinstance(entry, Visits):
            visits.append(entry)
            continue
        if entry.article.id in some or len(some) >= AT_ONCE:
            yield list(some.values()), visits
            some, visits = {}, []
        some[entry.article.id] = entry
    yield list(some.values()), visits


def _store(
    database: Database, announce: Announce, candidates: Sequence[Candidate]
) -> dict[str, str]:
    """Judge, store and announce articles; returns what became of each."""
    if not candidates:
        return {}
    judged = articles.judge(database, candidates)
    late = {each.article.id for each in judged if _overtaken(each)}
    fresh = [each for each in judged if each.article.id not in late]
    kept = articles.keep(database, fresh, now=datetime.now(UTC))
    news = [each for each in kept if each.verdict in _NEWS]
    if news:
        announce(database, news)
    verdicts = {each.article.id: done.verdict for each, done in zip(fresh, kept, strict=True)}
    return {**dict.fromkeys(late, "known"), **verdicts}


def _overtaken(judged: Judged) -> bool:
    """Say whether another crawl has read the article since: what it read first is no edit of that."""
    return (
        judged.verdict == "edited"
        and judged.stored is not None
        and judged.stored.article.fetched_at > judged.article.fetched_at
    )


def _mark(database: Database, noted: Visits, verdicts: dict[str, str], lost: set[str]) -> None:
    visits = [
        # As of any page that shows a text which the source has at another address.
        attrs.evolve(each, article="", why="duplicate: the archive has it")
        if verdicts.get(each.article) == "duplicate"
        else each
        for each in noted.visits
        if each.article not in lost
    ]
    pages.mark(database, visits, noted.plan)


def _missing(database: Database, noted: Visits) -> set[str]:
    """Return those articles which the archive does not have: their pages are to be fetched again."""
    said = list({each.article for each in noted.visits if each.article})
    there: set[str] = set()
    for start in range(0, len(said), pages.AT_ONCE):
        there |= set(articles.many(database, said[start : start + pages.AT_ONCE]))
    return set(said) - there


def _words(error: Exception) -> str:
    """Return what went wrong, without the document that some errors repeat."""
    return f"{type(error).__name__}: {str(error)[:200]}"
