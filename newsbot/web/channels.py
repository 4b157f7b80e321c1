"""The pages of channels, and of the messages that could not be delivered to them.

Of a target only what anybody may see is ever shown; what signs a new webhook is shown once, to who adds it.
"""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from newsbot.alerts.changing import channels_shown
from newsbot.alerts.sending import adding, trying
from newsbot.alerts.sending.failure import SendError
from newsbot.archive import audit, channels, outbox, rules
from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.web.access import visitor
from newsbot.web.guard import checked
from newsbot.web.pages import Pages

# Messages on the page of those that were set aside.
MOST_SHOWN = 200

Token = Annotated[str, Form()]


class ChannelPages:
    """Where the messages of one archive go, and which did not get there."""

    def __init__(self, config: Config, database: Database, pages: Pages) -> None:
        self._config = config
        self._database = database
        self._pages = pages
        self.router = APIRouter()
        add = self.router.add_api_route
        for path, page in (("/channels", self.listed), ("/outbox", self.aside)):
            add(path, page, methods=["GET"], response_class=HTMLResponse, response_model=None)
        for path, step in (
            ("/channels", self.add),
            ("/channels/{channel}/{step}", self.take),
            ("/outbox/{step}", self.settle),
        ):
            add(path, step, methods=["POST"], response_model=None)

    def listed(self, request: Request) -> HTMLResponse:
        """List the channels, and offer to add one."""
        return self._listed(request, {"name": "", "operators": ""})

    def _listed(
        self,
        request: Request,
        typed: dict[str, str],
        *,
        error: str = "",
        said: str = "",
        signing: str = "",
    ) -> HTMLResponse:
        known = channels.everything(self._database)
        told = rules.telling(self._database)
        return self._pages.page(
            request,
            "channels.html",
            status=400 if error else 200,
            channels=known,
            lost={each.id for each in channels.unreadable(self._database)},
            told=told,
            typed=typed,
            error=error,
            said=said,
            signing=signing,
        )

    def add(
        self,
        request: Request,
        token: Token = "",
        name: Annotated[str, Form()] = "",
        target: Annotated[str, Form()] = "",
        operators: Annotated[str, Form()] = "",
    ) -> Response:
        """Add a channel. What was typed as its target stands nowhere again, in an error neither."""
        checked(request, token)
        typed = {"name": name, "operators": operators}
        try:
            if not name.strip():
                raise adding.ChannelError("give the channel a name")
            added = adding.add(
                self._config, self._database, target, name=name, operators=bool(operators)
            )
        except adding.ChannelError as error:
            return self._listed(request, typed, error=_sentence(error))
        self._note(request, "channel add", added.channel.id)
        if added.signing:
            return self._listed(
                request,
                {"name": "", "operators": ""},
                said=f"The channel {added.channel.name!r} is there.",
                signing=added.signing,
            )
        return RedirectResponse(f"/channels#{added.channel.id}", status_code=303)

    def take(self, request: Request, channel: str, step: str, token: Token = "") -> Response:
        """Test or remove a channel, or have it told, or not, of what is wrong."""
        checked(request, token)
        found = channels.find(self._database, channel)
        if found is None:
            raise HTTPException(404)
        blank = {"name": "", "operators": ""}
        match step:
            case "test":
                try:
                    said = asyncio.run(trying.try_out(self._config, self._database, found))
                except SendError as error:
                    why = f"{found.name or found.shown} did not take it: {error}"
                    return self._listed(request, blank, error=why)
                took = f"{found.name or found.shown} took it: {said.headline}"
                return self._listed(request, blank, said=took)
            case "operators" | "no-operators":
                channels.tell_operators(self._database, found.id, told=step == "operators")
                self._note(request, "channel set", found.id)
            case "remove":
                if found.id in rules.telling(self._database):
                    why = "Alerts tell it; give those another channel first."
                    return self._listed(request, blank, error=why)
                channels.remove(self._database, found.id)
                self._note(request, "channel remove", found.id)
            case _:
                raise HTTPException(404)
        return RedirectResponse("/channels", status_code=303)

    def aside(self, request: Request) -> HTMLResponse:
        """List the messages that were set aside, and how many there are in each state."""
        dead = outbox.in_state(self._database, "dead", at_most=MOST_SHOWN)
        return self._pages.page(
            request,
            "outbox.html",
            dead=dead,
            counts=outbox.counts(self._database),
            names={
                rule: found.name
                for rule, found in rules.many(self._database, {each.alert for each in dead}).items()
            },
            channels=channels_shown(self._database),
        )

    def settle(
        self,
        request: Request,
        step: str,
        token: Token = "",
        message: Annotated[list[str] | None, Form()] = None,
    ) -> Response:
        """Have messages that were set aside be sent after all, or dropped."""
        checked(request, token)
        if step == "resend":
            count = outbox.send_again(self._database, message or (), now=datetime.now(UTC))
        elif step == "drop":
            by = visitor(request).name
            count = outbox.drop(self._database, message or (), why=f"dropped by {by}")
        else:
            raise HTTPException(404)
        self._note(request, f"outbox {step}", messages=count)
        return RedirectResponse("/outbox", status_code=303)

    def _note(self, request: Request, action: str, *channel: str, **counts: int) -> None:
        audit.note(self._database, action, ids=channel, counts=counts, by=visitor(request).name)


def _sentence(error: Exception) -> str:
    told = str(error)
    return f"{told[:1].upper()}{told[1:]}; nothing was changed."
