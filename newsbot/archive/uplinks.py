"""Whether the machines that newsbot runs on reach the world: what the workers of each judged last.

One document a machine, in ``meta``. A worker writes when its judgement changes, and while it stays down.
"""

from datetime import datetime

import attrs

from newsbot.archive.connection import Database, patiently

_PREFIX = "uplink "


@attrs.frozen(kw_only=True)
class UplinkState:
    """A machine's connection: since when it is down (None: it is up), when that was said, and when it came up."""

    machine: str
    down_since: datetime | None
    at: datetime
    up_at: datetime | None = None


@patiently
def note(database: Database, machine: str, *, down_since: datetime | None, now: datetime) -> None:
    """Write down what was judged."""
    fields: dict[str, datetime | None] = {"down_since": down_since, "at": now}
    if down_since is None:
        fields["up_at"] = now
    database.meta.update_one({"_id": _PREFIX + machine}, {"$set": fields}, upsert=True)


@patiently
def everything(database: Database) -> list[UplinkState]:
    """Return what is known of all machines."""
    found = database.meta.find({"_id": {"$gte": _PREFIX, "$lt": _PREFIX + "~"}})
    return [
        UplinkState(
            machine=each["_id"].removeprefix(_PREFIX),
            down_since=each.get("down_since"),
            at=each["at"],
            up_at=each.get("up_at"),
        )
        for each in found
    ]
