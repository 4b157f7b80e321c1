"""The body: trafilatura finds it, and what it leaves that is no text of the article is taken out."""

import re

import attrs
import trafilatura
from selectolax.lexbor import LexborHTMLParser

from newsbot.extraction.byline import split_byline

# Lines that send the reader elsewhere, by their first words. Each language's own habits.
_READ_ALSO = re.compile(
    r"^\W*(?:اقرأ\s+(?:أيض|ايض|المزيد)\w*|اقرا\s+ايضا|طالع\s+أيضا|شاهد\s+أيضا|مواضيع\s+ذات\s+صلة|مقالات\s+ذات\s+صلة|"
    r"read\s+(?:also|more|next)|also\s+read|see\s+also|related(?:\s+(?:articles?|stories|news|posts?))?\s*[:：]|more\s+on\s+this|"
    r"lire\s+aussi|à\s+lire\s+aussi|lesen\s+sie\s+auch|lesen\s+sie\s+hier|mehr\s+zum\s+thema|leia\s+(?:também|mais)|"
    r"lea\s+también|te\s+puede\s+interesar|leggi\s+anche|lees\s+ook|czytaj\s+(?:też|także|więcej)|читайте\s+также|"
    r"читайте\s+також|ayrıca\s+oku\w*|ilgili\s+haber\w*|læs\s+også|les\s+også|läs\s+(?:också|även|mer)|بیشتر\s+بخوانید)",
    re.IGNORECASE,
)
# Lines above the text that are looked at, and the characters from which one is a paragraph.
_HEAD, _PARAGRAPH = 8, 80
_SPACES = re.compile(r"[ \t\u00a0]+")


@attrs.frozen
class Body:
    """The paragraphs of an article, in order, and the captions that stand among them."""

    paragraphs: tuple[str, ...]
    captions: tuple[str, ...]


def read_body(
    text: str, tree: LexborHTMLParser, url: str, *, title: str, labels: frozenset[str]
) -> Body:
    """Return the body of a page; no paragraphs where none can be told.

    ``labels`` are the page's own words (folded) that stand around a text: its publisher, section
    and authors.
    """
    captions = _captions(tree)
    try:
        found = trafilatura.bare_extraction(
            text, url=url, with_metadata=False, include_comments=False, fast=True
        )
    except Exception:  # noqa: BLE001 - no page may break the crawl
        found = None
    lines = [
        _SPACES.sub(" ", line).strip() for line in (getattr(found, "text", None) or "").splitlines()
    ]
    known = {fold(caption) for caption in captions} | {""}
    kept = [
        line
        for line in _after_head(lines, title, labels)
        if fold(line) not in known and not _READ_ALSO.match(line)
    ]
    return Body(tuple(kept), captions)


def _after_head(lines: list[str], title: str, labels: frozenset[str]) -> list[str]:
    """Return the lines behind what stands above a text: section, headline, byline, date."""
    head, start = fold(title), 0
    for place, line in enumerate(lines[:_HEAD]):
        folded = fold(line)
        if folded == head:
            start = place + 1
        elif len(line) >= _PARAGRAPH:
            break
    text = next(
        (place for place in range(start, len(lines)) if len(lines[place]) >= _PARAGRAPH), start
    )
    head_lines = lines[start : min(text, start + _HEAD)]
    kept = [line for line in head_lines if not _is_label(line, labels)]
    return [*kept, *lines[start + len(head_lines) :]]


def _is_label(line: str, labels: frozenset[str]) -> bool:
    """Say whether a line above the text is a label: one of the page's own, or a word or two."""
    if len(line) >= _PARAGRAPH:
        return False
    folded = fold(line)
    if folded in labels or any(label and folded.startswith(label) for label in labels):
        return True
    if any(fold(name) in labels for name in split_byline(line)):
        return True
    return len(folded.split()) <= 2 and not line.endswith((".", "!", "?", "؟", "。", ":"))


def _captions(tree: LexborHTMLParser) -> tuple[str, ...]:
    found = (
        " ".join(node.text(deep=True, separator=" ").split()) for node in tree.css("figcaption")
    )
    return tuple(dict.fromkeys(caption for caption in found if caption))[:50]


def fold(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().casefold()
