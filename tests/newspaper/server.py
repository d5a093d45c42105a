"""A newspaper on loopback that misbehaves on demand: raw sockets, so that it can lie about everything.

    .venv/bin/python -m tests.newspaper.server

A process of its own that is told by JSON lines on stdin what to do, and answers each with one on stdout:
`{"do": "open", …}` (fields of `Newspaper`) gives `{"port": N}`; `{"do": "log", "port": N}` the arrivals, as pairs of
`time.monotonic()` and path; `{"do": "change", "port": N, …}` gives fields new values; `{"do": "close", "port": N}`
refuses connections from then on. It ends with its stdin.
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
from tests.newspaper.prose import answer, article, listing, sitemap
from tests.newspaper.robots import ELSEWHERE, send_robots
from tests.newspaper.traps import trap_answer


class Newspaper(Faults):
    """Answers `/` with links to `faults`, `/bai/<fault>-<n>.html` with that fault; notes what it was asked, and when.

    `robots`: a status line, or a name out of `tests.newspaper.robots`; `links`: further addresses for the home page;
    `is_tls`: speaks TLS with a certificate that it signed itself; `traps`: see `tests.newspaper.traps`;
    `tdm`: its tdmrep.json;
    `last_answers`: paths after whose answer it refuses connections; `everything`: the fault of all it answers but
    robots.txt; `editions`: published articles as pairs of fault and time, the newest last, `n_shown` of them on `/`;
    `sitemap`: the same as a sitemap.
    """

    def __init__(self, faults=(), robots="404 Not Found", n_pages=1, links=(), host="127.0.0.1", **more):
        self.faults = faults
        self.robots = robots
        self.n_pages = n_pages
        self.links = links
        self.traps = more.get("traps", "")
        self.tdm = more.get("tdm", "")
        self.last_answers = more.get("last_answers", ())
        self.everything = more.get("everything", "")
        self.editions = more.get("editions", ())
        self.n_shown = more.get("n_shown", 20)
        self.sitemap = more.get("sitemap", True)
        self.asked = Counter()
        self.log = []
        self.socket = socket.create_server((host, 0), backlog=64)
        self.port = self.socket.getsockname()[1]
        self.is_tls = more.get("is_tls", False)

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
            if self.is_tls:
                client = self_signed("127.0.0.1").wrap_socket(client, server_side=True)
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
        elif path == "/.well-known/tdmrep.json" and self.tdm:
            client.sendall(answer(self.tdm, kind="application/json"))
        elif self.everything:
            self.send(self.everything, Ask(client, "all-1", 1, is_first=self.asked[path] == 1))
        elif self.traps and (trap := trap_answer(path, self.port, self.traps)) is not None:
            client.sendall(trap)
        elif path == "/":
            client.sendall(answer(listing("Trang chủ", self.home_links())))
        elif path in ELSEWHERE:
            client.sendall(ELSEWHERE[path])
        elif path == "/sitemap.xml" and self.editions and self.sitemap:
            client.sendall(answer(sitemap(f"http://127.0.0.1:{self.port}", self.shown()), kind="application/xml"))
        elif path.startswith("/bai/"):
            page, mark, query = path.partition("?")
            name, n = page.removeprefix("/bai/").removesuffix(".html").rsplit("-", 1)
            self.send(name, Ask(client, f"{name}-{n}", int(n), self.asked[path] == 1, mark + query))
        else:
            client.sendall(answer(article("nothing here", ["nothing here"]), "404 Not Found"))

    def send(self, fault, ask):
        getattr(self, f"send_{fault.replace('-', '_')}")(ask)

    def shown(self):
        """Addresses of the newest editions, and when they were published."""
        numbered = list(enumerate(self.editions, start=1))[-self.n_shown :]
        return [(f"/bai/{fault}-{n}.html", time) for n, (fault, time) in reversed(numbered)]

    def home_links(self):
        for url, _ in self.shown():
            yield url, f"Bài viết mới về chuyện ở {url}"
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
        elif do == "change":
            vars(papers[order.pop("port")]).update(order)
            reply = {}
        elif do == "log":
            reply = list(papers[order["port"]].log)
        else:
            papers[order["port"]].close()
            reply = {}
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
