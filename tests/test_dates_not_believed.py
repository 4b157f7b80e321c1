"""Dates one cannot believe are kept as they are printed and not trusted."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.edits.kinds import date_differs
from newsbot.edits.version import Version
from newsbot.extraction import extract
from newsbot.importing.records import incoming
from newsbot.search.follow import catch_up
from newsbot.search.results import Reader
from newsbot.text.dates import ParsedDate
from newsbot.text.doubts import FUTURE, PLACEHOLDER, TOO_EARLY, doubt, preferred
from tests.conftest import Command, Site

READ = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 3, 10), ""),
        (date(2026, 3, 11), ""),  # it is tomorrow already in Kiribati
        (date(2026, 3, 12), FUTURE),
        (date(2099, 1, 1), FUTURE),
        (date(1970, 1, 1), PLACEHOLDER),
        (date(1969, 12, 31), PLACEHOLDER),
        (date(1, 1, 1), PLACEHOLDER),
        (date(1900, 1, 1), PLACEHOLDER),
        (date(2000, 1, 1), ""),
        (date(1923, 5, 4), TOO_EARLY),
        (date(1991, 8, 6), ""),
    ],
)
def test_what_a_date_shows_by_itself(day: date, why: str) -> None:
    assert doubt(ParsedDate(day), READ) == why


def test_a_day_that_two_tell_is_believed_however_early_unless_it_stands_for_none() -> None:
    assert doubt(ParsedDate(date(1923, 5, 4)), READ, confirmed=True) == ""
    assert doubt(ParsedDate(date(1970, 1, 1)), READ, confirmed=True) == PLACEHOLDER


def test_a_date_that_is_believed_is_preferred_to_one_that_is_not() -> None:
    good, bad = ParsedDate(date(2026, 3, 1)), ParsedDate(date(2099, 1, 1), doubt=FUTURE)
    assert preferred(bad, None, good) == good
    assert preferred(None, bad) == bad
    assert preferred(None, None) is None


def page(head: str = "", dateline: str = "", headline: str = "The harbour opens") -> str:
    text = "".join(
        f"<p>Crews had worked through night number {number} before the harbour of {headline} was open to "
        f"ships again, as its master told those who had waited on the quay, and was clear at last.</p>"
        for number in range(5)
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{headline}</title>'
        f'<meta property="og:type" content="article">{head}</head><body><main><article><h1>{headline}</h1>'
        f"{dateline}{text}</article></main></body></html>"
    )


def stated(moment: str) -> str:
    return f'<meta property="article:published_time" content="{moment}">'


@pytest.mark.parametrize(
    ("moment", "why"),
    [
        ("2027-03-01T08:00:00Z", FUTURE),
        ("1970-01-01T00:00:00Z", PLACEHOLDER),
        ("1932-03-01", TOO_EARLY),
        ("2026-03-01T08:00:00Z", ""),
    ],
)
def test_what_a_page_prints_is_kept(moment: str, why: str) -> None:
    read = extract(page(stated(moment)).encode(), "https://c.example/a", reference=READ).published
    assert read is not None
    assert (read.day.isoformat(), read.doubt) == (moment[:10], why)


def test_a_page_that_prints_a_believable_date_too_has_that() -> None:
    html = page(stated("2027-03-01T08:00:00Z"), "<time>2 March 2026</time>")
    read = extract(html.encode(), "https://c.example/a", reference=READ).published
    assert read is not None
    assert (read.day, read.doubt) == (date(2026, 3, 2), "")


@pytest.mark.parametrize(
    ("url", "dateline"),
    [
        ("https://c.example/1923/05/04/archives/harbour-opens.html", ""),
        ("https://c.example/archives/harbour-opens.html", "<time>4 May 1923</time>"),
    ],
)
def test_a_newspapers_archive_has_its_days_of_before_the_web(url: str, dateline: str) -> None:
    read = extract(page(stated("1923-05-04"), dateline).encode(), url, reference=READ).published
    assert read is not None
    assert (read.day, read.doubt) == (date(1923, 5, 4), "")


def test_a_date_that_is_not_believed_is_no_edit_and_one_that_is_corrected_is() -> None:
    bad = Version(title="", body="", published=ParsedDate(date(2099, 1, 1), doubt=FUTURE))
    good = Version(title="", body="", published=ParsedDate(date(2026, 3, 1)))
    none = Version(title="", body="")
    assert not date_differs(none, bad)
    assert not date_differs(good, bad)
    assert date_differs(bad, good)


def test_an_import_keeps_what_is_not_believed_and_does_not_believe_it() -> None:
    record = {"url": "https://c.example/a", "title": "A", "fetched_at": READ.isoformat()}

    def read(**told: str) -> tuple[str, str]:
        found = incoming(record | told, now=READ).article.published
        assert found is not None
        return found.day.isoformat(), found.doubt

    assert read(published="2099-01-01") == ("2099-01-01", FUTURE)
    assert read(published="1923-05-04") == ("1923-05-04", "")
    printed = {"published_printed": "2026-03-01T08:00:00+00:00", "published_doubt": "the same"}
    assert read(**printed) == ("2026-03-01", "the same")


HOME = (
    '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head>'
    "<body><p>News</p></body></html>"
)
TOWNS = (
    "Amber Birch Cedar Dover Elm Fern Grove Hazel Iris Juniper Kelp Larch Maple Nettle Olive Pine Quince "
    "Rowan Sorrel Thyme Umber Vetch Willow Yarrow Zinnia"
).split()


def publish(site: Site, pages: dict[str, tuple[str, str, str]]) -> None:
    """Put pages on a site: by path their headline, what they print for a date, what the feed says ("": nothing)."""
    site.write("index.html", HOME)
    items = ""
    for path, (headline, head, said) in pages.items():
        site.write(path, page(head, headline=headline))
        said = f"<pubDate>{said}</pubDate>" if said else ""
        items += f"<item><title>{headline}</title><link>{site.base}/{path}</link>{said}</item>"
    site.write(
        "feed.xml",
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>A paper</title><link>{site.base}/</link>'
        f"<description>News</description>{items}</channel></rss>",
    )


def doubts(database: Database) -> dict[str, str]:
    """Return why the dates of articles are not believed, by their headline's last word."""
    return {
        each["title"].split()[-1]: each["published"]["doubt"]
        for each in database.articles.find({})
        if each["published"]
    }


def test_a_crawl_keeps_what_cannot_be_and_queries_take_it_for_undated(
    make_site: Callable[[], Site], newsbot: Command, database: Database, settings: Config
) -> None:
    site = make_site()
    publish(
        site,
        {
            "a/1.html": ("The bridge of Amber", stated("2094-03-01T08:00:00Z"), ""),
            "a/2.html": ("The bridge of Birch", stated("1970-01-01T00:00:00Z"), ""),
            "a/3.html": ("The bridge of Cedar", stated("2026-03-01T08:00:00Z"), ""),
            "a/4.html": (
                *("The bridge of Dover", stated("2094-03-01T08:00:00Z")),
                "Mon, 02 Mar 2026 06:00:00 GMT",
            ),
            "a/5.html": ("The bridge of Elm", "", "Tue, 02 Mar 2094 06:00:00 GMT"),
        },
    )
    newsbot("crawl", site.base)

    assert doubts(database) == {
        "Amber": FUTURE,
        "Birch": PLACEHOLDER,
        "Cedar": "",
        "Dover": "",
        "Elm": FUTURE,
    }
    catch_up(settings, database)
    reader = Reader(settings, database)

    def found(query: str) -> set[str]:
        return {each.kept.article.title.split()[-1] for each in reader.search(query).hits}

    assert reader.search("bridge").undated == 3
    assert found("bridge has:date") == {"Cedar", "Dover"}
    assert found("bridge date:>7d") == {"Cedar", "Dover"}
    assert found("bridge date:2094-03-01") == set()
    assert found("bridge seen:<1d") == {"Amber", "Birch", "Cedar", "Dover", "Elm"}
    amber = next(each["_id"] for each in database.articles.find({"title": "The bridge of Amber"}))
    shown = newsbot("show", amber).stdout
    assert "2094-03-01 08:00 UTC (not believed: in the future)" in shown
    out = settings.data_dir / "out.jsonl"
    assert newsbot("export", "Amber", "--to", str(out)).returncode == 0
    (row,) = map(json.loads, out.read_text().splitlines())
    told = {name: value for name, value in row.items() if name.startswith("published_") and value}
    assert told == {
        "published_printed": "2094-03-01T08:00:00+00:00",
        "published_doubt": "in the future",
    }
    # A look at the page again finds nothing new.
    again = newsbot.json("crawl", site.base)
    assert again["counters"].get("edited", 0) == 0
