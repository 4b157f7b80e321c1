"""What a person is told of a query that is none, word for word."""

import random
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsbot.query import Document, QuerySyntaxError, evaluate, parse, shown, spans

# Each as it is printed: the query, a caret under the place, the reason and what would be right.
BLOCKS = (
    (Path(__file__).parent / "data" / "malformed_queries.txt")
    .read_text(encoding="utf8")
    .rstrip("\n")
    .split("\n\n")
)


@pytest.mark.parametrize("told", BLOCKS, ids=lambda told: told.split("\n")[0].strip())
def test_what_a_person_is_told(told: str) -> None:
    query = told.split("\n")[0].removeprefix("  ")
    with pytest.raises(QuerySyntaxError) as caught:
        parse(query)
    assert caught.value.explain() == told


def test_a_hundred_are_listed_and_none_twice() -> None:
    assert len({told.split("\n")[0] for told in BLOCKS}) == len(BLOCKS) >= 100


# Forms that look like another language's and are understood, each with what it means.
UNDERSTOOD = (
    ('צה"ל', 'צה"ל'),
    ('"צה"ל הודיע"', '“צה"ל הודיע”'),
    ("צה״ל ג׳ורג׳", "צה״ל AND ג׳ורג׳"),
    ("AT&T C++ P!nk", "AT&T AND C++ AND P!nk"),
    ("10:30", "10:30"),
    ("'Tis the season", "'Tis AND the AND season"),
    ('"storm AND rain"', '"storm AND rain"'),
    ('"Who did it?"', '"Who did it?"'),
    ("（北京 OR 上海）　大学", "(北京 OR 上海) AND 大学"),
    ("「北京 大学」 title：storm", '"北京 大学" AND title:storm'),
    ("storm \u200fOR rain\u200e", "storm OR rain"),
    ("url:https://example.org/~a?b", 'url:"https://example.org/~a?b"'),
    ("url:example.org/*", 'url:"example.org/*"'),
    ("storm or rain", "storm AND or AND rain"),
)


@pytest.mark.parametrize(("typed", "understood"), UNDERSTOOD)
def test_what_is_understood_though_it_looks_odd(typed: str, understood: str) -> None:
    assert shown(parse(typed)) == understood
    assert parse(understood) == parse(typed)


def test_a_word_with_a_quote_in_it_is_found() -> None:
    article = Document.of(title="", body='דובר צה"ל הודיע')
    for query in ('צה"ל', "צה״ל", 'דובר AND צה"ל', '"צה"ל הודיע"', "צהל"):
        assert evaluate(parse(query), article), query


def test_prefixes_are_limited() -> None:
    prefixes = " OR ".join(f"ab{number}*" for number in range(60))
    assert parse(prefixes)
    with pytest.raises(QuerySyntaxError, match="more than 100 prefixes"):
        parse(f'"{prefixes.replace(" OR", "")}" {prefixes}')


SCRIPTS = ("storm", "حماس", "إطلاق", 'צה"ל', "北京", "ไทย", "서울", "Straße", "वह", "k1lled", "٣")
SIGNS = (
    *"()\"“”„«»「」-−–=*~@:/[]{}<>^?!|&+\\،؛　'\u200f\n\x00\ud800",
    *("AND", "OR", "NOT", "NEAR/3", "ONEAR/2", "NEAR", "TO", "or", "near/2", "~3", "//", "..", "*"),
    *(
        "title:",
        "date:",
        "seen:",
        "has:date",
        "url:",
        "lang:",
        "x:",
        "2026-01-01",
        ">7d",
        "[a TO b]",
    ),
)


def test_no_input_raises_or_takes_long() -> None:
    chance = random.Random(8)
    article = Document.of(title="storm in Straße", body=" ".join(SCRIPTS) * 20)
    now = datetime(2026, 3, 1, tzinfo=UTC)
    for _ in range(4_000):
        pieces = chance.choices(SCRIPTS + SIGNS, k=chance.randint(1, 16))
        query = chance.choice(("", " ")).join(pieces)
        begun = time.monotonic()
        error = _answered(query, article, now)
        assert time.monotonic() - begun < 1, query
        if error is not None:
            assert error.message
            assert 0 <= error.position <= len(query)
            assert error.explain().count("\n") == 2


def _answered(query: str, article: Document, now: datetime) -> QuerySyntaxError | None:
    """Ask a query of an article; what is understood is written out and understood again."""
    try:
        tree = parse(query)
    except QuerySyntaxError as error:
        return error
    evaluate(tree, article, now=now)
    spans(tree, article)
    assert parse(shown(tree)) == tree, query
    return None
