"""A page as a reader sees it: blocks of text, one behind the other, in boxes.

A *block* is a run of text that stands by itself: a paragraph, a heading, a list item, a cell, the
text of a ``div`` between its children, or the lines that ``<br>`` parts. A *box* is an element that
holds blocks. Both are numbered in the order of the page, so that what a box holds is a range.

One walk, without recursion: a page may nest a hundred thousand elements.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import attrs
from selectolax.lexbor import LexborHTMLParser, LexborNode

# Elements that are never text of an article, whoever wrote them.
# Source: HTML Living Standard, 4.11-4.12 (scripting, interactive, embedded content).
_NEVER_TEXT = (
    "script style template nav menu svg math iframe object embed canvas video audio map "
    "button select option datalist textarea input dialog progress meter"
).split()

# Elements that stand in the line of a text; all others (unknown ones too) stand by themselves.
_INLINE = frozenset(
    (
        "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr q "
        "rb rp rt rtc ruby s samp small span strike strong sub sup time tt u var wbr img picture "
        "source amp-img"
    ).split()
)

# What a box's blocks are: the nearest of these elements above them, else "div".
_KINDS = frozenset(
    "p h1 h2 h3 h4 h5 h6 li blockquote pre td th dt dd figcaption caption address summary".split()
)
# Elements nested deeper than this are read as if they were not nested.
_DEEPEST = 400
_MOST_BLOCKS = 20_000
# Characters of a block: a book in one paragraph, whose words in a list would fill the memory.
_LONGEST_BLOCK = 1_000_000
# Characters of what an element is called that are read.
_LONGEST_NAME = 1_000

_UNDISPLAYED = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?。！？؟۔।:;…»”\"')]\s*$")


class Block(NamedTuple):
    """A run of text: what it says, its kind, its box, and how many characters of it are links."""

    text: str
    kind: str
    box: int
    linked: int
    bold: bool

    @property
    def link_share(self) -> float:
        """The share of the text that is links, 0 to 1."""
        return self.linked / len(self.text) if self.text else 0.0


@attrs.frozen
class Page:
    """The blocks of a page and the boxes that hold any; box 0 is its body.

    What is known of boxes is by their number: ``parents``, ``tags``, ``names`` (what their attributes
    call them), whether they are ``hidden``, and the range of their blocks: from ``starts`` to before
    ``ends``.
    """

    blocks: Sequence[Block]
    parents: Sequence[int]
    tags: Sequence[str]
    names: Sequence[str]
    hidden: Sequence[bool]
    starts: Sequence[int]
    ends: Sequence[int]


# Elements that begin a kind of their own: a paragraph inside a list item stays one of the list, but
# what stands in a table's or an article's own parts is no part of the text around it.
_PARTS = frozenset(
    "div section article main aside header footer table ul ol dl figure form nav".split()
)
_KIND_OF = dict.fromkeys(_PARTS, "div") | {tag: tag for tag in _KINDS}
# Attributes beside the class that say what an element is, and whether it is seen.
_TELLING = frozenset("id role itemprop hidden aria-hidden style".split())


def _told(attributes: dict[str, str | None]) -> tuple[str, bool]:
    """Return what an element's attributes call it, and whether they hide it."""
    name = attributes.get("class") or ""
    if _TELLING.isdisjoint(attributes):
        return name[:_LONGEST_NAME], False
    for key in ("id", "role", "itemprop"):
        if key in attributes:
            name = f"{name} {attributes[key]}"
    hidden = "hidden" in attributes or attributes.get("aria-hidden") == "true"
    style = attributes.get("style")
    if style and not hidden:
        hidden = "none" in style and _UNDISPLAYED.search(style) is not None
    return name[:_LONGEST_NAME], hidden


def read_page(tree: LexborHTMLParser) -> Page:  # noqa: C901 - one loop, for speed
    """Return the blocks of a page and the boxes that hold any. Leaves the tree as it is."""
    body = tree.body
    if body is None:
        return Page((), (), (), (), (), (), ())
    reading = _Reading(body)
    blocks, parents, ends = reading.blocks, reading.parents, reading.ends
    line: list[str] = []  # the texts of the block that is being read
    linked = bold = links = bolds = box = 0
    # What is open: each node with what its end undoes, and those boxes that hold nothing so far.
    opened: list[tuple[LexborNode, int]] = []
    waiting: list[LexborNode] = []
    node = body.first_child
    while True:
        if node is None:
            if not opened:
                break
            node, undo = opened.pop()
            if undo == _BOX:
                if line:
                    box = reading.end_block(line, box, waiting, linked, bold)
                    line, linked, bold = [], 0, 0
                if waiting:
                    waiting.pop()
                else:
                    ends[box] = len(blocks)
                    box = parents[box]
            elif undo == _LINK:
                links -= 1
            elif undo == _BOLD:
                bolds -= 1
            node = node.next
            continue
        text = node.text_content
        if text is not None:
            if text.isspace():
                if line:
                    line.append(" ")
            else:
                line.append(text)
                if links:
                    linked += len(text)
                if bolds:
                    bold += len(text)
            node = node.next
            continue
        tag, child = node.tag, node.first_child
        if child is None:
            if tag == "br" or tag == "hr":
                if line and (line[-1] == "\n" or tag == "hr" or _SENTENCE_END.search(line[-1])):
                    box = reading.end_block(line, box, waiting, linked, bold)
                    line, linked, bold = [], 0, 0
                elif line:
                    line.append("\n")
            node = node.next
            continue
        undo = _UNDO.get(tag or "", _BOX)
        if undo == _NEVER:
            node = node.next
            continue
        if undo == _BOX and len(opened) < _DEEPEST:
            if line:
                box = reading.end_block(line, box, waiting, linked, bold)
                line, linked, bold = [], 0, 0
            waiting.append(node)
        elif undo == _LINK:
            links += 1
        elif undo == _BOLD:
            bolds += 1
        else:
            undo = _NOTHING
        opened.append((node, undo))
        node = child
    if line:
        reading.end_block(line, box, waiting, linked, bold)
    ends[0] = len(blocks)
    return reading.page()


# Where a word may be broken, and marks of width zero: they part no words.
_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]")

_BOX, _LINK, _BOLD, _NOTHING, _NEVER = range(5)
_UNDO = (
    dict.fromkeys(_INLINE, _NOTHING)
    | dict.fromkeys(_NEVER_TEXT, _NEVER)
    | {"a": _LINK, "b": _BOLD, "strong": _BOLD}
)


class _Reading:
    """A page as far as it has been read."""

    def __init__(self, body: LexborNode) -> None:
        self.blocks: list[Block] = []
        self.parents, self.tags, self.starts, self.ends = [-1], ["body"], [0], [0]
        self.names, self.hidden = [_told(body.attributes)[0]], [False]
        self._kinds = ["div"]

    def end_block(
        self, line: list[str], box: int, waiting: list[LexborNode], linked: int, bold: int
    ) -> int:
        """Keep what was read as a block, where it is one; return the number of its box.

        The boxes around it that have waited for a block are numbered now, and are no longer waiting.
        """
        text = "".join(line)
        if not text.isascii() and _UNSEEN.search(text):
            text = _UNSEEN.sub("", text)
        text = " ".join(text[:_LONGEST_BLOCK].split())
        if not text or len(self.blocks) >= _MOST_BLOCKS:
            return box
        for node in waiting:
            box = self._number(node, box)
        waiting.clear()
        self.blocks.append(
            Block(text, self._kinds[box], box, min(linked, len(text)), bold > 0.8 * len(text))
        )
        return box

    def _number(self, node: LexborNode, parent: int) -> int:
        tag, attributes = node.tag or "", node.attributes
        name, hidden = _told(attributes) if attributes else ("", False)
        self.parents.append(parent)
        self.tags.append(tag)
        self.names.append(name)
        self.hidden.append(hidden)
        self.starts.append(len(self.blocks))
        self.ends.append(len(self.blocks))
        self._kinds.append(_KIND_OF.get(tag, self._kinds[parent]))
        return len(self.parents) - 1

    def page(self) -> Page:
        return Page(
            self.blocks, self.parents, self.tags, self.names, self.hidden, self.starts, self.ends
        )
