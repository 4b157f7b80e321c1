"""Channels: where messages go, each under an id, its target sealed.

A target may be a secret by itself (a webhook's address, a chat service's token), so what is stored of it
can be read with the key of this newsbot alone (:mod:`newsbot.archive.sealing`), and what people and logs
see is ``shown``. The id follows from the target: the same one added again is the same channel, whatever
else changes of it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal, get_args

import attrs
from pymongo.errors import DuplicateKeyError

from newsbot.archive.connection import Database, patiently
from newsbot.archive.records import from_document, to_document
from newsbot.archive.sealing import SealError, shown_webhook
from newsbot.items import derived_id

ChannelKind = Literal["webhook", "email", "apprise"]
KINDS: tuple[ChannelKind, ...] = get_args(ChannelKind)


@attrs.frozen(kw_only=True)
class Channel:
    """Where messages go.

    ``kind`` is how they get there; ``name`` what people call it ("": nothing). ``shown`` is as much of its
    target as anybody may see. ``sealed`` is the whole :class:`Secret`, which ``opened`` returns.
    ``operators`` is whether it is told when something is wrong with newsbot or its sources. ``silenced``
    are ids of alerts of which it wants nothing any more.
    """

    id: str
    kind: ChannelKind
    name: str = ""
    shown: str
    sealed: str = attrs.field(repr=False)
    operators: bool = False
    silenced: tuple[str, ...] = ()
    created_at: datetime


@attrs.frozen(kw_only=True)
class Secret:
    """What nobody is shown of a channel.

    ``target`` is a webhook's address, a person's e-mail address, or an Apprise URL. ``signing`` is what
    a webhook's messages are signed with ("": they are not).
    """

    target: str = attrs.field(repr=False)
    signing: str = attrs.field(default="", repr=False)


def channel_id(kind: str, target: str) -> str:
    """Return the id of the channel of this kind with this target."""
    return derived_id("channel", kind, target)


@patiently
def add(
    database: Database,
    *,
    kind: ChannelKind,
    target: str,
    shown: str = "",
    name: str = "",
    signing: str = "",
    operators: bool = False,
    now: datetime | None = None,
) -> Channel:
    """Keep a channel; returns the one that is there already where it is.

    ``shown`` is what people see of the target; "" for all of it, or of a webhook's for its host.
    """
    channel = Channel(
        id=channel_id(kind, target),
        kind=kind,
        name=name,
        shown=shown or (shown_webhook(target) if kind == "webhook" else target),
        sealed=database.sealer.seal(to_document(Secret(target=target, signing=signing))),
        operators=operators,
        created_at=now or datetime.now(UTC),
    )
    try:
        database.channels.insert_one(to_document(channel))
    except DuplicateKeyError:
        there = database.channels.find_one({"_id": channel.id})
        return from_document(Channel, there) if there else channel
    return channel


def opened(database: Database, channel: Channel) -> Secret:
    """Return what a channel keeps sealed.

    Raises:
        SealError: when it was sealed with another key than this newsbot has.
    """
    return from_document(Secret, database.sealer.open(channel.sealed))


@patiently
def find(database: Database, name: str) -> Channel | None:
    """Return the channel of that id, or of that name."""
    found = database.channels.find_one({"$or": [{"_id": name}, {"name": name}]}) if name else None
    return from_document(Channel, found) if found else None


@patiently
def everything(database: Database) -> list[Channel]:
    """Return all channels, by name and by what is shown of them."""
    found = [from_document(Channel, each) for each in database.channels.find({})]
    return sorted(found, key=lambda channel: (channel.name, channel.shown))


@patiently
def many(database: Database, ids: Iterable[str]) -> dict[str, Channel]:
    """Return those of the channels that are there, by id."""
    found = database.channels.find({"_id": {"$in": list(ids)}})
    return {each["_id"]: from_document(Channel, each) for each in found}


@patiently
def rename(database: Database, channel: str, name: str) -> None:
    """Give a channel a name; "" takes it away."""
    database.channels.update_one({"_id": channel}, {"$set": {"name": name}})


@patiently
def tell_operators(database: Database, channel: str, *, told: bool) -> None:
    """Have a channel be told, or not, when something is wrong with newsbot or its sources."""
    database.channels.update_one({"_id": channel}, {"$set": {"operators": told}})


@patiently
def silence(database: Database, channel: str, alert: str) -> None:
    """Send a channel nothing more of an alert, until it is heard again."""
    database.channels.update_one({"_id": channel}, {"$addToSet": {"silenced": alert}})


@patiently
def hear(database: Database, channel: str, alert: str) -> None:
    """Send a channel what an alert tells it, again."""
    database.channels.update_one({"_id": channel}, {"$pull": {"silenced": alert}})


@patiently
def remove(database: Database, channel: str) -> None:
    """Remove a channel."""
    database.channels.delete_one({"_id": channel})


def unreadable(database: Database) -> list[Channel]:
    """Return the channels whose secrets were sealed with another key than this newsbot has."""
    found = []
    for each in everything(database):
        try:
            opened(database, each)
        except SealError:
            found.append(each)
    return found
