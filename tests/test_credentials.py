"""What an operator has sent with the requests of one source, and who gets to see it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from newsbot.archive.connection import Database
from newsbot.archive.schema import _allow_named_hosts
from newsbot.archive.sources import Pair, Source
from newsbot.fetching.credentials import HIDDEN, Credentials, cookie, header, masked, proxy
from tests.conftest import Command, Site


def test_what_a_source_sends_goes_to_its_own_hosts_alone() -> None:
    ours = Credentials.on(["https://news.example/", "https://feeds.example:8443/rss"])

    for url in (
        "https://news.example/a",
        "https://WWW.news.example./",
        "https://feeds.example:8443/",
    ):
        assert ours.belong_to(url)
    for url in (
        "http://news.example/",  # in the clear
        "https://news.example:8443/",
        "https://cdn.news.example/",
        "https://news.example.evil.example/",
        "https://news.example@evil.example/",
        "https://feeds.example/",
        "ftp://news.example/",
        "x",
    ):
        assert not ours.belong_to(url)
    assert Credentials.on(["http://news.example/"]).belong_to("https://www.news.example/")


@pytest.mark.parametrize(
    "text",
    [
        "X",
        "X y: z",
        ": z",
        "X: a\nY: b",
        "X: a\r\nY: b",
        "Host: a",
        "Cookie: a=b",
        "X: a\x00",
    ],
)
def test_what_is_no_header_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"header"):
        header(text)


@pytest.mark.parametrize("text", ["a", "=b", "a=b; c=d", "a=b\r\nX: y", "a b=c"])
def test_what_is_no_cookie_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no cookie; give one as"):
        cookie(text)


@pytest.mark.parametrize(
    "text", ["", "proxy:3128", "socks5://p:1", "http://", "http://p/x", "http://p:x"]
)
def test_what_is_no_proxy_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match=r"a proxy is given as") as refused:
        proxy(text.replace("p:1", "user:hush@p:1"))
    assert "hush" not in str(refused.value)


def test_secrets_are_not_shown() -> None:
    source = Source(
        id="s",
        name="s",
        homepage="https://news.example/",
        added_at=datetime(2026, 1, 1, tzinfo=UTC),
        headers=(header("Authorization: Bearer hush"), header("Accept-Language: ar")),
        cookies=(cookie("sid=hush"),),
        proxy="http://user:hush@proxy.example:3128",
    )

    assert "hush" not in repr(source)
    shown = masked(source)
    assert [pair.value for pair in (*shown.headers, *shown.cookies)] == [HIDDEN, "ar", HIDDEN]
    assert shown.proxy == f"http://user:{HIDDEN}@proxy.example:3128"


def test_the_command_line_sets_takes_back_and_hides_them(
    make_site: Callable[[], Site], newsbot: Command, database: Database
) -> None:
    site = make_site()
    site.write("index.html", '<a href="/a/1.html">A first story of the day and night</a>')
    added = newsbot("source", "add", site.base, "--name", "one", "--cookie", "sid=hush")

    changed = newsbot(
        *(
            "source",
            "set",
            "one",
            "--header",
            "Authorization: Bearer hush",
            "--header",
            "User-Agent: b",
        ),
        *("--proxy", "http://user:hush@127.0.0.1:9", "--allow-host", "LOCALHOST:81"),
    )
    back = newsbot(
        *(
            "source",
            "set",
            "one",
            "--header",
            "user-agent:",
            "--proxy",
            "",
            "--no-allow-host",
            "localhost:81",
        ),
        "--json",
    )

    port = site.base.rpartition(":")[2]
    assert f"allowed       127.0.0.1:{port} (it is not public" in added.stdout
    for said in ("Authorization: ••••", "User-Agent: b", "sid=••••", "user:••••@", "localhost:81"):
        assert said in changed.stdout
    assert "hush" not in added.stdout + changed.stdout + back.stdout
    kept = database.sources.find_one()
    assert kept["headers"] == [{"name": "Authorization", "value": "Bearer hush"}]
    assert kept["cookies"] == [{"name": "sid", "value": "hush"}]
    assert kept["proxy"] == ""
    assert kept["allowed_hosts"] == [f"127.0.0.1:{port}"]


def test_sources_from_before_are_fetched_as_before(database: Database) -> None:
    homepages = [
        "http://127.0.0.1:8660/",
        "http://localhost/",
        "http://10.0.0.5/",
        "https://a.example/",
    ]
    for number, homepage in enumerate(homepages):
        database.sources.insert_one(
            {
                "_id": str(number),
                "name": str(number),
                "homepage": homepage,
                "known_as": [str(number)],
            }
        )

    _allow_named_hosts(database)

    allowed = {each["homepage"]: each.get("allowed_hosts") for each in database.sources.find()}
    assert allowed == {
        "http://127.0.0.1:8660/": ["127.0.0.1:8660"],
        "http://localhost/": ["localhost:80", "localhost:443"],
        "http://10.0.0.5/": ["10.0.0.5:80", "10.0.0.5:443"],
        "https://a.example/": None,
    }


def test_a_pairs_value_is_not_in_its_repr() -> None:
    assert "hush" not in repr(Pair(name="a", value="hush"))
