"""The visited addresses: what need not be fetched again, and what is due for another look.

A page is marked only after what came of it is in the archive, so that a crawl that is killed
between the two fetches it once more and writes nothing new.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import attrs
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from newsbot.archive.connection import Database, Document, patiently
from newsbot.archive.records import from_document, to_document
from newsbot.items import derived_id
from newsbot.revisits import Gone, RevisitPlan, after_doubt
from newsbot.text.urls import page_key

# "alias": another address of a page that was read under its own. "removed": its article was taken out of
# the archive; it is not fetched again, and nothing is kept of it but its id.
Outcome = Literal["article", "not-article", "refused", "failed", "alias", "removed"]

# Ids looked up at a time. The embedded MongoDB takes the square of their number for those it finds:
# 2,000 known pages cost 2.9 s in one look-up and 0.17 s in forty.
AT_ONCE = 50

# Seconds after which a page that could not be read is tried again, and again; then it is left alone.
# A site that is down for a night, or that shuts crawlers out for a day, loses no article by it.
RETRY_AFTER = (300.0, 1_800.0, 7_200.0, 43_200.0, 172_800.0, 604_800.0)


@attrs.frozen(kw_only=True)
class Version:
    """What names a version of a page: ``etag`` and ``last_modified`` as its server wrote them, ``digest``.

    Each is "" where there is none.
    """

    etag: str = ""
    last_modified: str = ""
    digest: str = ""


@attrs.frozen(kw_only=True)
class Visit:
    """One fetch of one address, and what came of it.

    ``url`` is the canonical URL of the link that led there and ``address`` the link as it was given:
    a mobile page's canonical URL need not answer. ``revisit`` is the number of visits before this one,
    ``failures`` how many failed in a row. ``said`` is what the link's entry said of it, as a document:
    of a page that could not be read it is kept for the next try. ``look`` says which of the looks for
    edits it was (-1: none); ``version`` names what was read, as it was read with the overrides
    ``read_with``, so that the next look asks for what changed alone. ``gone`` says how often by now its
    server said that there is no such page, ``doubted`` how many looks in a row showed what was not believed.
    ``same_as`` is the article of another address whose text this page shows.
    """

    url: str
    address: str = ""
    source: str
    outcome: Outcome
    at: datetime
    article: str = ""
    revisit: int = 0
    failures: int = 0
    why: str = ""
    said: Mapping[str, Any] = attrs.Factory(dict)
    look: int = -1
    version: Version | None = None
    read_with: str = ""
    gone: Gone | None = None
    doubted: int = 0
    same_as: str = ""


def page_id(url: str) -> str:
    """Return the id of the page at this address; the addresses of one page share it."""
    return derived_id("page", page_key(url))


@attrs.frozen
class Tried:
    """How often a page was tried and failed, and the article that is kept from its entry ("": none)."""

    failures: int = 0
    article: str = ""


UNTRIED = Tried()


@patiently
def unseen(
    database: Database, urls: Sequence[str], *, now: datetime | None = None
) -> dict[str, Tried]:
    """Return those addresses, in their order and one a page, that are still to be fetched.

    A page that failed waits for its next try,
    unless no moment is given: then it is tried whenever it is asked for.
    """
    by_id: dict[str, str] = {}
    for url in urls:
        by_id.setdefault(page_id(url), url)
    seen: set[str] = set()
    failed: dict[str, Tried] = {}
    ids = list(by_id)
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        for page in database.pages.find({"_id": {"$in": some}}, _STANDING):
            failures = _failures(page)
            due = now is None or page.get("next_visit", now) <= now
            if page["outcome"] == "failed" and failures <= len(RETRY_AFTER) and due:
                failed[page["_id"]] = Tried(failures, page.get("article", ""))
            else:
                seen.add(page["_id"])
    return {url: failed.get(key, UNTRIED) for key, url in by_id.items() if key not in seen}


_STANDING = {"outcome": 1, "visits": 1, "failures": 1, "next_visit": 1, "article": 1}


def _failures(page: Document) -> int:
    # Before failures were counted apart, a page that was never read had them for its visits.
    before: int = page["visits"] if page["outcome"] == "failed" else 0
    failures: int = page.get("failures", before)
    return failures


@patiently
def articles_at(database: Database, ids: Sequence[str]) -> dict[str, str]:
    """Return the ids of the articles that these pages show, by the pages' ids."""
    return {
        page["_id"]: page.get("article") or derived_id("article", page["url"])
        for start in range(0, len(ids), AT_ONCE)
        for page in database.pages.find({"_id": {"$in": list(ids[start : start + AT_ONCE])}})
        if page.get("article") or page.get("url")
    }


@patiently
def mark(database: Database, visits: Iterable[Visit], plan: RevisitPlan) -> None:
    """Write down visits. An article's next visit is due by ``plan``."""
    first: list[Document] = []
    again: list[Document] = []
    for visit in visits:
        document = _document(visit, plan)
        met = visit.revisit or visit.failures or visit.outcome == "failed"
        (again if met else first).append(document)
    if first:
        try:
            database.pages.insert_many(first, ordered=False)
        except BulkWriteError as error:
            taken = {each["index"] for each in error.details["writeErrors"]}
            # A page that is known by itself is no other's.
            again += [
                document
                for place, document in enumerate(first)
                if place in taken and document["outcome"] != "alias"
            ]
    if again:
        database.pages.bulk_write([_update(document) for document in again], ordered=False)


def _document(visit: Visit, plan: RevisitPlan) -> Document:
    document: Document = {
        "_id": page_id(visit.url),
        "url": visit.url,
        "source": visit.source,
        "outcome": visit.outcome,
        "fetched_at": visit.at,
        "visits": visit.revisit + 1,
    }
    if visit.address and visit.address != visit.url:
        document["address"] = visit.address
    for name in ("article", "same_as", "why"):
        if said := getattr(visit, name):
            document[name] = said
    if visit.outcome == "failed":
        document["failures"] = visit.failures + 1
        if visit.said:
            document["said"] = visit.said
    # A look that failed is made up for by the next; a page that was never read has its own pauses.
    if visit.outcome == "article" or (visit.outcome == "failed" and visit.revisit):
        look = visit.look if visit.look >= 0 else visit.revisit - 1
        following = _following(visit, look, plan)
        if following is not None:
            document["look"], document["next_visit"] = following
        if visit.gone is not None:
            document["gone"] = to_document(visit.gone)
    elif visit.outcome == "failed" and visit.failures < len(RETRY_AFTER):
        document["next_visit"] = visit.at + timedelta(seconds=RETRY_AFTER[visit.failures])
    # The version before was read whole: to be asked whether it has changed would say nothing of this.
    if visit.gone is not None or visit.doubted:
        document["reread"] = True
    if visit.outcome == "article" and visit.version is not None and "next_visit" in document:
        document["version"] = to_document(visit.version)
        document["read_with"] = visit.read_with
    return document


def _following(visit: Visit, look: int, plan: RevisitPlan) -> tuple[int, datetime] | None:
    """Return which look comes next, and when: by the plan, or the same once more."""
    again = None
    if visit.gone is not None:
        again = visit.gone.following(visit.at)
        return None if again is None else (look, again)
    if visit.doubted:
        again = after_doubt(visit.at, visit.doubted)
    return (look, again) if again else plan.following(visit.url, look, visit.at)


def _update(document: Document) -> UpdateOne:
    key = {"_id": document["_id"]}
    change: Document
    if document["outcome"] == "failed":
        # A failed visit never hides what an earlier one found.
        kept = (
            "fetched_at",
            "why",
            "next_visit",
            "look",
            "failures",
            "said",
            "address",
            "article",
            "gone",
        )
        fields = {name: document[name] for name in kept if name in document}
        first = {name: document[name] for name in ("url", "source", "outcome", "visits")}
        change = {"$set": fields, "$setOnInsert": first}
    else:
        fields = {name: value for name, value in document.items() if name != "_id"}
        passed = [name for name in ("why", "same_as") if name not in fields]
        change = {"$set": fields, "$unset": dict.fromkeys(("failures", "said", "gone", *passed), 1)}
    gone = [name for name in ("next_visit", "look") if name not in fields]
    if document["outcome"] != "failed" or document.pop("reread", False):
        gone += [name for name in ("version", "read_with") if name not in fields]
    for name in gone:
        change.setdefault("$unset", {})[name] = 1
    return UpdateOne(key, change, upsert=True)


# How the reason of an alias begins that was found because its address leads to another one.
LEADS_TO = "leads to "


@attrs.frozen(kw_only=True)
class Seen:
    """What is on record of an address that was visited, or tried: its last visit, at ``at``.

    ``outcome``, ``article``, ``why`` and ``same_as`` are as in :class:`Visit`; a visit that failed leaves
    the outcome of an earlier one. ``failures`` counts those in a row since. ``next_visit`` is when it is
    visited again, None where that is not foreseen.
    """

    url: str = ""
    address: str = ""
    source: str = ""
    outcome: str
    fetched_at: datetime
    article: str = ""
    same_as: str = ""
    visits: int = 0
    failures: int = 0
    why: str = ""
    next_visit: datetime | None = None
    gone: Gone | None = None

    @property
    def leads_to(self) -> str:
        """The address that this one leads to, "" where it is a page of its own."""
        return self.why.removeprefix(LEADS_TO) if self.why.startswith(LEADS_TO) else ""


@patiently
def at(database: Database, url: str) -> Seen | None:
    """Return what is on record of the page at an address; None where it was never visited."""
    found = database.pages.find_one({"_id": page_id(url)})
    return from_document(Seen, found) if found else None


@attrs.frozen(kw_only=True)
class Revisit:
    """A page that is due for another look at ``address``: for edits, or because it failed.

    ``visits`` found something before and ``failures`` in a row did not since. ``said`` is what the
    entry that led to a page said that could not be read yet. ``look``, ``version``, ``read_with``
    and ``gone`` are as in :class:`Visit`.
    """

    url: str
    address: str
    visits: int
    failures: int = 0
    article: str = ""
    said: Mapping[str, Any] = attrs.Factory(dict)
    look: int = -1
    version: Version | None = None
    read_with: str = ""
    gone: Gone | None = None


@patiently
def due(
    database: Database, source: str, now: datetime, *, at_most: int, impatient: bool = False
) -> list[Revisit]:
    """Return the source's pages whose next visit is due, longest due first.

    ``impatient``: those that failed are due already.
    """
    found = _waiting(database, {"source": source, "next_visit": {"$lte": now}}, at_most)
    if impatient:
        later = {"source": source, "next_visit": {"$gt": now}, "outcome": "failed"}
        found += _waiting(database, later, at_most - len(found))
    return [
        Revisit(
            url=page["url"],
            address=page.get("address") or page["url"],
            visits=0 if page["outcome"] == "failed" else page["visits"],
            failures=_failures(page),
            article=page.get("article", ""),
            said=page.get("said", {}),
            look=-1 if page["outcome"] == "failed" else page.get("look", page["visits"] - 1),
            version=from_document(Version, page["version"]) if "version" in page else None,
            read_with=page.get("read_with", ""),
            gone=from_document(Gone, page["gone"]) if "gone" in page else None,
        )
        for page in found
    ]


def _waiting(database: Database, query: Document, at_most: int) -> list[Document]:
    if at_most <= 0:
        return []
    return list(database.pages.find(query).sort("next_visit", 1).limit(at_most))


@attrs.frozen
class Look:
    """The last look at an article's page: of which article, when, and whether it was seen whole."""

    article: str
    at: datetime
    whole: bool


# Of a source's pages so many at most are asked how they fared.
_ASKED = 2_000


@patiently
def looks(database: Database, source: str, *, since: datetime) -> list[Look]:
    """Return the looks at a source's articles since a moment, of those that are due for another.

    What is gone, by its server's own word, is left out.
    """
    told = {"fetched_at": 1, "failures": 1, "visits": 1, "outcome": 1, "article": 1, "gone": 1}
    query = {"source": source, "next_visit": {"$gt": since}}
    return [
        Look(page.get("article", ""), page["fetched_at"], not page.get("failures"))
        for page in database.pages.find(query, told).limit(_ASKED)
        if page["outcome"] == "article"
        and page["fetched_at"] >= since
        and "gone" not in page
        and (page["visits"] > 1 or page.get("failures"))
    ]


@patiently
def next_visit(database: Database, source: str, *, before: datetime) -> datetime | None:
    """Return when the source's next page is due for another look, if that is before a moment."""
    query = {"source": source, "next_visit": {"$lt": before}}
    found = database.pages.find(query, {"next_visit": 1}).sort("next_visit", 1).limit(1)
    return next((page["next_visit"] for page in found), None)


@patiently
def known(database: Database, urls: Collection[str]) -> int:
    """Count those canonical URLs that were visited."""
    return len(urls) - len(unseen(database, list(urls)))


@patiently
def reopen_refused(database: Database, origin: str, *, source: str, now: datetime) -> list[str]:
    """Have pages of an origin (``https://news.example``) that were refused tried again, from now on.

    Returns the addresses of those that belong to the source. It looks through the pages of each source
    there is, so it is for what happens rarely.
    """
    sources = [each["_id"] for each in database.sources.find({}, {"_id": 1})]
    ours = {"url": {"$regex": "^" + re.escape(origin) + "/"}, "outcome": "refused"}
    query = {"source": {"$in": sources}, **ours}
    found = list(database.pages.find(query, {"url": 1, "address": 1, "source": 1}))
    again = {"outcome": "failed", "failures": 1, "next_visit": now}
    database.pages.update_many(query, {"$set": again})
    return [page.get("address") or page["url"] for page in found if page["source"] == source]
