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

# A text of fewer words may be a flash, of which the report leaves little; and one of so few says nothing.
_TELLING, _FEW = 40, 10
# Less than this part of the words is left of a text that did not load.
_MOST_LOST = 0.4
# Of the rarer words of the shorter text the other has at least this part, if it is a version of it.
_SHARED, _TITLE = 0.25, 0.5
_COMMON = 5.0
# Where it is not known which are the rarer words, these are the common ones by their length.
_SHORT = 2
# Characters that no encoding could read, of which a text that was read rightly has next to none.
_REPLACEMENT, _SOME = "\ufffd", 3
UNREADABLE = "it could not be decoded"


def doubt(before: Version, after: Version) -> str:
    """Return why a version is not believed to be an edit of the one before; "" where it is.

    An article that says under its own headline that it was withdrawn is believed, however short; a page
    that was put in its place may say so of anything.
    """
    if after.body.count(_REPLACEMENT) > before.body.count(_REPLACEMENT) + _SOME:
        return UNREADABLE
    old, new = words(before.body), words(after.body)
    if len(old) >= _TELLING and len(new) < _MOST_LOST * len(old):
        if after.title and _same_headline(before, after) and withdrawn(before, after):
            return ""
        return f"it shows {len(new)} of {len(old)} words"
    if len(old) >= _FEW and not _same_headline(before, after):
        language = after.language or before.language
        if _overlap(old, new, language) < _SHARED:
            return "it shows another text under another headline"
    return ""


def _same_headline(before: Version, after: Version) -> bool:
    """Say whether two headlines have much in common; one that is missing says nothing."""
    language = after.language or before.language
    said = [words(each.title) for each in (before, after)]
    mine, theirs = (set(_rarer(each, language) or each) for each in said)
    return not mine or not theirs or len(mine & theirs) >= _TITLE * min(len(mine), len(theirs))


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
