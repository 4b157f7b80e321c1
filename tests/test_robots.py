"""robots.txt: RFC 9309, whatever the file is like, and remembered from run to run."""

import asyncio
import time

import pytest
from scrapy import Request
from scrapy.utils.test import get_crawler

from newsbot.fetching.lease import LeaseOverError
from newsbot.fetching.robots import SIZE, RememberedRobotsMiddleware, Rules

HERE = "https://news.example"


@pytest.mark.parametrize(
    ("robots", "path", "allowed"),
    [
        (b"", "/a", True),
        (b"User-agent: *\nDisallow: /", "/a", False),
        (b"User-agent: *\nDisallow:", "/a", True),
        # 2.2.1: a group of our own stands in place of that for all.
        (b"User-agent: *\nDisallow: /\n\nUser-agent: newsbot\nAllow: /", "/a", True),
        (b"User-agent: NewsBot/2.0\nDisallow: /a\n\nUser-agent: *\nAllow: /", "/a", False),
        (b"User-agent: newsbot-images\nDisallow: /", "/a", True),
        (b"User-agent: notnewsbot\nDisallow: /", "/a", True),
        # Names that follow one another are one group; groups of one name are one.
        (b"User-agent: x\nUser-agent: newsbot\nUser-agent: y\nDisallow: /a", "/a", False),
        (b"User-agent: newsbot\nDisallow: /a\nUser-agent: x\nDisallow: /b", "/b", True),
        (b"User-agent: newsbot\nAllow: /c\n\nUser-agent: newsbot\nDisallow: /a", "/a", False),
        (b"User-agent: newsbot\nSitemap: /s\nDisallow: /a", "/a", False),
        # 2.2.2: the longest rule wins, Allow before Disallow.
        (b"User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        (b"User-agent: *\nDisallow: /a\nAllow: /a", "/a", True),
        # 2.2.3: wildcards, end, comments.
        (b"User-agent: *\nDisallow: /*.pdf$ # no files", "/a.pdf", False),
        (b"User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x=1", True),
        (b"User-agent: *\nDisallow: /*/print", "/a/b/print", False),
        # Ends of lines, marks, encodings.
        (b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /a\r\n", "/a", False),
        (b"User-agent: *\rDisallow: /a\r", "/a", False),
        ("User-agent: *\nDisallow: /a".encode("utf-16"), "/a", False),
        ("User-agent: *\nDisallow: /سياسة".encode(), "/%D8%B3%D9%8A%D8%A7%D8%B3%D8%A9/1", False),
        (b"User-agent: *\nDisallow: /%d8%b3%d9%8a", "/%D8%B3%D9%8A/1", False),
        ("User-agent: *\nDisallow: /é".encode("latin-1"), "/%E9/1", False),
        (b"User-agent: *\nDisallow: /a\x00b\nDisallow: /c", "/c", False),
        # What is no robots.txt at all.
        (b"<!doctype html><html><body><p>Welcome</p></body></html>", "/a", True),
        (bytes(range(256)) * 100, "/a", True),
        (b"User-agent *\nDisallow /a", "/a", False),
    ],
)
def test_a_rule_is_read_as_the_rfc_has_it(robots: bytes, path: str, allowed: bool) -> None:
    assert Rules(robots).allows(HERE + path) is allowed


@pytest.mark.parametrize(
    ("robots", "seconds"),
    [
        (b"User-agent: *\nCrawl-delay: 7", 7.0),
        (b"User-agent: *\nCrawl-delay: 0.5", 0.5),
        (b"User-agent: *\nCrawl-delay: 9\n\nUser-agent: newsbot\nCrawl-delay: 2", 2.0),
        (b"User-agent: *\nCrawl-delay: -3", 0.0),
        (b"User-agent: *\nCrawl-delay: soon", 0.0),
        (b"User-agent: *\nCrawl-delay: nan", 0.0),
        (b"User-agent: *\nCrawl-delay: inf", 0.0),
    ],
)
def test_a_crawl_delay_is_a_number_of_seconds(robots: bytes, seconds: float) -> None:
    assert Rules(robots).crawl_delay == seconds


def test_half_a_mebibyte_is_read_and_no_half_rule() -> None:
    filler = b"# " + b"x" * 97 + b"\n"
    beginning = b"User-agent: *\nDisallow: /closed\n" + filler * (SIZE // len(filler) - 1)
    cut_in_a_rule = beginning + b"Disallow: /" + b"a" * SIZE

    rules = Rules(cut_in_a_rule)

    assert not rules.allows(HERE + "/closed")
    assert rules.allows(HERE + "/a")


@pytest.mark.parametrize(
    "robots",
    [
        b"".join(b"User-agent: b%d\n" % n for n in range(13_000))
        + b"".join(b"Disallow: /x%d/\n" % n for n in range(13_000)),
        b"User-agent: *\nDisallow: /" + b"*a" * 250_000 + b"$",
        b"User-agent: *\n" + b"Disallow: /*a*b\n" * 30_000,
        b"User-agent: *\n" + b"User-agent: newsbot\nDisallow: /\n" * 12_000,
        b"\n" * SIZE,
        b":" * SIZE,
    ],
    ids=["names-times-rules", "wildcards", "rules", "groups", "lines", "colons"],
)
def test_no_robots_txt_takes_long(robots: bytes) -> None:
    began = time.monotonic()

    Rules(robots).allows(HERE + "/" + "a" * 2_000)

    assert time.monotonic() - began < 3


def test_a_robots_txt_that_was_given_up_with_the_lease_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crawler = get_crawler(settings_dict={"ROBOTSTXT_OBEY": True})
    robots = RememberedRobotsMiddleware(crawler)
    asked = []

    async def learn(origin: str) -> Rules:
        asked.append(origin)
        if len(asked) == 1:
            raise LeaseOverError("the lease is over")
        return Rules(b"")

    monkeypatch.setattr(robots, "_learn", learn)

    async def ask() -> None:
        request = Request("https://a.example/story")
        with pytest.raises(LeaseOverError):
            await robots.process_request(request)
        await robots.process_request(request)
        await robots.process_request(request)

    asyncio.run(ask())
    assert len(asked) == 2
