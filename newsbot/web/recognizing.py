"""Who asks: a browser with a session, a program with a token, or whoever sits at this machine.

While MongoDB is away, nobody is known but whoever asks for metrics and was known within the last minutes: that it
is away is seen there. Everything else waits for it, and would be done when it is back by whoever was known
before.
"""

import copy
import hashlib
import time
from collections import OrderedDict
from datetime import UTC, datetime

import attrs
from fastapi import Request

from newsbot.archive import users
from newsbot.archive.connection import AWAY, Database
from newsbot.archive.sessions import Session
from newsbot.config import Config
from newsbot.people import signing_in, tokens
from newsbot.people.doors import loopback
from newsbot.people.roles import Role
from newsbot.web import cookies
from newsbot.web.access import AT_THE_MACHINE, STRANGER, Visitor

# Seconds for which a request waits for a MongoDB that is away, and for which it is remembered who was known.
_PATIENCE, _REMEMBERED = 0.5, 600.0
_MOST_REMEMBERED = 1_000
_ASKED_WHILE_AWAY = "/metrics"
# Headers by which proxies say that the request is another's.
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


@attrs.frozen
class Known:
    """Who asks, and by which session."""

    visitor: Visitor
    session: Session | None = None


class Recognizer:
    """Knows who asks, of one archive."""

    def __init__(self, config: Config, database: Database) -> None:
        self._config = config
        self._database = copy.copy(database)
        self._database.patience = _PATIENCE
        # Once there is somebody there always is: the last admin stays.
        self._anybody = False
        self._remembered: OrderedDict[str, tuple[float, Known | None]] = OrderedDict()

    def know(self, request: Request) -> Known:
        """Return who asks.

        Raises what pymongo raises while MongoDB is away and it is not remembered.
        """
        shown = _shown(request)
        try:
            known = self._known(request, *shown)
        except AWAY:
            remembered = self._remember(request, shown)
            if remembered is None:
                raise
            return remembered
        if known.visitor.by in ("session", "token"):
            self._remembered[_key(shown)] = (time.monotonic(), known)
            self._remembered.move_to_end(_key(shown))
            while len(self._remembered) > _MOST_REMEMBERED:
                self._remembered.popitem(last=False)
        return known

    def _known(self, request: Request, token: str | None, session: str) -> Known:
        now = datetime.now(UTC)
        if not self._anybody:
            self._anybody = users.any_there(self._database)
            if not self._anybody:
                return Known(AT_THE_MACHINE if _at_the_machine(request) else STRANGER)
        if token is not None:
            found = tokens.known(self._database, token, now=now)
            if found is None:
                return Known(STRANGER)
            user, role, _ = found
            return Known(Visitor(user.name, role, "token", user.id))
        if session:
            mine = signing_in.known(self._config, self._database, session, now=now)
            if mine is not None:
                whose, its = mine
                visitor = Visitor(whose.name, Role.named(whose.role), "session", whose.id)
                return Known(visitor, its)
        return Known(STRANGER)

    def _remember(self, request: Request, shown: tuple[str | None, str]) -> Known | None:
        if request.method != "GET" or request.url.path != _ASKED_WHILE_AWAY:
            return None
        if shown != (None, ""):
            at, known = self._remembered.get(_key(shown), (float("-inf"), None))
            return known if time.monotonic() - at < _REMEMBERED else None
        # Nobody has been seen since this process began, and it is served on this machine alone.
        here = not self._anybody and loopback(self._config.web_host) and _at_the_machine(request)
        return Known(AT_THE_MACHINE if here else STRANGER)


def _shown(request: Request) -> tuple[str | None, str]:
    """Return the token and the session that a request shows."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    bearer = token.strip() if kind.lower() == "bearer" else None
    return bearer, cookies.read(request, cookies.SESSION)


def _key(shown: tuple[str | None, str]) -> str:
    return hashlib.sha256(repr(shown).encode()).hexdigest()


def _at_the_machine(request: Request) -> bool:
    """Say whether it is asked at this machine, and not through a proxy for somebody else."""
    host = request.headers.get("host", "").rsplit(":", 1)[0].strip("[]") or "localhost"
    through = any(name in request.headers for name in _FORWARDED)
    return not through and (host == "testserver" or loopback(host))
