"""From a survey of a site to the record by which it is crawled."""

import re
from collections.abc import Collection
from datetime import datetime
from itertools import chain
from urllib.parse import urlsplit

import attrs

from newsbot.archive import sources
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source, Way, checked_name
from newsbot.fetching.credentials import Access
from newsbot.fetching.survey import Survey
from newsbot.fetching.visitor import on_this_machine
from newsbot.spiders.recognition import KnownSiteError, KnownSites
from newsbot.text.site_key import site_key
from newsbot.text.urls import site_of


class NothingFoundError(Exception):
    """A site on which nothing leads to articles; the text says what to do."""


@attrs.frozen(kw_only=True)
class Wishes:
    """What is asked for of a new source, besides what its survey finds.

    ``name`` "" and ``javascript`` None are found out; ``poll`` says that it is crawled by its own rhythm,
    ``access`` how it is reached.
    """

    name: str = ""
    groups: tuple[str, ...] = ()
    javascript: bool | None = None
    delay: float | None = None
    concurrency: int | None = None
    poll: bool = True
    access: Access = attrs.field(factory=Access)


def add_site(
    database: Database,
    url: str,
    found: Survey,
    wishes: Wishes,
    *,
    now: datetime,
    anyway: bool = False,
) -> Source:
    """Add the site that a survey of an address found; return its source.

    ``anyway`` adds a site of its own that was recognised as another source, unless they have one
    homepage.

    Raises:
        KnownSiteError: when it is a source already.
        SourceExistsError: when the name is another's.
        SourceNameError: when no source can be called so.
        NothingFoundError: when nothing there leads to articles.
    """
    records = sources.records(database)
    sites = KnownSites(records)
    known = sites.home(found.homepage) if anyway else sites.recognise(url, found)
    if known is not None:
        raise KnownSiteError(url, known)
    own = attrs.evolve(found, entry_points=sites.unshared(found))
    taken = {name for each in records for name in (each.name, *each.former_names)}
    made = record(
        own,
        name=checked_name(wishes.name) if wishes.name else suggest_name(found.homepage, taken),
        groups=wishes.groups,
        javascript=wishes.javascript,
        delay=wishes.delay,
        concurrency=wishes.concurrency,
        poll=wishes.poll,
        access=wishes.access,
        now=now,
    )
    made = attrs.evolve(
        made, id=sources.free_id(database, made.homepage), addresses=leads_to(url, made)
    )
    sources.add(database, made)
    return made


def leads_to(url: str, source: Source) -> tuple[str, ...]:
    """Return the address under which a site was asked for, where that is another than its own."""
    own = {site_key(each) for each in (source.homepage, *(way.url for way in source.entry_points))}
    address = url if "://" in url else f"https://{url}"
    return (address,) if site_key(address) not in {"", *own} else ()


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
    if on_this_machine(found.homepage):
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


def suggest_name(homepage: str, taken: Collection[str]) -> str:
    """Return a short name for a site that is not among those taken: its host's telling part."""
    host = site_of(homepage)
    label = host if on_this_machine(homepage) else host.rpartition(".")[0] or host
    path = urlsplit(homepage).path
    base = re.sub(r"[^\w]+", "-", f"{label}{path}").strip("-").lower()[:60].strip("-") or "source"
    folded = {name.casefold() for name in taken}
    numbered = (f"{base}-{number}" for number in range(2, 100_000))
    return next(name for name in chain((base,), numbered) if name.casefold() not in folded)


def moved(source: Source, found: Survey) -> Source:
    """Return a source as it is at the address that a survey found.

    Raises:
        NothingFoundError: when nothing there leads to articles.
    """
    there = record(found, name=source.name, now=source.added_at)
    kept = [each for each in (*source.addresses, source.homepage) if each != there.homepage]
    kept += [way.url for way in source.entry_points if way.kind == "feed"]
    now = {way.url for way in there.entry_points}
    return attrs.evolve(
        source,
        homepage=there.homepage,
        title=there.title or source.title,
        entry_points=there.entry_points,
        javascript=there.javascript or source.javascript,
        allowed_hosts=tuple(dict.fromkeys((*source.allowed_hosts, *there.allowed_hosts))),
        addresses=tuple(dict.fromkeys(each for each in kept if each not in now)),
    )
