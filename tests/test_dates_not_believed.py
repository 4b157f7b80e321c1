"""Dates one cannot believe are kept as they are printed and not trusted."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import attrs
import pytest

from newsbot.archive import articles, changes, replayed, same_dates
from newsbot.archive.articles import from_stored
from newsbot.archive.connection import Database
from newsbot.archive.same_dates import Batch
from newsbot.config import Config
from newsbot.discovery import Entry
from newsbot.edits.kinds import date_differs
from newsbot.edits.version import Version
from newsbot.extraction import extract
from newsbot.importing.records import incoming
from newsbot.items import Article
from newsbot.reading import read
from newsbot.search.follow import catch_up
from newsbot.search.results import Reader
from newsbot.spiders.same_dates import CONTRADICTED, SAME_SECOND, Tally
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
    found = extract(page(stated(moment)).encode(), "https://c.example/a", reference=READ).published
    assert found is not None
    assert (found.day.isoformat(), found.doubt) == (moment[:10], why)


def test_a_page_that_prints_a_believable_date_too_has_that() -> None:
    html = page(stated("2027-03-01T08:00:00Z"), "<time>2 March 2026</time>")
    found = extract(html.encode(), "https://c.example/a", reference=READ).published
    assert found is not None
    assert (found.day, found.doubt) == (date(2026, 3, 2), "")


@pytest.mark.parametrize(
    ("url", "dateline"),
    [
        ("https://c.example/1923/05/04/archives/harbour-opens.html", ""),
        ("https://c.example/archives/harbour-opens.html", "<time>4 May 1923</time>"),
    ],
)
def test_a_newspapers_archive_has_its_days_of_before_the_web(url: str, dateline: str) -> None:
    found = extract(page(stated("1923-05-04"), dateline).encode(), url, reference=READ).published
    assert found is not None
    assert (found.day, found.doubt) == (date(1923, 5, 4), "")


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
    "Rowan Sorrel Tansy Thyme Vetch Willow Yarrow Zinnia"
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


def moment(text: str) -> ParsedDate:
    read = datetime.fromisoformat(text)
    return ParsedDate(read.date(), read, "json-ld")


def said(day: date) -> Entry:
    return Entry(url="https://c.example/a", published=ParsedDate(day, None, "feed"))


def test_one_second_on_many_pages_is_a_batch_and_one_minute_is_none() -> None:
    tally = Tally()
    for number in range(SAME_SECOND):
        assert not tally.of_second(BUILT.replace(microsecond=0))
        tally.add(f"{number}", ParsedDate(BUILT.date(), BUILT), None)
        tally.add(
            f"{number}", ParsedDate(BUILT.date(), BUILT), None
        )  # another page of the same article
    assert tally.of_second(BUILT) == SAME_SECOND

    edition = Tally()
    printed = moment("2026-03-02T05:00:00+00:00")
    for number in range(200):
        edition.add(f"{number}", printed, None)
    assert printed.instant is not None
    assert not edition.of_second(printed.instant)
    assert not edition.of_day(printed.day)


BUILT = datetime(2026, 3, 2, 5, 17, 43, tzinfo=UTC)


def test_pages_of_earlier_runs_are_counted_in() -> None:
    tally = Tally()
    for number in range(CONTRADICTED):
        tally.add(f"{number}", ParsedDate(BUILT.date(), BUILT), None)
    assert tally.suspects(BUILT)
    tally.before(BUILT, SAME_SECOND - CONTRADICTED - 1)
    assert not tally.of_second(BUILT)
    tally.before(BUILT, SAME_SECOND - CONTRADICTED)
    assert tally.of_second(BUILT)


TODAY = date(2026, 3, 10)


def test_one_day_on_all_pages_is_a_batch_where_the_feed_says_others() -> None:
    tally = Tally()
    for number in range(CONTRADICTED):
        assert not tally.of_day(TODAY)
        tally.add(f"old {number}", ParsedDate(TODAY), said(TODAY - timedelta(days=2 + number)))
    tally.add("silent", ParsedDate(TODAY), None)
    assert tally.of_day(TODAY) == CONTRADICTED + 1
    tally.add("today's", ParsedDate(TODAY), said(TODAY))
    assert tally.of_day(TODAY)
    assert tally.spared(TODAY) == ("today's",)


@pytest.mark.parametrize("case", ["busy", "others", "one", "mostly"])
def test_a_busy_day_is_none(case: str) -> None:
    tally = Tally()
    for number in range(200):
        tally.add(
            f"{number}", ParsedDate(TODAY), said(TODAY) if case in ("busy", "mostly") else None
        )
    if case == "others":  # some articles were published anew; the site prints other days as well
        for number in range(30):
            old = TODAY - timedelta(days=5 + number)
            tally.add(f"old {number}", ParsedDate(old), said(old))
    # A feed that says one day of all of them is as likely to be wrong.
    back = [5] * 12 if case == "one" else range(5, 5 + 12)
    for number, days in enumerate(back):
        tally.add(f"anew {number}", ParsedDate(TODAY), said(TODAY - timedelta(days=days)))
    assert not tally.of_day(TODAY)


def test_a_sitemap_says_of_a_page_only_what_it_was_not_published_after() -> None:
    def changed(day: date) -> Entry:
        return Entry(url="https://c.example/a", updated=ParsedDate(day, None, "sitemap"))

    earlier, later = Tally(), Tally()
    for number in range(10):
        days = timedelta(days=2 + number)
        earlier.add(f"{number}", ParsedDate(TODAY), changed(TODAY - days))
        later.add(f"{number}", ParsedDate(TODAY), changed(TODAY + days))
    assert earlier.of_day(TODAY)
    assert not later.of_day(TODAY)


def rfc822(day: date) -> str:
    return f"{day:%a, %d %b %Y} 06:00:00 GMT"


def test_what_many_pages_print_alike_is_put_right_where_it_is_stored_and_is_no_edit(
    make_site: Callable[[], Site], newsbot: Command, database: Database, settings: Config
) -> None:
    began = datetime.now(UTC)
    built, template, agency = make_site(), make_site(), make_site()
    publish(
        built,
        {
            f"a/{town}.html": (f"The bridge of {town}", stated("2026-03-02T05:17:43Z"), "")
            for town in TOWNS
        },
    )
    # The template prints today's date; of two pages it is true.
    publish(
        template,
        {
            f"a/{town}.html": (
                f"The market of {town}",
                stated(f"{TODAY}"),
                rfc822(TODAY - timedelta(days=max(0, number - 1) * 2)),
            )
            for number, town in enumerate(TOWNS)
        },
    )
    publish(
        agency,
        {
            f"a/{town}.html": (
                *(f"The school of {town}", stated(f"2026-03-02T{8 + number // 5:02}:00:00Z")),
                rfc822(date(2026, 3, 2)),
            )
            for number, town in enumerate(TOWNS)
        },
    )
    runs = [newsbot.json("crawl", site.base) for site in (built, template, agency)]
    counted = [run["counters"].get("dates_not_believed", 0) for run in runs]

    def told(word: str) -> dict[str, str]:
        found = database.articles.find({"title": {"$regex": word}})
        return {each["title"].split()[-1]: each["published"]["doubt"] for each in found}

    assert counted == [len(TOWNS), len(TOWNS) - 2, 0]
    assert set(told("bridge").values()) == {
        f"the same as at least {SAME_SECOND - 1} others of its source"
    }
    market = told("market")
    assert {town for town, why in market.items() if not why} == {"Amber", "Birch"}
    assert len({why for why in market.values() if why}) == 1
    assert set(told("school").values()) == {""}
    for each in map(from_stored, database.articles.find({})):
        assert each.record.revision == 1
        assert each.article.published is not None
        assert each.article.published.day in (TODAY, date(2026, 3, 2))

    catch_up(settings, database)
    reader = Reader(settings, database)
    assert reader.search("bridge OR market OR school").undated == 2 * len(TOWNS) - 2
    assert reader.search("bridge date:2026-03-02").total == 0
    assert reader.search("school date:2026-03-02").total == len(TOWNS)
    # An index that lost the thread of changes meets those that were put right.
    since = datetime.now(UTC)
    (batch,) = same_dates.known(database, runs[0]["source"])
    assert same_dates.distrust(database, batch, now=since, settled=True) == 0
    met = {each.article.title for each in changes.scan(database, since=began)}
    assert {f"The bridge of {town}" for town in TOWNS} <= met

    # The next run knows, before it has met as many again.
    publish(built, {"a/late.html": ("The bridge of Late", stated("2026-03-02T05:17:43Z"), "")})
    newsbot("crawl", built.base)
    assert told("bridge")["Late"]


def test_an_article_that_is_put_right_stays_so_through_index_edit_and_replay(
    database: Database, settings: Config
) -> None:
    def article(title: str, after: float = 0) -> Article:
        url = "https://c.example/a"
        return Article(
            id=articles.article_id(url),
            url=url,
            fetched_url=url,
            source="s",
            fetched_at=READ + timedelta(hours=after),
            title=title,
            body=f"{TITLE} was open to ships again, as its master told those who had waited " * 3,
            published=ParsedDate(BUILT.date(), BUILT, "json-ld"),
            language="en",
        )

    def keep(found: Article, now: datetime) -> None:
        articles.keep(database, articles.judge(database, [read(found)]), now=now)

    def undated() -> tuple[int, int]:
        catch_up(settings, database)
        found = Reader(settings, database).search("harbour")
        return found.total, found.undated

    keep(article(TITLE), READ)
    assert undated() == (1, 0)
    batch = Batch(
        id=same_dates.batch_id("s", BUILT),
        source="s",
        second=BUILT,
        why="the same as at least 19 others of its source",
        since=READ - timedelta(days=1),
        at=READ,
    )
    with ThreadPoolExecutor(4) as several:
        done = several.map(
            lambda _: same_dates.distrust(database, batch, now=READ, settled=False), range(4)
        )
        assert sum(done) >= 1
    assert same_dates.distrust(database, batch, now=READ, settled=True) == 0
    assert same_dates.known(database, "s") == [attrs.evolve(batch, settled=True)]
    assert undated() == (1, 1)

    (stored,) = map(from_stored, database.articles.find({}))
    assert (stored.record.revision, stored.record.changed_at) == (1, READ)
    replayed.keep(
        database, [read(attrs.evolve(article(TITLE), section="Port"))], now=READ, watched=False
    )
    keep(article(f"{TITLE}, corrected", after=3), READ + timedelta(hours=3))
    (stored,) = map(from_stored, database.articles.find({}))
    assert (stored.record.revision, stored.record.kinds) == (2, ("headline",))
    assert stored.article.published is not None
    assert stored.article.published.doubt == batch.why


TITLE = "The harbour of Amber"
