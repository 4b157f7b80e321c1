"""A first look at a site: from its homepage alone to the entry points that lead to its articles.

Politely: a handful of requests, one after the other, under the crawler's own name, and none that
robots.txt forbids.
"""

from collections.abc import Callable
from urllib.parse import urljoin

import attrs
import httpx

from newsbot.config import Config
from newsbot.discovery import (
    FEED_PLACES,
    SITEMAP_PLACES,
    EntryPoint,
    article_links,
    entry_points,
    read_feed,
    read_sitemap,
    robots_sitemaps,
    section_links,
    site_name,
    sniff,
)
from newsbot.discovery.own_addresses import own_addresses
from newsbot.fetching.addresses import AddressPolicy, named_by
from newsbot.fetching.bounded_body import read_body, read_head
from newsbot.fetching.credentials import Access, Credentials
from newsbot.fetching.pinning import PinnedTransport
from newsbot.fetching.refusals import RefusedError
from newsbot.fetching.robots import SIZE, Rules, rules_of
from newsbot.text.urls import canonical_url, is_web_url, site_of

# Section pages that are taken as entry points of a site, besides its homepage.
SECTIONS = 6


class SurveyError(Exception):
    """A site that cannot be surveyed; the text says why and what to do.

    ``bad_address`` says that it was the address already that cannot be.
    """

    def __init__(self, sentence: str, *, bad_address: bool = False) -> None:
        super().__init__(sentence)
        self.bad_address = bad_address


@attrs.frozen(kw_only=True)
class Survey:
    """What a site's homepage led to.

    ``homepage`` is where the address led in the end. ``allowed_hosts`` are the hosts that the
    operator allowed by naming them, where they are not public. ``stated`` are further addresses that
    the site names as its own, the one that was asked for among them. ``links`` counts the article links seen there;
    ``needs_javascript`` is a suspicion: a page without links or text, but with scripts.
    """

    homepage: str
    title: str
    entry_points: tuple[EntryPoint, ...]
    links: int
    needs_javascript: bool
    allowed_hosts: tuple[str, ...] = ()
    stated: tuple[str, ...] = ()


class _Fetcher:
    def __init__(self, config: Config, policy: AddressPolicy, credentials: Credentials) -> None:
        self._config = config
        self.transport = PinnedTransport(policy, credentials=credentials)
        self._client = httpx.Client(
            transport=self.transport,
            headers={"user-agent": config.user_agent, "accept": "*/*"},
            timeout=config.page_timeout,
            follow_redirects=True,
            max_redirects=config.redirects,
        )
        self._robots: Rules | None = None
        # What the last answer said of its page's encoding.
        self.charset = ""

    def close(self) -> None:
        self._client.close()

    def get(self, url: str) -> tuple[str, bytes]:
        """Return where the address led, and what stands there. Raises SurveyError."""
        if self._robots is not None and not self._robots.allows(url):
            raise SurveyError(f"{url} is closed to crawlers by the site's robots.txt")
        limits = self._config
        where, status, body = self._ask(
            url,
            lambda answer: read_body(
                answer,
                most=limits.entry_point_bytes,
                seconds=limits.page_timeout,
                ratio=limits.unpack_ratio,
            ),
        )
        if status >= 400:
            raise SurveyError(
                f"{url} answered {status}; open it in a browser to see whether the address is right"
            )
        return where, body

    def _ask(self, url: str, read: Callable[[httpx.Response], bytes]) -> tuple[str, int, bytes]:
        try:
            with self._client.stream("GET", url) as answer:
                self.charset = answer.charset_encoding or ""
                return str(answer.url), answer.status_code, read(answer)
        except RefusedError as error:
            raise SurveyError(f"{url} is refused or leads on to what is: it {error}") from None
        except httpx.TimeoutException:
            raise SurveyError(
                f"{url} did not answer within {self._config.page_timeout:.0f} s; try again later"
            ) from None
        except httpx.ConnectError as error:
            why = _why_unreachable(error)
            raise SurveyError(
                f"{url} cannot be reached ({why}); check the address, or try again later"
            ) from None
        except httpx.HTTPError as error:
            raise SurveyError(f"{url} cannot be read: {type(error).__name__}: {error}") from None

    def robots(self, homepage: str) -> list[str]:
        """Read robots.txt, obey it from now on, and return the sitemaps it names."""
        url = urljoin(homepage, "/robots.txt")
        try:
            _, status, body = self._ask(
                url, lambda answer: read_head(answer, most=SIZE, seconds=self._config.page_timeout)
            )
        except SurveyError as error:
            raise SurveyError(f"{error}. Without its robots.txt a site is left alone") from None
        if status == 429 or status >= 500:
            raise SurveyError(
                f"{url} answered {status}, and without its robots.txt a site is left alone; try "
                "again later"
            )
        if status >= 300:
            return []
        self._robots = rules_of(body)
        return robots_sitemaps(body.decode("utf8", "replace"), url)

    def finds(self, url: str, kind: str) -> bool:
        """Say whether a feed or sitemap stands at this address, with at least one entry."""
        try:
            where, body = self.get(url)
        except SurveyError:
            return False
        if sniff(body) != kind:
            return False
        if kind == "feed":
            return bool(read_feed(body, where))
        sitemap = read_sitemap(body, where)
        return bool(sitemap.entries or sitemap.children)


def fetch_page(url: str, config: Config) -> tuple[str, bytes, str]:
    """Return where one address led, the page there, and its stated charset or "". Obeys robots.txt.

    Raises:
        SurveyError: when the site does not answer, or keeps the page from crawlers.
    """
    fetcher = _Fetcher(config, AddressPolicy.of(named_by(url)), Credentials())
    try:
        fetcher.robots(url)
        where, body = fetcher.get(url)
        return where, body, fetcher.charset
    finally:
        fetcher.close()


# What the system says of a connection that failed, in part, and what that means.
_UNREACHABLE = (
    ("Name or service not known", "its host name is not known"),
    ("name resolution", "its host name could not be looked up"),
    ("No address", "its host name is not known"),
    ("nodename nor servname", "its host name is not known"),
    ("Connection refused", "it refuses the connection"),
    ("CERTIFICATE_VERIFY_FAILED", "its certificate is not valid"),
)


def _why_unreachable(error: httpx.ConnectError) -> str:
    said = str(error)
    return next((words for part, words in _UNREACHABLE if part in said), said)


def survey(url: str, config: Config, access: Access = Access(), *, named: bool = True) -> Survey:
    """Look at a site and return what leads to its articles.

    Announced feeds and the sitemaps that robots.txt names are taken at their word; where there is
    neither, the usual places are tried; the homepage and its sections come last. ``access`` is what
    the operator gives for this site. ``named`` says that the operator named this address, and so allows
    its host even where it is not public; one out of somebody's list is not.

    Raises:
        SurveyError: when the address is none, or the site does not answer.
    """
    address = url.strip()
    if "://" not in address and "." in address.partition("/")[0]:
        address = f"https://{address}"
    if not is_web_url(address):
        raise SurveyError(
            f"{url!r} is no web address; give a homepage, as https://news.example/",
            bad_address=True,
        )
    vouched = named_by(address) if named else ()
    fetcher = _Fetcher(
        config,
        AddressPolicy.of((*vouched, *access.allowed_hosts)),
        Credentials.on(
            [address], headers=access.headers, cookies=access.cookies, proxy=access.proxy
        ),
    )
    try:
        where, html = fetcher.get(address)
        where = canonical_url(where)
        sitemaps = fetcher.robots(where)
        opened = access.allowed_hosts + (vouched if fetcher.transport.opened else ())
        if sniff(html) in ("feed", "sitemap"):
            return attrs.evolve(
                _of_one_file(where, html),
                allowed_hosts=opened,
                stated=_stated(address, where, html),
            )
        found = [way for way in entry_points(html, where) if way.kind == "feed"]
        found += [EntryPoint(url=each, kind="sitemap") for each in sitemaps]
        if not found:
            found += _usual_places(fetcher, where)
        found.append(EntryPoint(url=where, kind="page"))
        found += [
            EntryPoint(url=each, kind="page") for each in section_links(html, where)[:SECTIONS]
        ]
        links = len(article_links(html, where))
        return Survey(
            homepage=where,
            title=site_name(html, where),
            entry_points=_each_once(found),
            links=links,
            needs_javascript=links == 0 and b"<script" in html.lower(),
            allowed_hosts=opened,
            stated=_stated(address, where, html),
        )
    finally:
        fetcher.close()


def _of_one_file(where: str, body: bytes) -> Survey:
    """Return the survey of a site that was named by its feed or sitemap."""
    kind = sniff(body)
    homepage = canonical_url(own_addresses(body, where).home) if kind == "feed" else ""
    homepage = homepage or urljoin(where, "/")
    return Survey(
        homepage=homepage,
        title=site_of(homepage),
        entry_points=(EntryPoint(url=where, kind="feed" if kind == "feed" else "sitemap"),),
        links=0,
        needs_javascript=False,
    )


def _stated(asked: str, where: str, body: bytes) -> tuple[str, ...]:
    return tuple(dict.fromkeys((asked, *own_addresses(body, where).stated)))


def _usual_places(fetcher: _Fetcher, homepage: str) -> list[EntryPoint]:
    for kind, places in (("feed", FEED_PLACES), ("sitemap", SITEMAP_PLACES)):
        for place in places:
            url = urljoin(homepage, place)
            if fetcher.finds(url, kind):
                return [EntryPoint(url=url, kind="feed" if kind == "feed" else "sitemap")]
    return []


def _each_once(found: list[EntryPoint]) -> tuple[EntryPoint, ...]:
    once: dict[str, EntryPoint] = {}
    for way in found:
        once.setdefault(canonical_url(way.url), way)
    return tuple(once.values())
