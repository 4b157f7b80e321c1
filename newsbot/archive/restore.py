"""A backup into the archive: read whole and checked, staged, verified on the server, then put in place.

What is in the archive is untouched until everything of the backup stands beside it and has the digests
that were written. Nobody is alerted again: messages that waited when the backup was made may have been
delivered since and are set aside; articles that were not announced yet are no news; and where an archive
is replaced, what it had announced stays announced, what it had removed stays removed, and its holds and
its audit stay. The addresses of feeds stay those that are given out now: one that was renewed since, because
it had come into wrong hands, does not lead anywhere again.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from bson.raw_bson import RawBSONDocument
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, PyMongoError

from newsbot.archive import removal, schema, swapping
from newsbot.archive.backup import PARTS, Written, documents
from newsbot.archive.backup_file import BackupError, Frame, Header, Sum, Summing, frames
from newsbot.archive.connection import DUPLICATE_KEY, Database, Document
from newsbot.archive.records import from_document
from newsbot.archive.removed import Tombstone
from newsbot.archive.swapping import staged

_BATCH, _BATCH_BYTES = 500, 8_000_000
# Collections of which nothing is lost when an archive is replaced by an older state of it.
_CARRIED = ("outbox", "removed", "holds", "audit")
_WAITING = {"state": {"$in": ["due", "waiting"]}}
_READ_AGAIN = {"etag": "", "last_modified": "", "digest": "", "links": ""}

# An index as a backup tells it.
_Told = dict[str, Any]
Files = Callable[[str, Iterator[bytes]], None]


def check(path: Path, progress: Callable[[int], None] = lambda _: None) -> Written:
    """Read a backup whole and hold it against its own digests.

    Raises:
        BackupError: when it is damaged, or of a newer newsbot.
        OSError: when it cannot be read.
    """
    header: Header | None = None
    sums: dict[str, Sum] = {}
    count = files = 0
    for frame in frames(path):
        if frame.kind == "D":
            count += 1
            if count % 1_000 == 0:
                progress(count)
        elif frame.kind == "H":
            told = frame.document
            header = Header(
                **{name: told[name] for name in ("made_at", "database", "schema", "newsbot")}
            )
        elif frame.kind == "E":
            told = frame.document
            sums[told["name"]] = Sum(count=told["count"], digest=told["digest"])
        elif frame.kind == "G":
            files += 1
    assert header is not None  # frames() sees to that
    if header.schema > len(schema.MIGRATIONS):
        raise BackupError(
            f"{path} has schema version {header.schema}, this newsbot knows "
            f"{len(schema.MIGRATIONS)}; use the newsbot that wrote it ({header.newsbot}), or a newer one"
        )
    return Written(header=header, collections=sums, files=files)


def is_empty(database: Database) -> bool:
    """Say whether there is nothing in the archive that a restore would replace."""
    kept = (database.articles, database.sources, database.alerts, database.audit)
    return all(each.find_one({}, {"_id": 1}) is None for each in kept)


def crawling(database: Database, now: datetime) -> bool:
    """Say whether some worker holds the lease of a run."""
    return database.runs.find_one({"active": True, "lease.until": {"$gt": now}}) is not None


def restore(
    database: Database,
    path: Path,
    written: Written,
    *,
    files: Files | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Put a backup that was checked in the place of the archive.

    ``files`` takes the name and the bytes of each WARC file; None passes them over.

    Raises:
        BackupError: when the file changed since, or the server did not keep what it was given; the
            archive is as it was.
    """
    swapping.clear(database.raw)
    try:
        indexes = _stage(database, path, files, progress)
        _create(database, indexes, _is_read_by)
        _verify(database, written)
        _settle(database, written.header)
        _create(database, indexes, _is_a_rule)
    except PyMongoError as error:
        with suppress(PyMongoError):
            swapping.clear(database.raw)
        raise BackupError(
            f"MongoDB did not take the documents of {path} ({type(error).__name__}: "
            f"{str(error)[:200]}); nothing was put in place"
        ) from None
    except BaseException:
        swapping.clear(database.raw)
        raise
    left = {name: [each for each in told if _is_left(name, each)] for name, told in indexes.items()}
    swapping.decide(database.raw, sorted({*written.collections, *_CARRIED, "feeds"}), left)
    swapping.go_on(database.raw)
    schema.upgrade(database.raw, database.sealer)
    removal.erase(database, _removed(database))


def _stage(
    database: Database,
    path: Path,
    files: Files | None,
    progress: Callable[[int], None],
) -> dict[str, list[_Told]]:
    indexes: dict[str, list[_Told]] = {}
    batch: list[RawBSONDocument] = []
    name, size, count = "", 0, 0
    found = frames(path)
    for frame in found:
        if frame.kind == "C":
            told = frame.document
            name = told["name"]
            indexes[name] = told["indexes"]
            database.raw.create_collection(staged(name))
        elif frame.kind == "D":
            batch.append(RawBSONDocument(frame.raw))
            size += len(frame.raw)
            count += 1
            if len(batch) >= _BATCH or size >= _BATCH_BYTES:
                _add_missing(database.raw[staged(name)], batch)
                batch, size = [], 0
                progress(count)
        elif frame.kind == "E" and batch:
            _add_missing(database.raw[staged(name)], batch)
            batch, size = [], 0
        elif frame.kind == "F":
            blocks = _blocks(found)
            if files is not None:
                files(frame.document["name"], blocks)
            for _ in blocks:  # what was not taken is passed over
                pass
    return indexes


def _create(
    database: Database, indexes: dict[str, list[_Told]], which: Callable[[str, _Told], bool]
) -> None:
    for name, told in indexes.items():
        some = [swapping.index_of(each) for each in told if which(name, each)]
        if some:
            database.raw[staged(name)].create_indexes(some)


def _is_a_rule(_name: str, index: _Told) -> bool:
    """Say whether an index is made before its collection is put in place.

    A unique one may refuse documents; a partial one's operators may not be kept in a document.
    """
    return "unique" in index or "partialFilterExpression" in index


def _is_read_by(name: str, index: _Told) -> bool:
    """Say whether the verification reads a collection by an index."""
    return next(iter(index["key"])) == PARTS.get(name) and not _is_a_rule(name, index)


def _is_left(name: str, index: _Told) -> bool:
    return not _is_a_rule(name, index) and not _is_read_by(name, index)


def _blocks(found: Iterator[Frame]) -> Iterator[bytes]:
    for frame in found:
        if frame.kind == "G":
            return
        yield frame.document["data"]


def _verify(database: Database, written: Written) -> None:
    for name, wanted in written.collections.items():
        summing = Summing()
        for document in documents(database, staged(name), of=name):
            summing.add(document)
        if summing.sum != wanted:
            raise BackupError(
                f"the server has {summing.sum.count} documents of {name} with the digest "
                f"{summing.sum.digest[:12]}, and the backup {wanted.count} with {wanted.digest[:12]}; "
                "nothing was put in place"
            )


def _settle(database: Database, header: Header) -> None:
    """See to it that the restored archive tells nobody anew and forgets nothing that was decided since."""
    of = {
        name: database.raw[staged(name)]
        for name in (*_CARRIED, "articles", "channels", "feeds", "pages", "retention", "runs")
    }
    aside = f"it waited when the backup of {header.made_at:%Y-%m-%d %H:%M} UTC was made"
    of["outbox"].update_many(_WAITING, {"$set": {"state": "dead", "failure": aside}})
    of["articles"].update_many({"pending": True}, {"$set": {"quiet": "restored"}})
    # Their versions may have been read after the links that they led to were.
    of["pages"].update_many({"readings": {"$exists": True}}, {"$set": _READ_AGAIN})
    _end_overtaken(of["runs"], header)
    of["retention"].delete_many({"_id": {"$in": ["reached", "files"]}})
    for name in _CARRIED:
        mine = (RawBSONDocument(each) for each in documents(database, name))
        batch: list[RawBSONDocument] = []
        for document in mine:
            batch.append(document)
            if len(batch) >= _BATCH:
                _add_missing(of[name], batch)
                batch = []
        _add_missing(of[name], batch)
    # Who wants nothing more of an alert is not sent it again.
    for each in database.channels.find({}):
        some = {"$addToSet": {"silenced": {"$each": each.get("silenced", [])}}}
        of["channels"].update_one({"_id": each["_id"]}, some)
    for given in database.feeds.find({}):
        of["feeds"].replace_one({"_id": given["_id"]}, given, upsert=True)
    of["outbox"].update_many(_WAITING, {"$set": {"state": "dead", "failure": aside}})
    of["removed"].update_many({"cause": "takedown", "of": None}, {"$set": {"open": True}})


def _end_overtaken(runs: Collection[Document], header: Header) -> None:
    """Leave each source one active run: a backup may have read one before it ended, and the next after that."""
    wanted = {"source": 1, "requested_at": 1}
    active = sorted(
        runs.find({"active": True}, wanted), key=lambda each: (each["requested_at"], each["_id"])
    )
    latest = {each["source"]: each["_id"] for each in active}
    for each in active:
        if each["_id"] != latest[each["source"]]:
            ended = {
                "state": "lost",
                "reason": "it ended while the backup was made",
                "finished_at": header.made_at,
            }
            runs.update_one(
                {"_id": each["_id"]}, {"$set": ended, "$unset": {"active": 1, "lease": 1}}
            )


def _add_missing(collection: Any, batch: list[RawBSONDocument]) -> None:
    if not batch:
        return
    try:
        collection.insert_many(batch, ordered=False)
    except BulkWriteError as error:
        if any(each["code"] != DUPLICATE_KEY for each in error.details["writeErrors"]):
            raise


def _removed(database: Database) -> list[Tombstone]:
    found: Iterator[Document] = database.removed.find({"cause": "takedown", "of": None})
    return [from_document(Tombstone, each) for each in found]
