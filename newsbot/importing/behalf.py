"""On whose behalf articles out of a file are kept: the sources that it names, found or made."""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

import attrs

from newsbot.archive import sources
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source
from newsbot.text.site_key import host_of, site_key
from newsbot.text.urls import site_of


class Sources:
    """Finds the source of each article; one that there is not is made, paused and never polled.

    ``homes`` are the homepages of the sources that the file names, by name, where its manifest tells
    them. ``all_of`` is the source that all articles belong to, whatever the file says.
    """

    def __init__(
        self, database: Database, homes: Mapping[str, str], all_of: Source | None = None
    ) -> None:
        self._database = database
        self._homes = homes
        self._all_of = all_of
        self._named: dict[str, Source | None] = {}
        self._hosts: dict[str, Source] = {}
        records = {each.id: each for each in sources.records(database)}
        for each in sorted(records.values(), key=lambda each: len(each.homepage)):
            for address in (each.homepage, *each.addresses):
                living = sources.living(each, records)
                self._hosts.setdefault(host_of(site_key(address)), living)

    def of(self, name: str, url: str) -> Source:
        """Return the source of an article at this address that the file says is of this name."""
        if self._all_of is not None:
            return self._all_of
        if not name:
            return self._of_host(url)
        found = self.named(name)
        if found is None:
            parts = urlsplit(url)
            found = self._make(name, f"{parts.scheme}://{parts.netloc}/")
            self._named[name] = found
        return found

    def named(self, name: str) -> Source | None:
        """Return the source of this name; None where there is none, and no homepage to make it of."""
        if name not in self._named:
            found = sources.find(self._database, name)
            if found is None and name in self._homes:
                found = self._make(name, self._homes[name])
            self._named[name] = found
        return self._named[name]

    def _of_host(self, url: str) -> Source:
        host = host_of(site_key(url))
        if host not in self._hosts:
            parts = urlsplit(url)
            self._hosts[host] = self._make(site_of(url), f"{parts.scheme}://{parts.netloc}/")
        return self._hosts[host]

    def _make(self, name: str, homepage: str) -> Source:
        source = Source(
            id=sources.source_id(homepage),
            name=name,
            homepage=homepage,
            state="paused",
            added_at=datetime.now(UTC),
        )
        for called in chain(_names(name), (source.id,)):
            try:
                sources.add(self._database, attrs.evolve(source, name=called))
            except sources.SourceExistsError as error:
                if error.source.id == source.id:
                    return error.source
                # The site is known under another name, or the name is another site's.
                known = next(
                    (each for each in sources.records(self._database) if each.id == source.id), None
                )
                if known is not None:
                    return error.source
            else:
                return attrs.evolve(source, name=called)
        raise AssertionError("a source's own id is a name that no other has")


def _names(name: str) -> list[str]:
    """Return what a source of this name may be called; nothing where no source can be called so."""
    try:
        name = sources.checked_name(name)
    except sources.SourceNameError:
        return []
    return [name, *(f"{name[:90]}-{number}" for number in range(2, 100))]


def homes_of(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return the homepages that an export's manifest tells, by the source's name."""
    told = manifest.get("sources")
    if not isinstance(told, list):
        return {}
    return {
        each["name"]: each["homepage"]
        for each in told
        if isinstance(each, dict)
        and isinstance(each.get("name"), str)
        and isinstance(each.get("homepage"), str)
    }
