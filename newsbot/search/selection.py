"""All that a query finds, in the order in which it was first seen, however much that is."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

import attrs
import tantivy

from newsbot.search.asking import all_of, how_many, within
from newsbot.search.index import Followed, key_of

# Articles whose ids are in memory at a time.
WINDOW = 10_000

_LAST = 2**62


@attrs.frozen
class Found:
    """An article found: when it was first seen (microseconds since 1970), and its published day.

    ``day`` counts from 1 January 1970; None where no day is known.
    """

    seen: int
    id: str
    day: int | None


class Selection:
    """What a query found at one moment. Later changes of the index do not reach it.

    ``searcher`` is None where there is no index yet: nothing is found then.
    ``articles`` counts all that the index has; it holds what the archive had at the change stream's
    ``position``, as of ``up_to``.
    """

    def __init__(
        self,
        searcher: tantivy.Searcher | None,
        schema: tantivy.Schema,
        query: tantivy.Query,
        followed: Followed | None,
    ) -> None:
        self._searcher = searcher
        self._schema = schema
        self._query = query
        self.position: str | None = followed.token if followed else None
        self.up_to: datetime | None = followed.at if followed else None
        self.articles: int = searcher.num_docs if searcher else 0

    @cached_property
    def total(self) -> int:
        """How many articles were found."""
        return self._count(self._query)

    def __iter__(self) -> Iterator[Found]:
        """Yield what was found: first seen first, and by id where that is the same."""
        return self._between(0, _LAST, self.total)

    def columns(self, *fields: str) -> Iterator[tuple[int | None, ...]]:
        """Yield the numbers in some columns of all that was found, first seen first: ``seen``, and these."""
        for hits in self._windows(0, _LAST, self.total):
            addresses = [address for _, address in hits]
            assert self._searcher is not None
            read = [self._searcher.fast_field_values(field, addresses) for field in fields]
            for (seen, _), *values in zip(hits, *read, strict=True):
                yield (int(seen), *(None if each is None else int(each) for each in values))

    def named(self, keys: Iterable[int]) -> dict[int, str]:
        """Return the ids of those of the articles with these keys that were found."""
        wanted = list(keys)
        if not wanted or self._searcher is None:
            return {}
        query = all_of((self._query, tantivy.Query.term_set_query(self._schema, "key", wanted)))
        hits = self._searcher.search(query, limit=len(wanted), count=False).hits
        ids = (str(self._searcher.doc(address)["id"][0]) for _, address in hits)
        return {key_of(each): each for each in ids}

    def newest(self, limit: int) -> list[str]:
        """Return the ids of those that were stored last."""
        if self._searcher is None:
            return []
        hits = self._searcher.search(
            self._query, limit=limit, count=False, order_by_field="place"
        ).hits
        return [str(self._searcher.doc(address)["id"][0]) for _, address in hits]

    def aggregate(self, wanted: Mapping[str, object], *among: tantivy.Query) -> dict[str, Any]:
        """Return Tantivy's aggregations of what was found and is within all of these queries, too."""
        if self._searcher is None:
            return {}
        found: dict[str, Any] = self._searcher.aggregate(
            all_of((self._query, *among)), dict(wanted)
        )
        return found

    def narrowed(self, *among: tantivy.Query) -> "Selection":
        """Return what of it is within all of these queries, too."""
        followed = Followed(self.position, self.up_to) if self.up_to else None
        return Selection(self._searcher, self._schema, all_of((self._query, *among)), followed)

    def doc_freq(self, field: str, term: str) -> int:
        """Return about how many articles of the whole index have a term in a field; costs nothing."""
        return self._searcher.doc_freq(field, term) if self._searcher else 0

    @property
    def schema(self) -> tantivy.Schema:
        """The schema that queries within it are made with."""
        return self._schema

    def _between(self, low: int, high: int, total: int) -> Iterator[Found]:
        for hits in self._windows(low, high, total):
            addresses = [address for _, address in hits]
            assert self._searcher is not None
            days = self._searcher.fast_field_values("day", addresses)
            yield from sorted(
                (
                    Found(
                        int(seen),
                        str(self._searcher.doc(address)["id"][0]),
                        None if day is None else int(day),
                    )
                    for (seen, address), day in zip(hits, days, strict=True)
                ),
                key=lambda found: (found.seen, found.id),
            )

    def _windows(
        self, low: int, high: int, total: int
    ) -> Iterator[list[tuple[float, tantivy.DocAddress]]]:
        """Yield what was found between two moments, some at a time, first seen first."""
        if not total or self._searcher is None:
            return
        if total > WINDOW and low < high:
            middle = (low + high) // 2
            earlier = self._count(self._seen(low, middle))
            yield from self._windows(low, middle, earlier)
            yield from self._windows(middle + 1, high, total - earlier)
            return
        yield self._searcher.search(
            self._seen(low, high),
            limit=total,
            count=False,
            order_by_field="seen",
            order=tantivy.Order.Asc,
        ).hits

    def _seen(self, low: int, high: int) -> tantivy.Query:
        return all_of((self._query, within(self._schema, "seen", low, high)))

    def _count(self, query: tantivy.Query) -> int:
        return how_many(self._searcher, query) if self._searcher else 0
