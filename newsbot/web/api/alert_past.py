"""What alerts found, and what one would have sent: matches, backtests, previews, trials on a text."""

from datetime import timedelta
from typing import Annotated

import attrs
from fastapi import Query
from pydantic import Field

from newsbot.alerts import changing, fields
from newsbot.alerts.backtest import Backtest, backtest
from newsbot.alerts.previewing import Preview, preview
from newsbot.alerts.rules import understand, whole_query
from newsbot.alerts.trying import Text, attempt
from newsbot.archive import matches, rules
from newsbot.archive.connection import Database
from newsbot.archive.rules import Rule
from newsbot.search.lists import Lists
from newsbot.search.results import Reader
from newsbot.web.api.alert_wishes import (
    AlertFields,
    AlertToTest,
    QueryTrial,
    TextToTry,
    as_text,
    values_of,
)
from newsbot.web.api.alerts import AlertId, existing
from newsbot.web.api.articles import MatchOf, as_match
from newsbot.web.api.frame import Answer, area, now
from newsbot.web.api.paging import Asked, Page
from newsbot.web.api.records import answer_of

Days = Annotated[
    float, Query(gt=0, le=36_500, allow_inf_nan=False, description="How many days back.")
]


class MatchPage(Page[MatchOf]):
    """A page of what alerts found, newest first."""


class Marks(Answer):
    """The ranges of characters that matched."""

    title: list[tuple[int, int]]
    body: list[tuple[int, int]] = Field(examples=[[[4, 11]]])


class TriedOf(Answer):
    """How a text fared."""

    met: bool
    clause: str = Field(examples=["harbour"])
    """What it met of the query."""
    missing: list[str] = Field(examples=[[]])
    """For want of which it did not."""
    title: str
    body: str = Field(examples=["The harbour opens."])
    marks: Marks
    language: str = Field(examples=["en"])
    """The language that counted."""
    held: str
    """Why nobody would be told all the same; "" where they would."""


@attrs.frozen(kw_only=True)
class Previewed:
    """What a change of an alert says in words, and what it would have made of the last 30 days."""

    said: tuple[str, ...]
    preview: Preview


class AlertPast:
    """What the alerts of one archive found, and would have."""

    def __init__(self, database: Database, reader: Reader) -> None:
        self._database = database
        self._reader = reader
        self.router = area("alerts")
        get, post = self.router.get, self.router.post
        get("/matches", name="all_matches")(self.all_matches)
        get("/alerts/{alert}/matches", name="matches")(self.matches)
        past = answer_of(Backtest)
        post("/alerts/backtest", name="backtest_new", response_model=past)(self.backtest_new)
        post("/alerts/test", name="test_query")(self.test_query)
        post("/alerts/{alert}/backtest", name="backtest", response_model=past)(self.backtest)
        made = answer_of(Previewed)
        post("/alerts/{alert}/preview", name="preview", response_model=made)(self.preview)
        post("/alerts/{alert}/test", name="test")(self.test)

    def all_matches(self, paging: Asked, days: Days = 7.0) -> MatchPage:
        """List what all alerts found, newest first, whether it was told or held."""
        return self._matches(paging, None, days)

    def matches(self, paging: Asked, alert: AlertId, days: Days = 30.0) -> MatchPage:
        """List what an alert found, newest first, whether it was told or held."""
        return self._matches(paging, existing(self._database, alert).id, days)

    def _matches(self, paging: Asked, alert: str | None, days: float) -> MatchPage:
        found = matches.latest(
            self._database,
            since=now() - timedelta(days=days),
            alert=alert,
            behind=paging.when(),
            at_most=paging.limit + 1,
        )
        page = found[: paging.limit]
        known = rules.many(self._database, {each.alert for each in page})
        names = {rule: each.name for rule, each in known.items()}
        following = None
        if len(found) > paging.limit:
            following = paging.next((page[-1].matched_at.isoformat(), page[-1].id))
        return MatchPage(
            items=[as_match(each, names.get(each.alert, "")) for each in page], next=following
        )

    def backtest(self, alert: AlertId, wish: AlertToTest) -> Backtest:
        """Tell what an alert would have sent in the last 30 days, as it is or with what is named."""
        rule = existing(self._database, alert)
        return self._tested(changing.wished(self._database, rule, values_of(wish)))

    def backtest_new(self, wish: AlertToTest) -> Backtest:
        """Tell what an alert that is not there would have sent in the last 30 days."""
        values = {"name": "a query", **values_of(wish)}
        return self._tested(changing.new(self._database, values, by="", now=now()))

    def _tested(self, rule: Rule) -> Backtest:
        return backtest(self._database, self._reader, rule, now=now())

    def preview(self, alert: AlertId, wish: AlertFields) -> Previewed:
        """Tell which stories of the last 30 days a change would add and drop; it changes nothing."""
        rule = existing(self._database, alert)
        wanted = changing.wished(self._database, rule, values_of(wish))
        shown = changing.channels_shown(self._database)
        return Previewed(
            said=fields.in_words(rule, wanted, shown),
            preview=preview(self._database, self._reader, rule, wanted, now=now()),
        )

    def test(self, alert: AlertId, wish: TextToTry) -> TriedOf:
        """Try an alert on a text: whether it would fire, by which clause, or for want of what."""
        return self._tried(existing(self._database, alert), "", wish)

    def test_query(self, wish: QueryTrial) -> TriedOf:
        """Try a query on a text: whether an alert with it would fire, and why."""
        return self._tried(None, wish.query, wish)

    def _tried(self, rule: Rule | None, query: str, wish: TextToTry) -> TriedOf:
        whole = whole_query(rule) if rule else query
        parsed = understand(whole, Lists.of(self._database).now().entries)
        tried = attempt(parsed, Text(**as_text(wish)), rule=rule, now=now())
        return TriedOf.model_validate(tried)
