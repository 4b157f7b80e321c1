"""Character references that were left in the text: ``&quot;``, ``&amp;quot;``, ``&#1575;``.

A page whose text was escaped twice shows them. So do pages that speak of HTML itself: a line that
holds a tag, a reference between quotes and a parameter of an address stay as they are. Of a reference
that lost its end (``&quot``) or its beginning (``quot;``) only those are read that are no word and
stand for a sign.
"""

import html
import re
from html.entities import html5

from newsbot.text.draft import ADDRESS, Draft

# Signs that editors' tools write, by name (HTML 4).
_SIGNS = (
    "quot|apos|nbsp|laquo|raquo|hellip|mdash|ndash|rsquo|lsquo|ldquo|rdquo|bdquo|sbquo|shy|zwnj"
)
_AGAIN = r"(?:amp;){0,8}"
_REFERENCE = re.compile(
    rf"&{_AGAIN}(?:\#[0-9]{{1,7}}|\#[xX][0-9a-fA-F]{{1,6}}|[A-Za-z][A-Za-z0-9]{{1,31}});"
    rf"|&{_AGAIN}(?:\#[0-9]{{2,7}}(?![0-9;])|(?:{_SIGNS}|amp)(?![A-Za-z0-9;=]))"
    rf"|(?<![\w&;#])(?:amp;){{0,8}}(?:{_SIGNS});"
    r"|(?<=\s)amp;(?=\s)"
    r"|(?<!&)#(?:0?39|0?34|8211|8212|8216|8217|8220|8221|8230|160|[xX]27);"
)
_HALVES = tuple(
    f"{name};"
    for name in f"{_SIGNS}|amp|39|34|8211|8212|8216|8217|8220|8221|8230|160|x27|X27".split("|")
)
_SUSPECT = re.compile("|".join(("&[#A-Za-z]", *_HALVES)))
_MARKUP = re.compile(r"<[/!]?[A-Za-z]|&(?:amp;)*lt;[/!]?[A-Za-z]")
_QUOTES = "\"'`“”«»‘’"
_PARAMETER = re.compile(r"\w+=")


def unescape(draft: Draft, letters: set[str]) -> bool:
    """Put characters for the references that stand for them; says whether it looked like any.

    ``letters`` are the characters of the draft.
    """
    text = draft.text
    if "&" not in letters and not (";" in letters and any(half in text for half in _HALVES)):
        return False
    draft.sub(_REFERENCE, _character, suspect=_SUSPECT, unless=_MARKUP, outside=ADDRESS)
    return True


def _character(reference: re.Match[str]) -> str:
    written, text = reference.group(), reference.string
    start, end = reference.span()
    before, after = text[start - 1 : start], text[end : end + 1]
    if before and before in _QUOTES and after and after in _QUOTES:
        return written
    if _PARAMETER.match(text, end):
        return written
    name = written.removeprefix("&").rstrip(";")
    while name.startswith("amp;"):
        name = name.removeprefix("amp;")
    if name[:1] != "#" and f"{name};" not in html5:
        return written
    character = html.unescape(f"&{name};")
    if not character or (not character.isprintable() and character not in _UNSEEN):
        return written
    return character


# A no-break space, a soft hyphen, joiners and directional marks are not printable, but are meant.
_UNSEEN = frozenset("\xa0\xad\u200b\u200c\u200d\u200e\u200f\u2002\u2003\u2009\ufeff\n\t")
