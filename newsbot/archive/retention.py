"""How long pages, texts and records are kept: the rules, and the steps that carry them out.

A rule is for all sources, a group or one source. What an article loses first is its page as it came
(``raw``), then its text (``body``), then all of it (``record``). Rules are kept here and understood in
``newsbot/keeping/policy.py``.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

import attrs
from pymongo import UpdateOne

from newsbot.archive.connection import Database, Document, patiently
from newsbot.archive.kept import Kept, kept_of
from newsbot.archive.matches import NO_PASSAGE
from newsbot.archive.records import from_document, to_document, to_value
from newsbot.items import derived_id

Scope = Literal["all", "group", "source"]
Part = Literal["raw", "body", "record"]
PARTS: tuple[Part, ...] = ("raw", "body", "record")

# Before anything that an archive can hold.
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
# A window of time is made narrower where it held more articles than this, and wider where it held fewer.
_MANY, _FEW = 1_000, 250
_NARROWEST, _WIDEST = timedelta(seconds=10), timedelta(days=64)
AT_ONCE = 50
_NO_PASSAGE = to_value(NO_PASSAGE)


@attrs.frozen(kw_only=True)
class Rule:
    """How long parts of a source's articles are kept.

    ``what`` is the group's name (case-folded) or the source's id, "" for all. Each part is in days; None
    leaves it to the wider rule; infinite days keep it for ever.
    """

    id: str
    scope: Scope
    what: str = ""
    raw: float | None = None
    body: float | None = None
    record: float | None = None


def rule_id(scope: Scope, what: str) -> str:
    """Return the id of the rule for this; there is at most one."""
    return derived_id("retention", scope, what)


@patiently
def rules(database: Database) -> list[Rule]:
    """Return all rules, from the widest to the narrowest."""
    order = {"all": 0, "group": 1, "source": 2}
    found = [
        from_document(Rule, each) for each in database.retention.find({"scope": {"$ne": None}})
    ]
    return sorted(found, key=lambda rule: (order[rule.scope], rule.what))


@patiently
def put(database: Database, rule: Rule) -> None:
    """Keep a rule, in the place of one for the same."""
    database.retention.replace_one({"_id": rule.id}, to_document(rule), upsert=True)


@patiently
def drop(database: Database, rule: str) -> bool:
    """Drop a rule. False: there was none of that id."""
    return bool(database.retention.delete_one({"_id": rule}).deleted_count)


# How far it was carried out


@patiently
def reached(database: Database, key: str) -> datetime | None:
    """Return as of when the rules that ``key`` stands for were last carried out on all articles."""
    found = database.retention.find_one({"_id": "reached"})
    return found["at"] if found and found["key"] == key else None


@patiently
def reach(database: Database, key: str, at: datetime) -> None:
    """Note that the rules were carried out on all articles as of a moment."""
    document = {"_id": "reached", "key": key, "at": at}
    database.retention.replace_one({"_id": "reached"}, document, upsert=True)


@patiently
def files_done(database: Database, key: str) -> dict[str, int]:
    """Return how far WARC files were looked through, by name; see ``file_done``."""
    found = database.retention.find_one({"_id": "files"})
    return dict(found["files"]) if found and found["key"] == key else {}


@patiently
def note_files(database: Database, key: str, files: dict[str, int]) -> None:
    """Note of WARC files, by name, for how many of the times that rules give they were looked through."""
    document = {"_id": "files", "key": key, "files": files}
    database.retention.replace_one({"_id": "files"}, document, upsert=True)


# The articles


@attrs.frozen(kw_only=True)
class Aged:
    """What decides over an article's time: when it last changed, and of whom it is."""

    id: str
    changed_at: datetime
    sources: tuple[str, ...]
    text: bool


def walk(database: Database, start: datetime, end: datetime) -> Iterator[list[Aged]]:
    """Yield the articles that last changed from ``start`` to before ``end``, in windows of time.

    Windows, because the embedded server gathers all that a query finds before it answers.
    """
    at, width = start, timedelta(days=1)
    while at < end:
        until = min(at + width, end)
        found = _window(database, at, until)
        if len(found) > _MANY and width > _NARROWEST:
            width = max(width / 4, _NARROWEST)
        elif len(found) < _FEW:
            width = min(width * 2, _WIDEST)
        at = until
        if found:
            yield found


@patiently
def _window(database: Database, start: datetime, end: datetime) -> list[Aged]:
    wanted = {"changed_at": 1, "sources": 1, "text_expired_at": 1}
    found = database.articles.find({"changed_at": {"$gte": start, "$lt": end}}, wanted)
    return [
        Aged(
            id=each["_id"],
            changed_at=each["changed_at"],
            sources=tuple(each["sources"]),
            text=each.get("text_expired_at") is None,
        )
        for each in found
    ]


@patiently
def articles_of(database: Database, some: Sequence[Aged]) -> list[Kept]:
    """Return those of these articles that have not changed since."""
    seen = {each.id: each.changed_at for each in some}
    found = database.articles.find({"_id": {"$in": list(seen)}})
    return [kept_of(each, "known") for each in found if each["changed_at"] == seen[each["_id"]]]


@patiently
def expire_texts(database: Database, some: Sequence[Kept], now: datetime) -> int:
    """Take the texts out of articles, their versions and passages; what else is known stays.

    An article that was edited meanwhile keeps its text. Returns how many lost theirs.
    """
    changes = [UpdateOne(_as_read(each), {"$set": _without_text(each, now)}) for each in some]
    if not changes:
        return 0
    done = database.articles.bulk_write(changes, ordered=False).modified_count
    ids = [each.article.id for each in some]
    gone = database.articles.find(
        {"_id": {"$in": ids}, "text_expired_at": {"$ne": None}}, {"_id": 1}
    )
    of_them: Document = {"article": {"$in": [each["_id"] for each in gone]}}
    database.revisions.update_many(of_them, {"$set": {"body": "", "body_as_published": None}})
    database.matches.update_many(of_them, {"$set": {"passage": _NO_PASSAGE, "clause": ""}})
    told = of_them | {"state": {"$ne": "due"}}
    database.outbox.update_many(told, {"$set": {"passage": _NO_PASSAGE}})
    return done


def _as_read(kept: Kept) -> Document:
    record = kept.record
    return {"_id": kept.article.id, "revision": record.revision, "changed_at": record.changed_at}


def _without_text(kept: Kept, now: datetime) -> Document:
    images = tuple(attrs.evolve(image, caption="") for image in kept.article.images)
    return {
        "body": "",
        "body_as_published": None,
        "description": "",
        "images": to_value(images),
        "text_expired_at": now,
    }
