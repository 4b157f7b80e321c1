"""Seen from outside: what a running service exposes, who is ready, and what of a dead process remains."""

import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.parser import text_string_to_metric_families

from newsbot import parts
from newsbot.archive import sources
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.metrics import counted, sheets
from newsbot.search.follow import catch_up
from newsbot.web.app import create_app
from newsbot.web.live import Live
from tests.conftest import Command, Site, free_port
from tests.test_kills import wait_until

ROOT = Path(__file__).parents[1]


def samples(text: str) -> dict[str, list[tuple[dict[str, str], float]]]:
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(text):
        for each in family.samples:
            found.setdefault(each.name, []).append((each.labels, each.value))
    return found


def total(found: dict[str, list[tuple[dict[str, str], float]]], name: str, **labels: str) -> float:
    return sum(value for of, value in found.get(name, []) if labels.items() <= of.items())


@pytest.fixture
def page(settings: Config, database: Database) -> TestClient:
    return TestClient(create_app(settings, database, Live(settings, database)))


# One whole service


def test_a_running_service_exposes_all_that_dashboard_and_rules_name(
    make_site: Callable[[], Site], database: Database, settings: Config
) -> None:
    site = make_site()
    site.write("index.html", '<p><a href="/a/1.html">The harbour opens for the day</a></p>')
    text = (
        "<p>The harbour opened at dawn after nine days of storm, and ferries left on time.</p>" * 5
    )
    site.write(
        "a/1.html",
        f"<title>The harbour opens</title><article><h1>The harbour opens</h1>{text}</article>",
    )
    port = free_port()
    newsbot = Command(settings, web_port=port)
    assert newsbot("source", "add", site.base, "--name", "town").returncode == 0
    service = newsbot.start("up")

    def get(path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    try:
        wait_until(
            lambda: total(samples(get("/metrics")[1]), "newsbot_articles_total", verdict="new") == 1
        )
        wait_until(lambda: get("/readyz")[0] == 200)
        assert get("/healthz") == (200, '{"status":"ok"}')
        found = samples(get("/metrics")[1])
        assert total(found, "newsbot_requests_total", outcome="answered") >= 2
        assert total(found, "newsbot_runs_ended_total", state="done") >= 1
        assert total(found, "newsbot_extraction_seconds_count") == 1
        assert total(found, "newsbot_store_seconds_count") == 1
        assert total(found, "newsbot_sources", state="active") == 1
        up = {labels["part"]: value for labels, value in found["newsbot_part_up"]}
        assert up == dict.fromkeys(("indexer", "delivery", "worker", "scheduler", "web"), 1.0)
        # No label has a value of which there may be as many as sources.
        told = {name for each in found.values() for labels, _ in each for name in labels}
        assert told <= {
            *("part", "process", "outcome", "verdict", "state", "le", "kind", "task", "version"),
            *("implementation", "major", "minor", "patchlevel", "generation"),
        }
        for named in (dashboard_metrics(), rule_metrics()):
            assert named
            assert named - found.keys() - {"up"} == set()

        # A worker that dies: its count goes, and its successor's is there in its place.
        running = {each.name: each.pid for each in parts.running(settings.data_dir) or ()}
        subprocess.run(["kill", "-9", str(running["worker"])], check=True)
        wait_until(
            lambda: (
                not any(
                    labels.get("part") == "worker" and value
                    for labels, value in samples(get("/metrics")[1]).get(
                        "newsbot_store_seconds_count", []
                    )
                )
            )
        )
        wait_until(
            lambda: (
                "worker"
                in {
                    labels.get("part")
                    for labels, _ in samples(get("/metrics")[1])["newsbot_runs_under_way"]
                }
            )
        )
        logged = [
            json.loads(line)
            for path in (settings.data_dir / "logs").glob("*.log")
            for line in path.read_text().splitlines()
            if line.startswith("{")
        ]
        ended = [each for each in logged if each["event"].startswith("the run ended")]
        assert ended
        assert all(each["run"] and each["source"] and each["part"] == "worker" for each in ended)
    finally:
        service.send_signal(signal.SIGTERM)
        service.wait(30)


_NAME = re.compile(r"\bnewsbot_[a-z_]+|\bprocess_[a-z_]+")


def dashboard_metrics() -> set[str]:
    """Return the names of all metrics that the dashboard asks for."""
    board = json.loads((ROOT / "deploy/grafana/newsbot.json").read_text())
    asked = [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]
    assert asked
    return {name for each in asked for name in _NAME.findall(each)}


def rule_metrics() -> set[str]:
    """Return the names of all metrics that the alert rules ask for."""
    import yaml

    rules = yaml.compose((ROOT / "deploy/prometheus/newsbot.rules.yml").read_text())
    asked: list[str] = []

    def look(node: yaml.Node) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == "expr":
                    asked.append(value.value)
                look(value)
        elif isinstance(node, yaml.SequenceNode):
            for each in node.value:
                look(each)

    look(rules)
    assert asked
    return {name for each in asked for name in _NAME.findall(each)}


# Readiness


def test_readiness_says_what_is_lacking(
    page: TestClient, settings: Config, database: Database
) -> None:
    assert page.get("/readyz").json() == {"status": "ready"}
    with parts.alone(settings.data_dir):
        parts.note(
            settings.data_dir,
            [
                parts.Part(name="worker", pid=1, deaths=3, waiting=True),
                parts.Part(name="web", pid=1, deaths=0, waiting=False),
            ],
        )
        answer = page.get("/readyz")
        assert answer.status_code == 503
        assert [each["what"] for each in answer.json()["lacks"]] == ["index", "worker"]
        catch_up(settings, database)
        assert [each["what"] for each in page.get("/readyz").json()["lacks"]] == ["worker"]
    assert page.get("/readyz").status_code == 200


def test_without_mongodb_the_process_lives_and_is_not_ready(
    settings: Config, database: Database
) -> None:
    from pymongo import MongoClient

    from newsbot.archive.connection import Database as Opened

    client: MongoClient[dict[str, object]] = MongoClient(
        "127.0.0.1", free_port(), serverSelectionTimeoutMS=200, tz_aware=True
    )
    away = Opened(client, database.name, database.sealer)
    page = TestClient(create_app(settings, away, Live(settings, away)))
    assert page.get("/healthz").status_code == 200
    answer = page.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["lacks"][0]["what"] == "archive"
    assert samples(page.get("/metrics").text)["newsbot_archive_up"] == [({}, 0.0)]


def test_what_is_behind_is_told(page: TestClient, database: Database) -> None:
    now = datetime.now(UTC)
    made = Source(
        id="s",
        name="late",
        homepage="https://late.example/",
        added_at=now,
        next_due=now - timedelta(minutes=10),
    )
    sources.add(database, made)
    found = samples(page.get("/metrics").text)
    assert total(found, "newsbot_sources_due") == 1
    assert 600 <= total(found, "newsbot_poll_lag_seconds") < 660


# Sheets


def test_the_counts_of_all_living_processes_come_together(tmp_path: Path) -> None:
    first, second = CollectorRegistry(), CollectorRegistry()
    for registry, value in ((first, 2), (second, 3)):
        Counter("newsbot_tried", "Tried.", registry=registry).inc(value)
    with sheets.kept(tmp_path, "worker", first), sheets.kept(tmp_path, "worker", second):
        wait_until(lambda: len(list(sheets.living(tmp_path))) == 2)
        found = {
            (each.labels["process"], each.value)
            for family in sheets.families(tmp_path)
            for each in family.samples
            if each.name == "newsbot_tried_total"
        }
        assert found == {("1", 2.0), ("2", 3.0)}
        assert sheets.families(tmp_path)[0].samples[0].value == 2
    assert sheets.families(tmp_path) == []


def test_a_killed_process_does_not_count_and_its_successor_takes_its_place(tmp_path: Path) -> None:
    work = (
        "import sys, time, pathlib; from newsbot.metrics import counted, sheets;"
        "counted.matches.inc(7);"
        "kept = sheets.kept(pathlib.Path(sys.argv[1]), 'worker'); kept.__enter__(); time.sleep(60)"
    )
    for _ in range(2):
        process = subprocess.Popen([sys.executable, "-c", work, str(tmp_path)])
        wait_until(lambda: [each[:2] for each in sheets.living(tmp_path)] == [("worker", "1")])
        matches = next(each for each in sheets.families(tmp_path) if each.name == "newsbot_matches")
        assert [each.value for each in matches.samples] == [7.0]
        process.kill()
        process.wait()
        assert sheets.families(tmp_path) == []


def test_a_runs_counters_are_counted_once() -> None:
    def count() -> float:
        return counted.articles.labels("new")._value.get()

    before = count()
    counted.crawled({}, {"new": 2, "requests": 5, "spooled": 1})
    counted.crawled(
        {"new": 2, "requests": 5, "spooled": 1}, {"new": 3, "requests": 5, "spooled": 0}
    )
    assert count() - before == 3
