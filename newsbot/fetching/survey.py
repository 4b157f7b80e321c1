"""A first look at a site: from its homepage alone to the entry points that lead to its articles.

Announced feeds are looked at, then links that look like feeds, then the sitemaps of robots.txt; then
the usual places, for what nobody announces and brings what is not among that. The homepage and its
sections come last. All that within the requests of one visit (``visitor.REQUESTS``).
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time
from urllib.parse import urljoin

import attrs

from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.discovery import (
    FEED_PLACES,
    SITEMAP_PLACES,
    Entry,
    EntryPoint,
    Page,
    article_links,
    entry_points,
    feed_links,
    read_feed,
    read_page,
    read_sitemap,
    refresh_target,
    scripts_needed,
    section_links,
    site_name,
    sniff,
    worth_reading,
)
from newsbot.discovery.entries import Kind
from newsbot.discovery.feeds import whole_feed
from newsbot.discovery.own_addresses import OwnAddresses, of_feed, of_page
from newsbot.fetching.addresses import AddressPolicy, named_by
from newsbot.fetching.credentials import Access, Credentials
from newsbot.fetching.visitor import Answer, SurveyError, Visitor
from newsbot.text.urls import canonical_url, is_web_url, site_of

__all__ = ["Finding", "Survey", "SurveyError", "fetch_page", "look_at", "survey"]

# Section pages that are taken as entry points of a site, besides its homepage.
SECTIONS = 6
# Announced feeds, links that look like feeds, and sitemaps that are looked at. Of what is announced
# beyond them so much is taken at its word.
FEEDS, FEED_LINKS, SITEMAPS = 16, 4, 4
AT_ITS_WORD = 40
# Indexes that are followed to a sitemap with articles.
INDEXES = 2
# Addresses of articles that teach the site's rule.
_KNOWN = 2_000


@attrs.frozen(kw_only=True)
class Finding:
    """An entry point that was looked at, and what stands there.

    ``announced`` says that the site names it. ``validators`` are the headers by which it can be asked
    for again at no cost: ``etag``, ``last-modified``.
    """

    url: str
    kind: Kind
    announced: bool
    entries: tuple[Entry, ...] = ()
    validators: tuple[str, ...] = ()
    answer: Answer | None = None

    @property
    def newest(self) -> date | None:
        """The day of the newest entry, where the entries tell days."""
        return max((day for entry in self.entries if (day := _day(entry))), default=None)


@attrs.frozen(kw_only=True)
class Survey:
    """What a site's homepage led to.

    ``homepage`` is where the address led in the end. ``allowed_hosts`` are the hosts that the operator
    allowed by naming them, where they are not public. ``stated`` are further addresses that the site
    names as its own, the one that was asked for among them. ``links`` counts the article links seen on
    the homepage; ``needs_javascript`` says that its pages are to be read in a browser, and ``scripted``
    what shows it.
    ``findings`` are the entry points as they were found, ``refused`` what was tried in vain and why.
    ``crawl_delay`` are the seconds that robots.txt asks for; ``closed`` says that it keeps the homepage
    from us.
    """

    homepage: str
    title: str
    entry_points: tuple[EntryPoint, ...]
    links: int
    needs_javascript: bool = False
    scripted: str = ""
    allowed_hosts: tuple[str, ...] = ()
    stated: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    refused: tuple[str, ...] = ()
    crawl_delay: float = 0.0
    closed: bool = False


def fetch_page(url: str, config: Config, source: Source | None = None) -> tuple[str, bytes, str]:
    """Return where one address led, the page there, and its stated charset or "". Obeys robots.txt.

    With a source the page is fetched as its crawls fetch it: from where they may, with what goes with their
    requests. Without one the operator who names the address allows its host.

    Raises:
        SurveyError: when the site does not answer, or keeps the page from crawlers.
    """
    if source is None:
        visitor = Visitor(config, AddressPolicy.of(named_by(url)), Credentials())
    else:
        visitor = Visitor(config, AddressPolicy.of(source.allowed_hosts), Credentials.of(source))
    try:
        visitor.robots(url)
        answer = visitor.get(url)
        return answer.url, answer.body, answer.charset
    finally:
        visitor.close()


def survey(url: str, config: Config, access: Access = Access(), *, named: bool = True) -> Survey:
    """Look at a site and return what leads to its articles.

    ``access`` is what the operator gives for this site. ``named`` says that the operator named this
    address, and so allows its host even where it is not public; one out of somebody's list is not.

    Raises:
        SurveyError: when the address is none, or the site does not answer.
    """
    address = checked(url)
    visitor = visit(address, config, access, named=named)
    try:
        return look_at(address, visitor, access, named=named)
    finally:
        visitor.close()


def checked(url: str) -> str:
    """Return a homepage's address as it is asked for. Raises SurveyError where it is none."""
    address = url.strip()
    if "://" not in address and "." in address.partition("/")[0]:
        address = f"https://{address}"
    if not is_web_url(address):
        raise SurveyError(
            f"{url!r} is no web address; give a homepage, as https://news.example/",
            bad_address=True,
        )
    return address


def visit(
    address: str,
    config: Config,
    access: Access,
    *,
    named: bool = True,
    tell: Callable[[str], None] = lambda _address: None,
) -> Visitor:
    """Return who asks a site, with what the operator allows and gives for it; ``tell`` hears what is asked."""
    vouched = named_by(address) if named else ()
    return Visitor(
        config,
        AddressPolicy.of((*vouched, *access.allowed_hosts)),
        Credentials.on(
            [address], headers=access.headers, cookies=access.cookies, proxy=access.proxy
        ),
        tell=tell,
    )


def look_at(address: str, visitor: Visitor, access: Access, *, named: bool = True) -> Survey:
    """Look at a site as ``survey`` does, with somebody who goes on asking afterwards."""
    vouched = named_by(address) if named else ()
    home = visitor.get(address)
    further = refresh_target(_page(home, home.url))
    if further and site_of(further) == site_of(home.url):
        home = visitor.get(further)
    where = canonical_url(home.url)
    sitemaps = visitor.robots(where)
    rules = visitor.rules(where)
    if sniff(home.body) in ("feed", "sitemap"):
        found = _of_one_file(where, home)
    else:
        found = _of_homepage(where, home, sitemaps, visitor)
    return attrs.evolve(
        found,
        allowed_hosts=access.allowed_hosts + (vouched if visitor.transport.opened else ()),
        stated=tuple(dict.fromkeys((address, *found.stated))),
        crawl_delay=rules.crawl_delay if rules else 0.0,
        closed=rules is not None and not rules.allows(where),
    )


def _page(answer: Answer, where: str) -> Page:
    return read_page(answer.body, where, charset=answer.charset)


def _of_homepage(where: str, home: Answer, sitemaps: list[str], visitor: Visitor) -> Survey:
    looking, shown = _Looking(visitor, where), _page(home, where)
    announced = [way.url for way in entry_points(shown) if way.kind == "feed"]
    feeds = looking.all("feed", announced[:FEEDS], announced=True)
    links = [each for each in feed_links(shown) if each not in announced]
    feeds += looking.all("feed", links[:FEED_LINKS], announced=True)
    maps = looking.all("sitemap", sitemaps[:SITEMAPS], announced=True)
    feeds += looking.further("feed", FEED_PLACES, beside=[*feeds, *maps])
    maps += looking.further("sitemap", SITEMAP_PLACES, beside=[*feeds, *maps])
    rest = announced[FEEDS:][:AT_ITS_WORD]
    feeds += [Finding(url=each, kind="feed", announced=True) for each in rest]
    known = [entry.url for finding in (*feeds, *maps) for entry in finding.entries][:_KNOWN]
    articles = article_links(shown, known=known)
    itself = _finding(where, "page", home, articles, announced=True)
    sections = section_links(shown, known=known)[:SECTIONS]
    pages = [itself, *(Finding(url=each, kind="page", announced=True) for each in sections)]
    found = _each_once([*feeds, *maps, *pages])
    scripted = "" if articles else scripts_needed(shown)
    return Survey(
        homepage=where,
        title=site_name(shown),
        entry_points=tuple(EntryPoint(url=each.url, kind=each.kind) for each in found),
        links=len(articles),
        needs_javascript=bool(scripted),
        scripted=scripted,
        stated=of_page(shown).stated,
        findings=found,
        refused=tuple(looking.refused),
    )


def _of_one_file(where: str, answer: Answer) -> Survey:
    """Return the survey of a site that was named by its feed or sitemap."""
    kind: Kind = "feed" if sniff(answer.body) == "feed" else "sitemap"
    if kind == "feed":
        feed = whole_feed(answer.body, where, charset=answer.charset)
        entries, own = feed.entries, of_feed(feed, where)
    else:
        entries, own = _entries(kind, answer), OwnAddresses()
    homepage = canonical_url(own.home) or urljoin(where, "/")
    return Survey(
        homepage=homepage,
        title=site_of(homepage),
        entry_points=(EntryPoint(url=where, kind=kind),),
        links=0,
        stated=own.stated,
        findings=(_finding(where, kind, answer, entries, announced=True),),
    )


class _Looking:
    """Looks at addresses that may be feeds or sitemaps; keeps what was tried in vain."""

    def __init__(self, visitor: Visitor, homepage: str) -> None:
        self._visitor, self._homepage = visitor, homepage
        self._seen: set[str] = set()
        self.refused: list[str] = []

    def all(self, kind: Kind, urls: Iterable[str], *, announced: bool) -> list[Finding]:
        """Return those at which something stands."""
        return list(self._looked(kind, urls, announced=announced))

    def further(
        self, kind: Kind, places: Iterable[str], *, beside: Iterable[Finding]
    ) -> list[Finding]:
        """Return those of the usual places that name anything which is not named elsewhere."""
        named = {canonical_url(entry.url) for finding in beside for entry in finding.entries}
        urls = (urljoin(self._homepage, place) for place in places)
        found = []
        for finding in self._looked(kind, urls, announced=False):
            addresses = {canonical_url(entry.url) for entry in finding.entries}
            if not addresses <= named:
                found.append(finding)
                named |= addresses
        return found

    def _looked(self, kind: Kind, urls: Iterable[str], *, announced: bool) -> Iterator[Finding]:
        for url in urls:
            if canonical_url(url) in self._seen:
                continue
            self._seen.add(canonical_url(url))
            try:
                answer = self._visitor.get(url)
            except SurveyError as error:
                if announced:
                    self.refused.append(str(error))
                    if error.status not in (404, 410):
                        # It may only be so today: the crawl will see.
                        yield Finding(url=url, kind=kind, announced=True)
                continue
            looks = sniff(answer.body)
            plain = kind == "sitemap" and looks == "other"  # lines of addresses look like nothing
            if looks != kind and not (plain and _entries(kind, answer)):
                if announced:
                    self.refused.append(f"{url} is announced as a {kind} and is none")
                continue
            entries = _entries(kind, answer)
            if kind == "sitemap":
                entries = entries or self._of_index(answer, INDEXES)
            if entries or announced:
                yield _finding(url, kind, answer, entries, announced=announced)

    def _of_index(self, answer: Answer, depth: int) -> list[Entry]:
        """Return the entries of the most promising sitemap of an index."""
        for child in worth_reading(read_sitemap(answer.body, answer.url).children, at_most=1):
            try:
                below = self._visitor.get(child.url)
            except SurveyError:
                return []
            return _entries("sitemap", below) or (
                self._of_index(below, depth - 1) if depth > 1 else []
            )
        return []


def _entries(kind: Kind, answer: Answer) -> list[Entry]:
    if kind == "feed":
        return read_feed(answer.body, answer.url, charset=answer.charset)
    return read_sitemap(answer.body, answer.url).entries


def _finding(
    url: str, kind: Kind, answer: Answer, entries: list[Entry], *, announced: bool
) -> Finding:
    told = {"etag": answer.etag, "last-modified": answer.last_modified}
    return Finding(
        url=url,
        kind=kind,
        announced=announced,
        entries=tuple(entries),
        validators=tuple(name for name, value in told.items() if value),
        answer=attrs.evolve(answer, body=b""),
    )


def _day(entry: Entry) -> date | None:
    moment = entry.published or entry.updated
    return moment.day if moment else None


def moment_of(entry: Entry) -> datetime | None:
    """Return when an entry was published, as nearly as it says; None where it says nothing."""
    told = entry.published or entry.updated
    if told is None:
        return None
    return told.instant or datetime.combine(told.day, time(), UTC)


def _each_once(found: list[Finding]) -> tuple[Finding, ...]:
    once: dict[str, Finding] = {}
    for finding in found:
        once.setdefault(canonical_url(finding.url), finding)
    return tuple(once.values())
