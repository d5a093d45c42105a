"""How long a huge sitemap delays the first article: `python benchmarks/first_page.py [N_SITEMAPS] [--undated]`.

An index of sitemaps of 50,000 addresses each (default 20: a million) on this machine, changed a day after the other;
a crawl of a few pages with no delay between requests. Prints the seconds from the first request to that of the first
article.
"""

from __future__ import annotations

import argparse
import http.server
import subprocess
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from newsstand import ROOT, scrapy

PER_SITEMAP = 50_000
MAX_PAGES = 40
PROFILE = """\
name = "Báo Triệu Bài"
hosts = ["{host}"]
home = "http://{host}/"
verified = true

[sources]
sitemaps = ["http://{host}/sitemap.xml"]
article_url = ["/thoi-su/{{slug}}-{{id}}.html"]

[[templates]]
body = ["div.than-bai"]
title = ["h1"]
"""
WORDS = "Người dân trong xã cùng nhau sửa lại con đường ven sông trước mùa mưa, ai cũng góp một ngày công. "


class Site(http.server.BaseHTTPRequestHandler):
    """Robots, home, index, sitemaps and articles, and when each was asked for."""

    protocol_version = "HTTP/1.1"
    asked: list[tuple[float, str]]
    n_sitemaps: int
    is_dated: bool

    def do_GET(self) -> None:
        """Answer."""
        self.asked.append((time.monotonic(), self.path))
        body = self.page(self.path).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml" if self.path.endswith(".xml") else "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def page(self, path: str) -> str:
        """Body of the page at `path`."""
        base = f"http://{self.headers['Host']}"
        if path == "/robots.txt":
            return "User-agent: *\nDisallow:\n"
        if path == "/sitemap.xml":
            days = [datetime.now(UTC) - timedelta(days=n) for n in range(self.n_sitemaps)]
            stamps = [f"<lastmod>{day:%Y-%m-%dT%H:%M:%SZ}</lastmod>" if self.is_dated else "" for day in days]
            rows = (f"<sitemap><loc>{base}/map-{n}.xml</loc>{stamp}</sitemap>" for n, stamp in enumerate(stamps))
            return f"<?xml version='1.0'?><sitemapindex>{''.join(rows)}</sitemapindex>"
        if path.startswith("/map-"):
            first = int(path[5:-4]) * PER_SITEMAP
            numbers = range(first, first + PER_SITEMAP)
            rows = (f"<url><loc>{base}/thoi-su/sua-lai-con-duong-ven-song-{n}.html</loc></url>" for n in numbers)
            return f"<?xml version='1.0'?><urlset>{''.join(rows)}</urlset>"
        if path == "/":
            return "<html><body>Báo</body></html>"
        text = "".join(f"<p>{path[-12:]} {WORDS * 3}</p>" for _ in range(5))
        return f"<html><body><h1>Sửa lại con đường {path[-12:]}</h1><div class=than-bai>{text}</div></body></html>"

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def crawl(folder: Path, host: str) -> None:
    """The real command, for a few pages."""
    seeds = folder / "seeds" / "trieubai"
    seeds.mkdir(parents=True)
    (seeds / "profile.toml").write_text(PROFILE.format(host=host), encoding="utf-8")
    settings = {
        "OUTPUT_DIR": folder / "output",
        "SEEDS_DIR": folder / "seeds",
        "ALLOW_PRIVATE_HOSTS": 1,
        "DOWNLOAD_DELAY": 0,
        "EXTRACTION_WORKERS": 1,
    }
    command = scrapy("crawl", "trieubai", "-a", f"max_pages={MAX_PAGES}", **settings)
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("n_sitemaps", type=int, nargs="?", default=20)
    parser.add_argument("--undated", action="store_true", help="an index without lastmod")
    options = parser.parse_args()
    Site.asked, Site.n_sitemaps = [], options.n_sitemaps
    Site.is_dated = not options.undated
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        crawl(Path(folder), f"127.0.0.1:{server.server_port}")
    server.shutdown()
    begun = Site.asked[0][0]
    first = next(at for at, path in Site.asked if path.startswith("/thoi-su/"))
    index = next(at for at, path in Site.asked if path == "/sitemap.xml")
    n_maps = sum(path.startswith("/map-") and at < first for at, path in Site.asked)
    said = f"first article {first - begun:.2f} s after the first request, {first - index:.2f} s after the index was"
    print(f"{options.n_sitemaps * PER_SITEMAP:,} addresses: {said} asked for, {n_maps} sitemaps before it")


if __name__ == "__main__":
    main()
