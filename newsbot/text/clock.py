"""Times of day as publishers print them, with the time zone where they name one."""

import re
from collections.abc import Mapping
from datetime import UTC, time, timedelta, tzinfo
from datetime import timezone as fixed_offset
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from newsbot.text.date_words import any_of, halves, listed
from newsbot.text.folding import fold

# What stands in a line where its date was.
DATE = "\x00"


@attrs.frozen
class Clock:
    """A time of day; ``zone`` is None where none is named."""

    time: time
    zone: tzinfo | None


def zone_named(name: str) -> tzinfo:
    """Return the time zone of an IANA name; UTC for one that is not known."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


@cache
def _zones() -> Mapping[str, tuple[tuple[tuple[str, ...], tzinfo], ...]]:
    """Return each zone's word with who means what by it, those of one country first."""
    table = (files("newsbot.text") / "zones.tsv").read_text("utf8")
    found: dict[str, list[tuple[tuple[str, ...], tzinfo]]] = {}
    for line in table.splitlines():
        if line[:1] not in ("#", ""):
            word, zone, _, *where = line.split("\t")
            signed = zone.lstrip("-").isdigit()
            meant = fixed_offset(timedelta(minutes=int(zone))) if signed else zone_named(zone)
            prefixes = tuple(where[0].split("|")) if where else ("",)
            found.setdefault(word, []).append((prefixes, meant))
    return MappingProxyType(
        {word: tuple(sorted(rows, key=lambda row: row[0] == ("",))) for word, rows in found.items()}
    )


@cache
def zone_words() -> frozenset[str]:
    """Return the words that name time zones, folded."""
    return frozenset(_zones())


# Words that introduce a time written with a point, which could be any number.
_AT = (
    "at|um|klo|kl\\.?|klockan|ore|alle|pukul|om|à|a|as|saat|saati|godz\\.?|jam|luc|v|в|о|στις|ora|las|"
    "الساعه|ساعت|בשעה|เวลา|time|hora|heure|uhrzeit"
)


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """Return the ways to write a time, the surest first."""
    half = any_of(halves())
    before = rf"(?:(?P<before>{half})\s*)?"
    after = rf"(?:\s*(?P<after>{half})(?!\w))?"
    hour, minute = r"(?<![\d:.,/-])t?(?P<hour>\d{1,2})", r"(?P<minute>\d{2})"
    return tuple(
        re.compile(pattern)
        for pattern in (
            # 14:35, 2:35 pm, 14:35:07.5
            rf"{before}{hour}\s?[:٫]\s?{minute}(?::(?P<second>\d{{2}})(?:[.,]\d+)?)?(?!\d){after}",
            # 14h35, 14 h, 14u35
            rf"{hour}\s?[hu](?:\s?{minute})?(?:\s?(?:min|m|s)\b)?(?!\w)",
            # 14時35分, 下午2点35分
            rf"{before}{hour}\s?[時时点點시]\s?(?:{minute}\s?[分분]?|(?P<round>整|半)?)",
            # 9.05am, 14.35 Uhr, klo 14.35
            rf"{hour}[.]{minute}\s?(?:(?P<after>{half})|(?=uhr|uur|hrs|hours|wib|wita|wit|น|h|ч|gmt|utc|bst|cet|cest|ist|est|et|ετ))(?!\d)",
            rf"(?<!\w)(?:{_AT})\s*:?\s*{hour}[.]{minute}(?![\d.])",
            # 14.35.00, and 14.35 right behind a date
            rf"{hour}[.]{minute}[.](?P<second>\d{{2}})(?![\d.])",
            rf"{DATE}[\s,|–-]*{hour}[.]{minute}(?![\d.%])",
            # 1435 GMT, 1435hrs
            rf"(?<![\d:.,/-])(?P<hour>[01]\d|2[0-3]){minute}\s?(?=gmt|utc|hrs|hours|est|edt|bst|cet|ist)(?:hrs|hours)?(?!\d)",
            # 3 pm, 14 Uhr
            rf"{hour}\s?(?P<after>{half})(?!\w)",
            rf"{hour}\s?uhr(?!\w)(?:\s?{minute}(?!\d))?",
            rf"(?<!\w)(?P<noon>{any_of(dict(listed('noon', '*')))})(?!\w)",
        )
    )


_WORD = re.compile(r"[^\W\d_]+")
_OFFSET = re.compile(
    r"[\s(]*(?:(?:gmt|utc|z)\s?)?(?P<sign>[+\-−])\s?(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?(?!\d)"
)


@cache
def _zone_words() -> re.Pattern[str]:
    return re.compile(
        r"(?:[\s,،()|]|uhr|local|saat\w*|h\b|heure de|hora de|ora di|по|за|به وقت|بوقت|(?:ب?(?:ال)?توقيت))*"
        rf"(?P<word>{any_of(_zones())})(?:\s*المكرمه)?(?!\w)"
    )


# A zone in front of its time: "بتوقيت غرينتش 14:35", "GMT 14:35".
@cache
def _zone_in_front() -> re.Pattern[str]:
    return re.compile(
        rf"(?:(?<!\w)ب?(?:ال)?توقيت\s+|(?<!\w)(?=gmt|utc))(?P<word>{any_of(_zones())})(?:\s*المكرمه)?[\s:,|-]*$"
    )


def read_clock(line: str, written: str, timezone: str) -> Clock | None:
    """Return the first time of day in a folded line; None where there is none that can be.

    Where the line had a date it has ``DATE`` now. ``written`` is the line before folding: ``ET``
    names a zone, *et* is a word of French. ``timezone`` is the IANA name of the publisher's own
    zone, which tells India's IST from Ireland's.
    """
    for pattern in _patterns():
        for match in pattern.finditer(line):
            found = _time(match)
            if found is not None:
                zone = _zone(line[match.end() :], written, timezone)
                return Clock(found, zone or _front(line[: match.start()], written, timezone))
    return None


def _time(match: re.Match[str]) -> time | None:
    parts = match.groupdict()
    if parts.get("noon"):
        return time(dict(listed("noon", "*"))[" ".join(parts["noon"].split())])
    hour, minute = int(parts["hour"]), int(parts.get("minute") or 0)
    if parts.get("round") == "半":
        minute = 30
    word = parts.get("after") or parts.get("before") or ""
    hour = _of_day(hour, halves().get(" ".join(word.split())))
    try:
        return time(hour, minute, int(parts.get("second") or 0))
    except ValueError:
        return None


def _of_day(hour: int, half: int | None) -> int:
    """Return an hour of 24: at night twelve is midnight, one to five are early, the rest late."""
    if half == 2:
        half = 1 if 6 <= hour < 12 else 0
    if half == 1 and hour < 12:
        return hour + 12
    return 0 if half == 0 and hour == 12 else hour


def _zone(rest: str, written: str, timezone: str) -> tzinfo | None:
    offset = _OFFSET.match(rest)
    if offset:
        minutes = int(offset["hours"]) * 60 + int(offset["minutes"] or 0)
        if minutes < 24 * 60:
            return fixed_offset(timedelta(minutes=-minutes if offset["sign"] != "+" else minutes))
    named = _zone_words().match(rest)
    return _meant(named["word"], written, timezone) if named else None


def _front(before: str, written: str, timezone: str) -> tzinfo | None:
    named = _zone_in_front().search(before)
    return _meant(named["word"], written, timezone) if named else None


def _meant(word: str, written: str, timezone: str) -> tzinfo | None:
    if word.isascii() and not any(
        each.isupper() and fold(each) == word for each in _WORD.findall(written)
    ):
        capital = word.capitalize()
        if len(word) < 5 or capital not in written:
            return None
    return next(zone for prefixes, zone in _zones()[word] if timezone.startswith(prefixes))
