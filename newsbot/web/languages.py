"""The languages of the pages: words from gettext's catalogues, direction, and which one a reader has.

Catalogues are text (``locale/ar.po``), read at the start: there is no step that builds them.
"""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

import attrs
from babel import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from fastapi import Request

COOKIE = "newsbot_language"


@attrs.frozen
class Language:
    """One language of the pages: ``code`` (BCP 47), its own name, direction, words and habits."""

    code: str
    name: str
    direction: str
    words: NullTranslations
    locale: Locale


@cache
def languages() -> dict[str, Language]:
    """Return the languages there are, by their codes; English, in which the pages are written, is first."""
    return {code: _language(code) for code in ("en", "ar")}


def language_of(request: Request) -> Language:
    """Return the language that a reader chose, else the first that his browser asks for, else English."""
    there = languages()
    chosen = request.cookies.get(COOKIE, "")
    if chosen in there:
        return there[chosen]
    asked = [part.split(";")[0].strip() for part in _preferred(request)]
    return there[negotiate_locale(asked, list(there), sep="-") or "en"]


def _preferred(request: Request) -> list[str]:
    """Return what ``Accept-Language`` names, the most wanted first (RFC 9110, 12.5.4)."""

    def weight(part: str) -> float:
        _, _, q = part.partition(";q=")
        try:
            return -float(q or 1)
        except ValueError:
            return 0.0

    parts = request.headers.get("accept-language", "")[:500].replace(" ", "").split(",")
    return sorted((part for part in parts if part and weight(part)), key=weight)


def _language(code: str) -> Language:
    locale = Locale.parse(code, sep="-")
    return Language(
        code=code,
        name=locale.get_display_name(code) or code,
        direction="rtl" if locale.text_direction == "rtl" else "ltr",
        words=_words(code),
        locale=locale,
    )


def _words(code: str) -> NullTranslations:
    if code == "en":
        return NullTranslations()
    compiled = BytesIO()
    with files("newsbot.web").joinpath("locale", f"{code}.po").open("rb") as written:
        write_mo(compiled, read_po(written, locale=code))
    compiled.seek(0)
    return GNUTranslations(compiled)
