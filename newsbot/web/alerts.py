"""The pages of alerts: all of them, one of them, and the form in which one is written.

Before an alert is saved the form shows what it would have sent in 30 days, and of a change which stories it
adds and drops; what cannot be is said beside what was typed, and nothing typed is lost.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import attrs
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from newsbot.alerts import changing, fields, holding, releasing
from newsbot.alerts.backtest import Backtest, backtest
from newsbot.alerts.checking import RuleFieldError
from newsbot.alerts.previewing import Preview, compared
from newsbot.alerts.sending import adding
from newsbot.alerts.usefulness import Usefulnesses
from newsbot.archive import audit, channels, feeds, matches, rules, sources
from newsbot.archive.connection import Database
from newsbot.archive.rules import Rule, RuleExistsError
from newsbot.config import Config
from newsbot.edits.version import KINDS
from newsbot.query import QuerySyntaxError
from newsbot.search.results import Reader
from newsbot.web import alert_form, now
from newsbot.web.access import visitor
from newsbot.web.alert_form import FormError
from newsbot.web.bars import DayBar, bars
from newsbot.web.feeds import addresses
from newsbot.web.guard import checked
from newsbot.web.pages import Pages

# Days of which the list of alerts draws the matches, and the page of one lists them.
LISTED_DAYS, SHOWN_DAYS = 7, 30
MOST_SHOWN = 100
# Matches that the list counts: more would keep whoever looks at it waiting, and it says so.
_MOST_COUNTED = 20_000
# What the form folds away, by part, and the fields of each.
PARTS = {
    "when": (
        *("timing.how", "timing.at", "timing.weekday", "timing.zone", "timing.most"),
        *("timing.even_empty", *alert_form.QUIET),
    ),
    "of what": (
        *("each", "sources", "languages", "max_age"),
        *("noise.title_only", "noise.mentions", "noise.without"),
    ),
    "edits": ("edits.meets", "edits.kinds", "edits.least"),
    "spread": ("spread.publishers", "spread.groups", "spread.surge"),
}


async def _sent(request: Request) -> FormData:
    return await request.form(max_files=0, max_fields=500)


Sent = Annotated[FormData, Depends(_sent)]


@attrs.frozen
class Listed:
    """An alert in the list: what it met in the last days, by day, and all together."""

    rule: Rule
    bars: list[DayBar]
    lately: int


@attrs.frozen
class _Looked:
    """What a form shows before it is saved: what the alert would have sent, and what a change changes."""

    tested: Backtest | None = None
    days: tuple[DayBar, ...] = ()
    preview: Preview | None = None
    said: tuple[str, ...] = ()


class AlertPages:
    """The alerts of one archive, on pages."""

    def __init__(self, config: Config, database: Database, pages: Pages) -> None:
        self._config = config
        self._database = database
        self._reader = Reader(config, database)
        self._pages = pages
        self._use = Usefulnesses(database)
        self.router = APIRouter()
        add = self.router.add_api_route
        for path, page in (
            ("/alerts", self.listed),
            ("/alerts/new", self.blank),
            ("/alerts/{alert}", self.shown),
            ("/alerts/{alert}/change", self.form),
        ):
            add(path, page, methods=["GET"], response_class=HTMLResponse, response_model=None)
        for path, step in (
            ("/alerts", self.add),
            ("/alerts/{alert}/change", self.change),
            ("/alerts/{alert}/{step}", self.take),
        ):
            add(path, step, methods=["POST"], response_model=None)

    # What there is

    def listed(self, request: Request, q: str = "") -> HTMLResponse:
        """List the alerts, and offer to write one."""
        since = datetime.now(UTC) - timedelta(days=LISTED_DAYS)
        days = [(since + timedelta(days=at)).date() for at in range(1, LISTED_DAYS + 1)]
        counts, whole = matches.per_day(self._database, since, at_most=_MOST_COUNTED)
        listed = []
        for rule in rules.everything(self._database):
            of = [counts[rule.id, day] for day in days]
            said = [f"{day}: {count}" for day, count in zip(days, of, strict=True)]
            listed.append(Listed(rule, bars(of, said), sum(of)))
        return self._pages.page(
            request,
            "alerts.html",
            listed=listed,
            counted=None if whole else _MOST_COUNTED,
            channels=changing.channels_shown(self._database),
            form=self._form_of(_BLANK, {"query": q}),
            error="",
        )

    def shown(self, request: Request, alert: str, held: str = "") -> HTMLResponse:
        """Show one alert: what it found, what was told, what was held and why, and what it was before."""
        rule = self._existing(alert)
        since = datetime.now(UTC) - timedelta(days=SHOWN_DAYS)
        found = now.fired(self._database, since=since, at_most=MOST_SHOWN, alert=rule.id)
        reasons = Counter(each.match.held for each in found)
        chosen = [each for each in found if not held or (each.match.held or "told") == held]
        shown = changing.channels_shown(self._database)
        return self._pages.page(
            request,
            "alert.html",
            rule=rule,
            fired=chosen,
            held=held,
            reasons={reason or "told": count for reason, count in sorted(reasons.items())},
            settings=[
                (name, fields.told(name, value, shown))
                for name in fields.NAMES
                if (value := fields.value_of(rule, name)) != fields.value_of(_BLANK, name)
                and name not in ("name", "query", "state")
            ],
            history=changing.history(self._database, rule)[::-1],
            kept_back=releasing.held(self._database, rule),
            use=self._use.of(rule, now=datetime.now(UTC)),
            why=holding.REASONS,
            feed=addresses(request, feeds.address(self._database, "alert", rule.id)),
        )

    # Writing

    def blank(self, request: Request, q: str = "") -> HTMLResponse:
        """Offer the whole form of a new alert."""
        return self._form(request, None, self._form_of(_BLANK, {"query": q}))

    def form(self, request: Request, alert: str, q: str = "") -> HTMLResponse:
        """Offer the form of an alert as it is, or with another query and what that would change."""
        rule = self._existing(alert)
        typed = self._form_of(rule, {"query": q} if q else {})
        if not q:
            return self._form(request, rule, typed)
        moment = datetime.now(UTC)
        try:
            wanted = changing.wished(self._database, rule, self._values(typed))
            return self._form(request, rule, typed, looked=self._look(rule, wanted, moment))
        except RuleFieldError as error:
            return self._form(request, rule, typed, problems=error.problems)
        except QuerySyntaxError as error:
            return self._form(request, rule, typed, problems={"": _sentence(error)})

    def add(self, request: Request, form: Sent) -> Response:
        """Look at a new alert, or save it."""
        checked(request, str(form.get("token", "")))
        typed = alert_form.as_typed(form, alert_form.typed(_BLANK))
        moment = datetime.now(UTC)
        try:
            values = self._values(typed)
            rule = changing.new(self._database, values, by=visitor(request).name, now=moment)
            if form.get("do") == "look":
                return self._form(request, None, typed, looked=self._look(None, rule, moment))
            values["channels"], signing = self._with_webhook(values["channels"], typed)
            rule = changing.add(self._database, values, by=visitor(request).name, now=moment)
        except (FormError, RuleFieldError) as error:
            return self._form(request, None, typed, problems=error.problems)
        except (RuleExistsError, QuerySyntaxError) as error:
            return self._form(request, None, typed, problems={"": _sentence(error)})
        return self._saved(request, rule, signing)

    def change(self, request: Request, alert: str, form: Sent) -> Response:
        """Look at what a change would make of the last 30 days, or make it."""
        checked(request, str(form.get("token", "")))
        rule = self._existing(alert)
        typed = alert_form.as_typed(form, alert_form.typed(rule))
        moment = datetime.now(UTC)
        try:
            values = self._values(typed)
            if str(form.get("version", rule.version)) != str(rule.version):
                raise changing.ChangedMeanwhileError(
                    f"the alert was changed meanwhile, by {rule.by or 'somebody'}: it is version "
                    f"{rule.version} now; look at it, and save again what you want of yours",
                    rule,
                )
            wanted = changing.wished(self._database, rule, values)
            if form.get("do") == "look":
                return self._form(request, rule, typed, looked=self._look(rule, wanted, moment))
            values["channels"], signing = self._with_webhook(values["channels"], typed)
            changing.change(self._database, rule, values, by=visitor(request).name, now=moment)
        except (FormError, RuleFieldError) as error:
            return self._form(request, rule, typed, problems=error.problems)
        except (RuleExistsError, QuerySyntaxError, changing.ChangedMeanwhileError) as error:
            return self._form(request, rule, typed, problems={"": _sentence(error)})
        return self._saved(request, rule, signing)

    def take(self, request: Request, alert: str, step: str, form: Sent) -> Response:
        """Pause, resume, undo or remove an alert, mute a story, release what is held, renew its feed."""
        checked(request, str(form.get("token", "")))
        rule, moment = self._existing(alert), datetime.now(UTC)
        story = str(form.get("story", ""))
        back = f"/alerts/{rule.id}"
        try:
            match step:
                case "pause":
                    changing.set_state(
                        self._database, rule.id, "paused", by=visitor(request).name, now=moment
                    )
                case "resume":
                    changing.set_state(
                        self._database, rule.id, "active", by=visitor(request).name, now=moment
                    )
                case "mute" if story:
                    changing.mute(
                        self._database, rule.id, [story], by=visitor(request).name, now=moment
                    )
                case "unmute" if story:
                    changing.unmute(
                        self._database, rule.id, [story], by=visitor(request).name, now=moment
                    )
                case "undo":
                    changing.undo(
                        self._database,
                        rule,
                        to=_number(form.get("to")),
                        by=visitor(request).name,
                        now=moment,
                    )
                case "renew":
                    feeds.renew(self._database, "alert", rule.id)
                    audit.note(
                        self._database, "feed renew", ids=[rule.id], by=visitor(request).name
                    )
                    back += "#feed"
                case "release":
                    why = [str(form["why"])] if form.get("why") else holding.OLD
                    releasing.release(self._database, rule, why, moment)
                case "remove":
                    changing.remove(self._database, rule, by=visitor(request).name, now=moment)
                    back = "/alerts"
                case _:
                    raise HTTPException(404)
        except (
            changing.ChangedMeanwhileError,
            changing.NothingToUndoError,
            releasing.ReleaseError,
            RuleFieldError,
            RuleExistsError,
        ) as error:
            return self._pages.page(
                request,
                "alert_problem.html",
                status=409,
                rule=rule,
                said=_sentence(error),
            )
        return RedirectResponse(back, status_code=303)

    def _existing(self, alert: str) -> Rule:
        rule = rules.find(self._database, alert)
        if rule is None:
            raise HTTPException(404)
        return rule

    @staticmethod
    def _form_of(rule: Rule, changed: dict[str, str]) -> dict[str, Any]:
        return alert_form.typed(rule) | changed

    def _values(self, typed: dict[str, Any]) -> dict[str, Any]:
        values = alert_form.values_of(typed)
        if hook := typed["webhook"].strip():
            try:
                adding.shown_of(self._config, "webhook", hook)
            except adding.ChannelError as error:
                raise FormError({"webhook": str(error)}) from None
        return values

    def _with_webhook(
        self, told: tuple[str, ...], typed: dict[str, Any]
    ) -> tuple[tuple[str, ...], str]:
        """Return the channels with the webhook that was typed, and what signs a new one."""
        hook = typed["webhook"].strip()
        if not hook:
            return told, ""
        added = adding.add(self._config, self._database, hook, kind="webhook")
        return tuple(dict.fromkeys((*told, added.channel.id))), added.signing

    def _saved(self, request: Request, rule: Rule, signing: str) -> Response:
        """Lead to an alert that was saved; what signs a new webhook is shown before, this once."""
        if not signing:
            return RedirectResponse(f"/alerts/{rule.id}", status_code=303)
        return self._pages.page(request, "alert_signing.html", rule=rule, signing=signing)

    def _names(self) -> list[str]:
        listed = sources.everything(self._database)
        groups = {group for each in listed for group in each.groups}
        return sorted({each.name for each in listed} | groups)

    def _look(self, before: Rule | None, wanted: Rule, moment: datetime) -> _Looked:
        change = None
        if before is None:
            tested = backtest(self._database, self._reader, wanted, now=moment)
        else:
            change, tested = compared(self._database, self._reader, before, wanted, now=moment)
        counts = [each.messages for each in tested.days]
        said = [
            f"{each.day}: {each.messages} {'message' if each.messages == 1 else 'messages'}"
            for each in tested.days
        ]
        if before is None:
            return _Looked(tested, tuple(bars(counts, said)))
        return _Looked(
            tested,
            tuple(bars(counts, said)),
            change,
            fields.in_words(before, wanted, changing.channels_shown(self._database)),
        )

    def _form(
        self,
        request: Request,
        rule: Rule | None,
        typed: dict[str, Any],
        *,
        problems: dict[str, str] | None = None,
        looked: _Looked = _Looked(),
    ) -> HTMLResponse:
        plain = alert_form.typed(_BLANK)
        wrong = problems or {}
        return self._pages.page(
            request,
            "alert_form.html",
            status=400 if problems else 200,
            rule=rule,
            typed=typed,
            problems=wrong,
            looked=looked,
            opened={
                part: alert_form.opened(typed, plain, names)
                or any(name.startswith(field) for field in wrong if field for name in names)
                for part, names in PARTS.items()
            },
            channels=channels.everything(self._database),
            known=self._names(),
            kinds=KINDS,
            weekdays=[(at, each.capitalize()) for at, each in enumerate(fields.WEEKDAYS)],
        )


_BLANK = Rule(id="", name="", query="", created_at=datetime.fromtimestamp(0, UTC))


def _number(value: object) -> int:
    text = str(value or "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _sentence(error: Exception) -> str:
    told = error.explain() if isinstance(error, QuerySyntaxError) else str(error)
    return f"{told[:1].upper()}{told[1:]}"
