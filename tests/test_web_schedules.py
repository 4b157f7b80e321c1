"""Schedules and runs on the web page: written, tried, paused, started; runs drawn over time and paged."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from newsbot.archive import audit, runs, schedules, sources
from newsbot.archive.connection import Database
from newsbot.archive.recent_runs import recent
from newsbot.archive.records import to_document
from newsbot.archive.runs import Run
from newsbot.archive.sources import Source, Way
from newsbot.config import Config
from newsbot.web.app import create_app
from newsbot.web.live import Live
from newsbot.web.timeline import NARROWEST, timeline
from tests.test_web import shown

NOW = datetime.now(UTC).replace(microsecond=0)
RUNS = 120


def source(name: str, *, due: datetime | None = None) -> Source:
    way = Way(url=f"https://{name}.example/feed", kind="feed")
    homepage = f"https://{name}.example/"
    return Source(
        id=name, name=name, homepage=homepage, entry_points=(way,), next_due=due, added_at=NOW
    )


def ended(number: int) -> Run:
    """Return a run; three at a time were asked for at the same moment."""
    at = NOW - timedelta(minutes=number // 3)
    return Run(
        id=f"r{number:03}",
        source="wire" if number % 2 else "post",
        state="failed" if number % 10 == 0 else "done",
        trigger="poll",
        requested_at=at,
        started_at=at,
        finished_at=at + timedelta(seconds=20),
        reason="no <route> to host" if number % 10 == 0 else "",
    )


@pytest.fixture(scope="module")
def page(own_archive: tuple[Config, Database]) -> Iterator[TestClient]:
    config, database = own_archive
    sources.add(database, source("wire", due=NOW + timedelta(seconds=30)))
    sources.add(database, source("post"))
    database.runs.insert_many([to_document(ended(number)) for number in range(RUNS)])
    with TestClient(create_app(config, database, Live(config, database))) as client:
        yield client


@pytest.fixture
def sent(page: TestClient) -> dict[str, str]:
    found = re.search(r'name="token" value="([^"]+)"', shown(page, "/schedules"))
    assert found is not None
    return {"token": found[1], "source": "wire", "kind": "cron", "when": "0 6 * * mon-fri"}


def test_a_schedule_is_looked_at_added_changed_and_removed(
    page: TestClient, own_archive: tuple[Config, Database], sent: dict[str, str]
) -> None:
    _, database = own_archive
    sent |= {"timezone": "Asia/Damascus", "windows": "sat,sun\n", "jitter": "5m"}
    looked = page.post("/schedules", data=sent | {"do": "look"}).text
    assert "Nothing is saved yet" in looked
    assert looked.count("<li><time") == 10
    assert schedules.everything(database) == []
    assert page.post("/schedules", data={"when": "x"}).status_code == 403
    assert page.post("/schedules", data=sent).url.path == "/schedules"
    (made,) = schedules.everything(database)
    assert (made.when, made.timezone, made.jitter) == ("0 6 * * mon-fri", "Asia/Damascus", 300.0)
    assert made.blackouts == ("sat,sun",)
    again = page.post("/schedules", data=sent)
    assert again.status_code == 422
    assert "has this schedule already" in again.text
    where = f"/schedules/{made.id}"
    assert 'value="5m"' in shown(page, where)
    assert page.post(where, data=sent | {"late": "2h", "jitter": ""}).status_code == 200
    (changed,) = schedules.everything(database)
    assert (changed.late, changed.jitter, changed.when) == (7_200.0, 0.0, made.when)
    page.post(f"{where}/pause", data=sent)
    assert "paused" in shown(page, where)
    page.post(f"{where}/resume", data=sent)
    begun = page.post(f"{where}/run", data=sent)
    assert begun.url.path.startswith("/runs/")
    run = runs.active(database, "wire")
    assert run is not None
    assert run.trigger == "schedule"
    assert page.post(f"{where}/run", data=sent).url.path == f"/runs/{run.id}"
    page.post(f"/runs/{run.id}/cancel", data=sent)
    assert page.post(f"{where}/other", data=sent).status_code == 404
    page.post(f"{where}/remove", data=sent)
    assert schedules.everything(database) == []
    assert [each.action for each in audit.about(database, made.id)][-1] == "schedule add"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"source": "nobody"}, "no source of that name"),
        ({"when": ""}, "say when"),
        ({"when": "61 6 * * *"}, "cannot be read"),
        ({"kind": "interval", "when": "often"}, "cannot be read"),
        ({"kind": "interval", "when": "0"}, "between one second and ten years"),
        ({"kind": "once", "when": "2020-01-01T00:00"}, "never starts"),
        ({"kind": "<b>"}, "no kind of schedule"),
        ({"timezone": "Mars/Base"}, "no time zone"),
        ({"windows": "never"}, "cannot be read"),
        ({"jitter": "-1"}, "is no time"),
        ({"late": "soon"}, "is no time"),
    ],
)
def test_a_schedule_that_cannot_be_is_shown_again_with_why(
    page: TestClient, sent: dict[str, str], typed: dict[str, str], why: str
) -> None:
    answer = page.post("/schedules", data=sent | typed)
    assert answer.status_code == 422
    assert why in answer.text
    assert "<b>" not in answer.text


def test_the_polls_that_are_due_next_are_named(page: TestClient) -> None:
    due = shown(page, "/schedules").partition("Polls that are due next")[2]
    assert "wire" in due
    assert "post" not in due


def test_runs_are_listed_a_page_at_a_time_each_once(page: TestClient) -> None:
    seen: list[str] = []
    where = "/runs"
    while where:
        text = shown(page, where)
        seen += re.findall(r'<td><a href="/runs/(r\d+)">', text)
        following = re.search(r'rel="next" href="([^"]+)"', text)
        where = following[1].replace("&amp;", "&") if following else ""
    assert sorted(seen) == [f"r{number:03}" for number in range(RUNS)]


def test_runs_are_chosen_by_source_and_state(page: TestClient) -> None:
    text = shown(page, "/runs?source=wire&state=done")
    assert set(re.findall(r'<td><a href="/runs/r(\d+)">', text)) <= {
        f"{number:03}" for number in range(1, RUNS, 2)
    }
    failed = shown(page, "/runs?state=failed")
    assert failed.count("no &lt;route&gt; to host") == RUNS // 10
    assert "There is no source nobody" in shown(page, "/runs?source=nobody")
    for wrong in ("before=x", "before=2026-01-01", "hours=99", "state=x", "trigger=%00"):
        shown(page, f"/runs?{wrong}")


def test_runs_are_drawn_over_time_a_line_a_source(page: TestClient) -> None:
    text = shown(page, "/runs?hours=3")
    assert text.count('class="run-line"') == 3  # two sources, and the times below
    assert text.count('<rect class="failed" x=') == RUNS // 10


def test_a_timeline_shows_what_goes_on_and_what_is_short() -> None:
    first, hour = NOW - timedelta(hours=1), timedelta(hours=1)
    going = Run(
        id="a",
        source="s",
        state="running",
        trigger="poll",
        requested_at=NOW - hour / 2,
        started_at=NOW - hour / 2,
    )
    short = Run(
        id="b",
        source="t",
        state="done",
        trigger="poll",
        requested_at=first - hour,
        started_at=first - hour,
        finished_at=first,
    )
    drawn = timeline([going, short], {"s": "One"}, first=first, last=NOW)
    (one,), (two,) = drawn.lines[0].bars, drawn.lines[1].bars
    assert (one.x, one.width, drawn.lines[0].name) == (500.0, 500.0, "One")
    assert (two.x, two.width) == (0.0, NARROWEST)
    assert (drawn.ticks[0], drawn.ticks[-1]) == (first, NOW)


def test_the_newest_runs_are_found_however_far_back(
    page: TestClient, own_archive: tuple[Config, Database]
) -> None:
    del page
    _, database = own_archive
    found = recent(
        database, before=NOW + timedelta(days=2), since=NOW - timedelta(days=7), at_most=5
    )
    assert len(found) == 5
    assert [each.requested_at for each in found] == sorted(
        (each.requested_at for each in found), reverse=True
    )
