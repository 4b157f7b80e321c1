"""Signing in: with what, how often it may be tried, and what a browser holds afterwards.

Tries are counted by name and by address, and wait longer the more there were; a browser that somebody has
signed in with before is counted by itself, so that strangers who try a name do not keep its owner out
(OWASP, "Slow Down Online Guessing Attacks with Device Cookies"). No wait is longer than a quarter of an
hour, and after a day without tries none is left. Who asks for a name that there is not is answered as, and
as late as, who gives a wrong password.
"""

import hmac
import secrets
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_address, ip_network
from math import ceil

import attrs

from newsbot.archive import audit, sessions, tries, users
from newsbot.archive.connection import Database
from newsbot.archive.sealing import SealError
from newsbot.archive.sessions import Session
from newsbot.archive.users import User
from newsbot.config import Config
from newsbot.people import codes, passwords
from newsbot.people.changing import LONGEST_NAME, change, key_of

# Tries that may be made at once, by a name or a browser and by an address, which many may share.
_FREE, _FREE_AN_ADDRESS = 5, 30
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
_KEPT = timedelta(days=1)
# How long there is for typing a one-time code.
_TICKET = timedelta(minutes=5)


class SignInError(Exception):
    """Somebody is not signed in; the text says why, and nothing of whether there is such a name."""


class TooEarlyError(SignInError):
    """It was tried too often; ``seconds`` from now it may be tried again."""

    def __init__(self, wait: timedelta) -> None:
        self.seconds = ceil(wait.total_seconds())
        super().__init__(
            f"it was tried too often; try again in {_in_words(self.seconds)}, or ask an admin for a new "
            "password"
        )


@attrs.frozen
class Browser:
    """What is known of who asks: the address, what the browser calls itself, and what it holds of before."""

    address: str = ""
    agent: str = ""
    device: str = ""


def with_password(database: Database, name: str, password: str, browser: Browser) -> User:
    """Return the person of this name and password, who may have to show a one-time code besides.

    Raises:
        SignInError: when there is none, or it was tried too often.
    """
    key = key_of(name[: LONGEST_NAME * 2])
    now = datetime.now(UTC)
    counted = _count(database, key, browser, now)
    user = users.find(database, key)
    if not passwords.right(user.password if user else "", password) or user is None:
        raise SignInError("the name or the password is not right")
    if not user.code_secret:
        _forget(database, counted, now)
    if passwords.outdated(user.password):
        user = change(
            database, user, lambda there: attrs.evolve(there, password=passwords.hashed(password))
        )
    return user


def confirm(database: Database, user: User, password: str) -> None:
    """See that whoever has somebody's session knows the password, too.

    Raises:
        SignInError: when it is not right, or it was tried too often.
    """
    counted, now = f"own {user.id}", datetime.now(UTC)
    wait = tries.take(database, counted, now=now, pause=partial(_pause, _FREE), kept=_KEPT)
    if wait:
        raise TooEarlyError(wait)
    if not passwords.right(user.password, password):
        raise SignInError("your present password is not right")
    tries.forget(database, counted)


def ticket(database: Database, user: User) -> str:
    """Return what shows that somebody gave the right password a moment ago, and has yet to show a code."""
    until = (datetime.now(UTC) + _TICKET).timestamp()
    return database.sealer.seal({"user": user.id, "epoch": user.epoch, "until": until})


def with_code(database: Database, ticket: str, code: str, browser: Browser) -> User:
    """Return who gave the right password before, and this one-time or recovery code now.

    Raises:
        SignInError: when it is not, or it was tried too often.
    """
    now = datetime.now(UTC)
    try:
        told = database.sealer.open(ticket)
    except SealError:
        raise SignInError("begin with your name and password") from None
    user = users.find(database, str(told.get("user", "")))
    fresh = now.timestamp() < float(told.get("until", 0))
    if user is None or told.get("epoch") != user.epoch or not fresh or not user.code_secret:
        raise SignInError("that took too long; begin with your name and password")
    counted = _count(database, user.id, browser, now)
    if not codes.taken(database, user, code, now=now):
        raise SignInError(
            "the code is not right, or was used already; the next one comes within 30 s"
        )
    _forget(database, counted, now)
    return user


def begin(config: Config, database: Database, user: User, browser: Browser) -> tuple[Session, str]:
    """Begin a session; returns it, and what the browser is to hold."""
    now = datetime.now(UTC)
    secret = secrets.token_urlsafe(32)
    last_end = now + timedelta(days=config.session_days)
    session = Session(
        id=sessions.hashed(secret),
        user=user.id,
        epoch=user.epoch,
        made_at=now,
        seen_at=now,
        ends_at=min(now + timedelta(hours=config.session_idle_hours), last_end),
        last_end=last_end,
        address=browser.address,
        agent=browser.agent[:200],
    )
    sessions.add(database, session)
    return session, secret


def note(database: Database, user: User) -> None:
    """Put on record that somebody has signed in."""
    now = datetime.now(UTC)
    change(database, user, lambda there: attrs.evolve(there, signed_in_at=now))
    audit.note(database, "sign in", ids=(user.id,), by=user.name)


def known(
    config: Config, database: Database, secret: str, *, now: datetime
) -> tuple[User, Session] | None:
    """Return whose session it is that a browser holds; None where it is nobody's any more.

    That it is used is written once in a tenth of the time after which it would end.
    """
    session = sessions.find(database, secret, now=now)
    user = users.find(database, session.user) if session else None
    if session is None or user is None or user.epoch != session.epoch:
        return None
    idle = timedelta(hours=config.session_idle_hours)
    if now - session.seen_at > min(idle / 10, timedelta(minutes=10)):
        sessions.seen(database, session, now=now, idle=idle)
    return user, session


def device(database: Database, user: User, held: str) -> str:
    """Return what a browser is to hold that this person has signed in with: what it holds, or anew."""
    if _is_device(database, user.id, held):
        return held
    drawn = secrets.token_urlsafe(16)
    return f"{drawn}.{_device_sign(database, user.id, drawn)}"


def _is_device(database: Database, key: str, held: str) -> bool:
    drawn, _, sign = held.partition(".")
    right = _device_sign(database, key, drawn)
    return bool(drawn) and hmac.compare_digest(right.encode(), sign.encode())


def _device_sign(database: Database, key: str, drawn: str) -> str:
    return database.sealer.token("device", key, drawn)


def _count(database: Database, key: str, browser: Browser, now: datetime) -> list[str]:
    """Count a try; returns under what it was counted.

    Raises:
        TooEarlyError: when it is too early for one.
    """
    if _is_device(database, key, browser.device):
        counted = [f"device {sessions.hashed(browser.device)}"]
    else:
        counted = [f"address {_network(browser.address)}", f"name {key}"]
    for at, what in enumerate(counted):
        free = _FREE_AN_ADDRESS if what.startswith("address ") else _FREE
        wait = tries.take(database, what, now=now, pause=partial(_pause, free), kept=_KEPT)
        if wait:
            for before in counted[:at]:
                tries.give_back(database, before, now=now)
            raise TooEarlyError(wait)
    return counted


def _forget(database: Database, counted: list[str], now: datetime) -> None:
    for what in counted:
        # Whoever has an account here has not shown that the address's other tries were honest.
        if what.startswith("address "):
            tries.give_back(database, what, now=now)
        else:
            tries.forget(database, what)


def _pause(free: int, count: int) -> timedelta:
    """Return how long to wait after so many tries: not at all at first, then twice as long each time."""
    if count < free:
        return timedelta(0)
    doubled: int = 1 << min(count - free, 20)
    return min(_FIRST_WAIT * doubled, _LONGEST_WAIT)


def _network(address: str) -> str:
    """Return whose address it is: of IPv6 a household has 2**64 (RFC 6177)."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]
    return str(found) if found.version == 4 else str(ip_network(f"{found}/64", strict=False))


def _in_words(seconds: int) -> str:
    return f"{seconds} s" if seconds < 90 else f"{ceil(seconds / 60)} minutes"
