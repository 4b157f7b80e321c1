"""Trying before anything is changed: a site by its homepage, and overrides on one of a source's pages."""

from typing import Annotated, Literal

from fastapi import Path, Request
from fastapi.responses import Response
from pydantic import Field

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.web.access import visitor
from newsbot.web.apart import Apart
from newsbot.web.api.frame import PREFIX, Answer, Wish, area
from newsbot.web.api.problems import ProblemError, not_found, sentence
from newsbot.web.api.records import answer_of
from newsbot.web.api.sources import OverridesWish, SourceId, existing, overrides_of
from newsbot.web.overriding import PATIENCE, Tried, TryError, try_on
from newsbot.web.source_adding import BusyError, Look, Looks


class TrialWish(Wish):
    """A site to look at."""

    homepage: str = Field(min_length=1, max_length=2_000, examples=["https://harbour.example/"])


class FoundWay(Answer):
    """What leads to a site's articles."""

    url: str = Field(examples=["https://harbour.example/feed"])
    kind: Literal["feed", "sitemap", "page"]
    announced: bool
    """Whether the site names it."""
    entries: int | None
    """How many articles it names; null where it was not read."""
    newest: str | None = Field(examples=["2026-03-01"])
    """The day of the newest of them, where they tell days."""
    validators: list[str]
    """The headers by which it can be asked for again at no cost."""


class Robots(Answer):
    """What a site's robots.txt says."""

    homepage_closed: bool
    crawl_delay: float
    """Seconds between two requests that it asks for; 0 for none."""


class SurveyFound(Answer):
    """What leads to a site's articles."""

    homepage: str
    title: str
    entry_points: list[FoundWay]
    refused: list[str]
    """What was tried in vain, and why."""
    article_links: int
    needs_javascript: bool
    robots: Robots


class SampleOf(Answer):
    """An article as it would be stored, or why it is none."""

    url: str
    problem: str
    """Why it is none; "" where it is one."""
    title: str = ""
    authors: list[str] = Field(default=[])
    language: str = ""
    words: int = 0
    begins: str = ""
    missing: list[str] = Field(default=[])
    """Fields that it has not."""


class TrialOf(Answer):
    """How far a look at a site is, and what it found. It changes nothing."""

    id: str
    homepage: str
    state: Literal["looking", "done", "failed"]
    asked: int
    """Requests so far."""
    found: SurveyFound | None
    """What leads to its articles, once that is known."""
    samples: list[SampleOf]
    suggested_interval: float | None
    """Seconds between two crawls that its articles' dates suggest."""
    conditional_requests: bool | None
    """Whether what has not changed costs nothing; null where the site says nothing by which to ask."""
    failure: str
    """Why there is no more, and what to do."""


class OverridesTrial(Wish):
    """Overrides to try on a page of a source."""

    url: str = Field(min_length=1, max_length=2_000, examples=["https://harbour.example/a"])
    """One of its articles."""
    overrides: OverridesWish = Field(default=OverridesWish())
    anew: bool = False
    """Whether the page is fetched anew, though it is kept as it came."""


class Trials:
    """Tries sites and overrides for one archive."""

    def __init__(self, config: Config, database: Database) -> None:
        self._config = config
        self._database = database
        self._looks = Looks(config)
        self._apart = Apart(PATIENCE)
        self.router = area("trials")
        self.router.add_event_handler("shutdown", self._apart.close)
        self.router.post("/trials", name="begin", status_code=202)(self.begin)
        self.router.get("/trials/{trial}", name="get")(self.trial)
        self.router.post(
            "/sources/{source}/overrides/trial", name="overrides", response_model=answer_of(Tried)
        )(self.overrides)

    def begin(self, request: Request, wish: TrialWish, response: Response) -> TrialOf:
        """Look at a site and at some of its articles; `Location` tells how far that is. Ends the look before."""
        try:
            look = self._looks.begin(wish.homepage.strip(), visitor(request).name)
        except BusyError:
            raise ProblemError(
                "unavailable",
                "As many sites are looked at already as may be at once; try again in a minute.",
                headers={"retry-after": "60"},
            ) from None
        response.headers["location"] = f"{PREFIX}/trials/{look.id}"
        return _told(look)

    def trial(
        self,
        request: Request,
        trial: Annotated[str, Path(description="The trial's id.", max_length=100)],
    ) -> TrialOf:
        """Tell how far a look at a site is, and what it found."""
        look = self._looks.find(trial, visitor(request).name)
        if look is None:
            raise not_found("trial", trial)
        return _told(look)

    def overrides(self, source: SourceId, wish: OverridesTrial) -> Tried:
        """Try overrides on a page of a source: what would be read, beside what is stored. Changes nothing."""
        try:
            return try_on(
                wish.url,
                overrides_of(wish.overrides),
                existing(self._database, source),
                config=self._config,
                database=self._database,
                apart=self._apart,
                anew=wish.anew,
            )
        except TryError as error:
            raise ProblemError("conflict", sentence(error)) from None


def _told(look: Look) -> TrialOf:
    progress = look.trying.progress
    report = progress.report or {}
    return TrialOf(
        id=look.id,
        homepage=progress.url,
        state="failed" if progress.failure else "done" if progress.ended else "looking",
        asked=len(progress.asked),
        found=SurveyFound.model_validate(progress.survey) if progress.survey else None,
        samples=[SampleOf.model_validate(each) for each in progress.samples],
        suggested_interval=report.get("suggested_interval"),
        conditional_requests=report.get("conditional_requests"),
        failure=progress.failure,
    )
