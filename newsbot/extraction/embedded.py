"""A text that a page carries for its scripts and does not show by itself.

Pages that a script draws often bring their article along: as JSON-LD's ``articleBody``, or as markup
in a string of a script (the state of Next.js, Nuxt, Fusion and their like). It is looked for only
where the page shows next to nothing.
"""

import json
import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser

from newsbot.extraction.blocks import read_page
from newsbot.extraction.body import Body, read_body
from newsbot.extraction.statements import Statements
from newsbot.text.unicode import encodable

# Characters of a string that may be an article's text, and how many strings of a page are tried.
_SHORTEST, _MOST, _LONGEST_SCRIPT = 400, 5, 3_000_000
# A string, or what begins as one: each is read once, so that a page of quotes costs no more.
_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*+)("?)')
_SCRIPT = re.compile(r"<script\b", re.IGNORECASE)
_SCRIPT_END = re.compile(r"</script", re.IGNORECASE)
_MARKUP = re.compile(r"</p\s*>|<br\s*/?>", re.IGNORECASE)
_PARAGRAPHS = 3


def read_embedded(html: str, statements: Statements) -> tuple[Body, str]:
    """Return the longest text that a page carries, and where; an empty body where it carries none."""
    best, where = Body(), ""
    for markup, source in _offers(html, statements):
        body = read_body(read_page(LexborHTMLParser(markup)))
        if body.characters > best.characters:
            best, where = body, source
    return best, where


def _offers(html: str, statements: Statements) -> Iterator[tuple[str, str]]:
    for node in statements.articles:
        text = node.get("articleBody")
        if isinstance(text, str) and len(text) >= _SHORTEST:
            yield (text if _MARKUP.search(text) else _as_markup(text)), "json-ld articleBody"
    strings: list[str] = []
    for script in _scripts(html):
        if not _SHORTEST < len(script) <= _LONGEST_SCRIPT:
            continue
        for found in _STRING.finditer(script):
            if len(found[1]) < _SHORTEST or not found[2]:
                continue
            try:
                text = encodable(json.loads(f'"{found[1]}"', strict=False))
            except ValueError:
                continue
            if len(_MARKUP.findall(text)) >= _PARAGRAPHS:
                strings.append(text)
    strings.sort(key=len, reverse=True)
    for text in strings[:_MOST]:
        yield text, "script"


def _scripts(html: str) -> Iterator[str]:
    """Yield what stands in the script elements of a page's markup."""
    at = 0
    while found := _SCRIPT.search(html, at):
        begin = html.find(">", found.end()) + 1
        end = _SCRIPT_END.search(html, begin) if begin else None
        if end is None:
            return
        yield html[begin : end.start()]
        at = end.end()


def _as_markup(text: str) -> str:
    lines = (line.strip() for line in text.splitlines())
    return "".join(f"<p>{line}</p>" for line in lines if line)
