"""The query language: from what a person typed to an immutable tree, or to an error that helps.

    query   := or
    or      := and ( "OR" and )*
    and     := near ( ["AND"] near )*
    near    := not ( ("NEAR" | "ONEAR") "/" n not )*
    not     := ("NOT" | "-") not | item
    item    := "(" query ")" | field ":" value | phrase | "@" list | word

Operators are in upper case. Quotes of any keyboard count as quotes, Arabic commas and semicolons as
spaces. What the words are is told in :mod:`newsbot.query.lexing`.
"""

import re
from collections.abc import Sequence

import attrs

from newsbot.query.errors import QuerySyntaxError
from newsbot.query.lexing import (
    DATE_FIELDS,
    EQUAL_FIELDS,
    FIELDS,
    NEAR,
    QUOTES,
    TEXT_FIELDS,
    Lexeme,
    lex,
)
from newsbot.query.repairs import lower_case_operator, no_field
from newsbot.query.terms import Lists, entries_of, entry_of, prefixes, term_of
from newsbot.query.times import time_of
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
    has_positions,
    in_any_order,
    in_field,
    lists_of,
    meets,
    positive,
    relative_age,
)

__all__ = [
    "CLAUSES",
    "DATE_FIELDS",
    "DEPTH",
    "EQUAL_FIELDS",
    "FIELDS",
    "LENGTH",
    "PREFIXES",
    "QUOTES",
    "TEXT_FIELDS",
    "Age",
    "And",
    "Days",
    "Equal",
    "HasDate",
    "Near",
    "Not",
    "Or",
    "Phrase",
    "Query",
    "Word",
    "lists_of",
    "parse",
    "relative_age",
]

# Limits, so that no query takes a search down.
DEPTH, CLAUSES, PREFIXES, LENGTH = 32, 1_000, 100, 20_000

LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8})*$", re.IGNORECASE)
_NO_LISTS: Lists = {}


def parse(query: str, lists: Lists = _NO_LISTS) -> Query:
    """Return the tree of a query; ``lists`` are those that it may name as ``@name``.

    Raises:
        QuerySyntaxError: with the place, the reason and what would be right.
    """
    if len(query) > LENGTH:
        raise QuerySyntaxError(query[:80], 0, f"the query is longer than {LENGTH} characters")
    lexemes: list[Lexeme] = []
    try:
        lexemes.extend(lex(query))
        return _Parser(query, lexemes, lists).whole()
    except QuerySyntaxError as error:
        remark = lower_case_operator(lexemes, error.position)
        raise QuerySyntaxError(query, error.position, error.message + remark) from None


class _Parser:
    def __init__(self, query: str, lexemes: Sequence[Lexeme], lists: Lists) -> None:
        self.query = query
        self.lists = lists
        self.lexemes = lexemes
        self.place = 0
        self.depth = 0
        self.clauses = 0
        self.prefixes = 0

    def error(self, message: str, at: int | None = None) -> QuerySyntaxError:
        return QuerySyntaxError(self.query, self.now.at if at is None else at, message)

    @property
    def now(self) -> Lexeme:
        return self.lexemes[self.place]

    def take(self) -> Lexeme:
        lexeme = self.now
        self.place += 1
        return lexeme

    def whole(self) -> Query:
        if self.now.kind == "end":
            raise self.error("the query is empty; write a word")
        tree = self.either()
        if self.now.kind == "close":
            raise self.error("this parenthesis closes nothing; remove it, or open one before")
        if not positive(tree):
            either = isinstance(tree, Or)
            raise self.error(
                f"{'one side of OR' if either else 'the query'} only excludes; name at least one "
                f"thing that articles shall have{' on each side' if either else ''}",
                0,
            )
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
            match = NEAR.match(operator.text)
            assert match is not None
            if self.now.kind in ("end", "close", "and", "or", "near"):
                raise self.error(
                    f"{operator.text} has nothing behind it; write what stands near", operator.at
                )
            right_at = self.now.at
            right = self.negated()
            for side, at in ((left, operator.at), (right, right_at)):
                self.positioned(side, match[1], at)
            left = Near(left, right, int(match[2]), ordered=match[1] == "ONEAR")
            self.meeting(left, operator.at)
        return left

    def positioned(self, side: Query, operator: str, at: int) -> None:
        """Refuse a side of a proximity that has no positions."""
        if isinstance(side, Near):
            raise self.error(
                f"{operator} joins two sides; for three write (a NEAR/5 b) AND (b NEAR/5 c)", at
            )
        if isinstance(side, Word) and side.exact:
            raise self.error(f"{operator} takes no word as written (=); leave the = out", at)
        if in_any_order(side):
            raise self.error(
                f"{operator} takes no phrase with ~; write it without, or join its words by NEAR, too",
                at,
            )
        if isinstance(side, Or) and side.name and not has_positions(side):
            raise self.error(
                f"{operator} takes no word as written, and @{side.name} has some (=)", at
            )
        if not has_positions(side):
            raise self.error(
                f"{operator} stands between words, phrases and groups of them joined by OR", at
            )

    def meeting(self, tree: Query, at: int) -> None:
        """Refuse a proximity whose sides are in different fields, where they are never near."""
        if not meets(tree):
            raise self.error("the two sides of NEAR are in different fields, so never near", at)

    def negated(self) -> Query:
        if self.now.kind in ("not", "minus"):
            operator = self.take()
            if self.now.kind in ("end", "close", "and", "or", "near"):
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
            if self.closing():
                raise self.error("there is nothing between these parentheses", lexeme.at)
            tree = self.either()
            if not self.closing():
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
        raise self.error(
            f"{lexeme.text} has nothing before it; write what else is wanted there, or "
            f"{lexeme.text.lower()!r} for the word",
            lexeme.at,
        )

    def closing(self) -> bool:
        return self.now.kind == "close"

    def text(self, lexeme: Lexeme, field: str) -> Query:
        if lexeme.kind == "word" and lexeme.text.startswith("@"):
            return self.list(lexeme, field)
        term = term_of(self.query, lexeme, field)
        self.count_prefixes(prefixes(term), lexeme.at)
        return term

    def list(self, lexeme: Lexeme, field: str) -> Query:
        name, entries = entries_of(self.query, lexeme, self.lists)
        terms = []
        for entry in entries:
            try:
                term = entry_of(entry)
                terms.append(attrs.evolve(term, field=field) if field else term)
            except QuerySyntaxError as error:
                raise self.error(
                    f"the list @{name} has the entry {entry!r}, which is none: {error.message}",
                    lexeme.at,
                ) from None
        if not terms:
            raise self.error(
                f"the list @{name} is empty; add to it with: newsbot list add {name} TERM …",
                lexeme.at,
            )
        self.clauses += len(terms)
        if self.clauses > CLAUSES:
            raise self.error(
                f"the query has more than {CLAUSES} clauses with the {len(terms)} of @{name}",
                lexeme.at,
            )
        self.count_prefixes(sum(map(prefixes, terms)), lexeme.at)
        return Or(tuple(terms), name)

    def count_prefixes(self, count: int, at: int) -> None:
        self.prefixes += count
        if self.prefixes > PREFIXES:
            raise self.error(f"the query has more than {PREFIXES} prefixes (word*)", at)

    def field(self, name: Lexeme) -> Query:
        field, value = name.text, self.now
        if value.kind == "end" or value.at != name.end:
            value = Lexeme("end", "", name.end, name.end)
        if field not in FIELDS:
            shown = self.query[value.at : value.end] if value.kind in ("word", "phrase") else ""
            raise self.error(no_field(field, shown), name.at)
        if value.kind == "minus":
            following = self.lexemes[self.place + 1]
            rest = self.query[following.at : following.end]
            raise self.error(f"the - stands before the field: write -{field}:{rest}", value.at)
        if value.kind == "field":
            raise self.error(
                f"one field at a time: {field}: stands directly before a word", name.at
            )
        if value.kind not in ("word", "phrase", "open"):
            raise self.error(f"{field}: has no value behind it; write it without a space", name.at)
        if value.kind == "open":
            if field not in TEXT_FIELDS:
                raise self.error(
                    f"{field}: takes one value, not a group; repeat the field, as "
                    f"({field}:… OR {field}:…)",
                    value.at,
                )
            tree = in_field(self.item(), field)
            self.meeting(tree, name.at)
            return tree
        lexeme = self.take()
        return self.text(lexeme, field) if field in TEXT_FIELDS else self.value(field, lexeme)

    def value(self, field: str, lexeme: Lexeme) -> Query:
        if lexeme.slop is not None:
            raise self.error(f"{field}: takes a value as it is; leave the ~ out", lexeme.at)
        if field in DATE_FIELDS:
            return time_of(self.query, "date" if field == "date" else "seen", lexeme)
        if field == "has":
            if lexeme.text != "date":
                raise self.error("has: knows has:date alone", lexeme.at)
            return HasDate()
        return self.equal(field, lexeme)

    def equal(self, field: str, lexeme: Lexeme) -> Query:
        value = lexeme.text
        at = lexeme.at + (lexeme.kind == "phrase")
        if not value.strip():
            raise self.error(f"{field}: has no value between its quotes", lexeme.at)
        whole = value.removesuffix("/*") if field == "url" else value
        if "*" in whole:
            rest = (
                "an address finds what is under it: url:example.org/news"
                if field == "url"
                else "the whole name stands there"
            )
            raise self.error(f"{field}: takes no asterisk; {rest}", at + whole.index("*"))
        if field == "lang" and not LANGUAGE.match(value):
            raise self.error(
                f"{value!r} is no language; write its code, as lang:ar or lang:pt-BR", lexeme.at
            )
        if value[0] in "=@<>~" and lexeme.kind == "word":
            raise self.error(
                f"{value[0]} has no meaning behind {field}:; leave it out, or put the name in quotes",
                lexeme.at,
            )
        return Equal(field, value)
