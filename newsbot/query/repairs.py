"""What somebody probably meant who wrote what is no query: for the messages of errors."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from newsbot.query.lexing import FIELDS, Lexeme

# What other search languages, and people, call the fields.
_CALLED = {
    "headline": "title", "heading": "title", "intitle": "title", "allintitle": "title",
    "subject": "title", "hed": "title", "text": "body", "content": "body", "intext": "body",
    "fulltext": "body", "by": "author", "byline": "author", "writer": "author", "keyword": "tag",
    "keywords": "tag", "topic": "tag", "category": "tag", "rubric": "section", "publisher": "source",
    "outlet": "source", "media": "source", "feed": "source", "site": "url", "domain": "url",
    "host": "url", "inurl": "url", "link": "url", "address": "url", "language": "lang",
    "locale": "lang", "country": "group", "kind": "group", "owner": "group", "published": "date",
    "day": "date", "pubdate": "date", "since": "date", "until": "date", "before": "date",
    "after": "date", "first_seen": "seen", "stored": "seen", "found": "seen", "exists": "has",
}  # fmt: skip

_LOWER = {"and": "AND", "or": "OR", "not": "NOT"}


def nearest(word: str, known: Iterable[str]) -> str:
    """Return what is written most like a word, case aside; "" where nothing is."""
    by_folded = {each.casefold(): each for each in known}
    found = get_close_matches(word.casefold()[:64], by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else ""


def no_field(name: str, following: str) -> str:
    """Return what is said of a field that there is not; ``following`` is what stands behind its colon."""
    if name.upper() in ("NEAR", "ONEAR"):
        return "NEAR wants a distance in positions, as NEAR/5"
    meant = _CALLED.get(name.lower()) or nearest(name, FIELDS)
    if meant:
        return f"there is no field {name!r}; did you mean {meant}:{following}?"
    return (
        f"there is no field {name!r}; there are {', '.join(FIELDS)}. If it is a word of the text, "
        "leave the colon out or put it in quotes"
    )


def lower_case_operator(lexemes: Sequence[Lexeme], position: int) -> str:
    """Return a remark on what was perhaps meant as an operator, where an error follows it; or ""."""
    for lexeme in reversed(lexemes):
        if lexeme.kind == "word" and lexeme.at <= position:
            near = lexeme.text.lower().startswith(("near/", "onear/"))
            operator = lexeme.text.upper() if near else _LOWER.get(lexeme.text.lower(), "")
            if operator and operator != lexeme.text:
                return (
                    f" ({lexeme.text!r} is a word here; the operator is in upper case: {operator})"
                )
    return ""
