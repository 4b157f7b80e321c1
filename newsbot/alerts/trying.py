"""A rule, or a query, tried on a text: whether it would be met, by which clause and where, or for want of what."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

import attrs

from newsbot.archive.rules import Rule
from newsbot.query import Document, Query, evaluate, spans
from newsbot.query.clauses import met, unmet
from newsbot.search.passages import mentions
from newsbot.text import repaired
from newsbot.text.language import detect_language

_BOTH = ("title", "body")


@attrs.frozen(kw_only=True)
class Text:
    """A text that a rule is tried on, with as much as is known of it; its language is told, or guessed."""

    body: str
    title: str = ""
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    language: str = ""
    section: str = ""
    url: str = ""
    published: date | None = None
    seen: datetime | None = None


@attrs.frozen(kw_only=True)
class Tried:
    """How a text fared: ``clause`` is what it met; ``missing`` for want of which it did not.

    ``marks`` are the character ranges that matched of title and body as they were given. ``language`` is the
    one that counted. ``held`` says why nobody would be told all the same, "" where they would.
    """

    met: bool
    clause: str
    missing: tuple[str, ...]
    title: str
    body: str
    marks: dict[str, tuple[tuple[int, int], ...]]
    language: str
    held: str


def attempt(query: Query, text: Text, *, rule: Rule | None = None, now: datetime) -> Tried:
    """Try a query on a text; ``rule`` is the one that it is of, whose options may hold a message back."""
    titles, bodies = repaired(text.title), repaired(text.body)
    language = text.language or detect_language(f"{titles.text}\n{bodies.text}")
    document = Document.of(
        title=titles.text,
        body=bodies.text,
        authors=text.authors,
        tags=text.tags,
        sources=text.sources,
        groups=text.groups,
        language=language,
        section=text.section,
        url=text.url,
        published_day=text.published,
        seen=text.seen or now,
    )
    found = {"title": titles, "body": bodies}
    marks = {
        name: _joined(
            found[name].to_published(start, end)
            for field, start, end in spans(query, document)
            if field == name
        )
        for name in _BOTH
    }
    hit = evaluate(query, document)
    return Tried(
        met=hit,
        clause=met(query, document),
        missing=unmet(query, document),
        title=text.title,
        body=text.body,
        marks=marks,
        language=language,
        held=_held(rule, query, document, text, now) if rule and hit else "",
    )


def _held(rule: Rule, query: Query, document: Document, text: Text, now: datetime) -> str:
    """Return why a rule would tell nobody of a text that meets it, in words."""
    without = {each.casefold() for each in rule.noise.without}
    if not without.isdisjoint(each.casefold() for each in (*text.sources, *text.groups)):
        return "it is of a source or a group that the alert leaves out"
    if rule.noise.title_only and not evaluate(query, attrs.evolve(document, body="")):
        return "its headline alone does not meet the query"
    passages = mentions(query, document)
    if passages < rule.noise.mentions:
        return f"{passages} of its passages meet the query, and {rule.noise.mentions} have to"
    if rule.max_age and text.published:
        days = ((text.seen or now).astimezone(UTC).date() - text.published).days - 1
        if days > rule.max_age:
            return f"it was published longer ago than {rule.max_age:g} days"
    return ""


def _joined(ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return ranges in order, those that touch or overlap as one."""
    joined: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return tuple(joined)
