"""Alerts: what there are, written and changed, paused, muted, undone."""

from typing import Annotated, Any

from fastapi import Path, Request
from fastapi.responses import Response
from pydantic import Field

from newsbot.alerts import changing, holding, releasing
from newsbot.alerts.changing import Version
from newsbot.alerts.releasing import Released
from newsbot.archive import articles, rules, stories
from newsbot.archive.connection import Database
from newsbot.archive.rules import Rule
from newsbot.web.access import visitor
from newsbot.web.api.alert_wishes import (
    AlertFields,
    NewAlert,
    Release,
    StoryToMute,
    ToVersion,
    values_of,
)
from newsbot.web.api.feed_addresses import FeedOf, feed_of, renewed
from newsbot.web.api.frame import PREFIX, Answer, IfMatch, area, now, unchanged
from newsbot.web.api.paging import Asked, Page
from newsbot.web.api.problems import not_found
from newsbot.web.api.records import answer_of

AlertId = Annotated[
    str,
    Path(description="The alert's id, or its name.", examples=["harbour"], max_length=300),
]
AlertOf = answer_of(Rule)
_LISTED = f"{PREFIX}/alerts"


class AlertPage(Page[Any]):
    """A page of alerts, by name."""

    items: list[AlertOf]  # type: ignore[valid-type]


class Versions(Answer):
    """What an alert was, its first version first."""

    items: list[answer_of(Version)]  # type: ignore[valid-type]


class Held(Answer):
    """What an alert found and nobody was told of, counted by the reason."""

    counts: dict[str, int] = Field(examples=[{"old": 3}])
    reasons: dict[str, str] = Field(
        examples=[{"old": "it was published longer ago than the alert tells of"}]
    )
    """What each word means."""


def existing(database: Database, alert: str) -> Rule:
    """Return the alert of that id or name.

    Raises:
        ProblemError: where there is none.
    """
    rule = rules.find(database, alert)
    if rule is None:
        raise not_found("alert", alert, listed=_LISTED)
    return rule


class Alerts:
    """The alerts of one archive."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.router = area("alerts")
        get, post = self.router.get, self.router.post
        get("/alerts", name="list")(self.listed)
        post("/alerts", name="add", status_code=201, response_model=AlertOf)(self.add)
        one = "/alerts/{alert}"
        get(one, name="get", response_model=AlertOf)(self.one)
        self.router.patch(one, name="change", response_model=AlertOf)(self.change)
        self.router.delete(one, name="remove", status_code=204)(self.remove)
        for step, taken in (
            ("pause", self.pause),
            ("resume", self.resume),
            ("mute", self.mute),
            ("unmute", self.unmute),
            ("undo", self.undo),
            ("restore", self.restore),
        ):
            post(f"{one}/{step}", name=step, response_model=AlertOf)(taken)
        get(f"{one}/versions", name="versions")(self.versions)
        get(f"{one}/held", name="held")(self.held)
        post(f"{one}/release", name="release", response_model=answer_of(Released))(self.release)
        get(f"{one}/feed", name="feed")(self.feed)
        post(f"{one}/feed", name="renew_feed")(self.renew_feed)

    def listed(self, paging: Asked) -> AlertPage:
        """List the alerts, by name."""
        page, following = paging.of(
            rules.everything(self._database), lambda each: (each.name, each.id)
        )
        return AlertPage(items=list(page), next=following)

    def one(self, alert: AlertId) -> Rule:
        """Get all that is set of an alert."""
        return existing(self._database, alert)

    def add(self, request: Request, wish: NewAlert, response: Response) -> Rule:
        """Add an alert: what meets it from now on is told. Nothing of the past is."""
        rule = changing.add(self._database, values_of(wish), by=visitor(request).name, now=now())
        response.headers["location"] = f"{_LISTED}/{rule.id}"
        return rule

    def change(
        self, request: Request, alert: AlertId, wish: AlertFields, if_match: IfMatch = None
    ) -> Rule:
        """Change an alert; what is not named stays as it is."""
        rule = self._as_seen(request, alert, if_match)
        by = visitor(request).name
        return changing.change(self._database, rule, values_of(wish), by=by, now=now())

    def remove(self, request: Request, alert: AlertId, if_match: IfMatch = None) -> Response:
        """Remove an alert and what it has not sent; its matches and versions stay."""
        rule = self._as_seen(request, alert, if_match)
        changing.remove(self._database, rule, by=visitor(request).name, now=now())
        return Response(status_code=204)

    def _as_seen(self, request: Request, alert: str, if_match: str | None) -> Rule:
        rule = existing(self._database, alert)
        unchanged(request, AlertOf.model_validate(rule))
        del if_match  # stands among the parameters for the document
        return rule

    # Steps

    def pause(self, request: Request, alert: AlertId) -> Rule:
        """Keep an alert from firing until it is resumed."""
        rule, by = existing(self._database, alert), visitor(request).name
        return changing.set_state(self._database, rule.id, "paused", by=by, now=now())

    def resume(self, request: Request, alert: AlertId) -> Rule:
        """Put a paused alert in force again. What was stored meanwhile is not told."""
        rule, by = existing(self._database, alert), visitor(request).name
        return changing.set_state(self._database, rule.id, "active", by=by, now=now())

    def mute(self, request: Request, alert: AlertId, wish: StoryToMute) -> Rule:
        """Tell nothing more of a story by this alert."""
        rule, by = existing(self._database, alert), visitor(request).name
        return changing.mute(self._database, rule.id, [self._story(wish)], by=by, now=now())

    def unmute(self, request: Request, alert: AlertId, wish: StoryToMute) -> Rule:
        """Tell of a story again."""
        rule, by = existing(self._database, alert), visitor(request).name
        heard = {wish.story}
        if wish.story not in rule.muted:
            heard = set(stories.members(self._database, self._story(wish)))
        muted = [each for each in rule.muted if each in heard]
        return changing.unmute(self._database, rule.id, muted, by=by, now=now())

    def undo(self, request: Request, alert: AlertId, wish: ToVersion) -> Rule:
        """Bring back what an alert was before its last change, or at a version, as a new version."""
        rule, by = existing(self._database, alert), visitor(request).name
        return changing.undo(self._database, rule, to=wish.version, by=by, now=now())

    def restore(self, request: Request, alert: AlertId) -> Rule:
        """Bring back the alert of that name that was removed last, with its matches."""
        by = visitor(request).name
        return changing.bring_back(self._database, alert, by=by, now=now())

    def _story(self, wish: StoryToMute) -> str:
        kept = articles.get(self._database, wish.story)
        if kept is not None:
            return kept.record.story
        if not articles.of_story(self._database, wish.story, at_most=1):
            raise not_found("story, or article,", wish.story)
        return wish.story

    # What was, and what is held

    def versions(self, alert: AlertId) -> Versions:
        """List what an alert was: who changed what, and when. A removed one is found by its name."""
        rule = rules.find(self._database, alert)
        if rule is not None:
            found = changing.history(self._database, rule)
        else:
            found = changing.history_of_removed(self._database, alert)
        if not found:
            raise not_found("alert", alert, listed=_LISTED)
        return Versions(items=found)

    def held(self, alert: AlertId) -> Held:
        """Count what an alert found and nobody was told of, with the reasons."""
        found = releasing.held(self._database, existing(self._database, alert))
        return Held(
            counts=dict(found), reasons={str(each): why for each, why in holding.REASONS.items()}
        )

    def release(self, alert: AlertId, wish: Release) -> Released:
        """Tell of matches that are held, in one digest."""
        rule = existing(self._database, alert)
        return releasing.release(self._database, rule, wish.reasons or holding.OLD, now())

    # Its feed

    def feed(self, request: Request, alert: AlertId) -> FeedOf:
        """Get where what an alert told is read as a feed. Whoever has the address reads it."""
        rule = existing(self._database, alert)
        return feed_of(request, self._database, "alert", rule.id)

    def renew_feed(self, request: Request, alert: AlertId) -> FeedOf:
        """Give an alert's feed another address; the one before ends."""
        rule = existing(self._database, alert)
        return renewed(request, self._database, "alert", rule.id)
