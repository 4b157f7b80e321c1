"""Runs: the latest, one as it goes on, begun, cancelled."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import Path, Query, Request
from fastapi.responses import Response
from pydantic import Field

from newsbot.archive import runs, sources, wishes
from newsbot.archive.connection import Database
from newsbot.archive.runs import Run
from newsbot.web.access import visitor
from newsbot.web.api.frame import PREFIX, Wish, area, now
from newsbot.web.api.paging import Asked, Page
from newsbot.web.api.problems import ProblemError, not_found
from newsbot.web.api.records import answer_of

RunId = Annotated[
    str,
    Path(description="The run's id.", examples=["8f5e1ad1f0b6c2d3e4a59687"], max_length=200),
]
RunOf = answer_of(Run, also=("ended",))
RunShort = answer_of(Run, also=("ended",), without=("log",), name="RunShort")
# A run that somebody asks for tells each second how far it is, for so long after that.
_WATCHED = timedelta(seconds=15)


class RunPage(Page[Any]):
    """A page of runs, the last asked for first. Their logs stand by each run alone."""

    items: list[RunShort]  # type: ignore[valid-type]


class Cancel(Wish):
    """Why a run is not to go on."""

    why: str = Field(default="", max_length=500, examples=["the site asked us to wait"])


class Runs:
    """The runs of one archive."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.router = area("runs")
        get, post = self.router.get, self.router.post
        get("/runs", name="list")(self.listed)
        get("/runs/{run}", name="get", response_model=RunOf)(self.run)
        post("/runs/{run}/cancel", name="cancel", response_model=RunOf)(self.cancel)
        post("/sources/{source}/runs", name="start", status_code=201, response_model=RunOf)(
            self.start
        )

    def listed(
        self,
        paging: Asked,
        source: Annotated[
            str, Query(description="Only of this source, by its id or name.", max_length=2_000)
        ] = "",
        days: Annotated[
            float, Query(gt=0, le=36_500, allow_inf_nan=False, description="How many days back.")
        ] = 7.0,
    ) -> RunPage:
        """List runs, the last asked for first."""
        of = None
        if source:
            there = sources.find(self._database, source)
            if there is None:
                raise not_found("source", source, listed=f"{PREFIX}/sources")
            of = there.id
        found = runs.latest(
            self._database,
            since=now() - timedelta(days=days),
            source=of,
            behind=paging.when(),
            at_most=paging.limit + 1,
        )
        page, following = found[: paging.limit], None
        if len(found) > paging.limit:
            following = paging.next((page[-1].requested_at.isoformat(), page[-1].id))
        return RunPage(items=page, next=following)

    def run(self, run: RunId) -> Run:
        """Get a run: how far it is, what came of it, and the last lines of its log."""
        found = runs.get(self._database, run)
        if found is None:
            raise not_found("run", run, listed=f"{PREFIX}/runs")
        if not found.ended:
            wishes.watch(self._database, found.id, until=now() + _WATCHED)
        return found

    def start(
        self,
        request: Request,
        response: Response,
        source: Annotated[str, Path(description="The source's id, or its name.", max_length=2_000)],
    ) -> Run:
        """Crawl a source now, before all that is due."""
        found = sources.find(self._database, source)
        if found is None:
            raise not_found("source", source, listed=f"{PREFIX}/sources")
        by = visitor(request).name
        made, was = wishes.at_once(self._database, found.id, by=by, now=now())
        if made is None and was is None:
            raise ProblemError("conflict", f"The run of {found.name} ended just now; try again.")
        if made is None:
            why = f"{found.name} is being crawled already; see its run, or cancel it first."
            raise ProblemError("conflict", why, run=was.id if was else "")
        response.headers["location"] = f"{PREFIX}/runs/{made.id}"
        return made

    def cancel(self, request: Request, run: RunId, wish: Cancel) -> Run:
        """Cancel a run: it stops within 5 seconds, and keeps what it has."""
        said = " ".join(wish.why.split())
        found = wishes.cancel(self._database, run, by=visitor(request).name, why=said, now=now())
        if found is None:
            raise not_found("run", run, listed=f"{PREFIX}/runs")
        if found.ended and found.state != "cancelled":
            raise ProblemError("conflict", f"The run had ended by then ({found.state}).")
        return found
