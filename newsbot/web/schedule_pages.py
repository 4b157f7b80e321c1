"""The pages of schedules: when sources are crawled besides their own rhythm, and which polls are due next."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from newsbot.archive import audit, pauses, runs, schedules, sources
from newsbot.archive.connection import Database
from newsbot.archive.schedules import Schedule
from newsbot.archive.sources import Due
from newsbot.web import schedule_form
from newsbot.web.access import visitor
from newsbot.web.guard import checked
from newsbot.web.languages import language_of
from newsbot.web.pages import Pages
from newsbot.web.sources import Sent
from schedules.blackouts import blocked, windows
from schedules.timing import ScheduleError, next_times

# Polls that are listed, and how far ahead they are looked for, step by step.
POLLS = 20
_AHEAD = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 600, 3_600, 86_400))
COMING, COMING_OF_ONE = 3, 10

Token = Annotated[str, Form()]


class SchedulePages:
    """The schedules of one archive."""

    def __init__(self, database: Database, pages: Pages) -> None:
        self._database = database
        self._pages = pages
        self.router = APIRouter()
        add = self.router.add_api_route
        for path, page in (("/schedules", self.listed), ("/schedules/{schedule}", self.form)):
            add(path, page, methods=["GET"], response_class=HTMLResponse, response_model=None)
        for path, step in (
            ("/schedules", self.add),
            ("/schedules/{schedule}", self.change),
            ("/schedules/{schedule}/{step}", self.take),
        ):
            add(path, step, methods=["POST"], response_model=None)

    def listed(self, request: Request) -> HTMLResponse:
        """List the schedules and the polls that are due next, and offer to add a schedule."""
        blank = schedule_form.BLANK | {"source": request.query_params.get("source", "")[:200]}
        return self._listed(request, blank)

    def _listed(
        self,
        request: Request,
        typed: dict[str, str],
        *,
        error: str = "",
        coming: list[datetime] | None = None,
    ) -> HTMLResponse:
        now = datetime.now(UTC)
        found = schedules.everything(self._database)
        polls = next_polls(self._database, now)
        ids = {each.source for each in found} | {each.source for each in polls}
        return self._pages.page(
            request,
            "schedules.html",
            status=422 if error else 200,
            listed=[(each, *_times(each, now, COMING)) for each in found],
            polls=polls,
            names=sources.names(self._database, ids) if ids else {},
            paused=pauses.standing(self._database),
            typed=typed,
            error=error,
            coming=coming,
            span_of=schedules.span,
        )

    def add(self, request: Request, form: Sent) -> Response:
        """Look at a new schedule, or add it."""
        checked(request, str(form.get("token", "")))
        typed = {name: str(form.get(name, ""))[:2_000] for name in schedule_form.FIELDS}
        words, now = language_of(request).words, datetime.now(UTC)
        found = sources.find(self._database, typed["source"].strip())
        if found is None:
            said = words.gettext(
                "There is no source of that name; /sources lists those that there are."
            )
            return self._listed(request, typed, error=said)
        try:
            made = schedule_form.read(typed, found.id, now=now)
            if form.get("do") == "look":
                coming = next_times(made, now, count=COMING_OF_ONE)
                return self._listed(request, typed, coming=coming)
            schedules.add(self._database, made)
        except ScheduleError as error:
            return self._listed(request, typed, error=str(error))
        except schedules.ScheduleExistsError:
            said = words.gettext("That source has this schedule already; nothing was changed.")
            return self._listed(request, typed, error=said)
        self._note(request, "schedule add", made)
        return RedirectResponse(f"/schedules#{made.id}", status_code=303)

    def form(self, request: Request, schedule: str) -> HTMLResponse:
        """Offer what may be changed of a schedule, and say when it starts next."""
        found = self._existing(schedule)
        return self._form(request, found, schedule_form.typed(found, ""))

    def _form(
        self, request: Request, schedule: Schedule, typed: dict[str, str], *, error: str = ""
    ) -> HTMLResponse:
        coming, shut = _times(schedule, datetime.now(UTC), COMING_OF_ONE)
        name = sources.names(self._database, [schedule.source]).get(schedule.source, "")
        return self._pages.page(
            request,
            "schedule.html",
            status=422 if error else 200,
            schedule=schedule,
            name=name,
            coming=coming,
            shut=shut,
            span_of=schedules.span,
            typed=typed,
            error=error,
        )

    def change(self, request: Request, schedule: str, form: Sent) -> Response:
        """Change how a schedule starts; its rule is what it is."""
        checked(request, str(form.get("token", "")))
        found, now = self._existing(schedule), datetime.now(UTC)
        before = schedule_form.typed(found, "")
        typed = before | {
            name: str(form.get(name, ""))[:2_000] for name in ("jitter", "windows", "late")
        }
        try:
            made = schedule_form.read(typed, found.source, now=now)
        except ScheduleError as error:
            return self._form(request, found, typed, error=str(error))
        schedules.change(
            self._database,
            found.id,
            now,
            jitter=made.jitter,
            blackouts=made.blackouts,
            late=made.late,
        )
        self._note(request, "schedule set", found)
        return RedirectResponse(f"/schedules#{found.id}", status_code=303)

    def take(self, request: Request, schedule: str, step: str, token: Token = "") -> Response:
        """Pause, resume, run or remove a schedule."""
        checked(request, token)
        found, now = self._existing(schedule), datetime.now(UTC)
        where = f"/schedules#{found.id}"
        match step:
            case "pause" | "resume":
                schedules.change(self._database, found.id, now, paused=step == "pause")
            case "remove":
                schedules.remove(self._database, found.id)
                where = "/schedules"
            case "run":
                where = f"/runs/{started_by_hand(self._database, found, now)}"
            case _:
                raise HTTPException(404)
        self._note(request, f"schedule {step}", found)
        return RedirectResponse(where, status_code=303)

    def _note(self, request: Request, action: str, schedule: Schedule) -> None:
        ids = (schedule.id, schedule.source)
        audit.note(self._database, action, ids=ids, by=visitor(request).name)

    def _existing(self, schedule: str) -> Schedule:
        found = schedules.get(self._database, schedule)
        if found is None:
            raise HTTPException(404)
        return found


def started_by_hand(database: Database, schedule: Schedule, now: datetime) -> str:
    """Start what a schedule would start, now; returns the id of its run, or of the one that is under way."""
    occasion = f"by hand {now.isoformat()}"
    made = runs.request(
        database, schedule.source, trigger="schedule", occasion=occasion, now=now
    ) or runs.active(database, schedule.source)
    if made is None:  # the one before has ended this moment
        return started_by_hand(database, schedule, datetime.now(UTC))
    return made.id


def next_polls(database: Database, now: datetime) -> list[Due]:
    """Return the polls that are due next, the first first: those that are due already among them."""
    found: list[Due] = []
    for ahead in _AHEAD:
        found = sources.due(database, now + ahead)
        if len(found) >= POLLS:
            break
    return sorted(found, key=lambda each: (each.at, each.source))[:POLLS]


def _times(schedule: Schedule, now: datetime, count: int) -> tuple[list[datetime], bool]:
    """Return when a schedule starts next, and whether it is in a window in which it starts nothing."""
    if schedule.paused:
        return [], False
    shut = blocked(windows(schedule.blackouts, schedule.timezone), now)
    return next_times(schedule, now, count=count), shut
