"""How many articles there are of each day, and of each source on each day.

An article's day is the one on which it was published, where that is known and believed; else the one on
which it was first stored.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

import tantivy
from tantivy import Query

from newsbot.search.asking import by_day, counted_days, within
from newsbot.search.index import day_of, ordinal
from newsbot.search.selection import Selection

# Tantivy refuses an answer of more than 65,000 buckets.
_MOST_BUCKETS = 50_000

# The index's column of an article's day.
_DAY = "recent"

SourceDays = dict[date, Counter[str]]


def days_of(first: date, last: date) -> list[date]:
    """Return the days from the first to the last."""
    return [first + timedelta(days=each) for each in range((last - first).days + 1)]


def per_day(
    selection: Selection, first: date, last: date, *among: Query
) -> tuple[Counter[date], int]:
    """Return how many articles found are of each day, and how many of them have no known day."""
    wanted = {"days": by_day(_DAY), "dated": {"value_count": {"field": "day"}}}
    answer = selection.aggregate(wanted, of_days(selection.schema, first, last), *among)
    if not answer:
        return Counter(), 0
    found = Counter(counted_days(answer["days"]))
    return found, found.total() - int(answer["dated"]["value"])


def per_source_and_day(
    selection: Selection, first: date, last: date, *among: Query, sources: int
) -> SourceDays:
    """Return how many articles found each source has of each day.

    An article of several sources counts for each. ``sources`` is how many there are at most.
    """
    found: SourceDays = {}
    step = max(1, _MOST_BUCKETS // (sources + 1))
    wanted = {
        "days": {
            **by_day(_DAY),
            "aggs": {"sources": {"terms": {"field": "by_source", "size": _MOST_BUCKETS}}},
        }
    }
    for low in range(0, (last - first).days + 1, step):
        start = first + timedelta(days=low)
        end = min(start + timedelta(days=step - 1), last)
        answer = selection.aggregate(wanted, of_days(selection.schema, start, end), *among)
        for bucket in answer["days"]["buckets"] if answer else ():
            of_day = {each["key"]: int(each["doc_count"]) for each in bucket["sources"]["buckets"]}
            found[day_of(bucket["key"])] = Counter(of_day)
    return found


def of_sources(schema: tantivy.Schema, ids: Iterable[str]) -> Query:
    """Return what finds the articles of any of these sources."""
    listed = sorted(ids)
    if not listed:
        return Query.empty_query()
    return Query.term_set_query(schema, "by_source", listed)


def of_days(schema: tantivy.Schema, first: date, last: date) -> Query:
    """Return what finds the articles of these days."""
    return within(schema, _DAY, ordinal(first), ordinal(last))
