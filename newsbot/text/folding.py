"""What two spellings of a word have in common: the folded word, by which words are compared.

NFKC, full case folding, digits in ASCII; then by script: accents off Latin and Greek letters, ё as
е, vowel points off Hebrew, Arabic letters by the table of :mod:`newsbot.text.letters`. Marks that
are letters of their own (й, ї, the vowel signs of India) stay. No word changes its script.
"""

import re
import unicodedata

from newsbot.text.letters import ARABIC_MARKS, FOLDED

# Letters that Unicode does not decompose. Source: Unicode CLDR, Latin-ASCII transform.
_LATIN = str.maketrans(
    {
        "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i",
        "ħ": "h", "ŧ": "t", "ŋ": "n", "ĸ": "q", "ƒ": "f", "ə": "e", "ɛ": "e", "ɔ": "o",
        "ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "ŉ": "n", "ſ": "s",
    }
)  # fmt: skip
_STRIPPED = re.compile(rf"[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7{ARABIC_MARKS}]")
_CYRILLIC = re.compile("[\u0400-\u052f]")
_CYRILLIC_STRESS = str.maketrans({"ё": "е", "\u0300": None, "\u0301": None})
_DEVANAGARI = re.compile("[\u0900-\u097f]")
_NUKTA_AND_NASALS = str.maketrans({"\u093c": None, "\u0901": "\u0902"})
_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\u0870-\u08ff]")
_ACCENTED = re.compile("[^\x00-\x7f]")
_IGNORED = re.compile("[\u200c\u200d\ufe00-\ufe0f\u00ad]")
_ARABIC_MARK = re.compile(rf"[{ARABIC_MARKS}]")


def fold(word: str) -> str:
    """Return the folded form of one word; "" when nothing of it is left."""
    if word.isascii():
        return word.lower()
    word = unicodedata.normalize("NFKC", word).casefold()
    word = unicodedata.normalize("NFKC", word)
    if word.isascii():
        return word
    if _ARABIC.search(word):
        word = _ARABIC_MARK.sub("", word).translate(FOLDED)
    elif _DEVANAGARI.search(word):
        # Hindi prints क़ and क, हाँ and हां for the same word.
        word = word.translate(_NUKTA_AND_NASALS)
    elif _CYRILLIC.search(word):
        word = word.translate(_CYRILLIC_STRESS)
    else:
        bare = _STRIPPED.sub("", unicodedata.normalize("NFD", word)).translate(_LATIN)
        word = unicodedata.normalize("NFC", bare)
    return _ascii_digits(_IGNORED.sub("", word))


def _ascii_digits(word: str) -> str:
    if word.isalpha():
        return word
    return "".join(
        str(unicodedata.decimal(character)) if character.isdecimal() else character
        for character in word
    )
