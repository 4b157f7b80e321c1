"""Of an article it is said which part of a query it met, or for want of which it did not."""

import random

import pytest

from newsbot.query import Document, QuerySyntaxError, evaluate, parse
from newsbot.query.clauses import met, unmet
from newsbot.query.tree import Query, relative_age
from tests import one_meaning

STORM = Document.of(
    title="Storm shuts the harbour",
    body="The HMS Victory lay near the mole. Ferries wait.",
    language="en",
    sources=("Coast Post",),
    groups=("uk",),
)
LISTS = {"ships": ("HMS Hood", '"HMS Victory"', "victor*")}


@pytest.mark.parametrize(
    ("query", "clause"),
    [
        ("storm", "storm"),
        ("storm harbour", "storm AND harbour"),
        ("storm -sport", "storm"),
        ("flood OR storm", "storm"),
        ("(flood OR storm) (title:harbour OR pier)", "storm AND title:harbour"),
        ("harbour (flood OR -sport)", "harbour AND NOT sport"),
        ("ferries OR mole OR near OR harbour", "ferries OR mole OR near"),
        ("(flood OR storm OR ferry) NEAR/3 harbour", "storm NEAR/3 harbour"),
        ("@ships mole", '@ships ("HMS Victory", victor*) AND mole'),
        ("lay NEAR/5 @ships", 'lay NEAR/5 @ships ("HMS Victory", victor*)'),
        (
            '(storm) (source:"uk" OR group:"uk") (lang:ar OR lang:en)',
            'storm AND group:"uk" AND lang:"en"',
        ),
        ("flood", ""),
    ],
)
def test_what_was_met_is_said_in_the_words_of_the_query(query: str, clause: str) -> None:
    assert met(parse(query, LISTS), STORM) == clause


@pytest.mark.parametrize(
    ("query", "missing"),
    [
        ("storm", ()),
        ("storm flood", ("flood",)),
        ("storm flood -ferries", ("flood", "NOT ferries")),
        ("storm (flood OR rain)", ("flood OR rain",)),
        ('storm (flood OR (rain harbour)) "the mole"', ("flood OR (rain AND harbour)",)),
        ("storm (lang:ar)", ('lang:"ar"',)),
        ("flood OR rain", ("flood OR rain",)),
    ],
)
def test_what_was_not_met_is_said_in_the_words_of_the_query(
    query: str, missing: tuple[str, ...]
) -> None:
    assert unmet(parse(query, LISTS), STORM) == missing


def test_what_is_named_decides_by_itself() -> None:
    decided = {True: 0, False: 0}
    for seed in range(1_500):
        rng = random.Random(seed)
        language = rng.choice(list(one_meaning.WORDS))
        article = one_meaning.document(rng)
        tree = _parsed(one_meaning.query(rng, language))
        if tree is None:
            continue
        hit = evaluate(tree, article)
        decided[hit] += 1
        clause, missing = met(tree, article), unmet(tree, article)
        assert (bool(clause), bool(missing)) == (hit, not hit), (seed, clause, missing)
        # A clause may only exclude, which alone is no query: with what every article has, it is.
        for part in filter(None, [clause]):
            assert evaluate(parse(f"({ANY}) ({part})"), article), (seed, part)
        for part in missing:
            assert not evaluate(parse(f"({ANY}) ({part})"), article), (seed, part)
    assert min(decided.values()) > 100


# What every article of the test has.
ANY = "seen:[2000-01-01 TO *]"


def _parsed(query: str) -> Query | None:
    try:
        tree = parse(query)
    except QuerySyntaxError:
        return None
    return None if relative_age(tree) else tree
