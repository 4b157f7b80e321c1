"""What names a version of a response, and what is made of it."""

from datetime import UTC, datetime

import pytest
from scrapy.http import Response
from scrapy.http.headers import Headers

from newsbot.archive.pages import Version
from newsbot.fetching.conditional import conditions, fresh_for, same_name, version_of

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DATE = "Mon, 02 Mar 2026 12:00:00 GMT"


def of(**headers: str) -> Version:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return version_of(Response("https://a.example/", headers=named, body=b"x"), now=NOW)


def test_both_validators_go_back_as_the_server_wrote_them() -> None:
    found = of(ETag='W/"5f-2"', Last_Modified="Mon, 02 Mar 2026 11:00:00 GMT", Date=DATE)
    assert conditions(found) == {
        "If-None-Match": 'W/"5f-2"',
        "If-Modified-Since": "Mon, 02 Mar 2026 11:00:00 GMT",
    }


@pytest.mark.parametrize(
    ("etag", "sent"),
    [
        ('"5f-gzip"', '"5f-gzip", "5f"'),  # Apache, bugs 39727 and 45023
        ('W/"5f--gzip"', 'W/"5f--gzip", W/"5f"'),  # Jetty
        ('"gzip"', '"gzip"'),
    ],
)
def test_a_mark_that_a_compressing_server_forgets_is_taken_off(etag: str, sent: str) -> None:
    assert conditions(of(ETag=etag)) == {"If-None-Match": sent}


@pytest.mark.parametrize("etag", ["5f", '"5f', '"a" "b"', "*", '"' + "x" * 600 + '"'])
def test_what_is_no_etag_is_not_sent(etag: str) -> None:
    assert conditions(of(ETag=etag)) == {}


@pytest.mark.parametrize(
    "modified",
    [
        "Mon, 02 Mar 2026 12:00:00 GMT",  # this very second: it may stand for two versions
        "Sat, 16 Nov 2041 19:11:00 GMT",  # ahead: such a server says "not modified" for ever
        "yesterday",
        "-1",
    ],
)
def test_a_time_that_cannot_be_relied_on_is_not_sent(modified: str) -> None:
    assert conditions(of(Last_Modified=modified, Date=DATE)) == {}


def test_versions_are_the_same_by_etag_before_time() -> None:
    assert same_name(Version(etag='W/"1"'), Version(etag='"1"'))
    one, other = (Version(etag=etag, last_modified=DATE) for etag in ('"1"', '"2"'))
    assert not same_name(one, other)
    assert same_name(Version(last_modified=DATE), Version(last_modified=DATE))
    assert not same_name(Version(), Version())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Cache-Control": "public, max-age=600", "Age": "100"}, 500),
        ({"Cache-Control": "max-age=600, s-maxage=60"}, 60),
        ({"Cache-Control": "no-cache, max-age=600"}, 0),
        ({"Cache-Control": "max-age=soon"}, 0),
        ({"Cache-Control": b"max-age=\xb2"}, 0),
        ({"Cache-Control": "max-age=600", "Age": b"\xb2"}, 600),
        ({"Expires": "Mon, 02 Mar 99999999999999999999 12:10:00 GMT", "Date": DATE}, 0),
        ({"Expires": "Mon, 02 Mar 2026 12:10:00 GMT", "Date": DATE}, 600),
        ({"Expires": "0", "Date": DATE}, 0),
        ({}, 0),
    ],
)
def test_how_long_a_cache_may_answer(headers: dict[str, str | bytes], seconds: float) -> None:
    assert fresh_for(Headers(headers)) == seconds
