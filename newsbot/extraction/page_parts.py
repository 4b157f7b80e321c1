"""Which part of a page an element stands in: the article's, or one that holds something else."""

import re
from collections.abc import Iterable
from itertools import islice

from selectolax.lexbor import LexborNode

from newsbot.extraction.page_tree import PageTree

_HEADINGS = ("h1", "h2")
_MOST_HEADINGS = 40
_DEEPEST = 60
_LONGEST_NAME = 300

# Words in the class or id of an element that holds what is not the article: comments, other articles,
# menus. Sources: the names used by the themes of WordPress, Drupal and Blogger, by Disqus, Outbrain and
# Taboola, and by news sites' own templates.
_FOREIGN = re.compile(
    r"(?<![a-z])(?:comments?(?!-date)|comment-?list|kommentare?|respond|disqus|related|similar|recommend\w*|popular"
    r"|most-?(?:read|viewed|popular)|trending|outbrain|taboola)(?![a-z])"
)
# Words that some templates use for parts of the article, too.
_OFTEN_FOREIGN = re.compile(
    r"(?<![a-z])(?:responses|repl(?:y|ies)|side-?bar|latest|recent|footer|nav|navigation|menu|promo|more-\w+"
    r"|read-?more|also|archives?|calendar|events?|carousel|slider|swiper|breaking|ticker|banner|cookies?"
    r"|newsletter|subscri\w*|ads?|advert\w*|sponsor\w*|weather|copyright|author-?bio|next|prev|pagin\w*"
    r"|onward|cards?|letzte)(?![a-z])"
)
# How surely an element holds something else, by its tag; and where its name says so.
_FOREIGN_TAGS = {
    "nav": 40, "blockquote": 40, "select": 40,
    "aside": 15, "footer": 15, "form": 15, "button": 15, "figcaption": 15,
}  # fmt: skip
_ANOTHER_ARTICLE = 25
_NAMED_FOREIGN = 40
_NAMED_OFTEN_FOREIGN = 15


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


def headline_of(tree: PageTree, titles: Iterable[str]) -> LexborNode | None:
    """Return the element that shows one of the titles, else the first h1, else None."""
    wanted = {_letters(title) for title in titles if len(title) > 8}
    first = next(iter(tree.tagged("h1")), None)
    if first is not None and _says(first, wanted):
        return first
    for tag in _HEADINGS:
        for node in tree.tagged(tag)[:_MOST_HEADINGS]:
            if _says(node, wanted):
                return node
            if first is not None and tag == "h1" and not text_within(first, 20):
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
        self._known: dict[int, int] = {}
        self._headline_in_article = False
        node = headline
        while node is not None and len(self._own) < 10 * _DEEPEST:
            self._own.add(node.mem_id)
            self._headline_in_article |= node.tag == "article"
            node = node.parent

    def foreignness(self, element: LexborNode) -> int:
        """Return how surely an element stands in a part that is not the article's: 0 to 40."""
        path: list[tuple[int, int]] = []
        beyond, current = 0, element
        while len(path) < _DEEPEST:
            key = current.mem_id
            if key in self._own:
                break
            if key in self._known:
                beyond = self._known[key]
                break
            path.append((key, self._of(current)))
            if current.parent is None:
                break
            current = current.parent
        for key, own in reversed(path):
            beyond = max(beyond, own)
            self._known[key] = beyond
        return beyond

    def _of(self, node: LexborNode) -> int:
        tag = node.tag
        if not node.is_element_node or tag in ("body", "html"):
            return 0
        if tag == "article" and self._headline_in_article:
            return _ANOTHER_ARTICLE
        name = name_of(node)
        if _FOREIGN.search(name):
            return _NAMED_FOREIGN
        often = _NAMED_OFTEN_FOREIGN if _OFTEN_FOREIGN.search(name) else 0
        return max(_FOREIGN_TAGS.get(tag or "", 0), often)
