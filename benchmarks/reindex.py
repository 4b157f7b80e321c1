"""What building the index anew, and comparing it with the archive, costs whoever uses the archive meanwhile.

    python -m benchmarks.reindex 200000

Another process asks the embedded MongoDB for an article by its id and writes a document, acknowledged and on disk,
a hundred times a second: before, while `newsbot reindex` runs, and while `newsbot reindex --check` does. What counts
is how much longer the slowest of these take than before, and, where others use the machine, the command's CPU.
Memory is the most that its process had.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pymongo
from pymongo.write_concern import WriteConcern

from newsbot.archive.connection import connect
from newsbot.config import Config
from tests.export_corpus import fill

# Linux counts what a process was before it became another program, so what starts it has to be small.
_LAUNCHER = """
import resource, subprocess, sys, time
started = time.perf_counter()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(time.perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)
sys.exit(code)
"""
# Seconds between two uses, and for how long it is measured before.
_PAUSE, _BEFORE = 0.01, 20.0


def run(count: int = 200_000) -> None:
    """Measure with so many articles."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config(data_dir=Path(folder) / "data")
        with connect(config) as database:
            begun = time.perf_counter()
            fill(database, count, words=300, told=lambda *_: None)
            print(
                f"\nReindexing: {count:,} articles, made in {time.perf_counter() - begun:.0f} s",
                flush=True,
            )
            address = "mongodb://{}:{}/".format(*(database.client.address or ("", 0)))
            environment = os.environ | {
                "NEWSBOT_MONGODB_URI": address,
                "NEWSBOT_DATA_DIR": str(config.data_dir),
            }
            using = [sys.executable, "-m", "benchmarks.reindex", "use", address, config.database]
            pause = [sys.executable, "-c", f"import time; time.sleep({_BEFORE})"]
            _measure("nothing else", pause, using, environment)
            newsbot = [sys.executable, "-m", "newsbot.cli"]
            _measure("newsbot reindex", [*newsbot, "reindex"], using, environment)
            _measure(
                "newsbot reindex --check", [*newsbot, "reindex", "--check"], using, environment
            )


def _measure(what: str, command: list[str], using: list[str], environment: dict[str, str]) -> None:
    user = subprocess.Popen(
        using, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    done = subprocess.run(
        [sys.executable, "-c", _LAUNCHER, *command],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    said, _ = user.communicate("end\n")
    seconds, used, memory = map(float, done.stdout.split())
    told = {name: sorted(times) for name, times in json.loads(said).items()}
    print(
        f"  {what:<24} {seconds:6.0f} s  {used:6.0f} s of CPU  {memory / 1e6:5.0f} MB  "
        + "  ".join(
            f"{name} p50 {statistics.median(times) * 1e3:.1f} p99 {times[len(times) * 99 // 100] * 1e3:.0f} "
            f"longest {times[-1] * 1e3:.0f} ms"
            for name, times in told.items()
        ),
        flush=True,
    )


def _use(address: str, name: str) -> None:
    """Use the archive until something is said, then print how long each use took."""
    import selectors

    client: pymongo.MongoClient[dict[str, object]] = pymongo.MongoClient(address, retryWrites=False)
    database = client.get_database(name, write_concern=WriteConcern(w="majority", j=True))
    some = {"content_hash": {"$gte": "0", "$lt": "01"}}
    ids = [each["_id"] for each in database.articles.find(some, {"_id": 1})]
    told: dict[str, list[float]] = {"read": [], "write": []}
    waiting = selectors.DefaultSelector()
    waiting.register(sys.stdin, selectors.EVENT_READ)
    number = 0
    while not waiting.select(_PAUSE):
        number += 1
        begun = time.perf_counter()
        database.articles.find_one({"_id": ids[number % len(ids)]})
        read = time.perf_counter()
        database.bench.update_one(
            {"_id": number % 100}, {"$set": {"at": datetime.now(UTC)}}, upsert=True
        )
        told["read"].append(read - begun)
        told["write"].append(time.perf_counter() - read)
    print(json.dumps(told))


if __name__ == "__main__":
    if sys.argv[1:2] == ["use"]:
        _use(*sys.argv[2:])
    else:
        run(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
