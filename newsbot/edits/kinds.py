"""What kind of change leads from one version of an article to the next.

A version differs where a reader would say so: other words, whatever their spelling, in the headline or
the text; other names in the byline; another moment of publication, told at the same place of the page.
What pages drop and show again by themselves is no edit: a byline or a date that is missing at a visit,
counters, reading times (see :mod:`newsbot.edits.churn`), the site's name behind a headline, a time of
publication that has jumped to that of the last change.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Literal

from newsbot.edits.churn import without_churn
from newsbot.edits.differences import Piece, difference, words_of
from newsbot.edits.phrases import bare, begins, says
from newsbot.edits.version import KINDS, Kind, Version
from newsbot.text.date_words import base_language, listed
from newsbot.text.doubts import believed
from newsbot.text.folding import fold
from newsbot.text.tokens import words

# A time of publication that is nearer to that of the last change is the latter.
_JUMPED = timedelta(minutes=2)
# Times that round differently are the same.
_ROUNDED = timedelta(minutes=1)
# Words that make an insertion an addition, a removal a cut, and a replacement a change of its own.
_PASSAGE = 4
# A replacement of so many words on each side at most corrects; and of the whole text this part.
_SMALL, _SMALL_PART = 4, 0.2
# A replacement adds where it has so many times the words that it takes away.
_GROWS = 2
# A note of withdrawal is all that is left where the rest is shorter than this part of the text, and it
# has no more than so many words.
_LEFT, _NOTE = 0.5, 120
_HEAD = re.compile(r"^\W*([^:：–—|\])]{2,60}?)\s*(?:[:：–—|\])]|\s-\s|-\s|$)")
_HEAD_WORDS = 6
_SENTENCE = re.compile(r"[.!?。！？؟۔\n]+\s*")
_DIGIT = re.compile(r"\d")
_CASED = re.compile(r"[A-Za-zÀ-ɏͰ-ϿЀ-ӿԱ-և]")
_NUMERALS = frozenset("一二三四五六七八九十百千万億亿零两")


def kinds_of(before: Version, after: Version) -> tuple[Kind, ...]:
    """Return the kinds of change that lead from one version to the other; none where it is no edit."""
    found: set[Kind] = set()
    if headline_differs(before, after):
        found.add("headline")
    if byline_differs(before, after):
        found.add("byline")
    if date_differs(before, after):
        found.add("date")
    found |= _of_text(before, after)
    return tuple(kind for kind in KINDS if kind in found)


def headline_differs(before: Version, after: Version) -> bool:
    """Say whether a headline says something else. One that is missing says nothing."""
    one, other = words(before.title), words(after.title)
    if one == other or not other:
        return False
    site = words(after.publisher or before.publisher)
    shorter, longer = sorted((one, other), key=len)
    return not site or longer not in ([*shorter, *site], [*site, *shorter])


def byline_differs(before: Version, after: Version) -> bool:
    """Say whether other people are named as authors. A byline that is missing names none."""
    return bool(after.authors) and _names(before.authors) != _names(after.authors)


def _names(authors: Iterable[str]) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(words(name)) for name in authors)


def date_differs(before: Version, after: Version) -> bool:
    """Say whether a page tells another publication, at the same place as before.

    A date that has come is one; one that has gone is none, nor is a time of publication that has become
    that of the last change, as some publishers write it. A date that is not believed is no date.
    """
    if before.published == after.published:
        return False
    one, other = believed(before.published), believed(after.published)
    if other is None:
        return False
    if one is None:
        return True
    # "Three hours ago" is another moment at every look.
    if one.source != other.source or one.counted or other.counted:
        return False
    if one.instant is None or other.instant is None:
        return one.day != other.day
    if abs(other.instant - one.instant) <= _ROUNDED:
        return False
    changes = (each.instant for each in (after.modified, before.modified) if each and each.instant)
    forward = other.instant > one.instant
    return not (forward and any(abs(each - other.instant) <= _JUMPED for each in changes))


def _of_text(before: Version, after: Version) -> set[Kind]:
    language = after.language or before.language
    one, other = (without_churn(body, language) for body in (before.body, after.body))
    found: set[Kind] = set()
    notes = _notes(before, after, one, other)
    said = {kind for kind, _ in notes}
    if "retraction" in said:
        found.add("retraction")
    if words(one) == words(other):
        return found | said
    if "retraction" in said and _gives_way(one, other):
        return found
    if "correction" in said:
        found.add("correction")
    # What a note says of the edit is no addition itself.
    lines = {line for _, line in notes}
    other = "\n".join(line for line in other.splitlines() if line not in lines)
    if words(one) == words(other):
        return found
    changed = _changes(one, other, language)
    return found | (changed or ({"rewording"} if not found else set()))


def withdrawn(before: Version, after: Version) -> bool:
    """Say whether a version says of itself that the article was withdrawn, and the one before did not."""
    return any(kind == "retraction" for kind, _ in _notes(before, after, before.body, after.body))


_Note = Literal["correction", "retraction"]


def _notes(before: Version, after: Version, one: str, other: str) -> list[tuple[_Note, str]]:
    """Return what is new in a text and says of itself that it corrects or withdraws, with its line."""
    known = {bare(line) for line in (before.title, *one.splitlines())}
    short = _gives_way(one, other)
    found: list[tuple[_Note, str]] = []
    for line in (after.title, *other.splitlines()):
        if bare(line) not in known:
            note = _note(line, known, title=line == after.title, short=short)
            if note is not None:
                found.append((note, line))
    return found


def _note(line: str, known: set[str], *, title: bool, short: bool) -> _Note | None:
    head = _HEAD.match(line)
    heads = bare(head[1]) if head and len(head[1].split()) <= _HEAD_WORDS else ""
    if (title or short) and begins("withdrawn", heads):
        return "retraction"
    if not title and _withdraws(line, known, short=short):
        return "retraction"
    if begins("correction", heads) or (not title and says("earlier", bare(line))):
        return "correction"
    return None


def _withdraws(line: str, known: set[str], *, short: bool) -> bool:
    return any(
        (says("this", said) or (short and says("piece", said)))
        and says("withdraws", said)
        and not any(said.strip() in each for each in known)
        for said in map(bare, _SENTENCE.split(line))
        if said.strip()
    )


def _gives_way(one: str, other: str) -> bool:
    """Say whether hardly more than a note is left of a text."""
    before, after = len(words_of(one)), len(words_of(other))
    return after <= _NOTE and after < _LEFT * before


def _changes(one: str, other: str, language: str) -> set[Kind]:
    """Return the kinds of the changes in a text."""
    pieces = difference(one, other)
    total = max(1, len(words_of(one)))
    groups = list(_groups(pieces))
    replaced = [pair for pair in groups if pair[0] and pair[1]]
    small = sum(len(old) for old, _ in replaced) <= max(_SMALL, _SMALL_PART * total)
    found: set[Kind] = set()
    reworded = 0
    for old, new in groups:
        corrects = small and len(old) <= _SMALL and len(new) <= _SMALL
        if old and new and corrects and _corrects(old, new, language):
            found.add("correction")
        elif len(new) >= _GROWS * len(old) + _PASSAGE:
            found.add("addition")
        elif len(old) >= _GROWS * len(new) + _PASSAGE:
            found.add("cut")
        else:
            reworded = max(reworded, len(old), len(new))
    # A word or two beside what was changed in earnest is no change of its own.
    if reworded >= _PASSAGE or (reworded and not found):
        found.add("rewording")
    return found


def _groups(pieces: Sequence[Piece]) -> Iterable[tuple[list[str], list[str]]]:
    """Yield the words of each change: what was removed, and what was added in its place."""
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        at += 1
        if piece.change == "same":
            continue
        old, new = ("", piece.text) if piece.change == "added" else (piece.text, "")
        if piece.change == "removed" and at < len(pieces) and pieces[at].change == "added":
            new = pieces[at].text
            at += 1
        was, now = words_of(old), words_of(new)
        if [fold(word) for word in was] != [fold(word) for word in now]:
            yield was, now


def _corrects(old: Sequence[str], new: Sequence[str], language: str) -> bool:
    """Say whether figures, or names, were put in the place of others."""
    if any(_is_figure(word, language) for word in old) and any(
        _is_figure(word, language) for word in new
    ):
        return True
    if any(map(_CASED.search, (*old, *new))):
        return any(word[:1].isupper() for word in old) and any(word[:1].isupper() for word in new)
    # Scripts without capitals do not tell names apart; what is put for a word or two is mostly one.
    return len(old) <= 2 and len(new) <= 2 and not _spelt_otherwise(old, new)


def _is_figure(word: str, language: str) -> bool:
    if _DIGIT.search(word) or (len(word) == 1 and word in _NUMERALS):
        return True
    # The words for one are articles in many languages.
    numbers = listed("number", base_language(language))
    return fold(word) in {each for each, number in numbers if number > 1}


def _spelt_otherwise(old: Sequence[str], new: Sequence[str]) -> bool:
    """Say whether a word gave way to another spelling of it: one letter is another, or has come or gone."""
    from rapidfuzz.distance import Levenshtein

    one, other = fold("".join(old)), fold("".join(new))
    return len(one) > 3 and Levenshtein.distance(one, other, score_cutoff=1) <= 1
