"""A site becomes a source on the page: looked at as one watches, added and crawled by one button."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from newsbot import demo
from newsbot.archive import audit, rules, runs, sources, standings
from newsbot.archive.connection import Database
from newsbot.archive.rules import Rule
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.fetching.trying import Trying
from newsbot.items import derived_id
from newsbot.standing import Brought
from newsbot.web.app import create_app
from newsbot.web.first_steps import first_steps
from newsbot.web.live import Live
from tests.conftest import Site, free_port
from tests.test_kills import wait_until
from tests.test_survey import newsroom
from tests.test_web import article, put, shown

MakeSite = Callable[[], Site]


@pytest.fixture
def page(settings: Config, database: Database) -> Iterator[TestClient]:
    with TestClient(create_app(settings, database, Live(settings, database))) as client:
        yield client


def token(page: TestClient) -> str:
    found = re.search(r'name="token" value="([^"]+)"', shown(page, "/sources/add"))
    assert found is not None
    return found[1]


def looked_at(page: TestClient, url: str) -> str:
    """Look at a site until that is over; returns the look's address."""
    begun = page.post("/sources/add", data={"token": token(page), "url": url})
    assert begun.status_code == 200, begun.text
    where = begun.url.path
    told = page.get(f"{where}/events").text  # ends with the look
    assert told.count("event: end") == 1
    return where


def test_a_site_is_looked_at_and_then_added_and_crawled(
    page: TestClient, database: Database, make_site: MakeSite
) -> None:
    site = make_site()
    newsroom(site)
    site.write("robots.txt", "User-agent: *\nDisallow: /secret\nCrawl-delay: 2\n")
    where = looked_at(page, site.base)
    text = shown(page, where)
    assert "Ferries wait for storm 3" in text
    assert f"{site.base}/feed.xml" in text
    assert "asks for 2 s" in text
    assert "refresh" not in text
    assert sources.everything(database) == []
    sent = {"token": token(page), "groups": "Coast, coast،  North "}
    assert page.post(where, data={"groups": "x"}).status_code == 403
    first_run = page.post(where, data=sent)
    (made,) = sources.everything(database)
    assert made.groups == ("Coast", "North")
    assert {way.kind for way in made.entry_points} == {"feed", "page"}
    assert first_run.url.path.startswith("/runs/")
    (run,) = runs.claimable(database, datetime.now(UTC), at_most=2, urgent_alone=True)
    assert run.source == made.id
    (noted,) = audit.about(database, made.id)
    assert (noted.action, noted.by) == ("source add", "the web page")
    again = page.post(where, data=sent)
    assert again.status_code == 409
    assert f"is the source {made.name!r} already".replace("'", "&#39;") in again.text
    assert f'href="/sources/{made.id}"' in again.text


def test_what_cannot_be_looked_at_says_why(page: TestClient) -> None:
    assert "Give the address" in page.post("/sources/add", data={"token": token(page)}).text
    text = shown(page, looked_at(page, "a newspaper"))
    assert "is no web address" in text
    assert "Add it and crawl" not in text
    nobody = f"http://127.0.0.1:{free_port()}/"
    assert "refuses the connection" in shown(page, looked_at(page, nobody))


def test_an_address_that_is_not_public_is_not_reached_through_another(
    page: TestClient, make_site: MakeSite
) -> None:
    """What a site leads on to is no address that the operator named."""
    site, inner = make_site(), make_site()
    inner.write("feed.xml", "<rss><channel><title>The inner secret</title></channel></rss>")
    kind = 'rel="alternate" type="application/rss+xml"'
    site.write("index.html", f"<link {kind} href='{inner.base}/feed.xml'><p>x</p>")
    text = shown(page, looked_at(page, site.base))
    assert inner.requests == []
    assert "refused" in text


def test_a_look_that_goes_on_is_shown_and_ends_for_the_next(
    page: TestClient, make_site: MakeSite
) -> None:
    site = make_site()
    newsroom(site)
    site.allow(0)  # articles wait
    begun = page.post("/sources/add", data={"token": token(page), "url": site.base})
    wait_until(lambda: "Reading some" in shown(page, begun.url.path), seconds=20)
    text = shown(page, begun.url.path)
    assert '<noscript><meta http-equiv="refresh"' in text
    assert f'data-steps="{begun.url.path}/events"' in text
    assert "Add it and crawl" not in text
    assert begun.url.path != looked_at(page, "nothing")
    # The one before is gone, and its page leads to the form.
    assert page.get(begun.url.path).url.path == "/sources/add"


def test_a_look_is_given_up_after_its_time(make_site: MakeSite, config: Config) -> None:
    site = make_site()
    newsroom(site)
    site.allow(0)
    began = time.monotonic()
    trying = Trying(site.base, config, longest=3)
    wait_until(lambda: trying.progress.ended, seconds=10)
    assert "was given up after 3 s" in trying.progress.failure
    assert time.monotonic() - began < 8


def test_the_first_steps_are_told_until_an_alert_fires(
    page: TestClient, database: Database
) -> None:
    assert 'action="/sources/add"' in shown(page, "/")
    now = datetime.now(UTC)
    own = Source(id="o", name="own", homepage="https://own.example/", added_at=now)

    def step(*known: Source, articles: bool = True) -> int | None:
        told = first_steps(database, sources=known, articles=articles, now=now)
        return told.first if told else None

    assert [step(articles=False), step(own, articles=False), step(own)] == [1, 2, 3]
    rules.add(database, Rule(id="f", name="Ferries", query="ferries", created_at=now))
    assert step(own) == 5
    put(database, article("a", body="Nine ferries wait for the storm to end. " * 5))
    assert step(own) is None


def test_the_first_steps_beside_the_demo_are_of_a_site_of_ones_own(
    page: TestClient, database: Database
) -> None:
    now = datetime.now(UTC)
    shown_by = Source(
        id="d", name="wire", homepage="https://d.example/", groups=(demo.GROUP,), added_at=now
    )
    own = Source(id="o", name="own", homepage="https://own.example/", added_at=now)
    name, query = demo.ALERT
    rules.add(
        database,
        Rule(id=derived_id("alert", name, demo.GROUP), name=name, query=query, created_at=now),
    )
    sources.add(database, shown_by)
    assert "on a site of your own" in shown(page, "/")

    def step(*known: Source) -> int | None:
        told = first_steps(database, sources=known, articles=True, now=now)
        return told.first if told else None

    assert [step(shown_by), step(shown_by, own)] == [1, 2]
    standings.note(database, "o", mark="x", at=now, well=True, brought=Brought(stored=1))
    assert step(shown_by, own) == 3
