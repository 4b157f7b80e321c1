"""Answers: what a query finds, with passages, in order, counted exactly."""

import threading
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import attrs
import tantivy

from newsbot.archive import articles, stories
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.archive.matches import Passage
from newsbot.config import Config
from newsbot.query import Lists as Entries
from newsbot.query import Query, QuerySyntaxError, evaluate, parse
from newsbot.query.tree import words_in
from newsbot.search.asking import all_of, counted, how_many, ids_of, within
from newsbot.search.cursors import Cursor, asked
from newsbot.search.documents import Documents
from newsbot.search.facets import FIELDS, By, Counting, Facet, Facets, Of, Timeline
from newsbot.search.index import Generation, current
from newsbot.search.index import schema as empty_schema
from newsbot.search.linked import Linked
from newsbot.search.listing import Item, Listing
from newsbot.search.lists import Lists
from newsbot.search.lower import lower
from newsbot.search.passages import Passages
from newsbot.search.selection import Selection

Order = Literal["relevance", "newest"]

# Candidates that the evaluator has to decide are read from the archive so many at a time, for an answer
# that somebody waits for so many at most: to analyse one takes some 2.5 ms, and to look for so many
# words in it as long again.
READ, MOST_READ, WORDS = 50, 250, 80
# The index is looked at anew when it was last seen longer ago (seconds).
REFRESH = 0.2


@attrs.frozen(kw_only=True)
class Hit:
    """One article found: ``source`` is the name of its source, ``passage`` what matched.

    ``story`` is the story that stands for the one it is of; in a list of stories, ``more`` counts the
    other articles of it that were found.
    """

    kept: Kept
    source: str
    story: str
    passage: Passage
    title_marks: tuple[tuple[int, int], ...] = ()
    more: int = 0


@attrs.frozen(kw_only=True)
class Results:
    """What a query found: a page of ``hits``.

    ``total`` counts all articles found, ``undated`` those without a known day; ``stories`` the stories,
    where they are listed, else it is None. ``next`` asks for the page behind this one; "" where there is
    none. On later pages, what was stored since the first is neither listed nor counted.
    """

    query: str
    total: int
    hits: tuple[Hit, ...]
    undated: int = 0
    stories: int | None = None
    next: str = ""


@attrs.frozen
class _There:
    """What a query finds in one state of the index."""

    searcher: tantivy.Searcher
    schema: tantivy.Schema
    query: tantivy.Query

    def listing(self, database: Database) -> Listing:
        """Return what lists it."""
        return Listing(database, self.searcher, self.schema, self.query)


class Reader:
    """Searches the archive. Safe for threads; sees what the index has committed."""

    def __init__(self, config: Config, database: Database) -> None:
        self._root = config.index_dir
        self._database = database
        self._documents = Documents.of(database)
        self._passages = Passages(self._documents)
        self._lists = Lists.of(database)
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._index: tantivy.Index | None = None
        self._linked: Linked | None = None
        self._looked = float("-inf")

    def count(self) -> int:
        """Return how many articles the index has."""
        searcher = self._searcher()
        return searcher.num_docs if searcher else 0

    def total(self, query: str) -> int:
        """Return how many articles a query finds.

        Raises:
            QuerySyntaxError: as by ``search``.
        """
        there = self._there(self._lists.now().understood(query), datetime.now(UTC), query)
        return how_many(there.searcher, there.query) if there else 0

    def search(
        self,
        query: str,
        *,
        order: Order = "newest",
        limit: int = 20,
        after: str = "",
        passages: bool = True,
    ) -> Results:
        """Return a page of the articles that a query finds.

        ``order`` "newest" is by first storing, latest first, "relevance" by words and age (see
        :func:`newsbot.search.ranking.weighed`). ``after`` is the ``next`` of the page before. Pages hold:
        whatever is stored, edited or removed meanwhile, nothing is listed twice or left out. By relevance
        the first 10,000 are listed. Without ``passages`` what matched is not looked for.

        Raises:
            QuerySyntaxError: when it is no query, or one that takes too long to decide.
            PageError: when ``after`` is no page of this search, or of one that is no longer kept.
        """
        return self._list(query, order, limit, after, whole=False, passages=passages)[0]

    def stories(
        self, query: str, *, order: Order = "newest", limit: int = 20, after: str = ""
    ) -> Results:
        """Return a page of the stories that a query finds, each by its first article in this order.

        A hit's ``more`` counts the other articles of its story that are found. Otherwise as ``search``.

        Raises:
            QuerySyntaxError: as by ``search``.
            PageError: as by ``search``.
        """
        return self._list(query, order, limit, after, whole=True)[0]

    def counted(
        self,
        query: str,
        *,
        order: Order = "newest",
        limit: int = 20,
        after: str = "",
        by: By | None = None,
        of: Of = "date",
        whole: bool = True,
    ) -> tuple[Results, Facets]:
        """Return a page of ``stories``, or of articles (not ``whole``), and the ``facets`` of what it counts.

        What the query finds is decided once for both; a later page's facets, too, are of what was there when
        the first was asked.

        Raises:
            QuerySyntaxError: as by ``search``.
            PageError: as by ``search``.
        """
        found, there = self._list(query, order, limit, after, whole=whole)
        return found, self._facets(query, there, by, of)

    def _list(
        self,
        query: str,
        order: Order,
        limit: int,
        after: str,
        *,
        whole: bool,
        passages: bool = True,
    ) -> tuple[Results, _There | None]:
        tree = self._lists.now().understood(query)
        of = asked(query, order, "stories" if whole else "articles")
        start = Cursor.read(after, of=of) if after else Cursor(of=of, at=datetime.now(UTC))
        now = self._there(tree, start.at, query)
        if now is None:
            return Results(query=query, total=0, hits=(), stories=0 if whole else None), None
        listing = now.listing(self._database)
        there = now
        if after:  # what was there when the first page was asked
            until = within(now.schema, "place", 0, start.top)
            there = attrs.evolve(now, query=all_of((now.query, until)))
        total, dated, top = counted(there.searcher, there.query)
        if not after:
            start = attrs.evolve(start, top=top)
        if order == "relevance":
            ranked = listing.ranked_stories if whole else listing.ranked
            page = ranked(self._root / "orders", start, limit)
        else:
            page = (listing.newest_stories if whole else listing.newest)(start, limit)
        stories = None
        if whole:
            stories = there.listing(self._database).count_stories(total, self._links())
        found = Results(
            query=query,
            total=total,
            undated=total - dated,
            stories=stories,
            hits=self._hits(page.items, tree if passages else None),
            next=page.next.token() if page.next else "",
        )
        return found, there

    def newest_ids(self, query: str, limit: int) -> list[str]:
        """Return the ids of the articles that were stored last of those that a query finds.

        Raises:
            QuerySyntaxError: as by ``search``.
        """
        there = self._there(self._lists.now().understood(query), datetime.now(UTC), query)
        return ids_of(there.searcher, there.query, limit) if there else []

    def facets(self, query: str = "", *, by: By | None = None, of: Of = "date") -> Facets:
        """Return what a query finds, counted by its fields and over time; "" counts everything.

        ``by`` is what a bar of the timeline stands for, None what fits; ``of`` is the day that counts.

        Raises:
            QuerySyntaxError: when it is no query, or one that takes too long to decide.
        """
        tree = self._lists.now().understood(query) if query else None
        return self._facets(query, self._there(tree, datetime.now(UTC), query), by, of)

    def _facets(self, query: str, there: _There | None, by: By | None, of: Of) -> Facets:
        if there is None:
            none = Timeline(by=by or "day", of=of, bars=(), undated=0)
            empty = tuple(Facet(field=each, values=(), others=0, without=0) for each in FIELDS)
            return Facets(query=query, total=0, undated=0, facets=empty, timeline=none)
        names = self._documents.names()
        counting = Counting(there.searcher, there.schema, there.query, names)
        found = counting.facets()
        return Facets(
            query=query,
            total=counting.total,
            undated=found[FIELDS.index("day")].without,
            facets=found,
            timeline=counting.timeline(by, of),
        )

    def select(self, query: str, *, now: datetime, lists: Entries | None = None) -> Selection:
        """Return all that a query finds, "" finding everything, as of this moment.

        ``now`` is what relative ages are counted from; ``lists`` are others than those in force now.

        Raises:
            QuerySyntaxError: when it is no query.
        """
        tree = None
        if query:
            tree = self._lists.now().understood(query) if lists is None else parse(query, lists)
        (found,) = self._selections([(tree, None)], now)
        return found

    def beside(self, queries: Sequence[str], *, now: datetime) -> tuple[Selection, ...]:
        """Return what each query finds and, last, everything, all of one state of the index.

        Raises:
            QuerySyntaxError: when one is no query, or takes too long to decide.
        """
        known = self._lists.now()
        return self._selections(
            [*((known.understood(each), each) for each in queries), (None, None)], now
        )

    def of_trees(
        self, trees: Sequence[Query | None], *, now: datetime, query: str
    ) -> tuple[Selection, ...]:
        """Return what queries as parsed find, all of one state of the index; None finds everything.

        ``query`` is what was typed, for whoever waits for it.

        Raises:
            QuerySyntaxError: when one takes too long to decide.
        """
        return self._selections([(tree, query) for tree in trees], now)

    def standing(self, found: Iterable[int]) -> dict[int, int]:
        """Return, for those of these stories that are linked, what stands for each; by their numbers."""
        if self._searcher() is None:
            return {}
        links = self._links()
        links.refresh()
        return links.standing(found)

    def _selections(
        self, wanted: Sequence[tuple[Query | None, str | None]], now: datetime
    ) -> tuple[Selection, ...]:
        """Return what trees find, each with its query where somebody waits; None finds everything."""
        folder = current(self._root)
        followed = Generation(folder).followed() if folder else None
        searcher = self._searcher()
        if searcher is None or self._index is None:
            none = Selection(None, empty_schema(), tantivy.Query.empty_query(), None)
            return (none,) * len(wanted)
        schema = self._index.schema
        return tuple(
            Selection(searcher, schema, self._meant(searcher, tree, now, query=query), followed)
            for tree, query in wanted
        )

    def newest(self, limit: int = 50) -> Results:
        """Return the stories of what was stored last, each by its newest article, as ``told`` does."""
        return self.told(limit=limit)

    def told(
        self, query: str = "", *, of: Iterable[str] = (), limit: int = 50, after: str = ""
    ) -> Results:
        """Return a page of the stories that a query finds ("" finds all), newest first, without counting them.

        ``of`` are ids of stories among which it looks, none for all. ``total`` is of all articles.

        Raises:
            QuerySyntaxError, PageError: as by ``search``.
        """
        tree = self._lists.now().understood(query) if query else None
        which = asked(query, "newest", "told")
        start = Cursor.read(after, of=which) if after else Cursor(of=which, at=datetime.now(UTC))
        there = self._there(tree, start.at, query)
        if there is None:
            return Results(query=query, total=0, hits=())
        if among := sorted(of):
            some = tantivy.Query.term_set_query(there.schema, "by_story", among)
            there = attrs.evolve(there, query=all_of((there.query, some)))
        page = there.listing(self._database).newest_stories(start, limit)
        return Results(
            query=query,
            total=there.searcher.num_docs,
            hits=self._hits(page.items, tree),
            next=page.next.token() if page.next else "",
        )

    # The index

    def _searcher(self) -> tantivy.Searcher | None:
        with self._lock:
            if time.monotonic() - self._looked > REFRESH:
                folder = current(self._root)
                if folder is None:
                    return None
                if folder != self._folder:
                    self._index = Generation(folder).index
                    self._folder = folder
                    self._linked = None
                elif self._index is not None:
                    self._index.reload()
                self._looked = time.monotonic()
            return self._index.searcher() if self._index else None

    def _links(self) -> Linked:
        with self._lock:
            assert self._folder is not None
            if self._linked is None:
                self._linked = Linked(self._database, self._folder)
            return self._linked

    # From a query to what it means

    def _there(self, tree: Query | None, now: datetime, query: str) -> _There | None:
        """Return what a query finds that somebody waits for; None where there is no index yet."""
        searcher = self._searcher()
        if searcher is None or self._index is None:
            return None
        meant = self._meant(searcher, tree, now, query=query)
        return _There(searcher, self._index.schema, meant)

    def _meant(
        self,
        searcher: tantivy.Searcher,
        tree: Query | None,
        now: datetime,
        *,
        query: str | None = None,
    ) -> tantivy.Query:
        """Return what Tantivy finds the very articles by that a query means; None means everything.

        Where somebody waits for it, ``query`` is as it was typed.
        """
        if tree is None:
            return tantivy.Query.all_query()
        index = self._index
        assert index is not None
        plan = lower(tree, searcher, index.schema, now, self._documents.names())
        if plan.exact:
            return plan.query
        candidates = how_many(searcher, plan.query)
        most = MOST_READ * WORDS // (WORDS + words_in(tree))
        if query is not None and candidates > most:
            raise QuerySyntaxError(
                query,
                0,
                f"{candidates:,} articles have these words and would have to be read for how they stand "
                f"there (at most {most} of this query are); ask for fewer words within a distance, or add others",
            )
        ids = ids_of(searcher, plan.query, candidates) if candidates else []
        decided = self._decide(ids, tree, now)
        return tantivy.Query.term_set_query(index.schema, "id", decided)

    def _decide(self, ids: list[str], tree: Query, now: datetime) -> list[str]:
        """Have the evaluator decide the candidates that the index cannot."""
        decided = []
        for start in range(0, len(ids), READ):
            some = articles.many(self._database, ids[start : start + READ])
            decided += [
                key
                for key, kept in some.items()
                if evaluate(tree, self._documents.document(kept), now=now)
            ]
        return decided

    # From ids to answers

    def _hits(self, items: Iterable[Item], tree: Query | None) -> tuple[Hit, ...]:
        listed = list(items)
        stored = articles.many(self._database, [each.id for each in listed])
        heads = stories.heads(self._database, (kept.record.story for kept in stored.values()))
        return tuple(
            self._hit(kept, heads[kept.record.story], tree, each.more)
            for each in listed
            if (kept := stored.get(each.id))
        )

    def _hit(self, kept: Kept, story: str, tree: Query | None, more: int) -> Hit:
        name = self._documents.source_name(kept.article.source)
        if tree is None:
            text = kept.article.description or kept.article.body.partition("\n")[0]
            told = Passage(text=text[:300])
            return Hit(kept=kept, source=name, story=story, passage=told, more=more)
        found, marks = self._passages.of(tree, kept)
        return Hit(kept=kept, source=name, story=story, passage=found, title_marks=marks, more=more)
