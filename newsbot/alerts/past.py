"""What a rule would have met and told in a time that is past, out of the search index.

The index has every article as it reads now, with the moment at which it was first stored. Its days of
publication are whole days, so what makes an article old is decided to the day. Who told of a story before
the time began is known from ``LEAD`` days before it.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import attrs
import tantivy

from newsbot.alerts.rules import understand, whole_query
from newsbot.archive import articles, sources, stories
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.archive.rules import Rule
from newsbot.query import Query
from newsbot.query.tree import And, Near, Not, Or, Phrase, Word
from newsbot.search.asking import all_of, any_of, within
from newsbot.search.daily import of_sources
from newsbot.search.documents import Documents
from newsbot.search.index import key_of, ordinal
from newsbot.search.lists import Lists
from newsbot.search.passages import mentions
from newsbot.search.results import Reader
from newsbot.search.selection import Selection

# Days before the time in which a story may have been told already.
LEAD = 14
# Articles that are read for how many of their passages meet a query; of more, so many stand for all.
READ, _READ_AT_ONCE = 200, 50
_SECOND, _DAY = 1_000_000, 86_400_000_000


@attrs.frozen(kw_only=True)
class Met:
    """An article that meets a rule: when it was first stored, its key and that of its story in the index.

    ``held`` says why nobody would have been told of it, "" where they would.
    """

    seen: datetime
    key: int
    story: int
    held: str = ""


@attrs.frozen(kw_only=True)
class Past:
    """What a rule met from a moment to another, first stored first, and in the days before.

    ``ever`` counts all that the archive has of it. ``estimated`` says that of how many passages met was
    asked of a part of the articles, which stands for the others. ``reaches`` is when the first article of
    the archive was stored, None where it has none.
    """

    first: datetime
    last: datetime
    met: tuple[Met, ...]
    before: tuple[Met, ...]
    ever: int
    estimated: bool
    reaches: datetime | None
    selection: Selection = attrs.field(repr=False)


def past(
    database: Database, reader: Reader, rule: Rule, *, first: datetime, last: datetime
) -> Past:
    """Return what a rule would have met in a time, had it been in force all along.

    Raises:
        RuleError: when its query is none.
        QuerySyntaxError: when it takes too long to decide.
    """
    tree = understand(whole_query(rule), Lists.of(database).now().entries)
    wanted: list[Query | None] = [tree, None]
    if rule.noise.title_only:
        wanted.append(And((tree, in_title(tree))))
    found = reader.of_trees(wanted, now=last, query=rule.query)
    everything, all_there = found[:2]
    schema = everything.schema
    time = within(schema, "seen", _micro(first - timedelta(days=LEAD)), max(_micro(last) - 1, 0))
    asked = everything.narrowed(time)
    rows = [*asked.columns("key", "story_key", "day")]
    standing = reader.standing(int(row[2] or 0) for row in rows)
    holding = _Holding(database, rule, tree, last)
    held = holding.of(
        rows, asked, found[2].narrowed(time) if rule.noise.title_only else None, standing
    )
    met = [
        Met(
            seen=datetime.fromtimestamp(int(row[0] or 0) / _SECOND, UTC),
            key=int(row[1] or 0),
            story=standing.get(int(row[2] or 0), int(row[2] or 0)),
            held=why,
        )
        for row, why in zip(rows, held, strict=True)
    ]
    begun = all_there.aggregate({"first": {"min": {"field": "seen"}}}) if all_there.articles else {}
    reached = begun.get("first", {}).get("value")
    return Past(
        first=first,
        last=last,
        met=tuple(each for each in met if each.seen >= first),
        before=tuple(each for each in met if each.seen < first),
        ever=everything.total,
        estimated=holding.estimated,
        reaches=datetime.fromtimestamp(reached / _SECOND, UTC) if reached else None,
        selection=asked,
    )


_Row = tuple[int | None, ...]


class _Holding:
    """Decides why articles of the past are held, in the order of :mod:`newsbot.alerts.holding`."""

    def __init__(self, database: Database, rule: Rule, tree: Query, now: datetime) -> None:
        self._database = database
        self._rule = rule
        self._tree = tree
        self._now = now
        self.estimated = False

    def of(
        self,
        rows: Sequence[_Row],
        asked: Selection,
        titles: Selection | None,
        standing: Mapping[int, int],
    ) -> list[str]:
        noise = self._rule.noise
        left_out = self._keys(asked, of_sources(asked.schema, self._left_out()))
        first_crawl = self._first_crawl(asked)
        in_title = {row[1] for row in titles.columns("key")} if titles else None
        muted = self._muted(standing)
        held = []
        for row in rows:
            _, key, story, day = row
            if key in left_out:
                held.append("left out")
            elif muted and standing.get(story or 0, story or 0) in muted:
                held.append("muted")
            elif in_title is not None and key not in in_title:
                held.append("title")
            else:
                held.append("")
        if noise.mentions > 1:
            self._too_few(rows, held, asked)
        for place, (seen, key, _, day) in enumerate(rows):
            if held[place]:
                continue
            if key in first_crawl:
                held[place] = "first crawl"
            elif self._rule.max_age and day is not None and self._old(seen or 0, day):
                held[place] = "old"
        return held

    def _keys(self, asked: Selection, query: tantivy.Query) -> set[int | None]:
        return {row[1] for row in asked.narrowed(query).columns("key")}

    def _left_out(self) -> set[str]:
        names = Documents.of(self._database).names()
        return {
            each
            for name in self._rule.noise.without
            for each in (*names.called(name), *names.grouped(name))
        }

    def _muted(self, standing: Mapping[int, int]) -> set[int]:
        if not self._rule.muted:
            return set()
        heads = stories.heads(self._database, self._rule.muted)
        keys = {key_of(each) for pair in heads.items() for each in pair}
        return keys | {standing[each] for each in keys if each in standing}

    def _first_crawl(self, asked: Selection) -> set[int | None]:
        """Return the keys of what was there before its source was."""
        if not self._rule.max_age:
            return set()
        since = self._now - timedelta(days=30 + LEAD)
        added: dict[int, list[str]] = {}
        for each in sources.everything(self._database):
            if each.added_at >= since:
                added.setdefault(ordinal(each.added_at.astimezone(UTC).date()), []).append(each.id)
        schema = asked.schema
        before = [
            all_of((of_sources(schema, ids), within(schema, "day", None, day - 2)))
            for day, ids in added.items()
        ]
        return self._keys(asked, any_of(before)) if before else set()

    def _old(self, seen: int, day: int) -> bool:
        return seen - (day + 1) * _DAY > self._rule.max_age * _DAY

    def _too_few(self, rows: Sequence[_Row], held: list[str], asked: Selection) -> None:
        """Hold what meets the query in too few passages; of many articles some are read."""
        left = [place for place, why in enumerate(held) if not why]
        rng = Random(len(left))  # noqa: S311 - a sample, the same each time
        chosen = left if len(left) <= READ else sorted(rng.sample(left, READ))
        enough = self._enough(asked, [rows[place][1] or 0 for place in chosen])
        of_read = {place: (rows[place][1] or 0) in enough for place in chosen}
        share = sum(of_read.values()) / len(of_read) if of_read else 0.0
        self.estimated = len(chosen) < len(left)
        for place in left:
            # The others are drawn, always the same, so that as many are told as of those that were read.
            told = of_read.get(place)
            if not (rng.random() < share if told is None else told):
                held[place] = "mentions"

    def _enough(self, asked: Selection, keys: Sequence[int]) -> set[int]:
        documents = Documents.of(self._database)
        names = asked.named(keys)
        enough = set[int]()
        ids = [*names.values()]
        for start in range(0, len(ids), _READ_AT_ONCE):
            some = articles.many(self._database, ids[start : start + _READ_AT_ONCE])
            for each, kept in some.items():
                if mentions(self._tree, documents.document(kept)) >= self._rule.noise.mentions:
                    enough.add(key_of(each))
        return enough


def told(rule: Rule, found: Past) -> list[Met]:
    """Return what a rule would have told in the time: each story once, or each article."""
    free = [each for each in found.met if not each.held]
    if rule.each == "article":
        return free
    passed = {each.story for each in found.before if not each.held}
    once = []
    for each in free:
        if each.story not in passed:
            passed.add(each.story)
            once.append(each)
    return once


def held_by(found: Past) -> dict[str, int]:
    """Count what met and is not told, by the reason."""
    return dict(Counter(each.held for each in found.met if each.held).most_common())


def in_title(tree: Query) -> Query:
    """Return what a query means of an article that is its headline alone."""
    match tree:
        case Word() | Phrase():
            if tree.field == "body":
                return Or(())
            return tree if tree.field else attrs.evolve(tree, field="title")
        case Near(left, right):
            return attrs.evolve(tree, left=in_title(left), right=in_title(right))
        case And(children):
            return And(tuple(map(in_title, children)))
        case Or(children):
            return attrs.evolve(tree, children=tuple(map(in_title, children)))
        case Not(child):
            return Not(in_title(child))
        case _:
            return tree


def named(database: Database, found: Past, keys: Collection[int]) -> dict[int, Kept]:
    """Return the articles that these keys stand for, those that are still there."""
    ids = found.selection.named(keys)
    there: dict[str, Kept] = {}
    for start in range(0, len(ids), _READ_AT_ONCE):
        there |= articles.many(database, [*ids.values()][start : start + _READ_AT_ONCE])
    return {key: there[each] for key, each in ids.items() if each in there}


def _micro(moment: datetime) -> int:
    return int(moment.timestamp() * _SECOND)
