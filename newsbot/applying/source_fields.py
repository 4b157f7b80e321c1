"""The fields of a source as files state them: read, told of a record, and put into one."""

import os
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import attrs

from newsbot.applying.kind import Hidden
from newsbot.applying.stated import Problems, Stated
from newsbot.archive.sources import Changes, Pair, Source, Way
from newsbot.extraction import OverrideError, Overrides, check_overrides
from newsbot.fetching.addresses import allowance
from newsbot.fetching.credentials import cookie, header, is_secret, proxy
from newsbot.text.urls import canonical_url, is_web_url

_WAYS = ("feed", "sitemap", "page")
_OVERRIDABLE = tuple(field.name for field in attrs.fields(Overrides))
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# What a field goes back to when files that stated it do so no longer. Those that are not here stay as
# they are: a look at the site may have found them, and every source has them.
UNSET: Mapping[str, Any] = {
    "groups": (),
    "delay": None,
    "concurrency": None,
    "poll": True,
    "paused": False,
    "allowed_hosts": (),
    "proxy": "",
}
STAYS = frozenset({"name", "homepage", "title", "entry_points", "javascript"})


def stated(value: Stated, problems: Problems) -> dict[str, Any]:
    """Return the fields that a file states of a source; each header, cookie and override is one."""
    read = value.fields(_readers(problems), "a source", problems)
    fields: dict[str, Any] = {}
    for name, of_it in read.items():
        if isinstance(of_it, dict):
            fields |= {f"{name}.{part}": each for part, each in of_it.items()}
        else:
            fields[name] = of_it
    return fields


def values_of(source: Source) -> dict[str, Any]:
    """Return a source's fields in the words of files; what may be secret is hidden."""
    values: dict[str, Any] = {
        "name": source.name,
        "homepage": source.homepage,
        "title": source.title,
        "groups": source.groups,
        "entry_points": source.entry_points,
        "delay": source.delay,
        "concurrency": source.concurrency,
        "javascript": source.javascript,
        "poll": source.next_due is not None,
        "paused": source.state == "paused",
        "allowed_hosts": source.allowed_hosts,
        "proxy": _told_proxy(source.proxy),
    }
    overrides = ((name, getattr(source.overrides, name)) for name in _OVERRIDABLE)
    values |= {f"overrides.{name}": selector for name, selector in overrides if selector}
    values |= {f"headers.{pair.name.title()}": _told(pair) for pair in source.headers}
    return values | {f"cookies.{pair.name}": Hidden(pair.value) for pair in source.cookies}


# Fields that are kept as files state them.
_AS_STATED = (
    *("title", "groups", "entry_points"),
    *("delay", "concurrency", "javascript", "allowed_hosts"),
)


def changes(source: Source, values: Mapping[str, Any], now: datetime) -> Changes:
    """Return what makes these the values of a source; a part that is None is taken out."""
    made = Changes()
    for name in _AS_STATED:
        if name in values:
            made[name] = values[name]  # type: ignore[literal-required]
    if "proxy" in values:
        made["proxy"] = _plain(values["proxy"])
    if overrides := _parts("overrides", values):
        given: dict[str, Any] = {
            name: each or (() if name == "drop" else "") for name, each in overrides.items()
        }
        made["overrides"] = attrs.evolve(source.overrides, **given)
    if headers := _parts("headers", values):
        made["headers"] = _with(source.headers, headers, str.title)
    if cookies := _parts("cookies", values):
        made["cookies"] = _with(source.cookies, cookies, str)
    return made | _rhythm(source, values, now)


def _rhythm(source: Source, values: Mapping[str, Any], now: datetime) -> Changes:
    made = Changes()
    if "paused" in values:
        made["state"] = "paused" if values["paused"] else "active"
        if not values["paused"] and source.next_due is not None:
            made["next_due"] = now  # as `newsbot source resume` has it
    if "poll" in values:
        made["next_due"] = now if values["poll"] else None
    return made


def _parts(of: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name.partition(".")[2]: value for name, value in values.items() if name.startswith(f"{of}.")
    }


def _with(
    pairs: tuple[Pair, ...], given: Mapping[str, Any], key: Callable[[str], str]
) -> tuple[Pair, ...]:
    kept = {key(pair.name): pair for pair in pairs}
    kept |= {name: Pair(name=name, value=_plain(value)) for name, value in given.items() if value}
    return tuple(pair for name, pair in kept.items() if given.get(name, pair))


def _plain(value: Any) -> str:
    return value.value if isinstance(value, Hidden) else str(value)


def _told(pair: Pair) -> Any:
    return Hidden(pair.value) if is_secret(pair.name) else pair.value


def _told_proxy(url: str) -> Any:
    return Hidden(url) if "@" in urlsplit(url).netloc else url


# How each field is read.


def _readers(problems: Problems) -> dict[str, Callable[[Stated], Any]]:
    def texts(value: Stated) -> tuple[str, ...]:
        return _each(value, problems, lambda each: each.text())

    return {
        "homepage": address,
        "title": lambda value: value.text_or_nothing(),
        "groups": lambda value: tuple({each.casefold(): each for each in texts(value)}.values()),
        "entry_points": lambda value: _ways(value, problems),
        "delay": lambda value: value.number(0, 86_400),
        "concurrency": lambda value: value.whole(1, 64),
        "javascript": lambda value: value.truth(),
        "poll": lambda value: value.truth(),
        "paused": lambda value: value.truth(),
        "overrides": lambda value: _overrides(value, problems),
        "allowed_hosts": lambda value: _each(value, problems, _host),
        "headers": lambda value: _secrets(value, problems, _header),
        "cookies": lambda value: _secrets(value, problems, _cookie),
        "proxy": _proxy,
    }


def _each(value: Stated, problems: Problems, read: Callable[[Stated], Any]) -> tuple[Any, ...]:
    found: dict[Any, None] = {}
    for each in value.each():
        with problems.caught():
            found[read(each)] = None
    return tuple(found)


def address(value: Stated) -> str:
    """Return a web address."""
    url = value.text()
    if not is_web_url(url):
        raise value.wrong(f"{url!r} is no web address; write it as https://news.example/")
    return url


def _ways(value: Stated, problems: Problems) -> tuple[Way, ...]:
    ways: dict[str, Way] = {}
    for each in value.each():
        with problems.caught():
            for kind, key, at in each.pairs(problems):
                if kind not in _WAYS:
                    raise key.wrong(
                        f"{kind!r} is no entry point; write one as feed: https://…, sitemap: or page:"
                    )
                url = address(at)
                ways[canonical_url(url)] = Way(url=url, kind=kind)
    if not value.node.value:
        raise value.wrong(
            "a source has at least one entry point; leave entry_points out to have them looked for"
        )
    return tuple(ways.values())


def _overrides(value: Stated, problems: Problems) -> dict[str, Any]:
    readers: dict[str, Callable[[Stated], Any]] = {
        name: lambda each: each.text() for name in _OVERRIDABLE
    }
    readers["drop"] = lambda each: _each(each, problems, lambda one: one.text())
    read = value.fields(readers, "overrides", problems)
    try:
        check_overrides(Overrides(**read))
    except OverrideError as error:
        raise value.wrong(str(error)) from None
    return read


def _host(value: Stated) -> str:
    try:
        return allowance(value.text())
    except ValueError as error:
        raise value.wrong(str(error)) from None


def _secrets(
    value: Stated, problems: Problems, read: Callable[[str, Stated], tuple[str, Any]]
) -> dict[str, Any]:
    found = {}
    for name, _, each in value.pairs(problems):
        with problems.caught():
            key, of_it = read(name, each)
            found[key] = of_it
    return found


def _header(name: str, value: Stated) -> tuple[str, Any]:
    text = _given(value)
    try:
        pair = header(f"{name}: {_plain(text)}")
    except ValueError as error:
        raise value.wrong(str(error)) from None
    if is_secret(name):
        return name.title(), _from_environment(value, text, f"the header {name}")
    return name.title(), pair.value


def _cookie(name: str, value: Stated) -> tuple[str, Any]:
    text = _given(value)
    try:
        cookie(f"{name}={_plain(text)}")
    except ValueError as error:
        raise value.wrong(str(error)) from None
    return name, _from_environment(value, text, f"the cookie {name}")


def _proxy(value: Stated) -> Any:
    text = _given(value)
    try:
        url = proxy(_plain(text))
    except ValueError as error:
        raise value.wrong(str(error)) from None
    if "@" not in urlsplit(url).netloc:
        return url
    hidden = _from_environment(value, text, "a proxy with a password")
    return attrs.evolve(hidden, value=url)


def _given(value: Stated) -> Any:
    """Return a text, or what a variable of the environment has, as {env: NAME} names it."""
    if not value.is_mapping():
        return value.text()
    names = [each.text() for name, key, each in value.pairs(Problems()) if name == "env"]
    if len(names) != 1 or len(value.node.value) != 1 or not _VARIABLE.fullmatch(names[0]):
        raise value.wrong(
            "a text is expected here, or {env: NAME} with a variable of the environment"
        )
    if not os.environ.get(names[0]):
        raise value.wrong(f"the environment has no {names[0]}; set it where newsbot apply is run")
    return Hidden(os.environ[names[0]], names[0])


def _from_environment(value: Stated, given: Any, what: str) -> Hidden:
    if not isinstance(given, Hidden):
        raise value.wrong(
            f"{what} may be a secret, and stands in no file; name the variable of the environment "
            "that has it: {env: NAME}"
        )
    return given
