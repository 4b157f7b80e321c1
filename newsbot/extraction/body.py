"""The body: trafilatura finds it, and what it leaves that is no text of the article is taken out."""

import re

import attrs
import trafilatura
from selectolax.lexbor import LexborHTMLParser

# Lines that send the reader elsewhere, by their first words. Each language's own habits.
_READ_ALSO = re.compile(
    r"^\W*(?:اقرأ\s+(?:أيض|ايض|المزيد)\w*|اقرا\s+ايضا|طالع\s+أيضا|شاهد\s+أيضا|مواضيع\s+ذات\s+صلة|مقالات\s+ذات\s+صلة|"
    r"read\s+(?:also|more|next)|also\s+read|see\s+also|related(?:\s+(?:articles?|stories|news|posts?))?\s*[:：]|more\s+on\s+this|"
    r"lire\s+aussi|à\s+lire\s+aussi|lesen\s+sie\s+auch|lesen\s+sie\s+hier|mehr\s+zum\s+thema|leia\s+(?:também|mais)|"
    r"lea\s+también|te\s+puede\s+interesar|leggi\s+anche|lees\s+ook|czytaj\s+(?:też|także|więcej)|читайте\s+также|"
    r"читайте\s+також|ayrıca\s+oku\w*|ilgili\s+haber\w*|læs\s+også|les\s+også|läs\s+(?:också|även|mer)|بیشتر\s+بخوانید)",
    re.IGNORECASE,
)
_SPACES = re.compile(r"[ \t\u00a0]+")


@attrs.frozen
class Body:
    """The paragraphs of an article, in order, and the captions that stand among them."""

    paragraphs: tuple[str, ...]
    captions: tuple[str, ...]


def read_body(text: str, tree: LexborHTMLParser, url: str, *, title: str, publisher: str) -> Body:
    """Return the body of a page; no paragraphs where none can be told."""
    captions = _captions(tree)
    try:
        found = trafilatura.bare_extraction(
            text, url=url, with_metadata=False, include_comments=False, fast=True
        )
    except Exception:  # noqa: BLE001 - no page may break the crawl
        found = None
    lines = (getattr(found, "text", None) or "").splitlines()
    heads = {_fold(title)}
    known = {_fold(caption) for caption in captions}
    kept: list[str] = []
    for line in lines:
        paragraph = _SPACES.sub(" ", line).strip()
        folded = _fold(paragraph)
        if not folded or folded in known or _READ_ALSO.match(paragraph):
            continue
        if not kept and (folded in heads or _is_byline(paragraph, publisher)):
            continue
        kept.append(paragraph)
    return Body(tuple(kept), captions)


def _captions(tree: LexborHTMLParser) -> tuple[str, ...]:
    found = (
        " ".join(node.text(deep=True, separator=" ").split()) for node in tree.css("figcaption")
    )
    return tuple(dict.fromkeys(caption for caption in found if caption))[:50]


def _is_byline(paragraph: str, publisher: str) -> bool:
    """Say whether a first line is the publisher's name and a desk's: "Publisher – Desk"."""
    return bool(publisher) and len(paragraph) < 80 and _fold(paragraph).startswith(_fold(publisher))


def _fold(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().casefold()
