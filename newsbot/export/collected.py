"""A collection as a file: its articles as every export has them, with their place and what was noted of them."""

from collections.abc import Generator, Sequence

from newsbot.archive.collections import Collection
from newsbot.archive.connection import Database
from newsbot.export import formats
from newsbot.export.columns import Column, chosen
from newsbot.export.streaming import written

NAMES = ("position", "note", "note_tags", "put_in_by")
"""The columns that a collection has before those of every export."""


def stream(
    database: Database,
    collection: Collection,
    form: formats.Name,
    *,
    columns: Sequence[str] = (),
    bom: bool = True,
) -> Generator[bytes, None, None]:
    """Return a collection as bytes of a file of this format, in its order.

    ``columns`` are names of those that follow its own, none for all. What was removed from the archive is
    left out, and keeps its position.

    Raises:
        UnknownColumnError: for a column that there is not.
    """
    wanted = (*_own(collection), *chosen(columns))
    return written(database, iter(collection.articles), form, wanted, bom=bom)


def _own(collection: Collection) -> tuple[Column, ...]:
    places = {each.article: (at, each) for at, each in enumerate(collection.entries, 1)}
    return (
        Column(
            "position",
            "number",
            "its place in the collection, from 1",
            lambda told: places[told.kept.article.id][0],
        ),
        Column(
            "note",
            "text",
            "what was noted of it",
            lambda told: places[told.kept.article.id][1].note,
        ),
        Column(
            "note_tags",
            "texts",
            "the tags that it was given there",
            lambda told: places[told.kept.article.id][1].tags,
        ),
        Column(
            "put_in_by",
            "text",
            "who put it there",
            lambda told: places[told.kept.article.id][1].by,
        ),
    )
