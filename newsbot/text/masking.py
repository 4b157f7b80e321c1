"""Words that publishers disguise with marks, made whole again.

Arabic newsrooms hide words from filters: they stretch them with tatweel and put dots, dashes or
asterisks between (``إطـ.ـلاق``), part the letters (``د.ا.ع.ش``) or drop one stray mark into a word
(``ح.ماس``). The rules apply in this order, and each only drops characters:

1. Tatweel between two letters goes, with the marks around it.
2. Letters parted by spaces, four or more, are joined where the lexicon knows the word.
3. Words parted by single marks are joined where that is likelier than two words that lost the space
   between them. What stays ambiguous stays as published; the analyser reads it both ways.

Left alone: addresses, hashtags and handles, titles and abbreviations (د.أحمد, أ.ف.ب), pairs
(السورية-التركية, و/أو), numbers, a missing space after a full stop, tatweel at a word's end (1441هـ).
"""

import re
from functools import lru_cache
from itertools import pairwise

from newsbot.text.draft import ADDRESS, Draft
from newsbot.text.letters import ARABIC_LETTERS, ARABIC_MARKS, TATWEEL, members
from newsbot.text.lexicon import ARABIC_SCRIPT, arabic_word, listed, zipf

_L = rf"{ARABIC_LETTERS}{ARABIC_MARKS}"

# Marks seen inside disguised words; with tatweel on both sides any sign is one, else not those that
# also stand between a prefix and what it belongs to (``الـ-``, ``بـ/``).
_MARKS = r".,،·•*\-–—_|¦/\\~^+=…"
# A run of tatweel and other signs between two letters. It is told by its first character, whichever
# that is, so that the search can leap from one to the next.
_SIGN = rf"(?:[^\w\n{ARABIC_MARKS}]|_)"
_BETWEEN = re.compile(
    rf"[\W_{TATWEEL}](?<=[{_L}].)(?<![\n{ARABIC_MARKS}])(?:(?<={TATWEEL})|(?={_SIGN}*+{TATWEEL}))"
    rf"(?:{TATWEEL}|{_SIGN})*+(?=[{_L}])"
)
_PLAIN_MARKS = re.compile(rf"[{TATWEEL}{_MARKS}]+")
_LONGEST_GAP = 8
_MOST_SPACES = 2
_AFTER_PREFIX = re.compile(r"[-–—,،/…]")
_PREFIX = re.compile(rf"(?:^|[^{_L}{TATWEEL}])(?:[وف]?(?:[بك]?ال|لل)|[وف]?[بلك]|[وف])$")
_LONGEST_PREFIX = 5  # with the character before it
_HIJRI = re.compile(r"(?:^|[^\w])ه$|\d ?ه$")
_LONE_BEFORE = re.compile(rf"(?:^|[^{_L}{TATWEEL}])[{ARABIC_LETTERS}]$")
_LONE_AFTER = re.compile(rf"[{ARABIC_LETTERS}](?![{_L}{TATWEEL}])")

_ARABIC = members(ARABIC_LETTERS)
_PART = rf"[{_L}]++"
# One of these between two letters is a disguise, or stands where a space was lost, or joins two
# words. The first kind are written for neither of the others.
_STRAY = r"*|¦·•\\~^+=@#$%&°§\u2190-\u2bff\U0001f000-\U0001faff"
_JOINING = r"._,،\-–—/…'’:;؛!?؟"
_PARTING = rf"[{_STRAY}{_JOINING}\u200c]"
_CHAIN = re.compile(rf"(?<![{_L}]){_PART}(?:{_PARTING}{{1,3}}+{_PART})++")
_PARTINGS = re.compile(rf"{_PARTING}{{1,3}}")
_PARTED = re.compile(rf"{_PARTING}(?<=[{_L}].)(?={_PARTING}{{0,2}}[{_L}])")
_IS_JOINING = re.compile(rf"[{_JOINING}]")
_TATWEEL = re.compile(TATWEEL)
_UNREAD = re.compile(rf"[{ARABIC_MARKS}]")

_LETTER = rf"[{ARABIC_LETTERS}][{ARABIC_MARKS}]*+"
_SPACED = re.compile(
    rf"(?<![{_L}]){_LETTER}(?: {_LETTER}(?![{_L}])){{3,23}}+(?! {_LETTER}(?![{_L}]))"
)
_SPACED_SUSPECT = re.compile(
    rf" [{ARABIC_LETTERS}] [{ARABIC_LETTERS}] [{ARABIC_LETTERS}](?![{_L}])"
)
_ALPHABETS = ("ابتثجحخدذرزسشصضطظعغفقكلمنهوي", "ابجدهوزحطيكلمنسعفصقرشتثخذضظغ")

_LATIN_PART = r"[^\W\d_\u0590-\U0010ffff]++"
_LATIN_CHAIN = re.compile(
    rf"(?<![\w.*|•¦@#/+-]){_LATIN_PART}(?:[*|•¦]{_LATIN_PART})++(?!\w)"
    r"|(?<![\w.*|•¦@#/+-])[A-Za-zА-яЁё](?:([.*|•¦_·-])[a-zа-яё])(?:\1[a-zа-яё]){2,}+(?![\w-])"
)
_LATIN_SUSPECT = re.compile(
    r"[*|•¦._·-](?:(?<=[*|•¦])[A-Za-z\xc0-\u058f]|(?<=[._·-])[a-zа-яё][._·-][a-zа-яё][._·-][a-zа-яё](?![^\W_]))"
)
_LATIN_PARTINGS = re.compile(r"[.*|•¦_·-]")
# Schüler*in, Ärzt*innen: German's star for all genders. One letter beside a star is no disguise
# either, or one that hides a letter (Jede*r, f*ck).
_GENDERED = frozenset({"in", "innen", "er", "es", "en", "em"})
# x*y*z is a product, M*A*S*H a name.
_SHORTEST_SPELT = 4
_LEXICA = (
    (re.compile("[a-z]"), ("en", "de", "fr", "es", "it", "pt", "tr")),
    (re.compile("[\u0400-\u052f]"), ("ru", "uk", "bg")),
    (re.compile("[\u0370-\u03ff]"), ("el",)),
)

# A whole must be a word: once in a million.
_COMMON = 3.0
# Three letters and fewer, parted by full stops, are an abbreviation as likely as a word (ش.م.ل, شمل).
_ABBREVIATION = 3
_LONGEST_WORD = 24

# Latin and its neighbours. Words: three times in a million. How much likelier the whole must be than
# its pieces (see below), and than a pair of one language.
_USUAL = 3.5
_ANY = 2.0
_PAIR = 5.0

# Arabic script: log10 of how much likelier a word is than its pieces standing side by side by
# chance must exceed how much likelier a mark is to have lost its space than to be a disguise.
# Measured on the evaluation's pages: of 2,921 Arabic words, each parted once at random, 89 % are joined;
# of 4,164 pairs of neighbours, glued by a full stop, none; of 2,570 Persian pairs, two.
_LIKELIER_THAN_A_LOST_SPACE = 3.0
_LIKELIER_AT_ALL = 2.0
_PER_WORD = 9.0  # the Zipf scale counts occurrences in 10^9 words
_RARE_PIECE = 1.5  # a piece that no list knows
_LETTER_PIECE = 2.0  # a letter, or an article without its word
_AND = 6.0  # و stands by itself
_ARTICLES = frozenset(("ال", "لل", "وال", "بال", "فال", "كال", "ولل"))

# دكتور، أستاذ، مهندس: a letter, a full stop, and a name.
_TITLES = frozenset("دأام")
_NAMES = listed("arabic_names.txt")
_CLITICS = frozenset("وفبكل")
_BEFORE_HAMZA = _ARTICLES | _CLITICS
# واي-فاي, أون-لاين: two words of three letters or more are a pair, whatever the whole may be.
_PAIRING = frozenset("-–/")
_WORD_LETTERS = 3
# Where Arabic text has them, they are Arabic's again by now.
_PERSIAN = re.compile("[یکپچژگہھےں]")
_PERSIAN_ENDINGS = frozenset(("ها", "های", "هایی", "تر", "ترین", "ای"))
# آن.در, به.یک: not parts of an Arabic word.
_COMMON_IN_PERSIAN = 4.5
# طالب/ة: she as well as he.
_FEMININE = frozenset(("ة", "ه", "ت", "ي", "ا", "ات", "ين", "ون", "ان", "ها", "هم", "ية", "ن", "ی"))


def unmask(draft: Draft, letters: set[str]) -> None:
    """Make disguised words whole again; ``letters`` are the characters of the draft."""
    if _LATIN_SUSPECT.search(draft.text):
        draft.sub(_LATIN_CHAIN, _join_latin, suspect=_LATIN_SUSPECT, outside=ADDRESS)
    if letters.isdisjoint(_ARABIC):
        return
    if TATWEEL in letters:
        draft.sub(_BETWEEN, _close, suspect=_TATWEEL, outside=ADDRESS)
    draft.sub(_SPACED, _join_spaced, suspect=_SPACED_SUSPECT)
    draft.sub(_CHAIN, _join, suspect=_PARTED, outside=ADDRESS)


def _close(run: re.Match[str]) -> str:
    """Return what shall stand for tatweel and marks between two letters: nothing, or as it was."""
    between, text = run.group(), run.string
    starts, ends = between[0] == TATWEEL, between[-1] == TATWEEL
    marks = between.strip(TATWEEL)
    if starts and ends:
        return between if len(marks) > _LONGEST_GAP or marks.count(" ") > _MOST_SPACES else ""
    before = text[max(0, run.start() - _LONGEST_PREFIX) : run.start()]
    if starts and _HIJRI.search(before):
        return between
    if not _PLAIN_MARKS.fullmatch(between):
        stretched_twice = starts and len(marks) <= _LONGEST_GAP and TATWEEL in marks
        return "" if stretched_twice else between
    if starts and _AFTER_PREFIX.search(between) and "." not in between and _PREFIX.search(before):
        return between
    # جـ.م is a pound of Egypt.
    if _LONE_BEFORE.search(before) and _LONE_AFTER.match(text, run.end()):
        return between
    return ""


def _join_spaced(letters: re.Match[str]) -> str:
    whole = letters.group().replace(" ", "")
    bare = _UNREAD.sub("", whole)
    listing = any(bare.replace("أ", "ا") in alphabet for alphabet in _ALPHABETS)
    return letters.group() if listing or arabic_word(bare) < _COMMON else whole


def _join(chain: re.Match[str]) -> str:
    """Return words parted by marks as one word, where that is what was meant."""
    written, text = chain.group(), chain.string
    before, after = text[chain.start() - 1 : chain.start()], text[chain.end() : chain.end() + 1]
    if before in {"#", "@", "_", "/"} or after in {"_", "@"}:
        return written
    # Nothing so long is a word, whatever its marks; it is not to be remembered either.
    if len(written) > 3 * _LONGEST_WORD or before.isalnum() or after.isalnum():
        return written
    if not _is_one_word(written):
        return written
    return _PARTINGS.sub("", written)


@lru_cache(maxsize=1 << 14)
def _is_one_word(written: str) -> bool:
    parts = [_UNREAD.sub("", part) for part in _PARTINGS.split(written)]
    whole = "".join(parts)
    if not all(parts) or len(whole) > _LONGEST_WORD:
        return False
    marks = set(_PARTINGS.findall(written))
    if marks == {"\u200c"}:
        return _is_parted_by_joiner(parts, whole)
    if max(map(len, parts)) == 1:
        few = len(parts) < _ABBREVIATION or (len(parts) == _ABBREVIATION and marks <= {"."})
        return not few and _known(whole) >= _COMMON
    if _is_written_so(parts, marks):
        return False
    needed = _LIKELIER_AT_ALL
    if any(_IS_JOINING.search(mark) for mark in marks):
        needed = _LIKELIER_THAN_A_LOST_SPACE
    if any(len(mark) > 1 for mark in marks):
        needed += 1.0
    known = arabic_word(whole)
    if known >= _COMMON and not _PERSIAN.search(whole):
        return _likelier(known, parts, "ar") >= needed
    # The lists of Persian and Urdu hold pairs as one word (سال‌جاری): a piece must be none.
    return any(
        zipf(whole, language) >= _COMMON
        and not all(part == "و" or _is_listed(part, language) for part in parts)
        and not any(part in _PERSIAN_ENDINGS for part in parts[1:])
        and _likelier(zipf(whole, language), parts, language) >= needed
        for language in ("fa", "ur")
    )


def _is_listed(part: str, language: str) -> bool:
    return len(part) > 1 and zipf(part, language) >= _COMMON


def _known(whole: str) -> float:
    return max(arabic_word(whole), zipf(whole, "fa"), zipf(whole, "ur"))


def _is_written_so(parts: list[str], marks: set[str]) -> bool:
    """Say whether parts are words by their spelling, or a pair, or a title and a name.

    No Arabic word has ة or ى before its end, nor إ after anything but a clitic.
    """
    first, last = parts[0], parts[-1]
    if any(part[-1] in "ةى" for part in parts[:-1]):
        return True
    if any(part[0] == "إ" and before not in _BEFORE_HAMZA for before, part in pairwise(parts)):
        return True
    if "و" in parts and all(part == "و" or _is_listed_anywhere(part) for part in parts):
        return True
    if all(len(part) > 1 and zipf(part, "fa") >= _COMMON_IN_PERSIAN for part in parts):
        return True
    if marks <= _PAIRING and all(_is_a_word(part) for part in parts):
        return True
    if marks == {"/"}:
        return last in _FEMININE
    if marks == {"."} and first in _TITLES and last in _NAMES:
        return True
    return first in _CLITICS and last.startswith("ال") and arabic_word(last) >= _COMMON


def _is_listed_anywhere(part: str) -> bool:
    return any(_is_listed(part, language) for language in ARABIC_SCRIPT)


def _is_a_word(part: str) -> bool:
    return len(part) >= _WORD_LETTERS and zipf(part, "ar") >= _COMMON


def _likelier(whole: float, parts: list[str], language: str) -> float:
    """Return how much likelier a word is than its pieces side by side, as a power of ten."""
    return whole + _PER_WORD * (len(parts) - 1) - sum(_piece(part, language) for part in parts)


def _piece(part: str, language: str) -> float:
    if part == "و":
        return _AND
    if len(part) == 1 or part in _ARTICLES:
        return _LETTER_PIECE
    return max(zipf(part, language), _RARE_PIECE)


def _is_parted_by_joiner(parts: list[str], whole: str) -> bool:
    """Say whether a zero-width non-joiner parts an Arabic word.

    Persian parts words with it: there the pieces are words, and the whole is none of Arabic.
    """
    if zipf(whole, "ar") < _COMMON:
        return False
    return min(zipf(part, "fa") if len(part) > 1 else 0.0 for part in parts) < _COMMON


def _join_latin(chain: re.Match[str]) -> str:
    written = chain.group()
    parts = [part.casefold() for part in _LATIN_PARTINGS.split(written)]
    whole = "".join(parts)
    few_letters = max(map(len, parts)) > 1 and min(map(len, parts)) == 1
    product = len(whole) == len(parts) < _SHORTEST_SPELT + written.isupper()
    if len(whole) > _LONGEST_WORD or few_letters or product or parts[-1] in _GENDERED:
        return written
    languages = next((known for letters, known in _LEXICA if letters.search(whole)), ())
    likely = max((zipf(whole, language) for language in languages), default=0.0)
    if likely < _COMMON:
        return written
    likely += _PER_WORD * (len(parts) - 1)
    # A piece may be a word of any language: so|it is not the French soit.
    if likely - sum(max(zipf(p, lang) for lang in languages) for p in parts if len(p) > 1) < _ANY:
        return written
    # Words of one language may be a pair: live|stream.
    for language in languages:
        known = [zipf(part, language) for part in parts if len(part) >= _WORD_LETTERS]
        if len(known) == len(parts) and min(known) >= _USUAL and likely - sum(known) < _PAIR:
            return written
    return _LATIN_PARTINGS.sub("", written)
