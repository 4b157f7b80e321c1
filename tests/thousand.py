"""A news site of 1,000 articles, each of which stands in one kind of entry point alone.

The site is made up here: its words are drawn from frequency lists, its addresses follow the habits
of content systems that are in wide use, and between its articles stand the pages that every news
site has and that are no articles. ``Thousand.articles`` says which article is to be found where.
"""

import gzip
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import attrs
from wordfreq import top_n_list

from tests.conftest import POLL
from tests.thousand_entry_points import (
    MAPS,
    atom03,
    atom1,
    bare,
    guid_only,
    json_feed,
    news_sitemap_of,
    rdf,
    rss090,
    rss091,
    rss092,
    rss2,
    short,
    sitemap_of,
    windows,
)

# Languages whose frequency lists make words; each kind of entry point has one.
_LANGUAGES = ("ar", "en", "de", "fr", "fa", "ru", "es", "tr", "he", "hi")
_OLDER = "an older page of a section"
_ARABIC = "a feed in windows-1256"


@attrs.frozen
class Story:
    """One article: where it stands, what it says, and the kind of entry point that leads to it."""

    number: int
    kind: str
    path: str
    language: str
    title: str
    paragraphs: tuple[str, ...]
    at: datetime


Answer = tuple[str, bytes]


class Thousand:
    """The site, served on a port of its own on loopback until closed.

    ``requests`` counts what was asked for, by path and query.
    """

    def __init__(self, now: datetime) -> None:
        self.requests: Counter[str] = Counter()
        self.articles: list[Story] = []
        self._answers: dict[str, Answer] = {}
        self._now = now
        self._draw = random.Random(1000)  # the same site at every run
        self._words = {
            language: [word for word in top_n_list(language, 4_000) if word.isalpha()]
            for language in _LANGUAGES
        }
        self._server = self._serve()
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._build()

    def older(self) -> list[Story]:
        """Return the articles that only a walk back through a section's pages leads to."""
        return [story for story in self.articles if story.kind == _OLDER]

    def url(self, story: Story) -> str:
        """Return an article's address."""
        return self.base + story.path

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    # The server

    def _serve(self) -> ThreadingHTTPServer:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.requests[self.path] += 1
                found = site._answers.get(self.path)
                kind, body = found or ("text/html; charset=utf-8", _NOT_FOUND)
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(POLL,), daemon=True).start()
        return server

    def _put(self, path: str, body: str | bytes, kind: str = "text/html; charset=utf-8") -> str:
        self._answers[path] = (kind, body if isinstance(body, bytes) else body.encode("utf8"))
        return self.base + path

    # Stories

    def _sentence(self, language: str, words: int) -> str:
        drawn = " ".join(self._draw.choice(self._words[language]) for _ in range(words))
        return drawn[:1].upper() + drawn[1:]

    def _stories(
        self, kind: str, count: int, address: Callable[[int, str, datetime], str]
    ) -> list[Story]:
        """Make articles of one kind of entry point, newest first."""
        language = _LANGUAGES[len({story.kind for story in self.articles}) % len(_LANGUAGES)]
        if kind == _ARABIC:
            language = "ar"
        made = []
        for place in range(count):
            number = 40_000 + len(self.articles)
            title = self._sentence(language, self._draw.randint(6, 10))
            at = self._now - timedelta(minutes=7 * place + 1)
            paragraphs = tuple(
                ". ".join(self._sentence(language, self._draw.randint(9, 16)) for _ in range(3))
                + "."
                for _ in range(5)
            )
            story = Story(number, kind, address(number, title, at), language, title, paragraphs, at)
            self.articles.append(story)
            made.append(story)
            self._put(story.path, self._article(story))
        return made

    def _article(self, story: Story) -> str:
        text = "\n".join(f"<p>{escape(each)}</p>" for each in story.paragraphs)
        return _page(
            story.title,
            story.language,
            f"<article><h1>{escape(story.title)}</h1>"
            f'<time datetime="{story.at.isoformat()}">{story.at:%Y-%m-%d %H:%M}</time>\n{text}'
            "</article>",
        )

    # Entry points

    def _build(self) -> None:
        announced = list(self._feeds())
        sections = self._sections()
        menu = "".join(f'<a href="{path}">{name}</a> ' for path, name in sections)
        self._announce_sitemaps()
        for place, make in (("/feed/", rss2), ("/rss.xml", rss2)):
            self._feed(f"a feed that nobody announces, at {place}", place, "text/xml", make, 20)
        self._feed("a feed linked in the page", "/partner/ticker.xml", "text/xml", rss2, 30)
        self._unannounced_sitemaps()
        front = self._stories("the homepage", 80, _dated)
        self._put(
            "/",
            _page(
                "The Thousand",
                "en",
                f"<nav>{menu}<a href='/about'>About us</a> <a href='/login'>Sign in</a></nav>"
                f"<main>{_teasers(front)}</main><footer>{_FOOTER}"
                "<a href='/partner/ticker.xml'>RSS</a></footer>",
                head="".join(
                    f'<link rel="alternate" type="{kind}" title="feed" href="{path}">'
                    for path, kind in announced
                )
                + '<link rel="alternate" type="application/rss+xml" href="/comments/feed/">',
            ),
        )
        self._decoys()
        rest = 1_000 - len(self.articles)
        assert rest > 0, rest
        self._section_pages("/world/", rest)

    def _feeds(self) -> Iterator[tuple[str, str]]:
        """Yield the announced feeds, one of each format, some as badly made as they come."""
        rss, atom = "application/rss+xml", "application/atom+xml"
        for kind, path, content_type, announced, make in (
            ("RSS 0.91", "/feeds/091", "text/xml", rss, rss091),
            ("RSS 0.92", "/feeds/092", "application/xml", rss, rss092),
            ("RSS 2.0", "/feeds/2", "application/rss+xml", rss, rss2),
            ("RSS 1.0", "/feeds/rdf", "application/rdf+xml", "application/rdf+xml", rdf),
            ("RSS 0.90", "/feeds/090", "text/plain", rss, rss090),
            ("Atom 1.0", "/feeds/atom", "application/atom+xml", atom, atom1),
            ("Atom 0.3", "/feeds/atom03", "text/html", atom, atom03),
            ("JSON Feed", "/feeds/json", "application/json", "application/feed+json", json_feed),
            ("a feed with bare ampersands", "/feeds/bare", "text/xml", rss, bare),
            ("a feed cut short", "/feeds/short", "text/xml", rss, short),
            ("a feed of permalinks as guids", "/feeds/guid", "text/xml", rss, guid_only),
            (_ARABIC, "/feeds/1256", "text/xml", rss, windows),
        ):
            self._feed(kind, path, content_type, make, 25)
            yield path, announced

    def _feed(
        self,
        kind: str,
        path: str,
        content_type: str,
        make: Callable[[str, list[Story]], bytes],
        count: int,
    ) -> None:
        addresses = (_dated, _numbered, _query, _native, _html)
        address = addresses[len(path) % len(addresses)]
        self._put(path, make(self.base, self._stories(kind, count, address)), content_type)

    def _announce_sitemaps(self) -> None:
        plain = self._stories("a sitemap of an index in robots.txt", 40, _numbered)
        packed = self._stories("a gzip sitemap of an index", 40, _native)
        hubs = "".join(f"<url><loc>{self.base}{path}</loc></url>" for path, _ in _HUBS)
        self._put("/maps/1.xml", sitemap_of(self.base, plain, hubs), "application/xml")
        self._put(
            "/maps/2.xml.gz", gzip.compress(sitemap_of(self.base, packed).encode()), "text/plain"
        )
        index = "".join(
            f"<sitemap><loc>{self.base}/maps/{name}</loc>"
            f"<lastmod>{self._now.date().isoformat()}</lastmod></sitemap>"
            for name in ("1.xml", "2.xml.gz")
        )
        self._put(
            "/maps/index.xml",
            f'<?xml version="1.0"?><sitemapindex xmlns="{MAPS}">{index}</sitemapindex>',
            "application/xml",
        )
        lines = self._stories("a sitemap of plain lines", 30, _dated)
        self._put("/maps/lines.txt", "\n".join(self.url(each) for each in lines), "text/plain")
        self._put(
            "/robots.txt",
            "User-agent: *\nDisallow: /private/\n"
            f"Sitemap: {self.base}/maps/index.xml\nSitemap: {self.base}/maps/lines.txt\n",
            "text/plain",
        )
        secret = self._draw.choice(self._words["en"])
        self._put("/private/2026/secret-plans-of-the-editors", _page(secret, "en", "<p>No.</p>"))

    def _unannounced_sitemaps(self) -> None:
        news = self._stories("a news sitemap that nobody announces", 40, _query)
        self._put("/news-sitemap.xml", news_sitemap_of(self.base, news), "application/xml")
        usual = self._stories("the sitemap at the usual place", 40, _html)
        self._put("/sitemap.xml", sitemap_of(self.base, usual), "application/xml")

    def _sections(self) -> list[tuple[str, str]]:
        """Lay out the sections, each with addresses of another shape, and return the menu."""
        menu = [("/world/", "World")]
        for path, name, address in (
            ("/politics", "Politics", _dated),
            ("/category/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1", "أخبار", _native),
            ("/desk/sport", "Sport", _query),
            ("/rubrik/kultur", "Kultur", _html),
        ):
            stories = self._stories(f"the section {path}", 40, address)
            self._put(path, _page(name, "en", f"<main><h1>{name}</h1>{_teasers(stories)}</main>"))
            menu.append((path, name))
        return menu

    def _section_pages(self, path: str, count: int) -> None:
        """Lay out a section of several pages: the first is found, the others are walked to."""
        each = 25
        pages = -(-count // each)
        left = count
        for page in range(1, pages + 1):
            here, left = min(each, left), left - min(each, left)
            kind = f"the section {path}" if page == 1 else _OLDER
            stories = self._stories(kind, here, _older_by(page))
            address = path if page == 1 else f"{path}page/{page}/"
            more = f'<a rel="next" href="{path}page/{page + 1}/">Older</a>' if page < pages else ""
            self._put(
                address,
                _page("World", "en", f"<main><h1>World</h1>{_teasers(stories)}</main>{more}"),
            )

    def _decoys(self) -> None:
        """Lay out what every news site has and what is no article."""
        for path, title in _HUBS:
            some = self._draw.sample(self.articles, 12)
            self._put(path, _page(title, "en", f"<main><h1>{title}</h1>{_teasers(some)}</main>"))
        for path, title, text in _SERVICE:
            self._put(path, _page(title, "en", f"<main><h1>{title}</h1>{text}</main>"))
        self._put("/comments/feed/", rss2(self.base, []), "application/rss+xml")


# Addresses as content systems make them


def _slug(title: str) -> str:
    return "-".join(title.lower().split())


def _dated(number: int, title: str, at: datetime) -> str:
    del number
    return quote(f"/{at:%Y/%m/%d}/{_slug(title)}/")


def _numbered(number: int, title: str, at: datetime) -> str:
    del title, at
    return f"/archives/{number}"


def _query(number: int, title: str, at: datetime) -> str:
    del title, at
    return f"/article.php?id={number}&lang=x"


def _native(number: int, title: str, at: datetime) -> str:
    del at
    return quote(f"/story/{_slug(title)}-{number}")


def _html(number: int, title: str, at: datetime) -> str:
    del at
    return quote(f"/news/{_slug(title)[:60]}_{number}.html")


def _older_by(page: int) -> Callable[[int, str, datetime], str]:
    def address(number: int, title: str, at: datetime) -> str:
        del at
        return quote(f"/world/{_slug(title)}-{page}{number}")

    return address


# Pages


def _page(title: str, language: str, body: str, head: str = "") -> str:
    direction = "rtl" if language in ("ar", "fa", "he") else "ltr"
    return (
        f'<!doctype html><html lang="{language}" dir="{direction}"><head><meta charset="utf-8">'
        f"<title>{escape(title)} - The Thousand</title>{head}</head><body>{body}</body></html>"
    )


def _teasers(stories: list[Story]) -> str:
    return "\n".join(
        f'<div class="teaser"><h2><a href="{escape(story.path)}">{escape(story.title)}</a></h2>'
        f"<p>{escape(story.paragraphs[0][:90])}</p></div>"
        for story in stories
    )


_NOT_FOUND = _page("Not found", "en", "<h1>404</h1><p>There is no such page.</p>").encode()
_FOOTER = (
    '<a href="/privacy">Privacy</a> <a href="/contact">Contact</a> <a href="/tag/harbour">harbour</a>'
    '<a href="/author/jane-doe">Jane Doe</a> <a href="/gallery/pictures-of-the-week">Pictures</a>'
    '<a href="/search?q=">Search</a> <a href="/edition.pdf">Print</a>'
)
_HUBS = (
    ("/tag/harbour", "harbour"),
    ("/author/jane-doe", "Jane Doe"),
    ("/topics/everything-about-the-new-harbour-bridge", "Everything about the new bridge"),
    ("/archive/2026/11", "November 2026"),
)
_SERVICE = (
    ("/about", "About us", "<p>We are a newspaper. We print what happens.</p>"),
    ("/privacy", "Privacy", "<p>This policy explains what data we keep and why.</p>" * 12),
    ("/contact", "Contact", "<form><input name='mail'><button>Send</button></form>"),
    ("/login", "Sign in", "<form><input name='user'><input type='password'></form>"),
    ("/search?q=", "Search", "<form><input name='q'></form><p>No results.</p>"),
    (
        "/gallery/pictures-of-the-week",
        "Pictures of the week",
        "".join(
            f"<figure><img src='/i/{n}.jpg'><figcaption>{n}</figcaption></figure>"
            for n in range(20)
        ),
    ),
)


def today() -> datetime:
    """Return the moment before which the site's articles appeared."""
    return datetime.now(UTC).replace(microsecond=0)
