"""Publishers' disguises undone, for reading.

Arabic newsrooms hide words from filters: they stretch them with tatweel and put dots, dashes or
asterisks between (``إطـ.ـلاق``), part the letters (``د.ا.ع.ش``) or drop one stray mark into a word
(``ح.ماس``). The rules apply in this order, and each only removes characters or replaces a
compatibility form:

1. ``clean`` (see :mod:`newsbot.text.unicode`): invisible characters.
2. Presentation forms and ligatures become the letters they show.
3. Tatweel between two letters goes, with the marks around it.
4. Words parted by single marks are joined where the lexicon knows the whole and does not know the
   pieces as well. What stays ambiguous stays as published; the analyser reads it both ways.

Left alone: addresses, hashtags and handles, titles and abbreviations (د.أحمد, أ.ف.ب), pairs
(السورية-التركية, و/أو), numbers, a missing space after a full stop, tatweel at a word's end (1441هـ).
"""

import re
import unicodedata
from collections.abc import Callable

from newsbot.text.letters import ARABIC_LETTERS, ARABIC_MARKS, FOLDED, TATWEEL
from newsbot.text.lexicon import ARABIC_SCRIPT, script_zipf, zipf
from newsbot.text.unicode import clean

# Signs that stand for letters: they are written with the letters themselves. Honorific ligatures
# (U+FDFA and after) are signs of their own and stay.
_FORMS = re.compile("[\ufb00-\ufb06\ufb50-\ufbb1\ufbd3-\ufd3d\ufd50-\ufdf9\ufe70-\ufefc]")

# Marks seen inside disguised words; with tatweel on both sides any of them, else not the ones that
# also stand between a prefix and what it belongs to (``الـ-``، ``بـ/``).
_MARKS = r".,،·•*\-–—_|¦/\\~^+=…"
_QUOTE_LIKE = r"'’`\"!:;؛°×#$%&?؟"
_BETWEEN = re.compile(
    rf"(?<=[{ARABIC_LETTERS}{ARABIC_MARKS}])[{TATWEEL}{_MARKS}{_QUOTE_LIKE} ]++"
    rf"(?=[{ARABIC_LETTERS}{ARABIC_MARKS}])"
)
_AFTER_PREFIX = re.compile(r"[-–—,،/…]")
_PREFIX = re.compile(
    rf"(?:^|[^{ARABIC_LETTERS}{ARABIC_MARKS}{TATWEEL}{_MARKS}{_QUOTE_LIKE}])"
    r"(?:[وف]?(?:[بك]?ال|لل)|[وف]?[بلك]|[وف])$"
)
_LONGEST_PREFIX = 5  # with the character before it
_HIJRI = re.compile(r"(?:^|[^\w])ه$|\d ?ه$")

_ADDRESS = re.compile(r"(?:[Hh][Tt][Tt][Pp][Ss]?://|www\.)\S+")

_PART = rf"[{ARABIC_LETTERS}{ARABIC_MARKS}]++"
_PARTING = r"[.,،·•*\-–_|¦/\\~^+=\u200c]"
_CHAIN = re.compile(rf"(?<![{ARABIC_LETTERS}{ARABIC_MARKS}]){_PART}(?:{_PARTING}{_PART})++")
_PARTINGS = re.compile(_PARTING)
_PARTED = re.compile(
    rf"{_PARTING}(?<=[{ARABIC_LETTERS}{ARABIC_MARKS}].)(?=[{ARABIC_LETTERS}{ARABIC_MARKS}])"
)
_TATWEEL = re.compile(TATWEEL)
_UNREAD = re.compile(rf"[{ARABIC_MARKS}]")

_LATIN_PART = r"[^\W\d_\u0590-\U0010ffff]++"
_LATIN_CHAIN = re.compile(
    rf"(?<![\w.*|•¦@#/+-]){_LATIN_PART}(?:[*|•¦]{_LATIN_PART})++(?!\w)"
    r"|(?<![\w.*|•¦@#/+-])[a-z](?:([.*|•¦-])[a-z])(?:\1[a-z]){2,}+(?![\w-])"
)
_LATIN_SUSPECT = re.compile(r"[*|•¦](?=\w)|[.-][a-z][.-][a-z][.-][a-z](?!\w)")
_LATIN_PARTINGS = re.compile(r"[.*|•¦-]")
# Schüler*in, Ärzt*innen: German's star for all genders. One letter beside a star is no disguise
# either, or one that hides a letter (Jede*r, f*ck).
_GENDERED = frozenset({"in", "innen", "er", "es", "en", "em"})
_LATIN_LEXICA = ("en", "de", "fr", "es", "it", "pt", "tr")

# A whole must be a word (once in a million) and ten times as common as its rarest piece. At three
# letters and fewer, abbreviations (ش.م.ل is also شمل) are as likely as disguises.
_COMMON = 3.0
_TEN_TIMES = 1.0
_ABBREVIATION = 3
# دكتور، أستاذ، مهندس: a letter, a full stop, and a name.
_ENDING = 2
_TITLES = frozenset("دأام")
_LONGEST_WORD = 24
_PROCLITICS = ("وبال", "وال", "بال", "كال", "فال", "لل", "ال", "و", "ف", "ب", "ل", "ك")
_SHORTEST_STEM = 3


def repair(text: str) -> str:
    """Return the text as it is meant to be read: cleaned, with disguised words whole again.

    Idempotent, linear in the text's length, and never raises.
    """
    text = clean(text)
    if text.isascii():
        return _outside_addresses(text, latin=True)
    return clean(_outside_addresses(_FORMS.sub(_letters, text), latin=False))


def _letters(form: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", form.group()).strip()


def _outside_addresses(text: str, *, latin: bool) -> str:
    if "://" not in text and "www." not in text:
        return _unmask(text, latin=latin)
    pieces, last = [], 0
    for address in _ADDRESS.finditer(text):
        pieces += [_unmask(text[last : address.start()], latin=latin), address.group()]
        last = address.end()
    return "".join((*pieces, _unmask(text[last:], latin=latin)))


def _unmask(text: str, *, latin: bool) -> str:
    if _LATIN_SUSPECT.search(text):
        text = _LATIN_CHAIN.sub(_join_latin, text)
    if latin:
        return text
    if TATWEEL in text:
        text = _line_by_line(_TATWEEL, _BETWEEN, _close, text)
    return _line_by_line(_PARTED, _CHAIN, _join, text)


def _line_by_line(
    suspect: re.Pattern[str],
    disguise: re.Pattern[str],
    undo: Callable[[re.Match[str]], str],
    text: str,
) -> str:
    """Undo a disguise in the lines that may have it: most have none, and looking is cheap."""
    if not suspect.search(text):
        return text
    return "\n".join(
        disguise.sub(undo, line) if suspect.search(line) else line for line in text.split("\n")
    )


def _close(run: re.Match[str]) -> str:
    """Return what shall stand for tatweel and marks between two letters: nothing, or as it was."""
    between = run.group()
    if TATWEEL not in between:
        return between
    starts, ends = between[0] == TATWEEL, between[-1] == TATWEEL
    before = run.string[max(0, run.start() - _LONGEST_PREFIX) : run.start()]
    if starts and _HIJRI.search(before) and not ends:
        return between
    if starts and ends:
        return ""
    if re.search(rf"[{_QUOTE_LIKE} ]", between):
        return between
    if starts and _AFTER_PREFIX.search(between) and "." not in between and _PREFIX.search(before):
        return between
    return ""


def _join(chain: re.Match[str]) -> str:
    """Return words parted by marks as one word, where that is what was meant."""
    written = chain.group()
    before = chain.string[chain.start() - 1 : chain.start()]
    after = chain.string[chain.end() : chain.end() + 1]
    if before in {"#", "@", "_", "/"} - {""} or (before + after).isalnum() or after in {"_", "@"}:
        return written
    parts = [_UNREAD.sub("", part) for part in _PARTINGS.split(written)]
    whole = "".join(parts)
    if not all(parts) or len(whole) > _LONGEST_WORD:
        return written
    marks = set(_PARTINGS.findall(written))
    if marks == {"\u200c"}:
        return _without_joiner(written, parts, whole)
    if max(map(len, parts)) == 1:
        abbreviation = len(parts) < _ABBREVIATION or (
            len(parts) == _ABBREVIATION and marks <= {"."}
        )
        return written if abbreviation or _known(whole) < _COMMON else _PARTINGS.sub("", written)
    if marks == {"/"} and len(parts[-1]) <= _ENDING:  # طالب/ة: she as well as he
        return written
    if marks == {"."} and parts[0] in _TITLES and _piece(parts[-1]) >= _COMMON:
        return written
    rarest = min(map(_piece, parts))
    if _known(whole) >= max(_COMMON, rarest + _TEN_TIMES):
        return _PARTINGS.sub("", written)
    return written


def _without_joiner(written: str, parts: list[str], whole: str) -> str:
    """Drop a zero-width non-joiner that parts an Arabic word.

    Persian parts words with it: there the pieces are words, and the whole is none of Arabic.
    """
    if zipf(whole, "ar") < _COMMON:
        return written
    rarest = min(zipf(part, "fa") if len(part) > 1 else 0.0 for part in parts)
    if rarest < _COMMON:
        return written.replace("\u200c", "")
    return written


def _piece(part: str) -> float:
    """Return how common a piece is by itself, spelt just so: a piece of a word seldom is."""
    if part == "ال" or (len(part) == 1 and part not in "وأ"):
        return 0.0
    return max(zipf(part, language) for language in ARABIC_SCRIPT)


def _known(whole: str) -> float:
    """Return how common a word is, with its clitics or without."""
    folded = whole.translate(FOLDED)
    best = script_zipf(folded)
    for proclitic in _PROCLITICS:
        if best < _COMMON and folded.startswith(proclitic):
            stem = folded[len(proclitic) :]
            if len(stem) >= _SHORTEST_STEM:
                best = max(best, script_zipf(stem))
    return best


def _join_latin(chain: re.Match[str]) -> str:
    written = chain.group()
    parts = [part.casefold() for part in _LATIN_PARTINGS.split(written)]
    whole = "".join(parts)
    few_letters = max(map(len, parts)) > 1 and min(map(len, parts)) == 1
    if len(whole) > _LONGEST_WORD or few_letters or parts[-1] in _GENDERED:
        return written
    for language in _LATIN_LEXICA:
        rarest = min(zipf(part, language) if len(part) > 1 else 0.0 for part in parts)
        if zipf(whole, language) >= max(_COMMON, rarest + _TEN_TIMES):
            return _LATIN_PARTINGS.sub("", written)
    return written
