"""Sitemaps as they are found, and which of an index's are read."""

import gzip
import time
from datetime import date

import pytest

from newsbot.discovery import Child, read_sitemap, worth_reading
from newsbot.text.dates import ParsedDate

HOME = "https://news.example/"
MAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><!-- <url><loc>/hidden</loc></url> -->
<url><loc>https://news.example/مقال/١</loc><lastmod>2024-05-17T10:00:00+03:00</lastmod></url>
<url><loc>/b</loc><lastmod>2024-05-16</lastmod><priority>0.5</priority></url></urlset>"""


def urls(body: bytes) -> list[str]:
    return [entry.url for entry in read_sitemap(body, HOME).entries]


WHOLE = ["https://news.example/مقال/١", "https://news.example/b"]


@pytest.mark.parametrize(
    "body",
    [
        MAP.encode(),
        gzip.compress(MAP.encode()),
        b"\n\n" + MAP.encode(),
        b"\xef\xbb\xbf" + MAP.encode(),
        MAP.replace("UTF-8", "UTF-16").encode("utf-16"),
        MAP.replace("UTF-8", "windows-1256").encode("windows-1256", "xmlcharrefreplace"),
        MAP.replace("<url>", "<sm:url>")
        .replace("</url>", "</sm:url>")
        .replace("<loc>", "<sm:loc>")
        .replace("</loc>", "</sm:loc>")
        .encode(),
        MAP.replace("<loc>/b<", "<loc><![CDATA[ /b ]]><").encode(),
        MAP.upper().replace("/B<", "/b<").replace("HTTPS://NEWS.EXAMPLE", HOME[:-1]).encode(),
        MAP.replace("</urlset>", "<url><loc>https://news.example/torn").encode(),
        MAP.replace("</urlset>", "<url><loc>/" + "x" * 3000 + "</loc></url>").encode(),
        "\r\n".join([*WHOLE, "no address", ""]).encode(),
        gzip.compress("\n".join(WHOLE).encode()),
    ],
    ids="plain gzip blank bom utf16 cp1256 prefix cdata capitals torn long text textgzip".split(),
)
def test_a_sitemap_is_read_however_it_is_written(body: bytes) -> None:
    assert urls(body) == WHOLE


def test_the_last_change_is_kept() -> None:
    first, second = read_sitemap(MAP.encode(), HOME).entries
    assert first.updated is not None
    assert second.updated is not None
    assert str(first.updated.instant) == "2024-05-17 07:00:00+00:00"
    assert (second.updated.day, second.updated.instant) == (date(2024, 5, 16), None)


def test_what_came_before_damage_is_kept() -> None:
    lines = b"".join(b"<url><loc>/%d</loc></url>" % n for n in range(30_000))
    packed = gzip.compress(b"<urlset>" + lines)
    assert len(urls(packed[: len(packed) // 2])) > 5_000


def test_pictures_and_films_are_not_pages() -> None:
    body = b"""<urlset><url><video:video><video:title>Film</video:title><video:loc>/f</video:loc>
    <video:publication_date>2001-01-01</video:publication_date></video:video><loc>/a</loc>
    <news:news><news:publication><news:name>N</news:name><news:language>pt</news:language>
    </news:publication><news:publication_date>2024-05-17</news:publication_date><news:title>T &amp; U
    </news:title></news:news></url></urlset>"""
    (entry,) = read_sitemap(body, HOME).entries
    assert (entry.url, entry.title, entry.language) == (HOME + "a", "T & U", "pt")
    assert entry.published == ParsedDate(date(2024, 5, 17), None, "sitemap")


TRAPS = {
    "open items": b"<url>",
    "open fields": b"<loc>",
    "open comments": b"<!--",
    "open sections": b"<![CDATA[",
    "open tags": b"<url ",
    "blanks": b" ",
    "addresses": b"<url><loc>/a</loc></url>",
}


@pytest.mark.parametrize("part", TRAPS.values(), ids=TRAPS)
def test_a_trap_costs_no_more_than_its_size(part: bytes) -> None:
    def cost(count: int) -> float:
        start = time.process_time()
        assert len(read_sitemap(b"<urlset><url><loc>" + part * count, HOME).entries) <= 50_000
        return time.process_time() - start

    # Ten times the size would cost a hundred times as much where it is not linear.
    assert cost(200_000) < 40 * max(cost(20_000), 0.01)


def test_a_bomb_is_not_unpacked() -> None:
    start = time.process_time()
    assert not read_sitemap(gzip.compress(b"<urlset>" + b" " * 300_000_000, 1), HOME).entries
    assert time.process_time() - start < 10


def child(name: str, day: str = "") -> Child:
    changed = ParsedDate(date.fromisoformat(day), None, "sitemap") if day else None
    return Child(f"https://news.example/{name}", changed)


def names(found: list[Child]) -> list[str]:
    return [each.url.removeprefix("https://news.example/") for each in found]


def test_of_ten_thousand_sitemaps_the_newest_are_read() -> None:
    months = [child(f"m/{n}.xml", f"{1200 + n // 12}-{n % 12 + 1:02}-01") for n in range(10_000)]
    assert names(worth_reading(months, at_most=3)) == ["m/9999.xml", "m/9998.xml", "m/9997.xml"]


@pytest.mark.parametrize(
    ("there", "read"),
    [
        (["2023-11.xml", "2024-01.xml", "2023-12.xml"], ["2024-01.xml", "2023-12.xml"]),
        (["author-sitemap.xml", "post-sitemap.xml"], ["post-sitemap.xml", "author-sitemap.xml"]),
        (["a.xml", "b.xml", "google-news.xml"], ["google-news.xml", "a.xml"]),
        ([f"posts{n}.xml" for n in range(1, 90)], ["posts89.xml", "posts1.xml"]),
        (["p.xml", "p2.xml", "p3.xml"], ["p3.xml", "p.xml"]),
        (["s?y=2020&m=2", "s?y=2021&m=1"], ["s?y=2021&m=1", "s?y=2020&m=2"]),
    ],
)
def test_without_dates_the_names_tell_the_order(there: list[str], read: list[str]) -> None:
    assert names(worth_reading([child(name) for name in there], at_most=2)) == read


def test_one_moment_for_all_says_nothing() -> None:
    same = [child(f"articles-{year}.xml", "2024-05-17") for year in range(2000, 2025)]
    assert names(worth_reading(same, at_most=1)) == ["articles-2024.xml"]


def test_what_changed_last_before_a_day_is_left_out() -> None:
    index = [child("a.xml", "2019-01-01"), child("b.xml", "2021-01-01"), child("c.xml")]
    kept = worth_reading(index, at_most=99, since=date(2020, 1, 1))
    assert set(names(kept)) == {"b.xml", "c.xml"}


def test_a_time_that_no_system_knew_costs_no_entry() -> None:
    body = "<urlset>" + "".join(
        f"<url><loc>{HOME}{n}</loc><lastmod>{told}</lastmod></url>"
        for n, told in enumerate(("0001-01-01T00:00:00+01:00", "17 May 2024 10:00", "2024-05-17"))
    )
    told = [entry.updated for entry in read_sitemap(body.encode(), HOME).entries]
    assert [(date.day.isoformat(), date.instant) if date else None for date in told] == [
        None,
        ("2024-05-17", None),
        ("2024-05-17", None),
    ]
