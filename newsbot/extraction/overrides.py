"""What an operator tells of one publisher's pages: where a field stands, as data.

Tried before all else. A selector that matches nothing on an article's page is reported, so that a
redesign is noticed, and the general rules answer instead.
"""

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from newsbot.items import Overrides

# Elements of which one shows a title, a byline or a date.
_MOST = 50


class OverrideError(ValueError):
    """A CSS selector that cannot be read; the text says which."""


def check_overrides(overrides: Overrides) -> None:
    """Raise OverrideError where a selector cannot be read."""
    empty = LexborHTMLParser("<p></p>")
    for field, selector in overrides.selectors():
        try:
            empty.css_first(selector)
        except (SelectolaxError, ValueError):
            raise OverrideError(
                f"{field}: {selector!r} is no CSS selector that can be read; "
                "give one as div.story > p"
            ) from None


def texts(tree: LexborHTMLParser, selector: str) -> list[str]:
    """Return what the matching elements show or, for meta and time, state."""
    found = []
    for node in tree.css(selector)[:_MOST]:
        attributes = node.attributes
        stated = attributes.get("content") or attributes.get("datetime")
        found.append(" ".join((stated or node.text(deep=True, separator=" ")).split()))
    return [text for text in found if text]


def apply_drops(tree: LexborHTMLParser, overrides: Overrides) -> list[str]:
    """Take out what is no text; return the selectors that matched nothing."""
    missed = []
    for selector in overrides.drop:
        nodes = _outermost(tree, selector)
        for node in nodes:
            node.decompose()
        if not nodes:
            missed.append(f"drop {selector}")
    return missed


def only(tree: LexborHTMLParser, selector: str) -> str:
    """Return the markup of the matching elements, outermost ones only."""
    return "".join(node.html or "" for node in _outermost(tree, selector))


def _outermost(tree: LexborHTMLParser, selector: str) -> list[LexborNode]:
    """Return the matching elements that stand in no other: those within go where these go.

    A page's own frame is none of its elements.
    """
    nodes = [node for node in tree.css(selector) if node.tag not in ("html", "head", "body")]
    own = {node.mem_id for node in nodes}
    return [node for node in nodes if not _within(node, own)]


def _within(node: LexborNode, own: set[int]) -> bool:
    parent = node.parent
    while parent is not None:
        if parent.mem_id in own:
            return True
        parent = parent.parent
    return False
