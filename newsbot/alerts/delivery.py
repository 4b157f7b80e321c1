"""Delivery: takes messages out of the outbox and brings them to their receivers.

A message is leased, tried, and settled: sent, due again after a growing pause, or set aside as dead
after the configured time. A process that dies between sending and settling sends once more; the
message's id, which stands in the ``webhook-id`` header and in the body, lets the receiver see that.
"""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import attrs
import httpx

from newsbot.archive import articles, channels, matches, outbox, rules, sources
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.archive.outbox import Message
from newsbot.archive.rules import Rule
from newsbot.archive.sealing import SealError
from newsbot.config import Config
from newsbot.fetching.http_dates import retry_after
from newsbot.text.doubts import believed

# First pause after a failed try, and the longest (seconds); each is twice the one before.
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 3_600.0
# The longest pause that a receiver may ask for, in seconds.
LONGEST_WISH = 86_400.0
POLL_SECONDS = 0.25
AT_ONCE = 16


class DeliveryError(Exception):
    """A try that failed; ``retry_after`` (seconds) is what the receiver asked for."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


def pause_after(attempts: int, retry_after: float | None, *, chance: float) -> float:
    """Return the seconds to wait after so many failed tries.

    ``chance`` in [0, 1) spreads receivers' retries over half the pause; a receiver's own wish for
    a longer one is honoured.
    """
    pause = min(FIRST_PAUSE * 2.0 ** min(attempts - 1, 32), LONGEST_PAUSE)
    return max(pause * (0.75 + chance / 2), retry_after or 0.0)


def content(message: Message, rule: Rule, kept: Kept, source: str, copies: int) -> dict[str, Any]:
    """Return what a webhook receives, as JSON values."""
    article = kept.article
    published = believed(article.published)
    moment = (published.instant or published.day) if published else None
    return {
        "id": message.id,
        "alert": {"id": rule.id, "name": rule.name, "query": rule.query},
        "article": {
            "id": article.id,
            "title": article.title,
            "url": article.url,
            "source": source,
            "language": article.language,
            "authors": list(article.authors),
            "published": moment.isoformat() if moment else None,
            "seen": kept.record.first_seen.isoformat(),
            "story": kept.record.story,
        },
        "passage": {
            "text": message.passage.text,
            "marks": [list(mark) for mark in message.passage.marks],
        },
        "more_sources": max(0, copies - 1),
    }


class Courier:
    """Delivers what is due, until cancelled."""

    def __init__(self, config: Config, database: Database, owner: str) -> None:
        self._config = config
        self._database = database
        self._owner = owner
        # A try may take its timeout twice (connecting, then answering) before its lease is over.
        self._lease = config.delivery_timeout * 2 + 10

    async def run(self) -> None:
        """Deliver for ever; looks for due messages four times a second."""
        under_way: dict[str, asyncio.Task[None]] = {}
        async with self._client() as client:
            try:
                while True:
                    due = await asyncio.to_thread(
                        outbox.deliverable, self._database, datetime.now(UTC)
                    )
                    for message in due:
                        if message.id not in under_way and len(under_way) < AT_ONCE:
                            task = asyncio.create_task(self._deliver(client, message))
                            under_way[message.id] = task
                            task.add_done_callback(partial(_forget, under_way, message.id))
                    await asyncio.sleep(POLL_SECONDS)
            finally:
                await asyncio.gather(*under_way.values(), return_exceptions=True)

    async def deliver_due(self) -> int:
        """Deliver what is due now, once; returns how many messages were tried."""
        due = await asyncio.to_thread(outbox.deliverable, self._database, datetime.now(UTC))
        async with self._client() as client:
            await asyncio.gather(*(self._deliver(client, message) for message in due))
        return len(due)

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            timeout=self._config.delivery_timeout,
            headers={"user-agent": self._config.user_agent},
            follow_redirects=False,
        )

    async def _deliver(self, client: httpx.AsyncClient, message: Message) -> None:
        held = await asyncio.to_thread(
            outbox.take,
            self._database,
            message,
            owner=self._owner,
            seconds=self._lease,
            now=datetime.now(UTC),
        )
        if held is None:
            return
        try:
            await self._send(client, held)
        except DeliveryError as error:
            after = self._failed(held, str(error), error.retry_after)
        except httpx.HTTPError as error:
            after = self._failed(held, f"{type(error).__name__}: {error}", None)
        else:
            after = attrs.evolve(
                held,
                state="sent",
                attempts=held.attempts + 1,
                sent_at=datetime.now(UTC),
                failure="",
            )
        await asyncio.to_thread(outbox.settle, self._database, after)

    async def _send(self, client: httpx.AsyncClient, message: Message) -> None:
        body = await asyncio.to_thread(self._content, message)
        if body is None:
            raise DeliveryError("its alert or article was removed")
        target = await asyncio.to_thread(self._target, message)
        answer = await client.post(
            target,
            json=body,
            headers={
                "webhook-id": message.id,
                "webhook-timestamp": str(int(datetime.now(UTC).timestamp())),
            },
        )
        if not answer.is_success:
            asked = retry_after(answer.headers.get("retry-after", ""), datetime.now(UTC))
            raise DeliveryError(
                f"the receiver answered {answer.status_code}",
                None if asked is None else min(asked, LONGEST_WISH),
            )

    def _target(self, message: Message) -> str:
        channel = channels.find(self._database, message.channel)
        if channel is None:
            raise DeliveryError("its channel was removed")
        try:
            return channels.opened(self._database, channel).target
        except SealError as error:
            raise DeliveryError(str(error)) from None

    def _content(self, message: Message) -> dict[str, Any] | None:
        rule = rules.find(self._database, message.alert)
        kept = articles.get(self._database, message.article) or self._another(message)
        if rule is None or kept is None:
            return None
        name = sources.names(self._database, [kept.article.source]).get(kept.article.source, "")
        told = {
            source
            for copy in articles.of_story(self._database, message.story)
            for source in copy.record.sources
        }
        return content(message, rule, kept, name, len(told))

    def _another(self, message: Message) -> Kept | None:
        """Return what else the alert met of a story whose article was found to be part of another."""
        told = {each.article.id: each for each in articles.of_story(self._database, message.story)}
        met = matches.of_articles(self._database, told)
        of_it = (each for each in met if each.alert == message.alert and not each.held)
        return next((told[each.article] for each in of_it), None)

    def _failed(self, message: Message, reason: str, retry_after: float | None) -> Message:
        moment = datetime.now(UTC)
        attempts = message.attempts + 1
        pause = pause_after(attempts, retry_after, chance=random.random())  # noqa: S311
        given_up = moment - message.created_at > timedelta(seconds=self._config.delivery_give_up)
        return attrs.evolve(
            message,
            state="dead" if given_up else "due",
            attempts=attempts,
            next_attempt=moment + timedelta(seconds=pause),
            failure=reason[:500],
        )


def _forget(
    under_way: dict[str, asyncio.Task[None]], message: str, _task: asyncio.Task[None]
) -> None:
    under_way.pop(message, None)
