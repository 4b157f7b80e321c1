"""The newest runs, a page at a time: looked for back in time, a slice after the other, until there are enough.

In one answer the embedded MongoDB would gather all runs of a time before the first, and there may be hundreds
of thousands of a week.
"""

from datetime import datetime, timedelta

from newsbot.archive.connection import Database, Document, patiently
from newsbot.archive.records import from_document
from newsbot.archive.runs import Run

# How far back the first slice reaches, and how much further each one after it.
_FIRST, _TIMES = timedelta(minutes=10), 3


@patiently
def recent(
    database: Database,
    *,
    before: datetime,
    since: datetime,
    at_most: int,
    source: str = "",
    state: str = "",
    trigger: str = "",
    below: str = "",
) -> list[Run]:
    """Return the newest runs asked for from ``since`` on and before a moment, without their logs, newest first.

    Of those of that very moment, the ones whose ids come before ``below``: with moment and id of a page's last
    run the next page goes on behind it.
    """
    narrowed: Document = {
        name: value
        for name, value in (("source", source), ("state", state), ("trigger", trigger))
        if value
    }
    found: list[Run] = []
    end, reach = before, _FIRST
    while end > since and len(found) < at_most:
        begin = max(since, end - reach)
        upto = "$lte" if end == before else "$lt"
        asked = narrowed | {"requested_at": {"$gte": begin, upto: end}}
        slice_ = [from_document(Run, each) for each in database.runs.find(asked, {"log": 0})]
        slice_ = [run for run in slice_ if (run.requested_at, run.id) < (before, below)]
        found += sorted(slice_, key=lambda run: (run.requested_at, run.id), reverse=True)
        end, reach = begin, reach * _TIMES
    return found[:at_most]
