"""The dates that a page shows its readers: marked elements, datelines at the headline, first lines.

A page shows many dates, and all but one or two are those of other articles, of comments, of events.
What tells them apart is where they stand: in which part of the page, how near to the headline and on
which side of it, in an element that is named for a date, behind a label that says what it is the
date of, alone on a line or within a sentence. Each adds to the trust, or takes from it.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

import attrs
from selectolax.lexbor import LexborNode

from newsbot.extraction.date_labels import label_of
from newsbot.extraction.page_parts import PageParts, name_of, text_within
from newsbot.extraction.page_tree import PageTree
from newsbot.extraction.told_dates import Of, Told, kind_of_name

# Nodes of a page that are walked, dates of it that are weighed, letters of a text that are looked at.
_NODES = 60_000
_MOST = 50
_OPENING = 600
_LINE = 120
_UNSEEN_TAGS = frozenset(("script", "style", "noscript", "template", "textarea", "option", "title"))
_TELLING = frozenset(("-text", "time", "abbr"))
_SHORTEST = 4
# Nodes behind the headline, and before it, that are near.
_BEHIND, _BEFORE = 60, 30
_LESSER_HEADINGS = frozenset(("h2", "h3", "h4"))
_HEADINGS = ("h1", "h2", "h3")

# An element that is named for a date, in the words that templates use: English ones mostly, whatever the
# language of the site.
_NAMED = re.compile(
    r"date|datum|datestamp|fecha|(?:^|[\s_-])data(?:$|[\s_-])|publi|posted|pubdate|parution|erschein"
    r"|time(?!line|out|r)|timestamp|tarih|zeit|clock|dateline|tid(?:$|[\s_-])|dato"
)
# A line that may hold a date: a year, three numbers, a number beside a word. Asked only where there
# is a digit at all.
_DATE_LIKE = re.compile(
    r"(?<!\d)(?:(?:19|20|1[34]|25)\d\d(?!\d)|[\u0660-\u0669\u06f0-\u06f9]{4}"
    r"|\d\d?\s?[./-]\s?\d\d?\s?[./-]\s?\d\d(?!\d)|\d\d?\s?[月월]|\d\d?\s?(?:h|m|d|min)\b"
    r"|(?<![.,:])\d\d?(?:\.|st|nd|rd|th)?,?\s+(?:de\s+)?[^\W\d_]{3}"
    r"|(?<=[^\W\d_]\s)\d\d?(?![\d%])|(?<=[^\W\d_]\.\s)\d\d?(?![\d%]))"
)
_DIGIT = re.compile(r"\d")
_DIGITS = re.compile(r"\d+")
_YEAR = re.compile(r"(?<!\d)(?:(?:19|20|13|14|25)\d\d|[\u0660-\u0669\u06f0-\u06f9]{4})(?!\d)")
_SHORT_YEAR = re.compile(r"\d\s?[./-]\s?\d\d?\s?[./-]\s?\d\d(?!\d)")

# What each property of a place adds to the trust in the date that it shows.
_BASE = 40
_MARKED = 8
_NAMED_ADDS = 9
_BEHIND_HEADLINE = 8
_BEFORE_HEADLINE = 4
_LABELLED = 5
_CALLED_PUBLISHED = 6
_WITHOUT_YEAR = -12
_WITHIN_SENTENCE = -14
# Dates in more than so many places of one kind are those of a list.
_REPEATED = 2
_AMONG_ITS_LIKE = -8


@attrs.frozen
class _Shown:
    """A node that shows what looks like a date, its place in the page's order, and the text."""

    node: LexborNode
    index: int
    text: str


@attrs.frozen
class _Placed:
    """What is shown, its element, the names of that and of those around it, and the kind of place."""

    shown: _Shown
    element: LexborNode
    name: str
    around: list[str]
    kind: str


def shown_dates(tree: PageTree, headline: LexborNode | None) -> Iterator[Told]:
    """Yield the dates that the page shows, each with the trust that its place earns."""
    if tree.body is None:
        return
    at = 0
    shown: list[_Shown] = []
    wanted = headline.mem_id if headline is not None else 0
    for index, node in enumerate(islice(tree.body.traverse(include_text=True), _NODES)):
        tag = node.tag
        if tag in _TELLING:
            text = _date_like(node, tag)
            if text:
                shown.append(_Shown(node, index, text))
        elif not at and wanted and tag in _HEADINGS and node.mem_id == wanted:
            at = index
    yield from _told(shown, at, headline)


def dates_at_headline(headline: LexborNode | None) -> Iterator[Told]:
    """Yield the dates shown right before and behind the headline: a part of the above, and quick."""
    if headline is None:
        return
    found: list[_Shown] = []
    for sign, nodes in (
        (1, islice(_behind(headline), _BEHIND)),
        (-1, islice(_before(headline), _BEFORE)),
    ):
        for index, node in enumerate(nodes, 1):
            if sign > 0 and _is_another_headline(node):
                break
            text = _date_like(node, node.tag)
            if text:
                found.append(_Shown(node, sign * index, text))
    yield from _told(found, 0, headline)


def _is_another_headline(node: LexborNode) -> bool:
    """Say whether a node is a heading that leads to another article."""
    if node.tag not in _LESSER_HEADINGS:
        return False
    return (node.parent is not None and node.parent.tag == "a") or node.css_first(
        "a[href]"
    ) is not None


def _behind(node: LexborNode) -> Iterator[LexborNode]:
    """Yield what follows a node's end in the page's order."""
    current: LexborNode | None = node
    while current is not None:
        following = current.next
        while following is not None:
            yield following
            current, following = following, following.child or following.next
        current = current.parent


def _before(node: LexborNode) -> Iterator[LexborNode]:
    """Yield what stands before a node in the page's order, the nearest first."""
    current: LexborNode | None = node
    while current is not None:
        previous = current.prev
        if previous is None:
            current = current.parent
            continue
        while previous.last_child is not None:
            previous = previous.last_child
        yield previous
        current = previous


def _told(shown: list[_Shown], at: int, headline: LexborNode | None) -> Iterator[Told]:
    parts = PageParts(headline)
    shown.sort(key=lambda each: each.index - at if each.index >= at else 3 * (at - each.index))
    placed = [each for each in map(_placed, shown[:_MOST]) if each is not None]
    alike = Counter(each.kind for each in placed)
    for each in placed:
        trust = _trust(each, parts)
        if headline is not None:
            trust += _nearness(each.shown.index - at)
        if alike[each.kind] > _REPEATED:
            trust += _AMONG_ITS_LIKE
        if each.shown.node.is_text_node:
            yield from _printed(each.element, " ".join(each.shown.text.split()), trust)
        else:
            yield _marked(each.element, each.shown.text, trust)


def microdata_dates(tree: PageTree, headline: LexborNode | None) -> Iterator[Told]:
    """Yield the dates of elements, other than ``<time>``, that hold one as microdata or RDFa."""
    found = []
    for node in tree.css('[itemprop*="date" i],[property*="date" i]')[:_MOST]:
        attributes = node.attributes
        if node.tag not in ("time", "abbr", "meta"):
            stated = attributes.get("content") or text_within(node, 8)
            if _DIGIT.search(stated):
                found.append(_Shown(node, 0, stated[:_LINE]))
    yield from _told(found, 0, headline)


def _placed(shown: _Shown) -> "_Placed | None":
    element = shown.node.parent if shown.node.is_text_node else shown.node
    if element is None or element.tag in _UNSEEN_TAGS:
        return None
    own, around = name_of(element), _names_around(element)
    kind = _DIGITS.sub("", f"{shown.node.tag} {element.tag} {own} {' '.join(around[:1])}")
    return _Placed(shown, element, own, around, kind)


def _date_like(node: LexborNode, tag: str | None) -> str:
    """Return what a node shows, where that may be a date; else ""."""
    if tag == "-text":
        text = node.text_content
    elif tag in _TELLING:
        attributes = node.attributes
        text = attributes.get("datetime") or attributes.get("title")
    else:
        return ""
    if text and len(text) >= _SHORTEST and _DIGIT.search(text, 0, _OPENING):
        for run in _DIGITS.finditer(text, 0, _OPENING):
            if _DATE_LIKE.match(text, run.start()):
                return text[:_OPENING]
    return ""


def _trust(placed: "_Placed", parts: PageParts) -> int:
    trust, element, around = _BASE, placed.element, placed.around
    if element.tag == "time":
        trust += _MARKED
    if _NAMED.search(placed.name) or (around and _NAMED.search(around[0])):
        trust += _NAMED_ADDS
    return trust - parts.foreignness(element)


def _names_around(element: LexborNode) -> list[str]:
    """Return the names of the two elements around one."""
    names: list[str] = []
    above = element.parent
    while above is not None and len(names) < 2 and above.tag not in ("body", "html", "-document"):
        names.append(name_of(above))
        above = above.parent
    return names


def _nearness(distance: int) -> int:
    """Return what it adds to stand so many nodes behind the headline, or before it."""
    if 0 <= distance <= 60:
        return _BEHIND_HEADLINE - distance // 12
    return _BEFORE_HEADLINE if -30 <= distance < 0 else 0


def _marked(element: LexborNode, text: str, trust: int) -> Told:
    """Return the date in an attribute of ``<time>`` or ``<abbr>``."""
    attributes = element.attributes
    name = attributes.get("itemprop") or attributes.get("property") or attributes.get("class")
    kind = kind_of_name(name or "")
    if element.tag != "time":
        trust += _MARKED
    if "pubdate" in attributes or kind == "published":
        trust += _CALLED_PUBLISHED
    of: Of = "modified" if kind == "modified" else "published"
    if not kind and element.parent is not None:
        printed = text_within(element, 8) or text
        of, _, _ = label_of(_line_of(element.parent, printed), printed)
    source = f"{element.tag} {name or 'element'}"[:60]
    return Told(of, source, text, trust, is_shown=True)


def _printed(element: LexborNode, text: str, trust: int) -> Iterator[Told]:
    """Yield the dates of a text: those within its sentences, or the one that the line tells."""
    if len(text) > _LINE:
        for match in islice(_YEAR.finditer(text), 3):
            window = text[max(0, match.start() - 28) : match.end() + 8]
            yield Told("published", "text", window, trust + _WITHIN_SENTENCE, is_shown=True)
        return
    if not (_YEAR.search(text) or _SHORT_YEAR.search(text)):
        trust += _WITHOUT_YEAR
    line = _line_of(element, text)
    of, own, labelled = label_of(line, text)
    trust += _LABELLED if labelled else 0
    yield Told(of, "dateline", own, trust, is_shown=True)
    if line != text:
        yield Told(of, "dateline", line, trust - 1, is_shown=True)


def _line_of(element: LexborNode, text: str) -> str:
    """Return the line that a text is a part of: what stands beside it in the elements around."""
    line = text
    for _ in range(2):
        if element.tag in ("body", "html") or element.parent is None:
            break
        wider = text_within(element, 24)
        if len(wider) > _LINE:
            break
        line = wider
        if len(line) > len(text) + 4 and _YEAR.search(line):
            break
        element = element.parent
    return line
