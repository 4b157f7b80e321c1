"""What a query found, counted and listed: facets, timelines, pages that hold, stories once."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from newsbot.archive import articles, naming, sources
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.items import Article
from newsbot.reading import Candidate
from newsbot.search import documents, facets
from newsbot.search.follow import catch_up
from newsbot.search.results import Reader
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
            articles.keep(database, articles.judge(database, [*map(Candidate.of, some)]), now=seen)
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
    found = reader.facets("storm").facet("author")
    largest = sorted(written.items(), key=lambda each: (-each[1], each[0]))[:10]
    assert [(each.name, each.count) for each in found.values] == largest


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
