"""Times of day as publishers print them, with the time zone where they name one."""

import re
from datetime import UTC, time, timedelta, tzinfo
from datetime import timezone as fixed_offset
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from newsbot.text.date_words import any_of, halves
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
def _zones() -> dict[str, tzinfo]:
    table = (files("newsbot.text") / "zones.tsv").read_text("utf8")
    found: dict[str, tzinfo] = {}
    for line in table.splitlines():
        if line[:1] not in ("#", ""):
            word, zone, _ = line.split("\t")
            signed = zone.lstrip("-").isdigit()
            found[word] = fixed_offset(timedelta(minutes=int(zone))) if signed else zone_named(zone)
    return found


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
            # 14h35, 14 h
            rf"{hour}\s?h(?:\s?{minute})?(?:\s?(?:min|m|s)\b)?(?!\w)",
            # 14時35分, 下午2点35分
            rf"{before}{hour}\s?[時时点點시]\s?(?:{minute}\s?[分분]?|(?P<round>整|半)?)",
            # 9.05am, 14.35 Uhr, klo 14.35
            rf"{hour}\.{minute}\s?(?:(?P<after>{half})|uhr|hrs|wib|wita|wit)(?!\w)",
            rf"(?<!\w)(?:at|um|klo|kl|kl\.|ore|alle|pukul|om|à|a|saat|saati)\s+{hour}\.{minute}(?![\d.])",
            # 14.35.00, and 14.35 right behind a date
            rf"{hour}\.{minute}\.(?P<second>\d{{2}})(?![\d.])",
            rf"{DATE}[\s,|–-]*{hour}\.{minute}(?![\d.%])",
            # 3 pm, 14 Uhr
            rf"{hour}\s?(?P<after>{half})(?!\w)",
            rf"{hour}\s?uhr(?!\w)(?:\s?{minute}(?!\d))?",
        )
    )


_WORD = re.compile(r"[^\W\d_]+")
_OFFSET = re.compile(
    r"[\s(]*(?:(?:gmt|utc|z)\s?)?(?P<sign>[+\-−])\s?(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?(?!\d)"
)


@cache
def _zone_words() -> re.Pattern[str]:
    return re.compile(
        r"(?:[\s,،()|]|uhr|local|saat\w*|(?:ب?(?:ال)?توقيت))*"
        rf"(?P<word>{any_of(_zones())})(?:\s*المكرمه)?(?!\w)"
    )


def read_clock(line: str, written: str) -> Clock | None:
    """Return the first time of day in a folded line; None where there is none that can be.

    Where the line had a date it has ``DATE`` now.
    ``written`` is the line before folding: ``ET`` names a zone, *et* is a word of French.
    """
    for pattern in _patterns():
        for match in pattern.finditer(line):
            found = _time(match)
            if found is not None:
                return Clock(found, _zone(line[match.end() :], written))
    return None


def _time(match: re.Match[str]) -> time | None:
    parts = match.groupdict()
    hour, minute = int(parts["hour"]), int(parts.get("minute") or 0)
    if parts.get("round") == "半":
        minute = 30
    half = halves().get(parts.get("after") or parts.get("before") or "")
    if half == 1 and hour < 12:
        hour += 12
    elif half == 0 and hour == 12:
        hour = 0
    try:
        return time(hour, minute, int(parts.get("second") or 0))
    except ValueError:
        return None


def _zone(rest: str, written: str) -> tzinfo | None:
    offset = _OFFSET.match(rest)
    if offset:
        minutes = int(offset["hours"]) * 60 + int(offset["minutes"] or 0)
        if minutes < 24 * 60:
            return fixed_offset(timedelta(minutes=-minutes if offset["sign"] != "+" else minutes))
    named = _zone_words().match(rest)
    if named is None:
        return None
    word = named["word"]
    if word.isascii() and not any(
        each.isupper() and fold(each) == word for each in _WORD.findall(written)
    ):
        return None
    return _zones()[word]
