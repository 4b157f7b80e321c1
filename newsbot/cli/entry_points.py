"""What is said of a source's entry points."""

from collections.abc import Sequence
from datetime import datetime

from newsbot.archive.entry_points import EntryPointRecord
from newsbot.cli.output import ago, print_table, say

# Articles a second of an entry point that is not quiet: one in so long.
_QUIET = 30 * 86_400.0
# Sitemaps of one index that are listed; the others are counted.
_LISTED = 5


def print_entry_points(records: Sequence[EntryPointRecord], now: datetime) -> None:
    """Print what each entry point brings, when it is asked again, and how it fares."""
    shown: list[EntryPointRecord] = []
    for record in (each for each in records if not each.parent):
        shown.append(record)
        named = [each for each in records if each.parent == record.url]
        shown += sorted(named, key=lambda each: -each.rhythm.rate)[:_LISTED]
    print_table(
        ("", "entry point", "articles first", "last new", "next look", "state"),
        (
            (
                record.kind if not record.parent else f"  {record.kind}",
                record.url,
                str(record.brought) if record.readings else "-",
                ago(record.last_new) if record.last_new else "-",
                ago(record.next_due) if record.next_due else "-",
                state_of(record, now),
            )
            for record in shown
        ),
        empty="It has no entry points.",
    )
    if len(shown) < len(records):
        say(f"and {len(records) - len(shown)} more sitemaps that they name")


def state_of(record: EntryPointRecord, now: datetime) -> str:
    """Return in words how an entry point fares."""
    if record.failing_since is not None:
        since = f"since {ago(record.failing_since)}"
        return (
            f"gone {since}: {record.trouble}" if record.gone else f"fails {since}: {record.trouble}"
        )
    if not record.readings:
        return "not asked yet"
    words = _yield(record)
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
