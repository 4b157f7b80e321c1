"""What operators and subscribers are told of a trouble, as a message's ``said``; pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from newsbot.archive.troubles import Trouble

# Names that a message gives of the sources that it is about.
NAMED = 10

_SEVERAL = {
    "failing": "{count} sources fail",
    "quiet": "{count} sources have gone quiet",
    "rate": "{count} sources bring far less than usual",
    "fields": "{count} sources bring articles that lack what they used to have",
    "redesign": "{count} sources have changed their pages, which are not read as they were",
    "ways": "{count} sources have lost entry points",
    "robots": "{count} sources have closed by robots.txt what was read before",
    "blocked": "{count} sources keep newsbot out",
}
_ONE = {
    "failing": "{name} fails",
    "quiet": "{name} has gone quiet",
    "rate": "{name} brings far less than usual",
    "fields": "{name} brings articles that lack what they used to have",
    "redesign": "{name} has changed its pages, which are not read as they were",
    "ways": "{name} has lost an entry point",
    "robots": "{name} has closed by robots.txt what was read before",
    "blocked": "{name} keeps newsbot out",
    "uplink": "Our own connection is down",
    "queue": "Crawls wait for a worker",
    "delivery": "Messages wait to be delivered",
    "index": "The search index is behind",
    "disk": "The disk fills",
    "channel": "A channel takes no messages: {name}",
}
_WAS = {
    "failing": "failing",
    "quiet": "quiet",
    "redesign": "not read as it was for",
    "ways": "without an entry point for",
    "robots": "closed by robots.txt for",
    "blocked": "keeping newsbot out for",
    "uplink": "down",
    "channel": "failing",
}
_CAUSES = {
    "all": "nearly all that is asked: {of}",
    "proxy": "all by the proxy {of}",
    "host": "all on {of}",
    "range": "all at addresses of {of}",
    "error": "each of them {of}",
}


def title(trouble: Trouble, names: Mapping[str, str]) -> str:
    """Return a trouble in one line."""
    bad = [each for each in trouble.members if each not in trouble.well] or list(trouble.members)
    if len(bad) > 1 and trouble.kind in _SEVERAL:
        words = _SEVERAL[trouble.kind].format(count=len(bad))
        cause = _CAUSES.get(trouble.cause, "").format(of=trouble.of)
        return f"{words}, {cause}" if cause else words
    name = names.get(bad[0], bad[0]) if bad else ""
    return _ONE.get(trouble.kind, "{name}").format(name=name)


def first(trouble: Trouble, names: Mapping[str, str]) -> dict[str, Any]:
    """Return what is said when a trouble is told first."""
    said = title(trouble, names)
    lines = [_sentence(trouble, names), f"It began at {moment(trouble.began)}."]
    return {"title": said, "lines": lines, "sources": _named(trouble, names)}


def again(trouble: Trouble, names: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """Return what is said of a trouble that goes on."""
    said = f"Still, after {span(now - trouble.began)}: {title(trouble, names)}"
    lines = [_sentence(trouble, names), f"It began at {moment(trouble.began)}."]
    if trouble.well:
        lines.append(f"{len(trouble.well)} of {len(trouble.members)} are well again.")
    return {"title": said, "lines": lines, "sources": _named(trouble, names)}


def over(
    trouble: Trouble, names: Mapping[str, str], *, came: int, left: Sequence[str]
) -> dict[str, Any]:
    """Return what is said when a trouble is over; ``left`` are members that are not well."""
    ended = trouble.ended or max(trouble.well.values(), default=trouble.began)
    several = len(trouble.members) > 1 and trouble.kind in _SEVERAL
    if several:
        name = f"{len(trouble.well)} of {len(trouble.members)} sources"
    elif trouble.kind in _SEVERAL or trouble.kind == "channel":
        name = next(iter(names.get(each, each) for each in trouble.members), "")
    else:
        name = {
            "uplink": "our own connection",
            "queue": "the queue",
            "index": "the search index",
        }.get(trouble.kind, f"the {trouble.kind}")
    was = _WAS.get(trouble.kind, "in trouble")
    words = f"was {was} {span(ended - trouble.began)}"
    if trouble.kind in ("failing", "quiet"):
        words += f", {came} article{'' if came == 1 else 's'} came in after it"
    lines = [f"It began at {moment(trouble.began)} and ended at {moment(ended)}."]
    if trouble.kind == "uplink":
        lines.append(
            "What failed meanwhile was held against no source; what was published is read now."
        )
    if left:
        others = ", ".join(names.get(each, each) for each in left[:NAMED])
        lines.append(f"Not well: {others}{' …' if len(left) > NAMED else ''}.")
    return {
        "title": f"Well again: {name}; {words}",
        "lines": lines,
        "sources": [names.get(each, each) for each in list(trouble.members)[:NAMED]]
        if trouble.kind in _SEVERAL
        else [],
    }


def _sentence(trouble: Trouble, names: Mapping[str, str]) -> str:
    if trouble.kind not in _SEVERAL:
        return f"{trouble.says[:1].upper()}{trouble.says[1:]}."
    first_of = next(iter(trouble.members), "")
    name = names.get(first_of, first_of)
    lead = "For one, " if len(trouble.members) > 1 else ""
    return f"{lead}{name} {trouble.says}."


def _named(trouble: Trouble, names: Mapping[str, str]) -> list[str]:
    if trouble.kind not in _SEVERAL:
        return []
    bad = [each for each in trouble.members if each not in trouble.well]
    named = [names.get(each, each) for each in bad[:NAMED]]
    if len(bad) > NAMED:
        named.append(f"and {len(bad) - NAMED} more")
    return named


def moment(at: datetime) -> str:
    """Return a moment in words."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def span(time: timedelta) -> str:
    """Return a span of time in words: 3 h 10 min."""
    minutes = max(1, round(time.total_seconds() / 60))
    days, minutes = divmod(minutes, 1_440)
    hours, minutes = divmod(minutes, 60)
    parts = (
        (days, f"{days} d"),
        (hours, f"{hours} h"),
        (minutes if not days else 0, f"{minutes} min"),
    )
    return " ".join(words for number, words in parts if number) or "0 min"
