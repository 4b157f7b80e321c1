"""What one run reads at most, and what it takes for text."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import Request, Response

from newsbot.config import Config
from newsbot.discovery.entries import Entry
from newsbot.discovery.sniff import is_binary
from newsbot.fetching.causes import CAUSES, FINAL, LATER
from newsbot.fetching.limits import RunLimits, kind_of
from newsbot.fetching.refusals import RefusedError, refusal_in


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://n.example/calendar/2024/05/12", "n.example/calendar/#/#/#"),
        ("https://n.example/calendar/1999/1/1", "n.example/calendar/#/#/#"),
        ("https://n.example/news/2024/a-long-slug", "n.example/news/#/*"),
        ("https://n.example/news/one-section/story", "n.example/news/*/*"),
        ("https://n.example/events?month=5&day=1", "n.example/*?day&month"),
        ("https://n.example/events?day=2&month=6", "n.example/*?day&month"),
        ("https://n.example/", "n.example/"),
        ("http://[", ""),
    ],
)
def test_addresses_of_one_kind_of_page_share_a_shape(url: str, kind: str) -> None:
    assert kind_of(url) == kind


@given(st.text(max_size=60))
def test_any_text_has_a_shape(text: str) -> None:
    assert isinstance(kind_of("http://a.example/" + text), str)


@pytest.fixture
def limited(config: Config) -> tuple[RunLimits, Counter[str]]:
    """Small limits, and what was refused by them."""
    refused: Counter[str] = Counter()
    small = {"links_per_page": 3, "url_length": 200, "trap_pages": 5, "sitemaps_per_run": 4}

    def tell(cause: str, count: int) -> None:
        refused[cause] += count

    return RunLimits(config.model_copy(update=small | {"depth": 2}), tell), refused


def test_of_an_entry_point_the_first_links_are_followed_that_can_be(
    limited: tuple[RunLimits, Counter[str]],
) -> None:
    limits, refused = limited
    urls = ["http://a.example/" + "x" * 300, *(f"http://a.example/{n}" for n in range(5))]

    followed = limits.links([Entry(url=url) for url in urls])

    assert [entry.url for entry in followed] == urls[1:4]
    assert refused == {"refused_url": 1, "refused_links": 2}


def test_sitemaps_are_read_some_steps_deep_and_some_a_run(
    limited: tuple[RunLimits, Counter[str]],
) -> None:
    limits, refused = limited
    shallow, deep = _at_depth(0), _at_depth(2)

    assert limits.sitemaps(["a", "b", "c"], shallow) == ["a", "b", "c"]
    assert limits.sitemaps(["d", "e", "f"], shallow) == ["d"]
    assert limits.sitemaps(["g", "h"], deep) == []
    assert refused == {"refused_links": 2, "refused_depth": 2}


def _at_depth(depth: int) -> Response:
    request = Request("http://a.example/sitemap.xml", meta={"depth": depth})
    return Response(request.url, request=request)


def test_a_kind_without_articles_is_given_up_and_one_with_a_single_article_is_not(
    limited: tuple[RunLimits, Counter[str]],
) -> None:
    limits, _ = limited
    for day in range(5):
        limits.check(f"http://a.example/calendar/{day}")
        limits.came(f"http://a.example/calendar/{day}", article=False)
        limits.came(f"http://a.example/news/story-{day}", article=day == 0)
    for day in range(20):
        limits.came(f"http://a.example/news/story-{day}", article=False)

    limits.check("http://a.example/news/another-story")
    with pytest.raises(RefusedError, match="of which none was an article"):
        limits.check("http://a.example/calendar/6")


def test_a_run_that_goes_on_for_too_long_leaves_the_rest_to_the_next(config: Config) -> None:
    limits = RunLimits(config.model_copy(update={"run_seconds": -1.0}), lambda *_: None)

    with pytest.raises(RefusedError) as refused:
        limits.check("http://a.example/1")

    assert refused.value.cause in LATER


# Refusals


def test_every_cause_has_words_and_is_an_end_or_a_delay_but_not_both() -> None:
    assert all(cause.sentence and cause.tally for cause in CAUSES.values())
    assert set(CAUSES) >= FINAL | LATER
    assert not FINAL & LATER


def test_a_refusal_is_found_in_what_was_raised_from_it() -> None:
    refusal = RefusedError("refused_size", "more than 5 bytes")
    outer = OSError("the connection broke")
    outer.__cause__ = refusal

    assert refusal_in(outer) is refusal
    assert str(refusal) == "is larger than newsbot reads (more than 5 bytes)"
    assert refusal_in(ValueError("another matter")) is None


# What is text


@pytest.mark.parametrize(
    ("body", "binary"),
    [
        (b"\x89PNG\r\n\x1a\n<html><p>in a comment of the picture</p>", True),
        (b"\xff\xd8\xff\xe1<x:xmpmeta><rdf:RDF ><rdf:Description/>", True),
        (b"%PDF-1.7\n<</Type /Catalog>>", True),
        (b"\x00\x00\x00\x18ftypmp42", True),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", True),
        (b"PK\x03\x04", True),
        (b"\x1f\x8b\x08\x00", True),
        (bytes(range(256)), True),
        (b"", False),
        (b"words and no markup", False),
        (b"<html><p>a stray \x0b and a \x01</p>", False),
        ("<html><p>نص</p>".encode("utf-16"), False),
        ("<html><p>نص</p>".encode("utf-16-le"), False),
        ("<html><p>نص</p>".encode("windows-1256"), False),
        ("<html><p>日本</p>".encode("iso-2022-jp"), False),
        ("<html><p>日本</p>".encode("shift_jis"), False),
        (b"BMW and others: a paragraph", False),
    ],
)
def test_text_is_told_by_its_bytes(body: bytes, binary: bool) -> None:
    assert is_binary(body) is binary
