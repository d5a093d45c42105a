"""What `make demo` does: the five seed sites from the bundled archive, twice, with the real command."""

import json
import subprocess
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pytest
from workshop import STARTER

from crawler.archive import ArchiveIndex
from crawler.discovery.urls import canonicalize
from crawler.sites.profile import load_profiles

ROOT = Path(__file__).parents[2]
PROFILES = load_profiles(ROOT / "seeds")
GOLD = [json.loads(line) for line in (ROOT / "tests/newspapers/gold.jsonl").read_text(encoding="utf-8").splitlines()]
SEEDS = {
    path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted(ROOT.glob("seeds/*/01.json"))
}


def collect(output):
    command = [sys.executable, "-m", "scrapy", "collect", "--all", "-a", "archive=seeds/demo.warc.gz", "--json"]
    done = subprocess.run(
        [*command, "-s", f"OUTPUT_DIR={output}"], cwd=ROOT, capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    return tmp_path_factory.mktemp("demo") / "output"


@pytest.fixture(scope="module")
def summary(output):
    return collect(output)


@pytest.fixture(scope="module")
def articles(output, summary):
    assert all(site["ok"] for site in summary)
    return pd.read_parquet(output / "articles").set_index("url", drop=False)


def spelled(text):
    """Gold is as given; the corpus spells Đ with its own letter and NFC, spaces as spaces."""
    return " ".join(text.replace("Ð", "Đ").replace("ð", "đ").split())


@pytest.mark.parametrize("site", sorted(SEEDS))
def test_the_seed_comes_out_with_every_field(site, articles):
    gold = SEEDS[site]
    row = articles.loc[canonicalize(gold["url"], PROFILES[site])]
    assert spelled(row.title) == spelled(gold["title"])
    paragraphs = ([gold["lede"]] if gold["lede"] else []) + gold["body"]
    assert [spelled(part) for part in row.text.split("\n\n")] == [spelled(part) for part in paragraphs]
    for field in ("kicker", "lede", "source", "section"):
        value = None if pd.isna(row[field]) else spelled(row[field])
        assert value == (spelled(gold[field]) if gold[field] else None), field
    assert list(row.authors) == ([gold["author"]] if gold["author"] else [])
    assert [spelled(one) for one in row.captions] == [spelled(one) for one in gold["captions"]]
    published = None if pd.isna(row.published_at) else row.published_at
    assert published == (datetime.fromisoformat(gold["published_at"]) if gold["published_at"] else None)
    lines = {line.strip() for line in row.text.split("\n")}
    assert not [junk for junk in gold["boilerplate"] if junk.strip() in lines]


def canonical(line):
    return canonicalize(line["url"], PROFILES[line["site"]])


def test_every_other_article_is_kept_once_and_clean(articles, output):
    repeated = set(pd.read_parquet(output / "duplicates")["url"])
    lines = [line for line in GOLD if line["kind"] == "article"]
    missing = {canonical(line) for line in lines} - set(articles["url"])
    assert missing <= repeated
    assert len(missing) <= 1, "only the wire story may stand for another one"
    for line in lines:
        if canonical(line) not in missing:
            text_lines = {part.strip() for part in articles.loc[canonical(line)].text.split("\n")}
            assert not [junk for junk in line.get("boilerplate", ()) if junk.strip() in text_lines], line["url"]


def test_the_wire_story_is_one_row(output, articles):
    reprints = [line for line in GOLD if line["kind"] == "reprint"]
    stories = {line["url"] for line in reprints} | {line["of"] for line in reprints}
    duplicates = pd.read_parquet(output / "duplicates")
    kept = stories & set(articles["url"])
    repeats = duplicates[duplicates["url"].isin(stories)]
    assert len(stories) == 3
    assert len(kept) == 1
    assert set(repeats["url"]) == stories - kept
    assert set(repeats["kept_url"]) == kept
    assert repeats["likeness"].between(0.5, 1).all()


def test_what_is_no_article_is_rejected_with_its_reason(output):
    rejected = pd.read_parquet(output / "rejected").set_index("url")["reason"]
    for line in GOLD:
        if line["kind"] in {"soft_404", "list_page", "http_error"} and line["url"] in rejected.index:
            assert rejected[line["url"]] == line["kind"], line["url"]
    assert {"soft_404", "list_page", "http_error"} <= set(rejected)


@pytest.mark.usefixtures("summary")
def test_twins_are_fetched_once_and_traps_cost_a_handful(output):
    fetched = Counter(exchange.url for exchange in ArchiveIndex(sorted((output / "archive").rglob("*.warc.gz"))))
    twins = [line["url"] for line in GOLD if line["kind"] in {"print_view", "tracking_twin", "disallowed"}]
    traps = {canonical(line) for line in GOLD if line["kind"] == "trap"}
    assert not [url for url in twins if url in fetched]
    assert sum(n for url, n in fetched.items() if url in traps) <= 6
    left_out = Counter()
    for path in (output / "runs").glob("*.json"):
        left_out.update(json.loads(path.read_text(encoding="utf-8"))["left_out"])
    assert left_out["trap_calendar"] >= 1
    assert left_out["nothing_new"] >= 1


@pytest.mark.usefixtures("summary")
def test_counts_add_up(output):
    for path in (output / "runs").glob("*.json"):
        counts = json.loads(path.read_text(encoding="utf-8"))["counts"]
        outcomes = counts["kept"] + counts["duplicates"] + counts["rejected"] + counts["not_an_article"]
        assert counts["fetched"] + counts["carried_over"] == outcomes


def test_all_readers_read_it_as_it_lies(output, articles, tmp_path):
    import datasets

    n = len(articles)
    assert articles["id"].is_unique
    assert duckdb.read_parquet(f"{output}/articles/**/*.parquet").aggregate("count(distinct id)").fetchall() == [(n,)]
    assert pl.read_parquet(output / "articles")["id"].n_unique() == n
    found = datasets.load_dataset("parquet", data_dir=str(output / "articles"), cache_dir=str(tmp_path))
    assert found["train"].num_rows == n


@pytest.mark.usefixtures("articles")
def test_a_second_run_adds_nothing(output):
    before = Counter(pd.read_parquet(output / "articles")["id"])
    earlier = set(output.glob("runs/*.json"))
    for site in SEEDS:
        words = ("crawl", site, "-a", "archive=seeds/demo.warc.gz", "-s", f"OUTPUT_DIR={output}")
        assert STARTER.run(words, 120).returncode == 0
    counts = [json.loads(path.read_text())["counts"] for path in set(output.glob("runs/*.json")) - earlier]
    assert [one["kept"] + one["duplicates"] for one in counts] == [0] * len(SEEDS)
    assert Counter(pd.read_parquet(output / "articles")["id"]) == before
