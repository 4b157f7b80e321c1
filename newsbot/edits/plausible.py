"""Whether what a page shows now can be a version of the article that it showed before.

A page that is none (a wall, a consent form, an error) is told by :mod:`newsbot.extraction.kind`, where it
is clear. What passes for an article there is held against the stored one here: a text that has lost most
of its words, or that shares next to nothing with it, may be an edit as well as a page that did not load,
a subscribers' fence, a form to log in. Such a version is doubted: it counts once it is confirmed.
"""

from collections import Counter
from functools import cache

from newsbot.edits.kinds import withdrawn
from newsbot.edits.version import Version
from newsbot.text.date_words import base_language
from newsbot.text.lexicon import zipf
from newsbot.text.tokens import words

# A text of fewer words may be a flash that gives way to the report.
_TELLING = 40
# Less than this part of the words is left of a text that did not load.
_MOST_LOST = 0.4
# Of the rarer words of the shorter text the other has at least this part, if it is a version of it.
_SHARED, _TITLE_SHARED = 0.25, 0.5
_COMMON = 5.0
# Where it is not known which are the rarer words, these are the common ones by their length.
_SHORT = 2
# Characters that no encoding could read, of which a text that was read rightly has next to none.
_REPLACEMENT, _SOME = "\ufffd", 3
UNREADABLE = "it could not be decoded"


def doubt(before: Version, after: Version) -> str:
    """Return why a version is not believed to be an edit of the one before; "" where it is.

    An article that says of itself that it was withdrawn is believed, however short.
    """
    if after.body.count(_REPLACEMENT) > before.body.count(_REPLACEMENT) + _SOME:
        return UNREADABLE
    old, new = words(before.body), words(after.body)
    if len(old) >= _TELLING and len(new) < _MOST_LOST * len(old):
        if withdrawn(before, after):
            return ""
        return f"it shows {len(new)} of {len(old)} words"
    if len(old) >= _TELLING and not _shares(before.title, after.title, _TITLE_SHARED):
        language = after.language or before.language
        if _overlap(old, new, language) < _SHARED:
            return "it shows another text under another headline"
    return ""


def _shares(one: str, other: str, part: float) -> bool:
    mine, theirs = set(words(one)), set(words(other))
    return not mine or not theirs or len(mine & theirs) >= part * min(len(mine), len(theirs))


def _overlap(one: list[str], other: list[str], language: str) -> float:
    """Return which part of the shorter text's rarer words the longer one has too."""
    mine, theirs = (Counter(_rarer(each, language)) for each in (one, other))
    fewest = min(mine.total(), theirs.total())
    return (mine & theirs).total() / fewest if fewest else 1.0


def _rarer(said: list[str], language: str) -> list[str]:
    base = base_language(language)
    if not _has_words(base):
        return [word for word in said if len(word) > _SHORT]
    return [word for word in said if zipf(word, base) < _COMMON]


@cache
def _has_words(language: str) -> bool:
    """Say whether there is a list of how common a language's words are."""
    try:
        zipf("", language)
    except (LookupError, ValueError):
        return False
    return True
