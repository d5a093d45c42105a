"""A newspaper on loopback that misbehaves on demand: raw sockets, so that it can lie about everything.

    .venv/bin/python -m tests.newspaper.server

A process of its own that is told by JSON lines on stdin what to do, and answers each with one on stdout:
`{"do": "open", …}` (fields of `Newspaper`) gives `{"port": N}`; `{"do": "log", "port": N}` the arrivals, as pairs of
`time.monotonic()` and path; `{"do": "close", "port": N}` refuses connections from then on. It ends with its stdin.
"""

import itertools
import json
import socket
import ssl
import sys
import threading
import time
from collections import Counter
from contextlib import suppress

from tests.newspaper.certificate import self_signed
from tests.newspaper.faults import Ask, Faults
from tests.newspaper.prose import answer, article, listing
from tests.newspaper.robots import ELSEWHERE, send_robots
from tests.newspaper.traps import trap_answer


class Newspaper(Faults):
    """Answers `/` with links to `faults`, `/bai/<fault>-<n>.html` with that fault; notes what it was asked, and when.

    `robots`: a status line, or a name out of `tests.newspaper.robots`; `links`: further addresses for the home page;
    `is_tls`: speaks TLS with a certificate that it signed itself; `traps`: see `tests.newspaper.traps`;
    `last_answers`: paths after whose answer it refuses connections.
    """

    def __init__(self, faults=(), robots="404 Not Found", n_pages=1, links=(), host="127.0.0.1", **more):
        self.faults = faults
        self.robots = robots
        self.n_pages = n_pages
        self.links = links
        self.traps = more.get("traps", "")
        self.last_answers = more.get("last_answers", ())
        self.asked = Counter()
        self.log = []
        self.socket = socket.create_server((host, 0), backlog=64)
        self.port = self.socket.getsockname()[1]
        self.tls = self_signed(host) if more.get("is_tls") else None

    def close(self):
        """Refuse connections from now on: closing alone would leave the waiting `accept` in place."""
        self.is_open = False
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def serve(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.handle, args=(client,), daemon=True).start()

    def handle(self, client):
        with suppress(OSError, ssl.SSLError), client:
            if self.tls is not None:
                client = self.tls.wrap_socket(client, server_side=True)
            head = client.recv(65536).decode("latin-1")
            path = head.split(" ")[1] if head.count(" ") > 1 else "/"
            self.log.append((time.monotonic(), path))
            self.asked[path] += 1
            if path in self.last_answers:
                self.close()
                self.is_open = True
            self.reply(client, path)

    def reply(self, client, path):
        if path == "/robots.txt":
            send_robots(self, client)
        elif self.traps and (trap := trap_answer(path, self.port, self.traps)) is not None:
            client.sendall(trap)
        elif path == "/":
            client.sendall(answer(listing("Trang chủ", self.home_links())))
        elif path in ELSEWHERE:
            client.sendall(ELSEWHERE[path])
        elif path.startswith("/bai/"):
            page, mark, query = path.partition("?")
            name, n = page.removeprefix("/bai/").removesuffix(".html").rsplit("-", 1)
            ask = Ask(client, f"{name}-{n}", int(n), self.asked[path] == 1, mark + query)
            getattr(self, f"send_{name.replace('-', '_')}")(ask)
        else:
            client.sendall(answer(article("nothing here", ["nothing here"]), "404 Not Found"))

    def home_links(self):
        for name, n in itertools.product(self.faults, range(1, self.n_pages + 1)):
            yield f"/bai/{name}-{n}.html", f"Bài viết số {n} về chuyện {name}"
        for url in self.links:
            yield url, f"Bài viết ở địa chỉ {url.rpartition('/')[2]}"


def main():
    papers = {}
    for line in sys.stdin:
        order = json.loads(line)
        do = order.pop("do")
        if do == "open":
            paper = Newspaper(**order)
            papers[paper.port] = paper
            threading.Thread(target=paper.serve, daemon=True).start()
            reply = {"port": paper.port}
        elif do == "log":
            reply = list(papers[order["port"]].log)
        else:
            papers[order["port"]].close()
            reply = {}
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
