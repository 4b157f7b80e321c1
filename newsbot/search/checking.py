"""Compares the index with the archive and has taken up again what differs: by days, counts and hashes.

The archive is walked by hashes of contents, which are evenly spread, a hundred articles at a time, so that no
question holds up its server, however many articles came on one day; what is told of each stands in the index as
one number (``index.state_of``). Counts and sums of these numbers are kept by the day of first storing.

While articles arrive, a difference is one that stays: the archive has the article as it was before, and the
index follows it beyond that moment, and still has something else.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import attrs
import tantivy
from cattrs.preconf.json import make_converter

from newsbot.archive import articles, changes
from newsbot.archive.articles import Kept
from newsbot.archive.connection import AWAY, Database
from newsbot.config import Config
from newsbot.search import mending
from newsbot.search.asking import how_many, within
from newsbot.search.documents import Documents
from newsbot.search.follow import catch_up, reached
from newsbot.search.index import Generation, current, day_of, key_of, schema, slot_of, state_of

# Articles that are asked for at once.
SIZE = 100
# Beside the process that follows: articles a minute; seconds after the start; and from one walk's end to the
# next's beginning.
A_MINUTE = 2_000
FIRST = 60.0
ROUND = timedelta(hours=1)
# Differences that are looked at once more together.
_SUSPECTS = 500
# Looks at an article that changes all the time before it is left to the next walk, and how long the index may
# take to follow (seconds). What MongoDB shows first may be a moment from being told to those that follow.
_LOOKS, _PATIENCE, _MARGIN = 5, 30.0, 1.0
# Parts of a walk after which it is written down how far it is.
_NOTED_EVERY = 10
_FILE = "checked.json"

_log = logging.getLogger(__name__)
_converter = make_converter()


@attrs.define(kw_only=True)
class Day:
    """The articles that were first stored on a day (UTC), in the archive and in the index.

    Hashes are sums of what stands for each article: they are equal where all articles are. ``missing`` of
    them the index lacked, ``left_over`` it had and the archive had not, ``changed`` it had otherwise.
    """

    day: date
    archive: int = 0
    index: int = 0
    archive_hash: int = 0
    index_hash: int = 0
    missing: int = 0
    left_over: int = 0
    changed: int = 0

    @property
    def differing(self) -> int:
        """How many articles differed."""
        return self.missing + self.left_over + self.changed


@attrs.frozen(kw_only=True)
class Checked:
    """What a walk over all articles found, and when it ended.

    ``undecided`` articles changed too often, or the index was too far behind, to compare them.
    """

    at: datetime
    articles: int
    differing: int
    undecided: int
    mended: int
    days: tuple[Day, ...]

    @property
    def differed(self) -> tuple[Day, ...]:
        """The days of which anything differed."""
        return tuple(day for day in self.days if day.differing)


@attrs.define(kw_only=True)
class Walk:
    """How far a walk is: ``done`` of so many ``parts``, and what it met."""

    parts: int
    done: int = 0
    articles: int = 0
    undecided: int = 0
    mended: int = 0
    days: dict[str, Day] = attrs.Factory(dict)

    def day(self, day: date) -> Day:
        """Return the count of a day."""
        return self.days.setdefault(day.isoformat(), Day(day=day))

    def ended(self) -> Checked:
        """Return what it found."""
        days = tuple(self.days[name] for name in sorted(self.days))
        return Checked(
            at=datetime.now(UTC),
            articles=self.articles,
            differing=sum(day.differing for day in days),
            undecided=self.undecided,
            mended=self.mended,
            days=days,
        )


@attrs.frozen
class _Side:
    """An article as one side has it: in the index it may be more than once."""

    day: date
    states: tuple[int, ...]


_NOTHING: tuple[int, ...] = ()
_Sides = dict[str, _Side]


class Comparing:
    """Compares parts of the archive with the index, and mends what differs."""

    def __init__(
        self, config: Config, database: Database, walk: Walk, stop: threading.Event | None = None
    ) -> None:
        self._config = config
        self._database = database
        self._documents = Documents.of(database)
        self._walk = walk
        self._stop = stop or threading.Event()
        self._index: tuple[Path, tantivy.Index] | None = None
        # What differed at the first look.
        self._suspects: dict[str, None] = {}
        # What was decided: the two sides may have an article in different parts.
        self._decided: set[str] = set()

    def take(self, span: changes.Span) -> int:
        """Compare a part of all articles; returns how many of it the archive has."""
        archived = self._archived(changes.within(self._database, span))
        indexed = self._indexed(self._searcher(), span)
        for article in archived.keys() | indexed.keys():
            one, other = archived.get(article), indexed.get(article)
            if one is not None and other is not None and one.states == other.states:
                self._count(one, other)
            elif article not in self._decided:
                self._suspects[article] = None
        self._walk.articles += len(archived)
        self._walk.done += 1
        if len(self._suspects) >= _SUSPECTS:
            self.settle()
        return len(archived)

    def settle(self) -> None:
        """Look once more at what seemed to differ, and have taken up again what does."""
        waiting, self._suspects = list(self._suspects), {}
        wrong: list[str] = []
        for _ in range(_LOOKS):
            if not waiting:
                break
            before = self._now(waiting)
            self._stop.wait(_MARGIN)
            if not catch_up(self._config, self._database, patience=_PATIENCE):
                break
            indexed = self._of(self._searcher(), waiting)
            after = self._now(waiting)
            moving = []
            for article in waiting:
                one, other = after.get(article), indexed.get(article)
                if before.get(article) != one:
                    moving.append(article)
                    continue
                self._decided.add(article)
                if self._differs(one, other):
                    wrong.append(article)
            waiting = moving
        self._walk.undecided += len(waiting)
        if wrong:
            self._mend(wrong)

    def _differs(self, one: _Side | None, other: _Side | None) -> bool:
        """Count an article, and say whether the index has it otherwise."""
        self._count(one, other)
        if one is not None and other is not None and one.states == other.states:
            return False
        if one is not None:
            day = self._walk.day(one.day)
            day.missing += other is None
            day.changed += other is not None
        elif other is not None:
            self._walk.day(other.day).left_over += 1
        return one is not other  # both are None where it was removed meanwhile

    def _count(self, one: _Side | None, other: _Side | None) -> None:
        if one is not None:
            day = self._walk.day(one.day)
            day.archive += 1
            day.archive_hash = (day.archive_hash + sum(one.states)) % (1 << 63)
        if other is not None:
            day = self._walk.day(other.day)
            day.index += len(other.states)
            day.index_hash = (day.index_hash + sum(other.states)) % (1 << 63)

    def _mend(self, wrong: list[str]) -> None:
        asked = mending.ask(self._config.index_dir, wrong)
        end = time.monotonic() + _PATIENCE + len(asked)
        while not self._stop.is_set() and time.monotonic() < end:
            catch_up(self._config, self._database)
            left = [each for each in asked if each.file.exists()]
            if not left:
                break
            time.sleep(0.05)
        self._walk.mended += sum(len(each.articles) for each in asked if not each.file.exists())

    # What each side has

    def _archived(self, found: Iterable[Kept]) -> _Sides:
        told = {}
        for kept in found:
            article, record = kept.article.id, kept.record
            document = self._documents.document(kept)
            state = state_of(article, document, story=record.story)
            told[article] = _Side(record.first_seen.astimezone(UTC).date(), (state,))
        return told

    def _now(self, ids: list[str]) -> _Sides:
        found: _Sides = {}
        for at in range(0, len(ids), SIZE):
            some = articles.many(self._database, ids[at : at + SIZE])
            found |= self._archived(some.values())
        return found

    def _searcher(self) -> tantivy.Searcher:
        folder = current(self._config.index_dir)
        if folder is None:
            return tantivy.Index(schema()).searcher()
        if self._index is None or self._index[0] != folder:
            self._index = folder, Generation(folder).index
        self._index[1].reload()
        return self._index[1].searcher()

    def _indexed(self, searcher: tantivy.Searcher, span: changes.Span) -> _Sides:
        high = slot_of(span.high) - 1 if span.high else None
        return self._read(searcher, within(schema(), "slot", slot_of(span.low), high))

    def _of(self, searcher: tantivy.Searcher, ids: list[str]) -> _Sides:
        keys = [key_of(each) for each in ids]
        return self._read(searcher, tantivy.Query.term_set_query(schema(), "key", keys))

    def _read(self, searcher: tantivy.Searcher, query: tantivy.Query) -> _Sides:
        hits = searcher.search(query, limit=max(how_many(searcher, query), 1), count=False).hits
        addresses = [address for _, address in hits]
        columns = (searcher.fast_field_values(each, addresses) for each in ("state", "seen_day"))
        found: _Sides = {}
        for address, state, day in zip(addresses, *columns, strict=True):
            article = str(searcher.doc(address)["id"][0])
            states = found[article].states if article in found else _NOTHING
            found[article] = _Side(day_of(day or 0), (*states, int(state or 0)))
        return found


def check(
    config: Config, database: Database, progress: Callable[[int], None] = lambda _: None
) -> Checked:
    """Compare all articles with the index, now, and mend what differs.

    ``progress`` is told now and then how many were compared.
    """
    catch_up(config, database, patience=_PATIENCE)
    parts = changes.spans(database, SIZE)
    walk = Walk(parts=len(parts))
    comparing = Comparing(config, database, walk)
    for part in parts:
        comparing.take(part)
        progress(walk.articles)
    comparing.settle()
    checked = walk.ended()
    _note(config.index_dir, _Noted(last=checked, walk=_noted(config.index_dir).walk))
    return checked


def watch(config: Config, database: Database, stop: threading.Event) -> None:
    """Compare the archive with the index until the event is set, slowly, beside the process that follows."""
    stop.wait(FIRST)
    while not stop.is_set():
        try:
            _walk(config, database, stop)
        except (*AWAY, OSError, ValueError) as error:
            _log.warning("the index is not compared with the archive for now: %s", error)
            stop.wait(FIRST)


def _walk(config: Config, database: Database, stop: threading.Event) -> None:
    root = config.index_dir
    noted = _noted(root)
    if noted.walk is None and noted.last is not None:
        stop.wait(max(0.0, (noted.last.at + ROUND - datetime.now(UTC)).total_seconds()))
    parts = changes.spans(database, SIZE)
    walk = noted.walk
    if walk is None or walk.parts != len(parts):
        walk = Walk(parts=len(parts))
    comparing = Comparing(config, database, walk, stop)
    while walk.done < len(parts):
        while not stop.is_set() and _behind(root):
            stop.wait(1.0)
        if stop.is_set():
            return
        begun = time.monotonic()
        count = comparing.take(parts[walk.done])
        comparing.settle()
        if walk.done % _NOTED_EVERY == 0:
            _note(root, _Noted(last=_noted(root).last, walk=walk))
        stop.wait(max(0.0, 60 * count / A_MINUTE - (time.monotonic() - begun)))
    checked = walk.ended()
    for day in checked.differed:
        _log.warning(
            "of articles first stored on %s the index lacked %d, had %d that are gone and %d otherwise than "
            "the archive; they were taken up again",
            *(day.day, day.missing, day.left_over, day.changed),
        )
    _note(root, _Noted(last=checked, walk=None))


def _behind(root: Path) -> bool:
    folder = current(root)
    return folder is None or reached(folder) < datetime.now(UTC) - timedelta(seconds=10)


def last(root: Path) -> Checked | None:
    """Return what the last walk that came to its end found; None where none did."""
    return _noted(root).last


@attrs.frozen(kw_only=True)
class _Noted:
    last: Checked | None = None
    walk: Walk | None = None


def _noted(root: Path) -> _Noted:
    try:
        return _converter.loads((root / _FILE).read_text(), _Noted)
    except (OSError, ValueError, KeyError, TypeError, ExceptionGroup):
        return _Noted()


def _note(root: Path, noted: _Noted) -> None:
    draft = root / f"{_FILE}.{threading.get_ident()}.new"
    draft.write_text(_converter.dumps(noted))
    draft.replace(root / _FILE)
