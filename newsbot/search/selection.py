"""All that a query finds, in the order in which it was first seen, however much that is."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

import attrs
import tantivy

from newsbot.search.asking import all_of, how_many, within
from newsbot.search.index import Followed

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
        if not total or self._searcher is None:
            return
        if total > WINDOW and low < high:
            middle = (low + high) // 2
            earlier = self._count(self._seen(low, middle))
            yield from self._between(low, middle, earlier)
            yield from self._between(middle + 1, high, total - earlier)
            return
        hits = self._searcher.search(
            self._seen(low, high),
            limit=total,
            count=False,
            order_by_field="seen",
            order=tantivy.Order.Asc,
        ).hits
        addresses = [address for _, address in hits]
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

    def _seen(self, low: int, high: int) -> tantivy.Query:
        return all_of((self._query, within(self._schema, "seen", low, high)))

    def _count(self, query: tantivy.Query) -> int:
        return how_many(self._searcher, query) if self._searcher else 0
