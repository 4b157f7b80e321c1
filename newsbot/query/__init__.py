"""The query language: one meaning for search, alerts and exports. Pure."""

from newsbot.query.document import Document
from newsbot.query.errors import QuerySyntaxError
from newsbot.query.evaluate import evaluate, spans
from newsbot.query.percolate import Percolator
from newsbot.query.shown import quoted, shown
from newsbot.query.syntax import Query, lists_of, parse, relative_age
from newsbot.query.terms import LIST_NAME, Lists, entry_of
from newsbot.text.reading import repair

__all__ = [
    "LIST_NAME",
    "Document",
    "Lists",
    "Percolator",
    "Query",
    "QuerySyntaxError",
    "entry_of",
    "evaluate",
    "lists_of",
    "matches",
    "parse",
    "quoted",
    "relative_age",
    "shown",
    "spans",
]


def matches(query: str, text: str) -> bool:
    """Say whether a text, taken as an article's body and read without its disguises, matches.

    Raises:
        QuerySyntaxError: when it is no query.
    """
    return evaluate(parse(query), Document.of(title="", body=repair(text)))
