"""A clock that is set back or ahead in the middle of a crawl: nothing is lost, and nothing waits for it for years."""

import os
import subprocess
import sys

import pandas as pd
import pytest
from workshop import ROOT, Workshop

from crawler.corpus.checks import check_corpus

DAY = 86_400
JUMPS = {"a day back": -DAY, "ten years back": -3650 * DAY, "ten years ahead": 3650 * DAY}
TRIED = JUMPS if os.environ.get("CRAWL_CLOCKS") == "all" else ["ten years back"]


def crawl(shop, jump):
    command = shop.command("crawl", "baobaclieu", DOWNLOAD_DELAY=0.05)
    script = ROOT / "tests" / "crawl" / "wrong_clock.py"
    clock = [sys.executable, str(script), "12", str(jump)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = command[command.index("scrapy") + 1 :]
    done = subprocess.run([*clock, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.slow
@pytest.mark.parametrize("name", TRIED)
def test_a_clock_that_is_set_while_a_crawl_goes_on(tmp_path, newspapers, undisturbed, name):
    newspapers.forget()
    wrong = Workshop(tmp_path, newspapers.ports["baobaclieu"])
    crawl(wrong, JUMPS[name])
    kept = pd.read_parquet(wrong.output / "articles")
    assert len({at.date() for at in kept["fetched_at"]}) > 1, "the clock was set in the middle"
    check(wrong, undisturbed)
    wrong.scrapy("crawl", "baobaclieu")
    check(wrong, undisturbed)
    served = [entry["path"] for entry in newspapers.requests("baobaclieu") if entry["path"].endswith(".html")]
    assert all(served.count(path) <= 3 for path in served)


def check(shop, right):
    kept = pd.read_parquet(shop.output / "articles")
    assert kept["id"].is_unique
    assert sorted(kept["text"]) == sorted(pd.read_parquet(right.output / "articles")["text"])
    assert check_corpus(shop.output, is_thorough=True) == []
    assert shop.check_sum().pending == 0
