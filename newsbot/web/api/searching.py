"""Searching: what a query finds, counted, over time, and how it is understood."""

from typing import Annotated, Any, Literal

import attrs
from fastapi import Query
from pydantic import Field

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.query import shown
from newsbot.query.explain import Explained, explain
from newsbot.search.facets import By, Facets, Of
from newsbot.search.gaps import Gap
from newsbot.search.lists import Lists
from newsbot.search.measured import KeptGaps, MeasuredBar, measured
from newsbot.search.results import Hit, Reader
from newsbot.web.api.articles import Articles, ArticleShort, PassageOf
from newsbot.web.api.frame import Answer, area, now
from newsbot.web.api.paging import AskedOfSearch, Page
from newsbot.web.api.records import answer_of

Query_ = Annotated[
    str,
    Query(
        description="A query, as in the desk's search box.",
        examples=['"harbour opens" OR title:ferry'],
        max_length=20_000,
    ),
]
QueryOrAll = Annotated[
    str,
    Query(
        description='A query; "" is everything.',
        examples=["lang:en harbour"],
        max_length=20_000,
    ),
]
Order = Annotated[
    Literal["newest", "relevance"],
    Query(description="The last stored first, or the most relevant."),
]
ByBar = Annotated[
    Literal["day", "week", "month"] | None,
    Query(description="What a bar stands for; what makes some sixty bars unless given."),
]
OfDay = Annotated[
    Literal["date", "seen"], Query(description="Over the days of publication, or of first storing.")
]


class HitOf(Answer):
    """An article that was found."""

    article: ArticleShort
    passage: PassageOf
    title_marks: list[tuple[int, int]]
    """The ranges of characters of the headline that matched."""
    story: str
    """The story that stands for the one it is of."""
    more: int
    """Of its story, so many other articles were found."""


class Found(Page[HitOf]):
    """A page of what a query finds."""

    query: str = Field(examples=["harbour"])
    total: int
    """All articles that were found."""
    stories: int | None
    """All stories that were found, where these are listed."""
    undated: int
    """Of the articles, those without a known day."""


class ExplainedPart(Answer):
    """A part of a query: in the query language, in words, and the parts it is made of."""

    kind: str = Field(examples=["word"])
    query: str = Field(examples=["harbour"])
    meaning: str = Field(examples=["the word harbour, in title or body"])
    readings: list[list[dict[str, Any]]] = Field(
        examples=[[[{"text": "harbour", "spellings": ["harbour"], "prefix": False}]]]
    )
    """The ways to read a word or a phrase, each a row of terms."""
    parts: list["ExplainedPart"] = Field(examples=[[]])


class Understood(Answer):
    """How a query is understood."""

    query: str = Field(examples=["harbour"])
    understood: str = Field(examples=["harbour"])
    """As it is written out in full."""
    lists: dict[str, int] = Field(examples=[{"navy-ships": 3}])
    """The versions of the lists that it uses."""
    tree: ExplainedPart


@attrs.frozen(kw_only=True)
class Counted:
    """What a query finds over time.

    Each bar has what was collected in its days, and the sources that were not collected as usual; ``absent``
    are sources that were not collected in all this time.
    """

    by: By
    of: Of
    undated: int
    bars: tuple[MeasuredBar, ...]
    absent: tuple[Gap, ...]


class Searches:
    """What one archive has on something."""

    def __init__(
        self, config: Config, database: Database, reader: Reader, articles: Articles
    ) -> None:
        self._slowest = config.poll_slowest
        self._database = database
        self._reader = reader
        self._articles = articles
        self._gaps = KeptGaps()
        self.router = area("search")
        get = self.router.get
        get("/search", name="find")(self.find)
        get("/search/facets", name="facets", response_model=answer_of(Facets))(self.facets)
        told = answer_of(Counted, also=("share",))
        get("/search/timeline", name="timeline", response_model=told)(self.timeline)
        get("/search/explain", name="explain")(self.explain)

    def find(
        self,
        paging: AskedOfSearch,
        q: Query_,
        order: Order = "newest",
        each: Annotated[
            Literal["story", "article"],
            Query(description="Each story once, or each of its articles."),
        ] = "story",
    ) -> Found:
        """List what a query finds."""
        listing = self._reader.stories if each == "story" else self._reader.search
        found = listing(q, order=order, limit=paging.limit, after=paging.cursor)
        short = self._articles.short([hit.kept for hit in found.hits])
        return Found(
            query=q,
            total=found.total,
            stories=found.stories,
            undated=found.undated,
            items=[_hit(hit, one) for hit, one in zip(found.hits, short, strict=True)],
            next=paging.address(found.next) if found.next else None,
        )

    def facets(self, q: QueryOrAll = "", by: ByBar = None, of: OfDay = "date") -> Facets:
        """Count what a query finds, by source, language, section, author and day."""
        return self._reader.facets(q.strip(), by=by, of=of)

    def timeline(self, q: QueryOrAll = "", by: ByBar = None, of: OfDay = "date") -> Counted:
        """Count what a query finds over time, out of how much, with the sources that were missing."""
        query = q.strip()
        told = self._reader.facets(query, by=by, of=of).timeline
        found = measured(
            self._database,
            self._reader,
            query,
            told,
            now=now(),
            slowest=self._slowest,
            kept=self._gaps,
        )
        return Counted(
            by=told.by,
            of=told.of,
            undated=told.undated,
            bars=found.bars,
            absent=found.absent,
        )

    def explain(self, q: Query_) -> Understood:
        """Tell how a query is understood, part by part; one that is none is told where and why."""
        lists = Lists.of(self._database).now()
        tree = lists.understood(q)
        return Understood(
            query=q,
            understood=shown(tree),
            lists=lists.versions(tree),
            tree=_part(explain(tree, now=now())),
        )


def _part(explained: Explained) -> ExplainedPart:
    return ExplainedPart(
        kind=explained.kind,
        query=explained.query,
        meaning=explained.meaning,
        readings=[
            [
                {"text": term.text, "spellings": list(term.spellings), "prefix": term.prefix}
                for term in reading
            ]
            for reading in explained.readings
        ],
        parts=[_part(each) for each in explained.parts],
    )


def _hit(hit: Hit, article: ArticleShort) -> HitOf:
    return HitOf(
        article=article,
        passage=PassageOf.model_validate(hit.passage),
        title_marks=list(hit.title_marks),
        story=hit.story,
        more=hit.more,
    )
