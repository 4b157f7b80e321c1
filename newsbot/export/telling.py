"""Articles as they are told in an export: with the names of their sources, and their story's first."""

from collections.abc import Iterable, Iterator, Sequence

from newsbot.archive import naming, stories
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.export.columns import Told

# What is told at a time: so many articles, or so many characters of text.
CHUNK = 1_000
CHUNK_TEXT = 4_000_000


class Teller:
    """Tells articles that come one after the other; ``told`` are stories that came before them."""

    def __init__(self, database: Database, told: Iterable[str] = ()) -> None:
        self._database = database
        self._names = naming.read(database)
        # As eight bytes each: there may be as many stories as articles.
        self._stories = set(map(_key, told))

    def tell(self, some: Sequence[Kept]) -> list[Told]:
        """Return what is told of these articles, in their order."""
        heads = stories.heads(self._database, {each.record.story for each in some})
        return [self._one(each, heads[each.record.story]) for each in some]

    def _one(self, kept: Kept, story: str) -> Told:
        family = self._names.family(kept.article.source)
        first = _key(story) not in self._stories
        self._stories.add(_key(story))
        return Told(
            kept=kept,
            source=(family.id, family.name) if family else (kept.article.source, ""),
            sources=tuple(dict.fromkeys(map(self._name, kept.record.sources))),
            story=story,
            first=first,
        )

    def _name(self, source: str) -> str:
        family = self._names.family(source)
        return family.name if family else source


def _key(story: str) -> int:
    return int(story[:16], 16)


def chunks(articles: Iterator[tuple[str, Kept | None]]) -> Iterator[list[Kept | None]]:
    """Yield articles in chunks whose bounds follow from the articles alone."""
    chunk: list[Kept | None] = []
    text = 0
    for _, kept in articles:
        chunk.append(kept)
        text += len(kept.article.body) if kept else 0
        if len(chunk) >= CHUNK or text >= CHUNK_TEXT:
            yield chunk
            chunk, text = [], 0
    if chunk:
        yield chunk
