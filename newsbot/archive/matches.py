"""What alerts found: which article met which alert, and by which passage.

The id of a match is derived from its alert and article: it is recorded once, however often a step is
repeated.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

import attrs
from pymongo import UpdateOne

from newsbot.archive.connection import Database, Document, insert_missing, patiently
from newsbot.archive.newest import Behind, newest
from newsbot.archive.records import from_document, to_document
from newsbot.items import derived_id


@attrs.frozen(kw_only=True)
class Passage:
    """The sentence that matched: its text, and the character ranges that did.

    ``published`` is the sentence as the publisher wrote it, with its own ranges; "" where that is
    the same.
    """

    text: str
    marks: tuple[tuple[int, int], ...] = ()
    published: str = ""
    published_marks: tuple[tuple[int, int], ...] = ()


# The embedded server compares each with each.
AT_ONCE = 200

NO_PASSAGE = Passage(text="")


@attrs.frozen(kw_only=True)
class Match:
    """One article that met one alert, at one revision.

    ``told_as`` is the story that its messages tell, where that is not the article's own: one that it was
    found to be one with. ``held`` says why nobody was told of it, a word of :mod:`newsbot.alerts.holding`;
    "" where they were: those of ``channels`` (ids; None of a match that was recorded before these were).
    ``released`` is the word that held it until it was released. ``lists`` are the versions of the lists that
    the rule's query used, by name, and ``version`` is the rule's own. ``clause`` is the part of the query
    that was met.
    """

    id: str
    alert: str
    article: str
    story: str
    revision: int
    matched_at: datetime
    passage: Passage
    told_as: str = ""
    held: str = ""
    channels: tuple[str, ...] | None = None
    released: str = ""
    lists: Mapping[str, int] = attrs.Factory(dict)
    version: int = 1
    clause: str = ""


def match_id(alert: str, article: str) -> str:
    """Return the id of the match of an alert and an article."""
    return derived_id("match", alert, article)


@patiently
def record(database: Database, found: Sequence[Match]) -> int:
    """Write matches; those that are there already stay. Returns how many are new."""
    return insert_missing(database.matches, [to_document(each) for each in found])


@patiently
def latest(
    database: Database,
    *,
    since: datetime,
    alert: str | None = None,
    behind: Behind | None = None,
    at_most: int = 50,
) -> list[Match]:
    """Return the newest matches since then, newest first; or those behind one."""
    of: Document = {"alert": alert} if alert else {}
    found = newest(database.matches, of, "matched_at", since=since, behind=behind, at_most=at_most)
    return [from_document(Match, each) for each in found]


@patiently
def of_articles(database: Database, articles: Iterable[str]) -> list[Match]:
    """Return all matches of these articles."""
    found = database.matches.find({"article": {"$in": list(articles)}})
    return [from_document(Match, each) for each in found]


@patiently
def of_stories(database: Database, stories: Iterable[str]) -> list[Match]:
    """Return all matches of these stories."""
    found = database.matches.find({"story": {"$in": list(stories)}})
    return [from_document(Match, each) for each in found]


@patiently
def held_of(database: Database, alert: str, reasons: Iterable[str]) -> list[Match]:
    """Return the matches of an alert that are held for one of these reasons, oldest first."""
    wanted = {"alert": alert, "held": {"$in": list(reasons)}}
    found = [from_document(Match, each) for each in database.matches.find(wanted)]
    return sorted(found, key=lambda each: (each.matched_at, each.id))


@patiently
def held_counts(database: Database, alert: str) -> dict[str, int]:
    """Count the matches of an alert that are held, by the reason."""
    held: Document = {"alert": alert, "held": {"$ne": ""}}
    steps = [{"$match": held}, {"$group": {"_id": "$held", "count": {"$sum": 1}}}]
    return {each["_id"]: each["count"] for each in database.matches.aggregate(steps)}


@patiently
def per_day(
    database: Database, since: datetime, *, at_most: int
) -> tuple[Counter[tuple[str, date]], bool]:
    """Count the matches since then by alert and day (UTC): of the newest so many, and whether these are all."""
    found = list(
        database.matches.find({"matched_at": {"$gte": since}}, {"alert": 1, "matched_at": 1})
        .sort("matched_at", -1)
        .limit(at_most + 1)
    )
    counts = Counter((each["alert"], each["matched_at"].date()) for each in found[:at_most])
    return counts, len(found) <= at_most


@patiently
def release(
    database: Database,
    held: Sequence[Match],
    *,
    channels: Sequence[str],
    told_as: Mapping[str, str],
) -> None:
    """Write down that somebody has released matches: to whom, and as which story, by the match's id."""
    groups: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for each in held:
        groups[each.held, told_as.get(each.id, "")].append(each.id)
    for (reason, story), ids in groups.items():
        told = {"held": "", "released": reason, "told_as": story, "channels": list(channels)}
        for at in range(0, len(ids), AT_ONCE):
            some = {"_id": {"$in": ids[at : at + AT_ONCE]}, "held": reason}
            database.matches.update_many(some, {"$set": told})


@patiently
def hold(database: Database, ids: Sequence[str], reason: str) -> None:
    """Write down that nobody was told of these matches after all, and why."""
    for at in range(0, len(ids), AT_ONCE):
        some = {"_id": {"$in": ids[at : at + AT_ONCE]}, "held": ""}
        database.matches.update_many(some, {"$set": {"held": reason}})


@patiently
def let_go(database: Database, told: Iterable[tuple[Match, Match]]) -> None:
    """Write down that matches which were held are told: each as it was, and as it is then."""
    changes = [
        UpdateOne({"_id": was.id, "held": was.held}, {"$set": to_document(now)})
        for was, now in told
    ]
    if changes:
        database.matches.bulk_write(changes, ordered=False)


@patiently
def many(database: Database, ids: Iterable[str]) -> dict[str, Match]:
    """Return those of the matches that are there, by id."""
    found = database.matches.find({"_id": {"$in": list(ids)}})
    return {each["_id"]: from_document(Match, each) for each in found}


@patiently
def any_since(database: Database, alert: str, since: datetime) -> bool:
    """Say whether an alert has met anything since then."""
    query: Document = {"alert": alert, "matched_at": {"$gte": since}}
    return database.matches.find_one(query, {"_id": 1}) is not None


@patiently
def any_of(database: Database, alerts: Sequence[str]) -> bool:
    """Say whether one of these alerts has met anything."""
    query: Document = {"alert": {"$in": list(alerts)}}
    return database.matches.find_one(query, {"_id": 1}) is not None


@patiently
def stories_since(database: Database, alert: str, since: datetime) -> list[datetime]:
    """Return when an alert met each story first since then, of what was not held, oldest first."""
    query: Document = {"alert": alert, "matched_at": {"$gte": since}, "held": ""}
    first: dict[str, datetime] = {}
    for each in database.matches.find(query, {"story": 1, "matched_at": 1}):
        at = each["matched_at"]
        first[each["story"]] = min(at, first.get(each["story"], at))
    return sorted(first.values())
