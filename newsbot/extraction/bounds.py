"""Markup within what a parser bears: tame pages pass as they are, others lose what no page needs.

The tree that the HTML standard describes can cost the square of a page, by three ways: elements that
nest a hundred thousand deep (each start tag looks through all that are open), formatting elements
that are never closed (each paragraph opens all of them again), and tags with very many attributes
(each is compared with all before). Browsers cut the first at 512 elements and bear with the others
in a process of their own. Here tags beyond each bound are left out and what they enclose stays; and
a page has a bounded number of tags, since each is an object in memory.
"""

import re

# A page is looked through when it is as long as this, has as many tags, or as many of them that are
# not closed, or a tag so long of so many parts. Of 705 labelled news pages the most has 19,629 tags,
# and 1,811 unclosed.
_LONG_PAGE, _MANY_TAGS, _MANY_UNCLOSED, _LONG_TAG, _MANY_PARTS = 2_000_000, 20_000, 6000, 8192, 2000
# Formatting elements with attributes, times tags: as many elements a page may cost where each is
# opened again by each. (Without attributes three of a kind are, at most.) News pages have up to 126.
# Every page is asked: the sets of letters in front let go of most tags at once.
_NAME = (
    rb"[bBcCeEfFiInNsStTuU](?i:(?<=[bisu])|(?<=e)m|(?<=t)t|(?<=b)ig|(?<=c)ode|(?<=f)ont|(?<=n)obr"
    rb"|(?<=s)(?:mall|trike|trong))"
)
_FORMATTED = re.compile(rb"<%s[ \t\n\f\r/][^>]" % _NAME)
_FORMATTING_TAG = re.compile(rb"</?%s[ \t\n\f\r/>]" % _NAME)
_MANY_REOPENED = 500_000
# Open elements at a time (Chromium: 512), attributes of a tag, and how often in all formatting
# elements are opened again.
_DEEPEST, _MOST_ATTRIBUTES, _MOST_REOPENED = 400, 100, 100_000
# Start tags of a page; each costs some 300 bytes of memory.
_MOST_TAGS = 100_000

_VOID = frozenset(
    "area base br col embed hr img input link meta param source track wbr frame keygen".split()
)
# Elements that the next of their kind closes: they nest only in others, which are counted.
_CLOSED_BY_NEXT = frozenset(
    "p li dt dd td th tr tbody thead tfoot colgroup option optgroup rb rt rp rtc html head body".split()
)
# HTML Living Standard, 13.2.4.3: the list of active formatting elements.
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())
# 13.1.2: elements of raw text, and those that a parser without scripts reads so.
_RAW = frozenset("script style textarea title xmp iframe noembed noframes".split())

# 13.2.5.32-38: an attribute, a tag, a comment.
_ATTRIBUTE = re.compile(
    r"[ \t\n\f\r/]*+[^ \t\n\f\r/>][^ \t\n\f\r/>=]*+"
    r"""(?:[ \t\n\f\r]*+=[ \t\n\f\r]*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^ \t\n\f\r>"'][^ \t\n\f\r>]*+)?+)?+"""
)
_TAG = re.compile(
    rf"<(?:(/?)([a-zA-Z][^ \t\n\f\r/>]*+)((?:{_ATTRIBUTE.pattern})*+)[ \t\n\f\r/]*+(?:>|\Z)"
    r"|!--(?:-?>|.*?(?:--!?>|\Z))|[!?/][^>]*+>?)",
    re.DOTALL,
)


def bounded(text: str, markup: bytes = b"") -> str:
    """Return a page's text as it is or, where it would cost too much, without what makes it so.

    ``markup`` is the text in UTF-8, for a caller that has it.
    """
    if _is_tame(markup or text.encode("utf-8", "replace")):
        return text
    return "".join(_Cutter().cut(text))


def _is_tame(page: bytes) -> bool:
    if len(page) > _LONG_PAGE:
        return False
    tags = page.count(b"<")
    if tags > _MANY_TAGS:
        return False
    if tags > _MANY_UNCLOSED and tags - 2 * page.count(b"</") > _MANY_UNCLOSED:
        return False
    if (
        len(_FORMATTED.findall(page)) * tags > _MANY_REOPENED
        and _open(page) * tags > _MANY_REOPENED
    ):
        return False
    at, size = 0, len(page)
    while at + _LONG_TAG < size:
        if page.find(b">", at, at + _LONG_TAG) >= 0:
            at += _LONG_TAG
            continue
        begin = page.find(b"<", max(page.rfind(b">", max(at - _LONG_TAG, 0), at), 0))
        end = page.find(b">", at + _LONG_TAG)
        end = size if end < 0 else end
        if 0 <= begin < end - _LONG_TAG:
            parts = sum(page.count(mark, begin, end) for mark in _BETWEEN_PARTS)
            if parts > _MANY_PARTS and _many_attributes(page[begin:end].decode("utf-8", "replace")):
                return False
        at = end
    return True


_BETWEEN_PARTS = (b" ", b"\n", b"\t", b"\r", b"\f", b"/", b'"', b"'")


def _open(page: bytes) -> int:
    """Return how many formatting elements are open at a time, at most."""
    most = now = 0
    for found in _FORMATTING_TAG.finditer(page):
        now = max(now - 1, 0) if found[0][1] == ord("/") else now + 1
        most = max(most, now)
    return most


def _many_attributes(text: str) -> bool:
    """Say whether what begins with a long tag has one with many attributes, not just long ones."""
    found = _TAG.match(text)
    if found is None or found[3] is None:
        return True
    return _end_of_attributes(found[3]) < len(found[3])


class _Cutter:
    """Goes through the tags of one page, with what is open."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._opened: dict[str, int] = {}
        self._left_out: dict[str, int] = {}
        self._formatting: list[str] = []
        self._reopened = 0
        self._tags = 0

    def cut(self, text: str) -> list[str]:
        kept: list[str] = []
        at = copied = 0
        while True:
            found = _TAG.search(text, at)
            if found is None:
                break
            at = found.end()
            if found[2] is None:
                continue
            name = found[2].lower()
            if found[1]:
                keep = self._end(name)
            elif name in _RAW:
                keep = True
                at = _end_of_raw(text, name, at)
            else:
                self._tags += 1
                keep = self._tags <= _MOST_TAGS if name in _VOID else self._start(name)
            attributes = found[3]
            if not keep:
                kept.append(text[copied : found.start()])
                copied = found.end()
            elif len(attributes) > 4 * _MOST_ATTRIBUTES:
                end = _end_of_attributes(attributes)
                if end < len(attributes):
                    kept.append(text[copied : found.start(3) + end])
                    copied = found.end(3)
            if self._reopened > _MOST_REOPENED and self._formatting:
                kept.append(text[copied : found.end()])
                kept += [f"</{each}>" for each in reversed(self._formatting)]
                self._formatting.clear()
                copied = found.end()
        kept.append(text[copied:])
        return kept

    def _start(self, name: str) -> bool:
        formatting, nested = name in _FORMATTING, name not in _CLOSED_BY_NEXT
        if (
            self._tags > _MOST_TAGS
            or (formatting and self._reopened > _MOST_REOPENED)
            or (nested and len(self._formatting if formatting else self._open) >= _DEEPEST)
        ):
            self._left_out[name] = self._left_out.get(name, 0) + 1
            return False
        if formatting:
            self._formatting.append(name)
            return True
        self._reopened += len(self._formatting)
        if nested:
            self._open.append(name)
            self._opened[name] = self._opened.get(name, 0) + 1
        return True

    def _end(self, name: str) -> bool:
        if self._left_out.get(name):
            self._left_out[name] -= 1
            return False
        if name in _FORMATTING:
            if name in self._formatting[-20:]:
                del self._formatting[len(self._formatting) - 1 - self._formatting[::-1].index(name)]
            return True
        while self._opened.get(name):
            closed = self._open.pop()
            self._opened[closed] -= 1
            if closed == name:
                break
        return True


def _end_of_raw(text: str, name: str, at: int) -> int:
    """Return where a raw text ends: at its end tag, or with the page."""
    found = re.compile(rf"</{name}(?=[ \t\n\f\r/>])", re.IGNORECASE).search(text, at)
    return found.start() if found else len(text)


def _end_of_attributes(attributes: str) -> int:
    end = 0
    for number, each in enumerate(_ATTRIBUTE.finditer(attributes)):
        if number == _MOST_ATTRIBUTES:
            break
        end = each.end()
    else:
        return len(attributes)
    return end
