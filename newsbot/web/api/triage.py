"""Triage: stories by how they stand with a reader and the desk, and what is done about them."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path, Query, Request
from pydantic import Field

from newsbot.alerts.usefulness import Share, Usefulnesses
from newsbot.archive import articles, reader_marks, rules, stories, triage
from newsbot.archive.connection import Database
from newsbot.archive.desk_marks import State
from newsbot.archive.triage import Done, ForTheDesk, Own
from newsbot.edits.version import Kind
from newsbot.search.desk import Desk, Show, Told, Wanted
from newsbot.search.results import Reader
from newsbot.web.access import visitor
from newsbot.web.api.alerts import AlertId, existing
from newsbot.web.api.frame import Answer, Moment, Wish, area
from newsbot.web.api.paging import AskedOfSearch, Page
from newsbot.web.api.problems import not_found

StoryId = Annotated[
    str,
    Path(description="A story's id.", examples=["5f0c2f9d1f6c6d0a4b1e7c55"], max_length=200),
]


class StandingOf(Answer):
    """How a story stands with whoever asks, and with the desk."""

    story: str = Field(examples=["5f0c2f9d1f6c6d0a4b1e7c55"])
    """The id that stands for the story: those that it was found to be one with lead here."""
    read: bool
    back: list[Kind] = Field(examples=[["correction"]])
    """What brought it back after it was read."""
    back_at: Moment | None
    starred: bool
    desk: State = Field(examples=["taken"])
    """What the desk has made of it."""
    by: str = Field(examples=["ada"])
    """Who has taken or decided it; "" where nobody has."""
    at: Moment | None
    """When that was."""
    version: int
    """Grows with each decision."""


class StoryStanding(StandingOf):
    """A story in a list."""

    article: str
    """Its newest article that was found."""
    title: str = Field(examples=["The harbour opens"])
    language: str = Field(examples=["en"])
    url: str = Field(examples=["https://harbour.example/a"])
    source: str = Field(examples=["harbour-news"])
    first_seen: Moment
    """When that article was stored."""
    more: int
    """How many others of its articles were found."""


class StoryPage(Page[StoryStanding]):
    """A page of stories."""

    back: list[StoryStanding]
    """On the first page of what is new: those that were brought back, or marked as unread."""


class MarkWish(Wish):
    """What to mark which stories as, for yourself."""

    what: Own = Field(examples=["read"])
    stories: list[str] = Field(
        min_length=1, max_length=triage.MOST_AT_ONCE, examples=[["5f0c2f9d1f6c6d0a4b1e7c55"]]
    )
    """Ids of stories, by any that they go by."""


class DecisionWish(Wish):
    """What to decide of which stories, for the desk."""

    what: ForTheDesk = Field(examples=["take"])
    stories: list[str] = Field(
        min_length=1, max_length=triage.MOST_AT_ONCE, examples=[["5f0c2f9d1f6c6d0a4b1e7c55"]]
    )
    versions: dict[str, int] = Field(default={}, max_length=triage.MOST_AT_ONCE)
    """The versions on which the decisions rest: where another was made since, nothing is changed."""


class ReadToWish(Wish):
    """Up to which article everything is read."""

    article: str = Field(examples=["5f0c2f9d1f6c6d0a4b1e7c55"], max_length=200)


class UndoWish(Wish):
    """Nothing has to be said."""


class Outcome(Answer):
    """What became of it."""

    items: list[StandingOf]
    """How these stories stand now."""
    taken: list[str]
    """Those of them that were not changed: somebody else has them, or has decided otherwise since."""
    unknown: list[str]
    """Ids of stories that there are not."""


class ShareOf(Answer):
    """How many stories that an alert told were of use, out of those that the desk has decided."""

    alert: str = Field(examples=["5f0c2f9d1f6c6d0a4b1e7c55"])
    name: str = Field(examples=["harbour"])
    useful: int = Field(examples=[12])
    """Those that were taken, or are done."""
    useless: int = Field(examples=[4])
    """Those that were marked as not relevant."""
    share: float | None = Field(examples=[0.75])
    """The part that was of use; null where nothing was decided."""


class ShareList(Answer):
    """All alerts with their shares."""

    items: list[ShareOf]


class ExclusionOf(Answer):
    """What could be written behind an alert's query."""

    clause: str = Field(examples=["-football"])
    query: str = Field(examples=["harbour -football"])
    """The query with it."""
    keeps_out: int = Field(examples=[4])
    """Stories that were not relevant and would have been kept out."""
    loses: int = Field(examples=[0])
    """Useful ones that would have been lost."""


class UsefulnessOf(ShareOf):
    """An alert's share, and what would have kept out what was not relevant."""

    looked_at: int = Field(examples=[16])
    """The stories by which the exclusions were found: the newest that were decided."""
    exclusions: list[ExclusionOf]


def _share(alert: str, name: str, share: Share) -> ShareOf:
    return ShareOf(
        alert=alert, name=name, useful=share.useful, useless=share.useless, share=share.share
    )


class Triage:
    """The stories of one archive, for triage."""

    def __init__(self, database: Database, reader: Reader) -> None:
        self._database = database
        self._reader = reader
        self._use = Usefulnesses(database)
        self.router = area("triage")
        self.router.get("/triage", name="list")(self.listed)
        self.router.get("/triage/stories/{story}", name="get")(self.standing)
        self.router.get("/triage/alerts", name="shares")(self.shares)
        self.router.get("/triage/alerts/{alert}", name="usefulness")(self.usefulness)
        self.router.post("/triage/marks", name="mark")(self.mark)
        self.router.post("/triage/decisions", name="decide")(self.decide)
        self.router.post("/triage/read-to", name="read_to")(self.read_to)
        self.router.post("/triage/undo", name="undo")(self.undo)

    def listed(
        self,
        request: Request,
        paging: AskedOfSearch,
        show: Annotated[
            Show, Query(description="Which stories; `mine` are those you took.")
        ] = "new",
        q: Annotated[str, Query(description="A query that they meet.", examples=["harbour"])] = "",
        alert: Annotated[str, Query(description="The id of an alert that they met.")] = "",
    ) -> StoryPage:
        """List stories by how they stand with you and with the desk."""
        if alert and rules.find(self._database, alert) is None:
            raise not_found("alert", alert, listed="/api/v1/alerts")
        desk = self._desk(request)
        wanted = Wanted(show=show, query=q.strip(), alert=alert)
        found = desk.listed(wanted, limit=paging.limit, after=paging.cursor)
        return StoryPage(
            items=[_story(each) for each in found.told],
            back=[_story(each) for each in found.back],
            next=paging.address(found.next) if found.next else None,
        )

    def standing(self, request: Request, story: StoryId) -> StandingOf:
        """Get how a story stands with you and with the desk."""
        head = stories.heads(self._database, [story])[story]
        found = self._standings(request, [head])
        if not found:
            raise not_found("story", story, listed="/api/v1/triage?show=all")
        return found[0]

    def shares(self) -> ShareList:
        """List how much of what each alert told was of use, by what the desk has decided."""
        found = self._use.shares(now=datetime.now(UTC))
        return ShareList(
            items=[
                _share(rule.id, rule.name, found.get(rule.id, Share(useful=0, useless=0)))
                for rule in rules.everything(self._database)
            ]
        )

    def usefulness(self, alert: AlertId) -> UsefulnessOf:
        """Get how much of what an alert told was of use, and what would have kept the rest out."""
        rule = existing(self._database, alert)
        found = self._use.of(rule, now=datetime.now(UTC))
        return UsefulnessOf(
            **_share(rule.id, rule.name, found.share).__dict__,
            looked_at=found.looked_at,
            exclusions=[ExclusionOf.model_validate(each) for each in found.exclusions],
        )

    def mark(self, request: Request, wish: MarkWish) -> Outcome:
        """Mark stories as read, unread, starred or not, for yourself."""
        name = visitor(request).name
        done = triage.own(self._database, name, wish.what, wish.stories, now=datetime.now(UTC))
        return self._outcome(request, done)

    def decide(self, request: Request, wish: DecisionWish) -> Outcome:
        """Take stories, give them back (`open`), or say that they are done or not relevant.

        Of a story that somebody else has taken nothing is changed by taking it; `taken` names it, and `items`
        say who has it.
        """
        done = triage.for_the_desk(
            self._database,
            visitor(request).name,
            wish.what,
            wish.stories,
            now=datetime.now(UTC),
            versions=wish.versions,
        )
        return self._outcome(request, done)

    def read_to(self, request: Request, wish: ReadToWish) -> Outcome:
        """Mark everything that was first seen until an article was as read."""
        kept = articles.get(self._database, wish.article)
        if kept is None:
            raise not_found("article", wish.article, listed="/api/v1/search")
        name = visitor(request).name
        triage.read_to(self._database, name, kept.record.first_seen, now=datetime.now(UTC))
        return Outcome(items=[], taken=[], unknown=[])

    def undo(self, request: Request, wish: UndoWish) -> Outcome:
        """Take back the last thing that you did, but not what somebody else has decided since."""
        del wish
        done = triage.undo(self._database, visitor(request).name, now=datetime.now(UTC))
        return self._outcome(request, done or Done(stories=()))

    def _desk(self, request: Request) -> Desk:
        person = reader_marks.reader(self._database, visitor(request).name)
        return Desk(self._database, self._reader, person)

    def _standings(self, request: Request, heads: list[str]) -> list[StandingOf]:
        person = reader_marks.reader(self._database, visitor(request).name)
        seen = triage.first_seen_of(self._database, heads)
        told = triage.standing(self._database, person, seen)
        return [StandingOf.model_validate(each) for each in told.values()]

    def _outcome(self, request: Request, done: Done) -> Outcome:
        return Outcome(
            items=self._standings(request, [*done.stories, *done.taken]),
            taken=list(done.taken),
            unknown=list(done.unknown),
        )


def _story(told: Told) -> StoryStanding:
    kept = told.hit.kept
    return StoryStanding(
        **StandingOf.model_validate(told.standing).__dict__,
        article=kept.article.id,
        title=kept.article.title,
        language=kept.article.language,
        url=kept.article.url,
        source=told.hit.source,
        first_seen=kept.record.first_seen,
        more=told.hit.more,
    )
