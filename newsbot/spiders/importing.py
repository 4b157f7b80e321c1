"""Many sites at once: from a list to sources, line by line.

``plan`` says what a list means beside the sources that there are; ``Import`` carries it out. A line
with a homepage and a feed is taken at its word (the crawl will see); any other is looked at first, as
``source add`` does, several sites at a time and one after the other on each host. Each line is a step
of its own: what fails loses nothing of the others, and a list that is imported again adds nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import chain
from typing import Literal

import attrs

from newsbot.archive import sources
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source, SourceExistsError, SourceNameError, Way, checked_name
from newsbot.config import Config
from newsbot.discovery import EntryPoint
from newsbot.discovery.subscriptions import Subscription
from newsbot.fetching.addresses import AddressPolicy, named_by
from newsbot.fetching.refusals import RefusedError
from newsbot.fetching.survey import Survey, SurveyError, survey
from newsbot.spiders.adding import NothingFoundError, leads_to, record, suggest_name
from newsbot.spiders.recognition import KnownSites, Recognised
from newsbot.text.site_key import host_of, site_key
from newsbot.text.urls import canonical_url, is_web_url

# "new": it becomes a source; "more": the source that it is gets a feed or a group by it; "known": it
# is a source as it is; "bad": it can be none.
Outcome = Literal["new", "more", "known", "bad"]

# Sites looked at at a time.
AT_ONCE = 24
# The first crawls of what was added together begin over this time, in seconds.
SPREAD = 300.0


@attrs.frozen(kw_only=True)
class Line:
    """What becomes of a site on a list: the lines that name it, its address, and the outcome.

    ``source`` is the name of the source that it is or becomes; ``why`` by what it is known, or what
    is wrong. A "new" one that is ``unseen`` has yet to be looked at, and may turn out otherwise.
    """

    lines: tuple[int, ...]
    address: str
    outcome: Outcome
    source: str = ""
    why: str = ""
    unseen: bool = False


@attrs.frozen
class _Site:
    """A site on a list: all that its lines say of it together."""

    lines: tuple[int, ...]
    wanted: Subscription

    @property
    def address(self) -> str:
        ways = self.wanted.entry_points
        return self.wanted.homepage or (ways[0].url if ways else self.wanted.title)

    @property
    def keys(self) -> set[str]:
        """What tells it from the other sites of the list."""
        addresses = (self.wanted.homepage, *(way.url for way in self.wanted.entry_points))
        return {site_key(each) for each in addresses} - {""}

    @property
    def unseen(self) -> bool:
        return not (self.wanted.homepage and self.wanted.entry_points)


class Import:
    """A list of sites on its way to sources.

    ``private`` takes addresses that are not public, too: for these the operator vouches. ``poll``
    says whether the new sources are crawled by their own rhythm, where the list does not say.
    """

    def __init__(
        self,
        database: Database,
        config: Config,
        wanted: Sequence[Subscription],
        *,
        now: datetime,
        private: bool = False,
        poll: bool = True,
    ) -> None:
        self._database = database
        self._config = config
        self._now = now
        self._private = private
        self._poll = poll
        records = sources.records(database)
        self._known = KnownSites(records)
        self._sources = {each.id: each for each in records}
        self._taken = {
            name.casefold() for each in records for name in (each.name, *each.former_names)
        }
        self._sites = _together([_tidied(each, private=private) for each in wanted])
        self._added = 0

    def plan(self) -> list[Line]:
        """Return what the list alone tells of its sites; nothing is fetched, and nothing written."""
        return [self._judged(site) for site in self._sites]

    def carry_out(
        self, told: Callable[[Line], None] = lambda _: None, *, dry: bool = False
    ) -> list[Line]:
        """Add what is new; ``told`` gets each line as it is done. Returns all, in the list's order.

        ``dry`` looks at the sites and writes nothing.
        """
        done: list[Line] = []
        left: list[_Site] = []
        for site in self._sites:
            line = self._judged(site)
            if line.outcome == "new" and line.unseen:
                left.append(site)
                continue
            done.append(self._settled(site, line, None, dry=dry))
            told(done[-1])
        for site, found in self._looked_at(left):
            line = self._after_look(site, found)
            survey_of = found if isinstance(found, Survey) else None
            done.append(self._settled(site, line, survey_of, dry=dry))
            told(done[-1])
        return sorted(done, key=lambda line: line.lines)

    # What a site is

    def _judged(self, site: _Site) -> Line:
        """Return what a site is by its addresses."""
        if site.wanted.problem:
            return _line(site, "bad", why=site.wanted.problem)
        known = self._known.at(site.wanted.homepage) if site.wanted.homepage else None
        feeds = (self._known.feed(way.url) for way in site.wanted.entry_points)
        known = known or next(filter(None, feeds), None)
        return self._beside(site, known) if known else _line(site, "new")

    def _after_look(self, site: _Site, found: Survey | str) -> Line:
        """Return what a site is that was looked at."""
        if isinstance(found, str):
            return _line(site, "bad", why=found)
        known = self._known.recognise(site.address, found)
        if known is None:
            return attrs.evolve(_line(site, "new"), unseen=False)
        feed_of = attrs.evolve(site.wanted, homepage=site.wanted.homepage or found.homepage)
        return self._beside(_Site(site.lines, feed_of), known)

    def _beside(self, site: _Site, known: Recognised) -> Line:
        """Return what a site adds to the source that it is."""
        source = self._sources[known.source.id]
        more = [f"its {way.kind} {way.url}" for way in self._more_ways(site.wanted, source)]
        more += [f"the group {group}" for group in _more_groups(site.wanted, source)]
        if not more:
            return _line(site, "known", source.name, known.why)
        return _line(site, "more", source.name, f"{known.why}; adds {', '.join(more)}")

    def _more_ways(self, wanted: Subscription, source: Source) -> list[Way]:
        """Return the feeds that a source has not got yet, where the site is at its address."""
        if site_key(wanted.homepage) != site_key(source.homepage):
            return []
        ways = (way for way in wanted.entry_points if way.kind != "page")
        return [Way(url=way.url, kind=way.kind) for way in ways if not self._known.feed(way.url)]

    # What becomes of it

    def _settled(self, site: _Site, line: Line, found: Survey | None, *, dry: bool) -> Line:
        """Write down what a line brings; return it as it ended."""
        if line.outcome == "new":
            return self._added_source(site, line, found, dry=dry)
        if line.outcome == "more":
            known = next(each for each in self._sources.values() if each.name == line.source)
            homepage = site.wanted.homepage or (found.homepage if found else "")
            wanted = attrs.evolve(site.wanted, homepage=homepage)
            ways = (*known.entry_points, *self._more_ways(wanted, known))
            groups = (*known.groups, *_more_groups(wanted, known))
            changed = attrs.evolve(known, entry_points=ways, groups=groups)
            self._sources[known.id] = changed
            self._known.add(changed)
            if not dry:
                sources.change(self._database, known.id, entry_points=ways, groups=groups)
        return line

    def _added_source(self, site: _Site, line: Line, found: Survey | None, *, dry: bool) -> Line:
        try:
            made = self._source(site.wanted, found)
            if not dry:
                sources.add(self._database, made)
        except SourceExistsError as error:
            return _line(site, "known", error.source.name, str(error))
        except (NothingFoundError, SourceNameError) as error:
            return _line(site, "bad", why=str(error))
        self._added += 1
        self._sources[made.id] = made
        self._known.add(made)
        self._taken.add(made.name.casefold())
        return attrs.evolve(line, source=made.name)

    def _source(self, wanted: Subscription, found: Survey | None) -> Source:
        seen = found or Survey(
            homepage=canonical_url(wanted.homepage),
            title=wanted.title,
            entry_points=wanted.entry_points,
            links=1,
            needs_javascript=False,
            allowed_hosts=self._vouched(wanted),
        )
        ways = self._known.unshared(seen)
        of_list = [way for way in wanted.entry_points if way not in ways]
        seen = attrs.evolve(seen, entry_points=(*of_list, *ways), title=wanted.title or seen.title)
        poll = self._poll if wanted.poll is None else wanted.poll
        made = record(
            seen,
            name=self._name(wanted.name, seen.homepage),
            groups=wanted.groups,
            javascript=wanted.javascript,
            delay=wanted.delay,
            concurrency=wanted.concurrency,
            poll=poll,
            now=self._now,
        )
        if found:
            asked = wanted.homepage or wanted.entry_points[0].url
            made = attrs.evolve(made, addresses=leads_to(asked, made))
        if made.id in self._sources:
            made = attrs.evolve(made, id=sources.free_id(self._database, made.homepage))
        begins = self._now + timedelta(seconds=SPREAD * self._added / max(len(self._sites), 1))
        return attrs.evolve(made, next_due=begins if poll else None)

    def _name(self, wanted: str, homepage: str) -> str:
        try:
            name = checked_name(wanted)
        except SourceNameError:
            return suggest_name(homepage, self._taken)
        numbered = (f"{name}-{number}" for number in range(2, 100_000))
        return next(each for each in chain((name,), numbered) if each.casefold() not in self._taken)

    def _vouched(self, wanted: Subscription) -> tuple[str, ...]:
        """Return the hosts that have to be allowed for a site whose addresses are not public."""
        addresses = (wanted.homepage, *(way.url for way in wanted.entry_points))
        hosts = (host for url in addresses if not _public(url) for host in named_by(url))
        return tuple(dict.fromkeys(hosts)) if self._private else ()

    # Looking at sites

    def _looked_at(self, sites: Sequence[_Site]) -> Iterator[tuple[_Site, Survey | str]]:
        """Yield each site with its survey, or with what went wrong, in the list's order.

        Of two lines that turn out to be one site it is always the first that adds it.
        """
        by_host: dict[str, list[_Site]] = {}
        for site in sites:
            by_host.setdefault(host_of(site_key(site.address)), []).append(site)
        seen = {site.lines: Future[Survey | str]() for site in sites}

        def look(of_host: list[_Site]) -> None:
            for site in of_host:
                seen[site.lines].set_result(self._survey(site.address))

        pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="survey")
        try:
            for of_host in by_host.values():
                pool.submit(look, of_host)
            for site in sites:
                yield site, seen[site.lines].result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _survey(self, url: str) -> Survey | str:
        try:
            return survey(url, self._config, named=self._private)
        except SurveyError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - one site's surprise is no other's
            return f"newsbot failed on it: {type(error).__name__}: {error}"


def _line(site: _Site, outcome: Outcome, source: str = "", why: str = "") -> Line:
    unseen = outcome == "new" and site.unseen
    address = site.address
    return Line(
        lines=site.lines, address=address, outcome=outcome, source=source, why=why, unseen=unseen
    )


def _tidied(wanted: Subscription, *, private: bool) -> Subscription:
    """Return a line without addresses that are none; the line says so where none is left."""
    ways = {canonical_url(way.url): way for way in wanted.entry_points if is_web_url(way.url)}
    homepage = wanted.homepage if is_web_url(wanted.homepage) else ""
    if wanted.problem:
        return wanted
    if not homepage and not ways:
        said = wanted.homepage or next((way.url for way in wanted.entry_points), "")
        return attrs.evolve(wanted, problem=f"{said[:80]!r} is no web address (http or https)")
    addresses = (homepage, *(way.url for way in ways.values()))
    closed = next((url for url in addresses if url and not _public(url)), "")
    if closed and not private:
        return attrs.evolve(
            wanted,
            problem=f"{closed} is not on the public Internet; --private takes it all the same",
        )
    return attrs.evolve(wanted, homepage=homepage, entry_points=tuple(ways.values()))


def _public(url: str) -> bool:
    try:
        AddressPolicy().check_url(url)
    except RefusedError:
        return False
    return True


def _together(wanted: Sequence[Subscription]) -> list[_Site]:
    """Put the lines together that mean one site: by its homepage, or by a feed."""
    sites: list[_Site] = []
    place: dict[str, int] = {}
    for each in wanted:
        site = _Site((each.line,), each)
        same = next((place[key] for key in sorted(site.keys) if key in place), None)
        if each.problem or same is None:
            same = len(sites)
            sites.append(site)
        else:
            sites[same] = _both(sites[same], each)
        if not each.problem:
            place.update({key: same for key in site.keys if key not in place})
    return sites


def _both(site: _Site, more: Subscription) -> _Site:
    one = site.wanted
    ways: dict[str, EntryPoint] = {}
    for way in (*one.entry_points, *more.entry_points):
        ways.setdefault(canonical_url(way.url), way)
    groups: dict[str, str] = {}
    for group in (*one.groups, *more.groups):
        groups.setdefault(group.casefold(), group)
    said = {
        name: getattr(more, name)
        for name in ("homepage", "name", "title", "delay", "concurrency", "javascript", "poll")
        if getattr(one, name) in ("", None)
    }
    wanted = attrs.evolve(
        one, entry_points=tuple(ways.values()), groups=tuple(groups.values()), **said
    )
    return _Site((*site.lines, more.line), wanted)


def _more_groups(wanted: Subscription, source: Source) -> list[str]:
    there = {group.casefold() for group in source.groups}
    return [group for group in wanted.groups if group.casefold() not in there]
