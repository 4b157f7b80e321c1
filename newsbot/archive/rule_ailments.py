"""Alerts that cannot be evaluated, or take long, as operators see them.

One document holds them all, for they are few: the latest two hundred.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal

import attrs

from newsbot.archive.connection import Database, patiently
from newsbot.archive.records import from_document, to_document

KEPT = 200
_ID = {"_id": "ailing rules"}


@attrs.frozen(kw_only=True)
class Ailment:
    """What ails a version of an alert: ``broken`` ones met nothing since, ``slow`` ones are as exact as any.

    ``says`` is the error, or how long an evaluation took and of which article.
    """

    alert: str
    version: int
    what: Literal["broken", "slow"]
    says: str
    at: datetime


@patiently
def note(database: Database, found: Sequence[Ailment]) -> None:
    """Keep what ails these alerts in place of what was known of them."""
    names = [each.alert for each in found]
    database.meta.update_one(_ID, {"$pull": {"rules": {"alert": {"$in": names}}}}, upsert=True)
    told = [to_document(each) for each in found]
    database.meta.update_one(_ID, {"$push": {"rules": {"$each": told, "$slice": -KEPT}}})


@patiently
def well(database: Database, alerts: Collection[str]) -> None:
    """Forget what ailed these alerts."""
    database.meta.update_one(_ID, {"$pull": {"rules": {"alert": {"$in": list(alerts)}}}})


@patiently
def everything(database: Database) -> list[Ailment]:
    """Return what ails alerts, the latest last; of versions that were changed since, too."""
    found = database.meta.find_one(_ID) or {}
    return [from_document(Ailment, each) for each in found.get("rules", ())]
