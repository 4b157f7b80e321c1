"""Channels and the messages to them. Of a target only what anybody may see is ever answered."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import Path, Query, Request
from fastapi.responses import Response
from pydantic import Field

from newsbot.alerts import gathering
from newsbot.alerts.sending import adding, trying
from newsbot.alerts.sending.failure import SendError
from newsbot.alerts.sending.letter import letter
from newsbot.archive import audit, channels, outbox, rules
from newsbot.archive.channels import Channel, ChannelKind
from newsbot.archive.connection import Database
from newsbot.archive.outbox import STATES, Message, MessageState
from newsbot.config import Config
from newsbot.web.access import visitor
from newsbot.web.api.frame import PREFIX, Answer, IfMatch, Moment, Wish, area, now, unchanged
from newsbot.web.api.paging import Asked, Page
from newsbot.web.api.problems import ProblemError, invalid, not_found, sentence
from newsbot.web.api.records import answer_of

ChannelId = Annotated[
    str, Path(description="The channel's id, or its name.", examples=["desk"], max_length=300)
]
MessageId = Annotated[str, Path(description="The message's id.", max_length=200)]
_LISTED = f"{PREFIX}/channels"
MessageOf = answer_of(Message, without=("lease",))


class ChannelOf(Answer):
    """Where messages go."""

    id: str
    kind: ChannelKind
    name: str = Field(examples=["desk"])
    shown: str = Field(examples=["https://hooks.example/…"])
    """As much of its target as anybody may see."""
    operators: bool
    """Whether it is told when something is wrong with newsbot or a source."""
    silenced: list[str]
    """Alerts of which it wants nothing any more."""
    created_at: Moment


class NewChannelOf(ChannelOf):
    """A channel that was added."""

    new: bool
    """False where it was there already, and nothing was changed."""
    signing: str = Field(examples=["whsec_…"])
    """What a new webhook's messages are signed with: it is told this once."""


class ChannelPage(Page[ChannelOf]):
    """A page of channels, by name."""


class NewChannel(Wish):
    """A channel to add."""

    name: str = Field(min_length=1, max_length=200, examples=["desk"])
    target: str = Field(max_length=4_000, examples=["https://hooks.example/desk"])
    """A web address, an e-mail address, or an Apprise URL. It is sealed, and never told again."""
    kind: ChannelKind | None = None
    """What it is, where the target does not show it."""
    signing: str = Field(default="", max_length=200, examples=[""])
    """What a webhook is signed with; made where not given."""
    operators: bool = False


class ChannelFields(Wish):
    """What is to be other of a channel."""

    name: str | None = Field(default=None, min_length=1, max_length=200, examples=["night desk"])
    operators: bool | None = None


class Taken(Answer):
    """A test that was taken."""

    taken: Literal[True]
    headline: str = Field(examples=["The harbour opens"])


class MessagePage(Page[Any]):
    """A page of messages, the newest first."""

    items: list[MessageOf]  # type: ignore[valid-type]


class Counts(Answer):
    """How many messages are in each state."""

    counts: dict[str, int] = Field(examples=[dict.fromkeys(STATES, 0)])


class MessageTold(Answer):
    """A message, and what it says."""

    message: MessageOf  # type: ignore[valid-type]
    text: str = Field(examples=["The harbour opens"])
    """What it says, as text; "" where what it tells of was removed."""


class Chosen(Wish):
    """Messages, by their ids."""

    messages: list[str] = Field(
        min_length=1, max_length=1_000, examples=[["f079d29000c983e0b93bd71c"]]
    )


class Settled(Answer):
    """How many messages it was done with."""

    messages: int


class Channels:
    """Where the messages of one archive go."""

    def __init__(self, config: Config, database: Database) -> None:
        self._config = config
        self._database = database
        self.router = area("channels")
        get, post = self.router.get, self.router.post
        one = "/channels/{channel}"
        get("/channels", name="list")(self.listed)
        post("/channels", name="add", status_code=201)(self.add)
        get(one, name="get")(self.channel)
        self.router.patch(one, name="change")(self.change)
        self.router.delete(one, name="remove", status_code=204)(self.remove)
        post(f"{one}/test", name="test")(self.test)

    def listed(self, paging: Asked) -> ChannelPage:
        """List the channels, by name."""
        found = channels.everything(self._database)
        page, following = paging.of(found, lambda each: (each.name, each.id))
        return ChannelPage(items=[ChannelOf.model_validate(each) for each in page], next=following)

    def channel(self, channel: ChannelId) -> ChannelOf:
        """Get a channel."""
        return ChannelOf.model_validate(self._existing(channel))

    def add(self, request: Request, wish: NewChannel, response: Response) -> NewChannelOf:
        """Add a channel. What is secret of it is sealed and never told again."""
        if not wish.name.strip():
            raise invalid({"name": "the channel has no name; give it one"})
        try:
            added = adding.add(
                self._config,
                self._database,
                wish.target,
                kind=wish.kind or "",
                name=wish.name,
                signing=wish.signing,
                operators=wish.operators,
            )
        except adding.ChannelError as error:
            raise ProblemError("bad-request", sentence(error)) from None
        made = added.channel
        audit.note(self._database, "channel add", ids=[made.id], by=visitor(request).name)
        response.headers["location"] = f"{_LISTED}/{made.id}"
        told = ChannelOf.model_validate(made).__dict__
        return NewChannelOf(**told, new=added.new, signing=added.signing)

    def change(
        self, request: Request, channel: ChannelId, wish: ChannelFields, if_match: IfMatch = None
    ) -> ChannelOf:
        """Give a channel another name, or have it told, or not, of what is wrong."""
        there = self._as_seen(request, channel, if_match)
        if wish.name is not None:
            name = wish.name.strip()
            other = channels.find(self._database, name)
            if not name:
                raise invalid({"name": "the channel would have no name; give it one"})
            if other is not None and other.id != there.id:
                raise ProblemError("conflict", f"There is a channel {name!r} already.")
            channels.rename(self._database, there.id, name)
        if wish.operators is not None:
            channels.tell_operators(self._database, there.id, told=wish.operators)
        return ChannelOf.model_validate(self._existing(there.id))

    def remove(
        self,
        request: Request,
        channel: ChannelId,
        anyway: Annotated[
            bool, Query(description="Even if alerts tell it; what waits for it is dropped.")
        ] = False,
        if_match: IfMatch = None,
    ) -> Response:
        """Remove a channel that no alert tells."""
        there = self._as_seen(request, channel, if_match)
        telling = rules.telling(self._database).get(there.id, [])
        if telling and not anyway:
            raise ProblemError(
                "conflict",
                f"It is told by {', '.join(telling)}; give those another channel first, or remove it anyway.",
            )
        channels.remove(self._database, there.id)
        audit.note(self._database, "channel remove", ids=[there.id], by=visitor(request).name)
        return Response(status_code=204)

    def test(self, channel: ChannelId) -> Taken:
        """Send a real message, of an article in the archive, and tell whether it was taken."""
        there = self._existing(channel)
        try:
            said = asyncio.run(trying.try_out(self._config, self._database, there))
        except SendError as error:
            why = f"{there.name or there.shown} did not take it: {error}"
            raise ProblemError("conflict", sentence(why)) from None
        return Taken(taken=True, headline=said.headline)

    def _as_seen(self, request: Request, channel: str, if_match: str | None) -> Channel:
        there = self._existing(channel)
        unchanged(request, ChannelOf.model_validate(there))
        del if_match  # stands among the parameters for the document
        return there

    def _existing(self, channel: str) -> Channel:
        return existing(self._database, channel)


def existing(database: Database, channel: str) -> Channel:
    """Return the channel of that id or name; a problem where there is none."""
    found = channels.find(database, channel)
    if found is None:
        raise not_found("channel", channel, listed=_LISTED)
    return found


class Outbox:
    """The messages of one archive."""

    def __init__(self, config: Config, database: Database) -> None:
        self._config = config
        self._database = database
        self.router = area("outbox")
        get, post = self.router.get, self.router.post
        get("/outbox", name="list")(self.listed)
        get("/outbox/counts", name="counts")(self.counts)
        get("/outbox/{message}", name="get")(self.message)
        post("/outbox/resend", name="resend")(self.resend)
        post("/outbox/drop", name="drop")(self.drop)

    def listed(
        self,
        paging: Asked,
        state: Annotated[
            MessageState, Query(description="Those in this state; dead ones were set aside.")
        ] = "dead",
        alert: Annotated[
            str, Query(description="Only this alert's, by its id or name.", max_length=300)
        ] = "",
        channel: Annotated[
            str, Query(description="Only those to this channel, by id or name.", max_length=300)
        ] = "",
    ) -> MessagePage:
        """List messages, the newest first."""
        rule = rules.find(self._database, alert) if alert else None
        if alert and rule is None:
            raise not_found("alert", alert, listed=f"{PREFIX}/alerts")
        found = outbox.in_state(
            self._database,
            state,
            alert=rule.id if rule else "",
            channel=existing(self._database, channel).id if channel else "",
            behind=paging.when(),
            at_most=paging.limit + 1,
        )
        page, following = found[: paging.limit], None
        if len(found) > paging.limit:
            following = paging.next((page[-1].created_at.isoformat(), page[-1].id))
        return MessagePage(items=page, next=following)

    def counts(self) -> Counts:
        """Count the messages by state."""
        return Counts(counts=dict[str, int](outbox.counts(self._database).items()))

    def message(self, message: MessageId) -> MessageTold:
        """Get a message: what it says, and what became of it."""
        found = outbox.many(self._database, [message]).get(message)
        if found is None:
            raise not_found("message", message, listed=f"{PREFIX}/outbox")
        said = gathering.one(self._database, found, base=self._config.web_address)
        return MessageTold(
            message=MessageOf.model_validate(found),
            text=letter(said).text if said else "",
        )

    def resend(self, request: Request, wish: Chosen) -> Settled:
        """Have messages that were set aside or dropped be delivered after all."""
        count = outbox.send_again(self._database, wish.messages, now=now())
        audit.note(
            self._database,
            "outbox resend",
            counts={"messages": count},
            by=visitor(request).name,
        )
        return Settled(messages=count)

    def drop(self, request: Request, wish: Chosen) -> Settled:
        """Have messages not be delivered that were not yet."""
        by = visitor(request).name
        count = outbox.drop(self._database, wish.messages, why=f"dropped by {by}")
        audit.note(self._database, "outbox drop", counts={"messages": count}, by=by)
        return Settled(messages=count)
