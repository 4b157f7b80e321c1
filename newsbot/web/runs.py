"""The pages of runs: the latest, one as it goes on, and what can be done of them: begin, cancel, pause all.

A run that is under way is shown anew every few seconds, by a script where there is one, and by the browser
itself where not.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, get_args

import attrs
from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from newsbot.archive import audit, pauses, runs, sources, wishes
from newsbot.archive.connection import Database
from newsbot.archive.recent_runs import recent
from newsbot.archive.runs import Run, State, Trigger
from newsbot.fetching.causes import TALLIES
from newsbot.web.access import visitor
from newsbot.web.guard import checked
from newsbot.web.pages import Pages
from newsbot.web.timeline import timeline

# A run that somebody looks at tells each second how far it is, for so long after the last look.
WATCHED = timedelta(seconds=15)
LONGEST_WHY = 500

# How far back runs are listed, how many on a page, and how many are drawn at most.
LISTED, PAGE, DRAWN = timedelta(days=7), 50, 600
_HOURS = ("1", "3", "12", "48")

Token = Annotated[str, Form()]


@attrs.frozen(kw_only=True)
class _Asked:
    """Which runs are asked for; "" for any."""

    source: str
    state: str
    trigger: str
    hours: int
    before: str


def _behind(text: str) -> tuple[datetime, str] | None:
    """Return moment and id of the run behind which a page goes on, as its address has them; None for none."""
    moment, _, run = text.partition(" ")
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return (found, run) if found.tzinfo else None


class RunPages:
    """The runs of one archive."""

    def __init__(self, database: Database, pages: Pages) -> None:
        self._database = database
        self._pages = pages
        self.router = APIRouter()
        add = self.router.add_api_route
        for path, page in (("/runs", self.listed), ("/runs/{run}", self.run)):
            add(path, page, methods=["GET"], response_class=HTMLResponse, response_model=None)
        for path, step in (
            ("/runs/pause", self.pause),
            ("/runs/resume", self.resume),
            ("/runs/{run}/cancel", self.cancel),
            ("/sources/{source}/crawl", self.crawl),
        ):
            add(path, step, methods=["POST"], response_model=None)

    def listed(
        self,
        request: Request,
        source: str = "",
        state: str = "",
        trigger: str = "",
        hours: str = "1",
        before: str = "",
    ) -> HTMLResponse:
        """List the latest runs, or some of them, a page at a time, and draw those of the last hours."""
        now = datetime.now(UTC)
        found = sources.find(self._database, source.strip()) if source.strip() else None
        unknown = bool(source.strip()) and found is None
        span = int(hours) if hours in _HOURS else 1
        asked = _Asked(
            source=source.strip()[:200],
            state=state if state in get_args(State) else "",
            trigger=trigger if trigger in get_args(Trigger) else "",
            hours=span,
            before=before if _behind(before) else "",
        )
        narrowed = {
            "source": found.id if found else "",
            "state": asked.state,
            "trigger": asked.trigger,
        }
        page: list[Run] = []
        drawn: list[Run] = []
        if not unknown:
            upto, first = now + timedelta(seconds=1), now - timedelta(hours=span)
            drawn = recent(self._database, before=upto, since=first, at_most=DRAWN, **narrowed)
            if len(drawn) == DRAWN:
                first = drawn[-1].requested_at
            # What is drawn begins with the first page.
            page = drawn[: PAGE + 1]
            if asked.before or len(page) <= PAGE:
                until, below = _behind(asked.before) or (upto, "")
                page = recent(
                    self._database,
                    before=until,
                    below=below,
                    since=now - LISTED,
                    at_most=PAGE + 1,
                    **narrowed,
                )
        else:
            first = now
        ids = {run.source for run in (*page, *drawn)}
        names = sources.names(self._database, ids) if ids else {}
        last = page[PAGE - 1] if len(page) > PAGE else None
        further = f"{last.requested_at.isoformat()} {last.id}" if last else ""
        return self._pages.page(
            request,
            "runs.html",
            runs=page[:PAGE],
            further=further,
            names=names,
            paused=pauses.standing(self._database),
            asked=asked,
            unknown=unknown,
            states=get_args(State),
            cut=DRAWN if len(drawn) == DRAWN else 0,
            line=timeline(drawn, names, first=first, last=now),
        )

    def run(self, request: Request, run: str) -> HTMLResponse:
        """Show one run, as far as it is."""
        return self._shown(request, run)

    def _shown(self, request: Request, run: str, *, error: str = "") -> HTMLResponse:
        now = datetime.now(UTC)
        found = runs.get(self._database, run)
        if found is None:
            raise HTTPException(404)
        if not found.ended:
            wishes.watch(self._database, found.id, until=now + WATCHED)
        name = sources.names(self._database, [found.source]).get(found.source, "(removed)")
        return self._pages.page(
            request,
            "run.html",
            status=409 if error else 200,
            run=found,
            name=name,
            took=(found.finished_at or now) - found.started_at if found.started_at else None,
            causes=TALLIES,
            error=error,
        )

    def cancel(
        self, request: Request, run: str, token: Token = "", why: Annotated[str, Form()] = ""
    ) -> Response:
        """Cancel a run."""
        checked(request, token)
        said = " ".join(why.split())[:LONGEST_WHY]
        found = wishes.cancel(
            self._database, run, by=visitor(request).name, why=said, now=datetime.now(UTC)
        )
        if found is None:
            raise HTTPException(404)
        if found.ended and found.state != "cancelled":
            return self._shown(request, run, error=f"It had ended by then ({found.state}).")
        return RedirectResponse(f"/runs/{run}", status_code=303)

    def crawl(self, request: Request, source: str, token: Token = "") -> Response:
        """Crawl a source now, before all that is due; shows its run."""
        checked(request, token)
        found = sources.find(self._database, source)
        if found is None:
            raise HTTPException(404)
        made, was = wishes.at_once(
            self._database, found.id, by=visitor(request).name, now=datetime.now(UTC)
        )
        shown = made or was
        where = f"/runs/{shown.id}" if shown else f"/sources/{found.id}"
        return RedirectResponse(where, status_code=303)

    def pause(
        self, request: Request, token: Token = "", why: Annotated[str, Form()] = ""
    ) -> Response:
        """Pause everything; what is under way goes on."""
        checked(request, token)
        said = " ".join(why.split())[:LONGEST_WHY]
        if pauses.standing(self._database) is None:
            pauses.begin(self._database, by=visitor(request).name, why=said, now=datetime.now(UTC))
            audit.note(self._database, "pause", why=said, by=visitor(request).name)
        return RedirectResponse("/runs", status_code=303)

    def resume(self, request: Request, token: Token = "") -> Response:
        """End the pause of everything."""
        checked(request, token)
        if pauses.end(self._database):
            audit.note(self._database, "resume", by=visitor(request).name)
        return RedirectResponse("/runs", status_code=303)
