"""A printed date is read to the day, and to the instant where a time is given."""

import json
import time
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
PRINTED = [
    tuple(line.split("\t"))
    for line in Path(__file__).with_name("printed_dates.tsv").read_text("utf8").splitlines()
    if not line.startswith("#")
]
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
    "build 2020.3.23.1",
    "v1.2.3",
    "10/10",
    "+1 212-555-0123",
    "1.500.000",
    "ISSN 2049-3630",
    "© 1998-2020",
    "2 months ago",
    "The 5 things that everybody has to read before 3 May arrives in town",
    "Page 3 of 20",
    "1/3",
    "3/20",
    "Copyright 2020",
    "© 2020 Example",
    "© 1998-2020 Example Media. All rights reserved.",
    "Version 10.15.7",
    "2.3.2020.1",
    "10.0.0.1",
    "555-01-2345",
    "(02) 9374 4000",
    "020 7946 0018",
    "$1,299.00",
    "3.50 EUR",
    "12.99",
    "3-2",
    "2:1",
    "FC United 3-1 City Rovers",
    "Score: 21-14",
    "1998-2020",
    "2019/20",
    "2019–2020 season",
    "aged 23",
    "23 years old",
    "Aged 12 March supporters",
    "5 min read",
    "10 comments",
    "COVID-19",
    "G20",
    "F-16",
    "Top 10",
    "ISBN 978-3-16-148410-0",
    "Article 5",
    "May",
    "Mar",
    "Sun",
    "March",
    "May 2020 be better",
    "30 February 2020",
    "Feb 29, 2021",
    "2021-02-29",
    "2020-00-10",
    "00/00/0000",
    "0000-00-00",
    "0001-01-01",
    "0001-01-01T00:00:00Z",
    "99/99/9999",
    "32/01/2020",
    "2020-03-23T25:61:00Z",
    "13/13/2020",
    "1/2/3",
    "24/7",
    "9/11",
    "50/50",
    "4K 60fps",
    "100%",
    "1 of 3",
    "last year",
    "10 years ago",
    "Read in 3 minutes",
    "3 minutes read",
    "12 March Street",
    "Sept 11 attacks remembered by thousands of people in the city",
    "12345678",
    "99999999",
    "123456789012",
    "0",
    "-1",
    "None",
    "null",
    "{{ date }}",
    "DD/MM/YYYY",
    "1,234",
    "call 0800 123 456",
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


@pytest.mark.parametrize(("language", "text", "wanted"), PRINTED)
def test_sites_of_many_languages_are_read(language: str, text: str, wanted: str) -> None:
    parsed = parse_date(text, language=language, reference=NOW, timezone="UTC")
    assert said(parsed, None) == wanted


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


@pytest.mark.parametrize(
    ("language", "timezone", "month"),
    [
        ("en", "America/New_York", 3),
        ("en-US", "Europe/London", 3),
        ("en", "Asia/Manila", 3),
        ("", "US/Pacific", 3),
        ("en", "Europe/London", 4),
        ("en-GB", "America/New_York", 4),
        ("en-AU", "Australia/Sydney", 4),
        ("en", "Asia/Kolkata", 4),
        ("en", "UTC", 4),
        ("es", "America/New_York", 4),
        ("", "UTC", 4),
    ],
)
def test_the_country_decides_between_day_and_month(
    language: str, timezone: str, month: int
) -> None:
    parsed = parse_date("3/4/2026", language=language, reference=NOW, timezone=timezone)
    assert parsed == ParsedDate(date(2026, month, 7 - month))


@pytest.mark.parametrize(
    ("text", "timezone", "hour"),
    [
        ("7 Nov 2023 14:00 IST", "Asia/Kolkata", "08:30"),
        ("7 Jul 2023 14:00 IST", "Europe/Dublin", "13:00"),
        ("7 Nov 2023 14:00 IST", "Asia/Jerusalem", "12:00"),
        ("7 Nov 2023 14:00 CST", "America/Chicago", "20:00"),
        ("7 Nov 2023 14:00 CST", "Asia/Shanghai", "06:00"),
        ("7 Nov 2023 14:00 EST", "Australia/Sydney", "04:00"),
        ("7 Nov 2023 14:00", "America/New_York", "19:00"),
    ],
)
def test_a_zone_s_letters_mean_what_its_country_means(text: str, timezone: str, hour: str) -> None:
    parsed = parse_date(text, language="en", reference=NOW, timezone=timezone)
    assert parsed is not None
    assert parsed.instant is not None
    assert parsed.instant.strftime("%H:%M") == hour


@pytest.mark.parametrize("text", ["31 March 2024 02:30", "27 October 2024 02:30"])
def test_an_hour_that_a_clock_skips_or_shows_twice_is_still_an_instant(text: str) -> None:
    parsed = parse_date(text, language="en", reference=NOW, timezone="Europe/Berlin")
    assert parsed is not None
    assert parsed.instant is not None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("٢٣ مارس ٢٠٢٠", "en"),
        ("23 марта 2020", ""),
        ("23 de marzo de 2020", ""),
        ("2020年3月23日", "en"),
    ],
)
def test_a_page_that_does_not_know_its_language_is_read(text: str, language: str) -> None:
    parsed = parse_date(text, language=language, reference=NOW, timezone="UTC")
    assert parsed == ParsedDate(date(2020, 3, 23))


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
@given(
    DATELIKE | st.text(st.characters(exclude_categories=())),
    st.sampled_from(["", "en", "ar", "fa", "th", "zh-Hant-TW", "?"]),
    st.sampled_from(["Asia/Tokyo", "America/New_York", "", "\x00"]),
)
def test_any_line_gets_an_answer(text: str, language: str, timezone: str) -> None:
    parsed = parse_date(text, language=language, reference=NOW, timezone=timezone)
    assert parsed is None or 1900 <= parsed.day.year <= 2101


@pytest.mark.alone
def test_a_hostile_line_costs_no_more_than_a_long_one() -> None:
    start = time.perf_counter()
    for part in ("1 ", "1/", "1.", "1 Mar ", "a ", "2020 ", "1 hour ", "7月", "منذ 3 "):
        parse_date(part * 1000, language="ar", reference=NOW, timezone="UTC")
    assert time.perf_counter() - start < 2
