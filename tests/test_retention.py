"""What is kept how long: pages, texts and records apart, by source and age, but for what is held."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import pytest

from newsbot.alerts.matches import announce
from newsbot.archive import (
    articles,
    audit,
    channels,
    holds,
    naming,
    pages,
    retention,
    rules,
    sources,
)
from newsbot.archive.connection import Database
from newsbot.archive.holds import Hold, hold_id
from newsbot.archive.retention import Rule, Scope, rule_id
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.fetching.captures import Provenance
from newsbot.fetching.raw_files import RawNotKeptError, closed_files, raw_block
from newsbot.items import Article, Image
from newsbot.keeping.policy import NEVER, Policy, SpanError, read_span, show_span
from newsbot.keeping.retaining import Pace, expire
from newsbot.search.follow import catch_up
from newsbot.search.results import Reader
from tests.conftest import InProcess
from tests.test_archive import article, keep, verdicts
from tests.test_warc import capture, check, raw_files

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _this_moment() -> None:
    """Begin each test now: a suite takes longer than what these tests wait for."""
    global NOW
    NOW = datetime.now(UTC).replace(microsecond=0)


def text(word: str) -> str:
    return f"{word} " + " ".join(f"{word}{number}" for number in range(40))


def old(database: Database, days: float, *found: Article) -> None:
    for each in found:
        kept = keep(database, each, now=NOW - days * DAY)
        announce(database, kept, now=NOW - days * DAY)


def rule(database: Database, scope: Scope = "all", what: str = "", **days: float) -> None:
    retention.put(database, Rule(id=rule_id(scope, what), scope=scope, what=what, **days))


def source(database: Database, name: str, *groups: str) -> Source:
    homepage = f"https://{name}.example/"
    made = Source(id=name, name=name, homepage=homepage, groups=groups, added_at=NOW)
    sources.add(database, made)
    return made


def body(database: Database, each: Article) -> str | None:
    kept = articles.get(database, each.id)
    return kept.article.body if kept else None


def test_a_text_whose_time_is_over_goes_and_the_record_says_so(
    settings: Config, database: Database
) -> None:
    hook = channels.add(database, kind="webhook", target="http://127.0.0.1:1/").id
    alert = rules.Rule(id="r", name="r", query="secret", channels=(hook,), created_at=NOW)
    rules.add(database, alert)
    first = attrs.evolve(
        article("a", body=text("secret"), title="The headline"),
        description="secret, in short",
        images=(Image(url="https://s.example/1.jpg", caption="secret"),),
    )
    old(database, 12, first)
    old(database, 11, attrs.evolve(first, body=text("secret") + " edited"))
    old(database, 2, article("b", body=text("recent")))
    database.outbox.update_many({}, {"$set": {"state": "sent"}})
    catch_up(settings, database)
    rule(database, body=10.0)
    met = expire(settings, database, now=NOW)
    assert met.totals["texts"] == 1
    assert met.totals["records"] == 0
    kept = articles.get(database, first.id)
    assert kept is not None
    assert (kept.article.body, kept.article.title) == ("", "The headline")
    assert kept.record.text_expired_at == NOW
    assert kept.article.images == (Image(url="https://s.example/1.jpg"),)
    for name in ("articles", "revisions", "matches", "outbox"):
        assert "secret" not in str(list(database.raw[name].find({})))
    catch_up(settings, database)
    reader = Reader(settings, database)
    assert reader.search("secret").total == 0
    assert reader.search("headline").total == 2
    assert expire(settings, database, now=NOW).totals["texts"] == 0
    # The same page read again is no edit, and does not bring the text back; another text does.
    assert verdicts(keep(database, attrs.evolve(first, body=text("secret") + " edited"))) == [
        "known"
    ]
    assert body(database, first) == ""
    assert verdicts(keep(database, attrs.evolve(first, body=text("other")))) == ["edited"]
    kept = articles.get(database, first.id)
    assert kept is not None
    assert kept.record.text_expired_at is None


def test_the_index_forgets_an_expired_text_though_it_missed_the_change(
    settings: Config, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = article("a", body=text("secret")), article("b", body=text("gone"), source="t")
    old(database, 11, *found)
    catch_up(settings, database)
    rule(database, body=10.0)
    rule(database, "source", "t", record=10.0)
    assert expire(settings, database, now=NOW).totals["records"] == 1
    from newsbot.archive import changes

    real = changes._watch
    monkeypatch.setattr(
        changes, "_watch", lambda database, token: real(database, None) if not token else _broken()
    )
    catch_up(settings, database)
    reader = Reader(settings, database)
    assert [reader.search(word).total for word in ("secret", "gone", "headline")] == [0, 0, 1]


def _broken() -> None:
    from pymongo.errors import OperationFailure

    raise OperationFailure("resume token was not found")


def test_a_record_whose_time_is_over_goes_and_is_not_fetched_again(
    settings: Config, database: Database
) -> None:
    gone, stays = article("a", body=text("gone")), article("b", body=text("stays"))
    old(database, 11, gone)
    old(database, 9, stays)
    rule(database, record=10.0)
    assert expire(settings, database, now=NOW).totals["records"] == 1
    assert body(database, gone) is None
    assert body(database, stays) == stays.body
    assert verdicts(keep(database, gone)) == ["removed"]
    assert pages.unseen(database, [gone.url]) == {}
    # What it said may be said again by another article, in time.
    assert verdicts(keep(database, article("c", body=gone.body))) == ["new"]
    # Time goes on.
    assert expire(settings, database, now=NOW + 2 * DAY).totals["records"] == 1
    assert body(database, stays) is None
    assert [entry.action for entry in audit.latest(database, since=NOW - DAY)] == ["retention"] * 2


def test_what_is_held_stays_and_goes_when_the_hold_is_lifted(
    settings: Config, database: Database
) -> None:
    one, two = article("a", body=text("alpha")), article("b", body=text("beta"))
    old(database, 11, one, two)
    for kind, what in (("article", one.id), ("query", "beta")):
        key = hold_id(kind, what)
        holds.add(database, Hold(id=key, kind=kind, what=what, reason="x", by="me", at=NOW))
    rule(database, record=10.0)
    met = expire(settings, database, now=NOW)
    assert (met.totals["records"], met.totals["held"]) == (0, 2)
    holds.remove(database, hold_id("query", "beta"))
    met = expire(settings, database, now=NOW)
    assert (met.totals["records"], met.totals["held"]) == (1, 1)
    assert body(database, two) is None
    assert body(database, one)


def test_a_preview_counts_and_touches_nothing(settings: Config, database: Database) -> None:
    old(database, 11, article("a"))
    rules = [Rule(id="x", scope="all", record=10.0)]
    assert expire(settings, database, now=NOW, dry=True, rules=rules).records == {"s": 1}
    assert articles.count(database) == 1
    assert expire(settings, database, now=NOW).totals["records"] == 0
    assert audit.latest(database, since=NOW - DAY) == []


def test_a_walk_that_is_stopped_is_gone_on_with(settings: Config, database: Database) -> None:
    old(database, 11, *(article(str(n), body=text(f"w{n}")) for n in range(60)))
    rule(database, record=10.0)
    stop = threading.Event()
    stop.set()
    met = expire(settings, database, now=NOW, pace=Pace(stop=stop))
    assert met.totals["records"] == 50
    assert expire(settings, database, now=NOW).totals["records"] == 10
    assert articles.count(database) == 0


@pytest.mark.parametrize(
    ("about", "days"),
    [
        (("plain",), 10),
        (("mine",), NEVER),
        (("grouped",), 30),
        (("both",), 60),
        (("plain", "grouped"), 30),
        (("unknown",), 10),
    ],
)
def test_the_narrowest_rule_decides_and_of_equals_the_longest(
    database: Database, about: tuple[str, ...], days: float
) -> None:
    for name, groups in (
        ("plain", ()),
        ("mine", ("Syria",)),
        ("grouped", ("Syria",)),
        ("both", ("Syria", "Wire")),
    ):
        source(database, name, *groups)
    rule(database, record=10.0, raw=5.0)
    rule(database, "group", "syria", record=30.0)
    rule(database, "group", "wire", record=60.0)
    rule(database, "source", "mine", record=NEVER)
    names = naming.read(database)
    policy = Policy(tuple(retention.rules(database)), lambda _ids: names)
    assert policy.days("record", about) == days
    assert policy.days("raw", about) == 5
    assert policy.days("body", about) == NEVER


@pytest.mark.parametrize(
    ("said", "days"), [("36h", 1.5), ("90d", 90), ("12w", 84), ("2y", 730), ("never", NEVER)]
)
def test_a_time_is_read_and_shown(said: str, days: float) -> None:
    assert read_span(said) == days
    assert read_span(show_span(days)) == days


@pytest.mark.parametrize("said", ["", "0d", "-3d", "90", "1m", "d", "٩d", "1e9d", "nan"])
def test_no_time_is_refused(said: str) -> None:
    with pytest.raises(SpanError):
        read_span(said)


def test_pages_go_by_their_own_time(settings: Config, database: Database) -> None:
    for name in ("short", "long"):
        source(database, name)
    rule(database, raw=30.0)
    rule(database, "source", "short", raw=5.0)
    files = raw_files(settings.data_dir)
    ten, forty = NOW - 10 * DAY, NOW - 40 * DAY
    places = {}
    for number, (name, at) in enumerate(
        [("short", forty), ("long", forty), ("short", ten), ("long", ten)]
    ):
        of_it = Provenance(source=name, link=f"https://{name}.example/{number}")
        given = capture(url=of_it.link, body=text(name).encode() * 9, at=at, provenance=of_it)
        places[name, at] = files.write(given)
        files.close()
    met = expire(settings, database, now=NOW)
    assert met.raw == {"short": 2, "long": 1}
    assert met.files == 3
    assert raw_block(settings.data_dir, places["long", ten])
    for gone in ("short", ten), ("short", forty), ("long", forty):
        with pytest.raises(RawNotKeptError):
            raw_block(settings.data_dir, places[gone])


def test_of_a_file_only_what_is_over_goes_and_what_is_held_stays(
    settings: Config, database: Database
) -> None:
    for name in ("short", "long"):
        source(database, name)
    rule(database, "source", "short", raw=5.0)
    at = NOW - 10 * DAY
    files = raw_files(settings.data_dir)
    places = {}
    for name, path in (("short", "a"), ("long", "a"), ("short", "held")):
        link = f"https://{name}.example/{path}"
        of_it = Provenance(source=name, link=link)
        given = capture(url=link, body=text(path).encode() * 99, at=at, provenance=of_it)
        places[name, path] = files.write(given)
    files.close()
    held = article("held", source="short")
    old(database, 10, held)
    database.pages.insert_one(
        {"_id": pages.page_id(held.url), "article": held.id, "source": "short"}
    )
    holds.add(
        database,
        Hold(id="h", kind="article", what=held.id, reason="x", by="me", at=NOW),
    )
    met = expire(settings, database, now=NOW)
    assert (met.raw, met.held, met.files) == ({"short": 1}, {"short": 1}, 0)
    (path,) = closed_files(settings.data_dir)
    check(path)
    assert raw_block(settings.data_dir, places["long", "a"])
    assert raw_block(settings.data_dir, places["short", "held"])
    with pytest.raises(RawNotKeptError, match="removed"):
        raw_block(settings.data_dir, places["short", "a"])
    assert expire(settings, database, now=NOW).raw == {}


def test_the_recorder_removes_no_file_with_a_held_page(tmp_path: Path) -> None:
    from newsbot.fetching.raw_files import keep_files

    first = raw_files(tmp_path)
    place = first.write(capture(1))
    first.close()
    (path,) = closed_files(tmp_path)
    keep_files(tmp_path, {place.file})
    again = raw_files(tmp_path, keep_bytes=1)
    again.write(capture(2))
    again.close()
    assert path.exists()
    keep_files(tmp_path, set())
    third = raw_files(tmp_path, keep_bytes=1)
    third.write(capture(3))
    assert not path.exists()


def test_the_commands_say_what_they_would_do(
    settings: Config, database: Database, newsbot_here: InProcess
) -> None:
    source(database, "paper")
    old(database, 40, article("a", source="paper"))
    done = newsbot_here("retention", "set", "--source", "paper", "--body", "30d", "--dry-run")
    assert "1 texts" in done.stdout
    assert "Nothing was changed" in done.stdout
    assert newsbot_here("retention", "set", "--body", "30m").returncode == 2
    assert newsbot_here("retention", "set", "--group", "none", "--body", "30d").returncode == 1
    done = newsbot_here(
        "retention", "set", "--source", "paper", "--body", "30d", "--record", "never", "--yes"
    )
    assert done.returncode == 0, done.stderr
    assert newsbot_here.json("retention", "list") == [
        {"scope": "source", "of": "paper", "raw": "-", "body": "30d", "record": "never"}
    ]
    assert newsbot_here.json("retention", "run")["texts"] == 1
    (entry, *_) = newsbot_here.json("audit", "list")
    assert entry["action"] == "retention"
    done = newsbot_here("hold", "add", article("a", source="paper").id, "--reason", "file 7")
    assert done.returncode == 0, done.stderr
    done = newsbot_here("remove", article("a", source="paper").url, "--reason", "order", "--yes")
    assert done.returncode == 1
    assert "file 7" in done.stdout
    assert "was not touched" in done.stderr
    (held,) = newsbot_here.json("hold", "list")
    assert newsbot_here("hold", "remove", held["id"], "--reason", "over").returncode == 0
    done = newsbot_here("remove", article("a", source="paper").url, "--reason", "order")
    assert "nothing was removed" in done.stderr
    done = newsbot_here("remove", article("a", source="paper").url, "--reason", "order", "--yes")
    assert done.returncode == 0, done.stderr
    assert articles.count(database) == 0
