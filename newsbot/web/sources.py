"""The pages of sources: all of them in a table, and one with how it fares and what can be done of it."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from newsbot.alerts.entry_point_words import state_of
from newsbot.alerts.vitals import LISTED, vitals
from newsbot.archive import (
    audit,
    coverage,
    entry_points,
    feeds,
    redesigns,
    runs,
    schedules,
    sources,
    standings,
)
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.web import source_form, sparks
from newsbot.web.access import visitor
from newsbot.web.feeds import addresses
from newsbot.web.guard import checked
from newsbot.web.overview import Order, Overview, Wanted, chosen
from newsbot.web.pages import Pages

# Sources on a page of the table.
PAGE = 50
# How far back runs are listed, and how many.
RUNS_OF, RUNS = timedelta(days=30), 30

Token = Annotated[str, Form()]


async def _sent(request: Request) -> FormData:
    return await request.form(max_files=0, max_fields=50)


Sent = Annotated[FormData, Depends(_sent)]


class SourcePages:
    """The sources of one archive."""

    def __init__(self, config: Config, database: Database, pages: Pages) -> None:
        self._config = config
        self._database = database
        self._pages = pages
        self._overview = Overview(config, database)
        self.router = APIRouter()
        add = self.router.add_api_route
        for path, page in (
            ("/sources", self.listed),
            ("/sources/{source}", self.source),
            ("/sources/{source}/change", self.form),
        ):
            add(path, page, methods=["GET"], response_class=HTMLResponse, response_model=None)
        for path, step in (
            ("/sources/{source}/change", self.change),
            ("/sources/{source}/pause", self.pause),
            ("/sources/{source}/resume", self.resume),
            ("/sources/{source}/remove", self.remove),
        ):
            add(path, step, methods=["POST"], response_model=None)

    def listed(
        self,
        request: Request,
        q: str = "",
        group: str = "",
        state: str = "",
        health: str = "",
        order: str = "wrong",
        page: str = "1",
    ) -> HTMLResponse:
        """List the sources, or some of them, a page at a time."""
        rows = self._overview.rows()
        kept: Order = order if order in get_args(Order) else "wrong"  # type: ignore[assignment]
        wanted = Wanted(text=q[:200], group=group, state=state, health=health, order=kept)
        found = chosen(rows, wanted)
        pages = max(1, -(-len(found) // PAGE))
        number = min(max(1, int(page) if page.isascii() and page.isdecimal() else 1), pages)
        counts = dict.fromkeys(("well", "ill", "unknown", "paused"), 0)
        groups: dict[str, int] = {}
        for each in rows:
            counts[each.health] += 1
            for of in each.groups:
                groups[of] = groups.get(of, 0) + 1
        return self._pages.page(
            request,
            "source_list.html",
            rows=found[(number - 1) * PAGE : number * PAGE],
            found=len(found),
            total=len(rows),
            wanted=wanted,
            number=number,
            pages=pages,
            counts=counts,
            groups=sorted(groups.items(), key=lambda each: each[0].casefold()),
            spark=sparks.spark,
        )

    def source(self, request: Request, source: str) -> HTMLResponse:
        """Show one source and its runs."""
        found = self._existing(source)
        moment = datetime.now(UTC)
        days = [(moment - timedelta(days=back)).date() for back in range(LISTED - 1, -1, -1)]
        ledger = coverage.of(self._database, found.id, days[0], days[-1])
        stands = standings.of(self._database, found.id)
        fares = vitals(stands, found, ledger, config=self._config, now=moment)
        return self._pages.page(
            request,
            "source_page.html",
            source=found,
            runs=runs.latest(self._database, since=moment - RUNS_OF, source=found.id, at_most=RUNS),
            active=runs.active(self._database, found.id),
            feed=addresses(request, feeds.address(self._database, "source", found.id)),
            fares=fares,
            stands=stands,
            days=days,
            spark=sparks.spark([*fares.days.values()], width=700, height=80),
            hours={
                name: sparks.hours(ledger, days, well=name == "well") for name in ("well", "failed")
            },
            ways=entry_points.load(self._database, found),
            changed=redesigns.of(self._database, found.id),
            scheduled=[
                each for each in schedules.everything(self._database) if each.source == found.id
            ],
            state_of=lambda record: state_of(record, moment),
        )

    def form(self, request: Request, source: str) -> HTMLResponse:
        """Offer what may be changed of a source."""
        found = self._existing(source)
        return self._form(request, found, source_form.typed(found), {})

    def _form(
        self, request: Request, source: Source, typed: dict[str, Any], problems: dict[str, str]
    ) -> HTMLResponse:
        return self._pages.page(
            request,
            "source_form.html",
            status=422 if problems else 200,
            source=source,
            typed=typed,
            problems=problems,
        )

    def change(self, request: Request, source: str, form: Sent) -> Response:
        """Change a source as it was typed; shows the form again where that cannot be."""
        sent = {name: str(value) for name, value in form.items()}
        checked(request, str(sent.get("token", "")))
        found = self._existing(source)
        typed = source_form.sent(sent)
        name, changes, problems = source_form.read(typed, found, now=datetime.now(UTC))
        if not problems and name != found.name:
            try:
                sources.rename(self._database, found, name)
            except (sources.SourceExistsError, sources.SourceNameError, LookupError) as error:
                problems["name"] = str(error)
        if problems:
            return self._form(request, found, typed, problems)
        sources.change(self._database, found.id, **changes)
        self._note(request, "source set", found)
        return RedirectResponse(f"/sources/{found.id}", status_code=303)

    def pause(self, request: Request, source: str, token: Token = "") -> Response:
        """Stop crawling a source by its own rhythm, until it is resumed."""
        return self._set(request, source, token, "source pause", state="paused")

    def resume(self, request: Request, source: str, token: Token = "") -> Response:
        """Crawl a paused source again, beginning now."""
        now = datetime.now(UTC)
        return self._set(request, source, token, "source resume", state="active", next_due=now)

    def _set(
        self, request: Request, source: str, token: str, action: str, **changes: Any
    ) -> Response:
        checked(request, token)
        found = self._existing(source)
        sources.change(self._database, found.id, **changes)
        self._note(request, action, found)
        return RedirectResponse(f"/sources/{found.id}", status_code=303)

    def remove(
        self, request: Request, source: str, token: Token = "", sure: Annotated[str, Form()] = ""
    ) -> Response:
        """Forget a source; its articles stay."""
        checked(request, token)
        found = self._existing(source)
        if not sure:
            raise HTTPException(422, "Say that you mean it: tick the box beside the button.")
        sources.remove(self._database, found.id)
        self._note(request, "source remove", found)
        return RedirectResponse("/sources", status_code=303)

    def _note(self, request: Request, action: str, source: Source) -> None:
        audit.note(self._database, action, ids=(source.id,), by=visitor(request).name)
        self._overview.changed(source.id)

    def _existing(self, source: str) -> Source:
        found = sources.find(self._database, source)
        if found is None:
            raise HTTPException(404)
        return found
