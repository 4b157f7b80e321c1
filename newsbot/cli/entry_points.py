"""What is said of a source's entry points."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from newsbot.alerts.entry_point_words import state_of
from newsbot.archive.entry_points import EntryPointRecord
from newsbot.cli.output import ago, print_table, say

# Sitemaps of one index that are listed; the others are counted.
_LISTED = 5


def print_entry_points(records: Sequence[EntryPointRecord], homepage: str, now: datetime) -> None:
    """Print what each entry point brings, when it is asked again, and how it fares.

    Those on the homepage's own host are shown by their path.
    """
    host = "{0.scheme}://{0.netloc}".format(urlsplit(homepage))
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
                record.url.removeprefix(host) if record.url.startswith(f"{host}/") else record.url,
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
