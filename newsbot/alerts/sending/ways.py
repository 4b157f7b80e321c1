"""The way to each kind of channel, all open at once."""

from contextlib import AsyncExitStack
from typing import Self

from newsbot.alerts.sending import email, services
from newsbot.alerts.sending.email import Letters
from newsbot.alerts.sending.services import Services
from newsbot.alerts.sending.webhook import Webhooks
from newsbot.alerts.telling import Telling
from newsbot.archive.channels import Channel, ChannelKind, Secret
from newsbot.archive.sealing import Sealer
from newsbot.config import Config


class Ways:
    """Sends messages by webhook, e-mail and services."""

    def __init__(self, config: Config, *, at_once: int) -> None:
        self._config = config
        self._webhooks = Webhooks(config, at_once)
        self._letters = Letters(config)
        self._services = Services(config)
        self._held = AsyncExitStack()
        # How many messages go out by a kind of channel at a time, and to one channel of it.
        self.by_kind: dict[ChannelKind, int] = {
            "webhook": at_once,
            "email": email.AT_ONCE,
            "apprise": services.AT_ONCE,
        }
        self.to_one: dict[ChannelKind, int] = {
            "webhook": config.delivery_per_channel,
            "email": min(config.delivery_per_channel, email.AT_ONCE),
            "apprise": 1,
        }

    async def __aenter__(self) -> Self:
        """Return itself."""
        await self._held.enter_async_context(self._webhooks)
        self._held.callback(self._services.close)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all connections and end all processes."""
        await self._held.aclose()

    async def send(
        self, said: Telling, channel: Channel, secret: Secret, *, sealer: Sealer
    ) -> None:
        """Send a message to a channel. Raises SendError."""
        if channel.kind == "webhook":
            await self._webhooks.send(said, secret)
        elif channel.kind == "email":
            link = unsubscribe_address(self._config, sealer, channel, said.alert)
            await self._letters.send(said, secret.target, unsubscribe=link)
        else:
            await self._services.send(said, secret.target)


def unsubscribe_token(sealer: Sealer, channel: str, alert: str) -> str:
    """Return what stands in the address that ends an alert's messages to a channel."""
    return sealer.token("unsubscribe", alert, channel)


def unsubscribe_address(config: Config, sealer: Sealer, channel: Channel, alert: str) -> str:
    """Return the address of the page that ends an alert's messages to a channel; "" for no alert."""
    if not alert:
        return ""
    token = unsubscribe_token(sealer, channel.id, alert)
    return f"{config.web_address}/unsubscribe/{alert}/{channel.id}/{token}"
