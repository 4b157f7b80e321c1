"""Which part of a query an article met, or did not: in the query's own words, for whoever asks why."""

from collections.abc import Iterable
from itertools import islice

import attrs

from newsbot.query.document import Document
from newsbot.query.evaluate import evaluate
from newsbot.query.shown import shown
from newsbot.query.tree import And, Near, Not, Or, Query

# Of alternatives that are met so many are named.
NAMED = 3


def met(query: Query, document: Document) -> str:
    """Return the part of a query that an article met, "" when it met none.

    Of alternatives it names the first that are met, of a list its entries (``@ships ("HMS Victory")``),
    and what the query excludes only where nothing else was asked for.
    """
    return _written(_narrowed(query, document)) if evaluate(query, document) else ""


def unmet(query: Query, document: Document) -> tuple[str, ...]:
    """Return the parts of a query for want of which an article did not meet it; () when it did.

    What is excluded and there all the same is named with its NOT.
    """
    if evaluate(query, document):
        return ()
    if isinstance(query, And):
        return tuple(each for child in query.children for each in unmet(child, document))
    return (shown(query),)


def _narrowed(query: Query, document: Document) -> Query:
    """Return a query that an article meets, without the alternatives that it does not meet."""
    match query:
        case And(children):
            wanted = [each for each in children if not isinstance(each, Not)] or children
            parts = tuple(_narrowed(each, document) for each in wanted)
            return parts[0] if len(parts) == 1 else And(parts)
        case Or(children, name):
            first = _first(each for each in children if evaluate(each, document))
            return _either(tuple(_narrowed(each, document) for each in first), name)
        case Near():
            return _near(query, document)
        case _:
            return query


def _near(query: Near, document: Document) -> Near:
    if isinstance(query.left, Or):
        left = (attrs.evolve(query, left=each) for each in query.left.children)
        first = _first(each.left for each in left if evaluate(each, document))
        query = attrs.evolve(query, left=_either(first, query.left.name))
    if isinstance(query.right, Or):
        right = (attrs.evolve(query, right=each) for each in query.right.children)
        first = _first(each.right for each in right if evaluate(each, document))
        query = attrs.evolve(query, right=_either(first, query.right.name))
    return query


def _either(parts: tuple[Query, ...], name: str) -> Query:
    return parts[0] if len(parts) == 1 and not name else Or(parts, name)


def _first(met: Iterable[Query]) -> tuple[Query, ...]:
    return tuple(islice(met, NAMED))


def _written(query: Query) -> str:
    match query:
        case And(children):
            return " AND ".join(map(_part, children))
        case Or(children, name) if name:
            return f"@{name} ({', '.join(map(shown, children))})"
        case Or(children):
            return " OR ".join(map(_part, children))
        case Near(left, right, distance, ordered):
            return f"{_part(left)} {'O' if ordered else ''}NEAR/{distance} {_part(right)}"
        case _:
            return shown(query)


def _part(query: Query) -> str:
    several = isinstance(query, (And, Or, Near)) and not (isinstance(query, Or) and query.name)
    return f"({_written(query)})" if several else _written(query)
