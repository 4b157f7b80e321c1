"""How stories stand with a reader and with the desk, and what is done about them.

Stories that were found to be one stand as one: what was marked last of any of them holds, and a star of
any. A new copy of a read story stays read; a correction or a retraction that came after it was read brings
it back, and says so. See :mod:`newsbot.archive.reader_marks` and :mod:`newsbot.archive.desk_marks`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal, get_args

import attrs

from newsbot.archive import desk_marks, reader_marks, stories
from newsbot.archive.connection import Database, patiently
from newsbot.archive.desk_marks import Desk, State, TakenError
from newsbot.archive.kept import Kept
from newsbot.archive.reader_marks import Deed, Mark, Reader
from newsbot.edits.version import Kind

Own = Literal["read", "unread", "star", "unstar"]
"""What a reader does for himself."""
ForTheDesk = Literal["take", "open", "done", "not relevant"]
"""What somebody does for the desk: ``open`` gives a story back."""
OWN: tuple[Own, ...] = get_args(Own)
FOR_THE_DESK: tuple[ForTheDesk, ...] = get_args(ForTheDesk)

MOST_AT_ONCE = 200
"""Stories of which something is done at once."""

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_STATES: Mapping[ForTheDesk, State] = {
    "take": "taken",
    "open": "open",
    "done": "done",
    "not relevant": "not relevant",
}


@attrs.frozen(kw_only=True)
class Standing:
    """How a story stands with a reader, and with the desk.

    ``back`` are the kinds of change that brought it back after it was read, ``back_at`` is when they were
    found; ``by`` is who took or decided it, ``at`` when; ``version`` grows with each decision.
    """

    story: str
    read: bool
    back: tuple[Kind, ...] = ()
    back_at: datetime | None = None
    starred: bool = False
    desk: State = "open"
    by: str = ""
    at: datetime | None = None
    version: int = 0


@attrs.frozen(kw_only=True)
class Done:
    """What became of what somebody did: of which stories it was done, and who has the others.

    ``unknown`` are stories that there are not.
    """

    stories: tuple[str, ...]
    taken: Mapping[str, Desk] = attrs.Factory(dict)
    unknown: tuple[str, ...] = ()


@patiently
def first_seen(database: Database, shown: Mapping[str, Kept]) -> dict[str, datetime]:
    """Return when stories were first seen, each given by the id that stands for it with one of its articles."""
    known = {story: kept.record.first_seen for story, kept in shown.items()}
    ids = list(shown)
    for start in range(0, len(ids), _AT_ONCE):
        some = {"_id": {"$in": ids[start : start + _AT_ONCE]}}
        for each in database.stories.find(some, {"first_seen": 1}):
            known[each["_id"]] = min(known[each["_id"]], each["first_seen"])
    began = {kept.record.copy_of: story for story, kept in shown.items() if kept.record.copy_of}
    firsts = list(began)
    for start in range(0, len(firsts), _AT_ONCE):
        some = {"_id": {"$in": firsts[start : start + _AT_ONCE]}}
        for each in database.articles.find(some, {"first_seen": 1}):
            story = began[each["_id"]]
            known[story] = min(known[story], each["first_seen"])
    return known


@patiently
def first_seen_of(database: Database, heads: Iterable[str]) -> dict[str, datetime]:
    """Return when stories were first seen, by the ids that stand for them; those that there are not are left out."""
    members = stories.members_of(database, heads)
    found: dict[str, datetime] = {}
    for head, some in members.items():
        for story in some:
            for each in database.articles.find({"story": story}, {"first_seen": 1}):
                found[head] = min(found.get(head, each["first_seen"]), each["first_seen"])
    return found


_AT_ONCE = 50


def standing(
    database: Database, reader: Reader, seen: Mapping[str, datetime]
) -> dict[str, Standing]:
    """Return how stories stand, each given by the id that stands for it with when it was first seen."""
    members = stories.members_of(database, seen)
    every = [each for some in members.values() for each in some]
    mine = reader_marks.marks(database, reader.name, every)
    desk = desk_marks.of(database, every)
    return {
        head: _stands(
            head,
            first,
            reader,
            [mine[each] for each in members[head] if each in mine],
            desk_marks.latest([desk.get(each, Desk(id=each)) for each in members[head]]),
        )
        for head, first in seen.items()
    }


def _stands(
    head: str, first: datetime, reader: Reader, marks: Sequence[Mark], desk: Desk
) -> Standing:
    said = max(
        (each for each in marks if each.at), key=lambda each: each.at or _NEVER, default=None
    )
    read, when = False, _NEVER
    if said is not None and said.at is not None:
        read, when = bool(said.read), said.at
    all_read = reader.read_to is not None and first <= reader.read_to
    if all_read and (reader.read_at or _NEVER) >= when:
        read, when = True, reader.read_at or _NEVER
    back = desk.back if read and desk.back is not None and desk.back.at > when else None
    return Standing(
        story=head,
        read=read and back is None,
        back=back.kinds if back else (),
        back_at=back.at if back else None,
        starred=any(each.starred for each in marks),
        desk=desk.state,
        by=desk.by,
        at=desk.at,
        version=desk.version,
    )


# What is done


def own(database: Database, name: str, what: Own, wanted: Iterable[str], *, now: datetime) -> Done:
    """Mark stories for a reader, by any of the ids that they go by."""
    heads, unknown = _existing(database, wanted)
    members = stories.members_of(database, heads)
    every = [each for some in members.values() for each in some]
    before = reader_marks.marks(database, name, every)
    # A star may be of a story that was found to be one with this only later.
    targets = heads if what != "unstar" else sorted({*heads, *before})
    reader_marks.put(
        database,
        name,
        targets,
        now=now,
        read={"read": True, "unread": False}.get(what),
        starred={"star": True, "unstar": False}.get(what),
    )
    was = tuple(before.get(each) or _unmarked(name, each) for each in targets)
    reader_marks.note_deed(database, name, Deed(what=what, at=now, marks=was))
    return Done(stories=tuple(heads), unknown=unknown)


def _unmarked(name: str, story: str) -> Mark:
    return Mark(id=reader_marks.mark_id(name, story), reader=name, story=story)


def for_the_desk(
    database: Database,
    name: str,
    what: ForTheDesk,
    wanted: Iterable[str],
    *,
    now: datetime,
    versions: Mapping[str, int] | None = None,
) -> Done:
    """Decide of stories for the desk, by any of the ids that they go by.

    Of a story for which ``versions`` has a number nothing is decided where another decision was made since.
    """
    heads, unknown = _existing(database, wanted)
    members = stories.members_of(database, heads)
    known = desk_marks.of(database, [each for some in members.values() for each in some])
    done: list[str] = []
    taken: dict[str, Desk] = {}
    was: list[tuple[str, int, str, str]] = []
    for head in heads:
        of_it = [known[each] for each in members[head] if each in known]
        stood = desk_marks.latest(of_it) if of_it else None
        try:
            made = desk_marks.decide(
                database,
                head,
                _STATES[what],
                by=name,
                now=now,
                known=stood,
                version=(versions or {}).get(head),
            )
        except TakenError as error:
            taken[head] = error.found
            continue
        done.append(head)
        if stood is None or made.version != stood.version:
            before = stood or Desk(id=head)
            was.append((head, made.version, before.state, before.by))
    reader_marks.note_deed(database, name, Deed(what=what, at=now, desk=tuple(was)))
    return Done(stories=tuple(done), taken=taken, unknown=unknown)


def read_to(database: Database, name: str, moment: datetime, *, now: datetime) -> None:
    """Have a reader have read all stories first seen until a moment."""
    before = reader_marks.reader(database, name)
    reader_marks.read_to(database, name, moment, now=now)
    reader_marks.note_deed(database, name, Deed(what="read to", at=now, reader=before))


def undo(database: Database, name: str, *, now: datetime) -> Done | None:
    """Take back the last thing that a reader did; None where there is nothing.

    What somebody else decided since stays.
    """
    deed = reader_marks.last_deed(database, name)
    if deed is None:
        return None
    if deed.reader is not None:
        reader_marks.read_back_to(database, deed.reader)
    reader_marks.put_back(database, deed.marks)
    done = [each.story for each in deed.marks]
    taken: dict[str, Desk] = {}
    for story, version, state, by in deed.desk:
        before: State = state if state in desk_marks.STATES else "open"
        try:
            desk_marks.decide(database, story, before, by=by or name, now=now, version=version)
            done.append(story)
        except TakenError as error:
            taken[story] = error.found
    reader_marks.note_deed(database, name, None)
    return Done(stories=tuple(done), taken=taken)


@patiently
def _existing(database: Database, wanted: Iterable[str]) -> tuple[list[str], tuple[str, ...]]:
    """Return what stands for these stories, and those that there are not."""
    asked = list(dict.fromkeys(wanted))[:MOST_AT_ONCE]
    known = stories.heads(database, asked)
    there, unknown = [], []
    for story in asked:
        if database.articles.find_one({"story": story}, {"_id": 1}) or known[story] != story:
            there.append(known[story])
        else:
            unknown.append(story)
    return list(dict.fromkeys(there)), tuple(unknown)
