"""Lines that are no text of an article, by what they say; the words are the table ``phrases.tsv``."""

import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# A line that says more than this is text, whatever it begins with.
_LONGEST_ALSO = 220
_LONGEST_NOTICE = 300
# No line that any of these knows is longer.
LONGEST_LINE = 300
_LONGEST_HEAD = 60
_LONGEST_CREDIT = 150
_CREDIT_MARK = re.compile("[:：/=©|]")
_LINKED = 0.3
_MARK = re.compile("[:：|»›>→▶►–—]")
_UNSPACED = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# Accents, Hebrew points and Arabic vowel signs, as NFKD parts them from their letters.
_COMBINING = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u3099\u309a]")
_NOT_WORDS = re.compile(r"[\W_]+")
_ASCII_NOT_WORDS = {code: " " for code in range(128) if not chr(code).isalnum()}


@lru_cache(maxsize=512)  # each line is asked several things
def _bare(text: str) -> str:
    """Return a line's words without case, accents and punctuation."""
    if text.isascii():
        return " ".join(text.lower().translate(_ASCII_NOT_WORDS).split())
    text = _COMBINING.sub("", unicodedata.normalize("NFKD", text))
    return _NOT_WORDS.sub(" ", text.casefold()).strip()


@cache
def _phrases(kind: str) -> frozenset[str]:
    table = (files("newsbot.extraction") / "phrases.tsv").read_text("utf8")
    rows = (line.split("\t") for line in table.splitlines() if line[:1] not in ("#", ""))
    return frozenset(
        _bare(phrase) for each, _, phrases in rows if each == kind for phrase in phrases.split("|")
    )


@cache
def _by_first_word(kind: str) -> "Mapping[str, tuple[str, ...]]":
    """Return the phrases by their first word, so that a line is looked up and not searched."""
    found: dict[str, tuple[str, ...]] = {}
    for phrase in _phrases(kind):
        first = phrase.split(" ", 1)[0]
        found[first] = (*found.get(first, ()), phrase)
    return MappingProxyType(found)


@cache
def _by_longest_word(kind: str) -> "Mapping[str, tuple[str, ...]]":
    """Return the phrases by their longest word, which is in few other lines."""
    found: dict[str, tuple[str, ...]] = {}
    for phrase in _phrases(kind):
        longest = max(phrase.split(" "), key=len)
        found[longest] = (*found.get(longest, ()), phrase)
    return MappingProxyType(found)


@cache
def _unspaced(kind: str) -> tuple[str, ...]:
    """Return the phrases of languages that put no space between words."""
    return tuple(phrase for phrase in _phrases(kind) if _UNSPACED.match(phrase))


def _begins(words: str, at: int, kind: str) -> str:
    """Return the longest phrase of a kind that begins at a word of a line, or ""."""
    end = words.find(" ", at)
    first = words[at:] if end < 0 else words[at:end]
    fitting = [
        phrase
        for phrase in _by_first_word(kind).get(first, ())
        if words.startswith(phrase, at) and words[at + len(phrase) :][:1] in ("", " ")
    ]
    return max(fitting, key=len, default="")


def sends_elsewhere(line: str, link_share: float) -> bool:
    """Say whether a line sends the reader to another text.

    Many a sentence begins with *related* or *for more*: it has to be a link, or to go on with a
    colon or the like.
    """
    if len(line) > _LONGEST_ALSO:
        return False
    mark = _MARK.search(line)
    head = line[: mark.start()].rstrip() if mark else ""
    if mark and len(head) < _LONGEST_HEAD:
        words = _bare(head)
        if words and (_begins(words, 0, "also") == words or words in _unspaced("also")):
            return True
    words = _bare(line)
    if words in _phrases("also"):
        return True
    if link_share < _LINKED:
        return False
    return bool(_begins(words, 0, "also")) or words.startswith(_unspaced("also"))


def is_label(line: str) -> bool:
    """Say whether a line is no more than a label: advertisement, share, tags."""
    return len(line) < _LONGEST_HEAD and _bare(line) in _phrases("label")


def is_credit(line: str) -> bool:
    """Say whether a line names the maker of a picture."""
    if len(line) > _LONGEST_CREDIT:
        return False
    if line.startswith("©"):
        return True
    mark = _CREDIT_MARK.search(line)
    return mark is not None and _bare(line[: mark.start()].rstrip()) in _phrases("credit")


def ends_text(line: str) -> bool:
    """Say whether a line is the heading of something that is no text of the article."""
    return len(line) < _LONGEST_HEAD and _bare(line) in _phrases("section")


def is_notice(line: str) -> bool:
    """Say whether a line is the site speaking of itself: subscribe, follow, all rights reserved."""
    if len(line) > _LONGEST_NOTICE:
        return False
    words = _bare(line)
    anchors = _by_longest_word("notice")
    said = words.split(" ")
    if not anchors.keys().isdisjoint(said):
        padded = f" {words} "
        if any(f" {phrase} " in padded for word in said for phrase in anchors.get(word, ())):
            return True
    return _UNSPACED.search(words) is not None and any(
        phrase in words for phrase in _unspaced("notice")
    )
