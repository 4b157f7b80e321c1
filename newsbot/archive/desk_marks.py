"""What the desk makes of a story, one document a story: who has taken it, whether it is done or of no use.

A decision is a comparison and set on the version that was read, so that of two people who take a story one
is told who has it. Stories of which nothing was decided are open and have no document. The document also
says what brought a story back that people may have read: a correction, or a retraction, of one of its
articles.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

import attrs

from newsbot.archive.connection import Database, patiently
from newsbot.archive.kept import Kept
from newsbot.archive.records import from_document, to_value
from newsbot.edits.version import Kind

State = Literal["open", "taken", "done", "not relevant"]
STATES: tuple[State, ...] = get_args(State)

# The kinds of change that bring back a story that was read.
BRINGING_BACK: tuple[Kind, ...] = ("correction", "retraction")

_AT_ONCE = 50
# What was decided last is looked for so far back, and then further (days).
_BACK = (7, 60, 400, 20_000)


@attrs.frozen(kw_only=True)
class Back:
    """What brought a story back: the kinds of change of an article, and when it was found."""

    at: datetime
    kinds: tuple[Kind, ...]
    article: str


@attrs.frozen(kw_only=True)
class Desk:
    """What the desk has made of a story: ``state``, by whom and when; ``version`` grows with each change.

    ``at`` is None where nothing was decided yet.
    """

    id: str
    state: State = "open"
    by: str = ""
    at: datetime | None = None
    version: int = 0
    back: Back | None = None


class TakenError(Exception):
    """Somebody else has a story: ``found`` is what the desk has made of it."""

    def __init__(self, found: Desk) -> None:
        super().__init__(f"{found.by} has taken it")
        self.found = found


@patiently
def of(database: Database, stories: Iterable[str]) -> dict[str, Desk]:
    """Return what the desk has made of these stories; those that it has not touched are left out."""
    ids = list(stories)
    found: dict[str, Desk] = {}
    for start in range(0, len(ids), _AT_ONCE):
        for each in database.story_marks.find({"_id": {"$in": ids[start : start + _AT_ONCE]}}):
            found[each["_id"]] = from_document(Desk, each)
    return found


@patiently
def decide(
    database: Database,
    story: str,
    state: State,
    *,
    by: str,
    now: datetime,
    known: Desk | None = None,
    version: int | None = None,
) -> Desk:
    """Decide of a story, and return what was made of it.

    ``known`` is what is decided where that stands with a story that is one with it. With ``version``
    nothing is changed where another was made meanwhile. To take what one has is to change nothing.

    Raises:
        TakenError: where somebody else has it and this would take it, or it was decided meanwhile.
    """
    while True:
        there = of(database, [story]).get(story, Desk(id=story))
        stands = _later(there, known)
        if version is not None and stands.version != version:
            raise TakenError(stands)
        if stands.state == state and (stands.by == by or state == "open"):
            return stands
        if state == "taken" and stands.state == "taken":
            raise TakenError(stands)
        made = attrs.evolve(
            there,
            state=state,
            by=by,
            at=now,
            version=max(there.version, stands.version) + 1,
        )
        told = {"state": state, "by": by, "at": now, "version": made.version}
        if _written(database, there, told):
            _tell(database)
            return made
        known = None if known is None else of(database, [known.id]).get(known.id, known)


def _written(database: Database, there: Desk, told: dict[str, object]) -> bool:
    """Write a decision where the one before it still stands."""
    if there.version == 0:
        key: dict[str, object] = {"_id": there.id}
        database.story_marks.update_one(key, {"$setOnInsert": {"version": 0}}, upsert=True)
    key = {"_id": there.id, "version": there.version}
    if database.story_marks.update_one(key, {"$set": told}).modified_count:
        return True
    # Or it was written by a try whose answer was lost.
    now = database.story_marks.find_one({"_id": there.id}) or {}
    return all(now.get(name) == value for name, value in told.items() if name != "at") and (
        now.get("at") == _kept(told["at"])
    )


def _kept(moment: object) -> object:
    """Return a moment as MongoDB keeps it: to the millisecond."""
    if not isinstance(moment, datetime):
        return moment
    return moment.replace(microsecond=moment.microsecond // 1_000 * 1_000)


def _later(one: Desk, other: Desk | None) -> Desk:
    return one if other is None else latest((one, other))


def latest(of_one: Sequence[Desk]) -> Desk:
    """Return what holds of stories that are one: what was decided last; what brought any of them back."""
    found = max(of_one, key=lambda each: (each.at or _NEVER, each.version, each.id))
    backs = [each.back for each in of_one if each.back is not None]
    return attrs.evolve(found, back=max(backs, key=lambda each: each.at, default=None))


_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@patiently
def decided(
    database: Database, state: State, *, by: str = "", at_most: int, now: datetime
) -> list[Desk]:
    """Return the stories that are in a state (that somebody ``by`` his name brought them to), the last first."""
    wanted = {"state": state} | ({"by": by} if by else {})
    found: list[Desk] = []
    for days in _BACK:  # the embedded server sorts all that it finds
        since = {"at": {"$gte": max(now - timedelta(days=days), _NEVER)}}
        asked = database.story_marks.find(wanted | since).sort("at", -1).limit(at_most)
        found = [from_document(Desk, each) for each in asked]
        if len(found) >= at_most:
            break
    return found


@patiently
def came_back(database: Database, *, since: datetime, at_most: int) -> list[Desk]:
    """Return the stories that were brought back since then, the last first."""
    wanted = {"back.at": {"$gte": since}}
    found = database.story_marks.find(wanted).sort("back.at", -1).limit(at_most)
    return [from_document(Desk, each) for each in found]


@patiently
def bring_back(database: Database, kept: Iterable[Kept]) -> None:
    """Note of edited articles that correct or withdraw what they said. May be repeated."""
    for each in kept:
        record = each.record
        kinds = tuple(kind for kind in record.kinds if kind in BRINGING_BACK)
        if each.verdict != "edited" or record.quiet or not kinds:
            continue
        back = Back(at=record.changed_at, kinds=kinds, article=each.article.id)
        database.story_marks.update_one(
            {"_id": record.story},
            {"$set": {"back": to_value(back)}, "$setOnInsert": {"version": 0, "state": "open"}},
            upsert=True,
        )
        _tell(database)


@patiently
def forget(database: Database, stories: Sequence[str]) -> int:
    """Drop what the desk made of these stories; returns of how many it had made anything."""
    gone = 0
    for start in range(0, len(stories), _AT_ONCE):
        some = list(stories[start : start + _AT_ONCE])
        gone += database.story_marks.delete_many({"_id": {"$in": some}}).deleted_count
    return gone


@patiently
def version(database: Database) -> int:
    """Return a number that is another one after each decision, for pages that are open."""
    found = database.meta.find_one({"_id": "desk"})
    return int(found["version"]) if found else 0


def _tell(database: Database) -> None:
    database.meta.update_one({"_id": "desk"}, {"$inc": {"version": 1}}, upsert=True)
