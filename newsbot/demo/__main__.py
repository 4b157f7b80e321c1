"""``python -m newsbot.demo``: runs the demo newsroom until it is told to stop."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from newsbot.demo.server import serve
from newsbot.demo.sites import INBOX_OFFSET, SITES, hook_url


def main() -> None:
    """Read the options and run the demo; SIGINT or SIGTERM ends it with exit code 0."""
    parser = argparse.ArgumentParser(prog="python -m newsbot.demo", description=__doc__)
    parser.add_argument("--base-port", type=int, default=8100, help="first of seven ports (8100)")
    parser.add_argument("--interval", type=float, default=4.0, help="seconds between stories (4)")
    parser.add_argument("--state", type=Path, help="file that remembers what was published")
    parser.add_argument("--inbox", type=Path, help="file to which webhooks are appended")
    options = parser.parse_args()
    asyncio.run(_run(options.base_port, options.interval, options.state, options.inbox))


async def _run(base_port: int, interval: float, state: Path | None, inbox: Path | None) -> None:
    def announce() -> None:
        for site in SITES:
            sys.stdout.write(f"{site.name:9} {site.homepage(base_port)}\n")
        sys.stdout.write(f"{'inbox':9} http://127.0.0.1:{base_port + INBOX_OFFSET}/\n")
        sys.stdout.write(f"Send webhooks to {hook_url(base_port)}; stop with Ctrl-C.\n")
        sys.stdout.flush()

    running = asyncio.create_task(
        serve(base_port, interval=interval, state=state, inbox=inbox, ready=announce)
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        return


if __name__ == "__main__":
    main()
