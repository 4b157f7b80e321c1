"""Which of many queries an article matches.

Each query is filed under one term that an article must have to match it: the rarest it requires, by
its length (longer words are rarer). Only queries whose term occurs are evaluated; those that require
no single term (prefixes, fields alone) always are.
"""

from collections.abc import Mapping

from newsbot.query.analysis import spellings, ways_of
from newsbot.query.evaluate import Document, evaluate
from newsbot.query.syntax import And, Near, Or, Phrase, Query, Word
from newsbot.text.tokens import is_character


def required(query: Query) -> frozenset[str] | None:
    """Return terms of which an article must have at least one to match; None where none is certain."""
    match query:
        case (
            Word(field="" | "title" | "body", prefix=False, exact=False)
            | Phrase(field="" | "title" | "body")
        ):
            if "*" in query.text:
                return None
            longest = [max(way, key=len) for way in ways_of(query.text)]
            return None if any(map(is_character, longest)) else frozenset(longest) or None
        case And(children):
            known = [terms for terms in map(required, children) if terms]
            return max(known, key=lambda terms: min(map(len, terms)), default=None)
        case Or(children):
            found = [required(child) for child in children]
            if any(terms is None for terms in found):
                return None
            return frozenset().union(*(terms for terms in found if terms))
        case Near(left, right):
            known = [terms for terms in (required(left), required(right)) if terms]
            return max(known, key=lambda terms: min(map(len, terms)), default=None)
        case _:
            return None


class Percolator:
    """A filed set of queries. Immutable; a changed set is filed anew."""

    def __init__(self, rules: Mapping[str, Query]) -> None:
        self._rules = dict(rules)
        self._by_term: dict[str, list[str]] = {}
        self._always: list[str] = []
        for rule, query in self._rules.items():
            terms = required(query)
            if terms is None:
                self._always.append(rule)
            else:
                for term in terms:
                    for spelling in spellings(term):
                        self._by_term.setdefault(spelling, []).append(rule)

    def match(self, document: Document) -> list[str]:
        """Return the ids of the queries that the article matches, in the order they were given."""
        candidates = set(self._always)
        for term in document.terms & self._by_term.keys():
            candidates.update(self._by_term[term])
        matched = {rule for rule in candidates if evaluate(self._rules[rule], document)}
        return [rule for rule in self._rules if rule in matched] if matched else []
