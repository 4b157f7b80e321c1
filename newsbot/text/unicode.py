"""Clean text: one way to write each character, nothing invisible that means nothing.

The rules apply in this order: halves of surrogate pairs, line ends, canonical composition (NFC),
control and invisible characters, white space. What a publisher meant stays: the joiners that
Persian, Indic scripts and emoji need, variation selectors, quotes, dashes.
"""

import re
import unicodedata

from newsbot.text.draft import Draft
from newsbot.text.letters import characters, members

_SURROGATE = re.compile("[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]")

# The line ends of Unicode Standard Annex 14 (BK, CR, LF, NL), as one.
_LINE_ENDS = "\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029"
_LINE_END = re.compile(f"\r\n?|[{_LINE_ENDS}]")

# White space (Unicode property White_Space) but the line end.
_ODD_SPACES = "\t\x1f\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_RAGGED = ("  ", "\n ", " \n", "\n\n")
_SPACE_RUN = re.compile(f"[{_ODD_SPACES}][ {_ODD_SPACES}]*| [ {_ODD_SPACES}]+")
_BREAKS = re.compile(r" ?\n[ \n]*")
_ODD_WHITE = re.compile(f"[{_LINE_ENDS}{_ODD_SPACES}]")

# Characters that are never seen and, in running text, mean nothing. Sources: the Unicode property
# Default_Ignorable_Code_Point and category Cc, less the joiners and the variation selectors.
_INVISIBLE = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # controls
    "\xad"  # soft hyphen: says where a line may break
    "\u034f"  # combining grapheme joiner
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # directional marks: layout, not text
    "\u115f\u1160\u3164\uffa0"  # Hangul fillers
    "\u17b4\u17b5\u180b-\u180e"
    "\u200b\u2060-\u2065\u206a-\u206f\ufeff"  # zero-width space, word joiner, byte order mark
    "\ufff0-\ufffb"  # interlinear annotation
    "\U0001d173-\U0001d17a"
)
_JOINERS = "\u200c\u200d"
# A tag character belongs to a flag (U+1F3F4 and tags, Unicode Technical Standard 51) or to nothing.
_TAGS = "\U000e0000-\U000e007f"
# Persian and its neighbours part a word with the non-joiner, and show with the joiner the beginning
# form of a letter that stands for a word (ه‍.ش); elsewhere it shows nothing there. In the scripts
# of India and Mongolia both decide about the shape of what they follow.
_ARABIC = "\u0620-\u063f\u0641-\u065f\u066e-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06ff\u0750-\u077f\u08a0-\u08c9"
_SHAPING = "\u0900-\u0dff\u1000-\u109f\u1780-\u17ff\u1800-\u18af"
_PICTURES = "\u00a9\u00ae\u203c-\u3299\ufe0f\U0001f000-\U0001faff"
_NEVER_SEEN = re.compile(rf"[{_INVISIBLE}]+")
_REMOVED = (
    re.compile(rf"\u200c(?<![{_SHAPING}].)(?:(?![{_ARABIC}])|(?<![{_ARABIC}].))"),
    re.compile(
        rf"\u200d(?<![{_SHAPING}].)(?:(?![{_PICTURES}])|(?<![{_PICTURES}].))"
        rf"(?:(?=[{_ARABIC}])|(?<![{_ARABIC}].)|(?<=[{_ARABIC}][{_ARABIC}].))"
    ),
    re.compile(rf"[{_TAGS}](?<![\U0001f3f4{_TAGS}].)"),
)
_SUSPECT = re.compile(rf"[{_INVISIBLE}{_JOINERS}{_TAGS}]")
# A text's characters tell whether there is anything to do at all: for most texts there is not.
_SURROGATES = members("\ud800-\udfff")
_SOMETIMES_SEEN = members(rf"{_JOINERS}{_TAGS}")
_UNSEEN = members(_INVISIBLE) | _SOMETIMES_SEEN
_ODD_WHITES = members(rf"{_LINE_ENDS}{_ODD_SPACES}")
_ODD = _SURROGATES | _UNSEEN
# No writing system stacks more marks; Unicode's Stream-Safe Text Format (UAX 15) allows 30. Sorting
# a longer run is quadratic, so the rest of it is dropped before normalization.
_MOST_MARKS = 30
_COMBINING = "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0730-\u074a\u0900-\u0903\u093c\u094d\u0e38-\u0e3a\u0e48-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u302a-\u302f\u3099\u309a\ufe20-\ufe2f"
_PILE = re.compile(rf"[{_COMBINING}]{{{_MOST_MARKS + 1},}}")


def clean(text: str) -> str:
    """Return the text in NFC, one paragraph a line, without control and invisible characters.

    White space inside a line becomes one space, lines are trimmed and empty ones dropped. A lone
    surrogate, which no encoding can write, becomes U+FFFD. Never raises.
    """
    draft = Draft(text)
    clean_draft(draft, characters(text))
    return draft.text


def encodable(text: str) -> str:
    """Return the text without lone halves of surrogate pairs: each becomes U+FFFD."""
    return _SURROGATE.sub(_scalar, text)


def clean_draft(draft: Draft, letters: set[str]) -> bool:
    """Clean a draft, as :func:`clean` does a text; ``letters`` are the characters it has.

    Returns whether more than white space may have changed.
    """
    changed = False
    if not letters.isdisjoint(_ODD):
        if not letters.isdisjoint(_SURROGATES):
            draft.sub(_SURROGATE, _scalar)
            changed = True
        if not letters.isdisjoint(_UNSEEN):
            changed |= _drop_invisible(draft, letters)
    if not unicodedata.is_normalized("NFC", draft.text):
        draft.sub(_PILE, _stream_safe)
        draft.compose()
        changed = True
    _fold_breaks(draft, odd=not letters.isdisjoint(_ODD_WHITES))
    return changed


def _scalar(surrogates: re.Match[str]) -> str:
    return surrogates.group().encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _stream_safe(pile: re.Match[str]) -> str:
    return pile.group()[:_MOST_MARKS]


def _drop_invisible(draft: Draft, letters: set[str]) -> bool:
    """Drop invisible characters until none is left that a dropped one had protected."""
    before = draft.text
    draft.sub(_NEVER_SEEN, "")
    if letters.isdisjoint(_SOMETIMES_SEEN):
        return True
    # Each round can only uncover what stood beside something dropped; three suffice for any run
    # but hostile ones, and those lose their joiners altogether.
    for _ in range(3):
        last = draft.text
        for removed in _REMOVED:
            draft.sub(removed, "")
        if draft.text == last:
            return draft.text != before
    draft.sub(_SUSPECT, "")
    return True


def fold_whitespace(text: str) -> str:
    """Return the text with one space where there was white space, and no empty or ragged line."""
    draft = Draft(text)
    _fold_breaks(draft, odd=_ODD_WHITE.search(text) is not None)
    return draft.text


def _fold_breaks(draft: Draft, *, odd: bool) -> None:
    if odd:
        draft.sub(_LINE_END, "\n")
    elif not any(ragged in draft.text for ragged in _RAGGED):
        draft.strip("\n ")
        return
    draft.sub(_SPACE_RUN, " ")
    draft.sub(_BREAKS, "\n")
    draft.strip("\n ")
