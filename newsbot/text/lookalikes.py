"""Letters of another script, or of none, that stand in a word for the letter they look like.

``Hаmаs`` with two Cyrillic letters, ``ｋｉlled`` with two full-width ones, ``𝗞𝗶𝗹𝗹𝗲𝗱`` in the bold letters
of mathematics, ``حرکة`` with the kaf of Persian, ``ال٥جوم`` with a digit for a letter. A word is read in
the script in which all its letters have a counterpart and, of several, in which it is known; where the
lexicon knows none, it must look like nothing but a disguise. Words of one script stay, whatever they
look like, and so does Persian.

The table ``lookalikes.tsv`` is chosen from the confusables of Unicode Technical Standard 39: single
letters that look alike in running text.
"""

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from itertools import islice, product

from newsbot.text.draft import ADDRESS, Draft
from newsbot.text.letters import ARABIC_LETTERS, ARABIC_MARKS, is_dotless, members
from newsbot.text.lexicon import arabic_word, zipf

_SCRIPTS = {
    "latin": ("A-Za-z\xc0-\xd6\xd8-\xf6\xf8-\u024f\u1e00-\u1eff", ("en", "de", "fr", "es", "it", "pt", "tr")),
    "cyrillic": ("\u0400-\u052f", ("ru", "uk", "bg")),
    "greek": ("\u0370-\u03ff\u1f00-\u1fff", ("el",)),
}  # fmt: skip
_SCRIPT = {name: re.compile(f"[{letters}]") for name, (letters, _) in _SCRIPTS.items()}
_LETTERS = "".join(letters for letters, _ in _SCRIPTS.values())
_LATIN = _SCRIPTS["latin"][0]
_OTHER = _SCRIPTS["cyrillic"][0] + _SCRIPTS["greek"][0]
_CYRILLIC, _GREEK = _SCRIPTS["cyrillic"][0], _SCRIPTS["greek"][0]
_MIXED = re.compile(
    rf"[{_LATIN}](?:[{_OTHER}]|(?<=[{_OTHER}].))|[{_GREEK}](?:[{_CYRILLIC}]|(?<=[{_CYRILLIC}].))"
)
_WORD = re.compile(rf"[{_LETTERS}]+")
_CYRILLIC_OR_GREEK = members(_OTHER)
_KNOWN = 3.0
_LONG_ENOUGH = 4
_LONGEST_WORD = 40
# So short a word must be common: kΩ and Δt are units and symbols.
_SHORT_KNOWN = {1: 9.0, 2: 5.0, 3: 4.0}

# Letters and digits of mathematics; full-width letters; letters in circles. Alone they mean
# themselves (a variable, ｍ for metres, ⓒ for copyright); words of them are only dressed up.
_MATHEMATICAL = "\U0001d400-\U0001d7ff\u210a-\u2113\u211b-\u211d\u2124\u212c-\u2134"
_FULL_WIDTH = "\uff21-\uff3a\uff41-\uff5a"
_CIRCLED = "\u24b6-\u24e9"
_STYLED = re.compile(rf"[{_MATHEMATICAL}{_FULL_WIDTH}{_CIRCLED}]")
_ALL_STYLED = members(rf"{_MATHEMATICAL}{_FULL_WIDTH}{_CIRCLED}")
_STYLED_RUN = re.compile(
    rf"[A-Za-z]*[{_MATHEMATICAL}](?:[A-Za-z{_MATHEMATICAL}]| (?=[{_MATHEMATICAL}]))*"
    rf"|(?<![A-Za-z{_FULL_WIDTH}])(?:[A-Za-z]+[{_FULL_WIDTH}]|[{_FULL_WIDTH}]+[A-Za-z])[A-Za-z{_FULL_WIDTH}]*"
    rf"|[A-Za-z]*[{_CIRCLED}][A-Za-z{_CIRCLED}]+"
)
_A_WORD = re.compile(r"[^\W_]{3,}")

# Letters of Persian, Urdu, Pashto and Kurdish that look like one of Arabic's in some place of a
# word, letters that lost their dots, and digits and Latin letters that pass for a letter.
_ARABIC = {
    "ک": "ك", "ڪ": "ك", "ی": "يى", "ې": "ي", "ۍ": "ي", "ہ": "ه", "ھ": "ه", "ە": "هة", "ۃ": "ة",
    "ۂ": "ة", "ڡ": "فق", "ٯ": "قف", "ں": "ن", "ٮ": "بتثني", "٥": "ه", "o": "ه", "١": "ا", "1": "ا",
    "l": "ا",
}  # fmt: skip
_SIGNS = "٥o١1l"
_HIDING = "".join(set(_ARABIC) - set(_SIGNS))
_ARABIC_LOOKALIKES = frozenset(_HIDING)
_L = rf"{ARABIC_LETTERS}{ARABIC_MARKS}"
_SIGN_INSIDE = rf"(?<=[{_L}])[{_SIGNS}](?=[{_L}])"
_SUSPECT_ARABIC = re.compile(rf"[{_HIDING}]|{_SIGN_INSIDE}")
_SUSPECT_SIGN = re.compile(rf"[{_SIGNS}](?<=[{_L}].)(?=[{_L}])")
_ARABIC_WORD = re.compile(rf"(?:[{_L}]|{_SIGN_INSIDE})+")
_HIDDEN = re.compile(rf"[{_HIDING}{_SIGNS}]")
# What Arabic writes all the time and its neighbours hardly ever (some of them do write ي and ك), and
# letters that Arabic has not.
_OF_ARABIC = ("ة", "أ", "إ", " ال", " وال", " بال", " لل")
_NOT_OF_ARABIC = frozenset("یکہھےپچژگټډړږښګڼڅځٿٽڏڌڄڃڀێۆڕڵٹڈڑۓ")
_NEARLY_ALL = 0.6
_HALF = 0.5
# In a text that is not plainly Arabic, lines with such a letter are left alone, and so are words
# that are Persian or Urdu as they stand.
_OTHER_LANGUAGE = re.compile("[ےپچژگټډړږښګڼڅځٿٽڏڌڄڃڀێۆڕڵٹڈڑۓ]")
_MOST_READINGS = 32


def _table() -> dict[str, dict[str, str]]:
    """Return, by script, the Latin letter that each of its letters looks like."""
    found: dict[str, dict[str, str]] = {name: {} for name in _SCRIPTS}
    text = (files("newsbot.text") / "lookalikes.tsv").read_text("utf8")
    for line in text.splitlines():
        if not line.startswith("#"):
            script, letter, latin = line.split("\t")
            found[script][letter] = latin
    found["latin"] = {letter: letter for table in found.values() for letter in table.values()}
    return found


_LATIN_FOR = _table()
_BACK = {
    script: {latin: letter for letter, latin in table.items()}
    for script, table in _LATIN_FOR.items()
}


def restore_letters(draft: Draft, letters: set[str]) -> None:
    """Put for look-alike letters the letters that were meant; ``letters`` are those of the draft."""
    if not letters.isdisjoint(_ALL_STYLED):
        draft.sub(_STYLED_RUN, _undressed, suspect=_STYLED, outside=ADDRESS)
    if not letters.isdisjoint(_CYRILLIC_OR_GREEK):
        draft.sub(_WORD, _of_one_script, suspect=_MIXED, outside=ADDRESS)
    if not letters.isdisjoint(_ARABIC_LOOKALIKES):
        if (share := _arabic_share(draft.text, letters)) >= _HALF:
            unless = None if share >= _NEARLY_ALL else _OTHER_LANGUAGE
            undo = _of_arabic if share >= _NEARLY_ALL else _of_arabic_alone
            draft.sub(_ARABIC_WORD, undo, suspect=_SUSPECT_ARABIC, unless=unless)
    elif "\u0627" in letters and not letters.isdisjoint(_SIGNS):
        draft.sub(_ARABIC_WORD, _of_arabic, suspect=_SUSPECT_SIGN)


def _undressed(run: re.Match[str]) -> str:
    plain = unicodedata.normalize("NFKC", run.group())
    return plain if _A_WORD.search(plain) else run.group()


def _of_one_script(word: re.Match[str]) -> str:
    return _in_one_script(word.group()) if len(word.group()) <= _LONGEST_WORD else word.group()


@lru_cache(maxsize=1 << 12)
def _in_one_script(word: str) -> str:
    """Return a word of mixed scripts in the one that is meant, or as it is."""
    scripts = [name for name, pattern in _SCRIPT.items() if pattern.search(word)]
    if len(scripts) < 2:
        return word
    readings = [
        (
            reading,
            max(zipf(reading.casefold(), language) for language in _SCRIPTS[script][1]),
            script,
        )
        for script in scripts
        if (reading := _in(word, script))
    ]
    known = max(readings, key=lambda each: each[1], default=(word, 0.0, ""))
    if known[1] >= _SHORT_KNOWN.get(len(word), _KNOWN):
        return known[0]
    if len(word) >= _LONG_ENOUGH:
        for reading, _, script in readings:
            if _is_inside(word, script):
                return reading
    return word


def _in(word: str, script: str) -> str | None:
    """Return a word with all its letters in a script; None where one has no counterpart there."""
    letters = []
    for letter in word:
        own = letter if _SCRIPT[script].match(letter) else None
        if own is None:
            latin = next((t[letter] for t in _LATIN_FOR.values() if letter in t), None)
            own = _BACK[script].get(latin) if latin else None
        if own is None:
            return None
        letters.append(own)
    return "".join(letters)


def _is_inside(word: str, script: str) -> bool:
    """Say whether less than half the letters are foreign, and one stands between others or is the
    capital that the word begins with.

    Facebookе with a Russian ending, MTCбанк and KAMAZ are no disguises.
    """
    own = [bool(_SCRIPT[script].match(letter)) for letter in word]
    between = any(a and not b and c for a, b, c in zip(own, own[1:], own[2:], strict=False))
    begins = not own[0] and word[0].isupper() and all(own[1:])
    return (between or begins) and sum(own) * 2 > len(own)


def _arabic_share(text: str, letters: set[str]) -> float:
    """Return how much of the letters by which Arabic and its neighbours differ is Arabic's."""
    arabic = sum(map(text.count, _OF_ARABIC)) + text.startswith("ال")
    other = sum(map(text.count, _NOT_OF_ARABIC & letters))
    return arabic / (arabic + other) if arabic else 0.0


def _of_arabic(word: re.Match[str]) -> str:
    written = word.group()
    if len(written) > _LONGEST_WORD or not _HIDDEN.search(written) or is_dotless(written):
        return written
    return _in_arabic(written)


def _of_arabic_alone(word: re.Match[str]) -> str:
    written = word.group()
    if max(zipf(written, "fa"), zipf(written, "ur")) >= _KNOWN:
        return written
    return _of_arabic(word)


@lru_cache(maxsize=1 << 12)
def _in_arabic(word: str) -> str:
    """Return the commonest Arabic word that a word with foreign letters may be, or it as it is."""
    bare = re.sub(rf"[{ARABIC_MARKS}]", "", word)
    if zipf(bare, "ar") >= _KNOWN:
        return word
    choices = [_ARABIC.get(letter, letter) for letter in word]
    readings = ["".join(letters) for letters in islice(product(*choices), _MOST_READINGS)]
    best = max(readings, key=arabic_word)
    return best if arabic_word(best) >= _KNOWN else word
