"""The letters of Arabic script, as classes for regular expressions and as foldings.

Sources: the Unicode character database (blocks Arabic, Arabic Supplement, Extended-A and
Presentation Forms), and for the foldings the habits of Arabic search since Larkey and Connell's
light normalization: alef and hamza forms, alef maqsura and yeh, teh marbuta and heh.
"""

import re

# Letters, without tatweel (U+0640) and marks.
ARABIC_LETTERS = (
    "\u0620-\u063f\u0641-\u064a\u066e\u066f\u0671-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06fc\u06ff"
    "\u0750-\u077f\u0870-\u0887\u0889-\u088e\u08a0-\u08c9\ufb50-\ufbb1\ufbd3-\ufdcf\ufdf0-\ufdf9"
    "\ufe70-\ufefc"
)
# Vowel signs and other marks above and below letters.
ARABIC_MARKS = "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0898-\u089f\u08ca-\u08ff"
TATWEEL = "\u0640"


_RANGE = re.compile("(.)-(.)|(.)", re.DOTALL)


def members(characters: str) -> frozenset[str]:
    """Return the characters of a class that a regular expression would write so in brackets.

    The class is of single characters and ranges, with nothing escaped. Whether a text has any is
    asked a hundred times faster of its set than by an expression.
    """
    found: set[str] = set()
    for first, last, single in _RANGE.findall(characters):
        found.update(map(chr, range(ord(first or single), ord(last or single) + 1)))
    return frozenset(found)


_OTHERS = re.compile("[^ \u0621-\u063a\u0641-\u064a]+")
_COMMON_LETTER = re.compile("[\u0621-\u063a\u0641-\u064a]")
_ALEF = "\u0627"


def characters(text: str) -> set[str]:
    """Return the characters of a text; for the common letters of Arabic, alef, and no space with them.

    Those make up nearly all of an Arabic text and decide nothing; without them it costs a third.
    """
    if text.isascii() or not _COMMON_LETTER.search(text):
        return set(text)
    found = set("".join(_OTHERS.findall(text)))
    found.add(_ALEF)
    return found


# One letter for all ways to write it. Hamza on its own stays: it tells words apart (شيء, شي).
FOLDED = str.maketrans(
    {
        **dict.fromkeys("أإآٱٲٳٵ", "ا"),
        **dict.fromkeys("ؤٶ", "و"),
        **dict.fromkeys("ىئیۍێيﻯ", "ي"),
        **dict.fromkeys("ةۀھہۂۃەۿ", "ه"),
        **dict.fromkeys("کڪ", "ك"),
        "ں": "ن",
        TATWEEL: None,
        "\u200c": None,
        "\u200d": None,
    }
)

# Letters that only archaizing, dotless writing uses, and the letters that carry dots.
DOTLESS = "ٮٯڡ"
DOTTED = "بتثجخذزشضظغفقنيةپچژ"

# The skeleton (rasm) of a letter: what is left of it without dots. Inside a word the tooth of
# ب ت ث ن ي is one shape and so is the loop of ف ق; at its end ن, ي, ف and ق have shapes of their own.
_SKELETON = str.maketrans(
    {
        **dict.fromkeys("بتثنيئىپٮں", "ٮ"),
        **dict.fromkeys("فقڡٯ", "ڡ"),
        **dict.fromkeys("جخچح", "ح"),
        **dict.fromkeys("ذ", "د"),
        **dict.fromkeys("زژ", "ر"),
        **dict.fromkeys("ش", "س"),
        **dict.fromkeys("ض", "ص"),
        **dict.fromkeys("ظ", "ط"),
        **dict.fromkeys("غ", "ع"),
        **dict.fromkeys("ة", "ه"),
        **dict.fromkeys("گ", "ك"),
    }
)
_LAST = {"ن": "ں", "ں": "ں", "ي": "ى", "ى": "ى", "ئ": "ى", "ق": "ٯ", "ٯ": "ٯ"}


def skeleton(word: str) -> str:
    """Return the shape of a folded word without its dots."""
    if not word:
        return word
    return word[:-1].translate(_SKELETON) + _LAST.get(word[-1], word[-1].translate(_SKELETON))


_DOTLESS_LETTER = re.compile(rf"[{DOTLESS}]")
_DOTTED_LETTER = re.compile(rf"[{DOTTED}]")


def is_dotless(text: str) -> bool:
    """Say whether a text is written without dots: archaic letters, and hardly a dotted one."""
    archaic = len(_DOTLESS_LETTER.findall(text))
    return archaic > 0 and len(_DOTTED_LETTER.findall(text)) * 4 <= archaic
