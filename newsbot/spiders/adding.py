"""From a survey of a site to the record by which it is crawled."""

import ipaddress
import re
from datetime import datetime
from urllib.parse import urlsplit

from newsbot.archive import sources
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source, Way
from newsbot.fetching.credentials import Access
from newsbot.fetching.survey import Survey
from newsbot.text.urls import site_of


class NothingFoundError(Exception):
    """A site on which nothing leads to articles; the text says what to do."""


def record(
    found: Survey,
    *,
    name: str,
    now: datetime,
    groups: tuple[str, ...] = (),
    javascript: bool | None = None,
    delay: float | None = None,
    concurrency: int | None = None,
    poll: bool = True,
    access: Access = Access(),
) -> Source:
    """Return the source that a survey makes.

    A site on this machine itself is nobody else's to be spared: unless said otherwise it is read
    without a pause.

    Raises:
        NothingFoundError: when the site shows no entry point and no link.
    """
    leads = [way for way in found.entry_points if way.kind != "page"]
    needs_javascript = found.needs_javascript if javascript is None else javascript
    if not leads and not found.links and not needs_javascript:
        raise NothingFoundError(
            f"{found.homepage} announces no feed and no sitemap and shows no links to articles; "
            "give the address of a section or of a feed instead"
        )
    if _on_this_machine(found.homepage):
        delay = 0.0 if delay is None else delay
        concurrency = concurrency or 16
    return Source(
        id=sources.source_id(found.homepage),
        name=name,
        homepage=found.homepage,
        title=found.title,
        entry_points=tuple(Way(url=way.url, kind=way.kind) for way in found.entry_points),
        groups=groups,
        javascript=needs_javascript,
        delay=delay,
        concurrency=concurrency,
        allowed_hosts=found.allowed_hosts,
        headers=access.headers,
        cookies=access.cookies,
        proxy=access.proxy,
        next_due=now if poll else None,
        added_at=now,
    )


def suggest_name(database: Database, found: Survey) -> str:
    """Return a short name for a site that no other source has: its host's telling part."""
    host = site_of(found.homepage)
    label = host if _on_this_machine(found.homepage) else host.rpartition(".")[0] or host
    base = re.sub(r"[^\w]+", "-", label).strip("-").lower() or "source"
    taken = {source.name for source in sources.everything(database)}
    if base not in taken:
        return base
    return next(name for number in range(2, 10_000) if (name := f"{base}-{number}") not in taken)


def _on_this_machine(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
