"""Alerts as they are kept: what each looks for, whom it tells, when, and of what.

Whatever writes one does so inside of ``rule_changes.change``: that is how workers come to know of it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import attrs
from pymongo.errors import DuplicateKeyError

from newsbot.archive.connection import Database, patiently
from newsbot.archive.file_marks import FileMark
from newsbot.archive.records import from_document, to_document, to_value
from newsbot.archive.rule_changes import change
from newsbot.edits.version import Kind

RuleState = Literal["active", "paused"]
How = Literal["at once", "hourly", "daily", "weekly"]

# Days since its publication after which an article is no news, unless an alert says otherwise.
NEWS_FOR = 3.0


@attrs.frozen(kw_only=True)
class Timing:
    """When messages go out.

    ``how`` is at once, or in a digest each hour, day or week: at ``at`` (HH:MM; of an hour its minutes),
    on ``weekday`` (0 is Monday), by the clocks of ``zone`` (IANA). ``quiet`` are two times of day between
    which nothing goes out, () for none: what waits goes out together at their end. ``most`` is how many
    go out at once on a day (0: all); the rest goes out in one digest at its end. ``even_empty`` is whether
    a digest goes out that has nothing in it.
    """

    how: How = "at once"
    at: str = "08:00"
    weekday: int = 0
    zone: str = "UTC"
    quiet: tuple[str, ...] = ()
    most: int = 0
    even_empty: bool = False


@attrs.frozen(kw_only=True)
class OfEdits:
    """What is told of edits.

    ``meets`` is whether an article counts that meets the query only since an edit. ``kinds`` are the kinds
    of change of an article that met it already of which is told, and ``least`` the words that have to be
    other for that.
    """

    meets: bool = True
    kinds: tuple[Kind, ...] = ()
    least: int = 0


@attrs.frozen(kw_only=True)
class Noise:
    """What holds a message back, never a match.

    ``title_only``: the headline by itself has to meet the query. ``mentions``: as many passages of the
    article have to. ``without``: names of sources and groups that are not told of.
    """

    title_only: bool = False
    mentions: int = 1
    without: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Spread:
    """Numbers at which an alert tells of a story, or of its query, once more.

    ``publishers`` and ``groups`` are how many have to tell the story (0: not asked for); ``surge`` is
    whether it tells when more is found in an hour, or on a day, than its own past explains.
    """

    publishers: int = 0
    groups: int = 0
    surge: Literal["", "hour", "day"] = ""


@attrs.frozen(kw_only=True)
class Rule:
    """An alert: a query, and whom to tell when a new article meets it.

    ``sources`` (names of sources or groups) and ``languages`` narrow the query; what is searched for
    is ``newsbot.alerts.rules.whole_query``. ``channels`` are ids. ``each`` is what one message is about.
    ``max_age`` is for how many days after its publication an article is told (0: always). ``muted`` are
    ids of stories of which nothing more is told. ``version`` counts changes from 1; ``by`` made the last.
    ``kept_by_file`` is what files have to do with it.
    """

    id: str
    name: str
    query: str
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    timing: Timing = Timing()
    each: Literal["story", "article"] = "story"
    edits: OfEdits = OfEdits()
    noise: Noise = Noise()
    spread: Spread = Spread()
    max_age: float = NEWS_FOR
    muted: tuple[str, ...] = ()
    state: RuleState = "active"
    version: int = 1
    by: str = ""
    created_at: datetime
    changed_at: datetime | None = None
    kept_by_file: FileMark | None = None


class RuleExistsError(Exception):
    """An alert of that name is there already."""


@patiently
def add(database: Database, rule: Rule) -> None:
    """Keep a new alert.

    Raises:
        RuleExistsError: when the name is taken.
    """
    try:
        with change(database, [rule.id]):
            database.alerts.insert_one(to_document(rule))
    except DuplicateKeyError:
        there = database.alerts.find_one({"name": rule.name})
        if there is not None and there["_id"] == rule.id:
            return
        raise RuleExistsError(f"there is an alert {rule.name!r} already") from None


@patiently
def replace(database: Database, rule: Rule) -> bool:
    """Write an alert whose version is one more than that which is kept. False: somebody was faster.

    Raises:
        RuleExistsError: when its name is another's.
    """
    try:
        with change(database, [rule.id]):
            done = database.alerts.update_one(
                {"_id": rule.id, "version": rule.version - 1}, {"$set": to_document(rule)}
            )
    except DuplicateKeyError:
        raise RuleExistsError(f"there is an alert {rule.name!r} already") from None
    if done.modified_count:
        return True
    # Or it was written by a try whose answer was lost.
    there = database.alerts.find_one({"_id": rule.id})
    return there is not None and from_document(Rule, there) == rule


@patiently
def everything(database: Database) -> list[Rule]:
    """Return all alerts, by name."""
    found = [from_document(Rule, each) for each in database.alerts.find({})]
    return sorted(found, key=lambda rule: rule.name)


@patiently
def some(database: Database, *, at_most: int) -> list[Rule]:
    """Return so many alerts at most, in no order."""
    return [from_document(Rule, each) for each in database.alerts.find({}).limit(at_most)]


@patiently
def are_any(database: Database) -> bool:
    """Say whether there are alerts."""
    return database.alerts.find_one({}, {"_id": 1}) is not None


@patiently
def telling(database: Database) -> dict[str, list[str]]:
    """Return the names of the alerts that tell each channel, by the channel's id."""
    told: dict[str, list[str]] = {}
    for each in database.alerts.find({}, {"name": 1, "channels": 1}):
        for channel in each["channels"]:
            told.setdefault(channel, []).append(str(each["name"]))
    return {channel: sorted(names) for channel, names in told.items()}


@patiently
def after(database: Database, rule: str, *, at_most: int) -> list[Rule]:
    """Return the alerts whose ids follow on one, in the order of ids."""
    found = database.alerts.find({"_id": {"$gt": rule}}).sort("_id", 1).limit(at_most)
    return [from_document(Rule, each) for each in found]


@patiently
def find(database: Database, name: str) -> Rule | None:
    """Return the alert of that name or id."""
    # Asked for both at once, the embedded server looks through all of them.
    found = database.alerts.find_one({"name": name}) or database.alerts.find_one({"_id": name})
    return from_document(Rule, found) if found else None


@patiently
def by_id(database: Database, rule: str) -> Rule | None:
    """Return the alert of that id."""
    found = database.alerts.find_one({"_id": rule})
    return from_document(Rule, found) if found else None


@patiently
def many(database: Database, ids: Iterable[str]) -> dict[str, Rule]:
    """Return those of the alerts that are there, by id."""
    found = database.alerts.find({"_id": {"$in": list(ids)}})
    return {each["_id"]: from_document(Rule, each) for each in found}


@patiently
def set_state(database: Database, rule: str, state: RuleState) -> None:
    """Pause or resume an alert."""
    with change(database, [rule]):
        database.alerts.update_one({"_id": rule}, {"$set": {"state": state}})


@patiently
def mark(database: Database, rule: str, mark: FileMark | None) -> None:
    """Say what files have to do with an alert; it is the same alert, of the same version."""
    with change(database, [rule]):
        database.alerts.update_one({"_id": rule}, {"$set": {"kept_by_file": to_value(mark)}})


@patiently
def remove(database: Database, rule: str) -> None:
    """Remove an alert and what it has not sent yet; its matches stay."""
    database.outbox.delete_many({"alert": rule, "state": {"$in": ["due", "waiting"]}})
    with change(database, [rule]):
        database.alerts.delete_one({"_id": rule})
