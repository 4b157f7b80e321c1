"""A rule tried on a text says which clause it met and where, or for want of what it did not."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from newsbot.alerts import fields
from newsbot.alerts.trying import Text, Tried, attempt
from newsbot.archive.rules import Rule
from newsbot.query import parse

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


def tried(query: str, text: Text, **options: Any) -> Tried:
    rule = Rule(id="r", name="r", query=query, created_at=NOW)
    rule = fields.evolved(rule, {key.replace("__", "."): each for key, each in options.items()})
    return attempt(parse(query), text, rule=rule, now=NOW)


def test_the_clause_and_the_places_are_told() -> None:
    found = tried("(flood OR storm) harbour", Text(title="Storm", body="The harbour is shut."))
    assert (found.met, found.clause, found.missing) == (True, "storm AND harbour", ())
    assert found.marks == {"title": ((0, 5),), "body": ((4, 11),)}


def test_what_was_missing_is_told() -> None:
    found = tried("storm flood -harbour", Text(body="A storm at the harbour."))
    assert (found.met, found.clause) == (False, "")
    assert found.missing == ("flood", "NOT harbour")


def test_disguised_words_are_found_and_marked_as_they_were_given() -> None:
    text = "أكد وقف إطـ.ـلاق النـ.ـار اليوم."
    found = tried('"إطلاق النار"', Text(body=text))
    ((start, end),) = found.marks["body"]
    assert text[start:end] == "إطـ.ـلاق النـ.ـار"


@pytest.mark.parametrize(
    ("query", "text", "met"),
    [
        ("lang:en", Text(body="The ministers of the coast met in the capital on Monday."), True),
        ("lang:de", Text(body="The ministers met.", language="de"), True),
        ("author:kim tag:sea", Text(body="x", authors=("Kim Berg",), tags=("sea",)), True),
        ("source:coast", Text(body="x", sources=("Coast",)), True),
        ("group:uk", Text(body="x", groups=("UK",)), True),
        ("date:2026-03-01", Text(body="x", published=date(2026, 3, 1)), True),
        ("has:date", Text(body="x"), False),
        ("seen:2026-03-31", Text(body="x"), True),
        ("section:world url:coast.example", Text(body="x", section="World", url="https://coast.example/1"), True),
    ],
)  # fmt: skip
def test_fields_count_as_they_are_given(query: str, text: Text, met: bool) -> None:
    assert tried(query, text).met is met


@pytest.mark.parametrize(
    ("options", "held"),
    [
        ({}, ""),
        ({"noise__title_only": True}, "its headline alone"),
        ({"noise__mentions": 3}, "1 of its passages meet the query, and 3 have to"),
        ({"noise__without": ("coast",)}, "leaves out"),
        ({"max_age": 3.0}, "longer ago than 3 days"),
        ({"max_age": 0.0}, ""),
    ],
)
def test_what_would_hold_the_message_back_is_told(options: dict[str, Any], held: str) -> None:
    text = Text(title="Quiet", body="A storm.", sources=("Coast",), published=date(2026, 3, 20))
    found = tried("storm", text, **{"max_age": 0.0, **options})
    assert found.met
    assert held in found.held
    assert bool(held) == bool(found.held)
