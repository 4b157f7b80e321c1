"""Which part of a page an element stands in: the article's, or one that holds something else."""

import re
from collections.abc import Iterable
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

_HEADINGS = ("h1", "h2,h3")
_MOST_HEADINGS = 40
_DEEPEST = 60
_LONGEST_NAME = 300

# Words in the class or id of an element that holds what is not the article: comments, other articles,
# menus. Sources: the names used by the themes of WordPress, Drupal and Blogger, by Disqus, Outbrain and
# Taboola, and by news sites' own templates.
_FOREIGN = re.compile(
    r"(?<![a-z])(?:comments?(?!-date)|kommentare?|respond|responses|repl(?:y|ies)|disqus|related|similar|side-?bar"
    r"|recommend\w*|popular|latest|most-?(?:read|viewed|popular)|recent|trending|footer|nav|navigation|menu"
    r"|promo|more-\w+|read-?more|also|archives?|calendar|events?|carousel|slider|swiper|breaking|ticker"
    r"|banner|cookies?|newsletter|subscri\w*|ads?|advert\w*|sponsor\w*|outbrain|taboola|weather|copyright"
    r"|author-?bio|next|prev|pagin\w*|onward|cards?|letzte)(?![a-z])"
)
_FOREIGN_TAGS = frozenset(
    ("nav", "aside", "footer", "form", "select", "button", "figcaption", "blockquote")
)


def name_of(node: LexborNode) -> str:
    """Return an element's class and id, in lower case."""
    attributes = node.attributes
    return f"{attributes.get('class') or ''} {attributes.get('id') or ''}"[:_LONGEST_NAME].lower()


def text_within(node: LexborNode, most: int) -> str:
    """Return on one line the text of the first ``most`` nodes under one."""
    parts = [
        (each.text_content or "")[:_LONGEST_NAME]
        for each in islice(node.traverse(include_text=True), most)
        if each.is_text_node
    ]
    return " ".join(" ".join(parts).split())


def headline_of(tree: LexborHTMLParser, titles: Iterable[str]) -> LexborNode | None:
    """Return the element that shows one of the titles, else the first h1, else None."""
    wanted = {_letters(title) for title in titles if len(title) > 8}
    first = tree.css_first("h1")
    if first is not None and _says(first, wanted):
        return first
    for selector in _HEADINGS:
        for node in tree.css(selector)[:_MOST_HEADINGS]:
            if _says(node, wanted):
                return node
            if first is not None and selector == "h1" and not text_within(first, 20):
                first = node
    return first


def _says(node: LexborNode, wanted: set[str]) -> bool:
    text = _letters(text_within(node, 20))
    return text in wanted or (len(text) > 15 and any(each.startswith(text) for each in wanted))


def _letters(text: str) -> str:
    """Return the letters and digits of a text alone: dashes, quotes and spaces differ between titles."""
    return "".join(filter(str.isalnum, text.casefold()))


class PageParts:
    """The parts of one page. What holds the headline is the article's, whatever its name says."""

    def __init__(self, headline: LexborNode | None) -> None:
        self._own: set[int] = set()
        self._known: dict[int, bool] = {}
        self._headline_in_article = False
        node = headline
        while node is not None and len(self._own) < 10 * _DEEPEST:
            self._own.add(node.mem_id)
            self._headline_in_article |= node.tag == "article"
            node = node.parent

    def is_foreign(self, element: LexborNode) -> bool:
        """Say whether an element stands in a part that is not the article's."""
        path: list[int] = []
        answer, current = False, element
        while len(path) < _DEEPEST:
            key = current.mem_id
            if key in self._own:
                break
            if key in self._known:
                answer = self._known[key]
                break
            path.append(key)
            if self._holds_else(current):
                answer = True
                break
            if current.parent is None:
                break
            current = current.parent
        self._known.update(dict.fromkeys(path, answer))
        return answer

    def _holds_else(self, node: LexborNode) -> bool:
        tag = node.tag
        if not node.is_element_node or tag in ("body", "html"):
            return False
        if tag in _FOREIGN_TAGS or (tag == "article" and self._headline_in_article):
            return True
        return bool(_FOREIGN.search(name_of(node)))
