"""A query as it was understood, written out: every operator, every field, nothing implied."""

from datetime import date

from newsbot.query.syntax import (
    QUOTES,
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

# Lengths of an age in seconds, longest first, as the query language writes them.
_UNITS = (("y", 31_557_600), ("m", 2_629_800), ("w", 604_800), ("d", 86_400), ("h", 3_600))


def shown(query: Query) -> str:
    """Return a query that has this tree: what a person typed, as it was understood.

    ``storm -sport title:(a OR b)`` is ``storm AND NOT sport AND (title:a OR title:b)``.
    """
    match query:
        case And(children):
            return " AND ".join(map(_part, children))
        case Or(children, name) if name:
            fields = {each.field for each in children if isinstance(each, (Word, Phrase))}
            return f"{_prefix(''.join(fields))}@{name}"
        case Or(children):
            return " OR ".join(map(_part, children))
        case Not(child):
            return f"NOT {_part(child)}"
        case Near(left, right, distance, ordered):
            return f"{_part(left)} {'O' if ordered else ''}NEAR/{distance} {_part(right)}"
        case Word(text, field, prefix, exact):
            return f"{_prefix(field)}{'=' if exact else ''}{text}{'*' if prefix else ''}"
        case Phrase(text, field, slop):
            return f"{_prefix(field)}{quoted(text)}{'' if slop is None else f'~{slop}'}"
        case Equal(field, value):
            return f"{field}:{quoted(value)}"
        case HasDate():
            return "has:date"
        case Days(field, first, last):
            same = first is not None and first == last
            return f"{field}:{first if same else f'[{_end(first)} TO {_end(last)}]'}"
        case Age(field, seconds, younger):
            return f"{field}:{'<' if younger else '>'}{_length(seconds)}"


def _part(query: Query) -> str:
    several = isinstance(query, (And, Or, Near)) and not (isinstance(query, Or) and query.name)
    return f"({shown(query)})" if several else shown(query)


def _prefix(field: str) -> str:
    return f"{field}:" if field else ""


def quoted(text: str) -> str:
    """Return a text as a phrase or a value in a query."""
    for opening, closing in (('"', '"'), *QUOTES.items()):
        if not any(each in text for each in closing):
            return f"{opening}{text}{closing[0]}"
    return text  # it was written without quotes, for none can be around it


def _end(day: date | None) -> str:
    return day.isoformat() if day else "*"


def _length(seconds: float) -> str:
    unit, length = next(
        ((unit, length) for unit, length in _UNITS if seconds and seconds % length == 0),
        _UNITS[-1],
    )
    return f"{seconds / length:.0f}{unit}"
