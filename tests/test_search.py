"""Search, alerts and the evaluator give a query one meaning."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import attrs
import pytest

from newsbot.alerts.matches import announce, sweep
from newsbot.archive import articles, changes, channels, rules
from newsbot.archive.connection import Database
from newsbot.archive.rules import Rule
from newsbot.config import Config
from newsbot.items import Article
from newsbot.query import QuerySyntaxError, evaluate, parse, relative_age
from newsbot.reading import Candidate
from newsbot.search import results
from newsbot.search.documents import Documents
from newsbot.search.follow import catch_up, rebuild
from newsbot.search.results import Reader
from newsbot.text import repair
from newsbot.text.dates import ParsedDate

NOW = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)

TEXTS = (
    "وقف إطـ.ـلاق النـ.ـار في محافظة إدلب",
    "قصفت القوات ح.ماس قرب الحدود",
    "حركة حماس تعلن هدنة",
    "وزير الدفاع الروسي في دمشق",
    "President Putin met with Assad in Damascus",
    "Putin flew to Syria and later on met Assad",
    "The WHO said who was ill",
    "Zürich and İstanbul are far apart; e-mail us",
    "die Straße nach Zürich",
    "北京大学今天开学",
    "storms are coming, the storm is here",
    "covid-19 cases rise, don’t panic",
    "U.S. troops leave",
    "وٯڡ اطلاٯ الٮار ڡى ادلٮ",
)

QUERIES = (
    "إطلاق",
    '"إطلاق النار"',
    '"وقف إطلاق النار"',
    "حماس",
    '"حركة حماس"',
    '"القوات حماس"',
    '"القوات حماس قرب"',
    '"حماس قرب الحدود"',
    "الوزير",
    '"الدفاع الروسي"',
    "putin AND assad",
    "putin -damascus",
    "putin OR storm",
    '"putin assad"~3',
    "putin NEAR/4 assad",
    "assad ONEAR/4 putin",
    "(putin OR troops) NEAR/6 (assad OR leave)",
    "=WHO",
    "=who",
    "zurich",
    "istanbul",
    "strasse",
    "e-mail",
    '"covid-19"',
    "storm",
    "storm*",
    '"stor* are"',
    "北京",
    "京大学",
    "-حماس AND lang:ar",
    '"u.s. troops"',
    "don't",
    "title:storm",
    "body:storm",
    "author:curie",
    "tag:harbour",
    "lang:ar",
    "source:one",
    "url:one.example",
    "url:one.example/news",
    "date:2026-03-01",
    "date:[2026-02-01 TO 2026-02-28]",
    "date:[* TO 2026-02-27]",
    "seen:2026-03-01",
    "date:<3d",
    "date:>3d",
    "has:date -lang:ar",
    "storm NOT (coming OR here)",
    "lang:en -(putin NEAR/3 met)",
)


def article(number: int, text: str) -> Article:
    url = f"https://one.example/news/{number}"
    return Article(
        id=articles.article_id(url),
        url=url,
        fetched_url=url,
        source="s",
        fetched_at=NOW,
        title="A storm of words" if number % 5 == 0 else f"Report {number}",
        body=repair(text),
        body_as_published=text if text != repair(text) else None,
        authors=("Marie Curie",) if number % 3 == 0 else (),
        tags=("Harbour news",) if number % 4 == 0 else (),
        language="ar" if "\u0600" < text[0] < "\u06ff" else "en",
        published=None if number == 7 else ParsedDate(date(2026, 3, 1) - timedelta(days=number)),
    )


@pytest.fixture
def filled(database: Database, settings: Config) -> Reader:
    """An archive of the texts above, indexed."""
    found = [article(number, text) for number, text in enumerate(TEXTS)]
    kept = articles.keep(database, articles.judge(database, [*map(Candidate.of, found)]), now=NOW)
    announce(database, kept, now=NOW)
    catch_up(settings, database)
    return Reader(settings, database)


@pytest.mark.parametrize("query", QUERIES)
def test_the_index_finds_what_the_evaluator_says(
    query: str, filled: Reader, database: Database
) -> None:
    tree, now = parse(query), datetime.now(UTC)
    documents = Documents.of(database)
    expected = set()
    for number, text in enumerate(TEXTS):
        kept = articles.get(database, article(number, text).id)
        assert kept is not None
        if evaluate(tree, documents.document(kept), now=now):
            expected.add(kept.article.id)
    found = filled.search(query, limit=50)
    assert {hit.kept.article.id for hit in found.hits} == expected
    assert found.total == len(expected)


def test_an_alert_fires_for_just_what_its_search_finds(
    database: Database, settings: Config
) -> None:
    queries = {}
    for query in QUERIES:
        if relative_age(parse(query)):
            continue  # it is for searches alone
        rule = Rule(id=f"rule {query}", name=query, query=query, created_at=NOW)
        rules.add(database, rule)
        queries[rule.id] = query
    found = [article(number, text) for number, text in enumerate(TEXTS)]
    kept = articles.keep(database, articles.judge(database, [*map(Candidate.of, found)]), now=NOW)
    announce(database, kept, now=NOW)
    catch_up(settings, database)
    reader = Reader(settings, database)

    fired: dict[str, set[str]] = {rule: set() for rule in queries}
    for match in database.matches.find():
        fired[match["alert"]].add(match["article"])
    searched = {
        rule: {hit.kept.article.id for hit in reader.search(query, limit=50).hits}
        for rule, query in queries.items()
    }
    assert fired == searched
    assert sum(map(len, fired.values())) > 60


def test_an_edit_and_a_removal_reach_the_index(
    filled: Reader, database: Database, settings: Config
) -> None:
    changed = article(10, "calm weather all week")
    articles.keep(database, articles.judge(database, [Candidate.of(changed)]), now=NOW)
    database.articles.delete_one({"_id": article(4, TEXTS[4]).id})
    catch_up(settings, database)
    reader = Reader(settings, database)
    assert reader.search("body:storm*").total == 0
    assert reader.search('"calm weather"').total == 1
    assert reader.search("damascus").total == 0
    assert reader.count() == len(TEXTS) - 1


def test_an_index_built_anew_is_the_same(
    filled: Reader, database: Database, settings: Config
) -> None:
    before = {query: filled.search(query).total for query in QUERIES}
    assert rebuild(settings, database) == len(TEXTS)
    reader = Reader(settings, database)
    assert {query: reader.search(query).total for query in QUERIES} == before


def test_an_index_that_is_lost_is_built_again(
    filled: Reader, database: Database, settings: Config
) -> None:
    import shutil

    assert filled.count() == len(TEXTS)
    shutil.rmtree(settings.index_dir)
    catch_up(settings, database)
    assert Reader(settings, database).count() == len(TEXTS)


def test_the_passage_is_the_sentence_that_matched(filled: Reader) -> None:
    marked = [
        [hit.passage.text[low:high] for low, high in hit.passage.marks]
        for hit in filled.search('"إطلاق النار" OR "putin met"').hits
    ]
    assert sorted(marked) == [["Putin met"], ["إطلاق النار"], ["اطلاٯ الٮار"]]


def test_a_disguised_match_is_shown_as_published_too(filled: Reader) -> None:
    (hit,) = filled.search('"وقف إطلاق النار" محافظة').hits
    passage = hit.passage
    assert [passage.text[low:high] for low, high in passage.marks] == ["وقف إطلاق النار", "محافظة"]
    assert [passage.published[low:high] for low, high in passage.published_marks] == [
        "وقف إطـ.ـلاق النـ.ـار",
        "محافظة",
    ]


def test_pages_of_answers_follow_each_other(filled: Reader) -> None:
    everything = [hit.kept.article.id for hit in filled.search("has:date", limit=50).hits]
    paged, after = [], ""
    for _ in range(3):
        found = filled.search("has:date", limit=5, after=after)
        paged += [hit.kept.article.id for hit in found.hits]
        after = found.next
    assert paged == everything
    assert filled.search("storm* OR report").undated == 1


def test_what_a_dead_process_left_pending_is_announced_once(
    database: Database, settings: Config
) -> None:
    rule = Rule(
        id="r",
        name="putin",
        query="putin",
        channels=(channels.add(database, kind="webhook", target="http://127.0.0.1:9/").id,),
        created_at=NOW,
    )
    rules.add(database, rule)
    news = attrs.evolve(article(4, TEXTS[4]), published=ParsedDate(NOW.date()))
    articles.keep(database, articles.judge(database, [Candidate.of(news)]), now=NOW)
    assert database.matches.count_documents({}) == 0
    later = NOW + timedelta(minutes=5)
    assert sweep(database, now=later) == 1
    assert sweep(database, now=later) == 0
    assert database.matches.count_documents({}) == 1
    assert database.outbox.count_documents({}) == 1


def test_the_seed_is_found_by_what_it_says_and_not_by_what_stands_around_it(
    shared: Path, database: Database, settings: Config
) -> None:
    import json

    from newsbot.extraction import extract

    gold = json.loads((shared / "seed" / "mada_post.gold.json").read_text(encoding="utf8"))
    page = (shared / "seed" / "mada_post.html").read_bytes()
    found = extract(page, "https://madapost.example/archives/76412")
    seed = Article(
        id="seed",
        url="https://madapost.example/archives/76412",
        fetched_url="https://madapost.example/archives/76412",
        source="s",
        fetched_at=NOW,
        title=found.title,
        body=repair(found.body),
    )
    announce(
        database,
        articles.keep(database, articles.judge(database, [Candidate.of(seed)]), now=NOW),
        now=NOW,
    )
    catch_up(settings, database)
    reader = Reader(settings, database)
    assert [query for query in gold["found_by"] if reader.search(query).total != 1] == []
    assert [query for query in gold["not_found_by"] if reader.search(query).total != 0] == []


def test_what_would_have_to_be_read_is_read_or_refused(
    filled: Reader, database: Database, settings: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = '"the who said who was ill"~3'
    assert filled.search(wide).total == 1
    assert filled.search('"ill was who said the"~3').total == 1
    monkeypatch.setattr(results, "MOST_READ", 0)
    with pytest.raises(QuerySyntaxError, match="1 articles have these words"):
        filled.search(wide)
    assert filled.select(wide, now=NOW).total == 1


@pytest.mark.parametrize("since", [None, NOW - timedelta(hours=1)])
def test_a_scan_meets_every_article_once_however_few_it_asks_for(
    since: datetime | None, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [article(number, f"Text number {number}") for number in range(60)]
    kept = articles.keep(database, articles.judge(database, [*map(Candidate.of, found)]), now=NOW)
    monkeypatch.setattr(changes, "_SCANNED", 3)
    met = [each.article.id for each in changes.scan(database, since=since)]
    assert sorted(met) == sorted(each.article.id for each in kept)
    later = changes.scan(database, since=NOW + timedelta(seconds=1))
    assert list(later) == []


def test_a_scan_knows_how_few_to_ask_for_without_counting_all(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "_FEW", 5)
    found = [article(number, f"Text number {number}") for number in range(400)]
    articles.keep(database, articles.judge(database, [*map(Candidate.of, found)]), now=NOW)
    for size, parts in ((1_000, 1), (60, 16), (4, 256)):
        assert len(changes.spans(database, size)) == parts
        met = [
            each.article.id
            for span in changes.spans(database, size)
            for each in changes.within(database, span)
        ]
        assert sorted(met) == sorted(each.id for each in found)
