"""The percolator answers what evaluating every query answers, and evaluates hardly one of them."""

import random

import pytest

from newsbot.query import Document, Percolator, Query, evaluate, parse
from newsbot.query.rarity import Rarity
from newsbot.text import repair
from tests.one_meaning import WORDS, document, query, text

# Queries of every ordinary shape, in scripts with spaces and without.
ORDINARY = """
storm
"storm warning"
"storm warn*"
storm*
"state-of-the-art"
"the storm"~3
(storm OR flood) NEAR/5 warning
storm ONEAR/2 (flood OR "heavy rain")
storm -flood
storm NOT (flood OR rain)
(storm OR flood) (rain OR wind) -snow
=WHO
title:storm
author:"anna berg"
author:ann*
tag:storm
source:one.example
group:national
lang:de
section:"local news"
url:two.example/news
(storm OR group:national) lang:de
date:2026-02-21
date:[2026-02-01 TO 2026-02-14]
date:[* TO 2026-02-25]
has:date storm
seen:2026-02-27
إطلاق النار
"إطلاق النار"
قصف*
Україна
"в Україні"
Ελλάδα
北京
京
"北京大学"
東京タワー
서울
ประเทศไทย
"น้ำ ไทย"
ก็
საქართველო
""".strip().splitlines()


def found(percolator: Percolator, article: Document) -> set[str]:
    return set(percolator.match(article))


@pytest.mark.parametrize("asked", ORDINARY)
def test_a_query_of_an_ordinary_shape_is_not_evaluated_for_every_article(asked: str) -> None:
    percolator = Percolator({"rule": parse(asked)})
    assert percolator.always == 0
    other = Document.of(title="Nothing", body="of the kind", url="https://x.example/")
    assert percolator.candidates(other) == []


@pytest.mark.parametrize("asked", ["seen:[2026-01-01 TO *]", "storm OR seen:[* TO 2026-02-25]"])
def test_what_demands_nothing_is_evaluated_for_every_article(asked: str) -> None:
    assert Percolator({"rule": parse(asked)}).always == 1


@pytest.mark.parametrize(
    "asked",
    [
        "title:storm zephyr",
        "author:anna zephyr",
        "=Who zephyr",
        "=the zephyr",
        "=title zephyr",
        "tag:(sto* OR rain) zephyr",
    ],
)
def test_what_is_looked_at_besides_is_looked_at_in_every_article(asked: str) -> None:
    article = Document.of(
        title="Storm", body="the zephyr Who title", authors=["Anna Berg"], tags=["storm"]
    )
    assert found(Percolator({"rule": parse(asked)}), article) == {"rule"}


def test_rules_that_share_a_query_share_its_evaluation() -> None:
    trees = {"a": parse("storm"), "b": parse("flood"), "c": parse("storm")}
    percolator = Percolator(trees)
    storm = Document.of(title="storm", body="")
    assert percolator.match(storm) == ["a", "c"]
    assert percolator.candidates(storm) == [trees["a"]]
    judged = []

    def judge(tree: Query, article: Document) -> bool:
        judged.append(tree)
        return evaluate(tree, article)

    assert percolator.match(storm, judge) == ["a", "c"]
    assert judged == [trees["a"]]
    assert percolator.sharing(trees["a"]) == ["a", "c"]


def test_the_rarest_of_what_is_demanded_decides() -> None:
    names = {
        str(number): parse(f'"the zephyr{number} of the day" lang:en') for number in range(500)
    }
    percolator = Percolator(names)
    article = Document.of(title="", body="The zephyr7 of the day of the end", language="en")
    assert len(percolator.candidates(article)) == 1
    assert percolator.match(article) == ["7"]


def test_a_long_list_beside_a_common_value_is_filed_by_the_list() -> None:
    names = " OR ".join(f"zephyr{number}" for number in range(300))
    percolator = Percolator({"rule": parse(f"({names}) lang:en (title:the OR body:the)")})
    assert percolator.candidates(Document.of(title="the", body="the", language="en")) == []
    assert found(percolator, Document.of(title="the", body="zephyr9", language="en")) == {"rule"}


def test_words_in_a_row_are_filed_as_a_pair_where_both_are_common() -> None:
    percolator = Percolator({"rule": parse('"new year"')})
    apart = Document.of(title="", body="a year that is new")
    assert percolator.candidates(apart) == []
    assert found(percolator, Document.of(title="", body="a happy new year")) == {"rule"}


@pytest.mark.parametrize("asked", ["قصف", '"قصف النار"', "title:قصف", '"إطلاق النار" قصف'])
def test_texts_without_dots_lead_to_what_is_filed_with_dots(asked: str) -> None:
    tree = parse(asked)
    for body in ("ٯصڡ الٮار", "قصف الٮار", "إطلاق الٮار ٯصڡ", "اطلاٯ الٮار\nقصف"):
        article = Document.of(title=repair("ٯصڡ"), body=repair(body))
        assert (found(Percolator({"rule": tree}), article) == {"rule"}) == evaluate(tree, article)


def test_changing_it_step_by_step_is_making_it_anew() -> None:
    rng = random.Random(5)
    languages = list(WORDS)

    def drawn() -> str:
        while True:
            asked = query(rng, rng.choice(languages))
            try:
                parse(asked)
            except ValueError:
                continue
            if ":<" not in asked and ":>" not in asked:
                return asked

    rules = {str(number): parse(drawn()) for number in range(150)}
    percolator = Percolator(rules)
    articles = [document(rng) for _ in range(40)]
    for _ in range(12):
        before, expected = percolator, [percolator.match(each) for each in articles]
        put = {str(rng.randrange(200)): parse(drawn()) for _ in range(rng.randint(0, 20))}
        gone = rng.sample(sorted(rules), 5)
        percolator = percolator.changed(put, gone)
        rules = {rule: tree for rule, tree in rules.items() if rule not in gone} | put
        assert len(percolator) == len(rules)
        for article in articles:
            every = {rule for rule, tree in rules.items() if evaluate(tree, article)}
            assert found(percolator, article) == every
        assert [before.match(each) for each in articles] == expected


def test_nothing_is_left_of_what_was_taken_out() -> None:
    rules = {str(number): parse(asked) for number, asked in enumerate(ORDINARY)}
    emptied = Percolator(rules).changed({}, rules)
    assert len(emptied) == 0
    files = emptied._files
    parts = (files.by_term, files.by_pair, files.by_beginning, files.always, files.queries)
    assert not any(parts)


def test_what_it_saw_tells_it_what_is_rare_where_no_list_does() -> None:
    rng, rarity = random.Random(3), Rarity()
    for _ in range(400):
        body = text(rng, "th", 30) + " ประเทศไทย"
        Percolator({}, rarity).match(Document.of(title="", body=body))
    for _ in range(200):
        rarity.see("ประเทศไทย", ["ปร", "ระ"])
    assert rarity.share("ปร") > 0.5 > 0.05 > rarity.share("ฮฮ")
