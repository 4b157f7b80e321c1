"""What "not relevant" teaches: how much of an alert was of use, and what would have kept the rest out."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from newsbot.alerts.telling_apart import MAY_COST, Exclusion, Story, exclusions
from newsbot.alerts.usefulness import Usefulnesses
from newsbot.archive import rules, stories, triage
from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.query import Document, Query, QuerySyntaxError, evaluate, parse
from newsbot.search.follow import catch_up
from newsbot.web.app import create_app
from newsbot.web.live import Live
from tests.announcing import add_rule, add_source, publish, story


def understood(query: str) -> Query | None:
    try:
        return parse(query)
    except QuerySyntaxError:
        return None


def found(told: list[Story], query: str = "harbour") -> tuple[Exclusion, ...]:
    return exclusions(told, query, understood, narrowed=lambda q, clause: f"({q}) {clause}")


def told(useful: bool, *bodies: str, sources: tuple[str, ...] = ()) -> Story:
    documents = tuple(Document.of(title="", body=body, sources=sources) for body in bodies)
    return Story(useful=useful, articles=documents, sources=sources)


def test_a_word_of_what_was_of_no_use_is_proposed_and_counted() -> None:
    sport = [told(False, f"The harbour beat the town at football, {n} to nil.") for n in range(7)]
    news = [told(True, f"The harbour is closed to ships, and {n} ferries wait.") for n in range(9)]
    (first, *_) = found([*sport, *news])
    assert first.keeps_out == 7
    assert first.loses == 0
    clauses = {each.clause for each in found([*sport, *news])}
    assert "-harbour" not in clauses
    assert "-the" not in clauses
    assert first.query == f"(harbour) {first.clause}"


def test_a_story_is_kept_out_only_where_all_its_articles_are() -> None:
    both = [
        told(False, f"The harbour, football {n}.", f"Another harbour report {n}.") for n in range(6)
    ]
    news = [told(True, f"The harbour is closed, {n} wait.") for n in range(9)]
    assert not any("football" in each.clause for each in found([*both, *news]))


def test_a_source_is_proposed_in_arabic_and_of_what_loses_useful_stories_nothing_is() -> None:
    sport = [told(False, f"الميناء يفوز {n}", sources=("كورة",)) for n in range(8)]
    news = [told(True, f"الميناء مغلق {n} يفوز", sources=("مدى",)) for n in range(8)]
    clauses = {each.clause: each for each in found([*sport, *news], "ميناء")}
    assert clauses['-source:"كورة"'].keeps_out == 8
    assert "-يفوز" not in clauses


def test_a_word_of_every_day_is_not_proposed() -> None:
    sport = [told(False, f"Is this the harbour football match {n}?") for n in range(8)]
    news = [told(True, f"Harbour closed, {n} wait.") for n in range(8)]
    clauses = {each.clause for each in found([*sport, *news])}
    assert clauses
    assert clauses.isdisjoint({"-the", "-this", "-is"})


def test_too_little_tells_nothing() -> None:
    sport = [told(False, "The harbour plays football.") for _ in range(2)]
    news = [told(True, "The harbour is closed.") for _ in range(9)]
    assert found([*sport, *news]) == ()
    assert found([*news]) == ()


WORDS = ("football", "ferry", "storm", "e-mail", "النار", "match", "port")


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.booleans(), st.lists(st.sets(st.sampled_from(WORDS)), min_size=1, max_size=2)),
        min_size=6,
        max_size=40,
    )
)
def test_no_proposal_loses_more_than_it_says(
    drawn: list[tuple[bool, list[set[str]]]],
) -> None:
    all_told = [
        told(useful, *(f"harbour {' '.join(sorted(words))}" for words in bodies))
        for useful, bodies in drawn
    ]
    useful = sum(each.useful for each in all_told)
    for each in found(all_told):
        tree = parse(each.query)
        out = [one for one in all_told if not any(evaluate(tree, of) for of in one.articles)]
        assert each.loses == sum(one.useful for one in out)
        assert each.keeps_out == sum(not one.useful for one in out)
        assert each.loses * MAY_COST <= useful


def test_decisions_teach_each_alert_and_its_page_leads_to_the_changed_query(
    database: Database, settings: Config
) -> None:
    for name in ("herald", "gazette"):
        add_source(database, name)
    add_rule(database, "harbour", "harbour OR port", max_age=0)
    add_rule(database, "bread", "bread", max_age=0)
    kept = []
    for at in range(8):
        sport = f"Harbour United won the football match number {at} of this year."
        news = f"The harbour is closed, and {at} ships wait outside for bread."
        kept += publish(
            database,
            story(f"sport-{at}", "gazette", title=sport, body=sport * 3),
            story(f"news-{at}", "herald", title=news, body=news * 3),
        )
    ids = {each.article.url.rsplit("/")[-1]: each.record.story for each in kept}
    heads = stories.heads(database, ids.values())
    now = datetime.now(UTC)
    if len(set(heads.values())) < len(ids):
        pytest.fail("the stories were found to be one")
    sport_ids = [story for name, story in ids.items() if name.startswith("sport")]
    news_ids = [story for name, story in ids.items() if name.startswith("news")]
    triage.for_the_desk(database, "ada", "not relevant", sport_ids, now=now)
    triage.for_the_desk(database, "ada", "take", news_ids[:4], now=now)
    triage.for_the_desk(database, "bob", "done", news_ids[4:7], now=now)

    known = Usefulnesses(database)
    rule = rules.find(database, "harbour")
    assert rule is not None
    use = known.of(rule, now=now + timedelta(seconds=1))
    assert (use.share.useful, use.share.useless) == (7, 8)
    assert use.exclusions
    best = use.exclusions[0]
    assert (best.keeps_out, best.loses) == (8, 0)
    assert best.query.startswith("(harbour OR port) -")
    assert known.shares(now=now)["bread"].share == 1.0
    triage.for_the_desk(database, "bob", "done", news_ids[7:], now=now)
    assert known.of(rule, now=now).share.useful == 8, "a decision is learnt from at once"

    catch_up(settings, database)
    with TestClient(create_app(settings, database, Live(settings, database))) as page:
        text = page.get(f"/alerts/{rule.id}").text
        assert "8 of the 16 stories" in text
        assert best.clause.replace('"', "&#34;") in text
        changed = page.get(f"/alerts/{rule.id}/change", params={"q": best.query})
        assert changed.status_code == 200
        assert "100.0%" in page.get("/triage/value").text
        told = page.get(f"/api/v1/triage/alerts/{rule.id}").json()
        assert told["share"] == 0.5
        assert told["exclusions"][0]["clause"] == best.clause
        assert len(page.get("/api/v1/triage/alerts").json()["items"]) == 2
