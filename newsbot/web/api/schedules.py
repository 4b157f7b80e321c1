"""Schedules: when sources are crawled besides their own rhythm; and the pause of everything."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Path, Request
from fastapi.responses import Response
from pydantic import Field

from newsbot.archive import audit, pauses, runs, schedules, sources
from newsbot.archive.connection import Database
from newsbot.archive.runs import Run
from newsbot.archive.schedules import Schedule
from newsbot.web import schedule_form
from newsbot.web.access import visitor
from newsbot.web.api.frame import PREFIX, Answer, IfMatch, Moment, Wish, area, now, unchanged
from newsbot.web.api.paging import Asked, Page
from newsbot.web.api.problems import ProblemError, invalid, not_found, sentence
from newsbot.web.api.records import answer_of
from newsbot.web.schedule_pages import next_polls, started_by_hand
from schedules.timing import ScheduleError, next_times

COMING = 5
ScheduleId = Annotated[
    str,
    Path(description="The schedule's id.", examples=["8f5e1ad1f0b6c2d3e4a59687"], max_length=200),
]
Span = Annotated[str, Field(max_length=50, examples=["5m"])]
"""A length of time: seconds, or as `15m`, `6h`, `1d`."""


class HowItStarts(Wish):
    """How a schedule starts, besides its rule. What is not sent stays as it is."""

    jitter: Span | None = None
    """Start up to so much later."""
    blackouts: list[Annotated[str, Field(max_length=200)]] | None = Field(
        default=None, max_length=50, examples=[["22:00-06:00", "sat,sun"]]
    )
    """Windows in which it starts nothing."""
    late: Annotated[str, Field(max_length=50, examples=["always"])] | None = None
    """How late a start that was missed is made up for; `always` for however late."""


class NewSchedule(HowItStarts):
    """A rule of time for one source."""

    source: str = Field(max_length=2_000, examples=["harbour-news"])
    """Its id or name."""
    kind: Literal["cron", "interval", "once"] = "cron"
    when: str = Field(max_length=200, examples=["0 6 * * mon-fri"])
    """Five cron fields, a length of time, or a moment."""
    timezone: str = Field(default="UTC", max_length=100, examples=["Asia/Damascus"])


class ScheduleOf(Answer):
    """A schedule, and when it starts next."""

    id: str
    source: str
    kind: Literal["cron", "interval", "once"]
    when: str = Field(examples=["0 6 * * mon-fri"])
    """Five cron fields, seconds, or a moment."""
    timezone: str = Field(examples=["Asia/Damascus"])
    jitter: float
    """Seconds by which a start may come later."""
    blackouts: list[str]
    late: float | None
    """For how many seconds a missed start is made up for; null for however long."""
    paused: bool
    added_at: Moment
    next: list[Moment]
    """The next five starts; none while it is paused."""


class SchedulePage(Page[ScheduleOf]):
    """A page of schedules, by their ids."""


class Poll(Answer):
    """A source whose crawl is due by its own rhythm."""

    source: str
    at: Moment
    interval: float | None
    """Seconds between two of its polls, as they were learnt."""


class Polls(Answer):
    """The twenty polls that are due next, the first first."""

    items: list[Poll]


class WhyPause(Wish):
    """Why everything is paused."""

    why: str = Field(default="", max_length=500, examples=["the house moves"])


class PauseOf(Answer):
    """Whether everything is paused: then no poll and no schedule starts a run."""

    paused: bool
    by: str
    at: Moment | None
    why: str


class Schedules:
    """The schedules of one archive."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.router = area("schedules")
        get, post = self.router.get, self.router.post
        one = "/schedules/{schedule}"
        get("/schedules", name="list")(self.listed)
        post("/schedules", name="add", status_code=201)(self.add)
        get("/polls", name="polls")(self.polls)
        get(one, name="get")(self.schedule)
        self.router.patch(one, name="change")(self.change)
        self.router.delete(one, name="remove", status_code=204)(self.remove)
        post(f"{one}/pause", name="pause")(self.pause)
        post(f"{one}/resume", name="resume")(self.resume)
        post(
            f"{one}/runs",
            name="run",
            status_code=201,
            response_model=answer_of(Run, also=("ended",)),
        )(self.run)
        get("/pause", name="pause_of_everything")(self.paused)
        self.router.put("/pause", name="pause_everything")(self.pause_all)
        self.router.delete("/pause", name="resume_everything", status_code=204)(self.resume_all)

    def listed(self, paging: Asked) -> SchedulePage:
        """List the schedules, with the next times of each."""
        page, following = paging.of(schedules.everything(self._database), lambda each: (each.id,))
        return SchedulePage(items=[_told(each) for each in page], next=following)

    def polls(self) -> Polls:
        """List the polls that are due next, by each source's own rhythm."""
        found = next_polls(self._database, now())
        return Polls(items=[Poll.model_validate(each) for each in found])

    def schedule(self, schedule: ScheduleId) -> ScheduleOf:
        """Get a schedule, with its next times."""
        return _told(self._existing(schedule))

    def add(self, request: Request, wish: NewSchedule, response: Response) -> ScheduleOf:
        """Add a schedule."""
        source = sources.find(self._database, wish.source)
        if source is None:
            raise invalid({"source": f"there is no source {wish.source!r}"})
        made = _read(
            schedule_form.BLANK | wish.model_dump(include={"kind", "when", "timezone"}),
            wish,
            source.id,
        )
        try:
            schedules.add(self._database, made)
        except schedules.ScheduleExistsError:
            where = f"{PREFIX}/schedules/{made.id}"
            raise ProblemError(
                "conflict", f"{source.name} has that schedule already: {where}."
            ) from None
        self._note(request, "schedule add", made)
        response.headers["location"] = f"{PREFIX}/schedules/{made.id}"
        return _told(self._existing(made.id))

    def change(
        self, request: Request, schedule: ScheduleId, wish: HowItStarts, if_match: IfMatch = None
    ) -> ScheduleOf:
        """Change how a schedule starts. Its rule is what it is: for another one, remove it and add one."""
        del if_match
        found = self._existing(schedule)
        unchanged(request, _told(found))
        made = _read(schedule_form.typed(found, ""), wish, found.source)
        schedules.change(
            self._database,
            found.id,
            now(),
            jitter=made.jitter,
            blackouts=made.blackouts,
            late=made.late,
        )
        self._note(request, "schedule set", found)
        return _told(self._existing(schedule))

    def remove(self, request: Request, schedule: ScheduleId) -> None:
        """Remove a schedule."""
        found = self._existing(schedule)
        schedules.remove(self._database, found.id)
        self._note(request, "schedule remove", found)

    def pause(self, request: Request, schedule: ScheduleId) -> ScheduleOf:
        """Pause a schedule: it starts nothing until it is resumed."""
        return self._set(request, schedule, paused=True)

    def resume(self, request: Request, schedule: ScheduleId) -> ScheduleOf:
        """Have a paused schedule be in force again; what was missed meanwhile is not made up for."""
        return self._set(request, schedule, paused=False)

    def _set(self, request: Request, schedule: str, *, paused: bool) -> ScheduleOf:
        found = self._existing(schedule)
        schedules.change(self._database, found.id, now(), paused=paused)
        self._note(request, "schedule pause" if paused else "schedule resume", found)
        return _told(self._existing(schedule))

    def run(self, request: Request, schedule: ScheduleId, response: Response) -> Run:
        """Start what a schedule would start, now; a run of its source that is under way is answered instead."""
        found = self._existing(schedule)
        made = runs.get(self._database, started_by_hand(self._database, found, now()))
        if made is None:
            raise ProblemError("conflict", "Its run was removed just now; try again.")
        self._note(request, "schedule run", found)
        response.headers["location"] = f"{PREFIX}/runs/{made.id}"
        return made

    # Everything

    def paused(self) -> PauseOf:
        """Tell whether everything is paused, by whom and why."""
        found = pauses.standing(self._database)
        if found is None:
            return PauseOf(paused=False, by="", at=None, why="")
        return PauseOf(paused=True, by=found.by, at=found.since, why=found.why)

    def pause_all(self, request: Request, wish: WhyPause) -> PauseOf:
        """Pause everything: no poll and no schedule starts a run; what is under way goes on."""
        if pauses.standing(self._database) is None:
            by, why = visitor(request).name, " ".join(wish.why.split())
            pauses.begin(self._database, by=by, why=why, now=now())
            audit.note(self._database, "pause", why=why, by=by)
        return self.paused()

    def resume_all(self, request: Request) -> None:
        """End the pause of everything."""
        if pauses.end(self._database):
            audit.note(self._database, "resume", by=visitor(request).name)

    def _note(self, request: Request, action: str, schedule: Schedule) -> None:
        ids = (schedule.id, schedule.source)
        audit.note(self._database, action, ids=ids, by=visitor(request).name)

    def _existing(self, schedule: str) -> Schedule:
        found = schedules.get(self._database, schedule)
        if found is None:
            raise not_found("schedule", schedule, listed=f"{PREFIX}/schedules")
        return found


def _read(said: dict[str, str], wish: HowItStarts, source: str) -> Schedule:
    """Return the schedule that is asked for; ``said`` is how it is without the wish."""
    if wish.jitter is not None:
        said = said | {"jitter": wish.jitter}
    if wish.late is not None:
        said = said | {"late": wish.late}
    if wish.blackouts is not None:
        said = said | {"windows": "\n".join(wish.blackouts)}
    try:
        return schedule_form.read(said, source, now=now())
    except ScheduleError as error:
        raise ProblemError("invalid", sentence(error)) from None


def _told(schedule: Schedule) -> ScheduleOf:
    coming = [] if schedule.paused else next_times(schedule, datetime.now(UTC), count=COMING)
    said = {name: getattr(schedule, name) for name in ScheduleOf.model_fields if name != "next"}
    return ScheduleOf.model_validate({**said, "next": coming})
