"""The first look at a site is held to the limits of a crawl, and obeys robots.txt as one does."""

import threading
import time
from collections.abc import Iterator

import pytest

from newsbot.config import Config
from newsbot.fetching.survey import SurveyError, fetch_page, survey
from tests.hostile_server import HostileServer
from tests.hostile_site import honest, trap


@pytest.fixture(scope="module")
def site() -> Iterator[HostileServer]:
    """The hostile server."""
    served = HostileServer()
    yield served
    served.close()


@pytest.fixture
def small(config: Config) -> Config:
    """Small limits."""
    limits = {"entry_point_bytes": 2_000_000, "page_timeout": 1.0}
    return config.model_copy(update=limits)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("slow-drip", "takes longer to arrive than it may"),
        ("bomb-gzip", "is larger than newsbot reads"),
        ("bomb-br", "unpacks to far more than a page does"),
        ("bomb-zstd", "unpacks to far more than a page does"),
        ("nested", "packed 20 times over"),
        ("gigabyte-announced", "is larger than newsbot reads"),
        ("endless-chunks", "is larger than newsbot reads"),
        ("redirects", "TooManyRedirects"),
        ("to-metadata", "cloud metadata"),
        ("header-lines", "cannot be read"),
        ("silent", "did not answer within 1 s"),
        ("garbage", "cannot be read"),
    ],
)
def test_a_trap_is_refused_and_said(
    name: str, said: str, site: HostileServer, small: Config
) -> None:
    began = time.monotonic()

    with pytest.raises(SurveyError, match=said):
        fetch_page(site.base + trap(name), small)

    assert time.monotonic() - began < 10


def test_a_site_is_left_alone_while_its_robots_txt_cannot_be_read(
    site: HostileServer, small: Config
) -> None:
    site.robots_status = 503
    try:
        with pytest.raises(SurveyError, match=r"answered 503, and without its robots\.txt"):
            fetch_page(site.base + honest(1), small)
    finally:
        site.robots_status = 200


def test_of_a_long_robots_txt_the_beginning_is_obeyed(site: HostileServer, small: Config) -> None:
    site.robots = b"User-agent: *\nDisallow: /news/2024/05/03/\n" + b"# and so on\n" * 900_000
    try:
        with pytest.raises(SurveyError, match="closed to crawlers"):
            fetch_page(site.base + honest(3), small)
        assert b"Council of district 4" in fetch_page(site.base + honest(4), small)[1]
    finally:
        site.robots = b""


def test_a_survey_of_a_hostile_homepage_ends(site: HostileServer, small: Config) -> None:
    done = threading.Event()

    def look() -> None:
        with pytest.raises(SurveyError):
            survey(site.base + trap("slow-drip"), small)
        done.set()

    threading.Thread(target=look, daemon=True).start()

    assert done.wait(10)
