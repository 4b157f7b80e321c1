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
# What some places hold; the others hold any text.
_NUMBER, _TIME, _WORD = r"[\d.,]+(?: ?%)?", r"[\d: -]+(?: UTC)?", r"[\w.]+"
_KINDS = (
    dict.fromkeys(("count", "of", "hours", "days", "least", "most", "times", "terms"), _NUMBER)
    | dict.fromkeys(("usual", "share", "now"), _NUMBER)
    | dict.fromkeys(("first", "last", "start", "end"), _TIME)
    | {"counts": r"[\d? ]+", "span": r"[\da-z ]+", "field": _WORD}
)
_TALLY = re.compile(rf"({_NUMBER}) (.+)")
# Longer texts are nobody's sentence.
_LONGEST = 2_000


def translated(language: Language, text: str) -> str | None:
    """Return what a sentence or word of newsbot's own is in a language; None where it is not known.

    Lines that begin with two spaces stand as they are: they show what was typed, and where something is.
    """
    if len(text) > _LONGEST:
        return None
    return _translated(language.code, text)


def is_as_typed(line: str) -> bool:
    """Say whether a line shows what was typed, or where in it something is."""
    return line.startswith("  ")


@lru_cache(maxsize=4_096)
def _translated(code: str, text: str) -> str | None:
    told = [
        line if is_as_typed(line) else _sentence(code, line.strip()) for line in text.split("\n")
    ]
    known = [line for line in told if line is not None]
    return "\n".join(known) if len(known) == len(told) else None


def _sentence(code: str, text: str) -> str | None:
    if not text:
        return ""
    gettext = languages()[code].words.gettext
    exact, patterns = _known()
    for tried in (text, text[:1].lower() + text[1:]):
        if tried in exact:
            return gettext(tried)
        for message, pattern in patterns:
            found = pattern.fullmatch(tried)
            if found and (found.groupdict().get("field") or "by") in exact:
                return _filled(code, gettext(message), found.groupdict())
    tally = _TALLY.fullmatch(text)
    if tally and tally[2] in exact:
        return f"{tally[1]} {gettext(tally[2])}"
    return _in_parts(code, text)


def _filled(code: str, message: str, values: Mapping[str, str]) -> str:
    def place(found: re.Match[str]) -> str:
        value = values[found[1]]
        return _sentence(code, value) or f"{_ISOLATE}{value}{_END}"

    return _PLACE.sub(place, message)


def _in_parts(code: str, text: str) -> str | None:
    """Return a text of several sentences, each of which is known, told one by one."""
    gettext = languages()[code].words.gettext
    if text.endswith(".") and (said := _sentence(code, text[:-1])):
        return f"{said}."
    for between in ("; ", ", ", " · "):
        parts = text.split(between)
        if len(parts) > 1:
            told = [said for part in parts if (said := _sentence(code, part))]
            if len(told) == len(parts):
                return (between if between == " · " else gettext(between)).join(told)
    return None


@cache
def _known() -> tuple[frozenset[str], tuple[tuple[str, re.Pattern[str]], ...]]:
    exact = frozenset(each for each in MESSAGES if not _PLACE.search(each))
    return exact, tuple((each, _pattern(each)) for each in MESSAGES if each not in exact)


def _pattern(message: str) -> re.Pattern[str]:
    pieces = _PLACE.split(message)
    return re.compile(
        "".join(
            f"(?P<{piece}>{_KINDS.get(piece, '.+?')})" if at % 2 else re.escape(piece)
            for at, piece in enumerate(pieces)
        )
    )
