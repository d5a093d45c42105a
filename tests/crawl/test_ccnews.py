"""`scrapy replay --ccnews` from file to rows: the same articles as from the site itself, also when it was killed."""

import os
import signal
import sys
import time

import pandas as pd
import pytest
from workshop import ROOT, Workshop

from crawler.corpus.checks import check_corpus
from crawler.state.locks import is_being_written

sys.path.insert(0, str(ROOT / "tests" / "backfill"))

import ccnews

SITE = "baobaclieu"


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    pages = ccnews.demo_pages("baobaclieu.vn", "baothainguyen.vn")
    members = [ccnews.info(pages[0].fetched_at), *map(ccnews.capture, pages)]
    return ccnews.write(tmp_path_factory.mktemp("news") / ccnews.NAME, members)


@pytest.fixture
def shop(tmp_path):
    return Workshop(tmp_path, site=SITE)


def rows(folder):
    found = pd.read_parquet(folder, columns=["url", "title", "text", "published_at", "archive_file", "profile_version"])
    return found.sort_values("url", ignore_index=True)


@pytest.mark.slow
def test_rows_from_common_crawl_are_those_of_the_site_and_a_replay_makes_them_again(tmp_path, shop, file):
    offline = Workshop(tmp_path / "offline", site=SITE)
    offline.scrapy("crawl", SITE, "-a", f"archive={ccnews.DEMO}")
    kill_when_it_copies(shop, file)
    told = shop.scrapy("replay", "--ccnews", str(file), "--sites", SITE).stdout
    assert "captures = copied" in told
    found, expected = rows(shop.output / "articles"), rows(offline.output / "articles")
    facts = ["url", "title", "text", "published_at"]
    both = found.merge(expected, on=facts)
    assert len(both) == len(expected) == len(found) > 10
    assert found["archive_file"].str.startswith(f"archive/{SITE}/").all()
    assert check_corpus(shop.output, is_thorough=True) == []
    n_runs = len(shop.manifests())
    shop.scrapy("replay", "--ccnews", str(file), "--sites", SITE)
    assert len(shop.manifests()) == n_runs  # nothing new, so no crawl was begun
    shop.scrapy("replay", SITE)
    assert rows(shop.output / "articles")[facts].equals(found[facts])


def kill_when_it_copies(shop, file):
    """Kill it at its first copy, or a little later; a crawl that it began ends by itself."""
    process = shop.start("replay", "--ccnews", str(file), "--sites", SITE)
    deadline = time.monotonic() + 60
    while not list(shop.output.glob("archive/*/*.gz")) and time.monotonic() < deadline:
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    while is_being_written(shop.output, SITE) and time.monotonic() < deadline:
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--sites", "all"], "No such file"),
        ([], "which sites"),
        (["--sites", "nobody"], "no site 'nobody'"),
        (["--sites", SITE, "--since", "yesterday"], "a day is needed"),
    ],
)
def test_wrong_use_is_one_line(shop, words, said):
    failed = shop.scrapy("replay", "--ccnews", "missing.warc.gz", *words, check=False)
    assert failed.returncode in {1, 2}
    assert said in failed.stderr
    assert len(failed.stderr.strip().splitlines()) == 1
