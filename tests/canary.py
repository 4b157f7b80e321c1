"""A server inside the operator's network that nobody should reach: it notes who does."""

import contextlib
import http.server
import socket
import threading
from collections.abc import Callable
from typing import Any

from tests.conftest import POLL, free_port


class Canary:
    """Listens on a port of 127.0.0.1 and, where there is IPv6, of ::1.

    ``connections`` counts them all; ``requests`` are the paths asked for with their headers.
    ``answer`` may give a path another answer (a status and headers), ``body`` another page.
    """

    def __init__(self) -> None:
        self.connections = 0
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.answer: Callable[[str], tuple[int, dict[str, str]]] = lambda _path: (200, {})
        self.body: Callable[[str], str] = lambda _path: "<p>The till of the house.</p>"
        self.port = free_port()
        canary = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def setup(self) -> None:
                canary.connections += 1
                super().setup()

            def do_GET(self) -> None:
                canary.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                status, headers = canary.answer(self.path)
                self.send_response(status)
                body = canary.body(self.path).encode()
                for name, value in {"Content-Type": "text/html", **headers}.items():
                    self.send_header(name, value.encode().decode("latin-1"))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *args: object) -> None:
                pass

        class OnV6(http.server.ThreadingHTTPServer):
            address_family = socket.AF_INET6

        self._servers: list[Any] = [
            http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        ]
        with contextlib.suppress(OSError):  # a machine without IPv6
            self._servers.append(OnV6(("::1", self.port), Handler))
        for server in self._servers:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=(POLL,), daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        for server in self._servers:
            server.shutdown()
            server.server_close()
