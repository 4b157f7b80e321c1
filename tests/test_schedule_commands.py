"""`newsbot schedule` and schedules in files: what is said of them is what they do."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsbot.archive import schedules
from newsbot.archive.connection import Database
from newsbot.archive.schedules import Schedule
from schedules.timing import next_times
from tests.conftest import InProcess
from tests.test_timetable import add_source

ADD = ("schedule", "add", "site", "--cron", "0 */4 * * *", "--timezone", "Asia/Damascus")


@pytest.fixture
def only(database: Database) -> Callable[[], Schedule]:
    add_source(database, "site", None)

    def found() -> Schedule:
        (each,) = schedules.everything(database)
        return each

    return found


def test_a_schedule_is_added_listed_and_changed(
    newsbot_here: InProcess, only: Callable[[], Schedule]
) -> None:
    done = newsbot_here(
        *ADD, "--jitter", "5m", "--not", "22:00-06:00", "--not", "fri", "--late", "2h"
    )
    assert done.returncode == 0, done.stderr
    made = only()
    assert (made.jitter, made.blackouts, made.late) == (300.0, ("22:00-06:00", "fri"), 7_200.0)
    (listed,) = newsbot_here.json("schedule", "list")
    coming = [datetime.fromisoformat(each) for each in listed["next"]]
    assert coming == next_times(made, datetime.now(UTC))
    shown = newsbot_here("schedule", "list").stdout
    assert (
        "cron 0 */4 * * *, up to 5m later, not 22:00-06:00, not fri, at most 2h late"
        in " ".join(shown.split())
    )
    done = newsbot_here(
        "schedule", "set", made.id[:8], "--jitter", "0", "--not", "none", "--late", "always"
    )
    assert done.returncode == 0, done.stderr
    again = only()
    assert (again.jitter, again.blackouts, again.late) == (0.0, (), None)
    assert again.in_force_at > made.in_force_at


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--not", "25:00-26:00"), "no clock shows"),
        (("--not", "mon-sun"), "never starts"),
        (("--jitter", "soon"), "--jitter 'soon' is no time"),
        (("--jitter", "2d"), "between nothing and a day"),
        (("--late", "-5"), "--late '-5' is no time"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_as_usage(
    newsbot_here: InProcess,
    database: Database,
    only,
    words: tuple[str, ...],
    says: str,
) -> None:
    done = newsbot_here(*ADD, *words)
    assert done.returncode == 2
    assert says in done.stderr
    assert not schedules.everything(database)


def test_files_state_how_a_schedule_starts(
    newsbot_here: InProcess,
    only,
    tmp_path: Path,
) -> None:
    conf = tmp_path / "conf"
    conf.mkdir()
    text = 'schedules:\n  site:\n    - cron: "0 6 * * *"\n'
    stated = f"{text}      jitter: 5m\n      not: [22:00-05:00, sat]\n      late: 90m\n"
    (conf / "desk.yaml").write_text(stated)
    assert newsbot_here("apply", str(conf), "--yes").returncode == 0
    made = only()
    assert (made.jitter, made.blackouts, made.late) == (300.0, ("22:00-05:00", "sat"), 5_400.0)
    assert newsbot_here("apply", str(conf), "--plan").returncode == 0
    out = tmp_path / "out"
    assert newsbot_here("apply", "--export", str(out)).returncode == 0
    (conf / "desk.yaml").write_text((out / "schedules.yaml").read_text())
    assert newsbot_here("apply", str(conf), "--plan").returncode == 0
    (conf / "desk.yaml").write_text(text)
    assert newsbot_here("apply", str(conf), "--yes").returncode == 0
    again = only()
    assert (again.jitter, again.blackouts, again.late) == (0.0, (), None)
    (conf / "desk.yaml").write_text(f"{text}      not: [mon-sun]\n")
    done = newsbot_here("apply", str(conf), "--yes")
    assert "in its windows" in done.stderr
    assert only() == again
