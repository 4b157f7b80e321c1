"""Whether a site is a source already, however it is named this time.

A site is known by its homepage however it is typed (scheme, ``www.``, port, mobile and AMP hosts), by
where its address leads, by addresses that it had, by the address that its page names as its own, and
by a feed that is a source's. A section of a known site is a site of its own: what it shares with the
whole is then left to the whole.
"""

from collections.abc import Iterable

import attrs

from newsbot.archive.sources import Source, SourceExistsError, living
from newsbot.discovery import EntryPoint
from newsbot.fetching.survey import Survey
from newsbot.text.site_key import host_of, site_key


@attrs.frozen
class Recognised:
    """The source that a site is, and by what it was recognised."""

    source: Source
    why: str


class KnownSiteError(SourceExistsError):
    """A site that is a source already; the text says which, and by what it was recognised."""

    def __init__(self, url: str, known: Recognised) -> None:
        super().__init__(
            known.source, f"{url} is the source {known.source.name!r} already: {known.why}"
        )


class KnownSites:
    """The addresses of all sources, and what each of them is to its source."""

    def __init__(self, records: Iterable[Source]) -> None:
        """Take the records of all sources, those that were merged into others among them."""
        self._homes: dict[str, Recognised] = {}
        self._former: dict[str, Recognised] = {}
        self._feeds: dict[str, Recognised] = {}
        listed = {record.id: record for record in records}
        for record in listed.values():
            self.add(record, living(record, listed))

    def add(self, record: Source, living: Source | None = None) -> None:
        """Know a source; ``living`` is the one that it was merged into, if it was."""
        source = living or record
        merged = source.id != record.id
        of = f"of {record.name!r}, which was merged into it" if merged else ""
        home = Recognised(
            source, f"the homepage {of}" if merged else f"its homepage is {record.homepage}"
        )
        (self._former if merged else self._homes).setdefault(site_key(record.homepage), home)
        for address in record.addresses:
            former = Recognised(
                source, f"{address} is {f'an address {of}' if merged else 'another address of it'}"
            )
            self._former.setdefault(site_key(address), former)
            self._feeds.setdefault(site_key(address), former)
        for way in record.entry_points:
            if way.kind != "page":
                shared = Recognised(source, f"the same {way.kind}, {way.url}")
                self._feeds.setdefault(site_key(way.url), shared)

    def at(self, url: str) -> Recognised | None:
        """Return the source that has this address for its homepage, or had it."""
        key = site_key(url)
        return self._homes.get(key) or self._former.get(key)

    def home(self, url: str) -> Recognised | None:
        """Return the source that has this address for its homepage now."""
        return self._homes.get(site_key(url))

    def feed(self, url: str) -> Recognised | None:
        """Return the source that reads this feed or sitemap, or did."""
        return self._feeds.get(site_key(url))

    def recognise(self, url: str, found: Survey) -> Recognised | None:
        """Return the source that a surveyed site is; None where it is a new one."""
        known = self.at(url)
        if known is not None:
            return known
        for address in (found.homepage, *found.stated):
            known = self.at(address) or self.feed(address)
            if known is not None:
                how = "leads to" if address == found.homepage else "names as its own address"
                return Recognised(known.source, f"it {how} {address}, and {known.why}")
        for way in found.entry_points:
            known = self.feed(way.url) if way.kind == "feed" else None
            if known is not None and not _same_host(found, known.source):
                return known
        only = found.entry_points[0] if len(found.entry_points) == 1 else None
        return self.feed(only.url) if only and only.kind != "page" else None

    def unshared(self, found: Survey) -> tuple[EntryPoint, ...]:
        """Return the entry points of a section that the whole site has not got."""
        ways = []
        for way in found.entry_points:
            known = self.feed(way.url) if way.kind != "page" else self.at(way.url)
            if known is None or not _is_section(found.homepage, known.source.homepage):
                ways.append(way)
        return tuple(ways)


def _same_host(found: Survey, source: Source) -> bool:
    return host_of(site_key(found.homepage)) == host_of(site_key(source.homepage))


def _is_section(homepage: str, whole: str) -> bool:
    return site_key(homepage).startswith(site_key(whole) + "/")
