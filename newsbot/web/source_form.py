"""What may be changed of a source by a form: as it is typed, and what that means."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from newsbot.archive.sources import Changes, Source, SourceNameError, Way, checked_name
from newsbot.text.urls import canonical_url, is_web_url

KINDS = ("feed", "sitemap", "page")
# What is typed, besides the entry points.
_TEXTS = ("name", "title", "groups", "delay", "concurrency", "ways")
_TICKS = ("poll", "javascript")
LONGEST_DELAY, MOST_AT_ONCE = 3_600.0, 64


def groups_in(typed: str) -> tuple[str, ...]:
    """Return groups as they were typed, with commas between; case tells no two apart."""
    named: dict[str, str] = {}
    for each in typed.replace("،", ",").split(","):
        if group := " ".join(each.split()):
            named.setdefault(group.casefold(), group)
    return tuple(named.values())


def typed(source: Source) -> dict[str, Any]:
    """Return a source as its form shows it; entry points one a line, each with its kind before it."""
    return {
        "name": source.name,
        "title": source.title,
        "groups": ", ".join(source.groups),
        "delay": "" if source.delay is None else f"{source.delay:g}",
        "concurrency": "" if source.concurrency is None else str(source.concurrency),
        "ways": "\n".join(f"{way.kind} {way.url}" for way in source.entry_points),
        "poll": source.next_due is not None,
        "javascript": source.javascript,
    }


def sent(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form sent, as it was typed."""
    return {name: str(form.get(name, "")) for name in _TEXTS} | {
        name: bool(form.get(name)) for name in _TICKS
    }


def read(
    said: Mapping[str, Any], source: Source, *, now: datetime
) -> tuple[str, Changes, dict[str, str]]:
    """Return the name, the changes, and what is wrong with what was typed, by field."""
    problems: dict[str, str] = {}
    name = source.name
    try:
        name = checked_name(said["name"])
    except SourceNameError as error:
        problems["name"] = str(error)
    changes: Changes = {
        "title": " ".join(said["title"].split()),
        "groups": groups_in(said["groups"]),
        "javascript": said["javascript"],
    }
    delay, concurrency = said["delay"].strip(), said["concurrency"].strip()
    try:
        changes["delay"] = float(delay) if delay else None
        if delay and not 0 <= float(delay) <= LONGEST_DELAY:
            raise ValueError
    except ValueError:
        problems["delay"] = (
            f"{delay!r} is no time between two requests; give seconds from 0 to {LONGEST_DELAY:.0f}, "
            "or nothing for the usual"
        )
    try:
        changes["concurrency"] = int(concurrency) if concurrency else None
        if concurrency and not 1 <= int(concurrency) <= MOST_AT_ONCE:
            raise ValueError
    except ValueError:
        problems["concurrency"] = (
            f"{concurrency!r} is no number of requests; give 1 to {MOST_AT_ONCE}, or nothing for the usual"
        )
    if said["poll"] != (source.next_due is not None):
        changes["next_due"] = now if said["poll"] else None
    ways, wrong = _ways(said["ways"])
    if wrong:
        problems["ways"] = wrong
    elif ways != source.entry_points:
        changes["entry_points"] = ways
    return name, changes, problems


def _ways(text: str) -> tuple[tuple[Way, ...], str]:
    """Return entry points as they were typed, and what is wrong with them."""
    found: dict[str, Way] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        kind, _, url = line.strip().partition(" ")
        url = url.strip()
        if kind not in KINDS or not is_web_url(url):
            return (), (
                f"line {number}, {line.strip()!r}, is no entry point; write its kind ({', '.join(KINDS)}), a space "
                "and its address, as feed https://news.example/feed"
            )
        found.setdefault(canonical_url(url), Way(url=url, kind=kind))
    if not found:
        return (), "nothing would lead to its articles; leave at least one entry point"
    return tuple(found.values()), ""
