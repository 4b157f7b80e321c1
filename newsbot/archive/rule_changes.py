"""Which alerts have changed, so that whoever files them reads those and no others.

One document tells it: a number that grows with every change, the last thousand alerts that changed or
went, and those that somebody is changing at this moment. A change is begun before it is written and ended
after, so that a process that dies between leaves a trace that others find and end.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

import attrs
from bson import ObjectId

from newsbot.archive.connection import Database, patiently

# So many of the last changes are told one by one; whoever missed more reads all.
TOLD = 1_000
_ID = {"_id": "rules"}


@attrs.frozen
class Changes:
    """How far the changes have come: ``number`` in ``epoch``, which another archive has another of.

    ``last`` are the alerts that changed, the latest last; ``begun`` are those whose change is on its way.
    """

    epoch: str = ""
    number: int = 0
    last: tuple[str, ...] = ()
    begun: frozenset[str] = frozenset()

    def since(self, before: "Changes") -> frozenset[str] | None:
        """Return the alerts that changed since, or may have; None where that is not known any more."""
        missed = self.number - before.number
        at = len(self.last) - missed
        if self.epoch != before.epoch or not 0 <= missed <= len(self.last):
            return None
        if at and before.last and self.last[at - 1] != before.last[-1]:
            return None  # an older state of the archive was restored, and changed since
        changed = self.last[at:]
        return frozenset(changed) | self.begun | before.begun


@contextmanager
def change(database: Database, alerts: Collection[str]) -> Iterator[None]:
    """Stand around whatever writes or removes alerts, given by their ids."""
    begin(database, alerts)
    try:
        yield
    finally:
        end(database, alerts)


@patiently
def begin(database: Database, alerts: Collection[str]) -> None:
    """Say that these alerts may be other ones from now on."""
    database.meta.update_one(
        _ID,
        {
            "$addToSet": {"begun": {"$each": list(alerts)}},
            "$setOnInsert": {"epoch": str(ObjectId())},
        },
        upsert=True,
    )


@patiently
def end(database: Database, alerts: Collection[str]) -> None:
    """Say that these alerts are as they were changed, or not changed."""
    ids = list(alerts)
    database.meta.update_one(
        _ID,
        {
            "$pull": {"begun": {"$in": ids}},
            "$inc": {"number": len(ids)},
            "$push": {"last": {"$each": ids, "$slice": -TOLD}},
        },
    )


@patiently
def read(database: Database, before: Changes) -> Changes:
    """Return how far the changes have come; the same as ``before`` where nothing changed."""
    at = database.meta.find_one(_ID, {"epoch": 1, "number": 1, "begun": 1})
    if at is None:
        begin(database, [])
    elif (at["epoch"], at.get("number", 0)) == (before.epoch, before.number):
        begun = frozenset(at["begun"])
        return before if begun == before.begun else attrs.evolve(before, begun=begun)
    found = database.meta.find_one(_ID)
    assert found is not None
    return Changes(
        epoch=found["epoch"],
        number=found.get("number", 0),
        last=tuple(found.get("last", ())),
        begun=frozenset(found["begun"]),
    )
