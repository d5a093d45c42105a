"""`scrapy inspect` as a person types it: what it shows is what is in the corpus, and nothing gets out of it."""

import csv
import json
import time

import pyarrow.parquet as pq
import pytest
from scrapy.exceptions import UsageError

from crawler.commands import inspect
from crawler.corpus.reader import CorpusReader
from crawler.corpus.schema import SCHEMAS, Dataset
from crawler.errors import OptionError
from crawler.inspection.summary import FIELDS, filled
from crawler.inspection.warehouse import Warehouse


def shown_json(scrapy, corpus, *words):
    code, out, err = scrapy(inspect, corpus, *words, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_summary_agrees_with_the_rows(scrapy, corpus):
    sheets = shown_json(scrapy, corpus)
    with CorpusReader(corpus) as reader:
        counts = {tuple(key): n for key, n in reader.counts().items()}
    for row in sheets["sites"]:
        assert counts[row["site"], "articles"] == row["articles"]
        assert counts.get((row["site"], "duplicates"), 0) == row["duplicates"]
        assert counts.get((row["site"], "rejected"), 0) == row["rejected"]
    n_articles = sum(row["articles"] for row in sheets["sites"])
    assert n_articles > 20
    for title in ("months", "lengths", "languages"):
        assert sum(row["articles"] for row in sheets[title]) == n_articles
    assert sum(row["n"] for row in sheets["rejected"]) == sum(row["rejected"] for row in sheets["sites"]) > 0
    assert sum(row["n"] for row in sheets["duplicates"]) == sum(row["duplicates"] for row in sheets["sites"]) > 0
    assert [row["run_id"][-4:] for row in sheets["runs"]] == ["0001", "0001"]


def test_months_are_those_of_the_readers(scrapy, corpus):
    months = {row["month"] for row in shown_json(scrapy, corpus)["months"]}
    assert "2026-02" in months
    assert "2026-01" not in months


def test_fill_rates_agree_with_duckdb(corpus):
    sheet = filled(corpus)
    with Warehouse(corpus) as warehouse:
        for row in sheet.as_dicts():
            for name in FIELDS:
                is_list = str(SCHEMAS[Dataset.ARTICLES].field(name).type).startswith("list")
                has = f"len({name}) > 0" if is_list else f"{name} IS NOT NULL"
                sql = f"SELECT count(*) FILTER ({has}) / count(*) AS share FROM articles WHERE site = $site"  # noqa: S608
                assert row[name] == round(warehouse.rows(sql, {"site": row["site"]})[0]["share"], 4)
    assert {row["authors"] for row in sheet.as_dicts()}.isdisjoint({0, 1})


def test_piped_summary_is_plain_and_whole(scrapy, corpus):
    code, out, err = scrapy(inspect, corpus, "--sample", 2, "--seed", 3)
    assert (code, err) == (0, "")
    assert "\x1b" not in out
    assert {"sites", "fields filled", "months", "lengths", "languages", "rejected", "runs"} <= set(out.split("\n"))
    assert out.count("─" * 100) == 2


def test_one_article_with_its_sources(scrapy, corpus):
    code, out, _ = scrapy(inspect, corpus, "--id", "f" * 32)
    assert code == 0
    assert "\x1b" not in out
    assert "[template:h1]" in out
    assert "[template:div.body]" in out
    assert "2026-02-01 01:30 +0700" in out
    assert shown_json(scrapy, corpus, "--url", "https://a.example/x")["id"] == "f" * 32
    code, out, err = scrapy(inspect, corpus, "--id", "e" * 32)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1


@pytest.mark.parametrize("phrase", ["đảng viên", "dang vien", "ĐẢNG VIÊN", "hòa bình", "hoà bình", "Hoa Binh", "27"])
def test_search_finds_every_spelling(scrapy, corpus, phrase):
    (found,) = shown_json(scrapy, corpus, "--search", phrase)
    assert found["id"] == "f" * 32
    assert found["snippets"][0]["hit"] in {"Đảng viên", "HOÀ BÌNH", "27"}
    assert "⟦" in scrapy(inspect, corpus, "--search", phrase)[1]


def test_search_wants_whole_words_and_all_phrases(scrapy, corpus):
    assert shown_json(scrapy, corpus, "--search", "ang vien") == []
    assert len(shown_json(scrapy, corpus, "--search", "dang vien", "--search", "thổ cẩm")) == 1
    assert shown_json(scrapy, corpus, "--search", "dang vien", "--search", "không có ở đâu") == []
    assert len(shown_json(scrapy, corpus, "--search", "tin", "--limit", "3")) == 3
    assert scrapy(inspect, corpus, "--search", "!?")[0] == 2


def test_sample_by_condition(scrapy, corpus):
    found = shown_json(scrapy, corpus, "--where", "n_words > 400", "--sample", 9)
    assert found
    assert all(one["n_words"] > 400 for one in found)
    code, _, err = scrapy(inspect, corpus, "--where", "no_such > 1")
    assert code == 2
    assert "no_such" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "sql",
    [
        "COPY (SELECT 1) TO '{}/x.csv'",
        "COPY (SELECT 1) TO '{}/articles/x.parquet'",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM read_parquet('{}/articles/**/*.parquet')",
        "SELECT * FROM '/etc/hostname'",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM read_csv('https://a.example/x.csv')",
        "ATTACH '{}/x.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "CREATE TABLE x AS SELECT 1",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '{}/x.csv'",
        "SELECT 1; SELECT 2",
        "DELETE FROM runs",
        "",
    ],
)
def test_sql_reaches_nothing_but_the_views(corpus, sql):
    before = files(corpus)
    with Warehouse(corpus) as warehouse, pytest.raises(OptionError) as caught:
        warehouse.rows(sql.format(corpus))
    assert "\n" not in str(caught.value)
    assert files(corpus) == before


def files(folder):
    return sorted(path for path in folder.rglob("*") if not path.name.startswith("state.sqlite"))


def test_sql_cannot_write_over_a_part(corpus):
    part = next((corpus / "articles").rglob("*.parquet"))
    data = part.read_bytes()
    with Warehouse(corpus) as warehouse:
        for sql in (f"COPY (SELECT 1) TO '{part}'", f"EXPLAIN ANALYZE COPY (SELECT 1) TO '{part}'"):
            with pytest.raises(OptionError):
                warehouse.rows(sql)
    assert part.read_bytes() == data


def test_sql_over_all_views(scrapy, corpus):
    for view in ("articles", "rejected", "duplicates", "runs", "frontier"):
        (row,) = shown_json(scrapy, corpus, "--sql", f"SELECT count(*) AS n FROM {view}")  # noqa: S608 - our own names
        assert row["n"] > 0, view
    assert "Bút Tre Xanh" in scrapy(inspect, corpus, "--sql", "FROM articles WHERE len(authors) > 0")[1]


def test_sql_is_ended_in_time(corpus):
    started = time.monotonic()
    with Warehouse(corpus, seconds=0.2) as warehouse, pytest.raises(OptionError, match="ended after"):
        warehouse.rows("SELECT count(*) FROM range(100000000000) a, range(1000000) b")
    assert time.monotonic() - started < 10


def test_two_runs_side_by_side(scrapy, corpus):
    runs = sorted(path.stem for path in (corpus / "runs").glob("*.json"))
    sheets = shown_json(scrapy, corpus, "--diff", *runs)
    fetched = next(row for row in sheets["runs"] if row["figure"] == "fetched")
    assert fetched["difference"] == 0
    assert fetched[runs[0]] == 15
    code, _, err = scrapy(inspect, corpus, "--diff", runs[0], "../runs/nosuch")
    assert code == 2
    assert "no run" in err


def test_export_csv_is_safe_for_spreadsheets(scrapy, corpus, tmp_path):
    path = tmp_path / "all.csv"
    assert scrapy(inspect, corpus, "--export", path)[0] == 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with CorpusReader(corpus) as reader:
        assert len(rows) == sum(1 for _ in reader.articles())
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")


def test_export_keeps_types_and_rows(scrapy, corpus, tmp_path):
    words = ("--where", "n_words > 300", "--site", "baobaclieu")
    for name in ("some.parquet", "some.jsonl"):
        assert scrapy(inspect, corpus, *words, "--export", tmp_path / name)[0] == 0
    table = pq.read_table(tmp_path / "some.parquet", partitioning=None)
    assert table.schema.equals(SCHEMAS[Dataset.ARTICLES])
    lines = [json.loads(line) for line in (tmp_path / "some.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["id"] for line in lines] == table["id"].to_pylist()
    assert {line["site"] for line in lines} == {"baobaclieu"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["some.jsonl", "some.parquet"]


def test_a_failing_export_leaves_the_old_file(scrapy, corpus, tmp_path):
    path = tmp_path / "all.jsonl"
    path.write_text("before", encoding="utf-8")
    assert (
        scrapy(inspect, corpus, "--export", path, "--where", "n_words / (n_words - n_words) > 1 AND error('no')")[0]
        == 2
    )
    assert path.read_text(encoding="utf-8") == "before"
    assert list(tmp_path.iterdir()) == [path]
    assert scrapy(inspect, corpus, "--export", tmp_path / "all.xls")[0] == 2


def test_one_view_at_a_time(scrapy, corpus):
    with pytest.raises(UsageError, match="one at a time"):
        scrapy(inspect, corpus, "--sql", "SELECT 1", "--duplicates")


def test_a_site_that_nobody_knows_is_said(scrapy, corpus):
    for words in (("nirgendwo",), ("--search", "dang", "vien")):
        code, out, err = scrapy(inspect, corpus, *words)
        assert (code, out) == (2, "")
        assert err.startswith(f"scrapy inspect: no site {words[-1]!r} in ")
