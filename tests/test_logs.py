"""Logs: one form for whoever writes, ids on each line, and never a secret."""

import asyncio
import io
import json
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from newsbot import logs
from newsbot.config import Config

SECRETS = (
    "hunter2",
    "s3cr3t-key-of-this-newsbot",
    "T024BE7LD/B0XXXX/abcdefgh",
)


@pytest.fixture
def written(config: Config) -> Iterator[Any]:
    """Configure logging as a part does; returns what reads the lines that were written."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    # A server that another test ran may have set how much it says.
    logging.getLogger("uvicorn.error").setLevel(logging.NOTSET)
    out = io.StringIO()

    def read(**settings: object) -> list[dict[str, Any]]:
        return [json.loads(line) for line in out.getvalue().splitlines()]

    logs.configure(config.model_copy(update={"smtp_password": "hunter2"}), stream=out)
    yield read
    logging.captureWarnings(capture=False)
    root.handlers[:] = before
    root.setLevel(level)


def test_whoever_writes_the_line_has_the_same_form(written: Any) -> None:
    logging.getLogger("schedules.worker").warning("no run is taken: %s", "why")
    logging.getLogger("scrapy.core.engine").error("Spider broke")
    logging.getLogger("uvicorn.error").warning("late", extra={"color_message": "x"})
    logging.getLogger("apscheduler.scheduler").info("a job was added")
    lines = written()
    assert [each["event"] for each in lines] == ["no run is taken: why", "Spider broke", "late"]
    assert all({"event", "level", "logger", "timestamp"} <= each.keys() for each in lines)
    assert "color_message" not in lines[2]


def test_what_a_line_is_about_goes_through_tasks_and_threads(written: Any) -> None:
    log = logging.getLogger("newsbot.test")

    async def crawl(run: str) -> None:
        with logs.about(run=run, source=f"source of {run}"):
            await asyncio.sleep(0)
            await asyncio.to_thread(log.warning, "in a thread")
            await asyncio.create_task(tell())

    async def tell() -> None:
        log.warning("in a task")

    async def both() -> None:
        await asyncio.gather(crawl("one"), crawl("two"))

    asyncio.run(both())
    log.warning("outside")
    lines = written()
    told = sorted((each["event"], each.get("run"), each.get("source")) for each in lines[:-1])
    assert told == [
        ("in a task", "one", "source of one"),
        ("in a task", "two", "source of two"),
        ("in a thread", "one", "source of one"),
        ("in a thread", "two", "source of two"),
    ]
    assert "run" not in lines[-1]


@pytest.mark.parametrize(
    "line",
    [
        "http://desk:hunter2@news.example/a answered 404",
        "mongodb://newsbot:hunter2@db.example/?replicaSet=x went away",
        "POST https://news.example/hook?token=hunter2&x=1",
        "https://news.example/?api_key=hunter2",
        "{'Authorization': 'Bearer hunter2', 'Accept': '*/*'}",
        "Cookie: session=hunter2; other=hunter2",
        "X-Api-Key: hunter2",
        "https://hooks.slack.example/services/T024BE7LD/B0XXXX/abcdefgh took too long",
        "https://hooks.slack.com/services/T024BE7LD/B0XXXX/abcdefgh took too long",
        "could not notify tgram://hunter2/12345",
        "mailto://desk:hunter2@mail.example",
        "535 bad password hunter2",
    ],
)
def test_secrets_are_in_no_line(line: str, written: Any) -> None:
    log = logging.getLogger("newsbot.test")
    log.error(line)
    log.error("%s", line, extra={"target": line, "several": {"of": line}})
    try:
        raise ValueError(line)
    except ValueError:
        log.exception("it broke")
    told = json.dumps(written(), ensure_ascii=False)
    assert not any(secret in told for secret in SECRETS)
    assert "ValueError" in told


def test_what_is_no_secret_stays(written: Any) -> None:
    line = "https://news.example/a?page=2&id=7 answered 404: see /docs (12:30:05) key points"
    logging.getLogger("newsbot.test").error(line)
    assert written()[0]["event"] == line


def test_on_a_terminal_a_line_is_readable(config: Config) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    # A server that another test ran may have set how much it says.
    logging.getLogger("uvicorn.error").setLevel(logging.NOTSET)
    out = io.StringIO()
    try:
        logs.configure(config.model_copy(update={"log_format": "console"}), stream=out)
        logging.getLogger("newsbot.test").warning("the disk is full", extra={"run": "abc"})
    finally:
        logging.captureWarnings(capture=False)
        root.handlers[:] = before
        root.setLevel(level)
    assert "the disk is full" in out.getvalue()
    assert "run=abc" in out.getvalue()
    assert not out.getvalue().startswith("{")


def test_a_full_log_file_is_begun_anew_and_few_are_kept(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    (tmp_path / "web.log").write_text("short\n")
    with log.open("ab", buffering=0) as part:  # as a part has it open
        for turn in range(6):
            part.write(f"{turn}".encode() * 100)
            assert logs.rotate(tmp_path, full=100, kept=3) == [log]
        part.write(b"now")
    assert log.read_bytes() == b"now"
    kept = {each.name: each.read_text()[:1] for each in tmp_path.glob("worker.log.*")}
    assert kept == {"worker.log.1": "5", "worker.log.2": "4", "worker.log.3": "3"}
    assert (tmp_path / "web.log").read_text() == "short\n"


def test_where_there_is_no_room_for_a_copy_no_log_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "worker.log").write_text("now " * 100)
    (tmp_path / "worker.log.1").write_text("before")

    def full(_from: Path, to: Path) -> None:
        to.write_text("now ")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    assert logs.rotate(tmp_path, full=100, kept=3) == []
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {
        "worker.log": "now " * 100,
        "worker.log.1": "before",
    }
