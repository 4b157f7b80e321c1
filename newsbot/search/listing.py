"""A page of what a query finds: of articles, or of stories, each once; and where the next goes on.

Newest first is the order of first storing. An article's place in it never changes, so the next page goes
on below the last place, with what was there when the first page was asked. For the most relevant see
:mod:`newsbot.search.ranking`.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import attrs
import tantivy

from newsbot.archive import stories
from newsbot.archive.connection import Database
from newsbot.search.asking import all_of, how_many, within
from newsbot.search.cursors import Cursor
from newsbot.search.index import key_of, ordinal
from newsbot.search.linked import Linked
from newsbot.search.ranking import MOST, Order, weighed

# How many places are looked at for one story that is to be shown, at first.
_WIDER = 2
# The articles whose stories are in memory at a time, where all stories are counted.
AT_ONCE = 100_000
_TOP = 2**63 - 1


@attrs.frozen(kw_only=True)
class Item:
    """An article of a list; of its story, the query finds ``more``."""

    id: str
    more: int = 0


@attrs.frozen(kw_only=True)
class Page:
    """A page of a list; ``next`` says where the following one goes on, None where it is the last."""

    items: tuple[Item, ...]
    next: Cursor | None


@attrs.frozen
class _Placed:
    place: int
    id: str
    story: str


@attrs.frozen
class _Story:
    """What a query finds of a story, which goes by several ids where it was linked with others."""

    members: tuple[str, ...]
    count: int
    newest: float


class Listing:
    """Lists what one query finds, as one searcher sees it."""

    def __init__(
        self,
        database: Database,
        searcher: tantivy.Searcher,
        schema: tantivy.Schema,
        query: tantivy.Query,
    ) -> None:
        self._database = database
        self._searcher = searcher
        self._schema = schema
        self._query = query

    # Newest first

    def newest(self, start: Cursor, limit: int) -> Page:
        """Return a page of articles, newest first."""
        found = self._below(start, limit + 1)
        return self._page([Item(id=each.id) for each in found], found, start, limit)

    def newest_stories(self, start: Cursor, limit: int) -> Page:
        """Return a page of stories by their newest articles; ``more`` counts all that is found of each."""
        told: list[Item] = []
        placed: list[_Placed] = []
        passed: set[str] = set()
        at = start
        while len(told) <= limit:
            wanted = (limit + 1 - len(told)) * _WIDER
            found = self._below(at, wanted, without=passed)
            if found and not start.top:
                start = at = attrs.evolve(start, top=found[0].place)
            known = self._stories((each.story for each in found), start.top)
            for each in found:
                story = known[each.story]
                if each.story in passed:
                    continue
                passed |= {*story.members}
                # Where a newer one of its articles was found, a page before showed it.
                if not self._newer(story, each, start):
                    told.append(Item(id=each.id, more=max(story.count - 1, 0)))
                    placed.append(each)
            if len(found) < wanted:
                break
            at = _after(at, found)
        return self._page(told, placed, start, limit)

    def _newer(self, story: _Story, found: _Placed, start: Cursor) -> bool:
        """Say whether a story was shown before, by a newer article, or one of the same place."""
        if story.newest > found.place:
            return True
        if found.place != start.place or story.count == 1:
            return False
        shown = tantivy.Query.term_set_query(self._schema, "id", list(start.shown))
        return how_many(self._searcher, self._also(self._of_stories(story.members), shown)) > 0

    def _below(self, start: Cursor, limit: int, *, without: Iterable[str] = ()) -> list[_Placed]:
        """Return what stands at this place in the list and below, newest first."""
        below = self._places(0, start.place or start.top or _TOP)
        query = self._also(below, without=without)
        hits = self._searcher.search(
            query, limit=limit + len(start.shown), count=False, order_by_field="place"
        ).hits
        found = [_Placed(int(place), *self._stored(address)) for place, address in hits]
        return [each for each in found if each.place != start.place or each.id not in start.shown][
            :limit
        ]

    def _page(
        self, items: list[Item], placed: Sequence[_Placed], start: Cursor, limit: int
    ) -> Page:
        more = len(items) > limit
        shown = placed[:limit]
        goes_on = attrs.evolve(start, top=start.top or shown[0].place) if shown else start
        return Page(
            items=tuple(items[:limit]), next=_after(goes_on, shown) if more and shown else None
        )

    # Most relevant first

    def ranked(self, folder: Path, start: Cursor, limit: int) -> Page:
        """Return a page of articles by what they score; the order is kept in a folder."""
        order, kept = self._order(folder, start, limit)
        told: list[Item] = []
        for some in self._in_order(order, start.position, limit + 1):
            for position, each in some:
                if len(told) == limit:
                    return self._ranked(told, start, kept, position)
                told.append(Item(id=each.id))
        return Page(items=tuple(told), next=None)

    def ranked_stories(self, folder: Path, start: Cursor, limit: int) -> Page:
        """Return a page of stories by what their best articles score."""
        order, kept = self._order(folder, start, limit)
        # What stands before this page was shown.
        passed = set(order.story_keys[: start.position])
        told: list[Item] = []
        for some in self._in_order(order, start.position, (limit + 1) * _WIDER):
            known = self._stories((each.story for _, each in some), 0)
            for position, each in some:
                story = known[each.story]
                keys = {key_of(member) for member in story.members}
                if not passed.isdisjoint(keys):
                    continue
                if len(told) == limit:
                    return self._ranked(told, start, kept, position)
                passed |= keys
                told.append(Item(id=each.id, more=max(story.count - 1, 0)))
        return Page(items=tuple(told), next=None)

    def _ranked(self, told: list[Item], start: Cursor, kept: str, position: int) -> Page:
        following = attrs.evolve(start, kept=kept, position=position) if kept else None
        return Page(items=tuple(told), next=following)

    def _order(self, folder: Path, start: Cursor, limit: int) -> tuple[Order, str]:
        if start.kept:
            return Order.kept(folder, start.kept), start.kept
        scored = weighed(self._searcher, self._schema, self._query, ordinal(start.at.date()))
        hits = self._searcher.search(scored, limit=MOST, count=False).hits
        addresses = [address for _, address in hits]
        order = Order(
            [int(key or 0) for key in self._searcher.fast_field_values("key", addresses)],
            [int(key or 0) for key in self._searcher.fast_field_values("story_key", addresses)],
        )
        return order, order.keep(folder) if len(order.keys) > limit else ""

    def _in_order(
        self, order: Order, position: int, at_once: int
    ) -> Iterator[list[tuple[int, _Placed]]]:
        """Yield what an order has from a position on, some at a time, without what was removed since."""
        while position < len(order.keys):
            keys = list(order.keys[position : position + at_once])
            query = tantivy.Query.term_set_query(self._schema, "key", keys)
            hits = self._searcher.search(query, limit=len(keys), count=False).hits
            found = {}
            for _, address in hits:
                article, story = self._stored(address)
                found[key_of(article)] = _Placed(0, article, story)
            yield [(place, found[key]) for place, key in enumerate(keys, position) if key in found]
            position += len(keys)

    # Stories

    def _stories(self, ids: Iterable[str], top: int) -> dict[str, _Story]:
        """Return what is found of these stories, by each of the ids that stand for them."""
        heads = stories.heads(self._database, ids)
        members = stories.members_of(self._database, set(heads.values()))
        wanted = sorted({each for some in members.values() for each in some})
        if not wanted:
            return {}
        asked = {
            "stories": {
                "terms": {"field": "by_story", "size": len(wanted), "segment_size": len(wanted)},
                "aggs": {"newest": {"max": {"field": "place"}}},
            }
        }
        within = self._also(self._of_stories(wanted), self._places(0, top or _TOP))
        found = {
            str(each["key"]): (int(each["doc_count"]), float(each["newest"]["value"]))
            for each in self._searcher.aggregate(within, asked)["stories"]["buckets"]
        }
        told = {}
        for some in members.values():
            mine = [found[each] for each in some if each in found]
            told.update(
                dict.fromkeys(
                    some,
                    _Story(
                        tuple(some),
                        sum(count for count, _ in mine),
                        max((newest for _, newest in mine), default=0.0),
                    ),
                )
            )
        return told

    def count_stories(self, total: int, linked: Linked, *, at_once: int = AT_ONCE) -> int:
        """Return how many stories are found: of ``total`` articles, read about so many at once."""
        linked.refresh()
        query = tantivy.Query.const_score_query(self._query, 1.0)
        parts, alone = -(-total // at_once), 0
        heads: set[int] = set()
        for part in range(parts):
            # Numbers of stories are spread evenly: so each is in one part only, and no part is large.
            low, high = ((_TOP + 1) * each // parts for each in (part, part + 1))
            some = all_of((query, within(self._schema, "story_key", low, high - 1)))
            hits = self._searcher.search(some, limit=total, count=False).hits
            keys = self._searcher.fast_field_values("story_key", [address for _, address in hits])
            single, joined = linked.apart(int(key) for key in keys if key is not None)
            alone += single
            heads |= joined
        return alone + len(heads)

    # The index

    def _stored(self, address: tantivy.DocAddress) -> tuple[str, str]:
        stored = self._searcher.doc(address)
        return str(stored["id"][0]), str((stored["by_story"] or [""])[0])

    def _of_stories(self, ids: Iterable[str]) -> tantivy.Query:
        return tantivy.Query.term_set_query(self._schema, "by_story", sorted(ids))

    def _places(self, low: int, high: int) -> tantivy.Query:
        return within(self._schema, "place", low, high)

    def _also(self, *further: tantivy.Query, without: Iterable[str] = ()) -> tantivy.Query:
        excluded = set(without)
        but = self._of_stories(excluded) if excluded else None
        return all_of((self._query, *further), but=but)


def _after(start: Cursor, shown: Sequence[_Placed]) -> Cursor:
    """Return where a list goes on behind these."""
    last = shown[-1].place
    ids = [each.id for each in shown if each.place == last]
    if last == start.place:
        ids = [*start.shown, *ids]
    return attrs.evolve(start, place=last, shown=tuple(ids))
