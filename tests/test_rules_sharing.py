"""Alerts as YAML: exported, imported, and kept as files."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from newsbot.alerts import changing, fields
from newsbot.archive import channels, rules, sources
from newsbot.archive.connection import Database
from newsbot.archive.rules import Rule
from newsbot.archive.sources import Source
from tests.conftest import InProcess

NOW = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)
SECRET = "https://desk.example/hook/s3cr3t"
STORMS = """alerts:
  Storms:
    query: storm OR "إطلاق النار"
    sources: [Coast, harbours]
    languages: [en, ar]
    channels: [Desk]
    timing:
      how: daily
      at: 07:30
      weekday: tuesday
      zone: Asia/Damascus
      quiet: [22:00, 06:00]
      even_empty: true
    edits:
      meets: false
      kinds: [retraction, headline]
      least: 3
    noise:
      title_only: true
      mentions: 2
      without: [Hills]
    spread:
      publishers: 3
      groups: 2
      surge: day
    each: article
    max_age: 1.5
    paused: true
  Quiet:
    query: no
"""


@pytest.fixture(autouse=True)
def desk(database: Database) -> None:
    channels.add(database, kind="webhook", target=SECRET, name="Desk", shown="desk.example")
    for name, groups in (("Coast", ("harbours",)), ("Hills", ())):
        home = f"https://{name.casefold()}.example/"
        sources.add(
            database, Source(id=name, name=name, homepage=home, groups=groups, added_at=NOW)
        )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "alerts.yaml"
    made.write_text(STORMS, "utf8")
    return made


def rule(database: Database, name: str = "Storms") -> Rule:
    found = rules.find(database, name)
    assert found is not None
    return found


def test_an_import_shows_what_it_adds_and_adds_it(
    database: Database, newsbot_here: InProcess, file: Path
) -> None:
    looked = newsbot_here("alert", "import", str(file), "--plan")
    assert looked.returncode == 0, looked.stderr
    assert f"+ alert Storms  ({file}:2)" in looked.stdout
    assert "2 to add, 0 to change, 0 to remove. Nothing was changed." in looked.stdout
    assert rules.everything(database) == []
    assert newsbot_here("alert", "import", str(file)).returncode == 2
    done = newsbot_here("alert", "import", str(file), "--yes")
    assert "Done: 2 added" in done.stdout
    made = rule(database)
    assert made.query == 'storm OR "إطلاق النار"'
    assert (made.sources, made.languages) == (("Coast", "harbours"), ("en", "ar"))
    assert made.channels == (channels.channel_id("webhook", SECRET),)
    assert (made.timing.how, made.timing.at, made.timing.weekday) == ("daily", "07:30", 1)
    assert (made.timing.zone, made.timing.quiet) == ("Asia/Damascus", ("22:00", "06:00"))
    assert (made.edits.meets, made.edits.kinds) == (False, ("retraction", "headline"))
    assert (made.noise.title_only, made.noise.mentions, made.noise.without) == (True, 2, ("Hills",))
    assert (made.spread.publishers, made.spread.surge, made.each) == (3, "day", "article")
    assert (made.max_age, made.state) == (1.5, "paused")
    assert rule(database, "Quiet").query == "no"
    again = newsbot_here("alert", "import", str(file), "--yes")
    assert "Nothing to change" in again.stdout
    assert made == rule(database)


def test_an_export_says_all_but_what_is_usual_or_secret_and_is_read_as_the_same(
    database: Database, newsbot_here: InProcess, file: Path, tmp_path: Path
) -> None:
    newsbot_here("alert", "import", str(file), "--yes")
    made = rule(database)
    changing.mute(database, made.id, ["some story"], by="x", now=NOW)
    told = newsbot_here("alert", "export")
    assert told.returncode == 0
    assert "s3cr3t" not in told.stdout + told.stderr
    assert "some story" not in told.stdout
    assert yaml.load(told.stdout, yaml.BaseLoader) == yaml.load(STORMS, yaml.BaseLoader)
    out = tmp_path / "out.yaml"
    assert newsbot_here("alert", "export", "Storms", "--to", str(out)).returncode == 0
    assert list(yaml.safe_load(out.read_text("utf8"))["alerts"]) == ["Storms"]
    assert newsbot_here("alert", "export", "--to", str(out)).returncode == 1
    changing.remove(database, rule(database), by="x", now=NOW)
    newsbot_here("alert", "import", str(out), "--yes")
    back, was = fields.values(rule(database)), fields.values(made)
    assert back == was


def test_an_import_changes_what_it_states_alone(
    database: Database, newsbot_here: InProcess, file: Path
) -> None:
    newsbot_here("alert", "add", "Storms", "gale", "--most", "5", "--quiet")
    file.write_text("alerts:\n  Storms:\n    query: storm\n    timing: {zone: Europe/Berlin}\n")
    done = newsbot_here("alert", "import", str(file), "--yes")
    assert "query: gale → storm" in done.stdout
    assert "timing.zone: UTC → Europe/Berlin" in done.stdout
    made = rule(database)
    assert (made.query, made.timing.most, made.timing.zone) == ("storm", 5, "Europe/Berlin")
    assert (made.version, made.kept_by_file) == (2, None)


def test_all_that_is_wrong_is_told_with_its_line_and_nothing_is_changed(
    database: Database, newsbot_here: InProcess, file: Path
) -> None:
    file.write_text(
        """alerts:
  Storms:
    query: storm
    timing:
      hwo: daily
      most: many
    chanels: [Desk]
    noise: {title_only: maybe}
  Floods: {}
  -x: {query: a}
lists: {}
"""
    )
    done = newsbot_here("alert", "import", str(file), "--yes")
    assert done.returncode == 2
    for line in (
        ":5: timing: has no 'hwo'; did you mean 'how'?",
        ":6: a number is expected here, not 'many'",
        ":7: an alert has no 'chanels'; did you mean 'channels'?",
        ":8: true or false is expected here, not 'maybe'",
        ":9: the alert 'Floods' has no query",
        ":10: '-x' can be no name",
        ":11: 'lists' is not imported here",
    ):
        assert line in done.stderr, line
    file.write_text(
        """alerts:
  Storms:
    query: (storm
    sources:
      - Caost
    channels: [Dsek]
    timing: {how: monthly}
    edits:
      kinds: [retracted]
"""
    )
    done = newsbot_here("alert", "import", str(file), "--yes")
    assert done.returncode == 1
    for line in (
        ":3: query: it cannot be used:",
        ":5: sources: there is no source or group 'Caost'; did you mean the source 'Coast'?",
        ":6: channels: there is no channel 'Dsek'; did you mean 'Desk'?",
        ":7: timing: 'monthly'",
        ":9: edits.kinds: there is no kind 'retracted'; did you mean 'retraction'?",
    ):
        assert line in done.stderr, line
    assert rules.everything(database) == []
    file.write_text("alerts:\n\t- x")
    assert "indent with spaces" in newsbot_here("alert", "import", str(file)).stderr
    assert newsbot_here("alert", "import", "nowhere.yaml").returncode == 2


def test_files_keep_alerts_with_the_lists_and_sources_they_state(
    database: Database, newsbot_here: InProcess, tmp_path: Path
) -> None:
    conf = tmp_path / "conf"
    conf.mkdir()
    whole = """lists:
  winds: [gale, storm]
sources:
  River:
    homepage: https://river.example/
    entry_points: [{feed: "https://river.example/feed.xml"}]
    groups: [inland]
alerts:
  Winds:
    query: "@winds"
    sources: [River, inland]
    timing: {how: daily}
"""
    (conf / "desk.yaml").write_text(whole)
    done = newsbot_here("apply", str(conf), "--yes")
    assert done.returncode == 0, done.stderr
    made = rule(database, "Winds")
    assert (made.query, made.sources, made.timing.how) == ("@winds", ("River", "inland"), "daily")
    assert made.kept_by_file is not None
    assert "Kept by the file conf/desk.yaml" in newsbot_here("alert", "show", "Winds").stdout
    assert "Nothing to change" in newsbot_here("apply", str(conf), "--yes").stdout
    newsbot_here(
        "alert", "change", "Winds", "--query", "gale", "--most", "3", "--how", "at-once", "--quiet"
    )
    (conf / "desk.yaml").write_text(whole.replace("    timing: {how: daily}\n", ""))
    done = newsbot_here("apply", str(conf), "--yes")
    assert "query: gale → @winds" in done.stdout
    made = rule(database, "Winds")
    assert (made.query, made.timing.most, made.timing.how) == ("@winds", 3, "at once")
    (conf / "desk.yaml").write_text(whole[: whole.index("alerts:")])
    assert "- alert Winds" in newsbot_here("apply", str(conf), "--yes").stdout
    assert rules.find(database, "Winds") is None


def test_an_alert_that_was_there_before_the_files_stays_when_they_let_go(
    database: Database, newsbot_here: InProcess, tmp_path: Path
) -> None:
    newsbot_here("alert", "add", "Storms", "storm", "--quiet")
    conf = tmp_path / "conf"
    conf.mkdir()
    (conf / "a.yaml").write_text("alerts: {Storms: {query: storm}}")
    newsbot_here("apply", str(conf), "--yes")
    assert rule(database).kept_by_file is not None
    assert rule(database).version == 1
    (conf / "a.yaml").write_text("alerts: {}")
    assert "released" in newsbot_here("apply", str(conf), "--yes").stdout
    assert rule(database).kept_by_file is None
    told: Any = newsbot_here.json("apply", str(conf), "--plan")
    assert told["steps"] == []


def test_a_channel_without_a_name_is_left_out_and_said(
    database: Database, newsbot_here: InProcess
) -> None:
    newsbot_here("alert", "add", "Storms", "storm", "--webhook", f"{SECRET}/2", "--quiet")
    told = newsbot_here("alert", "export", "Storms")
    assert "channels" not in yaml.safe_load(told.stdout)["alerts"]["Storms"]
    assert "1 channel has no name and is left out" in told.stderr
    assert "s3cr3t" not in told.stdout + told.stderr
