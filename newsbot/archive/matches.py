"""What alerts found: which article met which alert, and by which passage.

The id of a match is derived from its alert and article: it is recorded once, however often a step is
repeated.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import attrs

from newsbot.archive.connection import Database, Document, insert_missing, patiently
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


NO_PASSAGE = Passage(text="")


@attrs.frozen(kw_only=True)
class Match:
    """One article that met one alert, at one revision.

    ``told_as`` is the story that its messages tell, where that is not the article's own: one that it was
    found to be one with. ``held`` says why nobody was told of it, a word of :mod:`newsbot.alerts.holding`;
    "" where they were. ``lists`` are the versions of the lists that the rule's query used, by name, and
    ``version`` is the rule's own. ``clause`` is the part of the query that was met.
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
    database: Database, *, since: datetime, alert: str | None = None, at_most: int = 50
) -> list[Match]:
    """Return the newest matches since then, newest first."""
    query: Document = {"matched_at": {"$gte": since}} | ({"alert": alert} if alert else {})
    found = database.matches.find(query).sort("matched_at", -1).limit(at_most)
    return [from_document(Match, each) for each in found]


@patiently
def of_articles(database: Database, articles: Iterable[str]) -> list[Match]:
    """Return all matches of these articles."""
    found = database.matches.find({"article": {"$in": list(articles)}})
    return [from_document(Match, each) for each in found]


@patiently
def many(database: Database, ids: Iterable[str]) -> dict[str, Match]:
    """Return those of the matches that are there, by id."""
    found = database.matches.find({"_id": {"$in": list(ids)}})
    return {each["_id"]: from_document(Match, each) for each in found}
