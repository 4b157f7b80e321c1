"""The demo newsroom as a stranger meets it: a process with seven ports on this machine."""

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import TypeVar
from urllib.parse import urldefrag, urljoin
from xml.etree import ElementTree as ET

import attrs
import fastfeedparser
import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser

from newsbot.demo import INBOX_OFFSET, SITES, Site
from tests.conftest import free_port

SITE = {site.name: site for site in SITES}
Found = TypeVar("Found")

PAGES_PER_SITE = 25
VOID = {"meta", "link", "img", "input", "br", "hr"}

SITEMAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"


@attrs.frozen
class Demo:
    """A demo that runs: its first port, its process and a client to ask it with."""

    base_port: int
    process: subprocess.Popen[str]
    client: httpx.Client

    def home(self, name: str) -> str:
        return SITE[name].homepage(self.base_port)

    def get(self, name: str, path: str, **headers: str) -> httpx.Response:
        return self.client.get(urljoin(self.home(name), path), headers=headers)


@contextlib.contextmanager
def running(*options: str, base_port: int | None = None) -> Iterator[Demo]:
    """Run the demo in a process of its own until the block is left."""
    base = base_port or free_port(INBOX_OFFSET + 1)
    command = [sys.executable, "-m", "newsbot.demo", "--base-port", str(base), *options]
    with (
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process,
        httpx.Client(timeout=10) as client,
    ):
        try:
            assert process.stdout
            assert any("Send webhooks to" in line for line in process.stdout)
            yield Demo(base, process, client)
        finally:
            process.kill()


def until(found: Callable[[], Found | None], *, seconds: float = 10) -> Found:
    """Return what ``found`` gives as soon as it gives something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := found():
            return result
    raise AssertionError(f"not within {seconds} s")


@pytest.fixture(scope="module")
def calm() -> Iterator[Demo]:
    """A demo that publishes nothing while it is looked at."""
    with running("--interval", "3600") as demo:
        yield demo


@pytest.fixture(scope="module")
def quick() -> Iterator[Demo]:
    """A demo that publishes twenty stories a second."""
    with running("--interval", "0.05") as demo:
        yield demo


class Outline(HTMLParser):
    """Checks that elements are closed in the order in which they were opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.headings = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.headings += tag == "h1"
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag


def links_of(page: httpx.Response) -> set[str]:
    """Return the addresses on the same site that a page refers to."""
    kind = page.headers["content-type"]
    found: list[str | None] = []
    if "html" in kind:
        tree = LexborHTMLParser(page.text)
        found += [node.attributes.get("href") for node in tree.css("[href]")]
        found += [node.attributes.get("src") for node in tree.css("[src]")]
        found += [
            node.attributes.get("action")
            for node in tree.css("form")
            if node.attributes.get("method") == "get"
        ]
    elif "xml" in kind and "svg" not in kind:
        root = ET.fromstring(page.text)
        found += [
            node.text for tag in ("loc", "link") for node in root.iter() if node.tag.endswith(tag)
        ]
        found += [node.get("href") for node in root.iter()]
    elif "json" in kind:
        found += paths_in(page.json())
    origin = str(page.url.join("/"))
    absolute = {urldefrag(urljoin(str(page.url), each))[0] for each in found if each}
    return {each for each in absolute if each.startswith(origin)}


def paths_in(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value[key] for key in ("path", "picture", "url") if key in value]
        return own + [path for inner in value.values() for path in paths_in(inner)]
    return [path for inner in value for path in paths_in(inner)] if isinstance(value, list) else []


def api_page(demo: Demo, path: str) -> httpx.Response:
    return demo.get("jsdaily", f"/api{path}")


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_every_announced_link_answers_and_every_page_is_well_formed(calm: Demo, site: Site):
    home = site.homepage(calm.base_port)
    waiting = [home, urljoin(home, "/robots.txt")]
    if site.javascript:
        waiting.append(urljoin(home, "/api/"))
    if site.name == "gazette":
        waiting.append(urljoin(home, "/sitemap.xml"))
    seen: set[str] = set()
    while waiting and len(seen) < PAGES_PER_SITE:
        address = waiting.pop(0)
        if address in seen:
            continue
        seen.add(address)
        page = calm.client.get(address)
        assert page.status_code == 200, address
        if "text/html" in page.headers["content-type"]:
            outline = Outline()
            outline.feed(page.text)
            assert outline.open == [], address
            assert len(outline.ids) == len(set(outline.ids)), address
            assert outline.headings == 1 or site.javascript, address
            assert f'lang="{site.language}' in page.text
        waiting += sorted(links_of(page) - seen)
    assert len(seen) >= 12


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_a_wrong_address_is_not_found_and_says_so_in_the_sites_language(calm: Demo, site: Site):
    for path in ("/nothing", "/archives/1", "/dispatches/1003/other", "/page/99999", "/tag/none"):
        answer = calm.get(site.name, path)
        assert answer.status_code == 404
        assert f'lang="{site.language}' in answer.text
        assert "Traceback" not in answer.text


@pytest.mark.parametrize("name", ["madapost", "wire", "courier", "mirror"])
def test_the_feed_is_announced_and_parses(calm: Demo, name: str):
    tree = LexborHTMLParser(calm.get(name, "/").text)
    link = tree.css_first("link[rel=alternate]")
    assert link is not None
    answer = calm.get(name, link.attributes["href"] or "")
    assert link.attributes["type"] in answer.headers["content-type"]
    feed = fastfeedparser.parse(answer.content)
    assert len(feed.entries) >= 3
    for entry in feed.entries:
        assert entry.title
        assert entry.published
        assert calm.client.get(entry.link).status_code == 200


@pytest.mark.parametrize("name", ["gazette", "jsdaily"])
def test_sites_without_a_feed_announce_none(calm: Demo, name: str):
    assert "alternate" not in calm.get(name, "/").text
    assert calm.get(name, "/feed").status_code == 404


def test_the_news_sitemap_is_announced_in_robots_and_parses(calm: Demo):
    robots = calm.get("gazette", "/robots.txt").text
    (index_address,) = [line[9:] for line in robots.splitlines() if line.startswith("Sitemap: ")]
    index = ET.fromstring(calm.client.get(index_address).text)
    sitemaps = [loc.text or "" for loc in index.iter(f"{SITEMAPS}loc")]
    news = ET.fromstring(calm.client.get(next(each for each in sitemaps if "news" in each)).text)
    urls = news.findall(f"{SITEMAPS}url")
    assert len(urls) >= 3
    for url in urls:
        title = url.findtext(f"{NEWS}news/{NEWS}title")
        date = datetime.fromisoformat(url.findtext(f"{NEWS}news/{NEWS}publication_date") or "")
        assert (datetime.now(UTC) - date).total_seconds() < 86400
        assert title
        assert title in calm.client.get(url.findtext(f"{SITEMAPS}loc") or "").text


def test_the_gazettes_home_page_leads_to_articles_by_its_hero_list_alone(calm: Demo):
    tree = LexborHTMLParser(calm.get("gazette", "/").text)
    to_articles = tree.css("a[href^='/artikel/']")
    assert 3 <= len(to_articles) <= 5
    assert len(tree.css(".buehne a[href^='/artikel/']")) == len(to_articles)


@pytest.mark.parametrize("path", ["/", "/atom.xml", "article"])
def test_the_wire_says_when_nothing_has_changed(calm: Demo, path: str):
    if path == "article":
        path = fastfeedparser.parse(calm.get("wire", "/atom.xml").content).entries[0].link
    first = calm.get("wire", path)
    etag, modified = first.headers["etag"], first.headers["last-modified"]
    for headers in (
        {"If-None-Match": etag},
        {"If-None-Match": f'"other", W/{etag}'},
        {"If-Modified-Since": modified},
    ):
        again = calm.get("wire", path, **headers)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
    for headers in (
        {"If-None-Match": '"other"'},
        {"If-None-Match": '"other"', "If-Modified-Since": modified},
        {"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"},
        {"If-Modified-Since": "no date"},
    ):
        assert calm.get("wire", path, **headers).status_code == 200


def test_a_new_dispatch_changes_the_wires_validators(quick: Demo):
    etag = quick.get("wire", "/atom.xml").headers["etag"]

    def changed() -> bool:
        return quick.get("wire", "/atom.xml", **{"If-None-Match": etag}).status_code == 200

    until(changed)


def test_the_seed_article_is_there_word_for_word(calm: Demo, shared: Path):
    """Walks the publisher's text: all of it, in its order, is in the page's text."""
    lines = (shared / "seed" / "mada_post.txt").read_text(encoding="utf8").splitlines()
    wanted = [line for line in lines if line.strip()]
    wanted = wanted[: wanted.index("تعليقات فيسبوك") + 2]
    page = calm.get("madapost", "/archives/76412")
    tree = LexborHTMLParser(page.text)
    text = tree.css_first("article")
    assert text is not None
    content = text.text(separator="")
    at = 0
    for line in wanted:
        at = content.index(line, at)
    assert "23 مارس، 2020" in content
    assert '"datePublished": "2020-03-23T20:41:07+03:00"' in page.text


def test_the_seed_article_is_on_the_home_page_and_in_the_feed_however_much_follows(quick: Demo):
    until(lambda: newest_number(quick) > 60)
    for path in ("/", "/feed"):
        assert "/archives/76412" in quick.get("madapost", path).text


def newest_number(demo: Demo) -> int:
    entry = fastfeedparser.parse(demo.get("madapost", "/feed").content).entries[0]
    return int(entry.link.rsplit("/", 1)[1]) - SITE["madapost"].first_number


def test_arabic_articles_carry_their_metadata_in_different_ways(quick: Demo):
    kinds: set[bool] = set()

    def both_kinds() -> bool:
        for entry in fastfeedparser.parse(quick.get("madapost", "/feed").content).entries:
            kinds.add("ld+json" in quick.client.get(entry.link).text)
        return len(kinds) == 2

    until(both_kinds)


def test_a_story_of_the_courier_is_edited_under_its_address():
    with running("--interval", "0.3") as demo:
        first_read: dict[str, list[str]] = {}

        def edited() -> str | None:
            for entry in fastfeedparser.parse(demo.get("courier", "/rss.xml").content).entries:
                page = demo.client.get(entry.link).text
                if body_of(page) != first_read.setdefault(entry.link, body_of(page)):
                    return page
            return None

        page = until(edited)
    assert ", updated <time" in page
    assert '"dateModified"' in page


def body_of(page: str) -> list[str]:
    tree = LexborHTMLParser(page)
    return [node.text() for node in tree.css("article h1, article .story-body p")]


def test_the_mirror_reposts_the_wires_paragraphs_byte_for_byte(calm: Demo):
    reposts = fastfeedparser.parse(calm.get("mirror", "/feed.rss").content).entries
    wire = fastfeedparser.parse(calm.get("wire", "/atom.xml").content).entries
    originals = {paragraphs(calm.client.get(entry.link).text, ".dispatch > p") for entry in wire}
    for entry in reposts:
        body = paragraphs(calm.client.get(entry.link).text, ".text p")
        assert any(original[1:] == body for original in originals)
    assert not {entry.title for entry in reposts} & {entry.title for entry in wire}


def paragraphs(page: str, selector: str) -> tuple[str, ...]:
    """Return the HTML of the paragraphs, without the lines that only frame them."""
    found = LexborHTMLParser(page).css(selector)
    framing = ("kicker",)
    return tuple(
        node.inner_html or "" for node in found if node.attributes.get("class") not in framing
    )


def test_the_javascript_site_is_an_empty_shell(calm: Demo):
    story = api_page(calm, "/").json()["stories"][0]
    for path in ("/", story["path"]):
        page = calm.get("jsdaily", path)
        assert page.status_code == 200
        assert story["title"] not in page.text
    article = api_page(calm, story["path"]).json()
    assert len(article["paragraphs"]) >= 3
    assert api_page(calm, "/article/1/x").status_code == 404


@pytest.mark.browser
def test_a_browser_fills_the_javascript_site(calm: Demo, tmp_path: Path):
    chromium = shutil.which("chromium")
    if not chromium:
        pytest.skip("chromium is not installed")
    story = api_page(calm, "/").json()["stories"][0]
    address = urljoin(calm.home("jsdaily"), story["path"])
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000"]
    done = subprocess.run(
        [chromium, *options, f"--user-data-dir={tmp_path}", "--dump-dom", address],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    tree = LexborHTMLParser(done.stdout)
    heading = tree.css_first("article h1")
    assert heading is not None
    assert heading.text() == story["title"]
    assert len(tree.css("article p")) >= 5
