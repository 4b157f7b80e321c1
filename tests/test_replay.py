"""Replay: pages out of WARC files give the articles that the crawl gave, each once, and no alert."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks import ccnews
from benchmarks.ccnews import Crawled
from newsbot.alerts.matches import sweep
from newsbot.archive import articles, channels, rules, sources
from newsbot.archive.connection import Database, connect
from newsbot.archive.rules import Rule
from newsbot.config import Config
from newsbot.discovery import Entry
from newsbot.fetching.captures import Provenance
from newsbot.fetching.raw_files import closed_files
from newsbot.replay.archiving import ArchiveDestination
from newsbot.replay.engine import Engine
from newsbot.replay.lines import LinesDestination, LinesExistError
from newsbot.replay.reader import Damage, Page, Reader
from newsbot.replay.wanted import Wanted
from tests.conftest import Command, Site, lay_out
from tests.test_several_pages import page as page_of_several
from tests.test_warc import NOW, capture, raw_files

# What is new of an article that is replayed into another archive: when it came into that.
NEW = ("first_seen", "changed_at")


def story(title: str, text: str = "", more: str = "") -> bytes:
    sentence = (
        f"{text or title}, said the harbour master, who had waited for the ships since dawn. "
    )
    return (
        f"<html lang='en'><head><title>{title}</title>{more}</head><body><article><h1>{title}</h1>"
        f"<p>{sentence * 4}</p><p>{sentence * 5}</p></article></body></html>"
    ).encode()


def warc(path: Path, pages: Iterable[tuple[str, bytes]], *, era: ccnews.Era = "2020") -> Path:
    ccnews.write(path, [Crawled(url, html) for url, html in pages], era=era)
    return path


def into(
    database: Database, *paths: Path, wanted: Wanted = Wanted(), **about: object
) -> Counter[str]:
    files = [(path.name, path.name) for path in paths]
    engine = Engine(
        ArchiveDestination(database, files),
        wanted,
        processes=0,
        page_bytes=10_000_000,
        page_timeout=30,
        **about,
    )
    assert engine.run([(path, 0) for path in paths]) == {}
    return engine.tally


def read(path: Path, start: int = 0) -> tuple[list[Page], list[Damage], Counter[str]]:
    tally: Counter[str] = Counter()
    reader = Reader(path, Wanted(), tally, most=1_000_000, start=start)
    return [page for page in reader.pages() if page], reader.damage, tally


# The round trip


def test_a_replay_of_ones_own_pages_gives_the_same_articles_byte_for_byte(
    shared: Path,
    make_site: Callable[[], Site],
    settings: Config,
    database: Database,
) -> None:
    newsbot = Command(settings, revisit_after="[0, 0, 0]")
    site = make_site()
    lay_out(shared, site.root, site.base, "aeb")
    entry = (
        "<item><title>{}</title><link>{}</link><pubDate>Tue, 3 Mar 2026 10:00 GMT</pubDate></item>"
    )
    written = {
        "s/edited.html": story("A story that is edited"),
        "s/dateless.html": story("Published according to the feed alone"),
        "s/long.html": page_of_several(1, 3).encode(),
        "ferry-2.html": page_of_several(2, 3).encode(),
        "ferry-3.html": page_of_several(3, 3).encode(),
        "s/list.html": b"<html><title>Contact</title><p>Call us.</p></html>",
    }
    for name, html in written.items():
        site.write(name, html.decode())
    feed = "".join(
        entry.format(name, f"{site.base}/{name}") for name in written if "ferry" not in name
    )
    site.write("feed.xml", f"<rss version='2.0'><channel><title>Bay</title>{feed}</channel></rss>")
    assert newsbot("crawl", site.base).returncode == 0
    site.write("s/edited.html", story("A story that was edited", "Nothing of it stayed").decode())
    assert newsbot.json("crawl", site.base)["counters"]["edited"] == 1

    files = closed_files(Path(newsbot.environment["NEWSBOT_DATA_DIR"]))
    other = settings.model_copy(update={"database": settings.database + "_b"})
    with connect(other) as empty:
        tally = into(empty, *files)
        crawled = list(database.articles.find({}, sort=[("_id", 1)]))
        again = list(empty.articles.find({}, sort=[("_id", 1)]))
        assert {each["url"] for each in crawled} == {each["url"] for each in again}
        assert len(crawled) == 95
        assert {each["revision"] for each in crawled} == {1, 2}
        for one, two in zip(crawled, again, strict=True):
            for name in NEW:
                assert one.pop(name) <= two.pop(name)
            assert one == two
        before, after = (each.revisions.find_one({}) for each in (database, empty))
        assert {**before, "seen_from": 0, "seen_until": 0} == {
            **after,
            "seen_from": 0,
            "seen_until": 0,
        }
        made = sources.find(empty, site.base)
        assert made is not None
        assert (made.state, made.next_due) == ("paused", None)
        assert tally["new"] == 95
        # Where everything is there already, a replay changes nothing.
        assert into(empty, *files)["known"] >= 95
        assert list(empty.articles.find({}, dict.fromkeys(NEW, 0), sort=[("_id", 1)])) == again
        empty.client.drop_database(empty.name)


def test_the_past_overwrites_nothing_and_a_better_reading_is_no_edit(
    tmp_path: Path, database: Database
) -> None:
    files = raw_files(tmp_path)
    made = Provenance(source="s", name="bay", homepage="https://news.example/", run="r")
    for hours, title in ((0, "What was first said"), (5, "What was said later on")):
        body = story(title)
        moment = NOW + timedelta(hours=hours)
        files.write(capture(url="https://news.example/a", body=body, at=moment, provenance=made))
    files.close()
    (path,) = closed_files(tmp_path)
    assert into(database, path) == Counter(records=2, pages=2, new=1, edited=1)
    assert into(database, path) == Counter(records=2, pages=2, known=2)
    # As if it had been read by a lesser extraction.
    database.articles.update_one({}, {"$set": {"title": "Misread", "authors": ["Menu"]}})
    database.articles.update_one({}, {"$set": {"content_hash": "of what was misread"}})
    assert into(database, path)["reread"] == 1
    kept = articles.at(database, "https://news.example/a")
    assert kept is not None
    assert (kept.article.title, kept.article.authors) == ("What was said later on", ())
    assert kept.record.revision == 2
    assert [each.title for each in articles.revisions(database, kept)] == ["What was first said"]


def test_what_a_link_was_said_to_be_is_what_the_page_lacks(
    tmp_path: Path, database: Database
) -> None:
    from newsbot.text.dates import ParsedDate

    files = raw_files(tmp_path)
    said = Entry(url="https://news.example/a", published=ParsedDate(date(2026, 2, 1), None, "feed"))
    made = Provenance(
        source="s", name="bay", homepage="https://news.example/", title="Bay", entry=said
    )
    files.write(capture(url=said.url, body=story("The ships came in"), provenance=made))
    files.close()
    into(database, *closed_files(tmp_path))
    stored = database.articles.find_one({})
    assert stored["published"]["day"] == "2026-02-01"
    assert stored["publisher"] == "Bay"
    assert stored["raw"]["file"] == closed_files(tmp_path)[0].name


# Alerts


@pytest.mark.parametrize("watched_by_the_replay", [True, False])
@pytest.mark.parametrize("later", [0, 1])  # hours: the very page that is pending, or an edit of it
def test_a_replay_silences_no_alert_that_is_still_to_be_told(
    tmp_path: Path,
    database: Database,
    later: int,
    watched_by_the_replay: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("newsbot.alerts.rules.REFRESH", 0.0)  # a rule is in force at once
    html = story("The ships came in")
    one = warc(tmp_path / "1.warc.gz", [("https://a.example/1", html)])
    into(database, one)
    # As if it had just been crawled, by a lesser extraction, when its process died.
    fetched = database.articles.find_one({})["fetched_at"] - timedelta(hours=later)
    misread = {"title": "Misread", "content_hash": "of what was misread", "fetched_at": fetched}
    database.articles.update_one({}, {"$set": {"pending": True, **misread}})
    database.sources.update_one({}, {"$set": {"added_at": fetched - timedelta(days=9)}})
    ended = fetched - timedelta(days=1)
    database.runs.insert_one(
        {
            "_id": "earlier",
            "source": database.articles.find_one({})["source"],
            "state": "done",
            "trigger": "poll",
            "requested_at": ended,
            "finished_at": ended,
        }
    )
    channel = channels.add(database, kind="webhook", target="http://127.0.0.1:9/").id
    rule = Rule(id="r", name="r", query="harbour", channels=(channel,), created_at=NOW)
    if watched_by_the_replay:
        rules.add(database, rule)
    assert into(database, one)["edited" if later else "reread"] == 1
    if not watched_by_the_replay:
        rules.add(database, rule)
        sweep(database, now=datetime.now(UTC), left_after=0)
    assert [each.get("held", "") for each in database.matches.find()] == [""]
    assert database.outbox.count_documents({}) == 1
    assert database.articles.count_documents({"pending": True}) == 0


def test_nobody_is_told_of_what_is_replayed_even_if_the_replay_is_killed(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = channels.add(database, kind="webhook", target="http://127.0.0.1:9/").id
    rule = Rule(id="r", name="r", query="harbour", channels=(channel,), created_at=NOW)
    rules.add(database, rule)
    one = warc(tmp_path / "1.warc.gz", [("https://a.example/1", story("The ships came in"))])
    two = warc(tmp_path / "2.warc.gz", [("https://a.example/2", story("The ships went out"))])
    assert into(database, one)["matches"] == 1

    class KilledError(Exception):
        pass

    def die(*_: object, **__: object) -> None:
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr("newsbot.replay.archiving.announce", die)
        with pytest.raises(KilledError):
            into(database, two)
    assert database.articles.count_documents({"pending": True}) == 1
    sweep(database, now=datetime.now(UTC), left_after=0)

    assert [each["held"] for each in database.matches.find()] == ["replayed", "replayed"]
    assert database.outbox.count_documents({}) == 0
    assert database.articles.count_documents({"pending": True}) == 0
    assert database.articles.count_documents({"quiet": {"$exists": True}}) == 0


# To a file


def test_lines_hold_each_article_once_and_are_never_overwritten(tmp_path: Path) -> None:
    path = warc(
        tmp_path / "a.warc.gz",
        [
            ("https://a.example/1", story("One")),
            ("https://a.example/1?utm_source=x", story("One")),
            ("https://a.example/2", story("Two")),
            ("https://a.example/3", story("Two")),  # the same text at another address
        ],
    )
    to = tmp_path / "out.jsonl"

    def replay() -> Counter[str]:
        lines = LinesDestination(to, "")
        lines.replays(["a"])
        engine = Engine(lines, Wanted(), processes=0, page_bytes=10**6, page_timeout=30)
        engine.run([(path, 0)])
        lines.finish()
        return engine.tally

    tally = replay()
    assert (tally["new"], tally["known"], tally["duplicate"]) == (2, 1, 1)
    found = [json.loads(line) for line in to.open(encoding="utf8")]
    assert [(each["title"], each["source"]) for each in found] == [
        ("One", "a.example"),
        ("Two", "a.example"),
    ]
    assert found[0]["fetched_at"] == "2025-09-01T00:00:01+00:00"
    with pytest.raises(LinesExistError):
        replay()


@pytest.mark.parametrize("to", ["archive", "lines"])
def test_a_replay_that_is_killed_goes_on_and_has_each_article_once(
    to: str, tmp_path: Path, newsbot: Command, database: Database
) -> None:
    pages = [
        (f"https://a.example/{n}", story(f"Story no. {n} of many", f"It is number {n}"))
        for n in range(1_500)
    ]
    path = warc(tmp_path / "many.warc.gz", pages)
    out = tmp_path / "out.jsonl"
    words = ["replay", str(path), "--processes", "1"] + (
        ["--to", str(out)] if to == "lines" else []
    )

    def kept() -> int:
        if to == "lines":
            return out.stat().st_size // 3_000 if out.exists() else 0
        return database.articles.estimated_document_count()

    said = tmp_path / "said"
    running = newsbot.start(*words, output=said)
    deadline = time.monotonic() + 100
    while kept() < 500 and running.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.wait()
    at_the_kill = kept()
    done = newsbot(*words)

    assert done.returncode == 0, done.stderr
    assert "going on at byte" in done.stdout
    assert at_the_kill < 1_500
    if to == "lines":
        urls = [json.loads(line)["url"] for line in out.open(encoding="utf8")]
        assert not out.with_name("out.jsonl.state").exists()
    else:
        urls = [each["url"] for each in database.articles.find({}, {"url": 1})]
        assert database.replays.count_documents({}) == 0
    assert Counter(urls) == Counter(url for url, _ in pages)


def test_a_page_that_ends_its_process_costs_that_page(tmp_path: Path) -> None:
    script = """
import os, sys
from pathlib import Path
import newsbot.replay.reading as reading
if os.environ.get("DEADLY"):
    extract = reading.extract
    def deadly(body, url, **about):
        if url.endswith("/3"):
            os._exit(9)
        return extract(body, url, **about)
    reading.extract = deadly
"""
    (tmp_path / "sitecustomize.py").write_text(script)
    path = warc(
        tmp_path / "a.warc.gz", [(f"https://a.example/{n}", story(f"No. {n}")) for n in range(6)]
    )
    out = tmp_path / "out.jsonl"
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-m", "newsbot.cli", "replay", str(path), "--to", str(out), "--json"],
        env=os.environ | {"PYTHONPATH": f"{tmp_path}:{root}", "DEADLY": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["counters"]["failed_extraction"] == 1
    assert "https://a.example/3 ended its process" in done.stderr
    assert len(out.read_text().splitlines()) == 5


# The command


@pytest.mark.parametrize(
    ("words", "says", "code"),
    [
        (["none.warc.gz"], "none.warc.gz cannot be read (No such file or directory)", 1),
        (["."], "is a folder", 1),
        (["x.warc", "--since", "yesterday"], "--since 'yesterday' is no day", 2),
        (["x.warc", "--since", "2021-01-02", "--until", "2021-01-01"], "no day is in between", 2),
    ],
)
def test_bad_input_is_answered_in_a_sentence(
    words: list[str], says: str, code: int, tmp_path: Path, config: Config
) -> None:
    newsbot = Command(config)
    newsbot.folder = tmp_path
    newsbot.environment["PYTHONPATH"] = str(Path(__file__).parents[1])
    done = newsbot("replay", *words, "--to", "out.jsonl")
    assert (done.returncode, says in done.stderr.replace("\n", " ")) == (code, True), done.stderr
    assert "Traceback" not in done.stderr
