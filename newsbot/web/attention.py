"""The pages of what is written about: queries side by side over time, and what is rising."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, cast

import attrs
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.query import QuerySyntaxError
from newsbot.search.attention import (
    MOST_QUERIES,
    Attention,
    AttentionError,
    Parts,
    attention,
)
from newsbot.search.documents import Documents
from newsbot.search.facets import BY, By
from newsbot.search.remembered import Remembered
from newsbot.search.results import Reader
from newsbot.search.rising import Rising, rising
from newsbot.search.told import (
    COLUMNS,
    RISING_COLUMNS,
    notes,
    rising_notes,
    rising_rows,
    rows,
    sentence,
    times,
)
from newsbot.web.chart import drawn
from newsbot.web.pages import Pages, as_file

_DAYS = 30
# Lines of a chart that can be told apart, and of its CSV.
_DRAWN, _ALL = 6, 100_000


class _AskedError(Exception):
    """What was typed and cannot be answered; the text says why."""


@attrs.frozen(kw_only=True)
class _Asked:
    """A comparison as it is asked for in an address."""

    queries: tuple[str, ...]
    since: str
    until: str
    by: By
    share: bool
    parts: Parts
    steady: bool


def _asked(
    q: Annotated[list[str] | None, Query()] = None,
    since: str = "",
    until: str = "",
    by: str = "day",
    share: str = "",
    parts: str = "",
    steady: str = "",
) -> _Asked:
    queries = tuple(dict.fromkeys(each.strip() for each in q or () if each.strip()))
    return _Asked(
        queries=queries,
        since=since,
        until=until,
        by=next((each for each in BY if each == by), "day"),
        share=bool(share),
        steady=bool(steady),
        parts=cast("Parts", parts if parts in ("source", "group") else ""),
    )


class AttentionPages:
    """What is written about, of one archive."""

    def __init__(self, config: Config, database: Database, pages: Pages) -> None:
        self._slowest = config.poll_slowest
        self._database = database
        self._reader = Reader(config, database)
        self._pages = pages
        # It reads the day's articles, thousands of them.
        self._risen: Remembered[tuple[str, str], Rising] = Remembered()
        self.router = APIRouter()
        for path, page in (
            ("/attention", self.compared),
            ("/attention.csv", self.compared_csv),
            ("/rising", self.rising),
            ("/rising.csv", self.rising_csv),
        ):
            self.router.add_api_route(path, page, methods=["GET"], response_model=None)

    # Over time

    def compared(self, request: Request, asked: Annotated[_Asked, Depends(_asked)]) -> HTMLResponse:
        """Show queries side by side."""
        values: dict[str, Any] = {"asked": asked, "found": None, "error": ""}
        try:
            if asked.queries:
                found = self._attention(asked, most=_DRAWN)
                values |= {"found": found, "drawn": drawn(found), "notes": notes(found)}
        except _AskedError as error:
            values["error"] = str(error)
        return self._pages.page(
            request,
            "attention.html",
            status=400 if values["error"] else 200,
            most=MOST_QUERIES,
            bys=BY,
            sentence=sentence,
            address=request.url.query,
            **values,
        )

    def compared_csv(self, asked: Annotated[_Asked, Depends(_asked)]) -> Response:
        """Answer with the numbers behind a comparison."""
        try:
            found = self._attention(asked, most=_ALL)
        except _AskedError as error:
            return PlainTextResponse(str(error), status_code=400)
        return as_file("attention", COLUMNS, rows(found))

    def _attention(self, asked: _Asked, *, most: int) -> Attention:
        now = datetime.now(UTC)
        last = _day(asked.until) or now.date()
        try:
            return attention(
                self._database,
                self._reader,
                asked.queries,
                _day(asked.since) or last - timedelta(days=_DAYS - 1),
                last,
                now=now,
                slowest=self._slowest,
                by=asked.by,
                share=asked.share,
                parts=asked.parts,
                steady=asked.steady,
                most=most,
            )
        except QuerySyntaxError as error:
            raise _AskedError(error.explain()) from None
        except AttentionError as error:
            raise _AskedError(str(error)) from None

    # Today

    def rising(self, request: Request, day: str = "", group: str = "") -> HTMLResponse:
        """Show what is rising."""
        values: dict[str, Any] = {"found": None, "notes": [], "error": ""}
        try:
            found = self._rising(day, group)
            values |= {"found": found, "notes": rising_notes(found)}
        except _AskedError as error:
            values["error"] = str(error)
        return self._pages.page(
            request,
            "rising.html",
            status=400 if values["error"] else 200,
            day=day,
            group=group,
            times=times,
            address=request.url.query,
            **values,
        )

    def rising_csv(self, day: str = "", group: str = "") -> Response:
        """Answer with the numbers behind what is rising."""
        try:
            found = self._rising(day, group)
        except _AskedError as error:
            return PlainTextResponse(str(error), status_code=400)
        return as_file("rising", RISING_COLUMNS, rising_rows(found))

    def _rising(self, day: str, group: str) -> Rising:
        chosen = _day(day)
        if group and not Documents.of(self._database).names().grouped(group):
            raise _AskedError(f"No source is in a group {group!r}.")
        key = (chosen.isoformat() if chosen else "", group.casefold())
        return self._risen.of(
            key,
            lambda: rising(
                self._database,
                self._reader,
                now=datetime.now(UTC),
                slowest=self._slowest,
                day=chosen,
                group=group,
            ),
        )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise _AskedError(f"{text!r} is no day; give one as 2026-03-23.") from None
