"""What an operator tells of one publisher's pages: where a field stands, as data.

Tried before all else. A selector that matches nothing on an article's page is reported, so that a
redesign is noticed, and the general rules answer instead.
"""

from collections.abc import Iterator

import attrs
from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError


class OverrideError(ValueError):
    """A CSS selector that cannot be read; the text says which."""


@attrs.frozen(kw_only=True)
class Overrides:
    """CSS selectors of one publisher's pages; "" leaves a field to the general rules.

    ``body`` is the element, or the elements, that hold the text; ``title``, ``authors`` and ``date``
    the elements that show them. ``drop`` are selectors of elements that are no text of the article.
    """

    body: str = ""
    title: str = ""
    authors: str = ""
    date: str = ""
    drop: tuple[str, ...] = ()

    def check(self) -> None:
        """Raise OverrideError where a selector cannot be read."""
        empty = LexborHTMLParser("<p></p>")
        for field, selector in self._selectors():
            try:
                empty.css_first(selector)
            except (SelectolaxError, ValueError):
                raise OverrideError(
                    f"{field}: {selector!r} is no CSS selector that can be read; "
                    "give one as div.story > p"
                ) from None

    def _selectors(self) -> Iterator[tuple[str, str]]:
        for field in ("body", "title", "authors", "date"):
            selector = getattr(self, field)
            if selector:
                yield field, selector
        for selector in self.drop:
            yield "drop", selector


def texts(tree: LexborHTMLParser, selector: str) -> list[str]:
    """Return what the matching elements show or, for meta and time, state."""
    found = []
    for node in tree.css(selector)[:50]:
        attributes = node.attributes
        stated = attributes.get("content") or attributes.get("datetime")
        found.append(" ".join((stated or node.text(deep=True, separator=" ")).split()))
    return [text for text in found if text]


def apply_drops(tree: LexborHTMLParser, overrides: Overrides) -> list[str]:
    """Take out what is no text; return the selectors that matched nothing."""
    missed = []
    for selector in overrides.drop:
        nodes = tree.css(selector)
        for node in nodes:
            node.decompose()
        if not nodes:
            missed.append(f"drop {selector}")
    return missed


def only(tree: LexborHTMLParser, selector: str) -> str:
    """Return the markup of the matching elements, outermost ones only."""
    nodes = tree.css(selector)
    own = {node.mem_id for node in nodes}
    return "".join(node.html or "" for node in nodes if not _within(node, own))


def _within(node: LexborNode, own: set[int]) -> bool:
    parent = node.parent
    while parent is not None:
        if parent.mem_id in own:
            return True
        parent = parent.parent
    return False
