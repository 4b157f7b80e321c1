"""A newspaper's site on loopback that publishes, and that changes its pages in every way that is known.

The stories are the demo newsroom's. A page is a function of its story (``Page``); what a site does one day to
all or some of its pages is a case of ``CASES``, with what is to be told of it.
"""

import hashlib
import html
import http.server
import json
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import attrs

from newsbot.demo.sites import SITES
from newsbot.demo.stock import Story, stock
from newsbot.demo.variation import vary
from tests.layouts import LAYOUTS, Fill

LANGUAGE = {site.name: site.language for site in SITES}


@attrs.frozen
class Told:
    """A story of a paper: which it is, by number, when it was published, and whether it was before the change."""

    number: int
    story: Story
    language: str
    at: datetime
    old: bool = True

    @property
    def text(self) -> list[str]:
        return [html.escape(each) for each in self.story.paragraphs]

    @property
    def title(self) -> str:
        return html.escape(self.story.title)


@attrs.frozen
class Answer:
    """What a server answers: a status, a body, and where it leads."""

    body: str = ""
    status: int = 200
    location: str = ""


Page = Callable[[Told], Answer]
OG = '<meta property="og:type" content="article"><meta property="og:title" content="{title}">'


def _dated(told: Told) -> str:
    at = told.at.isoformat()
    return f'<meta property="article:published_time" content="{at}">'


def _text(told: Told) -> str:
    return "".join(f"<p>{each}</p>" for each in told.text)


def frame(
    told: Told,
    text: str,
    *,
    head: str | None = None,
    byline: bool = True,
    heading: bool = True,
    name: str = "",
) -> Answer:
    """Return a page as the paper prints it: a menu, the article, others beside it."""
    title = name or told.title
    head = OG.format(title=told.title) + _dated(told) if head is None else head
    by = f'<p class="byline">By <a rel="author" href="/by">{html.escape(told.story.byline)}</a></p>'
    return Answer(
        f"""<!doctype html><html lang="{told.language}"><head><meta charset="utf-8"><title>{title}</title>{head}
</head><body><header class="site-header"><nav class="menu"><a href="/">Home</a> <a href="/sport">Sport</a></nav></header>
<main class="content"><article class="post">{f'<h1 class="headline">{title}</h1>' if heading else ""}
{by if byline else ""}<div class="entry">{text}</div></article><aside class="more"><h2>More</h2><ul>
<li><a href="/a/1">The council puts the bridge off until next spring</a></li></ul></aside></main>
<footer class="foot">All rights reserved.</footer></body></html>"""
    )


def plain(told: Told) -> Answer:
    return frame(told, _text(told))


def renamed(told: Told) -> Answer:
    page = plain(told).body
    hashed = re.sub(
        r'class="([^"]*)"',
        lambda m: f'class="x{hashlib.sha1(m[1].encode()).hexdigest()[:7]}"',
        page,
    )
    return Answer(hashed.replace("<main", "<div").replace("</main", "</div"))


def layout(name: str, told: Told) -> Answer:
    main = f"<article><h1>{told.title}</h1>{_text(told)}</article>"
    head = OG.format(title=told.title) + _dated(told)
    return Answer(
        LAYOUTS[name](Fill(title=told.title, main=main, language=told.language, head=head))
    )


def in_json_ld(told: Told) -> Answer:
    said = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": told.story.title,
        "datePublished": told.at.isoformat(),
        "articleBody": "\n\n".join(told.story.paragraphs),
    }
    script = f'<script type="application/ld+json">{json.dumps(said).replace("</", "<")}</script>'
    return Answer(
        f"<!doctype html><html><head><title>{told.title}</title>{script}</head><body><div id=app></div></body></html>"
    )


def shell(told: Told) -> Answer:
    return Answer(
        "<!doctype html><html><head><title>The Ellerton Courier</title>"
        '<script src="/static/app.1f3c.js" defer></script></head><body><div id="root"></div></body></html>'
    )


def shell_with_title(told: Told) -> Answer:
    return Answer(
        f"<!doctype html><html><head><title>{told.title}</title>{OG.format(title=told.title)}{_dated(told)}"
        '<script src="/static/app.js"></script></head><body><header><a href="/">Home</a></header>'
        f'<h1>{told.title}</h1><div id="story" data-id="{told.number}"></div></body></html>'
    )


def undated(told: Told) -> Answer:
    return frame(told, _text(told), head=OG.format(title=told.title))


def wrongly_dated(told: Told) -> Answer:
    clock = f'<meta property="article:published_time" content="{datetime.now(UTC).isoformat()}">'
    return frame(told, _text(told), head=OG.format(title=told.title) + clock)


def teaser(told: Told) -> Answer:
    begins = html.escape(" ".join(" ".join(told.story.paragraphs).split()[:25]))
    return frame(told, f"<p>{begins} …</p><div class='fence'><p>Subscribe to read on.</p></div>")


def untitled(told: Told) -> Answer:
    return frame(told, _text(told), head=_dated(told), name="The Ellerton Courier")


def burdened(told: Told) -> Answer:
    terms = "".join(
        f"<p>{n}. We and our {n * 37} partners store and read information on your device, such as cookies, "
        "in order to show content that is made for you and to measure how it is used.</p>"
        for n in range(1, 30)
    )
    return frame(told, terms + _text(told))


def without_byline(told: Told) -> Answer:
    return frame(told, _text(told), byline=False)


def captcha(told: Told) -> Answer:
    return Answer(
        "<!doctype html><html><head><title>Just a moment...</title></head><body><h1>Checking your browser "
        "before accessing the site.</h1><p>This process is automatic.</p></body></html>"
    )


def unknown_captcha(told: Told) -> Answer:
    return Answer(
        "<!doctype html><html><head><title>The Ellerton Courier</title></head><body><div class='pz'><p>Slide "
        "the piece of the puzzle to its place, and you may go on to the pages of our newspaper at once.</p>"
        "<p>We ask everybody who reads this much within so short a time, and are sorry for it.</p></div>"
        "</body></html>"
    )


def refused(status: int, told: Told) -> Answer:
    return Answer("<html><title>no</title><body>no</body></html>", status)


def led_home(told: Told) -> Answer:
    return Answer("", 302, "/")


def not_found_with_200(told: Told) -> Answer:
    return Answer(
        "<html><head><title>Page not found</title></head><body><h1>Page not found</h1></body></html>"
    )


def video(told: Told) -> Answer:
    node = {"@context": "https://schema.org", "@type": "VideoObject", "name": told.story.title}
    return frame(
        told,
        "<video src='/v.mp4'></video><p>Watch it here.</p>",
        head=f'<script type="application/ld+json">{json.dumps(node)}</script>',
        byline=False,
    )


def picture(told: Told) -> Answer:
    return frame(
        told, "<img src='/p.jpg'><p>Picture of the day.</p>", head=_dated(told), byline=False
    )


def flash(told: Told) -> Answer:
    return frame(told, f"<p>{told.text[0][:90]}</p>")


def rewritten(told: Told) -> Answer:
    if told.number:
        return plain(told)
    other = attrs.evolve(told, story=_story(17, 5)[0])
    return plain(other)


def only(which: str, page: Page, told: Told) -> Answer:
    """Return the page for the new or the old stories, and the paper's usual one for the others."""
    return page(told) if told.old == (which == "old") else plain(told)


@attrs.frozen(kw_only=True)
class Case:
    """What a site does one day, how many articles it publishes then, and what is to be told: parts, or nothing."""

    page: Page
    lost: tuple[str, ...] = ()
    new: int = 3
    had: int = 14
    dated_feed: bool = False
    walled: bool = False


TEXT = ("text",)
CASES: dict[str, Case] = {
    # Extraction survives, and nothing is told.
    "classes renamed": Case(page=renamed),
    **{f"in the manner of {each}": Case(page=partial(layout, each)) for each in LAYOUTS},
    "text in data that is read": Case(page=in_json_ld),
    # It does not, and that is told after the first run.
    "an empty shell": Case(page=shell, lost=TEXT),
    "a shell with a title": Case(page=shell_with_title, lost=TEXT),
    "a shell, and one article is new": Case(page=shell_with_title, lost=TEXT, new=1),
    "dates gone": Case(page=undated, lost=("dates",)),
    "the clock for a date": Case(page=wrongly_dated, lost=("dates",)),
    "cut to a teaser": Case(page=teaser, lost=TEXT),
    "the site's name for a title": Case(page=untitled, lost=("titles",)),
    "terms on every page": Case(page=burdened, lost=TEXT),
    # What is none, and is not told as one.
    "dates gone that the feed tells": Case(page=undated, dated_feed=True),
    "new articles for subscribers": Case(page=partial(only, "new", teaser)),
    "old articles for subscribers": Case(page=partial(only, "old", teaser)),
    "bylines gone": Case(page=without_byline),
    "a slow day": Case(page=plain, new=1),
    "a day without news": Case(page=plain, new=0),
    "videos": Case(page=partial(only, "new", video), new=8),
    "pictures of the day": Case(page=partial(only, "new", picture), new=8),
    "flashes": Case(page=partial(only, "new", flash), new=12),
    "a captcha": Case(page=captcha, walled=True),
    "a captcha that nobody knows": Case(page=unknown_captcha, walled=True),
    "refused": Case(page=partial(refused, 403)),
    "asked to wait": Case(page=partial(refused, 429)),
    "server errors": Case(page=partial(refused, 500)),
    "taken down": Case(page=partial(only, "old", partial(refused, 404))),
    "all taken down": Case(page=partial(refused, 404)),
    "led home": Case(page=led_home),
    "not found with 200": Case(page=not_found_with_200),
    "one rewritten": Case(page=rewritten),
    "few articles, one of them gone empty": Case(page=partial(only, "new", shell), had=2, new=1),
}


def _story(number: int, language: int) -> tuple[Story, str]:
    site = sorted(stock())[language % len(stock())]
    told = [each for each in stock()[site] if len(" ".join(each.paragraphs).split()) > 80]
    story, spoken = told[number % len(told)], LANGUAGE[site]
    turn = number // len(told)
    varied = attrs.evolve(
        story,
        title=vary(story.title, spoken, turn),
        paragraphs=tuple(vary(each, spoken, turn) for each in story.paragraphs),
    )
    return varied, spoken


class Paper:
    """A paper's site, with a feed. ``page`` makes its pages."""

    def __init__(self, language: int = 0, *, dated_feed: bool = False) -> None:
        self.page: Page = plain
        self.told: list[Told] = []
        self.requests: list[str] = []
        self.feed: Callable[[], Answer] = self._feed
        self.robots = Answer("", 404)
        self._language = language
        self._dated = dated_feed
        paper = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                paper.requests.append(self.path)
                found = paper.answer(self.path)
                body = found.body.encode()
                self.send_response(found.status)
                if found.location:
                    self.send_header("Location", found.location)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self.base = f"http://{self.host}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def publish(self, count: int, *, days_ago: float = 0.0) -> None:
        """Publish so many stories more; those of before are old from now on."""
        self.told = [attrs.evolve(each, old=True) for each in self.told]
        for _ in range(count):
            number = len(self.told)
            story, language = _story(number, self._language)
            at = datetime.now(UTC) - timedelta(days=days_ago, minutes=number)
            self.told.append(Told(number, story, language, at.replace(microsecond=0), old=False))

    def answer(self, path: str) -> Answer:
        if path == "/feed.xml":
            return self.feed()
        if path == "/other.xml":
            return self._feed()
        if path == "/robots.txt":
            return self.robots
        found = re.fullmatch(r"/a/(\d+)", path)
        if found and int(found[1]) < len(self.told):
            return self.page(self.told[int(found[1])])
        if path == "/":
            return Answer(
                "<html><head><title>The Ellerton Courier</title></head><body>Home</body></html>"
            )
        return Answer("", 404)

    def _feed(self) -> Answer:
        items = "".join(
            f"<item><title>{each.title}</title><link>{self.base}/a/{each.number}</link>"
            + (f"<pubDate>{each.at:%a, %d %b %Y %H:%M:%S} GMT</pubDate>" if self._dated else "")
            + "</item>"
            for each in reversed(self.told)
        )
        return Answer(
            f'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>{items}</channel></rss>'
        )

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
