"""A printed date is read to the day, and to the instant where a time is given."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from babel.dates import format_date, format_datetime, format_timedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from newsbot.text import parse_date
from newsbot.text.dates import ParsedDate

GOLD = Path(__file__).parents[2] / "shared" / "gold" / "dates.jsonl"
CASES = [json.loads(line) for line in GOLD.open()] if GOLD.exists() else []
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

# Languages whose own ways to print dates (as Unicode CLDR has them) are all read.
LANGUAGES = (
    "ar fa ur de en fr es pt it nl ca tr az ru uk be bg sr hr mk pl cs sk sl ro hu fi sv nb da "
    "et lv lt el he hi bn vi id ms zh ja ko"
).split()

READ = {
    ("Mon Mar 23 2020 14:35:00 GMT+0300 (EEST)", "en"): "2020-03-23T11:35",
    ("2020-03-23 14:35:00 +0300", "en"): "2020-03-23T11:35",
    ("Saturday 14 May 2022 09.00 BST", "en"): "2022-05-14T08:00",
    ("March 23, 2020 2:35 p.m. PT", "en"): "2020-03-23T21:35",
    ("an hour ago", "en"): "2026-03-01T11:00",
    ("Yesterday, 18:20", "en"): "2026-02-28T18:20",
    ("Sept. 5, 2025", "en"): "2025-09-05",
    ("lundi 23 mars 2020 à 14h35 est", "fr"): "2020-03-23T14:35",
    ("الأحد 1 مارس 2026 - 11:20 بتوقيت دمشق", "ar"): "2026-03-01T08:20",
    ("١٥ شباط/فبراير ٢٠٢٤", "ar"): "2024-02-15",
    ("9 جويلية 2021", "ar"): "2021-07-09",
    ("أول أمس", "ar"): "2026-02-27",
    ("1 رمضان 1445هـ", "ar"): "2024-03-11",
    ("29 رجب 1441 هـ - 24 مارس 2020", "ar"): "2020-03-24",
    ("30 اسفند 1399", "fa"): "2021-03-20",
    ("1399/01/04", "fa"): "2020-03-23",
    ("01 Mart 2026 - 14:35 TSİ", "tr"): "2026-03-01T11:35",
    ("2026년 3월 1일 오후 2:35", "ko"): "2026-03-01T14:35",
    ("2020年3月23日 下午2点35分", "zh"): "2020-03-23T14:35",
    ("23.03.2020, 14.35 Uhr", "de"): "2020-03-23T14:35",
    ("Il 23 marzo 2020 alle 14:35", "it"): "2020-03-23T14:35",
}
NO_DATE = (
    "",
    "2020",
    "March 2020",
    "مايو 2020",
    "12:30",
    "31.11.2020",
    "Feb. 29, 2021",
    "2020-02-30",
    "2020-13-01",
    "30 February 2024",
    "31 اسفند 1399",
    "192.168.1.1",
    "v1.2.3",
    "10/10",
    "+1 212-555-0123",
    "1.500.000",
    "ISSN 2049-3630",
    "© 1998-2020",
    "2 months ago",
    "The 5 things that everybody has to read before 3 May arrives in town",
)


def said(parsed: ParsedDate | None, wanted: str | None) -> str | None:
    """Return what was read, as precisely as it was wanted."""
    if parsed is None:
        return None
    if parsed.instant and "T" in (wanted or "T"):
        return parsed.instant.strftime("%Y-%m-%dT%H:%M")
    return parsed.day.isoformat()


@pytest.mark.shared
@pytest.mark.skipif(not CASES, reason=f"no labelled dates at {GOLD}")
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['lang']}: {case['text']}")
def test_the_labelled_dates_are_read(case: dict[str, str | None]) -> None:
    parsed = parse_date(
        case["text"] or "",
        language=case["lang"] or "",
        reference=datetime.fromisoformat(case["ref"] or ""),
        timezone=case["tz"] or "",
    )
    assert said(parsed, case["want"]) == case["want"]


@pytest.mark.parametrize(("printed", "wanted"), READ.items())
def test_a_date_is_read_as_precisely_as_it_is_printed(
    printed: tuple[str, str], wanted: str
) -> None:
    parsed = parse_date(printed[0], language=printed[1], reference=NOW, timezone="UTC")
    assert said(parsed, None) == wanted


@pytest.mark.parametrize("text", NO_DATE)
@pytest.mark.parametrize("language", ["en", "ar", "fa"])
def test_what_tells_no_day_is_no_date(text: str, language: str) -> None:
    assert parse_date(text, language=language, reference=NOW, timezone="UTC") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_s_own_way_to_print_dates_is_read(language: str) -> None:
    for day in (date(2020, 3, 23), date(2019, 1, 5), date(2023, 5, 9), date(2024, 12, 31)):
        for width in ("full", "long", "medium"):
            printed = format_date(day, width, locale=language)
            parsed = parse_date(printed, language=language, reference=NOW, timezone="UTC")
            assert parsed == ParsedDate(day), printed
    moment = datetime(2023, 11, 7, 14, 35, tzinfo=UTC)
    printed = format_datetime(moment, "medium", locale=language)
    parsed = parse_date(printed, language=language, reference=NOW, timezone="UTC")
    assert parsed == ParsedDate(moment.date(), moment), printed


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("ago", [timedelta(hours=1), timedelta(hours=5), timedelta(minutes=20)])
def test_so_long_ago_is_counted_from_the_reference(language: str, ago: timedelta) -> None:
    printed = format_timedelta(
        -ago, granularity="minute", threshold=1, add_direction=True, locale=language
    )
    parsed = parse_date(printed, language=language, reference=NOW, timezone="UTC")
    assert parsed == ParsedDate((NOW - ago).date(), NOW - ago), printed


def test_the_country_decides_between_day_and_month() -> None:
    def day(timezone: str) -> date | None:
        parsed = parse_date("3/4/2026", language="en", reference=NOW, timezone=timezone)
        return parsed and parsed.day

    assert day("America/New_York") == date(2026, 3, 4)
    assert day("Europe/London") == date(2026, 4, 3)


def test_a_day_is_the_publisher_s_and_an_instant_is_everyone_s() -> None:
    parsed = parse_date(
        "23 March 2020 01:30", language="en", reference=NOW, timezone="Europe/Istanbul"
    )
    assert parsed == ParsedDate(date(2020, 3, 23), datetime(2020, 3, 22, 22, 30, tzinfo=UTC))


def test_an_unknown_language_or_time_zone_is_no_obstacle() -> None:
    parsed = parse_date("23 March 2020 14:35", language="xx", reference=NOW, timezone="No/Where")
    assert parsed == ParsedDate(date(2020, 3, 23), datetime(2020, 3, 23, 14, 35, tzinfo=UTC))


DATELIKE = st.text("0123456789/-.: ,TZ+年月日marchmaiمارسرجب٠١\ud800\x00", max_size=40)


@settings(max_examples=300, deadline=None)
@given(DATELIKE | st.text(st.characters(exclude_categories=())), st.sampled_from(["", "en", "ar"]))
def test_any_line_gets_an_answer(text: str, language: str) -> None:
    parsed = parse_date(text, language=language, reference=NOW, timezone="Asia/Tokyo")
    assert parsed is None or 1900 <= parsed.day.year <= 2100
