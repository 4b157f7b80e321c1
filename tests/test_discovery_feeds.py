"""Feeds as they are found (``feed_corpus``), and what no feed may cost."""

import time
from typing import Any

import pytest

from newsbot.discovery import Entry, read_feed
from newsbot.discovery.listed_dates import listed_date
from tests.feed_corpus import FEED, rss
from tests.feed_encodings import CASES


def said(entry: Entry, name: str) -> Any:
    """Return what an entry says, as the corpus writes it."""
    moment = entry.updated if name == "updated" else entry.published
    if name == "day":
        return str(entry.published.day) if entry.published else None
    if name in ("instant", "updated"):
        return moment.instant.isoformat()[:19] if moment and moment.instant else None
    return getattr(entry, name)


@pytest.mark.parametrize("name", CASES)
def test_a_feed_is_read_however_it_is_written(name: str) -> None:
    case = CASES[name]
    found = read_feed(case.body, FEED, charset=case.charset)
    assert len(found) >= len(case.entries) if case.entries else not found
    for entry, wanted in zip(found, case.entries, strict=False):
        for field, value in wanted.items():
            if field.endswith(" has"):
                assert value in said(entry, field.removesuffix(" has"))
            else:
                assert said(entry, field) == value


def test_a_link_to_the_site_itself_gives_way_to_the_articles_own() -> None:
    item = "<item><title>x</title><link>https://news.example/</link><guid>https://news.example/a/1</guid></item>"
    assert [entry.url for entry in read_feed(rss(item).encode(), FEED)] == [
        "https://news.example/a/1"
    ]


def test_behind_a_service_for_feeds_a_relative_link_is_the_sites() -> None:
    body = rss("<item><title>x</title><link>/a/1</link></item>").encode()
    assert read_feed(body, "https://feeds.example/x")[0].url == "https://news.example/a/1"


def test_a_date_without_a_year_needs_to_know_the_day() -> None:
    assert listed_date("23 March, 14:35 GMT", "feed", language="en") is None


TRAPS = {
    "open items": b"<item>",
    "open titles": b"<title>",
    "open links": b"<link>",
    "open boxes": b"<div>",
    "open tags": b"<div ",
    "open sections": b"<title><![CDATA[",
    "sections": b"<title><![CDATA[x]]>",
    "open comments": b"<!--",
    "ampersands": b"&",
    "less-thans": b"<",
    "quotes": b'<a b="',
    "escaped tags": b"<description>&lt;p",
    "names": b"<author><name>",
    "declarations": b"<!ENTITY a 'b'>",
    "entries": b"<item><title>x</title><link>/a</link></item>",
    "json": b'{"a":[',
}


@pytest.mark.parametrize("part", TRAPS.values(), ids=TRAPS)
def test_a_trap_costs_no_more_than_its_size(part: bytes) -> None:
    def cost(count: int) -> float:
        start = time.process_time()
        head = b"" if part.startswith(b"{") else b"<rss><channel><item><link>/a</link>"
        assert len(read_feed(head + part * count, FEED)) <= 5_000
        return time.process_time() - start

    # Ten times the size would cost a hundred times as much where it is not linear.
    assert cost(100_000) < 40 * max(cost(10_000), 0.01)


TORN = {
    "elements of entries": lambda count: ("<item>" + "<x>" * 100 + "</item>") * (count // 100),
    "elements of many names": lambda count: "".join(
        f"<item>{''.join(f'<x{number}y{each}>' for each in range(100))}</item>"
        for number in range(count // 100)
    ),
    "sections of what is cut off": lambda count: (
        f"<item><description><b/>{'<![CDATA[' * count}{'x' * 1_000_000}]]></description></item>"
    ),
    "names": lambda count: (
        ("<item><author>" + "<name>" * 1_000 + "</author></item>") * (count // 100)
    ),
    "boxes of the feed": lambda count: "<image>" * count,
    "boxes between entries": lambda count: ("<item></item>" + "<author>" * 100) * (count // 100),
    "a name without an end": lambda count: "<" + "a" * count,
    "attributes without a value": lambda count: ("<item " + "a" * 4_000 + ">") * (count // 100),
}


@pytest.mark.parametrize("torn", TORN)
def test_the_time_of_what_is_not_closed_grows_with_its_size(torn: str) -> None:
    def cost(count: int) -> float:
        body = f"<rss><channel>{TORN[torn](count)}".encode()
        costs = []
        for _ in range(3):
            start = time.process_time()
            read_feed(body, FEED)
            costs.append(time.process_time() - start)
        return min(costs)

    assert cost(40_000) <= 6 * max(cost(10_000), 0.02)


def test_a_box_of_the_feed_that_is_not_closed_costs_no_entry() -> None:
    body = b"<rss><channel><image><item><link>/a</link></item><image></image></channel></rss>"
    assert [entry.url for entry in read_feed(body, FEED)] == ["https://news.example/a"]


def test_entities_of_a_feeds_own_are_never_expanded_into_more() -> None:
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">'
        + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(8))
        + '<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    )
    body = rss("<item><title>&i; &x;</title><link>/a</link></item>", declaration=bomb).encode()
    (entry,) = read_feed(body, FEED)
    assert len(entry.title) < 100
    assert "root" not in entry.title
