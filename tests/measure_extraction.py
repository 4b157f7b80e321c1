"""Extract hostile pages, each in a process of its own, and print what each cost.

``python -m tests.measure_extraction SCALE NAME…``: CPU seconds, memory in bytes beyond what the process
had before, the page's bytes, and the kind that was found, as a line of JSON for each. A page that ends
its process, or takes two minutes, has no line.
"""

import json
import multiprocessing
import sys
import time
from pathlib import Path

from newsbot.extraction import extract
from tests.hostile_pages import PAGES

_WARM_UP = b"<title>A warm-up</title><h1>A warm-up</h1><p>By Jo Doe</p><p>12 March 2026</p>" + (
    b"<p>The harbour opened again on Sunday, nine days after the storm, he said.</p>" * 9
)


def _resident(field: str) -> int:
    """Return bytes of memory: now (``VmRSS``) or at most since :func:`_forget_peak` (``VmHWM``)."""
    status = Path("/proc/self/status").read_text(encoding="utf8")
    return int(status.split(f"{field}:")[1].split()[0]) * 1024


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="utf8")


def main() -> None:
    """Measure each page in a process that has loaded what all need, and nothing of the others."""
    scale, names = float(sys.argv[1]), sys.argv[2:]
    extract(_WARM_UP, "https://news.example/warm-up")
    for name in names:
        process = multiprocessing.get_context("fork").Process(target=measure, args=(name, scale))
        process.start()
        process.join(120)
        process.kill()


def measure(name: str, scale: float) -> None:
    """Measure one page."""
    page = PAGES[name](scale)
    _forget_peak()
    memory, begun = _resident("VmRSS"), time.process_time()
    found = extract(page, "https://news.example/story")
    seconds = time.process_time() - begun
    cost = {
        "name": name,
        "seconds": seconds,
        "memory": _resident("VmHWM") - memory,
        "size": len(page),
        "kind": found.kind,
        "why": found.why,
    }
    print(json.dumps(cost), flush=True)


if __name__ == "__main__":
    main()
