"""Where on a page the text of its article stands.

Every block is worth as many characters as it seems to be text, and less than nothing where it is
links or a stray word. Boxes that are something else by tag or name take their blocks out, unless the
headline or most of the text stands in them. The *container* is the smallest box that holds nearly all
that is left; in it, *columns* are the boxes whose children the paragraphs are.
"""

import re
from collections.abc import Collection, Sequence
from itertools import accumulate

import attrs

from newsbot.extraction.blocks import Block, Page
from newsbot.extraction.names import is_text, purpose

_NOT_WORDS = re.compile(r"\W+")
_ASCII_NOT_WORDS = {
    code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")
}
_SENTENCE = re.compile(r"[.!?。！？؟۔…:；;।][\"”»“’')\]]*\s*$|[.!?。！？؟۔।]\s")
_WIDE = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)

HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
LISTS = frozenset("ul ol dl table".split())
# Boxes that are rows of the column they stand in, however many blocks they hold.
ROWS = (
    LISTS
    | HEADINGS
    | frozenset("p li dt dd thead tbody tfoot tr td th blockquote pre font center".split())
)
_ITEMS = frozenset("li td th dt dd pre blockquote".split())
_PROSE = frozenset("p blockquote pre".split())

# What tags are for, and those that are text even where they stand in something else.
_TAGS = {
    "noscript": "hidden",
    "aside": "related",
    "figcaption": "caption",
    "figure": "caption",
    "footer": "page frame",
    "dialog": "widget",
}
_TEXT_ANYWHERE = frozenset({"blockquote", "table", "pre"})
_HARMLESS = frozenset({"caption", "share", "widget"})
# What nobody calls the box of an article's text.
_CERTAIN = frozenset({"consent", "comments", "newsletter"})
# What is wrapped around a text now and then, for a script to find it: four paragraphs are text.
_LOOSE = frozenset({"share", "widget", "byline", "tags", "caption", "hidden", "page frame"})
_MANY = 4
_TABLE_PARTS = frozenset("table thead tbody tfoot tr td th".split())

# What a block is worth from which it is a paragraph; and a long one.
GOOD, LONG = 40.0, 80.0
# What a page must have left, in characters, once its frame is taken out.
ENOUGH = 250.0
_SHORT, _LINE, _LINKS = 25, 80, 0.6
# Shares: of the page's text that a box may not hold to be taken out; that the container must hold,
# that a box called the text must; that a column must of the container.
_MOST, _NEARLY_ALL, _CALLED, _BEGINNING, _COLUMN = 0.5, 0.9, 0.75, 0.2, 0.15


@attrs.frozen
class Place:
    """Where the text stands: the container's blocks ``[start, end)``, and what was told of each block.

    Lists are by the number of a block on the page: ``values`` in characters, ``outside`` why its box
    says that it is no text ("" where it does not), ``columns`` the column it stands in or -1.
    ``titled`` are the blocks that say the headline.
    """

    page: Page
    start: int
    end: int
    headline: int
    titled: Sequence[int]
    values: Sequence[float]
    outside: Sequence[str]
    columns: Sequence[int]


def find_text(page: Page, headlines: Collection[str]) -> Place:
    """Return where the text of a page stands; ``headlines`` are its stated titles, folded."""
    own = [_value(block) for block in page.blocks]
    titled = _titled(page, headlines)
    headline = _headline(page, titled)
    outside = _outside(page, own, headline)
    values = [0.0 if why else value for value, why in zip(own, outside, strict=True)]
    box = _container(page, values, headline)
    return Place(
        page=page,
        start=page.starts[box],
        end=page.ends[box],
        headline=headline,
        titled=titled,
        values=values,
        outside=outside,
        columns=_columns(page, box, values),
    )


def fold(text: str) -> str:
    """Return a text's words alone, to compare by."""
    if text.isascii():
        return " ".join(text.lower().translate(_ASCII_NOT_WORDS).split())
    return _NOT_WORDS.sub(" ", text).strip().casefold()


def weight(text: str) -> int:
    """Return the length of a text; a letter of a script without spaces says as much as two others."""
    return len(text) if text.isascii() else len(text) + len(_WIDE.findall(text))


def box_around(page: Page, at: int) -> int:
    """Return the smallest box that holds a block and others."""
    box = page.blocks[at].box
    while page.parents[box] >= 0 and page.ends[box] - page.starts[box] == 1:
        box = page.parents[box]
    return box


def _value(block: Block) -> float:
    length = weight(block.text)
    share = block.linked / len(block.text) if block.linked else 0.0
    if share > _LINKS:
        return -length / 2 if block.kind != "p" or length < _LINE else 0.0
    if block.kind in _ITEMS and length < _LINE and share < 0.3:
        return 0.2 * length
    if length < _SHORT:
        return -5.0
    if block.kind in HEADINGS:
        return 0.0
    sentence = _SENTENCE.search(block.text) is not None
    if length < _LINE and not sentence:
        return 0.0
    factor = (1.0 if block.kind in _PROSE else 0.8) * (1.0 if sentence else 0.5)
    return length * factor * (1 - share)


def _titled(page: Page, headlines: Collection[str]) -> list[int]:
    """Return the blocks that say what the page says is its headline."""
    longest = 2 * max(map(len, headlines), default=0)
    shortest = min(map(len, headlines), default=1)
    return [
        at
        for at, block in enumerate(page.blocks)
        if shortest <= len(block.text) <= longest and fold(block.text) in headlines
    ]


def _headline(page: Page, titled: Sequence[int]) -> int:
    """Return the block that is the headline: what the page says is, else the first h1; or -1."""
    said = next((at for at in titled if page.blocks[at].kind == "h1"), titled[0] if titled else -1)
    if said >= 0:
        return said
    return next((at for at, block in enumerate(page.blocks) if block.kind == "h1"), -1)


def _outside(page: Page, values: Sequence[float], headline: int) -> list[str]:
    """Return for each block why its boxes say that it is no text; "" where they do not.

    A page whose names leave next to nothing is asked again by what is certain, and then by nothing.
    """
    total = sum(value for value in values if value > 0)
    for by_name in (True, False):
        reasons = _reasons(page, values, headline, by_name=by_name)
        outside = [reasons[block.box] for block in page.blocks]
        left = sum(
            value for value, why in zip(values, outside, strict=True) if value > 0 and not why
        )
        if left >= min(ENOUGH, _MOST * total):
            return outside
    return [""] * len(values)


def _reasons(page: Page, values: Sequence[float], headline: int, *, by_name: bool) -> list[str]:
    """Return for each box why it is no text of the article."""
    sums = [0.0, *accumulate([value if value > 0 else 0.0 for value in values])]
    paragraphs = [
        0,
        *accumulate(
            [
                value >= LONG and block.kind == "p"
                for value, block in zip(values, page.blocks, strict=True)
            ]
        ),
    ]
    most = _MOST * sums[-1]
    reasons: list[str] = []
    for parent, tag, name, hidden, start, end in zip(
        page.parents, page.tags, page.names, page.hidden, page.starts, page.ends, strict=True
    ):
        why = reasons[parent] if parent >= 0 else ""
        if why:
            if why in _HARMLESS and tag in _TEXT_ANYWHERE:
                why = ""
        elif not start <= headline < end:  # what holds the headline is no part of the frame
            told = purpose(name) if name else ""
            if told and not by_name and told not in _CERTAIN:
                told = ""
            own = _TAGS.get(tag) or told or ("hidden" if hidden else "")
            if own:
                loose = own in _LOOSE and (
                    tag in _TABLE_PARTS or paragraphs[end] - paragraphs[start] >= _MANY
                )
                certain = own in _CERTAIN or (hidden and told)
                if not loose and (certain or sums[end] - sums[start] <= most):
                    why = own
        reasons.append(why)
    return reasons


def _container(page: Page, values: Sequence[float], headline: int) -> int:
    """Return the box that holds the text: the smallest that has nearly the most of it.

    A box that is called the text, and begins where the headline ends, may have much less.
    """
    sums = [0.0, *accumulate(values)]
    good = [0, *accumulate(value >= GOOD for value in values)]
    worth = [sums[end] - sums[start] for start, end in zip(page.starts, page.ends, strict=True)]
    most = max(worth, default=0.0)
    if most <= 0:
        return 0
    chosen = -1
    for box, value in enumerate(worth):
        if (
            value <= _BEGINNING * most
            or (chosen >= 0 and value <= worth[chosen])
            or not page.names[box]
            or page.tags[box] in ROWS
            or not is_text(page.names[box])
        ):
            continue
        start = page.starts[box]
        begins = (
            value > ENOUGH
            and 0 <= headline < page.ends[box]
            and good[start] - good[min(headline, start)] <= 2
        )
        if begins or value > _CALLED * most:
            chosen = box
    if chosen >= 0:
        return _whole(page, chosen, worth)
    best = 0
    for box, value in enumerate(worth):
        if value >= _NEARLY_ALL * most:
            size = page.ends[box] - page.starts[box]
            if size <= page.ends[best] - page.starts[best]:
                best = box
    return best


def _whole(page: Page, chosen: int, worth: Sequence[float]) -> int:
    """Return the box that holds all that is called the same: parts of one text."""
    name = page.names[chosen]
    same = [box for box, named in enumerate(page.names) if named == name and worth[box] > 0]
    first, last = same[0], same[-1]
    while page.ends[first] < page.ends[last]:
        first = page.parents[first]
    return first


def _columns(page: Page, container: int, values: Sequence[float]) -> list[int]:
    """Return for each block of the page the column that it stands in, or -1.

    That is the box above it that holds more than this block, its paragraph, its list; it is a column
    if a good part of the container's text stands in it so.
    """
    above = [-1] * len(page.blocks)
    held: dict[int, float] = {}
    # What holds one block alone, or is a row, stands in the column around it.
    column = list(range(len(page.parents)))
    for box in range(container + 1, len(column)):
        start, end = page.starts[box], page.ends[box]
        if start >= page.ends[container]:
            break
        if end - start == 1 or page.tags[box] in ROWS:
            column[box] = column[page.parents[box]]
    for at in range(page.starts[container], page.ends[container]):
        box = column[page.blocks[at].box]
        above[at] = box
        held[box] = held.get(box, 0.0) + (values[at] if values[at] > 0 else 0.0)
    least = _COLUMN * sum(held.values())
    return [box if box >= 0 and held[box] >= least else -1 for box in above]
