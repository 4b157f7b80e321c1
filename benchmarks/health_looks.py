"""What a look at the health of so many sources costs: all of them read, then only those whose runs ended since.

``python -m benchmarks.health_looks [SOURCES …]``: a real archive with so many sources, each with a standing as
sixty days of a newsroom leave it. A minute passes between two looks, in which one source in sixty is crawled.
"""

import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs

from newsbot.alerts.operators import Watch
from newsbot.archive.connection import Database, connect
from newsbot.archive.records import to_document
from newsbot.archive.sources import Source
from newsbot.archive.standings import Standings
from newsbot.config import Config
from newsbot.standing import Standing, Traffic
from tests.newsrooms import Newsroom

COUNTS = (10_000, 100_000)
# Of how many different newsrooms the standings are, and one in how many is crawled in a minute.
_DIFFERENT, _CRAWLED = 40, 60
_AT_ONCE = 1_000


def run(*counts: int) -> None:
    """Print how long looks take."""
    for count in counts or COUNTS:
        with tempfile.TemporaryDirectory(prefix="newsbot-bench-") as name:
            config = Config(data_dir=Path(name) / "data", mongodb_uri=None, disk_reserve=0)
            with connect(config) as database:
                _measure(config, database, count)


def _measure(config: Config, database: Database, count: int) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    made = _standings(now)
    for start in range(0, count, _AT_ONCE):
        numbers = range(start, min(count, start + _AT_ONCE))
        database.standings.insert_many([to_document(_one(made, n, now)) for n in numbers])
        database.sources.insert_many([_source(n) for n in numbers])
    sizes = [len(str(to_document(each))) for each in made]
    print(f"{count:,} sources, a standing of {sum(sizes) / len(sizes):,.0f} characters as text")
    standings = Standings()
    _timed("  all standings read", lambda: standings.read(database, now))
    _timed("  those that changed, none", lambda: standings.read(database, now))
    later = now + timedelta(minutes=1)
    some = [
        attrs.evolve(_one(made, n, now), mark="next", at=later) for n in range(0, count, _CRAWLED)
    ]
    for each in some:
        database.standings.replace_one({"_id": each.id}, to_document(each))
    _timed(f"  those that changed, {len(some):,}", lambda: standings.read(database, later))
    watch = Watch(config, database, "bench")
    for look in ("first", "second", "third"):
        _timed(f"  the watch's {look} look", lambda: watch.look(later))


def _timed(what: str, step: object) -> None:
    begun, cpu = time.monotonic(), time.process_time()
    step()  # type: ignore[operator]
    print(
        f"{what}: {time.monotonic() - begun:.2f} s, {time.process_time() - cpu:.2f} s of CPU here"
    )


def _standings(now: datetime) -> list[Standing]:
    chance = random.Random(1)
    made = []
    for number in range(_DIFFERENT):
        room = Newsroom(f"r{number}", a_day=chance.choice((1, 5, 20, 100)), every=14_400.0)
        moment = now - timedelta(days=60)
        while moment < now:
            room.ask(moment, chance)
            moment += timedelta(seconds=room.every)
        assert room.standing is not None
        days = [(now - timedelta(days=back)).date().isoformat() for back in range(15)]
        traffic = {day: Traffic(requests=120, blocked=1) for day in days}
        known = tuple(f"{number:024x}" for _ in range(6))
        made.append(attrs.evolve(room.standing, traffic=traffic, known=known))
    return made


def _one(made: list[Standing], number: int, now: datetime) -> Standing:
    # Runs ended over the last six hours.
    at = now - timedelta(seconds=number % 21_600)
    return attrs.evolve(made[number % len(made)], id=f"s{number}", at=at)


def _source(number: int) -> dict[str, object]:
    name = f"s{number}"
    source = Source(
        id=name,
        name=name,
        homepage=f"https://paper{number}.example/",
        added_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return to_document(source) | {"known_as": [name]}


if __name__ == "__main__":
    run(*map(int, sys.argv[1:]))
