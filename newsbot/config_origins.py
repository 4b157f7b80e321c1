"""Each setting as it is in force, and where it comes from."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

import attrs

from newsbot.config import FILE, Config

Origin = Literal["default", "file", "environment", "start"]
HIDDEN = "(hidden)"
# What nobody is shown. What is an address may have a password in it.
_SECRET = ("secret_key", "smtp_password")


@attrs.frozen(kw_only=True)
class Setting:
    """A setting: ``variable`` is its name in the environment, ``value`` and ``default`` as text, "" for unset.

    ``origin`` says where its value was set: nowhere, in ``newsbot.toml``, in the environment, or by how newsbot was
    started (as by ``--demo``).
    """

    name: str
    variable: str
    value: str
    default: str
    secret: bool
    origin: Origin
    meaning: str


def settings_of(
    config: Config, *, environment: Mapping[str, str] = os.environ, file: Path = FILE
) -> list[Setting]:
    """Return all settings, in the order of their reference."""
    stated = _stated(file)
    told = []
    for name, field in Config.model_fields.items():
        value, default = getattr(config, name), field.get_default()
        variable = f"NEWSBOT_{name.upper()}"
        secret = name in _SECRET and bool(value)
        if value == default:
            origin: Origin = "default"
        elif environment.get(variable):
            origin = "environment"
        elif name in stated:
            origin = "file"
        else:
            origin = "start"
        told.append(
            Setting(
                name=name,
                variable=variable,
                value=HIDDEN if secret else _shown(value),
                default=_shown(default),
                secret=secret,
                origin=origin,
                meaning=field.description or "",
            )
        )
    return told


def _stated(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf8"))
    except (OSError, ValueError):
        return {}


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return ", ".join(_shown(each) for each in value)
    return _without_secrets(str(value))


def _without_secrets(text: str) -> str:
    """Return an address without its password, and without what is asked behind it; other text as it is."""
    if "://" not in text:
        return text
    try:
        parts = urlsplit(text)
    except ValueError:
        return HIDDEN
    user, at, where = parts.netloc.rpartition("@")
    netloc = f"{user.partition(':')[0]}:{HIDDEN}@{where}" if at else where
    query = HIDDEN if parts.query else ""
    return urlunsplit(parts._replace(netloc=netloc, query=query))
