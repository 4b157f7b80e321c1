"""The feeds that newsbot serves: what readers make of them, and who may read them."""

import json
import re
from datetime import UTC, date, datetime
from typing import Any

import attrs
import fastfeedparser
import pytest
from fastapi.testclient import TestClient
from httpx import Response
from lxml import etree

from newsbot.archive import articles, feeds, merging, revisions, searches, sources
from newsbot.archive.connection import Database
from newsbot.archive.searches import SavedSearch
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.discovery import read_feed
from newsbot.items import Article
from newsbot.search.follow import catch_up
from newsbot.text.dates import ParsedDate
from newsbot.web.entries import clean
from tests.test_kills import wait_until
from tests.test_web import article, page, put, source

__all__ = ["page", "source"]

ATOM = "{http://www.w3.org/2005/Atom}"
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
MORNING = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("source")


def save(database: Database, query: str, name: str = "port") -> SavedSearch:
    saved = searches.new(name, query, order="relevance", by="lina", now=MORNING)
    searches.add(database, saved)
    return saved


def token(database: Database, query: str = "harbour") -> str:
    return feeds.address(database, "search", save(database, query).id).token


def stored(database: Database, settings: Config, *found: Article) -> None:
    put(database, *found)
    catch_up(settings, database)


def get(page: TestClient, address: str, **headers: str) -> Response:
    """Ask as a feed reader does: without a cookie."""
    page.cookies.clear()
    answer = page.get(address, headers=headers)
    assert "set-cookie" not in answer.headers
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert answer.headers["cache-control"].startswith("private")
    return answer


def atom(page: TestClient, secret: str) -> Any:
    """Return a feed's root, having seen that it is what RFC 4287 asks for."""
    answer = get(page, f"/feed/{secret}.atom")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/atom+xml")
    root = etree.fromstring(answer.content)
    assert root.tag == f"{ATOM}feed"
    for each in (root, *root.iter(f"{ATOM}entry")):
        for required in ("id", "title", "updated"):
            assert len(each.findall(f"{ATOM}{required}")) == 1
        assert each.findtext(f"{ATOM}id").startswith("urn:uuid:")
    for each in root.iter(f"{ATOM}updated", f"{ATOM}published"):
        assert RFC3339.fullmatch(each.text)
    for each in root.iter(f"{ATOM}entry"):
        assert each.find(f"{ATOM}author/{ATOM}name").text
        assert each.find(f"{ATOM}content").get("type") == "html"
    (own,) = root.findall(f"{ATOM}link[@rel='self']")
    assert own.get("href").endswith(f"/feed/{secret}.atom")
    ids = [each.text for each in root.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids))
    return root


def told(page: TestClient, secret: str) -> Any:
    """Return a JSON Feed, having seen that it has what version 1.1 requires."""
    answer = get(page, f"/feed/{secret}.json")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/feed+json")
    feed = json.loads(answer.content)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"]
    for item in feed["items"]:
        assert item["id"]
        assert item["content_html"]
    return feed


# What stands in it


FULL = article(
    "full",
    title='Harbour "opens" & <ships> sail',
    authors=("Lina Haddad", "علي حسن"),
    published=ParsedDate(MORNING.date(), MORNING),
    tags=("sea", "R&D"),
)


@pytest.mark.parametrize("ending", ["atom", "json"])
def test_newsbots_own_reader_reads_it_back(
    page: TestClient, database: Database, settings: Config, ending: str
) -> None:
    stored(database, settings, FULL)
    body = get(page, f"/feed/{token(database)}.{ending}").content
    (entry,) = read_feed(body, "http://testserver/")
    assert entry.url == FULL.url
    assert entry.title == FULL.title
    assert entry.authors == FULL.authors
    assert entry.published is not None
    assert entry.published.instant == MORNING
    assert entry.language == "en"
    for paragraph in FULL.body.split("\n"):
        assert f"<p>{paragraph}</p>" in entry.content


def test_another_reader_reads_it_back(
    page: TestClient, database: Database, settings: Config
) -> None:
    stored(database, settings, FULL)
    secret = token(database)
    for ending in ("atom", "json"):
        parsed = fastfeedparser.parse(get(page, f"/feed/{secret}.{ending}").content)
        assert parsed.feed.title == "port"
        (entry,) = parsed.entries
        assert entry.title == FULL.title
        assert entry.link == FULL.url
        assert "after nine days" in entry.content[0]["value"]
        assert entry.published.startswith("2026-03-01T06:30:00")


def test_an_entry_leads_to_the_publisher_and_to_our_own_page(
    page: TestClient, database: Database, settings: Config
) -> None:
    stored(database, settings, FULL)
    secret = token(database)
    entry = atom(page, secret).find(f"{ATOM}entry")
    links = {each.get("rel"): each.get("href") for each in entry.findall(f"{ATOM}link")}
    own = f"http://testserver/article/{FULL.id}"
    assert links == {"alternate": FULL.url, "related": own}
    assert page.get(own).status_code == 200
    (item,) = told(page, secret)["items"]
    assert (item["url"], item["_newsbot"]["page"]) == (FULL.url, own)
    assert f'<a href="{own}">' in item["content_html"]
    assert item["tags"] == list(FULL.tags)


def test_both_formats_tell_the_same_under_ids_that_stay(
    page: TestClient, database: Database, settings: Config
) -> None:
    stored(database, settings, FULL)
    secret = token(database)
    before = atom(page, secret)
    put(database, attrs.evolve(FULL, title="The harbour is shut again"))
    catch_up(settings, database)
    after = atom(page, secret)
    assert [e.text for e in after.iter(f"{ATOM}id")] == [e.text for e in before.iter(f"{ATOM}id")]
    assert after.findtext(f"{ATOM}entry/{ATOM}title") == "The harbour is shut again"
    assert after.findtext(f"{ATOM}updated") >= before.findtext(f"{ATOM}updated")
    (item,) = told(page, secret)["items"]
    assert item["id"] == after.findtext(f"{ATOM}entry/{ATOM}id")
    assert "Edited 1×" in item["content_html"]
    renewed = feeds.renew(database, "search", searches.everything(database)[0].id).token
    assert atom(page, renewed).findtext(f"{ATOM}id") == before.findtext(f"{ATOM}id")


def test_updated_is_the_last_revision(
    page: TestClient, database: Database, settings: Config
) -> None:
    stored(database, settings, FULL)
    put(database, attrs.evolve(FULL, body=FULL.body.replace("nine", "ten")))
    kept = articles.get(database, FULL.id)
    assert kept is not None
    assert kept.record.revision == 2
    (item,) = told(page, token(database))["items"]
    assert item["date_modified"] == f"{kept.record.changed_at:%Y-%m-%dT%H:%M:%SZ}"


def test_only_a_moment_that_is_known_and_believed_is_the_date(
    page: TestClient, database: Database, settings: Config
) -> None:
    ahead = ParsedDate(date(2031, 1, 1), datetime(2031, 1, 1, tzinfo=UTC), doubt="in the future")
    dates = {"day": ParsedDate(date(2026, 3, 1)), "ahead": ahead, "none": None}
    for name, stated in dates.items():
        put(
            database, article(name, title=f"harbour {name}", body=f"{name} " * 60, published=stated)
        )
    catch_up(settings, database)
    items = {each["title"]: each for each in told(page, token(database))["items"]}
    assert not any("date_published" in item for item in items.values())
    assert "Published on 2026-03-01; the time" in items["harbour day"]["content_html"]
    assert (
        "2031-01-01, which is not believed: in the future"
        in (items["harbour ahead"]["content_html"])
    )
    assert "Its date is not known" in items["harbour none"]["content_html"]


def test_an_article_taken_down_or_in_part_says_so(
    page: TestClient, database: Database, settings: Config
) -> None:
    gone = article("gone", body="The harbour master left. " * 20)
    part = article(
        "part", title="harbour in part", body="First lines " * 30, partial="refused_robots"
    )
    paid = article("paid", title="harbour, paid", body="Another text " * 30, free=False)
    put(database, gone, part, paid)
    revisions.note_deletion(database, gone.id, now=datetime.now(UTC))
    catch_up(settings, database)
    items = {each["url"]: each["content_html"] for each in told(page, token(database))["items"]}
    assert "has taken this article down" in items[gone.url]
    assert "harbour master left" in items[gone.url]
    assert "Kept in part, from a feed; its page is closed to crawlers" in items[part.url]
    assert "For subscribers" in items[paid.url]


def test_an_arabic_article_has_its_language_and_direction(
    page: TestClient, database: Database, settings: Config
) -> None:
    arabic = article(
        "ar",
        title="وقف إطلاق النار",
        body="بحث الوزير سير تطبيق وقف إطلاق النار في المحافظة\nوقال إن الهدنة صامدة",
        language="ar",
    )
    stored(database, settings, arabic)
    secret = token(database, '"إطلاق النار"')
    entry = atom(page, secret).find(f"{ATOM}entry")
    assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == "ar"
    html = entry.findtext(f"{ATOM}content")
    assert '<div dir="rtl" lang="ar">\n<p>بحث الوزير' in html
    (item,) = told(page, secret)["items"]
    assert (item["language"], item["content_html"]) == ("ar", html)


HOSTILE = (
    "<script>alert(1)</script> harbour",
    '"><img src=x onerror=alert(1)> harbour',
    "]]></content></entry><entry> harbour",
    "harbour \x00\x08\x0b\x1f\ufffe\uffff text",
    "&lt;script&gt; &nbsp; harbour",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(
    page: TestClient, database: Database, settings: Config, text: str
) -> None:
    hostile = article(
        "a",
        title=text,
        body=f"{text}\n{text}",
        authors=(text,),
        tags=(text,),
        publisher=text,
        language='en" onclick="x',
        url="javascript:alert(1)",
    )
    database.sources.update_one({}, {"$set": {"name": text}})
    stored(database, settings, hostile)
    saved = searches.new("port", "harbour", order="newest", by="", now=MORNING)
    searches.add(database, attrs.evolve(saved, name=text))
    secret = feeds.address(database, "search", saved.id).token
    root = atom(page, secret)
    (entry,) = root.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == clean(text)
    assert entry.find(f"{ATOM}link[@rel='alternate']") is None
    (item,) = told(page, secret)["items"]
    for html in (entry.findtext(f"{ATOM}content"), item["content_html"]):
        tree = etree.fromstring(f"<div>{html}</div>".replace("&nbsp;", " "))
        assert {each.tag for each in tree.iter()} <= {"div", "p", "em", "a", "bdi"}
        assert {name for each in tree.iter() for name in each.attrib} <= {"dir", "lang", "href"}
        assert all(each.get("href").startswith("http://testserver/") for each in tree.iter("a"))
        assert clean(text).strip() in "".join(tree.itertext())
    assert "javascript:" not in json.dumps(item)


def test_the_newest_fifty_stand_in_it(
    page: TestClient, database: Database, settings: Config
) -> None:
    many = [
        article(str(n), title=f"harbour {n}", body=f"ship{n} sails{n} " * 30) for n in range(55)
    ]
    for start in range(0, 55, 11):
        put(database, *many[start : start + 11])
    catch_up(settings, database)
    secret = token(database)
    items = told(page, secret)["items"]
    assert len(items) == 50
    assert {f"harbour {n}" for n in range(11, 55)} <= {each["title"] for each in items}
    assert len(atom(page, secret).findall(f"{ATOM}entry")) == 50


def test_a_source_has_its_feed_under_any_of_its_names(
    page: TestClient, database: Database, settings: Config, source: Source
) -> None:
    stored(database, settings, FULL, article("b", body="elsewhere " * 40, source="other"))
    secret = feeds.address(database, "source", source.id).token
    assert [each["url"] for each in told(page, secret)["items"]] == [FULL.url]
    sources.rename(database, source, "ferry-news")
    wait_until(lambda: told(page, secret)["title"] == "ferry-news")
    assert [each["url"] for each in told(page, secret)["items"]] == [FULL.url]
    atom(page, secret)


def test_a_feed_without_articles_is_one(page: TestClient, database: Database) -> None:
    secret = token(database, "unheardof")
    root = atom(page, secret)
    assert root.findtext(f"{ATOM}updated") == "2026-03-01T06:30:00Z"
    assert told(page, secret)["items"] == []


def test_a_merged_source_goes_on_with_the_articles_of_both(
    page: TestClient, database: Database, settings: Config, source: Source
) -> None:
    other = attrs.evolve(source, id="o", name="quay", homepage="https://quay.example/")
    sources.add(database, other)
    elsewhere = article("b", title="Elsewhere", body="elsewhere " * 40, source="o")
    stored(database, settings, FULL, elsewhere)
    secret = feeds.address(database, "source", "o").token
    assert [each["url"] for each in told(page, secret)["items"]] == [elsewhere.url]
    merging.carry_over(database, merging.begin(database, other, source))
    wait_until(lambda: told(page, secret)["title"] == "harbour-news")
    assert {each["url"] for each in told(page, secret)["items"]} == {FULL.url, elsewhere.url}


def test_names_with_nothing_in_them_are_left_out(
    page: TestClient, database: Database, settings: Config
) -> None:
    bare = article("a", title="\x08 ", body="harbour " * 40, authors=("\x07", " "), tags=("",))
    stored(database, settings, bare)
    entry = atom(page, token(database)).find(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "(no headline)"
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "harbour-news"
    assert entry.find(f"{ATOM}category") is None
