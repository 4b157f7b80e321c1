"""The visited addresses: what need not be fetched again, and what is due for another look.

A page is marked only after what came of it is in the archive, so that a crawl that is killed
between the two fetches it once more and writes nothing new.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal

import attrs
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from newsbot.archive.connection import Database, Document, patiently
from newsbot.items import derived_id

Outcome = Literal["article", "not-article", "refused", "failed"]

# Ids looked up at a time. The embedded MongoDB takes the square of their number for those it finds:
# 2,000 known pages cost 2.9 s in one look-up and 0.17 s in forty.
AT_ONCE = 50

# An address that failed this often is left alone.
ATTEMPTS = 5


@attrs.frozen(kw_only=True)
class Visit:
    """One fetch of one address, and what came of it.

    ``url`` is the canonical URL of the link that led there and ``address`` the link as it was given:
    a mobile page's canonical URL need not answer. ``revisit`` is the number of visits before this one.
    """

    url: str
    address: str = ""
    source: str
    outcome: Outcome
    at: datetime
    article: str = ""
    revisit: int = 0
    why: str = ""


def page_id(url: str) -> str:
    """Return the id of the page at this canonical URL."""
    return derived_id("page", url)


@patiently
def unseen(database: Database, urls: Sequence[str]) -> list[str]:
    """Return those canonical URLs, in their order and once each, that are still to be fetched."""
    by_id = {page_id(url): url for url in urls}
    seen: set[str] = set()
    ids = list(by_id)
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        for page in database.pages.find({"_id": {"$in": some}}, {"outcome": 1, "visits": 1}):
            if page["outcome"] != "failed" or page["visits"] >= ATTEMPTS:
                seen.add(page["_id"])
    return [url for key, url in by_id.items() if key not in seen]


@patiently
def mark(database: Database, visits: Iterable[Visit], revisit_after: Sequence[float]) -> None:
    """Write down visits. An article's next visit is due by ``revisit_after`` (seconds)."""
    first: list[Document] = []
    again: list[Document] = []
    for visit in visits:
        document = _document(visit, revisit_after)
        (again if visit.revisit or visit.outcome == "failed" else first).append(document)
    if first:
        try:
            database.pages.insert_many(first, ordered=False)
        except BulkWriteError as error:
            taken = {each["index"] for each in error.details["writeErrors"]}
            again += [document for place, document in enumerate(first) if place in taken]
    if again:
        database.pages.bulk_write([_update(document) for document in again], ordered=False)


def _document(visit: Visit, revisit_after: Sequence[float]) -> Document:
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
    if visit.article:
        document["article"] = visit.article
    if visit.why:
        document["why"] = visit.why
    # A look that failed is made up for by the next; an address that never was read is left to
    # ``unseen``.
    wanted = visit.outcome == "article" or (visit.outcome == "failed" and visit.revisit)
    if wanted and visit.revisit < len(revisit_after):
        document["next_visit"] = visit.at + timedelta(seconds=revisit_after[visit.revisit])
    return document


def _update(document: Document) -> UpdateOne:
    key = {"_id": document["_id"]}
    change: Document
    if document["outcome"] == "failed":
        # A failed visit never hides what an earlier one found.
        fields = {"fetched_at": document["fetched_at"], "why": document.get("why", "")}
        if "next_visit" in document:
            fields["next_visit"] = document["next_visit"]
        first = {name: document[name] for name in ("url", "source", "outcome")}
        change = {"$inc": {"visits": 1}, "$set": fields, "$setOnInsert": first}
    else:
        fields = {name: value for name, value in document.items() if name != "_id"}
        change = {"$set": fields}
    if "next_visit" not in fields:
        change["$unset"] = {"next_visit": 1}
    return UpdateOne(key, change, upsert=True)


@attrs.frozen(kw_only=True)
class Revisit:
    """An article's page that is due for another look at ``address``; ``visits`` were made before."""

    url: str
    address: str
    visits: int


@patiently
def due(database: Database, source: str, now: datetime, *, at_most: int) -> list[Revisit]:
    """Return the source's pages whose next visit is due, longest due first."""
    found = database.pages.find(
        {"source": source, "next_visit": {"$lte": now}}, {"url": 1, "address": 1, "visits": 1}
    )
    found = found.sort("next_visit", 1).limit(at_most)
    return [
        Revisit(url=page["url"], address=page.get("address") or page["url"], visits=page["visits"])
        for page in found
    ]


@patiently
def known(database: Database, urls: Collection[str]) -> int:
    """Count those canonical URLs that were visited."""
    return len(urls) - len(unseen(database, list(urls)))


@patiently
def forget_refused(database: Database, origin: str) -> int:
    """Forget the pages of an origin (``https://news.example``) that were refused; they are asked anew.

    It looks through the pages of each source there is, so it is for what happens rarely.
    """
    ours = {"url": {"$regex": "^" + re.escape(origin) + "/"}, "outcome": "refused"}
    sources = [each["_id"] for each in database.sources.find({}, {"_id": 1})]
    deleted = database.pages.delete_many({"source": {"$in": sources}, **ours})
    return int(deleted.deleted_count)
