"""What questions to the index are made of: numbers within bounds, parts joined, counts, days."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import tantivy
from tantivy import FieldType, Occur, Query

from newsbot.search.index import day_of


def within(schema: tantivy.Schema, field: str, low: int | None, high: int | None) -> Query:
    """Return what finds the articles whose number in a field is from ``low`` to ``high``, both included.

    None is no bound.
    """
    if low is high is None:
        return Query.exists_query(field)
    return Query.range_query(schema, field, FieldType.Integer, low, high)


def all_of(parts: Iterable[Query], *, but: Query | None = None) -> Query:
    """Return what finds all that each of these finds, without what ``but`` finds."""
    found = [(Occur.Must, part) for part in parts]
    if but is not None:
        found.append((Occur.MustNot, but))
    return found[0][1] if len(found) == 1 else Query.boolean_query(found)


def any_of(parts: Iterable[Query]) -> Query:
    """Return what finds all that any of these finds."""
    found = list(parts)
    if not found:
        return Query.empty_query()
    return found[0] if len(found) == 1 else Query.boolean_query([(Occur.Should, p) for p in found])


def how_many(searcher: tantivy.Searcher, query: Query) -> int:
    """Return how many articles a query finds."""
    # The stubs of tantivy leave the count out.
    return int(searcher.search(query, limit=1, count=True).count or 0)  # type: ignore[attr-defined]


def counted(searcher: tantivy.Searcher, query: Query) -> tuple[int, int, int]:
    """Return how many articles are found, how many of them have a known day, and the greatest place."""
    asked = {
        "total": {"value_count": {"field": "key"}},
        "dated": {"value_count": {"field": "day"}},
        "top": {"max": {"field": "place"}},
    }
    found = searcher.aggregate(query, asked)
    total, dated, top = (found[each]["value"] for each in asked)
    return int(total), int(dated), int(top or 0)


def ids_of(searcher: tantivy.Searcher, query: Query, limit: int) -> list[str]:
    """Return the ids of what a query finds, so many at most, those that were stored last first."""
    found = searcher.search(query, limit=max(limit, 1), order_by_field="place", count=False)
    return [str(searcher.doc(address)["id"][0]) for _, address in found.hits]


def by_day(field: str) -> dict[str, Any]:
    """Return the aggregation that counts articles by the days in a field; days without any are left out."""
    return {"histogram": {"field": field, "interval": 1, "min_doc_count": 1}}


def counted_days(found: Mapping[str, Any]) -> dict[date, int]:
    """Return what ``by_day`` counted, earliest first."""
    return {day_of(each["key"]): int(each["doc_count"]) for each in found["buckets"]}
