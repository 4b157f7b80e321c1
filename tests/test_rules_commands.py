"""``newsbot alert``: rules written, looked at, changed and undone on the command line."""

import subprocess
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from newsbot.alerts.matches import announce
from newsbot.archive import articles, channels, matches, outbox, rules
from newsbot.archive.connection import Database
from newsbot.archive.rules import Rule
from newsbot.config import Config
from newsbot.reading import read
from tests.conftest import Command, InProcess
from tests.past_articles import PastArticles

DAY = timedelta(days=1)


@pytest.fixture
def archive(database: Database, settings: Config) -> PastArticles:
    made = PastArticles(database, settings, now=datetime.now(UTC))
    made.source("Coast", groups=("harbours",))
    made.source("Hills")
    made.store("Storm shuts the harbour", "The storm came at noon.", ago=2 * DAY)
    made.store("Flood in the hills", "The flood took a bridge.", ago=3 * DAY, source="hills")
    return made


def rule(database: Database, name: str = "Storms") -> Rule:
    found = rules.find(database, name)
    assert found is not None
    return found


def test_an_alert_is_added_with_its_backtest(
    archive: PastArticles, newsbot_here: InProcess
) -> None:
    desk = channels.add(archive.database, kind="webhook", target="https://x.example/h", name="Desk")
    done = newsbot_here(
        *("alert", "add", "Storms", "storm OR flood", "--channel", "Desk", "--source", "Coast"),
        *("--how", "daily", "--at", "07:30", "--zone", "Asia/Damascus", "--weekday", "tue"),
        *("--even-empty", "--each", "article", "--edit", "retraction", "--edit", "headline"),
        *("--least", "3", "--no-edits-meet", "--mentions", "2", "--without", "Hills"),
        *("--title-only", "--publishers", "3", "--groups", "2", "--surge", "day"),
        *("--max-age", "1.5", "--language", "en", "--quiet-hours", "22:00-06:00"),
    )
    assert done.returncode == 0, done.stderr
    assert "Alert 'Storms' is in force: storm OR flood" in done.stdout
    assert "It tells Desk." in done.stdout
    assert "In the last 30 days it would have told 1 article in 30 messages" in done.stdout
    made = rule(archive.database)
    assert (made.sources, made.languages, made.channels) == (("Coast",), ("en",), (desk.id,))
    assert (made.timing.how, made.timing.at, made.timing.zone) == (
        "daily",
        "07:30",
        "Asia/Damascus",
    )
    assert (made.timing.weekday, made.timing.quiet) == (1, ("22:00", "06:00"))
    assert (made.timing.even_empty, made.each, made.max_age) == (True, "article", 1.5)
    assert (made.edits.meets, made.edits.kinds, made.edits.least) == (
        False,
        ("retraction", "headline"),
        3,
    )
    assert (made.noise.title_only, made.noise.mentions, made.noise.without) == (True, 2, ("Hills",))
    assert (made.spread.publishers, made.spread.groups, made.spread.surge) == (3, 2, "day")
    assert made.by


def test_what_never_matched_is_told_with_its_cause(
    archive: PastArticles, newsbot_here: InProcess
) -> None:
    done = newsbot_here("alert", "add", "Storms", "strom harbuor")
    assert done.returncode == 0
    assert "Nothing in the archive ever met it. The likely cause:" in done.stdout
    assert "strom: no article has it; did you mean storm, which is in 1?" in done.stdout.lower()
    assert "try: harbour" in done.stdout


def test_quiet_says_nothing_of_the_past(archive: PastArticles, newsbot_here: InProcess) -> None:
    done = newsbot_here("alert", "add", "Storms", "storm", "--quiet")
    assert "last 30 days" not in done.stdout
    told: Any = newsbot_here.json("alert", "add", "Other", "flood")
    assert told["name"] == "Other"
    assert told["backtest"]["met"] == 1
    told = newsbot_here.json("alert", "add", "Third", "flood", "--quiet")
    assert "backtest" not in told


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("(storm",), "the query of this alert cannot be used:\n  (storm\n  ^"),
        (("storm", "--source", "Caost"), "sources: there is no source or group 'Caost'; did you mean"),
        (("storm", "--channel", "x"), "channels: there is no channel 'x'"),
        (("storm", "--how", "monthly"), "timing: 'monthly'"),
        (("storm", "--quiet-hours", "22:00"), "22:00-07:00"),
        (("storm", "--weekday", "x"), "give one as monday"),
        (("storm", "--edit", "retracted"), "did you mean 'retraction'?"),
        (("storm", "--webhook", "desk"), "no web address"),
        (("storm", "--mentions", "0", "--each", "x"), "each: 'x' is not one of story, article"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_and_changes_nothing(
    archive: PastArticles, newsbot_here: InProcess, options: tuple[str, ...], said: str
) -> None:
    done = newsbot_here("alert", "add", "Storms", *options)
    assert done.returncode == 2
    assert said in done.stderr
    assert rules.everything(archive.database) == []
    assert channels.everything(archive.database) == []


def test_a_change_shows_what_it_adds_and_drops_and_asks(
    archive: PastArticles, newsbot_here: InProcess
) -> None:
    newsbot_here("alert", "add", "Storms", "storm", "--quiet")
    before = rule(archive.database)
    looked = newsbot_here("alert", "preview", "Storms", "--query", "flood")
    assert looked.returncode == 0
    for line in (
        "query: storm → flood",
        "it would have told 1 story more and 1 fewer; 0 would be as before. Messages: 1 → 1.",
        "Hills  Flood in the hills",
        "Coast  Storm shuts the harbour",
    ):
        assert line in looked.stdout
    unasked = newsbot_here("alert", "change", "Storms", "--query", "flood")
    assert unasked.returncode == 2
    assert "give --yes" in unasked.stderr
    assert rule(archive.database) == before
    done = newsbot_here("alert", "change", "Storms", "--query", "flood", "--yes")
    assert "is changed (version 2)" in done.stdout
    told: Any = newsbot_here.json("alert", "change", "Storms", "--max-age", "5", "--yes")
    assert told["said"] == ["max_age: 3 → 5"]
    assert (told["preview"]["adds"], told["preview"]["drops"]) == (0, 0)
    again = newsbot_here("alert", "change", "Storms", "--max-age", "5")
    assert "is so already" in again.stdout
    assert newsbot_here("alert", "change", "Storms").returncode == 2


def test_lists_are_added_to_and_taken_from(archive: PastArticles, newsbot_here: InProcess) -> None:
    channels.add(archive.database, kind="webhook", target="https://x.example/h", name="Desk")
    newsbot_here("alert", "add", "Storms", "storm", "--source", "Coast", "--quiet")
    for options in (
        ("--source", "Hills", "--language", "en", "--channel", "Desk"),
        ("--no-source", "coast", "--webhook", "https://y.example/h"),
        ("--no-channel", "desk", "--name", "Gales"),
    ):
        name = "Storms"
        done = newsbot_here("alert", "change", name, *options, "--quiet")
        assert done.returncode == 0, done.stderr
    changed = rule(archive.database, "Gales")
    hook = channels.channel_id("webhook", "https://y.example/h")
    assert (changed.sources, changed.languages, changed.channels) == (("Hills",), ("en",), (hook,))
    wrong = newsbot_here("alert", "change", "Gales", "--no-source", "Coast", "--quiet")
    assert (wrong.returncode, "not among Hills" in wrong.stderr) == (2, True)


def test_versions_are_listed_and_undone(archive: PastArticles, newsbot_here: InProcess) -> None:
    newsbot_here("alert", "add", "Storms", "storm", "--quiet")
    newsbot_here("alert", "change", "Storms", "--query", "flood", "--quiet")
    listed = newsbot_here("alert", "history", "Storms").stdout
    assert "added" in listed
    assert "query: storm → flood" in listed
    undone = newsbot_here("alert", "undo", "Storms", "--yes")
    assert "query: flood → storm" in undone.stdout
    assert rule(archive.database).query == "storm"
    newsbot_here("alert", "undo", "Storms", "--to", "2", "--quiet")
    told: Any = newsbot_here.json("alert", "history", "Storms")
    assert [each["number"] for each in told] == [1, 2, 3, 4]
    assert [each["again"] for each in told] == [0, 0, 1, 2]
    assert newsbot_here("alert", "undo", "Storms", "--to", "9").returncode == 1


def test_a_removed_alert_comes_back(archive: PastArticles, newsbot_here: InProcess) -> None:
    newsbot_here("alert", "add", "Storms", "storm", "--quiet")
    first = rule(archive.database)
    done = newsbot_here("alert", "remove", "Storms")
    assert "newsbot alert undo Storms" in done.stdout
    assert rules.everything(archive.database) == []
    assert "removed" in newsbot_here("alert", "history", "Storms").stdout
    assert "is back" in newsbot_here("alert", "undo", "Storms").stdout
    assert rule(archive.database).id == first.id
    missing = newsbot_here("alert", "undo", "Strom")
    assert (missing.returncode, "none of that name was removed" in missing.stderr) == (1, True)
    assert "did you mean 'Storms'?" in newsbot_here("alert", "show", "Storm").stderr


def test_a_story_is_muted_by_its_own_id_or_an_articles(
    archive: PastArticles, newsbot_here: InProcess
) -> None:
    newsbot_here("alert", "add", "Storms", "storm", "--quiet")
    article = archive.store("Storm again", "The storm once more.")
    story = articles.many(archive.database, [article.id])[article.id].record.story
    assert newsbot_here("alert", "mute", "Storms", article.id).returncode == 0
    assert rule(archive.database).muted == (story,)
    assert newsbot_here("alert", "mute", "Storms", story).returncode == 0
    assert rule(archive.database).muted == (story,)
    assert newsbot_here("alert", "unmute", "Storms", article.id).returncode == 0
    assert rule(archive.database).muted == ()
    assert newsbot_here("alert", "mute", "Storms", "nothing").returncode == 1
    assert newsbot_here("alert", "unmute", "Storms", story).returncode == 1


def test_pausing_is_a_version_as_any_other(archive: PastArticles, newsbot_here: InProcess) -> None:
    newsbot_here("alert", "add", "Storms", "storm", "--quiet")
    newsbot_here("alert", "pause", "Storms")
    assert rule(archive.database).state == "paused"
    newsbot_here("alert", "resume", "Storms")
    shown = newsbot_here("alert", "show", "Storms").stdout
    assert "Version 3" in shown
    assert "timing.how         at once" in shown
    assert "state: active → paused" in newsbot_here("alert", "history", "Storms").stdout


def test_a_text_is_tried_on_a_query_or_an_alert(
    archive: PastArticles, newsbot_here: InProcess
) -> None:
    newsbot_here(
        *(
            "alert",
            "add",
            "Storms",
            "storm harbour",
            "--source",
            "Coast",
            "--mentions",
            "3",
            "--quiet",
        )
    )
    met = newsbot_here("alert", "test", "flood OR storm", "A storm came.")
    assert (met.returncode, met.stdout.splitlines()) == (
        0,
        ["It would fire.", "  met: storm", "  in the body: A [storm] came."],
    )
    unmet = newsbot_here("alert", "test", "storm flood", "A storm came.")
    assert (unmet.returncode, unmet.stdout) == (1, "It would not fire. Not met:\n  flood\n")
    text = ("--alert", "Storms", "A storm at the harbour.")
    unmet = newsbot_here("alert", "test", *text)
    assert 'source:"Coast" OR group:"Coast"' in unmet.stdout
    held = newsbot_here("alert", "test", *text, "--source", "Coast", "--title", "Weather")
    assert held.returncode == 0
    assert "nobody be told: 1 of its passages meet the query, and 3 have to" in held.stdout
    told: Any = newsbot_here.json("alert", "test", "date:2026-03-01", "x", "--date", "2026-03-01")
    assert (told["met"], told["clause"]) == (True, "date:2026-03-01")
    assert newsbot_here("alert", "test", "storm", "x", "--date", "soon").returncode == 2
    assert newsbot_here("alert", "test", "storm").returncode == 2
    short = newsbot_here("alert", "test", "lang:de x", "x")
    assert "too short to tell its language" in short.stdout


def test_a_backtest_is_of_an_alert_or_a_query(
    archive: PastArticles, newsbot_here: InProcess
) -> None:
    newsbot_here("alert", "add", "Storms", "storm", "--quiet")
    shown = newsbot_here("alert", "backtest", "Storms").stdout
    assert "it would have told 1 story in 1 message:" in shown
    day = (archive.now - 2 * DAY).date()
    assert f"{day} 1 ████" in shown
    assert "Coast  Storm shuts the harbour" in shown
    told: Any = newsbot_here.json("alert", "backtest", "storm OR flood")
    assert told["met"] == 2
    assert sum(each["messages"] for each in told["days"]) == 2
    assert all(len(each["hours"]) == 24 for each in told["days"])
    wrong = newsbot_here("alert", "backtest", "(storm")
    assert (wrong.returncode, "never closed" in wrong.stderr) == (2, True)


def test_an_edit_of_an_alert_announces_nothing_of_the_past_and_matches_name_their_version(
    archive: PastArticles, newsbot_here: InProcess
) -> None:
    database = archive.database
    newsbot_here("alert", "add", "Storms", "storm", "--quiet", "--webhook", "https://x.example/h")
    newsbot_here("alert", "change", "Storms", "--query", "flood OR storm", "--yes")
    made = rule(database)
    assert matches.latest(database, since=archive.now - 60 * DAY, alert=made.id) == []
    assert outbox.counts(database)["due"] == 0
    fresh = archive.article("Flood now", "The flood is here.")
    kept = articles.keep(database, articles.judge(database, [read(fresh)]), now=datetime.now(UTC))
    announce(database, kept, now=datetime.now(UTC))
    (found,) = matches.latest(database, since=archive.now - 60 * DAY, alert=made.id)
    assert (found.article, found.version) == (fresh.id, 2)


def test_two_people_who_change_one_alert_at_once_are_both_told_the_truth(
    archive: PastArticles, newsbot: Command
) -> None:
    assert newsbot("alert", "add", "Storms", "storm", "--quiet").returncode == 0
    done: list[subprocess.CompletedProcess[str]] = []
    people = [
        threading.Thread(
            target=lambda age=age: done.append(
                newsbot("alert", "change", "Storms", "--max-age", age, "--yes")
            )
        )
        for age in ("1", "2", "4", "5")
    ]
    for each in people:
        each.start()
    for each in people:
        each.join()
    changed = [each for each in done if each.returncode == 0]
    refused = [each for each in done if each.returncode == 1]
    assert len(changed) + len(refused) == 4
    assert all("was changed meanwhile: it is version" in each.stderr for each in refused)
    assert rule(archive.database).version == 1 + len(changed)
