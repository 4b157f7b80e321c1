"""Files that are applied by processes that are killed, or by two at once: it ends the same."""

import signal
from pathlib import Path

import pytest

from newsbot.alerts import lists as desk
from newsbot.archive import schedules, sources
from newsbot.archive.connection import Database
from newsbot.config import Config
from tests.conftest import Command

NOTHING = "Nothing to change: all is as the files say.\n"


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    folder = tmp_path / "conf"
    folder.mkdir()
    return folder


def _many(count: int, **fields: object) -> str:
    """Return a file that states so many lists, sources and schedules."""
    stated = "".join(f"    {name}: {value}\n" for name, value in fields.items())
    entry = "entry_points: [feed: https://s{n}.example/feed]"
    made = (
        ("lists:\n", "  l{n}: [word{n}, {fields}]\n"),
        ("sources:\n", f"  s{{n}}:\n    homepage: https://s{{n}}.example/\n    {entry}\n{stated}"),
        ("schedules:\n", "  s{n}: [every: {n}h]\n"),
    )
    return "".join(
        head + "".join(line.format(n=n, fields=len(fields)) for n in range(1, count + 1))
        for head, line in made
    )


def _kept(command: Command, folder: Path) -> dict[str, str]:
    assert command("apply", "--export", str(folder)).returncode == 0
    return {each.name: each.read_text("utf8") for each in folder.iterdir()}


def test_killed_in_the_middle_and_applied_again_it_ends_the_same(
    newsbot: Command, settings: Config, database: Database, conf: Path, tmp_path: Path
) -> None:
    name = f"{database.name}_straight"
    straight = Command(settings, database=name)
    # Adds, then changes all, removes half and takes a field back.
    stages = (_many(40, delay=2), _many(20, concurrency=3))
    try:
        for number, text in enumerate(stages):
            (conf / "desk.yaml").write_text(text)
            assert straight("apply", str(conf), "--yes").returncode == 0
            before = _state(database)
            running = newsbot.start("apply", str(conf), "--yes")
            while len(_state(database) ^ before) < 50:
                assert running.poll() is None
            running.send_signal(signal.SIGKILL)
            running.communicate()
            left = newsbot("apply", str(conf), "--plan")
            assert left.returncode == 3, left.stdout
            assert newsbot("apply", str(conf), "--yes").returncode == 0
            assert newsbot("apply", str(conf), "--yes").stdout == NOTHING
            out = tmp_path / f"out{number}"
            assert _kept(newsbot, out / "a") == _kept(straight, out / "b")
    finally:
        database.client.drop_database(name)


def _state(database: Database) -> set[tuple[str, str]]:
    found = (*database.sources.find({}), *database.lists.find({}), *database.schedules.find({}))
    return {(each["_id"], str(each)) for each in found}


def test_two_that_apply_at_once_end_the_same(
    newsbot: Command, database: Database, conf: Path
) -> None:
    (conf / "desk.yaml").write_text(_many(10))
    running = [newsbot.start("apply", str(conf), "--yes") for _ in range(2)]
    said = [each.communicate()[0] for each in running]
    again = newsbot("apply", str(conf), "--yes")
    assert again.returncode == 0, said
    assert newsbot("apply", str(conf), "--plan").stdout == NOTHING
    assert {len(sources.everything(database)), len(schedules.everything(database))} == {10}
    assert desk.users(database) == {f"l{n}": [] for n in range(1, 11)}
