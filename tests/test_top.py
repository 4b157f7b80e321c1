"""``newsbot top``: one picture of what goes on, in a pipe and at eighty columns."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter
from rich.console import Console

from newsbot import parts
from newsbot.archive import runs, sources, troubles
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source
from newsbot.archive.troubles import Trouble
from newsbot.cli.top import shown
from newsbot.config import Config
from newsbot.metrics import sheets
from newsbot.monitoring.picture import Photographer
from newsbot.monitoring.rates import Reading, a_minute
from tests.conftest import InProcess

NOW = datetime.now(UTC)


def furnish(database: Database, settings: Config) -> None:
    """Have a run under way, one that waits, a source that is late and a trouble."""
    for name, due in (("herald", None), ("late", NOW - timedelta(minutes=2)), ("courier", None)):
        sources.add(
            database,
            Source(
                id=name, name=name, homepage=f"https://{name}.example/", added_at=NOW, next_due=due
            ),
        )
    run = runs.request(database, "herald", trigger="poll", occasion="a", now=NOW)
    assert run is not None
    held = runs.take(database, run, owner="w", seconds=60, now=NOW)
    assert held is not None
    counters = {"requests": 1234, "new": 5}
    assert runs.renew(database, held, seconds=60, now=NOW, counters=counters, log=())
    runs.request(database, "courier", trigger="poll", occasion="a", now=NOW)
    troubles.keep(
        database,
        Trouble(
            id="t",
            kind="failing",
            cause="c",
            of="late",
            began=NOW,
            found=NOW,
            says="does not answer, and this is told at a length that no line of a terminal has room for",
            members={"late": NOW},
        ),
    )
    parts.note(settings.data_dir, [parts.Part(name="worker", pid=1, deaths=0, waiting=False)])


def test_one_picture_tells_what_goes_on(
    database: Database, settings: Config, newsbot_here: InProcess
) -> None:
    with parts.alone(settings.data_dir):
        furnish(database, settings)
        told = newsbot_here.json("top", "--once", "--window", "0")
        printed = newsbot_here("top", "--window", "0").stdout
    assert isinstance(told, dict)
    assert told["queued"] == 1
    assert told["due"] == 1
    assert told["poll_lag"] > 110
    assert told["running"][0]["counters"] == {"requests": 1234, "new": 5}
    assert told["sources"] == {"active": 3, "paused": 0}
    assert told["parts"][0]["name"] == "worker"
    assert told["a_minute"] is None
    for words in ("worker up", "herald", "1,234", "1 queued", "1 troubles stand", "failing"):
        assert words in printed


def test_it_fits_eighty_columns(database: Database, settings: Config) -> None:
    with parts.alone(settings.data_dir):
        furnish(database, settings)
        picture = Photographer(settings, database).take()
    rates = dict.fromkeys(
        ("requests", "new", "edited", "runs", "matches", "sent", "failed"), 12_345.0
    )
    for width in (60, 80, 120):
        console = Console(width=width, force_terminal=False, color_system=None)
        with console.capture() as said:
            console.print(shown(picture, rates, width=width))
        assert max(map(len, said.get().splitlines())) <= width
        assert "herald" in said.get()


def test_rates_are_taken_over_all_processes_and_survive_a_restart(tmp_path: Path) -> None:
    first, second = CollectorRegistry(), CollectorRegistry()
    count = {
        registry: Counter("newsbot_requests", "r", ["outcome"], registry=registry)
        for registry in (first, second)
    }
    count[first].labels("answered").inc(100)
    with sheets.kept(tmp_path, "worker", first):
        before = Reading.of(tmp_path)
        while not before.values:
            threading.Event().wait(0.01)
            before = Reading.of(tmp_path)
    count[second].labels("answered").inc(30)
    with sheets.kept(tmp_path, "worker", second):
        now = Reading.of(tmp_path)
        while not now.values:
            threading.Event().wait(0.01)
            now = Reading.of(tmp_path)
    rates = a_minute(Reading(0.0, before.values), Reading(60.0, now.values))
    assert rates is not None
    assert rates["requests"] == 30
    assert rates["new"] == 0
