"""The real command on a site that is one real section among traps without end."""

import os
import re
from collections import Counter

import pytest
from faulty import newspaper, write_profile
from workshop import Workshop

from tests.newspaper.traps import COSTLY, REAL

TRAPS = os.environ.get("CRAWL_TRAPS", "lists")
"""`all`: also the mazes of pages that look like articles; some 800 requests."""
# first folder of a trap: most requests, reasons that its addresses are left out for
SNARES = {
    "su-kien": (10, {"trap_calendar"}),
    "vo-tan": (3, {"nothing_new"}),
    "phien": (60, {"trap_budget"}),
    "van-ban": (15, {"trap_parameters", "trap_calendar", "sorted_view"}),
    "vong": (10, {"trap_repeating_path"}),
    "xem": (10, {"trap_parameters", "print_view"}),
    "tim-kiem": (0, {"search_page"}),
    "y-kien": (0, {"comment_page"}),
    "luan-quan": (11, {"trap_redirects"}),
    "sitemap": (50, {"trap_budget"}),
    "me-cung": (500, {"trap_budget"}),
    "mat": (500, {"trap_budget", "nothing_new"}),
    "khoa": (500, {"trap_budget", "nothing_new"}),
}


def snare_of(path):
    return re.match(r"/(?:bai/)?([a-z]+(?:-[a-z]+)*)?", path)[1]


@pytest.fixture(scope="module")
def snared(tmp_path_factory):
    shop = Workshop(tmp_path_factory.mktemp("snared"))
    shop.site = "loopback"
    with newspaper(traps=TRAPS) as paper:
        write_profile(shop.seeds, paper.port)
        shop.scrapy("crawl", "loopback", CONCURRENT_REQUESTS_PER_DOMAIN=8)
        yield shop, paper


@pytest.mark.parametrize("name", SNARES)
def test_snare_is_left(snared, name):
    shop, paper = snared
    if TRAPS != "all" and any(snare_of(path) == name for path in COSTLY):
        pytest.skip("some hundred requests: CRAWL_TRAPS=all")
    most, reasons = SNARES[name]
    assert sum(n for path, n in paper.asked.items() if snare_of(path) == name) <= most
    left_out = shop.ask("SELECT DISTINCT reason FROM urls WHERE state = 'left_out' AND url LIKE ?", f"%/{name}%")
    assert {reason for (reason,) in left_out} <= reasons | {"no_rule", "sitemap_depth"}


def test_every_real_article_is_kept_and_all_adds_up(snared):
    shop, paper = snared
    assert {path: paper.asked[path] for path in REAL} == dict.fromkeys(REAL, 1)
    (manifest,) = shop.manifests()
    assert manifest["counts"]["kept"] == len(REAL)
    assert manifest["discovered"] == sum(manifest["frontier"].values())
    rows = shop.ask("SELECT reason, count(*) FROM urls WHERE state = 'left_out' GROUP BY 1")
    assert manifest["left_out"] == dict(rows)
    assert manifest["frontier"].get("pending", 0) == 0
    assert max(Counter(paper.asked).values()) == 1, "nothing is asked for twice"
