"""How an entry point fares, in words; pure."""

from datetime import datetime

from newsbot.alerts.trouble_words import moment, span
from newsbot.archive.entry_points import EntryPointRecord

# Articles a second of an entry point that is not quiet: one in so long.
_QUIET = 30 * 86_400.0


def state_of(record: EntryPointRecord, now: datetime) -> str:
    """Return in words how an entry point fares."""
    if record.failing_since is not None:
        since = f"since {span(now - record.failing_since)} ago"
        return (
            f"gone {since}: {record.trouble}" if record.gone else f"fails {since}: {record.trouble}"
        )
    if not record.readings:
        return "not asked yet"
    words = _yield(record)
    if record.turned:
        words = f"is no {record.kind} any more, but a page; {words}"
    if record.empty_since is not None:
        words += f"; names nothing since {moment(record.empty_since)}"
    if record.address:
        words += f"; has moved to {record.address}"
    if record.distrusted_until is not None and record.distrusted_until > now:
        words += '; its server said "not modified" where there was news, so all of it is asked for'
    return words


def _yield(record: EntryPointRecord) -> str:
    if not record.brought:
        return "brings nothing that others do not bring before"
    # What was seen alone: the guess that it began with is no news.
    seconds = max(record.rhythm.seconds, 1.0)
    rate = record.rhythm.articles / seconds
    if rate * _QUIET < 1:
        return "quiet"
    for unit, length in (("an hour", 3_600.0), ("a day", 86_400.0), ("a week", 604_800.0)):
        if rate * length >= 1:
            return f"brings about {rate * length:.0f} {unit}"
    return f"brings about {rate * _QUIET:.0f} a month"
