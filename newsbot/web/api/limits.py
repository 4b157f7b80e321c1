"""How much one may ask of the API, and send to it: so many requests in any minute, by token, session or address.

Every answer tells it, as the IETF's draft has it (draft-ietf-httpapi-ratelimit-headers): ``RateLimit-Policy``
what may be asked, ``RateLimit`` what is left. What costs much (exports, backtests, surveys of sites) has a
policy of its own. Each process that serves the page counts for itself.
"""

import math
import time
from collections.abc import Callable

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newsbot.config import Config
from newsbot.web.access import Visitor
from newsbot.web.api.frame import PREFIX
from newsbot.web.api.problems import ProblemError, as_response

_MINUTE = 60
# Bytes that the body of a request may have.
LARGEST_BODY = 1_000_000
# What costs much, by method and the end of its path.
COSTLY = (
    ("GET", "/export"),
    ("POST", "/backtest"),
    ("POST", "/preview"),
    ("POST", "/api/v1/sources"),
    ("POST", "/api/v1/trials"),
    ("POST", "/overrides/trial"),
    ("POST", "/test"),
)


class Policy:
    """A number of requests that one may send in any minute; 0 is without a limit."""

    def __init__(self, name: str, most: int) -> None:
        self.name = name
        self.most = most
        self._item = RateLimitItemPerMinute(max(most, 1))
        self._kept = MovingWindowRateLimiter(MemoryStorage())

    def take(self, key: str) -> bool:
        """Count a request; False where it is one too many."""
        return not self.most or self._kept.hit(self._item, key)

    def left(self, key: str) -> tuple[int, int]:
        """Return how many are left, and in how many seconds there are more."""
        reset, left = self._kept.get_window_stats(self._item, key)
        return left, max(1, math.ceil(reset - time.time()))

    def headers(self, key: str) -> dict[str, str]:
        """Return what tells of it."""
        if not self.most:
            return {}
        left, after = self.left(key)
        return {
            "ratelimit-policy": f'"{self.name}";q={self.most};w={_MINUTE}',
            "ratelimit": f'"{self.name}";r={left};t={after}',
        }


class ApiLimits:
    """The middleware: it counts requests under ``/api/v1``, and answers HEAD as GET without a body."""

    def __init__(self, app: ASGIApp, config: Config) -> None:
        self._app = app
        self._usual = Policy("requests", config.api_requests)
        self._costly = Policy("costly", config.api_costly_requests)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] != "http" or not scope["path"].startswith(f"{PREFIX}/"):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        key = asking(request)
        policy = self._costly if is_costly(request.method, scope["path"]) else self._usual
        if not policy.take(key):
            _, after = policy.left(key)
            refused = ProblemError(
                "too-many-requests",
                f"More than {policy.most} requests in a minute; wait {after} seconds.",
                headers={"retry-after": str(after), **policy.headers(key)},
            )
            await as_response(request, refused)(scope, receive, send)
            return
        told = _with_headers(send, lambda: policy.headers(key))
        length = request.headers.get("content-length", "")
        if length.isascii() and length.isdigit() and int(length) > LARGEST_BODY:
            await as_response(request, _too_large())(scope, receive, told)
            return
        receive = _bounded(receive)
        if request.method == "HEAD":
            head = _Head(receive, told)
            await self._app({**scope, "method": "GET"}, head.receive, head.send)
            return
        await self._app(scope, receive, told)


def asking(request: Request) -> str:
    """Return what stands for whoever asks: a person or a token by name, a stranger by address."""
    who: Visitor | None = getattr(request.state, "visitor", None)
    if who is not None and who.by in ("session", "token"):
        return f"{who.by}:{who.name}"
    return f"address:{request.client.host if request.client else ''}"


def is_costly(method: str, path: str) -> bool:
    """Say whether it is one of the requests that cost much."""
    return any(method == verb and path.endswith(end) for verb, end in COSTLY)


def _with_headers(send: Send, headers: Callable[[], dict[str, str]]) -> Send:
    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            sent = MutableHeaders(scope=message)
            for name, value in headers().items():
                sent.setdefault(name, value)
        await send(message)

    return told


def _too_large() -> ProblemError:
    return ProblemError(
        "too-large", f"The body is larger than {LARGEST_BODY:,} bytes; send less at a time."
    )


def _bounded(receive: Receive) -> Receive:
    """Return what takes a body that does not say how long it is, no further than one may be."""
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            raise _too_large()
        return message

    return bounded


class _Head:
    """Passes an answer on without its body, and has whoever makes it stop as soon as it has begun."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._begun = False

    async def receive(self) -> Message:
        """Tell a stream that nobody listens, once its head is sent."""
        return {"type": "http.disconnect"} if self._begun else await self._receive()

    async def send(self, message: Message) -> None:
        """Pass the head on, and that it is the end."""
        if message["type"] == "http.response.start":
            self._begun = True
            await self._send(message)
            await self._send({"type": "http.response.body", "body": b""})
