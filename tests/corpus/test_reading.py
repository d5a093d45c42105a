from __future__ import annotations

import json
from datetime import UTC, datetime

import duckdb
import msgspec
import pandas as pd
import polars as pl
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from smallcrawl import SmallCrawl

from crawler.corpus.checks import check_corpus
from crawler.corpus.manifest import Counts, check, read_manifest
from crawler.corpus.reader import CorpusReader, SiteCount
from crawler.corpus.schema import SCHEMAS, Dataset
from crawler.errors import CorpusError
from crawler.state.store import Store

N_PAGES = 9


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reading") / "output"
    for site in "ab":
        SmallCrawl(folder, site, f"run-{site}", n_pages=N_PAGES).run()
    return folder


@pytest.fixture
def broken(tmp_path):
    folder = tmp_path / "output"
    SmallCrawl(folder, "a", "run-a", n_pages=N_PAGES).run()
    return folder


def by_pandas(folder):
    frame = pd.read_parquet(folder)
    return list(zip(frame["id"], frame["site"].astype(str), frame["published_at"], strict=True))


def by_polars(folder):
    frame = pl.read_parquet(folder)
    return list(zip(frame["id"], frame["site"].cast(pl.String), frame["published_at"], strict=True))


def by_duckdb(folder):
    connection = duckdb.connect()
    query = "SELECT id, site::VARCHAR, published_at FROM read_parquet(?)"
    return connection.execute(query, [f"{folder}/**/*.parquet"]).fetchall()


def by_pyarrow(folder):
    table = pq.read_table(folder, columns=["id", "site", "published_at"])
    return [tuple(row.values()) for row in table.to_pylist()]


def by_datasets(folder):
    import datasets

    datasets.disable_progress_bars()
    loaded = datasets.load_dataset(
        "parquet", data_dir=str(folder), cache_dir=str(folder.parent / "cache"), split="train"
    )
    return list(zip(loaded["id"], loaded["site"], loaded["published_at"], strict=True))


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("read", [by_pandas, by_polars, by_duckdb, by_pyarrow, by_datasets])
def test_every_reader_reads_the_folder_as_it_lies(output, read):
    with CorpusReader(output) as reader:
        expected = sorted((one.id, one.site, one.published_at) for one in reader.articles())
    assert len(expected) == 13
    assert sorted(read(output / "articles")) == expected


@pytest.mark.parametrize("dataset", Dataset)
def test_the_folder_and_the_file_list_agree(output, dataset):
    with CorpusReader(output) as reader:
        listed = reader.dataset(dataset).to_table()
    globbed = ds.dataset(output / dataset.value).to_table()
    hive = ds.HivePartitioning.discover(infer_dictionary=True)
    assert ds.dataset(output / dataset.value, partitioning=hive).to_table().num_rows == globbed.num_rows
    assert listed.schema.equals(SCHEMAS[dataset])
    assert sorted(globbed["url"].to_pylist()) == sorted(listed["url"].to_pylist())


def test_counts_reasons_and_single_articles(output):
    with CorpusReader(output) as reader:
        counts = reader.counts()
        assert counts[SiteCount("a", "articles")] + counts[SiteCount("b", "articles")] == 13
        assert counts[SiteCount("b", "duplicates")] == 3
        assert reader.reasons() == {"too_short": 2}
        assert reader.reasons("a") == {"too_short": 1}
        assert reader.relations("b") == {"exact_copy": 3}
        some = list(reader.articles(site="b"))
        assert reader.article(some[0].id) == some[0]
        assert reader.article("0" * 32) is None
        assert list(reader.articles({one.id for one in some[:2]})) == some[:2]
        duplicates = reader.dataset(Dataset.DUPLICATES).to_table().to_pylist()
        kept = {one.id: one for one in reader.articles()}
    assert {row["kept_site"] for row in duplicates} == {"a"}
    assert all(kept[row["kept_id"]].url == row["kept_url"] for row in duplicates)


def test_no_corpus_yet(tmp_path):
    with pytest.raises(CorpusError, match="nothing was collected"):
        CorpusReader(tmp_path)
    Store(tmp_path).close()
    with CorpusReader(tmp_path) as reader:
        assert reader.dataset().to_table().schema.equals(SCHEMAS[Dataset.ARTICLES])
        assert list(reader.articles()) == []


def test_a_second_run_adds_nothing(broken):
    SmallCrawl(broken, "a", "second", n_pages=N_PAGES).run()
    manifest = read_manifest(broken / "runs" / "second.json")
    assert (manifest.counts.fetched, manifest.counts.not_an_article, manifest.parts) == (1, 1, ())
    assert check(manifest) == []
    with CorpusReader(broken) as reader:
        assert len(list(reader.articles())) == 8


def test_the_manifest_says_what_happened(output):
    manifest = read_manifest(output / "runs" / "run-b.json")
    assert manifest.counts == Counts(
        fetched=10, carried_over=0, kept=5, duplicates=3, rejected=1, not_an_article=1, open=0, open_before=0
    )
    assert (manifest.by_reason, manifest.by_relation) == ({"too_short": 1}, {"exact_copy": 3})
    assert manifest.discovered == 10
    assert manifest.by_kind == {"article": {"done": 9}, "home": {"done": 1}}
    assert manifest.started_at < manifest.ended_at <= datetime.now(UTC)
    plain = json.loads((output / "runs" / "run-b.json").read_text())
    assert sum(part["rows"] for part in plain["parts"] if part["dataset"] == "articles") == 5


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"counts": {"fetched": 11}}, "fetched and carried over: 11"),
        ({"counts": {"open": 1}}, "fetched and carried over: 10"),
        ({"counts": {"kept": 4, "not_an_article": 2}}, "outcomes for articles: 4, rows in its parts: 5"),
        ({"by_reason": {}}, "rejected: 1, reasons of rejection: 0"),
        ({"by_relation": {"exact_copy": 2}}, "duplicates: 3, relations of duplicates: 2"),
        ({"discovered": 12}, "discovered: 12, states of addresses: 10"),
        ({"frontier": {"done": 9, "failed": 1}}, "failed: 1, reasons of failure: 0"),
        ({"left_out": {"calendar": 3}}, "left out: 0, rules that left out: 3"),
        ({"parts": ()}, "outcomes for duplicates: 3, rows in its parts: 0"),
    ],
)
def test_a_manifest_that_does_not_add_up(output, change, complaint):
    manifest = read_manifest(output / "runs" / "run-b.json")
    if "counts" in change:
        change = {"counts": msgspec.structs.replace(manifest.counts, **change["counts"])}
    problems = check(msgspec.structs.replace(manifest, **change))
    assert any(problem.startswith(complaint) for problem in problems), problems


def test_a_broken_manifest_is_named(tmp_path):
    path = tmp_path / "run.json"
    path.write_text('{"run_id": 3}')
    with pytest.raises(CorpusError, match=r"run\.json"):
        read_manifest(path)


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda part: part.unlink(), "missing"),
        (lambda part: part.write_bytes(part.read_bytes()[:-1]), "the manifest says"),
        (flip, "SHA-256 differs"),
        (lambda part: part.with_name("part-x-0009.parquet").write_bytes(part.read_bytes()), "never committed"),
        (lambda part: part.with_name(".tmp.parquet").write_bytes(b""), "not ours"),
    ],
)
def test_damage_is_found(broken, damage, complaint):
    assert check_corpus(broken, is_thorough=True) == []
    damage(next(broken.glob("articles/*/*.parquet")))
    (problem,) = check_corpus(broken, is_thorough=True)
    assert complaint in problem


def test_every_flipped_byte_is_found(broken):
    part = min(broken.glob("*/site=a/*.parquet"), key=lambda path: path.stat().st_size)
    whole = part.read_bytes()
    for at in range(0, len(whole), 97):
        part.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        assert check_corpus(broken, is_thorough=True) != []


def test_rows_that_do_not_match_the_records_are_found(broken):
    with Store(broken) as store, store.transaction() as connection:
        connection.execute("UPDATE records SET outcome = 'not_an_article' WHERE seq = 2")
    assert check_corpus(broken) == [
        "articles: 8 rows in parts, 7 records with outcome kept",
        "8 kept ids, 7 records with outcome kept",
    ]


def test_a_damaged_part_is_one_line_for_the_reader(broken):
    part = next(broken.glob("articles/*/*.parquet"))
    part.write_bytes(part.read_bytes()[:100])
    with CorpusReader(broken) as reader, pytest.raises(CorpusError, match=f"^[^\n]*{part.name}[^\n]*$"):
        list(reader.articles())
