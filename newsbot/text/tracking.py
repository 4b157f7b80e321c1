"""Query parameters that tell how a reader came: which of them ``tracking.tsv`` lets drop."""

import re
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import unquote

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping


@attrs.frozen
class _Rule:
    """When a parameter is dropped: for which values, on which sites (all, where there are none)."""

    value: re.Pattern[str] | None
    sites: tuple[str, ...]

    def drops(self, value: str, host: str) -> bool:
        if self.sites and not any(_is_on(host, site) for site in self.sites):
            return False
        return self.value is None or self.value.fullmatch(unquote(value).strip()) is not None


def _is_on(host: str, site: str) -> bool:
    if site.startswith("*."):
        return host.endswith(site[1:])
    return host == site or host.endswith(f".{site}")


def is_tracking(pair: str, host: str) -> bool:
    """Say whether ``name=value`` of a query tells nothing of which page is meant, on a host."""
    name, _, value = pair.partition("=")
    name = unquote(name).strip().lower()
    whole, beginnings = _rules()
    if any(rule.drops(value, host) for rule in whole.get(name, ())):
        return True
    return name.startswith(beginnings)


@cache
def _rules() -> tuple["Mapping[str, tuple[_Rule, ...]]", tuple[str, ...]]:
    """Return the table's parameters, and its beginnings of parameters."""
    table = (files("newsbot.text") / "tracking.tsv").read_text("utf8")
    whole: dict[str, tuple[_Rule, ...]] = {}
    beginnings = []
    for line in table.splitlines():
        if line[:1] in ("#", ""):
            continue
        name, _, _, *only = line.split("\t")
        if name.endswith("*"):
            beginnings.append(name[:-1])
            continue
        value = re.compile(only[0], re.IGNORECASE) if only else None
        sites = tuple(only[1].split("|")) if len(only) > 1 else ()
        whole[name] = (*whole.get(name, ()), _Rule(value, sites))
    return MappingProxyType(whole), tuple(beginnings)
