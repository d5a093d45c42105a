"""Serves the made-up newspaper on a free port: `python benchmarks/loopback.py [N_ARTICLES]`, until it is ended.

All answers are made and compressed before the first request, so that the server takes little of what is measured; with
`--nginx` they are files that nginx serves, where it is installed, which takes less still.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path

from newssite import NewsSite

PATIENCE_SECONDS = 30
NGINX = """\
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/errors;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
  uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  types {{ text/html html; application/xml xml; text/plain txt; }}
  charset utf-8;
  sendfile on;
  keepalive_requests 1000000;
  gzip_static on;
  server {{ listen {host}; root {folder}/site; }}
}}
"""


class Connection(asyncio.Protocol, ABC):
    """Enough of HTTP/1.1 to answer over connections that stay open."""

    def __init__(self) -> None:
        self.waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        self.transport: asyncio.WriteTransport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Answer every whole request."""
        *requests, self.waiting = (self.waiting + data).split(b"\r\n\r\n")
        for request in requests:
            self.asked(request.split(b" ", 2)[1])

    @abstractmethod
    def asked(self, path: bytes) -> None:
        """Answer a request for `path`."""


class Answering(Connection):
    """Serves ready answers."""

    def __init__(self, answers: dict[bytes, bytes]) -> None:
        super().__init__()
        self.answers = answers

    def asked(self, path: bytes) -> None:
        """Send it."""
        self.transport.write(self.answers.get(path) or answer(HTTPStatus.NOT_FOUND, "text/plain", b"404"))


def answer(status: HTTPStatus, kind: str, body: bytes) -> bytes:
    """A whole response, compressed as newspapers' servers do."""
    packed = gzip.compress(body, 6, mtime=0)
    lines = (
        f"HTTP/1.1 {status} {status.phrase}",
        f"Content-Type: {kind}",
        "Content-Encoding: gzip",
        f"Content-Length: {len(packed)}",
    )
    return "\r\n".join((*lines, "", "")).encode() + packed


def announce(site: NewsSite) -> None:
    """Print a line of JSON: host, profile and sizes of the articles' pages."""
    sizes = sorted(len(site.pages[story.path][1]) for story in site.stories)
    print(json.dumps({"host": site.host, "profile": site.profile(), "sizes": sizes}), flush=True)


async def serve(n_articles: int, newspaper: type[NewsSite] = NewsSite) -> None:
    """Serve on a free port until ended."""
    answers: dict[bytes, bytes] = {}
    server = await asyncio.get_running_loop().create_server(lambda: Answering(answers), "127.0.0.1", 0)
    site = newspaper(n_articles, f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
    for path, (kind, body) in site.pages.items():
        answers[path.encode()] = answer(HTTPStatus.OK, kind, body)
    announce(site)
    await server.serve_forever()


def serve_by_nginx(program: str, n_articles: int, folder: Path) -> None:
    """The same from files below `folder`; nginx ends with this process."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        host = f"127.0.0.1:{free.getsockname()[1]}"
    site = NewsSite(n_articles, host)
    for path, (_, body) in site.pages.items():
        file = folder / "site" / (path.lstrip("/") + ("index.html" if path.endswith("/") else ""))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
        Path(f"{file}.gz").write_bytes(gzip.compress(body, 6, mtime=0))
    (folder / "nginx.conf").write_text(NGINX.format(host=host, folder=folder), encoding="utf-8")
    with subprocess.Popen([program, "-c", str(folder / "nginx.conf")]) as server:
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        wait_for(host)
        announce(site)


def wait_for(host: str) -> None:
    """Until somebody listens."""
    address, port = host.split(":")
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends_at:
        with suppress(OSError), socket.create_connection((address, int(port)), timeout=1):
            return
        time.sleep(0.05)
    raise SystemExit(f"nobody listens on {host}")


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=int, nargs="?", default=500)
    parser.add_argument("--nginx", action="store_true")
    options = parser.parse_args()
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") if options.nginx else None
    if program is None:
        asyncio.run(serve(options.articles))
        return
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        serve_by_nginx(program, options.articles, Path(folder))


if __name__ == "__main__":
    main()
