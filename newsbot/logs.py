"""Logs of the parts: one line an event, in one form whoever writes it, and never a secret in it.

newsbot, Scrapy, APScheduler, httpx and uvicorn all log by the standard library; structlog gives their lines one
form: JSON in service, readable on a terminal. Each has what it is about (``run``, ``source``, ``article``), from
the context in which it was written: what :func:`about` binds goes along through tasks and threads.

In ``newsbot up`` the parts' lines go to files in the data folder, which the service keeps from growing for ever
(:func:`rotate`). A part that something else supervises (systemd, a container) writes to its standard error, and
what becomes of it is left to that.
"""

import logging
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from structlog.typing import EventDict, Processor

from newsbot.config import Config

# Of others' lines only those are written that say that something is wrong.
_QUIET = (
    "scrapy",
    "httpx",
    "httpcore",
    "apscheduler",
    "apprise",
    "asyncio",
    "py.warnings",
    "uvicorn",
    "celery.worker.strategy",
    "celery.app.trace",
)
# Bytes of a part's log at which the next file is begun, and how many are kept besides.
FULL, KEPT = 20_000_000, 4

_HIDDEN = "***"
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@'\"]+@")
# Parameters that are secrets by their names, in addresses and in what looks like them.
_PARAMETER = re.compile(
    r"(?i)\b((?:[\w-]*(?:token|secret|passw(?:or)?d|signature|credential)[\w-]*|api[_-]?key|apikey|auth|key|sig|pwd)"
    r"=)[^&\s'\"<>]+"
)
_HEADER = re.compile(
    r"(?i)(\b(?:proxy-)?authorization\b|\b(?:set-)?cookie\b|\bx-[\w-]*(?:key|token|secret|auth)[\w-]*)"
    r"(['\"]?\s*[:=]\s*(?:b?['\"])?)[^'\"\n,}\]]+"
)
# Where chats and services take messages: who knows the path may write there.
_HOOK = re.compile(
    r"(?i)(https?://(?:hooks?\.[^/\s]+|[^/\s]*discord(?:app)?\.com/api/webhooks|api\.telegram\.org"
    r"|[^/\s]*webhook\.office\.com|[^/\s]*\.webhook\.[^/\s]+))/[^\s'\"<>]+"
)
# Addresses of services as Apprise writes them: the whole is a secret.
_SERVICE = re.compile(
    r"(?i)\b(?!https?:|mongodb(?:\+srv)?:|file:|tcp:|rediss?:|amqps?:|data:)([a-z][a-z0-9+.-]{1,30})://[^\s'\"<>]+"
)


def configure(config: Config, *, stream: Any = None) -> None:
    """Have this process log in one form, to its standard error."""
    out = stream or sys.stderr
    terminal = bool(getattr(out, "isatty", lambda: False)())
    as_json = config.log_format == "json" or (config.log_format == "auto" and not terminal)
    hide = Hidden(secrets_of(config))
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=None),
        _of_spider,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    ending: list[Processor] = (
        [
            structlog.processors.format_exc_info,
            structlog.processors.StackInfoRenderer(),
            hide,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ]
        if as_json
        else [
            structlog.processors.format_exc_info,
            hide,
            structlog.dev.ConsoleRenderer(colors=terminal, sort_keys=True),
        ]
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(config.log_level)
    logging.captureWarnings(capture=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


@contextmanager
def about(**ids: str) -> Iterator[None]:
    """Have each line that is written in this context say what it is about, as ``run`` and ``source``."""
    with structlog.contextvars.bound_contextvars(
        **{name: each for name, each in ids.items() if each}
    ):
        yield


def _of_spider(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Say of Scrapy's own lines, which come along with a spider, what run they are of."""
    spider = event.pop("spider", None)
    session = getattr(spider, "session", None)
    if session is not None:
        event.setdefault("run", session.run.id)
        event.setdefault("source", session.source.id)
    event.pop("color_message", None)  # uvicorn's: the same once more, for terminals
    return event


# Secrets


def secrets_of(config: Config) -> tuple[str, ...]:
    """Return the secrets that this process knows by its settings."""
    password = urlsplit(config.mongodb_uri).password if config.mongodb_uri else ""
    return tuple(each for each in (config.secret_key, config.smtp_password, password) if each)


class Hidden:
    """A step that hides secrets in all texts of a line."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        # A secret of three letters would hide half of each line.
        self._known = tuple(each for each in known if len(each) > 3)

    def __call__(
        self, _logger: object, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """Hide them."""
        for name, value in event.items():
            if isinstance(value, str):
                event[name] = self.text(value)
            elif not isinstance(value, (int, float, bool, type(None))):
                event[name] = self.text(str(value))
        return event

    def text(self, text: str) -> str:
        """Return a text without its secrets."""
        for each in self._known:
            text = text.replace(each, _HIDDEN)
        if "://" in text:
            text = _CREDENTIALS.sub(f"{_HIDDEN}@", text)
            text = _HOOK.sub(rf"\1/{_HIDDEN}", text)
            text = _SERVICE.sub(rf"\1://{_HIDDEN}", text)
        if "=" in text or ":" in text:
            text = _PARAMETER.sub(rf"\1{_HIDDEN}", text)
            text = _HEADER.sub(rf"\1\2{_HIDDEN}", text)
        return text


# Files


def rotate(folder: Path, *, full: int = FULL, kept: int = KEPT) -> list[Path]:
    """Begin the parts' log files in a folder anew that are full; returns which.

    What a file had is copied to ``NAME.log.1``, what that had to ``.2``, and so on; then it is emptied in its
    place, since its part has it open. A line that is written between the two is lost.
    """
    done = []
    for path in folder.glob("*.log"):
        if path.stat().st_size < full:
            continue
        draft = path.with_name(f"{path.name}.new")
        try:
            shutil.copyfile(path, draft)
        except OSError:  # no room: it goes on growing until there is
            draft.unlink(missing_ok=True)
            continue
        for number in range(kept - 1, 0, -1):
            older = path.with_name(f"{path.name}.{number}")
            if older.exists():
                older.replace(path.with_name(f"{path.name}.{number + 1}"))
        draft.replace(path.with_name(f"{path.name}.1"))
        with path.open("r+b") as file:
            file.truncate(0)
        done.append(path)
    return done
