"""The body of an article: the blocks of its container that are text, in order.

Each rule below takes blocks out and says why; the first that applies counts. Blocks that stand in a
column of the text stay unless a rule speaks against them, those beside it have to be text themselves.
What each rule is worth is measured in ``docs/extraction.md``.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence

import attrs

from newsbot.extraction.blocks import Page
from newsbot.extraction.container import (
    GOOD,
    HEADINGS,
    LISTS,
    ROWS,
    Place,
    box_around,
    find_text,
    fold,
    weight,
)
from newsbot.extraction.names import is_lead
from newsbot.extraction.phrases import (
    LONGEST_LINE,
    ends_text,
    is_credit,
    is_label,
    is_notice,
    sends_elsewhere,
)

# A time of day, a few letters before it ("um", "at") or none, and no date.
_CLOCK = re.compile(
    r"\W{0,3}(?:[^\W\d]{1,6}\W{1,2})?\d{1,2}\s?[:.h時点]\s?\d{2}(?!\d|[.:/-]\d{2,4})"
)
_LONGEST_TIME = 30
_FINISHED = re.compile(r"[.!?。！？؟۔…।][\"”»“’')\]]*\s*$")
_PROSE = frozenset("p blockquote pre".split())
_MOST_CAPTIONS = 50

# A block of which more is links than this is a link; a list of which more is, a list of links, and
# below the text rather less.
_LINK, _MENU, _MENU_BELOW = 0.8, 0.5, 0.25
# The share of a box's text that must be good for its short lines to stay.
_GOOD_BOX = 0.5
# A notice as long as this is none inside the text, unless it has a link.
_SHORT_NOTICE = 120
# The text does not end where more than this share of it follows.
_REST = 0.25
# A link and what is said of it: characters and blocks in all, and of the link at least.
# Of a heading less need be a link.
_TEASER, _TEASER_BLOCKS, _TEASER_LINK, _TEASER_HEADING = 800, 6, 20, 0.4
# Blocks between headline and text that may lead into it, and characters that a lead has at least.
_FAR, _LEADS, _LEAD = 40, 3, 50


@attrs.frozen
class Body:
    """What was read of a page's text.

    ``paragraphs`` are the text, in order; ``captions`` what stands below its pictures. ``dropped`` are
    the blocks of the container that were left out, each with why. ``characters`` is the length of what
    is surely text.
    """

    paragraphs: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    dropped: tuple[tuple[str, str], ...] = ()
    characters: float = 0.0


@attrs.frozen
class _Scene:
    """What the rules know: the place, its first and last paragraph, lists and shares."""

    place: Place
    begin: int
    first: int
    last: int
    behind: frozenset[int]
    _shares: dict[int, tuple[float, float]] = attrs.field(factory=dict)

    def shares(self, box: int) -> tuple[float, float]:
        """Return how much of a box's text is good, and how much of it is links."""
        if box not in self._shares:
            start, end = self.place.page.starts[box], self.place.page.ends[box]
            inside = self.place.page.blocks[start:end]
            length = max(sum(len(block.text) for block in inside), 1)
            good = sum(value for value in self.place.values[start:end] if value > 0)
            self._shares[box] = (good / length, sum(block.linked for block in inside) / length)
        return self._shares[box]

    def inside(self, at: int) -> bool:
        return self.place.columns[at] >= 0

    def is_surely_text(self, at: int) -> bool:
        """Say whether a block is a long paragraph amid the text: no rule speaks against such."""
        block = self.place.page.blocks[at]
        return (
            block.kind == "p"
            and len(block.text) > LONGEST_LINE
            and not block.linked
            and self.between(at)
            and self.inside(at)
            and at >= self.begin
            and at not in self.behind
            and self.place.values[at] >= GOOD
            and not self.place.outside[at]
        )

    def between(self, at: int) -> bool:
        return self.first < at < self.last


def begins_with_time(line: str) -> bool:
    """Say whether a line begins with a time of day, as the entries of a live blog do."""
    return _CLOCK.match(line) is not None


def _is_time(line: str) -> bool:
    return len(line) <= _LONGEST_TIME and begins_with_time(line)


def read_body(
    page: Page,
    *,
    titles: Sequence[str] = (),
    description: str = "",
    live: bool = False,
    without: Collection[str] = (),
) -> Body:
    """Return the body of a page; no paragraphs where none can be told.

    ``titles`` are the headlines that the page states and ``description`` what it says of itself.
    ``live`` says that it is a live blog: its entries and their times stay.
    ``without`` names rules to leave out, to measure what they are worth.
    """
    if not page.blocks:
        return Body()
    headlines = frozenset(map(fold, titles)) - {""}
    place = find_text(page, headlines)
    skipped = frozenset(without) | (_NOT_LIVE if live else frozenset())
    rules = [rule for rule in RULES if rule[0] not in skipped]
    scene = _scene(place)
    why = [*place.outside]
    for at in range(place.start, place.end):
        if not why[at] and not scene.is_surely_text(at):
            why[at] = next((name for name, rule in rules if rule(scene, at)), "")
        if live and why[at] in _LOST_TIMES and _is_time(page.blocks[at].text):
            why[at] = ""
    if "heads nothing" not in without:
        _drop_lone_headings(place, why)
    leads = [] if "lead" in without else list(_leads(place, fold(description)[:60]))
    kept = [*leads, *(at for at in range(place.start, place.end) if not why[at])]
    return Body(
        paragraphs=tuple(_paragraphs(page, kept)),
        captions=tuple(_captions(place)),
        dropped=tuple(
            (page.blocks[at].text, why[at]) for at in range(place.start, place.end) if why[at]
        ),
        characters=sum(max(place.values[at], 0.0) for at in kept),
    )


def _scene(place: Place) -> _Scene:
    start, end = place.start, place.end
    main = [at for at in range(start, end) if place.columns[at] >= 0 and place.values[at] >= GOOD]
    first, last = (main[0], main[-1]) if main else (start, end - 1)
    begin = 1 + _last_headline(place, start, min(first + 1, end))
    return _Scene(
        place=place,
        begin=begin or start,
        first=first,
        last=last,
        behind=frozenset(_behind(place)),
    )


def _last_headline(place: Place, start: int, end: int) -> int:
    """Return the last block of a range that is a headline; -1 where there is none."""
    heads = [at for at in range(start, end) if place.page.blocks[at].kind == "h1"]
    heads += [at for at in place.titled if start <= at < end]
    return max(heads, default=-1)


def _behind(place: Place) -> Iterator[int]:
    """Yield the blocks behind a heading that ends the text, to the end of its box.

    Most of the text cannot be behind it; and a heading of the text's own column goes on with it.
    """
    page, start, end = place.page, place.start, place.end
    left = [0.0] * (len(page.blocks) + 1)
    for at in reversed(range(start, end)):
        value = place.values[at]
        left[at] = left[at + 1] + (value if value > 0 else 0.0)
    until = -1
    for at in range(start, end):
        block = page.blocks[at]
        heading = block.kind in HEADINGS
        if place.outside[at]:
            if at < until:
                yield at
        elif (heading or block.bold or place.values[at] <= 0) and ends_text(block.text):
            box_end = min(page.ends[box_around(page, at)], end)
            if left[at] - left[box_end] < _REST * left[start]:
                until = max(until, box_end)
            yield at
        elif heading and place.columns[at] >= 0 and block.link_share < 0.5:
            until = -1
        elif at < until:
            yield at


def _list_around(page: Page, at: int) -> int:
    """Return the outermost list or table around a block within its column; -1 where there is none."""
    box, found = page.blocks[at].box, -1
    while box >= 0 and (page.ends[box] - page.starts[box] == 1 or page.tags[box] in ROWS):
        if page.tags[box] in LISTS:
            found = box
        box = page.parents[box]
    return found


# The rules, in order


def _above(scene: _Scene, at: int) -> bool:
    return at < scene.begin


def _is_headline(scene: _Scene, at: int) -> bool:
    return scene.place.page.blocks[at].kind == "h1"


def _is_behind(scene: _Scene, at: int) -> bool:
    return at in scene.behind


def _sends_elsewhere(scene: _Scene, at: int) -> bool:
    block = scene.place.page.blocks[at]
    return sends_elsewhere(block.text, block.link_share)


def _is_label(scene: _Scene, at: int) -> bool:
    return is_label(scene.place.page.blocks[at].text)


def _is_credit(scene: _Scene, at: int) -> bool:
    return is_credit(scene.place.page.blocks[at].text)


def _is_notice(scene: _Scene, at: int) -> bool:
    block = scene.place.page.blocks[at]
    exposed = len(block.text) < _SHORT_NOTICE or block.linked > 0
    return (exposed or not scene.first <= at <= scene.last) and is_notice(block.text)


def _is_teaser(scene: _Scene, at: int) -> bool:
    """Beside the column, a block that stands with a link, which is its headline, and little else."""
    page = scene.place.page
    if scene.inside(at) or scene.place.values[at] <= 0:
        return False
    box = box_around(page, at)
    if page.ends[box] - page.starts[box] > _TEASER_BLOCKS:
        return False
    inside = page.blocks[page.starts[box] : page.ends[box]]
    return sum(len(block.text) for block in inside) < _TEASER and any(
        block.link_share > (_TEASER_HEADING if block.kind in HEADINGS else _LINK)
        and len(block.text) > _TEASER_LINK
        for block in inside
    )


def _is_list_of_links(scene: _Scene, at: int) -> bool:
    page = scene.place.page
    if page.blocks[at].kind in HEADINGS:
        return False
    box = _list_around(page, at)
    return box >= 0 and scene.shares(box)[1] > (_MENU_BELOW if at > scene.last else _MENU)


def _is_link(scene: _Scene, at: int) -> bool:
    block = scene.place.page.blocks[at]
    if block.link_share <= _LINK or scene.place.values[at] > 0:
        return False
    if _list_around(scene.place.page, at) >= 0:
        return False
    if block.kind in HEADINGS:
        return not scene.inside(at)
    finished = _FINISHED.search(block.text) is not None
    return not (scene.between(at) and scene.inside(at) and finished)


def _is_stray(scene: _Scene, at: int) -> bool:
    block = scene.place.page.blocks[at]
    if block.kind in HEADINGS or scene.place.values[at] > 0:
        return False
    page = scene.place.page
    if not scene.inside(at) and scene.shares(box_around(page, at))[0] < _GOOD_BOX:
        return True
    if scene.between(at) or _list_around(page, at) >= 0:
        return False
    return not (at > scene.last and scene.inside(at) and block.kind in _PROSE)


# Rules that would take a live blog's entries for what leads to other texts.
_NOT_LIVE = frozenset({"teaser", "link", "list of links"})
# What a time that stands by itself above its entry is taken for.
_LOST_TIMES = frozenset({"stray line", "byline"})

Rule = Callable[[_Scene, int], bool]
RULES: tuple[tuple[str, Rule], ...] = (
    ("above the headline", _above),
    ("headline", _is_headline),
    ("behind the text", _is_behind),
    ("sends elsewhere", _sends_elsewhere),
    ("label", _is_label),
    ("picture credit", _is_credit),
    ("notice", _is_notice),
    ("teaser", _is_teaser),
    ("list of links", _is_list_of_links),
    ("link", _is_link),
    ("stray line", _is_stray),
)


def _drop_lone_headings(place: Place, why: list[str]) -> None:
    """Take headings out behind which no text follows before the next."""
    follows = False
    for at in reversed(range(place.start, place.end)):
        kind = place.page.blocks[at].kind
        if kind in HEADINGS:
            if not why[at] and not follows:
                why[at] = "heads nothing"
            follows = follows and kind not in ("h1", "h2")
        elif not why[at]:
            follows = True


def _leads(place: Place, description: str) -> Iterator[int]:
    """Yield the blocks between headline and container that lead into the text."""
    page = place.page
    headline = _last_headline(place, 0, place.start)
    if headline < 0 or place.start - headline > _FAR:
        return
    count = 0
    for at in range(headline + 1, place.start):
        block = page.blocks[at]
        if place.outside[at] or block.link_share > 0.4 or count == _LEADS:
            continue
        told = len(description) > 30 and fold(block.text)[:60] == description
        called = len(block.text) >= _LEAD and (
            place.values[at] > 0 or is_lead(page.names[block.box])
        )
        if told or (called and not is_notice(block.text)):
            count += 1
            yield at


def _captions(place: Place) -> list[str]:
    found = (
        block.text
        for block, why in zip(place.page.blocks, place.outside, strict=True)
        if why == "caption"
    )
    return list(dict.fromkeys(found))[:_MOST_CAPTIONS]


def _paragraphs(page: Page, kept: Sequence[int]) -> Iterator[str]:
    """Yield the texts of blocks, the cells of a table's row on one line."""
    cells: list[str] = []
    row = -1
    rows: dict[int, int] = {}
    for at in kept:
        block = page.blocks[at]
        own = _row_of(page, at, rows) if block.kind in ("td", "th") else -1
        if cells and own != row:
            yield " | ".join(cells)
            cells = []
        row = own
        if own >= 0:
            cells.append(block.text)
        else:
            yield block.text
    if cells:
        yield " | ".join(cells)


def _row_of(page: Page, at: int, known: dict[int, int]) -> int:
    """Return the table row that a block stands in; -1 where that is a layout's and not a table's."""
    box = page.blocks[at].box
    while box >= 0 and page.tags[box] != "tr":
        box = page.parents[box]
    if box >= 0 and box not in known:
        inside = page.blocks[page.starts[box] : page.ends[box]]
        known[box] = box if all(weight(block.text) < 200 for block in inside) else -1
    return known[box] if box >= 0 else -1
