"""Dates: how many are read right, and how fast, beside dateparser with the language given.

Two lists, each of a text, its language and what it means: the labelled one beside the checkout, and
the project's own of many languages (``tests/printed_dates.tsv``). Both readers get the same language,
reference and time zone, in one process, on one core; what a reader says is right where the day is,
and the instant where one is printed.
"""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import attrs

from newsbot.text import parse_date

ROOT = Path(__file__).parents[1]
GOLD = ROOT.parent / "shared" / "gold" / "dates.jsonl"
PRINTED = ROOT / "tests" / "printed_dates.tsv"
REFERENCE = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECONDS = 2.0


@attrs.frozen
class Case:
    """A printed date and what it means: a day, an instant to the minute, or None for no date."""

    text: str
    language: str
    reference: datetime
    timezone: str
    wanted: str | None


Reader = Callable[[Case], str | None]


def run() -> None:
    """Print accuracy and speed of both readers on both lists."""
    readers: dict[str, Reader] = {"newsbot": _newsbot}
    try:
        import dateparser  # noqa: F401 - whether it is there
    except ImportError:
        print("dates: dateparser is not installed here, so it is left out (pip install dateparser)")
    else:
        readers["dateparser"] = _dateparser
    lists = {"many languages": _printed()}
    if GOLD.exists():
        lists["labelled"] = _labelled()
    else:
        print(f"dates: no labelled dates at {GOLD}")
    for title, cases in lists.items():
        for name, read in readers.items():
            right = sum(read(case) == case.wanted for case in cases)
            print(
                f"dates, {title}: {name} reads {right} of {len(cases)} right, "
                f"{_speed(read, cases):,.0f} a second"
            )


def _speed(read: Reader, cases: list[Case]) -> float:
    done = 0
    start = time.perf_counter()
    while time.perf_counter() - start < SECONDS:
        for case in cases:
            read(case)
        done += len(cases)
    return done / (time.perf_counter() - start)


def _newsbot(case: Case) -> str | None:
    found = parse_date(
        case.text, language=case.language, reference=case.reference, timezone=case.timezone
    )
    if found is None:
        return None
    exact = found.instant is not None and (case.wanted is None or "T" in case.wanted)
    return found.instant.strftime("%Y-%m-%dT%H:%M") if exact else found.day.isoformat()


# dateparser's own codes where they differ, and languages it does not know.
_THEIRS = {"no": "nb", "tl": "fil"}


def _dateparser(case: Case) -> str | None:
    import dateparser

    language = _THEIRS.get(case.language, case.language)
    try:
        found = dateparser.parse(
            case.text,
            languages=[language],
            settings={
                "RELATIVE_BASE": case.reference.replace(tzinfo=None),
                "TIMEZONE": case.timezone,
                "TO_TIMEZONE": "UTC" if case.wanted and "T" in case.wanted else case.timezone,
                "RETURN_AS_TIMEZONE_AWARE": True,
                "PREFER_DATES_FROM": "past",
            },
        )
    except Exception:
        return None
    if found is None:
        return None
    exact = case.wanted is not None and "T" in case.wanted
    return found.strftime("%Y-%m-%dT%H:%M") if exact else found.date().isoformat()


def _labelled() -> list[Case]:
    rows = map(json.loads, GOLD.read_text("utf8").splitlines())
    return [
        Case(row["text"], row["lang"], datetime.fromisoformat(row["ref"]), row["tz"], row["want"])
        for row in rows
    ]


def _printed() -> list[Case]:
    lines = PRINTED.read_text("utf8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return [Case(text, language, REFERENCE, "UTC", wanted) for language, text, wanted in rows]


if __name__ == "__main__":
    run()
