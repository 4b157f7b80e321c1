"""Stories: which articles tell the same, however many addresses, publishers and workers met them.

An article's ``story`` is what it was given when it was first stored and never changes. Stories that
are found to be one are *linked*: the collection ``stories`` keeps, for each that was ever linked,
the story ``head`` that it goes by, and a story that goes by its own id stands for all that lead to
it. A head is always of a story that was seen earlier (ties: the smaller id), so links make no
circle, and the story that stands for all is the first that was seen, in whatever order and by
however many workers at once they were linked.
"""

from collections.abc import Iterable
from datetime import MAXYEAR, UTC, datetime

import attrs
from pymongo.errors import DuplicateKeyError

from newsbot.archive.connection import Database, Document, patiently

# A story of which no article is left leads to others and stands for none.
_NEVER = datetime(MAXYEAR, 1, 1, tzinfo=UTC)

# When links were made of which that was not kept.
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

# The embedded server takes time by the square of what ``$in`` finds.
_AT_ONCE = 50


@attrs.frozen(order=True)
class _Root:
    """A story that stands for itself: the order is that in which stories come to stand for others."""

    first_seen: datetime
    id: str


@patiently
def heads(database: Database, ids: Iterable[str]) -> dict[str, str]:
    """Return, for each of these stories, the story that stands for it: itself where none else does."""
    found = {each: each for each in ids}
    asking = set(found)
    while asking:
        above: dict[str, str] = {}
        for part in _parts(sorted(asking)):
            for each in database.stories.find({"_id": {"$in": part}}, {"head": 1}):
                above[each["_id"]] = each["head"]
        found = {each: above.get(head, head) for each, head in found.items()}
        asking = {above[each] for each in asking if above.get(each, each) != each}
    return found


@patiently
def members(database: Database, story: str) -> list[str]:
    """Return all stories that are one with this one, in order of their ids; itself among them."""
    top = heads(database, [story])[story]
    found, asking = {top}, [top]
    while asking:
        below = {
            each["_id"]
            for part in _parts(asking)
            for each in database.stories.find({"head": {"$in": part}}, {"_id": 1})
        }
        asking = sorted(below - found)
        found |= below
    return sorted(found)


@patiently
def members_of(database: Database, heads: Iterable[str]) -> dict[str, list[str]]:
    """Return, for each of these stories that stand for others, all that are one with it, itself too."""
    found = {head: [head] for head in heads}
    asking = {head: head for head in found}
    while asking:
        below: dict[str, str] = {}
        for part in _parts(sorted(asking)):
            for each in database.stories.find({"head": {"$in": part}}, {"head": 1}):
                if each["_id"] != each["head"]:
                    below[each["_id"]] = asking[each["head"]]
        for story, head in below.items():
            found[head].append(story)
        asking = below
    return found


@attrs.frozen
class Link:
    """That a story leads to another, since when; it does for ever."""

    story: str
    to: str
    at: datetime


@patiently
def links(database: Database, *, since: datetime | None = None) -> list[Link]:
    """Return all links, or those that were made since then, in no order."""
    made = {"linked_at": {"$gte": since or LONG_AGO}}
    found = database.stories.find(made, {"head": 1, "linked_at": 1})
    return [Link(each["_id"], each["head"], each["linked_at"]) for each in found]


@patiently
def link(database: Database, story: str, to: str, *, how: str) -> str:
    """Make two stories one, with all that are one with either; returns the story that stands for all.

    ``how`` says what they were found to have in common ("copy", say). May be repeated, in any order
    and by several workers at once: the story that was seen first comes to stand for all.
    """
    while True:
        one, other = _root(database, story), _root(database, to)
        if one.id == other.id:
            return one.id
        first, later = sorted((one, other))
        # As it was read: another worker may have led it elsewhere meanwhile.
        told = {"head": first.id, "how": how, "linked_at": datetime.now(UTC)}
        done = database.stories.update_one({"_id": later.id, "head": later.id}, {"$set": told})
        if done.modified_count:
            return first.id


def _root(database: Database, story: str) -> _Root:
    """Return what stands for a story; a story that was never linked is noted first."""
    while True:
        found = database.stories.find_one({"_id": story}) or _noted(database, story)
        if found["head"] == found["_id"]:
            return _Root(found["first_seen"], found["_id"])
        story = found["head"]


def _noted(database: Database, story: str) -> Document:
    articles = database.articles.find({"story": story}, {"first_seen": 1})
    first = min(((each["first_seen"], each["_id"]) for each in articles), default=(_NEVER, ""))
    document = {"_id": story, "head": story, "first": first[1], "first_seen": first[0]}
    try:
        database.stories.insert_one(document)
    except DuplicateKeyError:
        return database.stories.find_one({"_id": story}) or document
    return document


def _parts(ids: list[str]) -> Iterable[list[str]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))
