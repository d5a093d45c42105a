"""A newspaper of any size, its pages made when they are asked for: `python benchmarks/endless.py N_ARTICLES`.

Prints a line of JSON (host, profile) and serves on a free port until ended. `--latency SECONDS` before each answer;
`--stalling` never answers anything but robots.txt. One address in forty is gone, one in forty redirects, one listing
in a section leads to the next: whatever a crawl remembers by address, status or folder, this newspaper has it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from loopback import Connection
from prose import Prose

SECTIONS = ("thoi-su", "kinh-te", "van-hoa", "giao-duc", "nong-thon")
PER_SITEMAP = 5_000
PER_LISTING = 50
GONE, MOVED = 17, 29
"""Remainders by 40 of the numbers of articles that are gone or have moved."""
FIRST_DAY = datetime(2020, 1, 2, 1, 0, tzinfo=UTC)
PROFILE = """\
name = "Báo Vô Tận"
hosts = ["{host}"]
home = "http://{host}/"
verified = true

[sources]
sitemaps = ["http://{host}/sitemap.xml"]
article_url = ["/{{section}}/{{yyyy}}/{{mm}}/{{dd}}/{{slug}}-{{id}}.html"]

[[templates]]
fit = ["h1.tieu-de", "div.than-bai"]
title = ["h1.tieu-de"]
body = ["div.than-bai"]
published = ["span.gio-dang"]
"""
Answer = tuple[HTTPStatus, str, str]


@dataclass(frozen=True, slots=True)
class Newspaper:
    """Pages by path."""

    n_articles: int
    host: str
    prose: Prose

    def page(self, path: str) -> Answer:
        """Status, content type and body; of a redirect the address in the place of the body."""
        if path == "/robots.txt":
            return HTTPStatus.OK, "text/plain", "User-agent: *\nDisallow: /tim-kiem\n"
        if path == "/sitemap.xml":
            numbers = range(-(-self.n_articles // PER_SITEMAP))
            return self._xml("sitemapindex", "sitemap", (f"/sitemap-{number}.xml" for number in numbers))
        if found := re.fullmatch(r"/sitemap-(\d+)\.xml", path):
            first = int(found[1]) * PER_SITEMAP
            numbers = range(first, min(first + PER_SITEMAP, self.n_articles))
            return self._xml("urlset", "url", (address(number) for number in numbers))
        if found := re.fullmatch(r"/[a-z-]+/\d{4}/\d\d/\d\d/[a-z-]+-(\d+)\.html", path):
            return self._article(int(found[1]) - 1_000_000, path)
        return self._listing(path)

    def _xml(self, root: str, entry: str, paths: object) -> Answer:
        rows = "\n".join(f"<{entry}><loc>http://{self.host}{path}</loc></{entry}>" for path in paths)  # type: ignore[attr-defined]
        return HTTPStatus.OK, "application/xml", f'<?xml version="1.0"?>\n<{root}>\n{rows}\n</{root}>'

    def _article(self, number: int, path: str) -> Answer:
        if number % 40 == GONE or not 0 <= number < self.n_articles:
            return HTTPStatus.NOT_FOUND, "text/html; charset=utf-8", "<html><body>404</body></html>"
        if number % 40 == MOVED and path == address(number):
            return HTTPStatus.MOVED_PERMANENTLY, "text/html", address(number, "tin-moi")
        draw = random.Random(number)  # noqa: S311 - a made-up page
        title = self.prose.words_of(draw, 12)
        blocks = "\n".join(
            f"<p>{self.prose.paragraph(draw, draw.randint(2, 4))}</p>" for _ in range(draw.randint(4, 12))
        )
        links = "".join(
            f'<li><a href="{address(other)}">{self.prose.words_of(draw, 9)}</a></li>'
            for other in draw.sample(range(self.n_articles), min(12, self.n_articles))
        )
        local = day_of(number) + timedelta(hours=7)
        return self._html(
            title,
            f'<main><h1 class="tieu-de">{title}</h1><span class="gio-dang">{local:%d/%m/%Y %H:%M}</span>'
            f'<div class="than-bai">{blocks}</div></main><aside><ul>{links}</ul></aside>',
        )

    def _listing(self, path: str) -> Answer:
        found = re.fullmatch(r"/([a-z-]*)/?(?:trang-(\d+)/)?", path)
        if found is None or (found[1] and found[1] not in SECTIONS):
            return HTTPStatus.NOT_FOUND, "text/html; charset=utf-8", "<html><body>404</body></html>"
        page = int(found[2] or 1)
        first = (page - 1) * PER_LISTING
        cards = "".join(
            f'<article><h3><a href="{address(n)}">Bài số {n} của báo</a></h3></article>'
            for n in range(first, min(first + PER_LISTING, self.n_articles))
        )
        more = f'<nav class="pagination"><a rel="next" href="/{SECTIONS[0]}/trang-{page + 1}/">Trang sau</a></nav>'
        return self._html("Trang nhất", f"<main>{cards}</main>{more}")

    def _html(self, title: str, body: str) -> Answer:
        menu = "".join(f'<li><a href="/{key}/">{key}</a></li>' for key in SECTIONS)
        page = (
            f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>{title}</title></head>'
            f"<body><nav><ul>{menu}</ul></nav>{body}</body></html>"
        )
        return HTTPStatus.OK, "text/html; charset=utf-8", page


def day_of(number: int) -> datetime:
    """When an article appeared."""
    return FIRST_DAY + timedelta(minutes=29 * number)


def address(number: int, slug: str = "bai-viet-trong-ngay") -> str:
    """Path of an article: a folder for each day and section, as many papers have them."""
    return f"/{SECTIONS[number % len(SECTIONS)]}/{day_of(number):%Y/%m/%d}/{slug}-{1_000_000 + number}.html"


class Answering(Connection):
    """Makes each answer when it is asked for."""

    paper: Newspaper
    latency = 0.0
    is_stalling = False

    def asked(self, path: bytes) -> None:
        """Answer after the latency."""
        text = path.decode("ascii", "replace")
        if not self.is_stalling or text == "/robots.txt":
            asyncio.get_running_loop().call_later(self.latency, self.answer, text)

    def answer(self, path: str) -> None:
        """Make the page and send it."""
        status, kind, text = self.paper.page(path)
        body = b"" if status is HTTPStatus.MOVED_PERMANENTLY else text.encode()
        lines = [f"HTTP/1.1 {status} {status.phrase}", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
        if not body:
            lines.append(f"Location: {text}")
        if not self.transport.is_closing():
            self.transport.write("\r\n".join((*lines, "", "")).encode() + body)


async def serve(options: argparse.Namespace) -> None:
    """Serve on a free port until ended."""
    server = await asyncio.get_running_loop().create_server(Answering, options.address, 0)
    host = "{}:{}".format(*server.sockets[0].getsockname())
    Answering.paper = Newspaper(options.articles, host, Prose())
    Answering.latency, Answering.is_stalling = options.latency, options.stalling
    print(json.dumps({"host": host, "profile": PROFILE.format(host=host)}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=int)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--stalling", action="store_true")
    parser.add_argument("--address", default="127.0.0.1")
    asyncio.run(serve(parser.parse_args()))
