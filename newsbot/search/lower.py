"""A query, lowered to Tantivy, which then finds the very articles that the evaluator says it means.

What asks for words in a certain place to each other becomes a row of terms with their places (see
``newsbot.search.rows``). Very few queries have too many of those, or ask how something is written with
signs in it: for them Tantivy finds more, never fewer, and the evaluator decides (``exact`` is False).
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

import attrs
import tantivy
from tantivy import Occur
from tantivy import Query as Lowered

from newsbot.archive.naming import Names
from newsbot.query.analysis import pattern_ways
from newsbot.query.document import equal_value
from newsbot.query.evaluate import names_of
from newsbot.query.syntax import (
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
from newsbot.search.asking import all_of, any_of, within
from newsbot.search.index import WRITTEN, ordinal, words_written, written
from newsbot.search.rows import Rows, TooManyRowsError

# What a word in the title counts for, beside one in the body.
IN_TITLE = 2.0


@attrs.frozen
class Plan:
    """How a query is asked: ``query`` finds what it means, and more besides where it is not ``exact``."""

    query: Lowered
    exact: bool = True


def lower(
    query: Query,
    searcher: tantivy.Searcher,
    schema: tantivy.Schema,
    now: datetime,
    names: Names,
) -> Plan:
    """Return the plan of a query for what a searcher sees.

    ``now`` is what relative ages are counted from, ``names`` say which sources are meant.
    """
    return _Lowering(Rows(searcher, schema), schema, now, names).of(query)


class _Lowering:
    def __init__(self, rows: Rows, schema: tantivy.Schema, now: datetime, names: Names) -> None:
        self._rows = rows
        self._schema = schema
        self._now = now
        self._names = names

    def of(self, query: Query) -> Plan:
        match query:
            case And(children):
                return _joined(Occur.Must, map(self.of, children))
            case Or(children):
                return _joined(Occur.Should, map(self.of, children))
            case Not(child):
                return self._not(self.of(child))
            case Word(exact=True):
                return self._written(query)
            case Word() | Phrase() | Near():
                return self._placed(query)
            case Equal():
                return Plan(_unweighed(self._equal(query)))
            case HasDate():
                return Plan(_unweighed(within(self._schema, "day", None, None)))
            case Days(field, first, last):
                column = "day" if field == "date" else "seen_day"
                ends = (ordinal(day) if day else None for day in (first, last))
                return Plan(_unweighed(within(self._schema, column, *ends)))
            case Age():
                return Plan(_unweighed(self._age(query)))

    def _not(self, child: Plan) -> Plan:
        if not child.exact:
            return Plan(Lowered.all_query(), exact=False)  # more, never fewer
        return Plan(_unweighed(all_of([Lowered.all_query()], but=child.query)))

    def _written(self, query: Word) -> Plan:
        words = words_written(query.text)
        fields = names_of(query)
        found = any_of(
            all_of(
                Lowered.term_query(self._schema, WRITTEN, written(field, word)) for word in words
            )
            for field in fields
        )
        # Signs between and around words are not in the index.
        return Plan(found, exact=words == [query.text])

    def _placed(self, query: Word | Phrase | Near) -> Plan:
        fields = names_of(query)
        try:
            return Plan(any_of(_weighed(self._rows.of(query, field), field) for field in fields))
        except TooManyRowsError:
            return Plan(any_of(self._somewhere(query, field) for field in fields), exact=False)

    def _somewhere(self, query: Query, field: str) -> Lowered:
        """Return what finds all that has the words, wherever they stand in a field."""
        match query:
            case Near(left, right):
                return all_of(self._somewhere(each, field) for each in (left, right))
            case Or(children):
                return any_of(self._somewhere(each, field) for each in children)
            case Phrase(text) | Word(text):
                prefix = isinstance(query, Word) and query.prefix
                ways = pattern_ways(text, prefix=prefix, stars=isinstance(query, Phrase))
                return any_of(
                    all_of(self._rows.term(field, term, open_ended) for term, open_ended in way)
                    for way in ways
                )
            case _:
                return Lowered.empty_query()

    def _equal(self, query: Equal) -> Lowered:
        value = query.value.casefold()
        if query.field == "source":  # the host stands in that field, too
            return self._of_sources({*self._names.called(value), value})
        if query.field == "group":
            return self._of_sources(self._names.grouped(value))
        key = equal_value(query.field, query.value)
        return Lowered.term_query(self._schema, query.field, key)

    def _of_sources(self, keys: Collection[str]) -> Lowered:
        if not keys:
            return Lowered.empty_query()
        return Lowered.term_set_query(self._schema, "source", sorted(keys))

    def _age(self, query: Age) -> Lowered:
        if query.field == "seen":
            edge = round((self._now.timestamp() - query.seconds) * 1_000_000)
            low, high = (edge + 1, None) if query.younger else (None, edge - 1)
            return within(self._schema, "seen", low, high)
        today = ordinal(self._now.astimezone(UTC).date())
        days = query.seconds / 86_400
        whole = int(days)
        if query.younger:
            # age < days: strictly, so a whole number of days is left out
            first = today - (whole if whole < days else whole - 1)
            return within(self._schema, "day", first, None)
        return within(self._schema, "day", None, today - whole - 1)


def _weighed(query: Lowered, field: str) -> Lowered:
    """Have what stands in a title count for more."""
    return Lowered.boost_query(query, IN_TITLE) if field == "title" else query


def _unweighed(query: Lowered) -> Lowered:
    """Have what says nothing of the words count for nothing."""
    return Lowered.const_score_query(query, 0.0)


def _joined(occur: Occur, parts: Iterable[Plan]) -> Plan:
    found = list(parts)
    return Plan(
        Lowered.boolean_query([(occur, part.query) for part in found]),
        exact=all(part.exact for part in found),
    )
