"""Why, for one address: a real site that has a page for every ending, crawled and told of for real."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import attrs
import pytest
from fastapi.testclient import TestClient

from newsbot.alerts.delivery import Courier
from newsbot.archive import rules, sources
from newsbot.archive.connection import Database
from newsbot.archive.rules import Noise, Timing
from newsbot.config import Config
from newsbot.search.follow import catch_up
from newsbot.web.app import create_app
from newsbot.web.live import Live
from newsbot.why.asking import NoAddressError, ask
from newsbot.why.steps import Answer
from tests.announcing import add_rule, publish, story
from tests.conftest import Command, InProcess, Receiver, Site
from tests.long_known import long_known

OPENS = "The harbour opened at dawn after the storm, and the first three ferries left on time."
BRIDGE = "The bridge was closed at noon for repairs, and lorries had to take the tunnel instead."
MARKET = (
    "The market was moved to the square in front of the station, for the builders are in its hall."
)
ROOF = (
    "The roof of the school was mended in the holidays, by parents who had brought their own tools."
)


def page(title: str, first: str, *, head: str = "", day: date | None = None) -> str:
    stated = f'<meta property="article:published_time" content="{day}">' if day else ""
    text = f"<p>{first}</p><p>{first.upper()} So it was said on the day before.</p>"
    text += (
        f"<p>Whoever was there had seen it coming: {title.lower()} is what the old ones had foretold, and "
        "nobody who was asked about it in the street had anything to add to what the council had said.</p>"
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{stated}{head}'
        f"</head><body><article><h1>{title}</h1>{text}</article></body></html>"
    )


CONTACT = (
    "<html><head><title>Contact</title></head><body><h1>Contact us</h1><form><label>Name<input></label>"
    "<textarea></textarea><button>Send</button></form><p>Write to us.</p></body></html>"
)
LISTED = ("opens", "copy", "bridge", "market", "roof", "closed/secret", "gone", "barred", "contact")


def lay_out(site: Site) -> None:
    """Lay out a page for every ending, and the feed that leads to them."""
    items = "".join(
        f"<item><title>On {name}</title><link>{site.base}/news/{name}-of-the-day-1234.html</link></item>"
        for name in LISTED
    )
    site.write(
        "feed.xml",
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title><link>{site.base}/</link>'
        f"<description>d</description>{items}</channel></rss>",
    )
    site.write(
        "index.html",
        '<html><head><title>The Town</title><link rel="alternate" type="application/rss+xml" '
        'href="/feed.xml"></head><body><p>Welcome</p></body></html>',
    )
    site.write("robots.txt", "User-agent: *\nDisallow: /news/closed/\n")
    for name, text in (("opens", OPENS), ("bridge", BRIDGE), ("roof", ROOF)):
        site.write(f"news/{name}-of-the-day-1234.html", page(f"The {name} of the day", text))
    old = datetime.now(UTC).date() - timedelta(days=30)
    site.write("news/market-of-the-day-1234.html", page("The market moves", MARKET, day=old))
    site.write("news/copy-of-the-day-1234.html", page("The opens of the day", OPENS))
    site.write("news/contact-of-the-day-1234.html", CONTACT)
    site.refusals["/news/barred-of-the-day-1234.html"] = 403


class Town:
    """The crawled site, and whoever asks about it."""

    def __init__(self, site: Site, settings: Config, database: Database) -> None:
        self.site, self.settings, self.database = site, settings, database

    def url(self, name: str) -> str:
        """Return the address of a page by its name."""
        if name == "front":
            return f"{self.site.base}/feed.xml"
        return f"{self.site.base}/news/{name}-of-the-day-1234.html"

    def why(self, name: str, alert: str = "") -> Answer:
        """Ask about a page by its name."""
        rule = rules.find(self.database, alert) if alert else None
        assert bool(rule) == bool(alert)
        return ask(self.settings, self.database, self.url(name), rule=rule, now=datetime.now(UTC))

    def outcome(self, name: str, alert: str = "") -> str:
        """Return where a page ended."""
        return self.why(name, alert).last.outcome


@pytest.fixture
def town(
    make_site: Callable[[], Site],
    newsbot: Command,
    newsbot_here: InProcess,
    database: Database,
    settings: Config,
    receiver: Receiver,
) -> Town:
    site = make_site()
    lay_out(site)
    assert newsbot_here("source", "add", site.base, "--name", "town").returncode == 0
    long_known(database)
    hook = ("--webhook", receiver.url)
    for words in (
        ("told", "harbour", "--max-age", "0", *hook),
        ("young", "market", "--max-age", "3", *hook),
        ("daily", "bridge", "--max-age", "0", *hook, "--how", "daily"),
        ("lists", "roof", "--max-age", "0"),
    ):
        done = newsbot_here("alert", "add", *words)
        assert done.returncode == 0, done.stderr
    done = newsbot("crawl", "town")
    assert done.returncode == 0, done.stderr + done.stdout
    for _ in range(2):
        asyncio.run(Courier(settings, database, "test").deliver_due())
    catch_up(settings, database)
    return Town(site, settings, database)


def test_every_ending_of_a_crawled_page_is_told(town: Town, newsbot_here: InProcess) -> None:
    # Whichever of the two was read first.
    twins = {"opens": "sent", "copy": "same article"}
    if town.outcome("copy") == "sent":
        twins = {"opens": "same article", "copy": "sent"}
    ends = {name: town.outcome(name) for name in (*LISTED, "never", "front")}
    assert (
        ends
        == {
            "bridge": "in a digest",
            "market": "held",
            "roof": "no channel",
            "closed/secret": "refused",
            "gone": "failed",
            "barred": "refused",
            "contact": "no article",
            "never": "never seen",
            "front": "entry point",
        }
        | twins
    )

    closed = town.why("closed/secret").last
    assert "robots.txt" in closed.words
    assert closed.of["cause"] == "refused_robots"
    assert closed.at is not None
    assert "answered 404" in town.why("gone").last.words
    assert "again from" in town.why("gone").last.words
    assert "403" in town.why("barred").last.words
    assert "longer ago" in town.why("market").last.words
    assert "form is that of an article" in town.why("never").last.words
    run = town.database.runs.find_one({"counters.new": {"$gt": 0}})
    assert run is not None
    assert town.why("contact").last.of["run"] == run["_id"]
    stored = next(step for step in town.why("roof").steps if step.name == "stored")
    assert stored.of["run"] == run["_id"]

    twin = "copy" if ends["copy"] == "same article" else "opens"
    first = "opens" if twin == "copy" else "copy"
    same = town.why(twin).last
    assert same.of["article"] == town.why(first).article
    assert town.url(first) in same.words

    # As a command, and on the page.
    printed = newsbot_here("why", town.url("gone")).stdout
    assert "→ fetched" in printed
    assert "It ended at: fetched – failed" in printed
    told = newsbot_here.json("why", town.url(first))
    assert isinstance(told, dict)
    assert told["last"]["outcome"] == "sent"
    with TestClient(
        create_app(town.settings, town.database, Live(town.settings, town.database))
    ) as client:
        shown = client.get("/why", params={"url": town.url("market")}).text
        assert 'class="last"' in shown
        assert "longer ago" in shown
        assert "/why?url=" in client.get(f"/article/{told['article']}").text


def test_an_alert_that_was_not_met_says_which_clause(town: Town, newsbot_here: InProcess) -> None:
    newsbot_here("alert", "add", "boats", "ferries AND submarines", "--max-age", "0")
    last = town.why("bridge", "told").last
    assert (last.outcome, last.words) == ("not met", "as it reads now it does not meet harbour")
    first = "opens" if town.why("opens").article and town.outcome("opens") == "sent" else "copy"
    assert town.why(first, "boats").last.words.endswith("submarines")
    assert newsbot_here("alert", "add", "later", "bridge", "--max-age", "0").returncode == 0
    assert town.outcome("bridge", "later") == "too late"


def test_edits_removals_and_waiting_links_are_told(
    town: Town, newsbot: Command, newsbot_here: InProcess
) -> None:
    longer = ROOF + " The mayor thanked them in a letter that was read out at the first assembly."
    town.site.write("news/roof-of-the-day-1234.html", page("The roof is whole again", longer))
    town.database.pages.update_many(
        {"url": town.url("roof")}, {"$set": {"next_visit": datetime.now(UTC)}}
    )
    assert newsbot("crawl", "town").returncode == 0
    catch_up(town.settings, town.database)
    edited = {step.name: step for step in town.why("roof").steps}
    assert edited["edited"].outcome == "edited"
    assert "version 2" in edited["edited"].words

    assert (
        newsbot("remove", town.why("market").article, "--yes", "--reason", "asked for").returncode
        == 0
    )
    gone = town.why("market").last
    assert (gone.name, gone.outcome) == ("stored", "removed")

    # One page a run: the others wait.
    source = sources.find(town.database, "town")
    assert source is not None
    for name in ("one", "two", "three"):
        town.site.write(f"news/{name}-of-the-day-1234.html", page(f"Number {name}", OPENS + name))
    feed = (town.site.root / "feed.xml").read_text()
    more = "".join(
        f"<item><title>{name}</title><link>{town.url(name)}</link></item>"
        for name in ("one", "two", "three")
    )
    town.site.write("feed.xml", feed.replace("</channel>", more + "</channel>"))
    few = Command(town.settings, pages_per_run=1)
    few("crawl", "town")
    left = {name: town.outcome(name) for name in ("one", "two", "three")}
    assert list(left.values()).count("waiting") >= 2
    waiting = town.why(next(name for name, end in left.items() if end == "waiting"))
    assert f"{town.site.base}/feed.xml" in waiting.last.words

    listed = newsbot_here.json("source", "list")
    assert isinstance(listed, list)
    assert listed[0]["last_found"] is not None
    assert listed[0]["last_stored"] is not None


def test_a_dead_letter_says_so(
    make_site: Callable[[], Site],
    newsbot: Command,
    database: Database,
    settings: Config,
    receiver: Receiver,
) -> None:
    site = make_site()
    lay_out(site)
    newsbot("source", "add", site.base, "--name", "town")
    long_known(database)
    newsbot("alert", "add", "told", "bridge", "--max-age", "0", "--webhook", receiver.url)
    newsbot("crawl", "town")
    receiver.answers[:] = [410] * 5
    asyncio.run(Courier(settings, database, "test").deliver_due())
    last = Town(site, settings, database).why("bridge").last
    assert last.outcome == "dead-lettered"
    assert "410" in last.words


# Without a crawl: how an address may be typed, and what holds a message


@pytest.mark.parametrize(
    "typed",
    [
        "https://herald.example/a-story-of-the-day-1?utm_source=x&fbclid=y",
        "http://www.herald.example/a-story-of-the-day-1/",
        "herald.example/a-story-of-the-day-1",
        "https://m.herald.example/a-story-of-the-day-1#comments",
        "https://herald-example.cdn.ampproject.org/c/s/herald.example/a-story-of-the-day-1",
        "https://herald.example/a-story-of-the-day-1/amp/",
    ],
)
def test_an_address_is_known_however_it_is_pasted(
    typed: str, database: Database, settings: Config
) -> None:
    kept = publish(database, story("a-story-of-the-day-1"))
    answer = ask(settings, database, typed, now=datetime.now(UTC))
    assert answer.article == kept[0].article.id
    assert answer.last.outcome == "not indexed"


def test_what_is_no_address_is_refused(
    database: Database, settings: Config, newsbot_here: InProcess
) -> None:
    for wrong in ("", "hello", "ftp://news.example/a", "https://"):
        with pytest.raises(NoAddressError):
            ask(settings, database, wrong, now=datetime.now(UTC))
    refused = newsbot_here("why", "hello")
    assert refused.returncode == 2
    assert "https://news.example/a-story" in refused.stderr


def test_a_host_without_a_source_is_said(database: Database, settings: Config) -> None:
    answer = ask(settings, database, "https://nowhere.example/a", now=datetime.now(UTC))
    assert [step.outcome for step in answer.steps] == ["no source", "never seen"]


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"noise": Noise(title_only=True)}, "its headline alone does not meet the query"),
        ({"noise": Noise(without=("herald",))}, "leaves out"),
        ({"max_age": 1.0}, "longer ago"),
    ],
)
def test_what_is_held_says_why(
    how: dict[str, Any], words: str, database: Database, settings: Config
) -> None:
    rule = add_rule(database, **how)
    old = story("a", read=datetime(2026, 3, 9, tzinfo=UTC))
    publish(database, attrs.evolve(old, source="herald"))
    answer = ask(settings, database, "https://herald.example/a", rule=rule, now=datetime.now(UTC))
    assert answer.last.outcome == "held"
    assert words in answer.last.words


def test_a_digest_that_waits_and_a_story_told_by_another_article_are_said(
    database: Database, settings: Config
) -> None:
    rule = add_rule(database, max_age=0.0, timing=Timing(how="daily", at="08:00"))
    publish(database, story("a"))
    publish(database, story("b", "other", title="Ships sail"))
    now = datetime.now(UTC)
    first = ask(settings, database, "https://herald.example/a", rule=rule, now=now).last
    assert first.outcome == "in a digest"
    second = ask(settings, database, "https://other.example/b", rule=rule, now=now).last
    assert second.outcome == "in a digest"


def test_another_address_of_an_article_that_was_there_says_which(
    town: Town, newsbot: Command
) -> None:
    site = town.site
    there = f'<link rel="canonical" href="{town.url("bridge")}">'
    site.write("news/again-of-the-day-1234.html", page("The bridge of the day", BRIDGE, head=there))
    feed = (site.root / "feed.xml").read_text()
    item = f"<item><title>On again</title><link>{town.url('again')}</link></item></channel>"
    site.write("feed.xml", feed.replace("</channel>", item))
    assert newsbot("crawl", "town").returncode == 0
    last = town.why("again").last
    assert last.outcome == "same article", last
    assert town.url("bridge") in last.words
