"""How a page speaks to its reader: numbers, times, lists and newsbot's own sentences, in his language and zone.

Numbers, plurals and spans come from the CLDR by Babel. Digits are those that queries are typed with (0 to 9)
in every language: the Arabic services of the wires and of most pan-Arab newsrooms write them, and what a page
shows can so be typed into a query as it stands. Days are ISO 8601, as in queries, for the same reason, and
since no name of a month is the same in Beirut and in Cairo.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from urllib.parse import unquote
from zoneinfo import ZoneInfo, available_timezones

import attrs
from babel.dates import format_timedelta
from babel.numbers import format_decimal, format_percent
from fastapi import Request
from markupsafe import Markup, escape

from newsbot.text.dates import ParsedDate
from newsbot.web.languages import Language, language_of, languages
from newsbot.web.sentences import is_as_typed, translated

ZONE_COOKIE = "newsbot_zone"
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
# Whatever is left-to-right in itself, and stands in a text of either direction (Unicode UAX #9, 2.4).
_LEFT_TO_RIGHT, _END = "\u2066", "\u2069"
# Clocks differ: what is so little ahead is now.
_SKEW = 5.0


@attrs.frozen
class Speech:
    """A reader's language and zone of time; every method returns text for him."""

    language: Language
    zone: tzinfo = UTC

    # Numbers

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with so many digits behind the point, in groups of three."""
        form = "#,##0" + ("." + "0" * digits if digits else "")
        return str(
            format_decimal(value, form, locale=self.language.locale, numbering_system="latn")
        )

    def share(self, value: float) -> str:
        """Return a share of 1 as a percentage with one digit behind the point."""
        told = format_percent(
            value, "#,##0.0%", locale=self.language.locale, numbering_system="latn"
        )
        return self._isolated(str(told))

    # Times

    def span(self, length: timedelta) -> str:
        """Return how long something is, in the largest unit up to days that it fills."""
        return self._in_unit(length, directed=False)

    def ago(self, moment: datetime | None) -> str:
        """Return how long ago a moment was, or in how long it will be, as a whole phrase; "–" for none."""
        if moment is None:
            return "–"
        left = moment - datetime.now(UTC)
        if timedelta(0) < left < timedelta(seconds=_SKEW):
            left = timedelta(0)
        return self._in_unit(left, directed=True)

    def _in_unit(self, length: timedelta, *, directed: bool) -> str:
        seconds = abs(length.total_seconds())
        unit = next((unit for unit, size in _UNITS if seconds >= size), "second")
        # A span of none has no direction of its own; it is told as past.
        length = length or timedelta(microseconds=-1)
        return format_timedelta(
            length,
            granularity=unit,  # type: ignore[arg-type]
            threshold=float("inf"),
            add_direction=directed,
            locale=self.language.locale,
        )

    def exactly(self, moment: datetime | date | None) -> str:
        """Return a moment in the reader's zone, which is named, or a day, in full; "" for none."""
        if moment is None:
            return ""
        if isinstance(moment, datetime):
            return self._isolated(_written(moment, self.zone))
        return self._isolated(moment.isoformat())

    def published(self, stated: ParsedDate | None) -> str:
        """Return a date of publication, as precise as it is known."""
        gettext = self.language.words.gettext
        if stated is None:
            return gettext("date not known")
        told = stated.day.isoformat()
        if stated.instant is not None:
            told = _written(stated.instant, self.zone, seconds=False)
        told = self._isolated(told)
        if not stated.doubt:
            return told
        doubted = gettext("%(date)s (not believed: %(doubt)s)")
        return doubted % {"date": told, "doubt": self.told_text(stated.doubt)}

    def moment(self, moment: datetime | None) -> Markup:
        """Return a moment as an element: the reader's time, UTC where it is pointed at; "–" for none."""
        return self._element(moment, self.exactly(moment))

    def time_ago(self, moment: datetime | None) -> Markup:
        """Return how long ago a moment was as an element, in full where it is pointed at; "–" for none."""
        return self._element(moment, self.ago(moment))

    def _element(self, moment: datetime | None, shown: str) -> Markup:
        if moment is None:
            return Markup("–")
        exactly = {_written(moment, self.zone): None, _written(moment, UTC): None}
        pointed_at = " · ".join(self._isolated(each) for each in exactly)
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            moment.isoformat(), pointed_at, shown
        )

    # Words

    def listed(self, names: Iterable[str]) -> Markup:
        """Return names of people's making, each apart from the text around it, in one row."""
        comma = self.language.words.gettext(", ")
        return escape(comma).join(Markup("<bdi>{}</bdi>").format(each) for each in names)

    def told(self, text: str | None) -> Markup:
        """Return what newsbot's other parts say in English, for a page.

        What cannot be said in the reader's language stays as it is, and is marked as English.
        """
        if not text:
            return Markup("")
        if self.language.code == "en":
            return escape(text)
        said = translated(self.language, text)
        if said is not None:
            return Markup("\n").join(
                Markup('<span class="as-typed" dir="ltr">{}</span>').format(line)
                if is_as_typed(line)
                else escape(line)
                for line in said.split("\n")
            )
        if direction_of_letters(text) == "rtl":
            return Markup("<bdi>{}</bdi>").format(text)
        return Markup('<span lang="en" dir="ltr">{}</span>').format(text)

    def told_text(self, text: str | None) -> str:
        """Return the same as plain text, as for an attribute."""
        if not text or self.language.code == "en":
            return text or ""
        return translated(self.language, text) or self._isolated(text)

    def _isolated(self, told: str) -> str:
        """Return text that reads from left to right so that it does in a text that does not."""
        if self.language.direction == "ltr":
            return told
        return f"{_LEFT_TO_RIGHT}{told}{_END}"


def direction_of_letters(text: str) -> str:
    """Return "rtl" where the first letter of a text is of a script written so, else "ltr"."""
    first = next((letter for letter in text if letter.isalpha()), "")
    return "rtl" if "\u0590" <= first <= "\u08ff" or "\ufb1d" <= first <= "\ufefc" else "ltr"


def _written(moment: datetime, zone: tzinfo, *, seconds: bool = True) -> str:
    there = moment.astimezone(zone)
    # A zone without a short name of its own is named by its distance, as in +03.
    name = there.tzname() or ""
    named = f"UTC{name}" if name[:1] in ("+", "-") else name
    return f"{there:%Y-%m-%d %H:%M:%S} {named}" if seconds else f"{there:%Y-%m-%d %H:%M} {named}"


@cache
def _zone(name: str) -> tzinfo:
    return ZoneInfo(name)


def zone_of(request: Request) -> tzinfo:
    """Return the zone of time that a reader's browser has said, or UTC."""
    name = unquote(request.cookies.get(ZONE_COOKIE, ""))
    if name in known_zones():
        return _zone(name)
    return UTC


@cache
def known_zones() -> frozenset[str]:
    """Return the names of all zones of time, as in the tz database."""
    return frozenset(available_timezones())


def speech_of(request: Request) -> Speech:
    """Return how to speak to whoever asks."""
    return Speech(language_of(request), zone_of(request))


_SPOKEN: ContextVar[Speech] = ContextVar("speech")


@contextmanager
def speaking(speech: Speech) -> Iterator[None]:
    """Have templates speak so within."""
    before = _SPOKEN.set(speech)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def spoken() -> Speech:
    """Return how the page that is being made speaks; plain English and UTC outside of any."""
    return _SPOKEN.get(None) or Speech(languages()["en"])
