"""What an export is: the manifest that stands beside each exported file."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from hashlib import blake2b, sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from newsbot.archive import sources
from newsbot.archive.connection import Database
from newsbot.export.columns import Column
from newsbot.query import Query
from newsbot.search.lists import InForce

# The form of manifests; another number where what a field means has changed.
FORM = 1

# What decides how texts are analysed and queries understood.
_ANALYSER = ("text", "query")


@cache
def analyser() -> str:
    """Return what stands for this program's way of analysing texts: the same where it is the same.

    It follows from the code and the tables of the analyser and from the word frequencies it asks.
    """
    root = Path(__file__).parents[1]
    digest = blake2b(version("wordfreq").encode(), digest_size=8)
    for folder in _ANALYSER:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.relative_to(root).as_posix().encode() + b"\0")
                digest.update(path.read_bytes())
    return digest.hexdigest()


def file_of(path: Path, name: str) -> dict[str, Any]:
    """Return what a manifest says of the file: its name, size in bytes and digest."""
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return {"name": name, "bytes": path.stat().st_size, "sha256": digest.hexdigest()}


def columns_of(columns: Sequence[Column]) -> list[dict[str, str]]:
    """Return what a manifest says of the columns."""
    return [
        {"name": column.name, "type": column.kind, "meaning": column.meaning} for column in columns
    ]


def sources_of(database: Database, names: Collection[str]) -> list[dict[str, Any]]:
    """Return what a manifest says of the sources: an import elsewhere makes them again of that."""
    return [
        {"name": each.name, "id": each.id, "homepage": each.homepage, "groups": list(each.groups)}
        for each in sources.everything(database)
        if each.name in names
    ]


def lists_of(lists: InForce, query: Query | None) -> dict[str, Any]:
    """Return what a manifest says of the lists that a query uses: each one's version and entries."""
    return {
        name: {"version": number, "entries": list(lists.entries[name])}
        for name, number in (lists.versions(query) if query else {}).items()
    }


def program(lists: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a manifest says of the program: its version, its analyser's, and those of lists."""
    return {"newsbot": version("newsbot"), "analyser": analyser(), "lists": lists}
