"""The page of answers: what a query finds, each story once, counted by facets and over time."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

import attrs
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.query import QuerySyntaxError
from newsbot.query.tree import Or
from newsbot.search.cursors import PageError
from newsbot.search.facets import BY, FIELDS, By, Facets, Of
from newsbot.search.lists import Lists
from newsbot.search.measured import KeptGaps, Measured, MeasuredBar, measured
from newsbot.search.results import Order, Reader
from newsbot.search.tables import FACET_COLUMNS, TIMELINE_COLUMNS, facet_rows, timeline_rows
from newsbot.web.chart import HEIGHT, WIDTH, ticks, when
from newsbot.web.pages import PAGE, Pages, as_file

# A range of days at the end of a query, as choosing one on the timeline writes it.
_RANGE = re.compile(r"\s+(?:date|seen):\[\d{4}-\d\d-\d\d TO \d{4}-\d\d-\d\d\]$")


@attrs.frozen(kw_only=True)
class Asked:
    """A search as it is asked for in an address."""

    q: str
    order: Order
    by: By | None
    days: Of

    def address(self, path: str = "/search", **changed: str) -> str:
        """Return the address of this search with some of it changed; what is the default is left out."""
        values = {
            "q": self.q,
            "order": "" if self.order == "newest" else self.order,
            "by": self.by or "",
            "days": "" if self.days == "date" else self.days,
            **changed,
        }
        return f"{path}?{urlencode({name: value for name, value in values.items() if value})}"


@attrs.frozen(kw_only=True)
class Drawn:
    """A bar of the chart: where it stands, what it says when it is pointed at, and where it leads."""

    x: float
    y: float
    width: float
    height: float
    said: str
    gap: bool
    leads: str
    first: date
    last: date


class Searching:
    """The answers of one archive."""

    def __init__(self, config: Config, database: Database, pages: Pages) -> None:
        self._slowest = config.poll_slowest
        self._database = database
        self._reader = Reader(config, database)
        self._lists = Lists.of(database)
        self._pages = pages
        self._gaps = KeptGaps()
        self.router = APIRouter()
        add = self.router.add_api_route
        add(
            "/search",
            self.search,
            methods=["GET"],
            response_class=HTMLResponse,
            response_model=None,
        )
        add("/search.csv", self.numbers, methods=["GET"], response_model=None)

    def search(
        self,
        request: Request,
        q: str = "",
        order: str = "newest",
        after: str = "",
        by: str = "",
        days: str = "date",
        since: str = "",
        until: str = "",
    ) -> Response:
        """Show what a query finds; ``since`` and ``until`` lead to the same query of these days alone."""
        asked = _asked(q, order, by, days)
        values: dict[str, Any] = {"found": None, "error": "", "wrong": None, "counted": None}
        if q.strip() and (since or until):
            try:
                chosen = self._of_days(asked, since, until)
                return RedirectResponse(asked.address(q=chosen, by=""), status_code=303)
            except ValueError as error:
                values["error"] = str(error)
        if q.strip() and not values["error"]:
            try:
                values["found"], counted = self._reader.counted(
                    q,
                    order=asked.order,
                    limit=PAGE,
                    after=after,
                    by=asked.by,
                    of=asked.days,
                )
                values |= self._facets(asked, counted)
                if not after:  # the timeline stands on the first page
                    values |= self._timeline(asked, counted)
            except QuerySyntaxError as error:
                values |= {"error": error.explain(), "wrong": error}
            except PageError as error:
                values["error"] = f"{str(error).capitalize()}."
        return self._pages.page(
            request,
            "search.html",
            status=400 if values["error"] else 200,
            q=q,
            order=asked.order,
            after=after,
            asked=asked,
            bys=BY,
            **values,
        )

    def _of_days(self, asked: Asked, since: str, until: str) -> str:
        """Return the query of these days alone, in place of days that were chosen before.

        Raises:
            ValueError: where one is no day, or they are the wrong way round; the text says which.
        """
        first, last = _day(since) or date(1900, 1, 1), _day(until) or datetime.now(UTC).date()
        if first > last:
            raise ValueError(f"{first} is after {last}; give the earlier day first.")
        bare = _RANGE.sub("", asked.q.strip())
        try:
            bare = self._narrowed(bare)
        except QuerySyntaxError:
            return bare  # which says what is wrong with it
        return f"{bare} {asked.days}:[{first} TO {last}]"

    def _facets(self, asked: Asked, counted: Facets) -> Mapping[str, Any]:
        prefix = self._narrowed(asked.q)
        return {
            "counted": counted,
            "facets": counted.facets,
            "narrowed": lambda clause: asked.address(q=f"{prefix} {clause}"),
        }

    def _timeline(self, asked: Asked, counted: Facets) -> Mapping[str, Any]:
        told = self._measured(asked, counted, wait=False)
        return {
            "gaps_known": told.known,
            "bars": told.bars,
            "absent": told.absent,
            "most": max((bar.count for bar in told.bars), default=0),
            "chart": _chart(told, asked, self._narrowed(asked.q)),
            "ticks": ticks([bar.first for bar in told.bars]),
        }

    def _measured(self, asked: Asked, counted: Facets, *, wait: bool = True) -> Measured:
        return measured(
            self._database,
            self._reader,
            asked.q,
            counted.timeline,
            now=datetime.now(UTC),
            slowest=self._slowest,
            kept=self._gaps,
            wait=wait,
        )

    def _narrowed(self, q: str) -> str:
        """Return a query so that what is written behind it is asked for in addition."""
        tree = self._lists.now().understood(q)
        return f"({q.strip()})" if isinstance(tree, Or) else q.strip()

    def numbers(
        self, q: str = "", of: str = "timeline", by: str = "", days: str = "date"
    ) -> Response:
        """Answer with the numbers behind a timeline or a facet."""
        asked = _asked(q, "newest", by, days)
        if of not in ("timeline", *FIELDS):
            told = f"There is no table {of!r}; there are timeline, {', '.join(FIELDS)}."
            return PlainTextResponse(told, status_code=400)
        try:
            counted = self._reader.facets(q.strip(), by=asked.by, of=asked.days)
            if of == "timeline":
                columns: Sequence[str] = TIMELINE_COLUMNS
                rows: Iterable[Sequence[str]] = timeline_rows(self._measured(asked, counted))
            else:
                chosen = [each for each in counted.facets if each.field == of]
                columns, rows = FACET_COLUMNS, facet_rows(chosen)
            return as_file(of, columns, rows)
        except QuerySyntaxError as error:
            return PlainTextResponse(error.explain(), status_code=400)


def _asked(q: str, order: str, by: str, days: str) -> Asked:
    return Asked(
        q=q,
        order="relevance" if order == "relevance" else "newest",
        by=next((each for each in BY if each == by), None),
        days="seen" if days == "seen" else "date",
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError(f"{text!r} is no day; give one as 2026-03-23.") from None


def _chart(told: Measured, asked: Asked, prefix: str) -> list[Drawn]:
    most = max((bar.count for bar in told.bars), default=0)
    room = WIDTH / max(1, len(told.bars))
    drawn = []
    for at, bar in enumerate(told.bars):
        height = HEIGHT * bar.count / most if most else 0.0
        days = f"{asked.days}:[{bar.first} TO {bar.last}]"
        drawn.append(
            Drawn(
                x=round(at * room, 2),
                y=round(HEIGHT - height, 2),
                width=round(room, 2),
                height=round(height, 2),
                said=_said(bar),
                gap=bool(bar.gaps),
                leads=asked.address(q=f"{prefix} {days}", by="") if bar.count else "",
                first=bar.first,
                last=bar.last,
            )
        )
    return drawn


def _said(bar: MeasuredBar) -> str:
    share = "" if bar.share is None else f" ({bar.share:.1%})"
    more = "; …" if bar.unnamed else ""
    gap = f"\ngap: {bar.gap_in_short}{more}" if bar.gaps else ""
    return f"{when(bar.first, bar.last)}: {bar.count:,} of {bar.collected:,} collected{share}{gap}"
