"""Which troubles have one cause; pure.

What fails together is taken for one trouble by, in this order: all of what is asked fails; the same proxy; the
same host; the same range of addresses (/24 of IPv4, /48 of IPv6); the same error, of five or more that began
within an hour. What is left is each by itself. (Prometheus' Alertmanager groups by labels that operators name
beforehand; here what is common is looked for.)
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Literal

import attrs

from newsbot.alerts.health import Ill

Cause = Literal["all", "proxy", "host", "range", "error", "one"]

# Of all sources so many have to fail, and be so many.
_NEARLY, _FEWEST_OF_ALL = 0.9, 5
_FEWEST: dict[Cause, int] = {"proxy": 2, "host": 2, "range": 3, "error": 5}
# What began within so long began together.
TOGETHER = timedelta(hours=1)


@attrs.frozen(kw_only=True)
class Group:
    """Troubles that have one cause, and what that is: of which kind, and ``of`` what."""

    cause: Cause
    of: str
    ills: tuple[Ill, ...]


def groups(ills: Sequence[Ill], *, active: int) -> list[Group]:
    """Return what is wrong by its causes; ``active`` is how many sources there are in all."""
    found: list[Group] = []
    for kind in dict.fromkeys(each.kind for each in ills):
        found += _of_kind([each for each in ills if each.kind == kind], active)
    return found


def _of_kind(ills: list[Ill], active: int) -> list[Group]:
    if len(ills) >= _FEWEST_OF_ALL and len(ills) >= _NEARLY * active:
        return [Group(cause="all", of=_most(each.error for each in ills), ills=tuple(ills))]
    found: list[Group] = []
    for cause, name in _FEATURES.items():
        shared: dict[str, list[Ill]] = defaultdict(list)
        for each in ills:
            if name(each):
                shared[name(each)].append(each)
        for of, those in sorted(shared.items(), key=lambda each: (-len(each[1]), each[0])):
            parts = _together(those) if cause == "error" else [those]
            found += [
                Group(cause=cause, of=of, ills=tuple(some))
                for some in parts
                if len(some) >= _FEWEST[cause]
            ]
        taken = {each.subject for group in found for each in group.ills}
        ills = [each for each in ills if each.subject not in taken]
    return found + [Group(cause="one", of=each.subject, ills=(each,)) for each in ills]


def belongs(ill: Ill, cause: Cause, of: str) -> bool:
    """Say whether something that went wrong later is part of a trouble that is there already."""
    if cause == "all":
        return True
    name = _FEATURES.get(cause)
    return ill.subject == of if name is None else name(ill) == of


def range_of(address: str) -> str:
    """Return the range of an IP address, "" of what is none."""
    try:
        bits = 24 if ip_address(address).version == 4 else 48
        return str(ip_network(f"{address}/{bits}", strict=False))
    except ValueError:
        return ""


_FEATURES: dict[Cause, Callable[[Ill], str]] = {
    "proxy": lambda ill: ill.proxy,
    "host": lambda ill: ill.host,
    "range": lambda ill: range_of(ill.address),
    "error": lambda ill: ill.error,
}


def _together(ills: Iterable[Ill]) -> list[list[Ill]]:
    """Return them in parts that began within an hour of the one before."""
    parts: list[list[Ill]] = []
    for each in sorted(ills, key=lambda each: (each.since, each.subject)):
        if parts and each.since - parts[-1][-1].since <= TOGETHER:
            parts[-1].append(each)
        else:
            parts.append([each])
    return parts


def _most(names: Iterable[str]) -> str:
    return Counter(names).most_common(1)[0][0]
