"""Answers `GET /metrics` while the scheduler runs."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from crawler.errors import CollectorError, OptionError
from crawler.health.metrics import CONTENT_TYPE, openmetrics

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def metrics_server(address: str, output: Path) -> Iterator[int]:
    """Serve on `address` (`PORT` of this machine only, or `HOST:PORT`) inside the block; gives the port.

    Raises OptionError when the address cannot be used.
    """
    host, _, port = address.rpartition(":")
    try:
        server = _Server((host or "127.0.0.1", int(port)), _Handler)
    except (OSError, ValueError, OverflowError) as error:
        raise OptionError(f"--metrics {address}: {error}; write PORT or HOST:PORT") from None
    server.output = output
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    output: Path


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10

    def do_GET(self) -> None:
        """The only thing that is answered."""
        if self.path.partition("?")[0] != "/metrics":
            self.send_error(404)
            return
        try:
            body = openmetrics(self.server.output).encode()
        except CollectorError as error:
            self.send_error(500, explain=str(error))
            return
        self.send_response(200)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Nothing: monitors ask every few seconds."""
