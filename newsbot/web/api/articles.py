"""Articles: as they read now, what they said before, their copies, what they met, their pages as they came."""

from datetime import date
from typing import Annotated, Literal

from fastapi import Path, Query
from fastapi.responses import PlainTextResponse
from pydantic import Field

from newsbot.archive import articles, matches, revisions, rules, sources
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.archive.revisions import Revision
from newsbot.config import Config
from newsbot.edits.version import Kind
from newsbot.fetching.raw_files import RawNotKeptError
from newsbot.fetching.raw_page import markup
from newsbot.web.api.frame import Answer, Moment, area
from newsbot.web.api.problems import ProblemError, not_found

# Articles that are answered with at once.
MOST = 100

ArticleId = Annotated[
    str,
    Path(
        description="The article's id: 24 hexadecimal digits.",
        examples=["5f0c2f9d1f6c6d0a4b1e7c55"],
        max_length=200,
    ),
]
Number = Annotated[int, Path(ge=1, le=1_000_000, description="The revision's number, from 1.")]


class Stated(Answer):
    """A date as its publisher stated it."""

    day: date
    """The calendar day in the publisher's own time zone."""
    instant: Moment | None
    """The moment, where a time of day was stated."""
    source: str
    """Where on the page it was read."""
    doubt: str
    """Why it is not believed; "" where it is."""


class ImageOf(Answer):
    """A picture of an article."""

    url: str
    caption: str


class SourceName(Answer):
    """A source, as articles name it."""

    id: str
    name: str = Field(examples=["harbour-news"])


class ArticleShort(Answer):
    """An article in a list."""

    id: str = Field(examples=["5f0c2f9d1f6c6d0a4b1e7c55"])
    url: str = Field(examples=["https://harbour.example/a"])
    title: str = Field(examples=["The harbour opens"])
    sources: list[SourceName]
    published: Stated | None
    language: str = Field(examples=["en"])
    """A BCP 47 tag, "" where it is not known."""
    story: str
    """The story that it tells, shared with its copies."""
    first_seen: Moment
    """When it was stored first."""
    changed_at: Moment
    """When its last revision was found."""
    revision: int
    partial: str
    """Why its text is only what a feed carried; "" where its page was read."""
    deleted_at: Moment | None
    """When it was found to be taken down by its publisher."""


class Article(ArticleShort):
    """An article as it reads now."""

    source: str
    """The id of the source that it was read of."""
    run: str
    """The run that found it."""
    kinds: list[Kind]
    """The kinds of change that led to this revision."""
    body: str = Field(examples=["The harbour opened at dawn after nine days."])
    """Its text, a paragraph a line, publishers' disguises undone."""
    title_as_published: str | None
    """The headline as the publisher wrote it, where that differs."""
    body_as_published: str | None
    """The text as the publisher wrote it, where that differs."""
    authors: list[str]
    modified: Stated | None
    publisher: str
    section: str
    tags: list[str]
    description: str
    images: list[ImageOf]
    free: bool | None
    """False where the publisher says that it is for subscribers; null where nothing is said."""
    found_by: str
    fetched_url: str
    fetched_at: Moment
    also_at: list[str]
    """Further addresses of the same text at the same source."""
    copy_of: str
    """The article that its story began with, where this is a copy of it; "" else."""
    distance: float | None
    """How much of a copy's text and the first one's is not in both, from 0 to 1."""
    text_expired_at: Moment | None
    """When its text was removed because its time was over."""
    has_raw: bool
    """Whether its page is kept as it came; see `/raw`."""


class ArticleList(Answer):
    """Articles that were asked for by their ids, in that order; those that there are."""

    items: list[Article]


class RevisionOf(Answer):
    """What an article said from one edit to the next."""

    id: str
    number: int = Field(examples=[1])
    kinds: list[Kind]
    """The kinds of change that led to it; none of the first."""
    seen_from: Moment
    seen_until: Moment | None
    """When the next was found; null of what it says now."""
    title: str
    body: str
    title_as_published: str | None
    body_as_published: str | None
    authors: list[str]
    published: Stated | None
    modified: Stated | None


class Revisions(Answer):
    """All that an article has said, oldest first; the last is what it says now."""

    article: str
    items: list[RevisionOf]


class PieceOf(Answer):
    """A run of text that both have, or that was removed or added."""

    change: Literal["same", "removed", "added"]
    text: str


class Difference(Answer):
    """What changed from one revision to another, word by word, as published."""

    article: str
    low: int = Field(examples=[1])
    high: int = Field(examples=[2])
    changes: dict[str, list[PieceOf]] = Field(
        examples=[{"headline": [{"change": "removed", "text": "opens"}]}]
    )
    """By headline, by, published, text; what did not change is left out."""


class StoryArticle(ArticleShort):
    """An article of a story."""

    copy_of: str
    distance: float | None


class StoryOf(Answer):
    """The articles that tell a story, fifty at most, the first seen first."""

    story: str
    items: list[StoryArticle]


class PassageOf(Answer):
    """The sentence that matched: its text, and the ranges of characters that did."""

    text: str
    marks: list[tuple[int, int]]
    published: str
    """The sentence as the publisher wrote it, where that differs."""
    published_marks: list[tuple[int, int]]


class MatchOf(Answer):
    """An article that met an alert."""

    id: str
    alert: str
    """The alert's id."""
    alert_name: str
    """Its name; "" where it was removed."""
    article: str
    story: str
    told_as: str
    """The story that its messages tell, where that is another."""
    revision: int
    matched_at: Moment
    passage: PassageOf
    clause: str
    """The part of the query that was met."""
    held: str
    """Why nobody was told; "" where they were."""
    released: str
    channels: list[str] | None
    """Who was told; null of a match from before that was kept."""
    lists: dict[str, int]
    """The versions of the lists that the query used."""
    version: int
    """The version of the alert that it met."""


class ArticleMatches(Answer):
    """The alerts that an article met."""

    items: list[MatchOf]


def as_match(match: matches.Match, name: str) -> MatchOf:
    """Return a match as it is answered; ``name`` is its alert's."""
    return MatchOf.model_validate(
        {
            **{
                field: getattr(match, field)
                for field in MatchOf.model_fields
                if field != "alert_name"
            },
            "alert_name": name,
        }
    )


class Articles:
    """The articles of one archive."""

    def __init__(self, config: Config, database: Database) -> None:
        self._config = config
        self._database = database
        self.router = area("articles")
        get = self.router.get
        get("/articles", name="several")(self.several)
        get("/articles/{article}", name="get")(self.article)
        get("/articles/{article}/revisions", name="revisions")(self.revisions)
        get("/articles/{article}/revisions/{number}", name="revision")(self.revision)
        get("/articles/{article}/differences/{low}/{high}", name="difference")(self.difference)
        get("/articles/{article}/story", name="story")(self.story)
        get("/articles/{article}/matches", name="matches")(self.matches)
        get(
            "/articles/{article}/raw",
            name="raw",
            response_class=PlainTextResponse,
            responses={
                200: {"content": {"text/plain": {"example": "<!DOCTYPE html>…"}}},
                410: {"description": "It is no longer kept."},
            },
        )(self.raw)

    def article(self, article: ArticleId) -> Article:
        """Get an article as it reads now."""
        return self.full([self._existing(article)])[0]

    def several(
        self,
        id: Annotated[  # noqa: A002 - the parameter's name for whoever asks
            list[Annotated[str, Field(max_length=200)]],
            Query(
                description="Ids of articles, a hundred at most.",
                min_length=1,
                max_length=MOST,
                examples=[["5f0c2f9d1f6c6d0a4b1e7c55"]],
            ),
        ],
    ) -> ArticleList:
        """Get several articles by their ids; what there is not is left out."""
        there = articles.many(self._database, list(dict.fromkeys(id)))
        return ArticleList(
            items=self.full([there[each] for each in dict.fromkeys(id) if each in there])
        )

    def revisions(self, article: ArticleId) -> Revisions:
        """List all that an article has said."""
        told = revisions.versions(self._database, self._existing(article))
        return Revisions(article=article, items=[RevisionOf.model_validate(each) for each in told])

    def revision(self, article: ArticleId, number: Number) -> RevisionOf:
        """Get one revision of an article."""
        return RevisionOf.model_validate(self._numbered(article, number)[0])

    def difference(self, article: ArticleId, low: Number, high: Number) -> Difference:
        """Compare two revisions of an article, word by word."""
        before, after = self._numbered(article, low, high)
        changes = {
            label: [PieceOf.model_validate(each) for each in pieces]
            for label, pieces in revisions.changes(before, after).items()
        }
        return Difference(article=article, low=low, high=high, changes=changes)

    def story(self, article: ArticleId) -> StoryOf:
        """List the articles that tell the story of this one: it, and its copies."""
        kept = self._existing(article)
        told = articles.of_story(self._database, kept.record.story)
        return StoryOf(
            story=kept.record.story,
            items=[
                StoryArticle(
                    **short.__dict__, copy_of=each.record.copy_of, distance=each.record.distance
                )
                for each, short in zip(told, self.short(told), strict=True)
            ],
        )

    def matches(self, article: ArticleId) -> ArticleMatches:
        """List the alerts that an article met."""
        self._existing(article)
        found = matches.of_articles(self._database, [article])
        known = rules.many(self._database, {match.alert for match in found})
        names = {rule: each.name for rule, each in known.items()}
        return ArticleMatches(items=[as_match(each, names.get(each.alert, "")) for each in found])

    def raw(self, article: ArticleId) -> PlainTextResponse:
        """Get an article's page as it came, as text, so that nothing of it runs anywhere."""
        place = self._existing(article).article.raw
        if place is None:
            raise ProblemError("not-found", "The page of this article was not kept as it came.")
        try:
            return PlainTextResponse(markup(self._config.data_dir, place))
        except RawNotKeptError as error:
            raise ProblemError("gone", str(error)) from None

    # As they are answered

    def short(self, found: list[Kept]) -> list[ArticleShort]:
        """Return articles as lists have them."""
        names = self._names(found)
        return [ArticleShort.model_validate(_values(each, names)) for each in found]

    def full(self, found: list[Kept]) -> list[Article]:
        """Return articles with all that is known of them."""
        names = self._names(found)
        return [Article.model_validate(_values(each, names)) for each in found]

    def _names(self, found: list[Kept]) -> dict[str, str]:
        return dict(
            sources.names(self._database, {of for each in found for of in each.record.sources})
        )

    def _existing(self, article: str) -> Kept:
        kept = articles.get(self._database, article)
        if kept is None:
            raise not_found("article", article, listed="/api/v1/search")
        return kept

    def _numbered(self, article: str, *numbers: int) -> list[Revision]:
        told = {
            each.number: each
            for each in revisions.versions(self._database, self._existing(article))
        }
        for number in numbers:
            if number not in told:
                there = "revision 1" if len(told) == 1 else f"revisions 1 to {max(told)}"
                raise ProblemError(
                    "not-found", f"There is no revision {number}: the article has {there}."
                )
        return [told[number] for number in numbers]


def _values(kept: Kept, names: dict[str, str]) -> dict[str, object]:
    """Return an article's values by the names of the fields above."""
    article, record = kept.article, kept.record
    said = {
        field: getattr(record if hasattr(record, field) else article, field)
        for field in Article.model_fields
        if field not in ("sources", "has_raw")
    }
    return {
        **said,
        "sources": [{"id": each, "name": names.get(each, "")} for each in record.sources],
        "has_raw": article.raw is not None,
    }
