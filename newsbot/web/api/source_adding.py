"""Adding a source by its homepage: the site is looked at, which takes up to a minute, and is asked for meanwhile.

A survey is kept in this process, the last of so many; what it made is in the archive.
"""

import secrets
import threading
from collections import OrderedDict
from datetime import datetime
from typing import Annotated, Literal

import attrs
from fastapi import Path, Request
from fastapi.responses import Response
from pydantic import Field

from newsbot.archive import audit, sources, wishes
from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.fetching.credentials import Access
from newsbot.fetching.survey import SurveyError, checked, survey
from newsbot.spiders.adding import NothingFoundError, Wishes, add_site
from newsbot.web.access import visitor
from newsbot.web.api.frame import PREFIX, Answer, Moment, area, now
from newsbot.web.api.problems import ProblemError, invalid, not_found, sentence
from newsbot.web.api.sources import AccessWish, access_of, groups_of

# Sites that are looked at at once, those that may wait for it, and surveys that are kept.
AT_ONCE, WAITING, KEPT = 4, 100, 1_000


class NewSource(AccessWish):
    """A site to add, by its homepage."""

    homepage: str = Field(max_length=2_000, examples=["https://harbour.example/"])
    name: str = Field(default="", max_length=200, examples=["harbour-news"])
    """By default from the address."""
    groups: list[Annotated[str, Field(max_length=200)]] = Field(
        default=[], max_length=100, examples=[["coast"]]
    )
    javascript: bool | None = None
    """Whether its pages need a browser; found out unless given."""
    delay: float | None = Field(default=None, ge=0, le=86_400, allow_inf_nan=False)
    concurrency: int | None = Field(default=None, ge=1, le=64)
    poll: bool = True
    """Whether it is crawled by its own rhythm."""
    anyway: bool = False
    """Whether it is added although it looks like a source that is there."""
    crawl: bool = True
    """Whether it is crawled at once, before all that is due."""


@attrs.frozen(kw_only=True)
class _Survey:
    id: str
    homepage: str
    by: str
    state: Literal["looking", "added", "failed"] = "looking"
    asked_at: datetime
    ended_at: datetime | None = None
    source: str = ""
    run: str = ""
    failure: str = ""


class SurveyOf(Answer):
    """How far a site is that is to be a source."""

    id: str
    homepage: str = Field(examples=["https://harbour.example/"])
    by: str
    state: Literal["looking", "added", "failed"]
    asked_at: Moment
    ended_at: Moment | None
    source: str
    """The source that it has become; of a failed one, the one that it is already."""
    run: str
    """Its first run."""
    failure: str
    """Why it was not added, and what to do."""


class SourceAdding:
    """Adds sites to one archive."""

    def __init__(self, config: Config, database: Database) -> None:
        self._config = config
        self._database = database
        self._lock = threading.Lock()
        self._surveys: OrderedDict[str, _Survey] = OrderedDict()
        self._turn = threading.BoundedSemaphore(AT_ONCE)
        self.router = area("sources")
        self.router.post("/sources", name="add", status_code=202)(self.add)
        self.router.get("/surveys/{survey}", name="survey")(self.survey)

    def add(self, request: Request, wish: NewSource, response: Response) -> SurveyOf:
        """Add a site by its homepage: it is looked at, and `Location` tells how far that is."""
        try:
            homepage = checked(wish.homepage)
        except SurveyError as error:
            raise invalid({"homepage": str(error)}) from None
        if wish.name:
            try:
                sources.checked_name(wish.name)
            except sources.SourceNameError as error:
                raise invalid({"name": str(error)}) from None
        given = access_of(None, wish)
        access = Access(
            allowed_hosts=given.get("allowed_hosts", ()),
            headers=given.get("headers", ()),
            cookies=given.get("cookies", ()),
            proxy=given.get("proxy", ""),
        )
        made = _Survey(
            id=secrets.token_hex(8), homepage=homepage, by=visitor(request).name, asked_at=now()
        )
        with self._lock:
            under_way = sum(each.state == "looking" for each in self._surveys.values())
            if under_way >= WAITING:
                raise ProblemError(
                    "unavailable",
                    f"{WAITING} sites are looked at already; try again in a minute.",
                    headers={"retry-after": "60"},
                )
            self._surveys[made.id] = made
            ended = [each.id for each in self._surveys.values() if each.state != "looking"]
            for each in ended[: max(0, len(self._surveys) - KEPT)]:
                del self._surveys[each]
        # Nobody waits for one when newsbot is told to end.
        threading.Thread(target=self._look, args=(made, wish, access), daemon=True).start()
        response.headers["location"] = f"{PREFIX}/surveys/{made.id}"
        return SurveyOf.model_validate(made)

    def survey(
        self,
        survey: Annotated[str, Path(description="The survey's id.", max_length=100)],
    ) -> SurveyOf:
        """Tell how far a site is that is to be a source."""
        found = self._surveys.get(survey)
        if found is None:
            raise not_found("survey", survey)
        return SurveyOf.model_validate(found)

    def _look(self, made: _Survey, wish: NewSource, access: Access) -> None:
        try:
            with self._turn:
                ended = self._added(made, wish, access)
        except sources.SourceExistsError as error:
            ended = attrs.evolve(
                made, state="failed", failure=sentence(error), source=error.source.id
            )
        except (SurveyError, NothingFoundError, sources.SourceNameError) as error:
            ended = attrs.evolve(made, state="failed", failure=sentence(error))
        except Exception as error:  # noqa: BLE001 - whoever asks is told, whatever it was
            ended = attrs.evolve(made, state="failed", failure=f"newsbot failed at it: {error}")
        with self._lock:
            self._surveys[made.id] = attrs.evolve(ended, ended_at=now())

    def _added(self, made: _Survey, wish: NewSource, access: Access) -> _Survey:
        found = survey(made.homepage, self._config, access)
        source = add_site(
            self._database,
            made.homepage,
            found,
            Wishes(
                name=wish.name.strip(),
                groups=groups_of(wish.groups),
                javascript=wish.javascript,
                delay=wish.delay,
                concurrency=wish.concurrency,
                poll=wish.poll,
                access=access,
            ),
            now=now(),
            anyway=wish.anyway,
        )
        audit.note(self._database, "source add", ids=[source.id], by=made.by)
        run = None
        if wish.crawl:
            run, _ = wishes.at_once(self._database, source.id, by=made.by, now=now())
        return attrs.evolve(made, state="added", source=source.id, run=run.id if run else "")
