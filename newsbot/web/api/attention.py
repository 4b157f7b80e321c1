"""What is written about: queries side by side over time, and what is rising."""

from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import Query

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.search.attention import (
    MOST_QUERIES,
    Attention,
    AttentionError,
    attention,
)
from newsbot.search.documents import Documents
from newsbot.search.remembered import Remembered
from newsbot.search.results import Reader
from newsbot.search.rising import Rising, rising
from newsbot.web.api.frame import area, now
from newsbot.web.api.problems import ProblemError, invalid_parameter, sentence
from newsbot.web.api.records import answer_of

_DAYS = 30
# Lines of a comparison.
_MOST = 1_000

Day = Annotated[date | None, Query(description="A day.", examples=["2026-03-01"])]


class AttentionOf:
    """What is written about, of one archive."""

    def __init__(self, config: Config, database: Database, reader: Reader) -> None:
        self._slowest = config.poll_slowest
        self._database = database
        self._reader = reader
        # It reads the day's articles, thousands of them.
        self._risen: Remembered[tuple[str, str], Rising] = Remembered()
        self.router = area("attention")
        get = self.router.get
        also = ("counts", "label", "shares")
        get("/attention", name="compare", response_model=answer_of(Attention, also=also))(
            self.compare
        )
        get("/rising", name="rising", response_model=answer_of(Rising))(self.rising)

    def compare(
        self,
        q: Annotated[
            list[str],
            Query(
                description="Queries, one to five.",
                min_length=1,
                max_length=MOST_QUERIES,
                examples=[["harbour", "airport"]],
            ),
        ],
        since: Day = None,
        until: Day = None,
        by: Annotated[
            Literal["day", "week", "month"], Query(description="What is counted together.")
        ] = "day",
        share: Annotated[bool, Query(description="As shares of all that was collected.")] = False,
        parts: Annotated[
            Literal["", "source", "group"],
            Query(description="A line for each source, or group of sources."),
        ] = "",
        steady: Annotated[
            bool, Query(description="Only sources that were collected on all days.")
        ] = False,
    ) -> Attention:
        """Compare how much queries find over time; days on which sources were missing are marked."""
        moment = now()
        last = until or moment.date()
        try:
            return attention(
                self._database,
                self._reader,
                list(dict.fromkeys(each.strip() for each in q)),
                since or last - timedelta(days=min(_DAYS - 1, (last - date.min).days)),
                last,
                now=moment,
                slowest=self._slowest,
                by=by,
                share=share,
                parts=parts,
                steady=steady,
                most=_MOST,
            )
        except AttentionError as error:
            raise ProblemError("bad-request", sentence(error)) from None

    def rising(
        self,
        day: Day = None,
        group: Annotated[
            str,
            Query(description="Only sources of this group.", max_length=200, examples=["coast"]),
        ] = "",
    ) -> Rising:
        """Tell which terms and stories are written about more than in the four weeks before.

        Of the last 24 hours, unless a day is given. It is found anew every five minutes at most.
        """
        if group and not Documents.of(self._database).names().grouped(group):
            raise invalid_parameter("group", f"no source is in a group {group!r}")
        return self._risen.of(
            (day.isoformat() if day else "", group.casefold()),
            lambda: rising(
                self._database,
                self._reader,
                now=now(),
                slowest=self._slowest,
                day=day,
                group=group,
            ),
        )
