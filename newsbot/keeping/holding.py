"""Whether an article is held, and by what: asked of everything that is about to lose it or part of it."""

from collections.abc import Iterable, Mapping, Sequence

import attrs

from newsbot.archive import articles, holds, pages
from newsbot.archive import lists as termlists
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.archive.holds import Hold
from newsbot.archive.naming import Names
from newsbot.query import Lists, Query, QuerySyntaxError, evaluate, parse, relative_age
from newsbot.search.documents import Documents
from newsbot.search.lists import in_force


class HoldError(Exception):
    """A hold that cannot be; the text says why and what to do."""


def understand(query: str, lists: Lists) -> Query:
    """Return a hold's query as parsed; ``lists`` are those that it may name.

    Raises:
        HoldError: when it is no query, or one that means another thing every day.
    """
    try:
        parsed = parse(query, lists)
    except QuerySyntaxError as error:
        raise HoldError(error.explain()) from None
    if relative_age(parsed):
        raise HoldError(
            "a relative age (as in date:>7d) would let go of articles as they grow older; name days "
            "instead, as date:[2026-03-01 TO 2026-03-31]"
        )
    return parsed


@attrs.frozen
class Holds:
    """The holds that are in force, at one moment."""

    all: tuple[Hold, ...]
    _articles: Mapping[str, Hold]
    _sources: Mapping[str, Hold]
    _queries: tuple[tuple[Query, Hold], ...]
    _database: Database

    @classmethod
    def read(cls, database: Database) -> "Holds":
        """Return the holds that are in force now.

        Raises:
            HoldError: when one cannot be understood; nothing may be let go then.
        """
        found = holds.everything(database)
        lists = in_force(termlists.everything(database)).entries
        try:
            queries = tuple((understand(h.what, lists), h) for h in found if h.kind == "query")
        except HoldError as error:
            raise HoldError(f"a hold's query is not understood any more:\n{error}") from None
        return cls(
            tuple(found),
            {hold.what: hold for hold in found if hold.kind == "article"},
            {hold.what: hold for hold in found if hold.kind == "source"},
            queries,
            database,
        )

    @property
    def reads(self) -> bool:
        """Whether an article's text has to be read to tell: some hold is on a query."""
        return bool(self._queries)

    def on_source(self, source: str) -> Hold | None:
        """Return a hold on all of a source."""
        return self.on_sources([source])

    def on_sources(self, sources: Iterable[str]) -> Hold | None:
        """Return a hold on all of one of these sources, or of what they were merged with."""
        if not self._sources:
            return None
        names: Names = Documents.of(self._database).names(*sources)
        for source in sources:
            family = names.family(source)
            for each in family.ids if family else {source}:
                if each in self._sources:
                    return self._sources[each]
        return None

    def on(self, kept: Kept) -> list[Hold]:
        """Return the holds on an article."""
        found = [self._articles.get(kept.article.id), self.on_sources(kept.record.sources)]
        if self._queries:
            document = Documents.of(self._database).document(kept)
            found += [hold for query, hold in self._queries if evaluate(query, document)]
        return [hold for hold in found if hold is not None]

    def held(self, ids: Sequence[str]) -> dict[str, list[Hold]]:
        """Return those of these articles that are held, by id, each with its holds."""
        if not self.all:
            return {}
        found = {}
        for start in range(0, len(ids), pages.AT_ONCE):
            for key, kept in articles.many(
                self._database, ids[start : start + pages.AT_ONCE]
            ).items():
                if on := self.on(kept):
                    found[key] = on
        return found
