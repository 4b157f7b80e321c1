"""Webhooks: a message as JSON, posted and signed as the Standard Webhooks specification has it (1.0.0).

What is signed is ``id.timestamp.body`` with HMAC-SHA256, so that a receiver knows who sent it, that nobody
changed it, and when. The id is the message's own: it stays through every repetition. Connections go only
where the address rules of fetching let them, and redirects are refused: a receiver may not send us on.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import secrets
from datetime import UTC, datetime
from typing import Any, Self

import httpx

from newsbot.alerts.sending.failure import SendError, masked
from newsbot.alerts.telling import Moment, Telling, Told
from newsbot.archive.channels import Secret
from newsbot.archive.matches import Passage
from newsbot.config import Config
from newsbot.fetching.addresses import AddressPolicy
from newsbot.fetching.http_dates import retry_after
from newsbot.fetching.pinning import AsyncPinnedTransport
from newsbot.fetching.refusals import RefusedError

PREFIX = "whsec_"
# Bytes of a signing secret (Standard Webhooks, "Signature scheme": 24 to 64).
_FEWEST, _OURS, _MOST = 24, 32, 64
# The longest pause that a receiver may ask for, in seconds.
LONGEST_WISH = 86_400.0
# Bytes of an answer that are read, so that its connection can be used again; nothing is done with them.
_READ = 65_536
# Answers that say something of the receiver and not of the message (RFC 9110; 425: RFC 8470; 429: RFC 6585).
_ILL = frozenset({408, 425, 429})
_GONE = 410
_HINT = "allow it with webhook_hosts (NEWSBOT_WEBHOOK_HOSTS) if it is yours"


def new_signing() -> str:
    """Return a new secret to sign with."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_OURS)).decode()


def signing_key(signing: str) -> bytes:
    """Return the bytes of a secret to sign with.

    Raises:
        ValueError: saying what would be right.
    """
    try:
        key = base64.b64decode(signing.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not signing.startswith(PREFIX) or not _FEWEST <= len(key) <= _MOST:
        raise ValueError(
            f"a signing secret is {PREFIX} and {_FEWEST} to {_MOST} bytes in base64, as in the Standard "
            "Webhooks specification; leave it out and one is made"
        )
    return key


def signature(signing: str, message: str, timestamp: int, body: bytes) -> str:
    """Return the value of ``webhook-signature``."""
    signed = f"{message}.{timestamp}.".encode() + body
    made = hmac.new(signing_key(signing), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(made).decode()}"


class Webhooks:
    """Posts messages; at most ``at_once`` connections are open."""

    def __init__(self, config: Config, at_once: int = 64) -> None:
        policy = AddressPolicy.of(config.webhook_hosts)
        self._timeout = config.delivery_timeout
        self._client = httpx.AsyncClient(
            transport=AsyncPinnedTransport(policy, connections=at_once),
            timeout=config.delivery_timeout,
            headers={"user-agent": config.user_agent},
            follow_redirects=False,
            trust_env=False,  # a proxy would look names up and connect as it likes
        )

    async def __aenter__(self) -> Self:
        """Return itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def send(self, said: Telling, secret: Secret) -> None:
        """Post a message. Raises SendError."""
        body = json.dumps(content(said), ensure_ascii=False, separators=(",", ":")).encode(
            "utf-8", "replace"
        )
        now = datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "webhook-id": said.id,
            "webhook-timestamp": str(int(now.timestamp())),
        }
        if secret.signing:
            headers["webhook-signature"] = signature(
                secret.signing, said.id, int(now.timestamp()), body
            )
        try:
            # The client's own limit is for each step; a receiver may take many.
            async with asyncio.timeout(2 * self._timeout):
                await self._post(secret.target, body, headers)
        except RefusedError as error:
            reason = f"its address {masked(str(error), _path_of(secret.target))}; {_HINT}"
            raise SendError(reason, ill=True) from None
        except (TimeoutError, httpx.TimeoutException):
            raise SendError(
                f"the receiver did not answer within {self._timeout:g} s", ill=True
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            reason = f"{type(error).__name__}: {error}"
            raise SendError(masked(reason, secret.target), ill=True) from None

    async def _post(self, target: str, body: bytes, headers: dict[str, str]) -> None:
        asking = self._client.stream("POST", target, content=body, headers=headers)
        async with asking as answer:
            if answer.is_success:
                await _read_some(answer)
                return
            asked = retry_after(answer.headers.get("retry-after", ""), datetime.now(UTC))
            status = answer.status_code
            why = f"the receiver answered {status}"
            if answer.is_redirect:
                why += "; redirects are not followed, so enter the address that it leads to"
            raise SendError(
                why,
                retry_after=None if asked is None else min(asked, LONGEST_WISH),
                final=status == _GONE,
                ill=status in _ILL or status >= 500,
            )


async def _read_some(answer: httpx.Response) -> None:
    read = 0
    async for chunk in answer.aiter_raw():
        read += len(chunk)
        if read > _READ:
            return


def _path_of(target: str) -> str:
    return target.partition("://")[2].partition("/")[2]


# What is posted


def content(said: Telling) -> dict[str, Any]:
    """Return what a webhook receives, as JSON values: see docs/delivery.md.

    A message of one article has it at the top; a digest has its parts in ``articles``.
    """
    body: dict[str, Any] = {
        "id": said.id,
        "kind": said.kind,
        "occasion": said.occasion,
        "created": said.at.isoformat(),
        "headline": said.headline,
        "lines": list(said.lines),
        "sources": list(said.sources),
        "alert": {"id": said.alert, "name": said.name, "query": said.query, "page": said.page}
        if said.alert
        else None,
    }
    if said.kind == "digest":
        told = {"articles": [_article(each) for each in said.told], "left_out": said.left_out}
        return body | told
    return body | (_article(said.told[0]) if said.told else {})


def _article(told: Told) -> dict[str, Any]:
    return {
        "article": {
            "id": told.article,
            "title": told.title,
            "title_as_published": told.title_as_published or None,
            "url": told.page,
            "archive": told.archive,
            "source": told.source,
            "language": told.language,
            "authors": list(told.authors),
            "published": _original(told.published),
            "published_shown": told.published.shown if told.published else None,
            "seen": _original(told.seen),
            "seen_shown": told.seen.shown,
            "story": told.story,
        },
        "passage": _passage(told.passage),
        "clause": told.clause,
        "more_sources": told.more_sources,
        "message": told.message,
        "change": {
            "kinds": list(told.kinds),
            "fields": {
                label: [[each.change, each.text] for each in pieces]
                for label, pieces in told.changes.items()
            },
        }
        if told.kind == "edit"
        else None,
    }


def _original(at: Moment | None) -> str | None:
    return at.original if at else None


def _passage(passage: Passage) -> dict[str, Any]:
    as_published = {
        "text": passage.published,
        "marks": [list(mark) for mark in passage.published_marks],
    }
    return {
        "text": passage.text,
        "marks": [list(mark) for mark in passage.marks],
        "as_published": as_published if passage.published else None,
    }
