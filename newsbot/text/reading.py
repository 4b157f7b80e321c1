"""A text as it is meant to be read, and where each of its characters was published.

The rules apply in this order, again until nothing changes:

1. Character references that were left in the text (:mod:`newsbot.text.entities`).
2. Wrong decodings (:mod:`newsbot.text.mojibake`).
3. Invisible characters, white space, composition (:mod:`newsbot.text.unicode`).
4. Presentation forms and ligatures become the letters they show.
5. Look-alike letters of another script (:mod:`newsbot.text.lookalikes`).
6. Words disguised with marks (:mod:`newsbot.text.masking`).
"""

import re
import unicodedata
from functools import cached_property

import attrs

from newsbot.text.draft import Draft, TrackedDraft
from newsbot.text.entities import unescape
from newsbot.text.letters import ARABIC_LETTERS, characters, members
from newsbot.text.lookalikes import restore_letters
from newsbot.text.masking import unmask
from newsbot.text.mojibake import undo_mojibake
from newsbot.text.unicode import clean_draft

# Signs that stand for letters: they are written with the letters themselves. Honorific ligatures
# (U+FDFA and after) are signs of their own and stay.
_FORM = "\ufb00-\ufb06\ufb50-\ufbb1\ufbd3-\ufd3d\ufd50-\ufdf9\ufe70-\ufefc"
_FORMS = re.compile(f"[{_FORM}]")
# Strokes and accents of Latin over Arabic letters mean nothing.
_STRUCK = re.compile(rf"(?<=[{ARABIC_LETTERS}])[\u0300-\u036f]+")
_FORMS_AND_STROKES = members(f"{_FORM}\u0300-\u036f")
# What one rule uncovers another may read; a text that still changes then is no text.
_MOST_ROUNDS = 6


@attrs.frozen(slots=False)
class Repaired:
    """A text as it reads, and as it was published.

    The ranges of :meth:`to_published` and :meth:`to_reading` are ``[start, end)`` in characters.
    """

    text: str
    published: str

    def to_published(self, start: int, end: int) -> tuple[int, int]:
        """Return where characters of the reading text were published.

        From the first that the first stands for to the last that the last stands for; what was
        dropped between them is within.
        """
        return self._draft.published(start, end) if self._draft else (start, end)

    def to_reading(self, start: int, end: int) -> tuple[int, int]:
        """Return the characters that published ones became; an empty range where all were dropped."""
        return self._draft.reading(start, end) if self._draft else (start, end)

    @cached_property
    def _draft(self) -> TrackedDraft | None:
        """The text once more, with its offsets: made when first asked for."""
        if self.text == self.published:
            return None
        draft = TrackedDraft(self.published)
        _read(draft)
        return draft


def repair(text: str) -> str:
    """Return the text as it is meant to be read: cleaned, with disguised words whole again.

    Idempotent, linear in the text's length, and never raises.
    """
    draft = Draft(text)
    _read(draft)
    return draft.text


def repaired(text: str) -> Repaired:
    """Return the text as it is meant to be read, with the way back to what was published."""
    return Repaired(repair(text), text)


def _read(draft: Draft) -> None:
    for _ in range(_MOST_ROUNDS):
        before = draft.text
        letters = characters(before)
        suspicious = unescape(draft, letters)
        if suspicious:
            letters = characters(draft.text)
        if undo_mojibake(draft, letters):
            suspicious, letters = True, characters(draft.text)
        suspicious |= clean_draft(draft, letters)
        cleaned = draft.text
        if not cleaned.isascii():
            if not letters.isdisjoint(_FORMS_AND_STROKES):
                draft.sub(_FORMS, _letters)
                draft.sub(_STRUCK, "")
                letters = characters(draft.text)
            restore_letters(draft, letters)
        unmask(draft, letters)
        # White space alone uncovers nothing.
        if draft.text == before or (draft.text == cleaned and not suspicious):
            return


def _letters(form: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", form.group()).strip()
