"""How long a huge sitemap delays the first article: `python benchmarks/first_page.py [N_SITEMAPS] [--delay 1]`.

An index of sitemaps of 50,000 addresses each (default 20: a million) on this machine, changed a day after the other,
each address at a time of its own; a crawl of a few pages with the default delay between requests. The same with one
sitemap of ten addresses. Prints the seconds from the first request to that of the first article of both. `--undated`:
an index without dates.
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
MAX_PAGES = 15
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
    per_sitemap: int
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
            first = int(path[5:-4]) * self.per_sitemap
            begin = datetime.now(UTC) - timedelta(days=int(path[5:-4]))
            rows = (
                f"<url><loc>{base}/thoi-su/sua-lai-con-duong-ven-song-{n}.html</loc>"
                f"<lastmod>{begin - timedelta(seconds=n):%Y-%m-%dT%H:%M:%SZ}</lastmod></url>"
                for n in range(first, first + self.per_sitemap)
            )
            return f"<?xml version='1.0'?><urlset>{''.join(rows)}</urlset>"
        if path == "/":
            return "<html><body>Báo</body></html>"
        text = "".join(f"<p>{path[-12:]} {WORDS * 3}</p>" for _ in range(5))
        return f"<html><body><h1>Sửa lại con đường {path[-12:]}</h1><div class=than-bai>{text}</div></body></html>"

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def crawl(folder: Path, host: str, delay: float) -> None:
    """The real command, for a few pages."""
    seeds = folder / "seeds" / "trieubai"
    seeds.mkdir(parents=True)
    (seeds / "profile.toml").write_text(PROFILE.format(host=host), encoding="utf-8")
    settings = {
        "OUTPUT_DIR": folder / "output",
        "SEEDS_DIR": folder / "seeds",
        "ALLOW_PRIVATE_HOSTS": 1,
        "DOWNLOAD_DELAY": delay,
        "EXTRACTION_WORKERS": 1,
    }
    command = scrapy("crawl", "trieubai", "-a", f"max_pages={MAX_PAGES}", **settings)
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def measure(n_sitemaps: int, per_sitemap: int, delay: float) -> float:
    """Crawl once; prints and returns the seconds until the first article was asked for."""
    Site.asked, Site.n_sitemaps, Site.per_sitemap = [], n_sitemaps, per_sitemap
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        crawl(Path(folder), f"127.0.0.1:{server.server_port}", delay)
    server.shutdown()
    begun = Site.asked[0][0]
    first = next(at for at, path in Site.asked if path.startswith("/thoi-su/"))
    n_maps = sum(path.startswith("/map-") and at < first for at, path in Site.asked)
    print(
        f"{n_sitemaps * per_sitemap:,} addresses: first article {first - begun:.2f} s after the first request,"
        f" {n_maps} sitemaps before it",
        flush=True,
    )
    return first - begun


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("n_sitemaps", type=int, nargs="?", default=20)
    parser.add_argument("--delay", type=float, default=1.0, help="seconds between two requests")
    parser.add_argument("--undated", action="store_true", help="an index without lastmod")
    options = parser.parse_args()
    Site.is_dated = not options.undated
    small = measure(1, 10, options.delay)
    large = measure(options.n_sitemaps, PER_SITEMAP, options.delay)
    print(f"{large - small:+.2f} s")


if __name__ == "__main__":
    main()
