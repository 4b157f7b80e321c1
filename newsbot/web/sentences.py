"""What newsbot's other parts say in English, in a reader's language.

Floors below the pages speak English: to logs, terminals, letters and the API. Their sentences are known here as
messages with ``{places}``; a sentence that fits one is told by the catalogue's words for it, and what stood in
the places is told in its turn where it is a sentence or a word of newsbot's own. What fits none stays English.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from newsbot.web.languages import Language, languages
from newsbot.web.said import MESSAGES

_PLACE = re.compile(r"\{(\w+)\}")
# What stands in a place may be of either direction (Unicode UAX #9, 2.4).
_ISOLATE, _END = "\u2068", "\u2069"
# Longer texts are nobody's sentence.
_LONGEST = 2_000


def translated(language: Language, text: str) -> str | None:
    """Return what a sentence or word of newsbot's own is in a language; None where it is not known.

    Lines below the first stand as they are: they show what was typed, and where in it something is.
    """
    if len(text) > _LONGEST:
        return None
    return _translated(language.code, text)


@lru_cache(maxsize=4_096)
def _translated(code: str, text: str) -> str | None:
    head, line, rest = text.partition("\n")
    said = _sentence(code, head.strip())
    return None if said is None else f"{said}{line}{rest}"


def _sentence(code: str, text: str) -> str | None:
    gettext = languages()[code].words.gettext
    exact, patterns = _known()
    for tried in (text, text[:1].lower() + text[1:]):
        if tried in exact:
            return gettext(tried)
        for message, pattern in patterns:
            if found := pattern.fullmatch(tried):
                return _filled(code, gettext(message), found.groupdict())
    return _in_parts(code, text)


def _filled(code: str, message: str, values: Mapping[str, str]) -> str:
    def place(found: re.Match[str]) -> str:
        value = values[found[1]]
        return _sentence(code, value) or f"{_ISOLATE}{value}{_END}"

    return _PLACE.sub(place, message)


def _in_parts(code: str, text: str) -> str | None:
    """Return a text of several sentences told one by one; those not known stay as they are."""
    gettext = languages()[code].words.gettext
    for between in ("; ", ", "):
        parts = text.split(between)
        if len(parts) > 1:
            told = [_sentence(code, part) for part in parts]
            if any(told):
                pairs = zip(told, parts, strict=True)
                whole = [said or f"{_ISOLATE}{part}{_END}" for said, part in pairs]
                return gettext(between).join(whole)
    return None


@cache
def _known() -> tuple[frozenset[str], tuple[tuple[str, re.Pattern[str]], ...]]:
    exact = frozenset(each for each in MESSAGES if not _PLACE.search(each))
    return exact, tuple((each, _pattern(each)) for each in MESSAGES if each not in exact)


def _pattern(message: str) -> re.Pattern[str]:
    pieces = _PLACE.split(message)
    return re.compile(
        "".join(
            f"(?P<{piece}>.+?)" if at % 2 else re.escape(piece) for at, piece in enumerate(pieces)
        )
    )
