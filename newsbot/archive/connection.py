"""The connection to MongoDB, and what every access to it shares.

A write that matters is acknowledged by a majority and on disk (``w: "majority", j: true``): of
28,346 acknowledged writes, 20 kills lost 116 with MongoDB's default and none with this.
"""

import atexit
import copy
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database as MongoDatabase
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConfigurationError,
    InvalidURI,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)
from pymongo.synchronous import monitor
from pymongo.write_concern import WriteConcern
from tenacity import (
    Retrying,
    retry_if_exception_type,
    sleep_using_event,
    stop_after_delay,
    stop_when_event_set,
    wait_exponential,
)

from newsbot.archive import schema, server, swapping
from newsbot.archive.sealing import Sealer, SealError
from newsbot.config import Config

Document = dict[str, Any]
P = ParamSpec("P")
R = TypeVar("R")

# At the end of a process pymongo waits for its threads, which look every half second whether they are to
# end: that doubles the time of a short command. They are daemons, and need not be waited for.
if hasattr(monitor, "_shutdown_resources"):
    atexit.unregister(monitor._shutdown_resources)

# How long a step waits for a MongoDB that is away before it gives up, in seconds, unless told otherwise.
PATIENCE = 60.0

# The same for a step of the pipelines: its articles go to the spool then. As long as the embedded MongoDB
# takes to be started again, so that a hiccup spools nothing.
HASTE = 3.0

# What a step raises when MongoDB was away for longer than it had patience.
AWAY = (AutoReconnect, WTimeoutError)

# How the embedded MongoDB answers to everything once its storage has stopped (a full disk): it has to be
# started again, which its keeper does.
_INTERNAL_ERROR = 1
# OutOfDiskSpace, of a MongoDB that can write no more (its source, error_codes.yml).
_NO_ROOM = frozenset({14031})

# What MongoDB calls the refusal of a document whose id, or another unique value, is there already.
DUPLICATE_KEY = 11000


class ArchiveError(Exception):
    """The archive cannot be used; the text says why and what to do."""


class Database:
    """The collections of the archive, by name, on one connection. Safe for threads."""

    def __init__(self, client: MongoClient[Document], name: str, sealer: Sealer) -> None:
        self.client = client
        self.sealer = sealer
        # How long each step waits for a MongoDB that is away, in seconds; none does once this is set.
        self.patience = PATIENCE
        self.given_up = threading.Event()
        self.raw: MongoDatabase[Document] = client.get_database(
            name, write_concern=WriteConcern(w="majority", j=True)
        )
        of = self.raw.get_collection
        self.sources: Collection[Document] = of("sources")
        self.schedules: Collection[Document] = of("schedules")
        self.runs: Collection[Document] = of("runs")
        self.coverage: Collection[Document] = of("coverage")
        self.standings: Collection[Document] = of("standings")
        self.redesigns: Collection[Document] = of("redesigns")
        self.troubles: Collection[Document] = of("troubles")
        self.pages: Collection[Document] = of("pages")
        self.frontier: Collection[Document] = of("frontier")
        self.backfills: Collection[Document] = of("backfills")
        self.articles: Collection[Document] = of("articles")
        self.revisions: Collection[Document] = of("revisions")
        self.stories: Collection[Document] = of("stories")
        self.events: Collection[Document] = of("events")
        self.prints: Collection[Document] = of("prints")
        self.alerts: Collection[Document] = of("alerts")
        self.rule_versions: Collection[Document] = of("rule_versions")
        self.channels: Collection[Document] = of("channels")
        self.matches: Collection[Document] = of("matches")
        self.same_dates: Collection[Document] = of("same_dates")
        self.replays: Collection[Document] = of("replays")
        self.outbox: Collection[Document] = of("outbox")
        self.allowances: Collection[Document] = of("allowances")
        self.hosts: Collection[Document] = of("hosts")
        self.lists: Collection[Document] = of("lists")
        self.holds: Collection[Document] = of("holds")
        self.retention: Collection[Document] = of("retention")
        self.removed: Collection[Document] = of("removed")
        self.audit: Collection[Document] = of("audit")
        self.searches: Collection[Document] = of("searches")
        self.feeds: Collection[Document] = of("feeds")
        self.readers: Collection[Document] = of("readers")
        self.reader_marks: Collection[Document] = of("reader_marks")
        self.story_marks: Collection[Document] = of("story_marks")
        self.collections: Collection[Document] = of("collections")
        self.users: Collection[Document] = of("users")
        self.sessions: Collection[Document] = of("sessions")
        self.tokens: Collection[Document] = of("tokens")
        self.sign_ins: Collection[Document] = of("sign_ins")
        self.meta: Collection[Document] = of("meta")

    @property
    def name(self) -> str:
        """The database's name on the server."""
        return self.raw.name

    def ping(self) -> None:
        """Ask the server for a sign of life; raises what pymongo raises."""
        self.client.admin.command("ping")

    @cached_property
    def hasty(self) -> Self:
        """The same archive for steps that have somewhere else to go while MongoDB is away."""
        other = copy.copy(self)
        other.patience = HASTE
        return other


def or_away(step: Callable[Concatenate[Database, P], R]) -> Callable[Concatenate[Database, P], R]:
    """Have a step raise one of ``AWAY`` as well where a MongoDB answers that can do nothing any more."""

    @wraps(step)
    def once(database: Database, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return step(database, *args, **kwargs)
        except OperationFailure as error:
            if _codes(error) & _NO_ROOM:
                raise AutoReconnect("MongoDB has no room on its disk") from None
            if error.code == _INTERNAL_ERROR:
                _see_whether_it_lives(database)
            raise

    return once


def patiently(
    step: Callable[Concatenate[Database, P], R],
) -> Callable[Concatenate[Database, P], R]:
    """Repeat an idempotent step while MongoDB is away, for as long as the database has patience.

    It raises one of ``AWAY`` then.
    """
    once = or_away(step)

    @wraps(step)
    def repeated(database: Database, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return Retrying(
            retry=retry_if_exception_type(AWAY),
            stop=stop_after_delay(database.patience) | stop_when_event_set(database.given_up),
            sleep=sleep_using_event(database.given_up),
            wait=wait_exponential(multiplier=0.1, max=2),
            reraise=True,
        )(once, database, *args, **kwargs)

    return repeated


def insert_missing(collection: Collection[Document], documents: list[Document]) -> int:
    """Insert documents; those whose ids are there already stay as they are. Returns how many are new."""
    if not documents:
        return 0
    try:
        collection.insert_many(documents, ordered=False)
    except BulkWriteError as error:
        if any(each["code"] != DUPLICATE_KEY for each in error.details["writeErrors"]):
            raise
        return int(error.details["nInserted"])
    return len(documents)


def _see_whether_it_lives(database: Database) -> None:
    """Tell a server that answers nothing any more from one that cannot do one thing.

    Raises:
        AutoReconnect: when it answers nothing.
    """
    try:
        database.meta.find_one({"_id": "schema"})
    except OperationFailure:
        raise AutoReconnect("MongoDB answers nothing until it is started again") from None


def _codes(error: OperationFailure) -> set[int | None]:
    """Return the codes of an error, and of each write that failed in it."""
    details = error.details or {}
    return {each.get("code") for each in (details, *details.get("writeErrors", ()))} | {error.code}


@patiently
def answers(database: Database) -> None:
    """Wait until MongoDB answers."""
    database.meta.find_one({"_id": "schema"})


@contextmanager
def connect(config: Config) -> Iterator[Database]:
    """Open the archive: the configured MongoDB, or else the embedded one of the data folder.

    The schema is brought up to date first.

    Raises:
        ArchiveError: when no MongoDB can be reached or its data is of a newer newsbot.
    """
    with ExitStack() as held:
        if config.mongodb_uri:
            uri = config.mongodb_uri
        else:
            try:
                uri = held.enter_context(
                    server.client(config.data_dir, cache=config.mongodb_cache)
                ).uri
            except server.ServerError as error:
                raise ArchiveError(str(error)) from None
        try:
            client: MongoClient[Document] = MongoClient(
                uri,
                tz_aware=True,
                appname="newsbot",
                w="majority",
                journal=True,
                serverSelectionTimeoutMS=5_000,
                connectTimeoutMS=5_000,
                socketTimeoutMS=60_000,
                # The embedded server looks through all that it has noted of the last half hour's writes for
                # pymongo's own repeating, at every write: 4 ms each after 10,000 of them. Each step of
                # ours may be repeated, and is (``patiently``).
                retryWrites=bool(config.mongodb_uri),
            )
            held.callback(client.close)
            database = Database(client, config.database, Sealer.of(config))
            held.callback(database.given_up.set)
            _first_contact(database)
        except (InvalidURI, ConfigurationError, ValueError) as error:
            raise ArchiveError(
                f"the MongoDB address in mongodb_uri is not usable: {error}"
            ) from None
        except PyMongoError as error:
            where = config.mongodb_uri and _without_password(config.mongodb_uri)
            raise ArchiveError(
                f"MongoDB at {where or uri} does not answer ({type(error).__name__}: "
                f"{str(error).split(',')[0][:200]}); start it, or correct NEWSBOT_MONGODB_URI, "
                "or unset it to use the embedded one"
            ) from None
        yield database


def _first_contact(database: Database) -> None:
    database.ping()
    swapping.go_on(database.raw)
    try:
        schema.upgrade(database.raw, database.sealer)
    except (schema.SchemaError, SealError) as error:
        raise ArchiveError(str(error)) from None


def _without_password(uri: str) -> str:
    scheme, _, rest = uri.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
