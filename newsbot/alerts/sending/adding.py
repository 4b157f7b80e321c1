"""A new channel: its target checked as far as it can be without sending anything."""

from typing import Literal

import attrs

from newsbot.alerts.sending.email import AddressError, checked_address
from newsbot.alerts.sending.services import ServiceError, service_name
from newsbot.alerts.sending.webhook import new_signing, signing_key
from newsbot.archive import channels
from newsbot.archive.channels import Channel, ChannelKind
from newsbot.archive.connection import Database
from newsbot.archive.sealing import shown_webhook
from newsbot.config import Config
from newsbot.fetching.addresses import AddressPolicy
from newsbot.fetching.refusals import RefusedError
from newsbot.text.urls import is_web_url


class ChannelError(Exception):
    """A channel that cannot be; the text says why and what to do."""


@attrs.frozen(kw_only=True)
class Added:
    """A channel, and whether it is new.

    ``signing`` is the secret that a new webhook's messages are signed with: it is shown once, to who adds
    it, and never again.
    """

    channel: Channel
    new: bool
    signing: str = attrs.field(default="", repr=False)


def kind_of(target: str) -> ChannelKind:
    """Return the kind of channel that a target is of, by how it is written."""
    scheme = target.partition("://")[0].lower() if "://" in target else ""
    if scheme in ("http", "https"):
        return "webhook"
    return "apprise" if scheme else "email"


def add(
    config: Config,
    database: Database,
    target: str,
    *,
    kind: ChannelKind | Literal[""] = "",
    name: str = "",
    signing: str = "",
    operators: bool = False,
) -> Added:
    """Keep a channel; the same target again is the channel that there is.

    Raises:
        ChannelError: when it cannot be.
    """
    target, name = target.strip(), name.strip()
    kind = kind or kind_of(target)
    shown, target = shown_of(config, kind, target)
    there = channels.find(database, channels.channel_id(kind, target))
    if there is not None:
        return Added(channel=there, new=False)
    if name and channels.find(database, name) is not None:
        raise ChannelError(f"there is a channel {name!r} already; choose another name")
    if signing:
        try:
            signing_key(signing)
        except ValueError as error:
            raise ChannelError(str(error)) from None
    made = (signing or new_signing()) if kind == "webhook" else ""
    channel = channels.add(
        database,
        kind=kind,
        target=target,
        shown=shown,
        name=name,
        signing=made,
        operators=operators,
    )
    return Added(channel=channel, new=True, signing=made)


def shown_of(config: Config, kind: ChannelKind, target: str) -> tuple[str, str]:
    """Return what of a target may be shown, and the target in its normal form.

    Raises:
        ChannelError: when it is none that can be sent to.
    """
    try:
        if kind == "email":
            address = checked_address(target).addr_spec
            return address, address
        if kind == "apprise":
            return service_name(target), target
    except (AddressError, ServiceError) as error:
        raise ChannelError(str(error)) from None
    if not is_web_url(target):
        raise ChannelError(f"{target!r} is no web address; give one as https://desk.example/hook")
    try:
        AddressPolicy.of(config.webhook_hosts).check_url(target)
    except RefusedError as error:
        raise ChannelError(
            f"the webhook's address {error}; allow its host with webhook_hosts "
            "(NEWSBOT_WEBHOOK_HOSTS) if it is yours"
        ) from None
    return shown_webhook(target), target
