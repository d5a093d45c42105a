"""Serves the made-up newspaper on a free port: `python benchmarks/loopback.py [N_ARTICLES]`, until it is ended.

All answers are made and compressed before the first request, so that the server takes little of what is measured.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
from http import HTTPStatus

from newssite import NewsSite


class Answering(asyncio.Protocol):
    """Enough of HTTP/1.1 to serve ready answers over connections that stay open."""

    def __init__(self, answers: dict[bytes, bytes]) -> None:
        self.answers = answers
        self.waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        self.transport: asyncio.WriteTransport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Answer every whole request."""
        *requests, self.waiting = (self.waiting + data).split(b"\r\n\r\n")
        for request in requests:
            path = request.split(b" ", 2)[1]
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


async def serve(n_articles: int, newspaper: type[NewsSite] = NewsSite) -> None:
    """Serve on a free port until ended; prints a line of JSON: port, profile and mean size of an article's page."""
    answers: dict[bytes, bytes] = {}
    server = await asyncio.get_running_loop().create_server(lambda: Answering(answers), "127.0.0.1", 0)
    host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    site = newspaper(n_articles, host)
    for path, (kind, body) in site.pages.items():
        answers[path.encode()] = answer(HTTPStatus.OK, kind, body)
    sizes = sorted(len(site.pages[story.path][1]) for story in site.stories)
    print(json.dumps({"host": host, "profile": site.profile(), "sizes": sizes}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]) if len(sys.argv) > 1 else 500))
