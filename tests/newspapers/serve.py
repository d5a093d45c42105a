"""Serve the newspapers over HTTP on 127.0.0.1, so that crawls can be tried live.

    .venv/bin/python tests/newspapers/serve.py [--latency SECONDS] [--log FILE] [--site KEY ...] [--scripted PATH]

Prints one JSON line `{"<site>": <port>, …}` when ready. Each site has a port of its own, where it answers as
`http://127.0.0.1:<port>` and every address in its pages is written so; a request that names a newspaper's host in
`Host:` (or asks as of a proxy) gets that newspaper unchanged. The traps have no end here. Requests are logged as JSON
lines: time (seconds since the epoch), site, host, path, status.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import threading
import time
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TextIO
from urllib.parse import urlsplit

from listings import section_page
from newsroom import SITES, Newsroom, Response
from scripted import Scripted

LOOPBACK = "127.0.0.1"


class Desk:
    """Answers for one site, traps without end included."""

    def __init__(self, key: str, scripted: Scripted | None = None) -> None:
        self.scripted = scripted
        self.newsroom = Newsroom(key)
        self.site = self.newsroom.site
        self.host = urlsplit(self.site.base).netloc
        responses = (sheet.response for sheet in self.newsroom.sheets())
        self.answers = {spell(response.url): response for response in responses}

    def answer(self, host: str, path: str) -> Response:
        """What the site answers to `path` asked of `host`; parameters may stand in any order."""
        built = self.scripted and self.scripted.answer(path, lambda whole: self.written(host, whole))
        return built or self.written(host, path)

    def written(self, host: str, path: str) -> Response:
        """The page as it would be without scripts."""
        url = f"{self.site.config['scheme']}://{host}{path}"
        path = spell(path)
        found = self.answers.get(spell(url)) or self.answers.get(self.site.base + path) or self.further_page(path)
        return found or Response(url, b"<html><body><h1>404 Not Found</h1></body></html>", status=404)

    def further_page(self, path: str) -> Response | None:
        """The page of a trap beyond what the archive holds."""
        for extra in self.site.config.get("extra", ()):
            form = re.escape(spell(str(extra["path"]))).replace(r"\{day\}", r"(\d{4}-\d\d-\d\d)")
            if "start" in extra and (day := re.fullmatch(form, path)):
                values = self.newsroom.extra_values({"start": date.fromisoformat(day[1])}, 0)
                return self.newsroom.extra_response(extra, path, values)
        for section in self.site.config["sections"]:
            number = re.fullmatch(rf"/{section['key']}\?page=(\d{{1,6}})", path)
            if number and "endless" in section:
                n_pages = -(-len(self.site.in_section(section["key"])) // self.site.config["page_size"])
                return self.newsroom.render(*section_page(self.site, section, int(number[1]), n_pages))
        return None


def spell(url: str) -> str:
    """The address with its parameters in alphabetical order: servers do not care, and collectors sort them."""
    path, mark, query = url.partition("?")
    return path + mark + "&".join(sorted(query.split("&")))


def localise(response: Response, host: str, port: int) -> Response:
    """Write the site's own addresses as addresses of this server."""
    pattern = re.compile(rf"https?://(?:www\.)?{re.escape(host)}".encode())
    here = f"http://{LOOPBACK}:{port}"
    headers = tuple(
        (name, pattern.sub(here.encode(), value.encode()).decode() if name == "location" else value)
        for name, value in response.headers
    )
    is_packed = response.content_type == "application/gzip"
    body = pattern.sub(here.encode(), gzip.decompress(response.body) if is_packed else response.body)
    return replace(response, body=gzip.compress(body, 9, mtime=0) if is_packed else body, headers=headers)


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        """Answer, and note it in the log."""
        started_at = time.time()
        time.sleep(self.server.latency)
        parts = urlsplit(self.path)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        host = parts.netloc or self.headers.get("Host", "")
        desk = self.server.find_desk(host)
        response = desk.answer(host if desk.host in host else desk.host, path)
        if desk.host not in host:
            response = localise(response, desk.host, self.server.server_port)
        status = 304 if self.is_unchanged(response) else response.status
        # before the answer: whoever has it may read the log at once
        entry = {"time": started_at, "site": desk.site.key, "host": host, "path": path, "status": status}
        self.server.note(entry)
        self.send(response, status)

    def do_HEAD(self) -> None:
        """As GET, without the body."""
        self.do_GET()

    def is_unchanged(self, response: Response) -> bool:
        """Whether the asker's validators still hold."""
        headers = dict(response.headers)
        if asked := self.headers.get("If-None-Match"):
            return asked == headers.get("etag")
        asked = self.headers.get("If-Modified-Since")
        return asked is not None and asked == headers.get("last-modified")

    def send(self, response: Response, status: int) -> None:
        """Status line, headers, and the body unless there is none to send."""
        body = b"" if status == 304 else response.sent_body
        self.send_response(status)
        for name, value in response.headers:
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Type", response.content_type)
            self.send_header("Content-Length", str(len(body)))
            if response.is_gzipped:
                self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name the base class gives it
        """Say nothing on stderr: the log is JSON."""


class Server(ThreadingHTTPServer):
    """The server of one site's port."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, desk: Desk, desks: list[Desk], latency: float, log: TextIO) -> None:
        super().__init__((LOOPBACK, 0), Handler)
        self.desk, self.desks, self.latency, self.log = desk, desks, latency, log

    def find_desk(self, host: str) -> Desk:
        """The newspaper that `host` names, else the one of this port."""
        bare = host.removeprefix("www.")
        return next((desk for desk in self.desks if desk.host == bare), self.desk)

    def note(self, entry: dict[str, Any]) -> None:
        """Write one line of the log."""
        self.log.write(json.dumps(entry) + "\n")
        self.log.flush()


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="Serve the reconstructed newspapers on 127.0.0.1.")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--log", default="-", help="file for the JSON lines of the requests, - for stderr")
    parser.add_argument("--scripted", metavar="PATH", help="pages below it are built by a script")
    parser.add_argument("--beyond", default="", help="what that script also tries to reach, such as 127.0.0.1:9")
    parser.add_argument("--site", action="append", choices=SITES, help="serve only this site (repeatable)")
    options = parser.parse_args()
    log = sys.stderr if options.log == "-" else open(options.log, "a", encoding="utf-8")  # noqa: PTH123, SIM115
    scripted = Scripted(options.scripted, options.beyond) if options.scripted else None
    desks = [Desk(key, scripted) for key in options.site or SITES]
    servers = [Server(desk, desks, options.latency, log) for desk in desks]
    threads = [threading.Thread(target=server.serve_forever) for server in servers]
    for thread in threads:
        thread.start()
    sys.stdout.write(json.dumps({server.desk.site.key: server.server_port for server in servers}) + "\n")
    sys.stdout.flush()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
