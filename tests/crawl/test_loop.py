"""What a server may send to hold up a crawl: rules without end, packed pages, a sitemap and a feed as long as allowed.

All of it in one real crawl, whose event loop is watched. The limit is CPU time of the loop's thread at a time.
`CRAWL_BURDEN=all`: sitemap and feed as long as is read of them, not a tenth or less of that.
"""

import gzip
import json
import os
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from faulty import write_profile
from scripted import Scripted
from workshop import ROOT, Workshop

from crawler.settings import EXTENSIONS
from tests.newspaper.prose import answer, article, listing

MAX_HOLD = 0.05
WATCHED = ("robots", "sitemaps.py", "feeds.py", "codings.py")
"""What must not hold the loop; a list page of 300 links takes 50 ms, and a commit what its rows need."""
N_ADDRESSES, N_ITEMS = (50_000, 5_000) if os.environ.get("CRAWL_BURDEN") == "all" else (1_000, 500)
NEWEST = datetime(2026, 11, 20, tzinfo=UTC)


def rules():
    """Half a megabyte of wildcards that match nothing but must be tried."""
    lines = (f"Disallow: /*Q{n}*" + "*".join("abcdefgh"[n % 7 :] for _ in range(8)) + "$" for n in range(6_300))
    return ("User-agent: *\n" + "\n".join(lines))[:500_000]


class Burden(Scripted):
    def __init__(self):
        self.rules = rules()
        super().__init__(self.say)

    def say(self, _, path):
        if path == "/robots.txt":
            return answer(f"{self.rules}\nSitemap: {self.base}/sitemap.xml\n", kind="text/plain")
        if path == "/sitemap.xml":
            return answer(gzip.compress(self.sitemap().encode()), kind="application/gzip")
        if path == "/feed.xml":
            return answer(self.feed(), kind="application/rss+xml")
        if path == "/":
            return answer(listing("Trang chủ", [("/bai/tin-1.html", "Bài viết đầu tiên về con đường ven sông")]))
        page = article(path).replace("</body>", f"<!--{'x' * 400_000}--></body>")
        return answer(gzip.compress(page.encode()), "200 OK", "Content-Encoding: gzip")

    def sitemap(self):
        rows = (
            f"<url><loc>{self.base}/bai/ten-bai-kha-dai-{n}.html</loc>"
            f"<lastmod>{NEWEST - timedelta(minutes=n):%Y-%m-%dT%H:%M:%SZ}</lastmod></url>"
            for n in range(N_ADDRESSES)
        )
        return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{"".join(rows)}</urlset>'

    def feed(self):
        rows = (
            f"<item><title>Bài {n}</title><link>{self.base}/bai/ban-tin-{n}.html</link>"
            f"<description>{'chữ ' * 100}</description><pubDate>Sun, 15 Nov 2026 10:00:00 +0700</pubDate></item>"
            for n in range(N_ITEMS)
        )
        return f"<rss version='2.0'><channel>{''.join(rows)}</channel></rss>"


@pytest.mark.slow
def test_nothing_that_is_sent_holds_the_event_loop(tmp_path):
    burden = Burden()
    shop = Workshop(tmp_path)
    shop.site = "loopback"
    write_profile(shop.seeds, burden.port)
    profile = shop.seeds / "loopback" / "profile.toml"
    feeds = f'feeds = ["{burden.base}/feed.xml"]\narticle_url'
    profile.write_text(profile.read_text(encoding="utf-8").replace("article_url", feeds), encoding="utf-8")
    told = tmp_path / "holds.json"
    extensions = json.dumps({**EXTENSIONS, "loop_probe.LoopProbe": 500})
    command = shop.command("crawl", "loopback", "-a", "max_pages=8", EXTENSIONS=extensions, LOOP_PROBE=told)
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests" / "crawl")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    burden.close()
    assert done.returncode == 0, done.stderr
    assert shop.check_sum().discovered >= N_ADDRESSES + N_ITEMS
    holds = json.loads(told.read_text(encoding="utf-8"))
    watched = [one for one in holds if any(name in stack for stack, _ in one[1] for name in WATCHED)]
    assert watched, "nothing was measured"
    assert [one for one in watched if one[0] > MAX_HOLD] == []
