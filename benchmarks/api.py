"""The API under load: each operation asked 40 times for what its description allows, and a long export.

The export is of 20,000 articles out of a server that is a process of its own, whose memory is watched while it
is taken fast, and while it is taken slowly.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import psutil

from newsbot.archive.connection import connect
from newsbot.config import Config
from newsbot.search.follow import catch_up
from tests.conftest import free_port
from tests.described import walk
from tests.export_corpus import fill
from tests.test_web import article, put

EXAMPLES, COUNT = 40, 20_000
# Bytes that the server may take more while it sends.
MOST = 150_000_000
_SERVE = """
import sys
from newsbot.archive.connection import connect
from newsbot.config import Config
from newsbot.web.server import serve
config = Config(data_dir=sys.argv[1], mongodb_uri=sys.argv[2], web_port=int(sys.argv[3]))
with connect(config) as database:
    serve(config, database)
"""


def run() -> None:
    """Print how many requests there were, what failed, and what memory an export takes."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config(data_dir=Path(folder))
        with connect(config) as database:
            put(database, article("a"), article("b", body="Nine ships wait. " * 9))
            catch_up(config, database)
            began = time.monotonic()
            asked, failed = walk(config, database, examples=EXAMPLES)
            print(f"{asked} requests in {time.monotonic() - began:.0f} s; {len(failed)} failed")
            for operation, why in failed.items():
                print(f"  {operation}: {why[:300]}")
            fill(database, COUNT, words=400)
            catch_up(config, database)
            host, port = database.client.address  # type: ignore[misc]
            _export(folder, f"mongodb://{host}:{port}/")
    if failed:
        raise SystemExit("the API does not answer as it says")


def _export(folder: str, uri: str) -> None:
    port = free_port()
    server = subprocess.Popen([sys.executable, "-c", _SERVE, folder, uri, str(port)])
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                httpx.get(f"{address}/healthz")
                break
            except httpx.TransportError:
                time.sleep(0.2)
        process = psutil.Process(server.pid)
        for form, pause in (("jsonl", 0.0), ("parquet", 0.0), ("jsonl", 0.02)):
            before = most = process.memory_info().rss
            began, size = time.monotonic(), 0
            with httpx.stream(
                "GET", f"{address}/api/v1/export?format={form}", timeout=60
            ) as answer:
                for part in answer.iter_raw(1_000_000):
                    size += len(part)
                    most = max(most, process.memory_info().rss)
                    time.sleep(pause)
            seconds = time.monotonic() - began
            print(
                f"{form}{' taken slowly' if pause else ''}: {size / 1e6:.0f} MB in {seconds:.1f} s "
                f"({COUNT / seconds:,.0f} articles/s), {(most - before) / 1e6:.0f} MB of memory more"
            )
            if most - before > MOST:
                raise SystemExit(f"an export took more than {MOST / 1e6:.0f} MB")
    finally:
        server.terminate()
        server.wait(60)


if __name__ == "__main__":
    run()
