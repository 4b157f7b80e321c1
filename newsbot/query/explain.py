"""How a query is understood, part by part: by which terms each word is found, which days are meant."""

from datetime import UTC, date, datetime, timedelta
from typing import Literal

import attrs

from newsbot.query.analysis import pattern_ways, spellings, unordered_ways
from newsbot.query.document import url_value
from newsbot.query.shown import shown
from newsbot.query.tree import (
    Age,
    And,
    Days,
    Equal,
    HasDate,
    Near,
    Not,
    Or,
    Phrase,
    Query,
    Word,
)

Kind = Literal["and", "or", "not", "near", "word", "phrase", "value", "days", "age", "has"]

_DAY = 86_400


@attrs.frozen
class Term:
    """A term of the index: what it is found by.

    ``spellings`` are the tokens, the term itself first; ``prefix``: all terms that begin so.
    """

    text: str
    spellings: tuple[str, ...]
    prefix: bool


@attrs.frozen
class Explained:
    """A part of a query: in the query language, in words, and the parts it is made of.

    ``readings`` are the ways to read a word or a phrase, each a row of terms; any of them is enough.
    """

    kind: Kind
    query: str
    meaning: str
    readings: tuple[tuple[Term, ...], ...] = ()
    parts: tuple["Explained", ...] = ()


def explain(query: Query, *, now: datetime) -> Explained:
    """Return how a query is understood; ages are counted from ``now``."""

    def part(kind: Kind, meaning: str, *parts: Query) -> Explained:
        return Explained(
            kind, shown(query), meaning, parts=tuple(explain(each, now=now) for each in parts)
        )

    match query:
        case And(children):
            return part("and", "all of these", *children)
        case Or(children, name):
            return part("or", f"any of the list @{name}" if name else "any of these", *children)
        case Not(child):
            return part("not", "not this", child)
        case Near(left, right, distance, ordered):
            order = "in this order" if ordered else "in either order"
            return part("near", f"at most {distance} positions apart, {order}", left, right)
        case Word():
            return Explained("word", shown(query), _word(query), _readings(query))
        case Phrase():
            return Explained("phrase", shown(query), _phrase(query), _readings(query))
        case Equal(field, value):
            return part("value", _equal(field, value))
        case HasDate() | Days() | Age():
            return part(*_time(query, now))


def _where(field: str) -> str:
    return {"": "in title or body", "author": "as an author", "tag": "as a tag"}.get(
        field, f"in the {field}"
    )


def _word(word: Word) -> str:
    if word.exact:
        return f"{word.text}, letter for letter as written, {_where(word.field)}"
    if word.prefix:
        return f"a word that begins with {word.text}, {_where(word.field)}"
    return f"the word {word.text}, {_where(word.field)}"


def _phrase(phrase: Phrase) -> str:
    if phrase.slop is None:
        how = "next to each other, in this order"
    else:
        how = f"with at most {phrase.slop} positions between them, in any order"
    return f"these words {how}, {_where(phrase.field)}"


def _readings(query: Word | Phrase) -> tuple[tuple[Term, ...], ...]:
    if isinstance(query, Word):
        ways = [] if query.exact else pattern_ways(query.text, prefix=query.prefix)
    elif query.slop is None:
        ways = pattern_ways(query.text, stars=True)
    else:
        ways = unordered_ways(query.text)
    return tuple(
        tuple(
            Term(text, (text,) if open_ended else spellings(text), open_ended)
            for text, open_ended in way
        )
        for way in ways
    )


def _equal(field: str, value: str) -> str:
    if field == "source":
        return f"from the source that is or was called {value}, or from the host {value}"
    if field == "group":
        return f"from a source that is in the group {value} now"
    if field == "lang":
        region = "" if "-" in value else ", of any country"
        return f"in the language {value}{region}"
    if field == "section":
        return f"in the section {value}"
    return f"at the address {url_value(value)}, or under it"


def _time(query: HasDate | Days | Age, now: datetime) -> tuple[Kind, str]:
    if isinstance(query, Days):
        return "days", _days(query)
    if isinstance(query, Age):
        return "age", _age(query, now)
    return "has", "a day of publication is known"


def _days(days: Days) -> str:
    what = _what(days.field)
    if days.first and days.first == days.last:
        return f"{what} on {_day(days.first)}"
    if days.first and days.last:
        return f"{what} from {_day(days.first)} to {_day(days.last)}, both included"
    if days.first:
        return f"{what} on {_day(days.first)} or later"
    if days.last:
        return f"{what} on {_day(days.last)} or earlier"
    return f"{what} on any known day"


def _age(age: Age, now: datetime) -> str:
    what = _what(age.field)
    try:
        if age.field == "seen":
            bound = now.astimezone(UTC) - timedelta(seconds=age.seconds)
            return f"{what} {'after' if age.younger else 'before'} {bound:%Y-%m-%d %H:%M} UTC, if asked now"
        today = now.astimezone(UTC).date()
        if age.younger:
            since = today - timedelta(days=-(-age.seconds // _DAY) - 1)
            return f"{what} on {_day(since)} or later, if asked today"
        until = today - timedelta(days=age.seconds // _DAY + 1)
        return f"{what} on {_day(until)} or earlier, if asked today"
    except OverflowError:
        return f"{what} {'at any time' if age.younger else 'before the calendar begins, so never'}"


def _what(field: str) -> str:
    return "published" if field == "date" else "first stored"


def _day(day: date) -> str:
    return f"{day.isoformat()} ({day:%A})"
