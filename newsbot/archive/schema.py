"""Indexes and migrations: the archive's shape, brought forward at every start.

``meta`` holds one document, ``{_id: "schema", version: n}``. A migration is a function that may be
run again from the beginning: a process that dies in one leaves the old version standing.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import ip_address
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure

from newsbot.archive.sealing import Sealer, shown_webhook
from newsbot.items import derived_id
from newsbot.similarity import CROWD, signature
from newsbot.text.tokens import words
from newsbot.text.urls import page_key


class SchemaError(Exception):
    """The stored data was written by a newer newsbot."""


def _create_indexes(database: Database[dict[str, Any]]) -> None:
    up, down = ASCENDING, DESCENDING
    database.sources.create_indexes(
        [IndexModel([("name", up)], unique=True), IndexModel([("next_due", up)])]
    )
    database.runs.create_indexes(
        [
            # What makes two runs of one source at once impossible.
            IndexModel([("source", up)], unique=True, partialFilterExpression={"active": True}),
            IndexModel([("state", up), ("requested_at", up)]),
            IndexModel([("source", up), ("requested_at", down)]),
            IndexModel([("requested_at", down)]),
        ]
    )
    database.pages.create_indexes([IndexModel([("source", up), ("next_visit", up)])])
    database.articles.create_indexes(
        [
            IndexModel([("changed_at", up)]),
            IndexModel([("content_hash", up)]),
            IndexModel([("story", up)]),
            IndexModel([("pending", up)], partialFilterExpression={"pending": True}),
        ]
    )
    database.revisions.create_indexes([IndexModel([("article", up), ("number", up)])])
    database.alerts.create_indexes([IndexModel([("name", up)], unique=True)])
    database.matches.create_indexes(
        [
            IndexModel([("alert", up), ("matched_at", down)]),
            IndexModel([("article", up)]),
            IndexModel([("matched_at", down)]),
        ]
    )
    database.outbox.create_indexes(
        [IndexModel([("state", up), ("next_attempt", up)]), IndexModel([("alert", up)])]
    )


def _keep_names_apart(database: Database[dict[str, Any]]) -> None:
    """Keep every name that a source has or had from others, case aside: queries fold it, too."""
    taken: set[str] = set()
    for each in sorted(database.sources.find({}), key=lambda each: str(each["name"])):
        name = each["name"]
        numbered = (f"{name}-{number}" for number in range(2, 10_000))
        free = next(one for one in chain((name,), numbered) if one.casefold() not in taken)
        former = {name.casefold() for name in each.get("former_names", ())} - taken
        known_as = sorted({free.casefold(), *former})
        taken.update(known_as)
        database.sources.update_one(
            {"_id": each["_id"]}, {"$set": {"name": free, "known_as": known_as}}
        )
    database.sources.create_indexes([IndexModel([("known_as", ASCENDING)], unique=True)])


def _allow_named_hosts(database: Database[dict[str, Any]]) -> None:
    """Allow sources on this machine or by a private address to be fetched as before.

    Their operators named them, when nothing was refused yet.
    """
    for each in database.sources.find({"allowed_hosts": {"$exists": False}}, {"homepage": 1}):
        parts = urlsplit(each["homepage"])
        host, port = parts.hostname or "", parts.port
        try:
            named = not ip_address(host).is_global
        except ValueError:
            named = host == "localhost"
        if named:
            shown = f"[{host}]" if ":" in host else host
            allowed = [f"{shown}:{number}" for number in ((80, 443) if port is None else (port,))]
            database.sources.update_one({"_id": each["_id"]}, {"$set": {"allowed_hosts": allowed}})


def _frontier(database: Database[dict[str, Any]]) -> None:
    """Links that wait are kept; the addresses of one page (http, https, www) are one page's."""
    database.frontier.create_indexes([IndexModel([("source", ASCENDING)])])
    moved: list[dict[str, Any]] = []
    for page in database.pages.find({}, batch_size=1_000):
        wanted = derived_id("page", page_key(page["url"])) if page.get("url") else page["_id"]
        if wanted != page["_id"]:
            moved.append(page | {"_id": wanted, "before": page["_id"]})
        if len(moved) >= 1_000:
            _move(database, moved)
            moved = []
    _move(database, moved)


def _move(database: Database[dict[str, Any]], moved: list[dict[str, Any]]) -> None:
    if not moved:
        return
    before = [page.pop("before") for page in moved]
    with suppress(BulkWriteError):  # two addresses of one page: one is enough
        database.pages.insert_many(moved, ordered=False)
    database.pages.delete_many({"_id": {"$in": before}})


def _stories(database: Database[dict[str, Any]]) -> None:
    """Stories that were found to be one lead to one; texts are found by what they share."""
    database.stories.create_indexes([IndexModel([("head", ASCENDING)])])
    database.prints.create_indexes([IndexModel([("keys", ASCENDING)])])


def _keeping(database: Database[dict[str, Any]]) -> None:
    """Index what expired, what was removed and who did what by when it was."""
    database.articles.create_indexes([IndexModel([("text_expired_at", ASCENDING)], sparse=True)])
    database.removed.create_indexes([IndexModel([("at", ASCENDING)])])
    database.audit.create_indexes([IndexModel([("at", ASCENDING)])])


def _events(database: Database[dict[str, Any]]) -> None:
    """Keep what news tells of its events, for some days."""
    database.events.create_indexes([IndexModel([("at", ASCENDING)])])


def _prints(database: Database[dict[str, Any]]) -> None:
    """File the texts that were stored before texts were filed, so that their copies are found.

    Stops anywhere and goes on: what is filed is passed over.
    """
    crowds = bytearray(1 << 24)
    batch: list[dict[str, Any]] = []
    for article in database.articles.find({}, {"body": 1}, batch_size=_FILED_AT_ONCE):
        batch.append(article)
        if len(batch) == _FILED_AT_ONCE:
            _file(database, batch, crowds)
            batch = []
    _file(database, batch, crowds)


_FILED_AT_ONCE = 50


def _file(
    database: Database[dict[str, Any]], articles: list[dict[str, Any]], crowds: bytearray
) -> None:
    ids = [each["_id"] for each in articles]
    filed = {
        each["_id"]: _with_room(each["keys"], crowds)
        for each in database.prints.find({"_id": {"$in": ids}}, {"keys": 1})
    }
    made = {
        each["_id"]: signature(words(each.get("body") or ""))
        for each in articles
        if each["_id"] not in filed
    }
    documents = [
        {
            "_id": article,
            "hashes": of.hashes,
            "size": of.size,
            "keys": _with_room(of.all_keys(), crowds),
        }
        for article, of in made.items()
        if of is not None
    ]
    if documents:
        with suppress(BulkWriteError):  # filed by a process that started beside this one
            database.prints.insert_many(documents, ordered=False)


def _with_room(keys: Iterable[bytes], crowds: bytearray) -> list[bytes]:
    """Return the keys under which there is room for one text more, and count it in.

    They are counted by their first three bytes: 16 MB, however many there are. With a million texts a
    count of ``CROWD`` by chance is rarer than one in 10**15.
    """
    found = []
    for key in keys:
        at = int.from_bytes(key[:3], "big")
        if crowds[at] < CROWD:
            crowds[at] += 1
            found.append(key)
    return found


def _searches(database: Database[dict[str, Any]]) -> None:
    """Keep the names of saved searches apart, case aside; find feeds by their addresses."""
    database.searches.create_indexes([IndexModel([("key", ASCENDING)], unique=True)])
    database.feeds.create_indexes([IndexModel([("token", ASCENDING)], unique=True)])


def _channels(database: Database[dict[str, Any]], sealer: Sealer) -> None:
    """Keep channels by themselves, sealed; messages and alerts name them. A message's id stays its story's.

    Stops anywhere and goes on: what names a channel already is passed over.
    """
    up = ASCENDING
    database.rule_versions.create_indexes([IndexModel([("alert", up)])])
    database.matches.create_indexes([IndexModel([("story", up)])])
    database.outbox.create_indexes(
        [IndexModel([("state", up), ("slot", up)]), IndexModel([("digest", up)])]
    )
    for rule in database.alerts.find({}):
        if any(not isinstance(each, str) for each in rule["channels"]):
            made = rule["created_at"]
            ids = [_channel(database, sealer, each, made) for each in rule["channels"]]
            database.alerts.update_one({"_id": rule["_id"]}, {"$set": {"channels": ids}})
    batch: list[dict[str, Any]] = []
    for message in database.outbox.find({}, batch_size=_MOVED_AT_ONCE):
        if not isinstance(message["channel"], str):
            batch.append(message)
        if len(batch) == _MOVED_AT_ONCE:
            _readdress(database, sealer, batch)
            batch = []
    _readdress(database, sealer, batch)


_MOVED_AT_ONCE = 200


def _channel(database: Database[dict[str, Any]], sealer: Sealer, old: Any, made: datetime) -> str:
    if isinstance(old, str):
        return old
    name = derived_id("channel", old["kind"], old["target"])
    if database.channels.find_one({"_id": name}, {"_id": 1}) is None:
        kept = {
            "_id": name,
            "kind": old["kind"],
            "name": "",
            "shown": shown_webhook(old["target"]),
            "sealed": sealer.seal({"target": old["target"], "signing": ""}),
            "created_at": made,
        }
        with suppress(DuplicateKeyError):  # two processes that start together
            database.channels.insert_one(kept)
    return name


def _readdress(
    database: Database[dict[str, Any]], sealer: Sealer, old: list[dict[str, Any]]
) -> None:
    if not old:
        return
    new = []
    for message in old:
        channel = _channel(database, sealer, message["channel"], message["created_at"])
        parts = (message["alert"], message["story"], message["occasion"])
        new.append(message | {"_id": derived_id("message", *parts, channel), "channel": channel})
    with suppress(BulkWriteError):  # written before a crash
        database.outbox.insert_many(new, ordered=False)
    database.outbox.delete_many({"_id": {"$in": [message["_id"] for message in old]}})


def _linked(database: Database[dict[str, Any]]) -> None:
    """Say of each link when it was made: of those before this, long ago."""
    before = {"how": {"$exists": True}, "linked_at": {"$exists": False}}
    long_ago = datetime(1970, 1, 1, tzinfo=UTC)
    database.stories.update_many(before, {"$set": {"linked_at": long_ago}})
    database.stories.create_indexes([IndexModel([("linked_at", ASCENDING)], sparse=True)])


def _digests(database: Database[dict[str, Any]]) -> None:
    """Find what one alert has waiting, however much it has sent."""
    up = ASCENDING
    database.outbox.create_indexes([IndexModel([("alert", up), ("state", up), ("slot", up)])])


def _urgent_runs(database: Database[dict[str, Any]]) -> None:
    """Find the runs that people wait for, however many are queued."""
    urgent = {"partialFilterExpression": {"urgent": True}}
    database.runs.create_indexes([IndexModel([("urgent", ASCENDING)], **urgent)])


def _standings(database: Database[dict[str, Any]]) -> None:
    """Find how those sources stand whose runs have ended lately, and pages that were changed."""
    database.standings.create_indexes([IndexModel([("at", ASCENDING)])])
    database.redesigns.create_indexes(
        [IndexModel([("source", ASCENDING)]), IndexModel([("article", ASCENDING)])]
    )


def _due_sources(database: Database[dict[str, Any]]) -> None:
    """Find the active sources that are due, however many paused ones were due long ago."""
    up = ASCENDING
    database.sources.create_indexes([IndexModel([("state", up), ("next_due", up)])])
    with suppress(OperationFailure):  # dropped before a crash
        database.sources.drop_index("next_due_1")


def _triage(database: Database[dict[str, Any]]) -> None:
    """Find what a reader has starred, what is marked of a story, what the desk decided last, what came back.

    And the collections that an article is in.
    """
    up = ASCENDING
    database.reader_marks.create_indexes(
        [
            IndexModel([("reader", up), ("starred_at", up)]),
            IndexModel([("reader", up), ("read", up), ("at", up)]),
            IndexModel([("story", up)]),
        ]
    )
    database.story_marks.create_indexes(
        [IndexModel([("state", up), ("at", up)]), IndexModel([("back.at", up)], sparse=True)]
    )
    database.collections.create_indexes([IndexModel([("articles", up)])])


def _people(database: Database[dict[str, Any]]) -> None:
    """Let sessions and counts of tries go by themselves; find somebody's sessions."""
    up = ASCENDING
    at_once = {"expireAfterSeconds": 0}
    database.sessions.create_indexes(
        [IndexModel([("ends_at", up)], **at_once), IndexModel([("user", up)])]
    )
    database.sign_ins.create_indexes([IndexModel([("forgotten_at", up)], **at_once)])


# The step at place n leads from version n to n + 1. Steps are only ever appended.
MIGRATIONS: tuple[Callable[..., None], ...] = (
    _create_indexes,
    _keep_names_apart,
    _allow_named_hosts,
    _frontier,
    _stories,
    _keeping,
    _events,
    _prints,
    _searches,
    _channels,
    _linked,
    _digests,
    _urgent_runs,
    _standings,
    _due_sources,
    _triage,
    _people,
)
# Those that seal what older versions kept in the open.
_SEALING = frozenset({_channels})


def upgrade(database: Database[dict[str, Any]], sealer: Sealer) -> None:
    """Bring the archive to this program's version.

    Raises:
        SchemaError: when the archive is already past it.
    """
    stored = database.meta.find_one({"_id": "schema"})
    version = stored["version"] if stored else 0
    if version > len(MIGRATIONS):
        raise SchemaError(
            f"the archive {database.name} has schema version {version}, this newsbot knows "
            f"{len(MIGRATIONS)}; use the newsbot that wrote it, or a newer one"
        )
    for number in range(version, len(MIGRATIONS)):
        step = MIGRATIONS[number]
        step(database, sealer) if step in _SEALING else step(database)
        database.meta.update_one({"_id": "schema"}, {"$set": {"version": number + 1}}, upsert=True)
