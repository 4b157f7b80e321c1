"""How many articles there are of each day, and of each source on each day.

An article's day is the one on which it was published, where that is known and believed; else the one on
which it was first stored.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import tantivy
from tantivy import Query

from newsbot.search.asking import all_of, any_of, by_day, counted_days, within
from newsbot.search.index import day_of, ordinal
from newsbot.search.selection import Selection

# Tantivy refuses an answer of more than 65,000 buckets.
_MOST_BUCKETS = 50_000

SourceDays = dict[date, Counter[str]]


def days_of(first: date, last: date) -> list[date]:
    """Return the days from the first to the last."""
    return [first + timedelta(days=each) for each in range((last - first).days + 1)]


def per_day(
    selection: Selection, first: date, last: date, *among: Query
) -> tuple[Counter[date], int]:
    """Return how many articles found are of each day, and how many of them have no known day."""
    found: Counter[date] = Counter()
    undated = 0
    for field, query in _by_day(selection.schema, first, last):
        answer = selection.aggregate({"days": by_day(field)}, query, *among)
        counted = counted_days(answer["days"]) if answer else {}
        found.update(counted)
        undated += sum(counted.values()) if field == "seen_day" else 0
    return found, undated


def per_source_and_day(
    selection: Selection, first: date, last: date, *among: Query, sources: int
) -> SourceDays:
    """Return how many articles found each source has of each day.

    An article of several sources counts for each. ``sources`` is how many there are at most.
    """
    found: SourceDays = {}
    step = max(1, _MOST_BUCKETS // (sources + 1))
    for low in range(0, (last - first).days + 1, step):
        start = first + timedelta(days=low)
        end = min(start + timedelta(days=step - 1), last)
        for field, query in _by_day(selection.schema, start, end):
            wanted = {
                "days": {
                    **by_day(field),
                    "aggs": {"sources": {"terms": {"field": "by_source", "size": _MOST_BUCKETS}}},
                }
            }
            for day, bucket in _buckets(selection.aggregate(wanted, query, *among)):
                of_day = found.setdefault(day, Counter())
                for each in bucket["sources"]["buckets"]:
                    of_day[each["key"]] += each["doc_count"]
    return found


def of_sources(schema: tantivy.Schema, ids: Iterable[str]) -> Query:
    """Return what finds the articles of any of these sources."""
    listed = sorted(ids)
    if not listed:
        return Query.empty_query()
    return Query.term_set_query(schema, "by_source", listed)


def of_days(schema: tantivy.Schema, first: date, last: date) -> Query:
    """Return what finds the articles of these days."""
    return any_of(query for _, query in _by_day(schema, first, last))


def _by_day(schema: tantivy.Schema, first: date, last: date) -> Iterator[tuple[str, Query]]:
    """Yield the field that the day of some articles stands in, and what finds those of these days."""
    low, high = ordinal(first), ordinal(last)
    yield "day", within(schema, "day", low, high)
    dated = within(schema, "day", None, None)
    yield "seen_day", all_of([within(schema, "seen_day", low, high)], but=dated)


def _buckets(answer: dict[str, Any]) -> Iterator[tuple[date, dict[str, Any]]]:
    for bucket in answer.get("days", {}).get("buckets", ()):
        yield day_of(bucket["key"]), bucket
