"""The site that the crawl benchmarks fetch: labelled pages, served by nginx or by Python."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

SHARED = Path(__file__).parents[2] / "shared"
CASES = SHARED / "eval" / "cases"

_NGINX = """
{user} daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log off; types {{ text/html html; application/xml xml; text/plain txt; }}
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen {address}:{port}; root {root}; }}
}}
"""


def free_port() -> int:
    """Return a port of the loopback address that nothing uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def build(out: Path, base: str, *sets: str, copies: int = 1) -> int:
    """Lay the labelled pages of these sets out as a site; returns how many there are."""
    command = [sys.executable, str(SHARED / "eval" / "build_site.py")]
    command += [*(str(CASES / name) for name in sets), str(out), "--copies", str(copies)]
    subprocess.run([*command, "--base", base], check=True, stdout=subprocess.DEVNULL)
    return len((out / "truth.jsonl").read_text(encoding="utf8").splitlines())


@contextlib.contextmanager
def served(root: Path, port: int, scratch: Path, *, address: str = "127.0.0.1") -> Iterator[str]:
    """Serve a folder on loopback; yields the name of the server that does."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx:
        scratch.mkdir(parents=True, exist_ok=True)
        settings = scratch / "nginx.conf"
        # Started by root, nginx reads as nobody, who may not look into a temporary folder.
        user = "user root;" if os.geteuid() == 0 else ""
        settings.write_text(
            _NGINX.format(folder=scratch, address=address, port=port, root=root, user=user)
        )
        command = [nginx, "-c", str(settings), "-e", str(scratch / "error.log")]
    else:
        command = [sys.executable, "-m", "http.server", str(port), "--bind", address]
    server = subprocess.Popen(
        command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if time.monotonic() > deadline or server.poll() is not None:
                    raise
                time.sleep(0.05)
        yield "nginx" if nginx else "python -m http.server"
    finally:
        server.terminate()
        server.wait(5)
