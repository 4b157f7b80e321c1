"""The query language: from what a person typed to an immutable tree, or to an error that helps.

    query   := or
    or      := and ( "OR" and )*
    and     := near ( ["AND"] near )*
    near    := not ( ("NEAR" | "ONEAR") "/" n not )*
    not     := ("NOT" | "-") not | item
    item    := "(" query ")" | field ":" value | phrase | word

Operators are in upper case. Quotes of any keyboard count as quotes, Arabic commas and semicolons as
spaces.
"""

import re
from datetime import date
from typing import Literal

import attrs

from newsbot.query.errors import QuerySyntaxError

# Limits, so that no query takes a search down.
DEPTH, CLAUSES, LENGTH = 32, 1_000, 20_000

TEXT_FIELDS = ("title", "body", "author", "tag")
EQUAL_FIELDS = ("source", "group", "lang", "url")
DATE_FIELDS = ("date", "seen")
FIELDS = (*TEXT_FIELDS, *EQUAL_FIELDS, *DATE_FIELDS, "has")


@attrs.frozen
class Word:
    """A word or a joined run of them (``e-mail``), as typed; ``field`` "" means title and body.

    ``prefix``: it stands for every word that begins so. ``exact``: only as written.
    """

    text: str
    field: str = ""
    prefix: bool = False
    exact: bool = False


@attrs.frozen
class Phrase:
    """Words next to each other in order; with a ``slop``, within so many positions in any order.

    The last character of a word may be ``*``.
    """

    text: str
    field: str = ""
    slop: int | None = None


@attrs.frozen
class Equal:
    """A field that is this value, case aside (``source``, ``group``, ``lang``, ``url``)."""

    field: str
    value: str


@attrs.frozen
class Days:
    """A day of publication (``date``) or first storing (``seen``), both ends included."""

    field: Literal["date", "seen"]
    first: date | None
    last: date | None


@attrs.frozen
class Age:
    """Younger (``than_less``) or older than so many seconds, by the moment of the search."""

    field: Literal["date", "seen"]
    seconds: float
    younger: bool


@attrs.frozen
class HasDate:
    """A day of publication is known."""


@attrs.frozen
class Not:
    """All that the child does not match."""

    child: "Query"


@attrs.frozen
class And:
    """All children match."""

    children: tuple["Query", ...]


@attrs.frozen
class Or:
    """At least one child matches."""

    children: tuple["Query", ...]


@attrs.frozen
class Near:
    """A match of the left within ``distance`` positions of one of the right, in one field."""

    left: "Query"
    right: "Query"
    distance: int
    ordered: bool


Query = Word | Phrase | Equal | Days | Age | HasDate | Not | And | Or | Near

# What opens a phrase, and what may close it.
QUOTES = {"“": "”", "„": "“”", "«": "»", "»": "«", '"': '"', "”": "”", "‟": "”"}
_SPACE = " \t\r\n\u00a0،؛"
_NEAR = re.compile(r"(O?NEAR)/(\d{1,3})$")
_FIELD = re.compile(r"([a-zA-Z]+):")
_AGE = re.compile(r"([<>])=?(\d{1,5})([hdwmy])$")
_SECONDS = {"h": 3_600, "d": 86_400, "w": 604_800, "m": 2_629_800, "y": 31_557_600}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")


@attrs.frozen
class _Lexeme:
    kind: Literal[
        "word", "phrase", "open", "close", "field", "minus", "and", "or", "not", "near", "end"
    ]
    text: str
    at: int
    slop: int | None = None


def parse(query: str) -> Query:
    """Return the tree of a query.

    Raises:
        QuerySyntaxError: with the place, the reason and what would be right.
    """
    if len(query) > LENGTH:
        raise QuerySyntaxError(query[:80], 0, f"the query is longer than {LENGTH} characters")
    parser = _Parser(query)
    tree = parser.whole()
    if not _positive(tree):
        raise QuerySyntaxError(
            query, 0, "the query only excludes; name at least one thing that articles shall have"
        )
    return tree


def _positive(tree: Query) -> bool:
    """Say whether a query asks for something, and does not only exclude."""
    if isinstance(tree, Not):
        return False
    if isinstance(tree, And):
        return any(map(_positive, tree.children))
    if isinstance(tree, Or):
        return all(map(_positive, tree.children))
    return True


def relative_age(tree: Query) -> bool:
    """Say whether a query speaks of an age, which changes with the clock."""
    if isinstance(tree, Age):
        return True
    if isinstance(tree, Not):
        return relative_age(tree.child)
    if isinstance(tree, (And, Or)):
        return any(map(relative_age, tree.children))
    return isinstance(tree, Near) and (relative_age(tree.left) or relative_age(tree.right))


class _Parser:
    def __init__(self, query: str) -> None:
        self.query = query
        self.lexemes = list(_lex(query))
        self.place = 0
        self.depth = 0
        self.clauses = 0

    def error(self, message: str, at: int | None = None) -> QuerySyntaxError:
        return QuerySyntaxError(self.query, self.now.at if at is None else at, message)

    @property
    def now(self) -> _Lexeme:
        return self.lexemes[self.place]

    def take(self) -> _Lexeme:
        lexeme = self.now
        self.place += 1
        return lexeme

    def whole(self) -> Query:
        if self.now.kind == "end":
            raise self.error("the query is empty; write a word")
        tree = self.either()
        if self.now.kind == "close":
            raise self.error("this parenthesis closes nothing; remove it, or open one before")
        return tree

    def either(self) -> Query:
        self.depth += 1
        if self.depth > DEPTH:
            raise self.error(f"parentheses are nested deeper than {DEPTH}")
        parts = [self.both()]
        while self.now.kind == "or":
            operator = self.take()
            if self.now.kind in ("end", "close"):
                raise self.error(
                    "OR has nothing behind it; write what else may stand there", operator.at
                )
            parts.append(self.both())
        self.depth -= 1
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def both(self) -> Query:
        parts = [self.near()]
        while self.now.kind not in ("end", "close", "or"):
            if self.now.kind == "and":
                operator = self.take()
                if self.now.kind in ("end", "close", "or"):
                    raise self.error(
                        "AND has nothing behind it; write what else must stand there", operator.at
                    )
            parts.append(self.near())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def near(self) -> Query:
        left = self.negated()
        while self.now.kind == "near":
            operator = self.take()
            match = _NEAR.match(operator.text)
            assert match is not None
            if self.now.kind in ("end", "close"):
                raise self.error(f"{operator.text} has nothing behind it", operator.at)
            right_at = self.now.at
            right = self.negated()
            for side, at in ((left, operator.at), (right, right_at)):
                if not _has_positions(side):
                    raise self.error(
                        f"{match[1]} stands between words, phrases and groups of them joined by OR",
                        at,
                    )
            left = Near(left, right, int(match[2]), ordered=match[1] == "ONEAR")
        return left

    def negated(self) -> Query:
        if self.now.kind in ("not", "minus"):
            operator = self.take()
            if self.now.kind in ("end", "close", "and", "or"):
                raise self.error(
                    f"{operator.text} has nothing behind it; write what to exclude", operator.at
                )
            self.depth += 1
            if self.depth > DEPTH:
                raise self.error(f"negations are nested deeper than {DEPTH}")
            child = self.negated()
            self.depth -= 1
            return Not(child)
        return self.item()

    def item(self) -> Query:
        self.clauses += 1
        if self.clauses > CLAUSES:
            raise self.error(f"the query has more than {CLAUSES} clauses")
        lexeme = self.take()
        if lexeme.kind == "open":
            if self._closing():
                raise self.error("there is nothing between these parentheses", lexeme.at)
            tree = self.either()
            if not self._closing():
                raise self.error(
                    "this parenthesis is never closed; add one at the end of the group", lexeme.at
                )
            self.take()
            return tree
        if lexeme.kind == "field":
            return self.field(lexeme)
        if lexeme.kind in ("word", "phrase"):
            return self.text(lexeme, "")
        if lexeme.kind == "close":
            raise self.error(
                "this parenthesis closes nothing; remove it, or open one before", lexeme.at
            )
        raise self.error(f"{lexeme.text or 'the query'} has nothing before it", lexeme.at)

    def _closing(self) -> bool:
        return self.now.kind == "close"

    def text(self, lexeme: _Lexeme, field: str) -> Query:
        from newsbot.query.analysis import words_of

        if lexeme.kind == "phrase":
            if not words_of(lexeme.text):
                raise self.error("there is no word between these quotes", lexeme.at)
            return Phrase(lexeme.text, field, lexeme.slop)
        text, exact, prefix = lexeme.text, False, False
        if text.startswith("@"):
            raise self.error(
                f"there is no list {text!r}: lists of terms are not kept yet; write the terms with OR",
                lexeme.at,
            )
        if text.startswith("="):
            text, exact = text[1:], True
        if text.endswith("*"):
            text, prefix = text.rstrip("*"), True
        if exact and prefix:
            raise self.error("a word is either exact (=) or a prefix (*), not both", lexeme.at)
        if "*" in text:
            raise self.error(
                "an asterisk stands at the end of a word only", lexeme.at + lexeme.text.index("*")
            )
        words = words_of(text)
        if not words:
            raise self.error(f"{lexeme.text!r} has no letter or digit; write a word", lexeme.at)
        if prefix and len(words[-1]) < 2:
            raise self.error("a prefix has two letters or more", lexeme.at)
        return Word(text, field, prefix=prefix, exact=exact)

    def field(self, name: _Lexeme) -> Query:
        field = name.text
        if field not in FIELDS:
            known = ", ".join(FIELDS)
            raise self.error(f"there is no field {field!r}; there are {known}", name.at)
        if (
            self.now.kind not in ("word", "phrase", "open", "minus")
            or self.now.at != name.at + len(field) + 1
        ):
            raise self.error(f"{field}: has no value behind it; write it without a space", name.at)
        if field in DATE_FIELDS:
            return self.days(field, self.take())
        if self.now.kind == "open":
            if field not in TEXT_FIELDS:
                raise self.error(f"{field}: takes one value, not a group", self.now.at)
            return _in_field(self.item(), field)
        lexeme = self.take()
        if field == "has":
            if lexeme.text != "date":
                raise self.error("has: knows has:date alone", lexeme.at)
            return HasDate()
        if field in EQUAL_FIELDS:
            return Equal(field, lexeme.text)
        return self.text(lexeme, field)

    def days(self, field: str, lexeme: _Lexeme) -> Query:
        kind: Literal["date", "seen"] = "date" if field == "date" else "seen"
        age = _AGE.match(lexeme.text)
        if age:
            return Age(kind, int(age[2]) * _SECONDS[age[3]], younger=age[1] == "<")
        if _DAY.match(lexeme.text):
            day = self.day(lexeme.text, lexeme.at)
            return Days(kind, day, day)
        ends = re.match(r"\[\s*(\S+)\s+TO\s+(\S+?)\s*\]$", lexeme.text)
        if not ends:
            raise self.error(
                f"{lexeme.text!r} is no time; write {field}:2020-03-23, "
                f"{field}:[2020-03-01 TO 2020-03-31] or {field}:>7d",
                lexeme.at,
            )
        first, last = (
            None if end == "*" else self.day(end, lexeme.at + lexeme.text.index(end))
            for end in ends.groups()
        )
        if first and last and first > last:
            raise self.error("this range ends before it begins; exchange its days", lexeme.at)
        return Days(kind, first, last)

    def day(self, text: str, at: int) -> date:
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise self.error(
                f"{text!r} is no day of the calendar; write it as 2020-03-23", at
            ) from None


def _has_positions(tree: Query) -> bool:
    if isinstance(tree, Or):
        return all(map(_has_positions, tree.children))
    return isinstance(tree, Phrase) or (isinstance(tree, Word) and not tree.exact)


def _in_field(tree: Query, field: str) -> Query:
    """Return a group with a field before it: each of its words is meant in that field."""
    if isinstance(tree, (Word, Phrase)):
        return tree if tree.field else attrs.evolve(tree, field=field)
    if isinstance(tree, Not):
        return Not(_in_field(tree.child, field))
    if isinstance(tree, And):
        return And(tuple(_in_field(child, field) for child in tree.children))
    if isinstance(tree, Or):
        return Or(tuple(_in_field(child, field) for child in tree.children))
    if isinstance(tree, Near):
        return attrs.evolve(
            tree, left=_in_field(tree.left, field), right=_in_field(tree.right, field)
        )
    return tree


_OPERATORS = {"AND": "and", "OR": "or", "NOT": "not"}


def _lex(query: str) -> list[_Lexeme]:
    found: list[_Lexeme] = []
    at = 0
    while at < len(query):
        letter = query[at]
        if letter in _SPACE:
            at += 1
        elif letter == "(":
            found.append(_Lexeme("open", "(", at))
            at += 1
        elif letter == ")":
            found.append(_Lexeme("close", ")", at))
            at += 1
        elif letter in QUOTES:
            lexeme, at = _phrase(query, at)
            found.append(lexeme)
        elif letter in "-−" and at + 1 < len(query) and query[at + 1] not in _SPACE:
            found.append(_Lexeme("minus", "-", at))
            at += 1
        elif (field := _FIELD.match(query, at)) and not query.startswith("//", field.end()):
            found.append(_Lexeme("field", field[1], at))
            at = field.end()
            if field[1] in DATE_FIELDS or field[1] in EQUAL_FIELDS:
                value, at = _value(query, at)
                if value:
                    found.append(value)
        else:
            lexeme, at = _word(query, at)
            found.append(lexeme)
    found.append(_Lexeme("end", "", len(query)))
    return found


def _phrase(query: str, at: int) -> tuple[_Lexeme, int]:
    closing = QUOTES[query[at]]
    end = at + 1
    while end < len(query) and query[end] not in closing:
        end += 1
    if end == len(query):
        raise QuerySyntaxError(
            query, at, "this quote is never closed; add one at the end of the phrase"
        )
    text = query[at + 1 : end]
    slop = re.compile(r"~(\d{1,3})").match(query, end + 1)
    if slop:
        return _Lexeme("phrase", text, at, int(slop[1])), slop.end()
    if query[end + 1 : end + 2] == "~":
        raise QuerySyntaxError(query, end + 1, '~ wants a number of positions, as in "a b"~3')
    return _Lexeme("phrase", text, at), end + 1


def _value(query: str, at: int) -> tuple[_Lexeme | None, int]:
    """Read the value of a field that takes one whole: a bracketed range, quoted, or up to a space."""
    if at >= len(query) or query[at] in _SPACE:
        return None, at
    if query[at] == "[":
        end = query.find("]", at)
        if end < 0:
            raise QuerySyntaxError(query, at, "this range is never closed; add a ]")
        return _Lexeme("word", query[at : end + 1], at), end + 1
    if query[at] in QUOTES:
        return _phrase(query, at)
    end = at
    while end < len(query) and query[end] not in _SPACE and query[end] not in "()":
        end += 1
    return (_Lexeme("word", query[at:end], at), end) if end > at else (None, at)


def _word(query: str, at: int) -> tuple[_Lexeme, int]:
    end = at
    while (
        end < len(query)
        and query[end] not in _SPACE
        and query[end] not in "()"
        and query[end] not in QUOTES
    ):
        end += 1
    if end == at:
        end += 1
    text = query[at:end]
    if text in _OPERATORS:
        return _Lexeme(_OPERATORS[text], text, at), end  # type: ignore[arg-type]
    if _NEAR.match(text):
        return _Lexeme("near", text, at), end
    return _Lexeme("word", text, at), end
