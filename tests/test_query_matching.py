"""A query has one meaning: the evaluator's; the percolator answers the same."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsbot.query import Document, Percolator, evaluate, matches, parse, spans

SHARED = Path(__file__).parents[2] / "shared"
GOLD = SHARED / "gold" / "matching.jsonl"
CASES = [json.loads(line) for line in GOLD.open()] if GOLD.exists() else []
SEED = SHARED / "seed" / "mada_post.gold.json"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

TRUE = (
    ("putin NEAR/2 assad", "Putin met Assad"),
    ("assad NEAR/2 putin", "Putin met Assad"),
    ("putin ONEAR/2 assad", "Putin met Assad"),
    ('(putin OR erdogan) NEAR/3 ("bashar assad" OR x)', "Putin has met Bashar Assad"),
    ('"stor* ahead"', "storms ahead"),
    ("=WHO", "the WHO said"),
    ("=أسد", "قال أسد"),
    ("“putin met”", "Putin met Assad"),
    ("«وقف إطلاق النار»", "وقف إطلاق النار"),
    ("putin، assad", "Putin met Assad"),
    ("and", "rock and roll"),
    ("email", "send an e-mail"),
    ("e-mail", "send an email"),
    ("US", "U.S. troops"),
    ("حماس", "حركة ح.ماس"),
    ('"حركة حماس تعلن"', "حركة ح.ماس تعلن"),
    ("حرية", "بحرية تامة"),
    ("إطـ.ـلاق", "إطلاق النار"),
    ('"北京 大学"', "北京 大学"),
    ("京", "北京大学"),
    ("ไทย", "ประเทศไทย"),
    ("북한", "북한이 발사했다"),
)
FALSE = (
    ("putin NEAR/1 assad", "Putin met Assad"),
    ("assad ONEAR/2 putin", "Putin met Assad"),
    ("=WHO", "who said"),
    ("=أسد", "قال اسد"),
    ("=أسد", "قال الأسد"),
    ('"حركة تعلن"', "حركة ح.ماس تعلن"),
    ("京学", "北京大学"),
    ("storm", "storms"),
    ("لد", "والد"),
    ("35", "3.5 million"),
)

ARTICLE = Document.of(
    title="Storm warning",
    body="The harbour closes on Monday.",
    authors=("Marie Curie", "Jan Novák"),
    tags=("Harbour news",),
    sources=("Coast Daily",),
    site="coast.example",
    groups=("Island", "private"),
    language="en-GB",
    url="https://www.coast.example/news/2026/storm-warning?id=1",
    published_day=date(2026, 2, 27),
    seen=datetime(2026, 2, 27, 23, 30, tzinfo=UTC),
)
OF_ARTICLE = {
    "title:storm": True,
    "body:storm": False,
    "title:(storm warning)": True,
    "author:novak": True,
    'author:"marie curie"': True,
    'author:"curie jan"': False,
    "tag:harbour": True,
    'source:"coast daily"': True,
    "source:COAST.example": True,
    "source:coast": False,
    "group:island": True,
    "lang:en": True,
    "lang:ar": False,
    "url:coast.example": True,
    "url:coast.example/news": True,
    "url:https://www.coast.example/news/2026/storm-warning": True,
    "url:coast.example/new": False,
    "url:other.example": False,
    "date:2026-02-27": True,
    "date:2026-02-28": False,
    "date:[2026-02-01 TO 2026-02-28]": True,
    "date:[* TO 2026-02-26]": False,
    "date:<7d": True,
    "date:>7d": False,
    "seen:2026-02-27": True,
    "seen:<1d": False,
    "has:date": True,
    "storm -has:date": False,
    "harbour -storm": False,
    "storm NOT (monday AND tuesday)": True,
}


@pytest.mark.shared
@pytest.mark.skipif(not CASES, reason=f"no labelled pairs at {GOLD}")
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['query']} | {case['text']}")
def test_the_labelled_pairs_match_as_labelled(case: dict[str, object]) -> None:
    assert matches(str(case["query"]), str(case["text"])) is case["hit"]


@pytest.mark.shared
@pytest.mark.skipif(not SEED.exists(), reason=f"no seed article at {SEED}")
def test_the_seed_is_found_by_what_it_says_and_by_nothing_else() -> None:
    seed = json.loads(SEED.read_text())
    text = "\n".join((seed["title"], *seed["body_paragraphs"]))
    assert [query for query in seed["found_by"] if not matches(query, text)] == []
    assert [query for query in seed["not_found_by"] if matches(query, text)] == []


@pytest.mark.parametrize(("query", "text"), TRUE)
def test_a_text_that_says_it_matches(query: str, text: str) -> None:
    assert matches(query, text)


@pytest.mark.parametrize(("query", "text"), FALSE)
def test_a_text_that_does_not_say_it_does_not_match(query: str, text: str) -> None:
    assert not matches(query, text)


@pytest.mark.parametrize(("query", "hit"), OF_ARTICLE.items())
def test_a_field_means_itself(query: str, hit: bool) -> None:
    assert evaluate(parse(query), ARTICLE, now=NOW) is hit


def test_a_relative_age_needs_the_moment_of_the_search() -> None:
    with pytest.raises(ValueError, match="moment of the search"):
        evaluate(parse("date:>7d"), ARTICLE)


def test_what_matched_is_marked_in_its_characters() -> None:
    document = Document.of(title="Harbour", body="The harbour closes; harbours differ.")
    found = spans(parse("harbour -storm"), document)
    assert found == [("body", 4, 11), ("title", 0, 7)]


ATOMS = (
    *"storm harbour حماس النار وقف بحرية strasse 北京 京 covid-19 stor* =WHO title:storm".split(),
    *"author:curie lang:ar has:date date:2026-02-27".split(),
    *('"storm harbour"', '"وقف النار"', '"harbour storm"~2', "(storm NEAR/2 harbour)"),
)
TEXT_WORDS = (
    "storm harbour storms ح.ماس حماس وقف النار إطلاق بحرية Straße 北京大学 东京 covid-19 WHO who "
    "الٮار وٯڡ and"
).split()
LEAVES = st.sampled_from(ATOMS)
QUERIES = st.recursive(
    LEAVES,
    lambda inner: st.tuples(inner, st.sampled_from(["AND", "OR", "NOT"]), inner).map(
        lambda three: f"({' '.join(three)})"
    ),
    max_leaves=4,
)
DOCUMENTS = st.builds(
    lambda title, body, author, language, day: Document.of(
        title=" ".join(title),
        body=" ".join(body),
        authors=author,
        language=language,
        published_day=day,
    ),
    st.lists(st.sampled_from(TEXT_WORDS), max_size=3),
    st.lists(st.sampled_from(TEXT_WORDS), max_size=8),
    st.sampled_from([(), ("Marie Curie",)]),
    st.sampled_from(["", "ar", "en"]),
    st.sampled_from([None, date(2026, 2, 27)]),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(QUERIES, min_size=1, max_size=8), st.lists(DOCUMENTS, min_size=1, max_size=4))
def test_the_percolator_answers_as_evaluating_every_rule_does(
    queries: list[str], documents: list[Document]
) -> None:
    rules = {f"rule {place}": parse(query) for place, query in enumerate(queries)}
    percolator = Percolator(rules)
    for document in documents:
        every = [rule for rule, query in rules.items() if evaluate(query, document)]
        assert percolator.match(document) == every


def test_an_article_without_a_moment_of_storing_meets_no_query_for_one() -> None:
    document = Document.of(title="", body="storm")
    assert not evaluate(parse("seen:<1d"), document, now=NOW + timedelta(days=1))
    assert not evaluate(parse("seen:2026-03-01"), document)
