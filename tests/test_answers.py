"""What a query found, counted and listed: facets, timelines, pages that hold, stories once."""

import json
import random
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from newsbot.archive import articles, naming, sources, stories
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.extraction import extract
from newsbot.items import Article
from newsbot.reading import read
from newsbot.search import documents, facets
from newsbot.search.cursors import PageError
from newsbot.search.follow import catch_up
from newsbot.search.measured import KeptGaps, measured
from newsbot.search.results import Order, Reader
from newsbot.text.dates import ParsedDate

NOW = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)
PAPERS = ("Coast Daily", "River Post", "بريد النهر")


def article(
    number: int, title: str = "Harbour", body: str = "", *, url: str = "", **changed: object
) -> Article:
    url = url or f"https://paper{number % 3}.example/news/{number}"
    fields: dict[str, object] = {
        "id": articles.article_id(url),
        "url": url,
        "fetched_url": url,
        "source": f"source{number % 3}",
        "fetched_at": NOW,
        "title": title,
        "body": body or f"Storm number {number} of the harbour.",
        "authors": (("Ann Lee", "Bo Ek", "Cy Fox")[number % 3],) if number % 4 else (),
        "section": ("World", "Local", "")[number % 3],
        "language": "en" if number % 2 else "ar-SY",
        "published": ParsedDate(date(2026, 2, 28) - timedelta(days=number % 10))
        if number % 5
        else None,
    }
    return Article(**{**fields, **changed})  # type: ignore[arg-type]


Store = Callable[..., Reader]


@pytest.fixture
def store(database: Database, settings: Config) -> Store:
    """Return a function that stores articles, each a second after the other, and indexes them."""
    for number, name in enumerate(PAPERS):
        home = f"https://paper{number}.example/"
        sources.add(database, Source(id=f"source{number}", name=name, homepage=home, added_at=NOW))
    clock = iter(range(1_000_000))

    def stored(*made: Article, at_once: bool = False) -> Reader:
        for some in (made,) if at_once else ((each,) for each in made):
            seen = NOW + timedelta(seconds=next(clock))
            articles.keep(database, articles.judge(database, [*map(read, some)]), now=seen)
        catch_up(settings, database)
        return Reader(settings, database)

    return stored


def test_facets_count_what_there_is(store: Store) -> None:
    made = [article(number) for number in range(30)]
    found = store(*made, at_once=True).facets("storm")
    assert (found.total, found.undated) == (30, 6)
    assert {each.name: each.count for each in found.facet("source").values} == dict.fromkeys(
        PAPERS, 10
    )
    assert {each.name: each.count for each in found.facet("language").values} == {
        "en": 15,
        "ar-sy": 15,
    }
    section = found.facet("section")
    assert ({each.name: each.count for each in section.values}, section.without) == (
        {"World": 10, "Local": 10},
        10,
    )
    author = found.facet("author")
    expected = Counter(each.authors[0] for each in made if each.authors)
    assert ({each.name: each.count for each in author.values}, author.without) == (expected, 8)
    day = found.facet("day")
    assert (sum(each.count for each in day.values), day.others, day.without) == (24, 0, 6)


def test_a_facet_narrows_the_query_to_what_it_counted(store: Store) -> None:
    reader = store(*(article(number) for number in range(30)), at_once=True)
    for facet in reader.facets("storm").facets:
        for value in facet.values:
            assert reader.search(f"(storm) {value.clause}").total == value.count, value


def test_spellings_that_queries_do_not_tell_apart_are_one_value(store: Store) -> None:
    made = (
        *(article(n, section="World", authors=("Ann Lee",), language="en") for n in range(4)),
        *(article(n, section="WORLD", authors=("ANN LEE",), language="en-GB") for n in range(4, 7)),
        article(7, section="world ", authors=("Mary Ann Lee", "Ann Lée"), language="en-US"),
        article(8, section="Worlds", authors=("Mary Lee",), language="ar"),
    )
    reader = store(*made, at_once=True)
    found = reader.facets("storm")

    def counts(field: facets.Field) -> list[tuple[str, int]]:
        return [(each.name, each.count) for each in found.facet(field).values]

    assert counts("language") == [("en", 8), ("en-gb", 3), ("ar", 1), ("en-us", 1)]
    assert counts("section") == [("World", 8), ("Worlds", 1)]
    assert counts("author") == [("Ann Lee", 8), ("Mary Ann Lee", 1), ("Mary Lee", 1)]
    for facet in found.facets:
        assert (facet.others, facet.without) == (0, 0) or facet.field == "day"
        for value in facet.values:
            assert reader.search(f"(storm) {value.clause}").total == value.count, value


def test_what_is_not_among_the_ten_is_counted_once_however_values_overlap(store: Store) -> None:
    made = [
        article(n, section="", authors=(), language=("en", f"en-a{n:02}")[n > 3]) for n in range(20)
    ]
    found = store(*made, at_once=True).facets("storm").facet("language")
    assert (found.values[0].name, found.values[0].count, len(found.values)) == ("en", 20, 10)
    assert (found.others, found.without) == (0, 0)


def test_a_value_that_no_query_can_ask_for_is_not_linked(store: Store) -> None:
    reader = store(article(1, authors=('The "Boss"',)))
    assert reader.facets("storm").facet("author").values[0].clause == ""


def test_the_ten_largest_are_named_and_the_others_counted(store: Store) -> None:
    many = [article(n, authors=(f"Writer {n % 40:02}",), section="") for n in range(60)]
    found = store(*many, at_once=True).facets("storm").facet("author")
    assert [(each.name, each.count) for each in found.values] == [
        (f"Writer {n:02}", 2) for n in range(10)
    ]
    assert (found.others, found.without) == (40, 0)


def test_the_ten_largest_are_exact_where_the_index_alone_would_guess(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facets, "_ASKED", (12, 45, 1_000))
    written: Counter[str] = Counter()
    number = 0
    for segment in range(4):  # each is a commit, so a segment of the index
        some = []
        for writer in range(60):
            for _ in range(1 + (writer * 7 + segment * 13) % 5):
                number += 1
                written[f"Writer {writer:02}"] += 1
                some.append(article(number, authors=(f"Writer {writer:02}",)))
        reader = store(*some, at_once=True)
    reader = store(*(article(number + n, authors=()) for n in range(1, 4)), at_once=True)
    found = reader.facets("storm").facet("author")
    largest = sorted(written.items(), key=lambda each: (-each[1], each[0]))[:10]
    assert [(each.name, each.count) for each in found.values] == largest
    others = sum(written.values()) - sum(count for _, count in largest)
    assert (found.others, found.without) == (others, 3)


def test_merged_sources_count_as_one_and_their_articles_once(
    store: Store, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "REFRESH", 0.0)
    store(*(article(number) for number in range(9)), at_once=True)
    database.articles.update_one(
        {"_id": article(0).id}, {"$set": {"sources": ["source0", "source1"]}}
    )
    database.sources.update_one({"_id": "source1"}, {"$set": {"merged_into": "source0"}})
    naming.changed(database)
    found = store().facets("storm").facet("source")
    assert [(each.name, each.count) for each in found.values] == [
        ("Coast Daily", 6),
        (PAPERS[2], 3),
    ]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("day", [("2026-01-30", 1), ("2026-01-31", 0), ("2026-02-01", 2), ("2026-02-02", 1)]),
        ("week", [("2026-01-26", 3), ("2026-02-02", 1)]),
        ("month", [("2026-01-01", 1), ("2026-02-01", 3)]),
    ],
)
def test_a_timeline_has_every_day_week_or_month(
    by: facets.By, expected: list[tuple[str, int]], store: Store
) -> None:
    days = (date(2026, 1, 30), date(2026, 2, 1), date(2026, 2, 1), date(2026, 2, 2), None)
    reader = store(
        *(article(n, published=day and ParsedDate(day)) for n, day in enumerate(days)),
        at_once=True,
    )
    told = reader.facets("storm", by=by).timeline
    assert [(bar.first.isoformat(), bar.count) for bar in told.bars] == expected
    assert told.undated == 1
    seen = reader.facets("storm", by=by, of="seen").timeline
    assert ([bar.count for bar in seen.bars], seen.undated) == ([5], 0)


def test_nothing_found_is_counted_as_nothing(
    store: Store, database: Database, settings: Config
) -> None:
    empty = Reader(settings, database).facets("nowhere")
    for found in (empty, store(article(1)).facets("nowhere")):
        assert (found.total, found.timeline.bars) == (0, ())
        assert not any(each.values or each.others or each.without for each in found.facets)


def pages(
    reader: Reader, query: str, limit: int, between: Callable[[int], Reader], **how: Any
) -> list[list[str]]:
    """Read a list page by page; something happens between them."""
    told: list[list[str]] = []
    after = ""
    listed = reader.stories if how.pop("stories", False) else reader.search
    while True:
        found = listed(query, limit=limit, after=after, **how)
        told.append([hit.kept.article.id for hit in found.hits])
        after = found.next
        if not after:
            return told
        reader = between(len(told))
        listed = getattr(reader, listed.__name__)


@pytest.mark.parametrize("order", ["newest", "relevance"])
@pytest.mark.parametrize("at_once", [True, False])
def test_pages_hold_while_articles_are_stored_edited_and_removed(
    order: Order, at_once: bool, store: Store, database: Database, settings: Config
) -> None:
    made = [article(n, body=f"storm {'storm ' * (n % 7)}number {n}") for n in range(40)]
    reader = store(*made, at_once=at_once)

    def between(page: int) -> Reader:
        # New ones that would come first, an edit that is worth more, one that matches no longer.
        new = [article(1000 + 10 * page + n, title="Storm", body="storm") for n in range(9)]
        edited = article((page * 17 + 3) % 40, title="Storm storm storm")
        gone = article((page * 11 + 5) % 40, body="calm", title="Calm")
        return store(*new, edited, *([gone] if page == 4 else []), at_once=True)

    first = reader.search("storm", order=order, limit=50)
    told = pages(reader, "storm", 6, between, order=order)
    listed = [each for page in told for each in page]
    assert len(listed) == len(set(listed))
    missing = {each.id for each in made} - set(listed)
    calm = {each["_id"] for each in database.articles.find({"body": "calm"})}
    assert missing <= calm
    assert set(listed) <= {each.id for each in made}
    assert listed == [hit.kept.article.id for hit in first.hits if hit.kept.article.id in listed]
    assert [len(page) for page in told[:-1]] == [6] * (len(told) - 1)


@pytest.mark.parametrize("order", ["newest", "relevance"])
def test_an_article_that_is_removed_is_left_out_of_later_pages(
    order: Order, store: Store, database: Database
) -> None:
    reader = store(*(article(n) for n in range(20)), at_once=True)
    everything = [hit.kept.article.id for hit in reader.search("storm", order=order).hits]
    token = reader.search("storm", order=order, limit=5).next
    for gone in (everything[0], everything[10]):
        database.articles.delete_one({"_id": gone})
    following = store().search("storm", order=order, after=token)
    listed = [hit.kept.article.id for hit in following.hits]
    assert listed == [*everything[5:10], *everything[11:]]


def test_counts_on_later_pages_are_those_of_the_first(store: Store) -> None:
    reader = store(*(article(n) for n in range(20)), at_once=True)
    for order in ("newest", "relevance"):
        found = reader.search("storm", order=order, limit=5)
        reader = store(*(article(100 + len(order) * 10 + n) for n in range(5)))
        following = reader.search("storm", order=order, limit=5, after=found.next)
        assert (following.total, following.undated) == (found.total, found.undated)


@pytest.mark.parametrize("token", ["x", "!", "W10", "bm9uc2Vuc2U", "9" * 5_000, "ä"])
def test_a_page_that_is_none_is_refused(token: str, store: Store) -> None:
    reader = store(article(1))
    with pytest.raises(PageError, match="begin at the first"):
        reader.search("storm", after=token)


def test_a_page_of_another_search_is_refused(store: Store) -> None:
    reader = store(*(article(n) for n in range(5)), at_once=True)
    token = reader.search("storm", limit=2).next
    for other in (
        lambda: reader.search("harbour", after=token),
        lambda: reader.stories("storm", after=token),
        lambda: reader.search("storm", order="relevance", after=token),
    ):
        with pytest.raises(PageError, match="another search"):
            other()


def test_an_order_that_is_no_longer_kept_says_so(store: Store, settings: Config) -> None:
    reader = store(*(article(n) for n in range(5)), at_once=True)
    token = reader.search("storm", order="relevance", limit=2).next
    shutil.rmtree(settings.index_dir / "orders")
    with pytest.raises(PageError, match="no longer kept"):
        reader.search("storm", order="relevance", after=token)


def test_a_word_in_the_title_and_a_young_article_count_for_more(store: Store) -> None:
    today = datetime.now(UTC).date()

    def told(number: int, title: str, days: int) -> Article:
        day = ParsedDate(today - timedelta(days=days))
        return article(number, title=title, body="A storm near the coast.", published=day)

    reader = store(
        told(1, "Of weather", 400),
        told(2, "Of weather", 20),
        told(3, "Of weather", 0),
        told(4, "The storm", 400),
        at_once=True,
    )
    found = reader.search("storm", order="relevance").hits
    numbers = [hit.kept.article.url.rsplit("/")[-1] for hit in found]
    assert numbers.index("3") < numbers.index("2") < numbers.index("1")
    assert numbers.index("4") < numbers.index("1")


def copies(number: int, of: int) -> Article:
    url = f"https://wire{number}.example/{number}"  # a source tells a text once
    return article(
        number,
        title=f"Story {of}",
        url=url,
        source=f"wire{number}",
        body=f"Of the storm, told by all: {of}. {WIRE[of]}",
    )


WORDS = [f"{one}{two}" for one in ("bel", "dor", "fen", "gam", "hil") for two in ("ka", "mo", "ru", "ti", "vo", "zu")]  # fmt: skip
WIRE = [" ".join(random.Random(n).sample(WORDS, 25)) for n in range(40)]


@pytest.mark.parametrize("order", ["newest", "relevance"])
@pytest.mark.parametrize("at_once", [True, False])
def test_a_page_has_so_many_stories_each_with_all_its_articles(
    order: Order, at_once: bool, store: Store, database: Database
) -> None:
    rng = random.Random(4)
    told = [copies(n, rng.choice((n % 12, rng.randrange(3)))) for n in range(60)]
    reader = store(*told, at_once=at_once)
    # Stories that were found to be one later count as one.
    ids = {each["title"]: each["story"] for each in database.articles.find()}
    stories.link(database, ids["Story 1"], ids["Story 7"], how="copy")
    stories.link(database, ids["Story 9"], ids["Story 7"], how="copy")
    one = {"Story 7": "Story 1", "Story 9": "Story 1"}
    expected = Counter(one.get(each.title, each.title) for each in told)

    found = reader.stories("storm", order=order, limit=4)
    assert (found.total, found.stories) == (60, len(expected))
    listed = [found]
    while listed[-1].next:
        reader = store(copies(1000 + len(listed), len(listed) % 12))
        listed.append(reader.stories("storm", order=order, limit=4, after=listed[-1].next))
    assert [len(each.hits) for each in listed] == [4, 4, 2]
    counted = {
        one.get(hit.kept.article.title, hit.kept.article.title): hit.more + 1
        for hit in listed[0].hits
    }
    assert counted.items() <= expected.items()
    heads = [hit.story for each in listed for hit in each.hits]
    assert len(set(heads)) == len(heads) == len(expected)


def test_the_seed_is_found_and_marked_as_its_publisher_wrote_it(store: Store, shared: Path) -> None:
    gold = json.loads((shared / "seed/mada_post.gold.json").read_text())
    url = "https://madapost.example/shoigu"
    page = extract((shared / "seed/mada_post.html").read_bytes(), url)
    reader = store(
        article(
            0,
            url=url,
            title=page.title,
            body=page.body,
            language="ar",
            published=page.published,
        )
    )
    for query in gold["found_by"]:
        assert reader.search(query).total == 1, query
    for query in gold["not_found_by"]:
        assert reader.search(query).total == 0, query
    (hit,) = reader.stories('"إطلاق النار"').hits
    shown = hit.passage
    assert shown.published is not None
    marked = [shown.published[low:high] for low, high in shown.published_marks]
    assert marked == ["إطـ.ـلاق النـ.ـار"]


def test_gaps_that_are_kept_for_many_views_are_those_of_each(
    store: Store, database: Database
) -> None:
    reader = store(*(article(n) for n in range(30)), at_once=True)
    kept, now = KeptGaps(), datetime.now(UTC)
    for query in ("storm", 'storm source:"River Post"', "storm date:2026-02-25"):
        told = reader.facets(query, by="day").timeline
        each, seen = (
            measured(database, reader, query, told, now=now, slowest=3600.0, kept=one)
            for one in (None, kept)
        )
        assert each.bars == seen.bars
        assert any(bar.gaps for bar in each.bars)


def test_a_later_page_counts_what_was_there_at_its_first(store: Store) -> None:
    found, counted = store(*(article(n) for n in range(30)), at_once=True).counted("storm", limit=4)
    assert (found.total, counted.total) == (30, 30)
    reader = store(*(article(n) for n in range(30, 36)), at_once=True)
    later, of_later = reader.counted("storm", limit=4, after=found.next)
    assert (later.total, of_later.total, of_later.undated) == (30, 30, counted.undated)
    assert of_later.facets == counted.facets
    assert reader.counted("storm")[1] == reader.facets("storm")
