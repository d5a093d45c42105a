"""`scrapy dedup` and the views of `scrapy inspect` on duplicates, as a person types them."""

import argparse
import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from crawler.commands import dedup, inspect
from crawler.dedup.paragraphs import MIN_ARTICLES
from crawler.inspection.repeats import mark, side_by_side
from crawler.state.store import Store
from tests.dedup.labelled import CREDITS, Writer
from tests.dedup.newsdesk import commit, duplicates, kept

ROOT = Path(__file__).parents[2]
BOX = (
    "Mọi đóng góp xin gửi về tòa soạn qua hộp thư bạn đọc.",
    "Bạn đọc có thể đặt báo giấy tại bưu cục gần nhất.",
    "Tòa soạn không chịu trách nhiệm về nội dung quảng cáo.",
)


def run(module, output, *words, **values):
    """Exit code of the command with these words, as Scrapy calls it."""
    command = module.Command()
    command.settings = Settings({"OUTPUT_DIR": str(output), "SEEDS_DIR": str(ROOT / "seeds")})
    command.settings.setmodule("crawler.settings", priority="default")
    command.settings.setdict(values, priority="cmdline")
    parser = argparse.ArgumentParser()
    command.add_options(parser)
    opts, args = parser.parse_known_args(list(words))
    command.process_options(args, opts)
    command.run(args, opts)
    return command.exitcode


@pytest.fixture
def story(tmp_path):
    """The same story on three sites, the first that came without its last paragraph; and another article."""
    writer = Writer(31)
    paragraphs = writer.paragraphs(6)
    first = writer.article(paragraphs[:-1], "baobaclieu", "Tin một")
    second = writer.article(paragraphs, "baothainguyen", "Tin hai")
    third = writer.article([*paragraphs, CREDITS[0]], "baothainguyen", "Tin ba")
    articles = [first, replace(second, published_at=first.fetched_at - timedelta(days=2), n_words=400), third]
    commit(tmp_path, [*articles, writer.article(writer.paragraphs(4), "baobaclieu")])
    return articles


def test_the_policy_of_the_settings_is_applied(tmp_path, story, capsys):
    assert run(dedup, tmp_path, "--apply-policy", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"clusters": 1, "changed": 1, "unfit": 0}
    assert story[1].id in kept(tmp_path)
    assert run(dedup, tmp_path, "--apply-policy", DEDUP_POLICY="own_site_first", DEDUP_OWN_SITES="baobaclieu") == 0
    assert "own_site_first: 1 clusters, another article is kept in 1" in capsys.readouterr().out
    assert story[0].id in kept(tmp_path)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"DEDUP_POLICY": "newest"}, "no such policy; there are original_source, earliest, longest, own_site_first"),
        ({"DEDUP_POLICY": "own_site_first"}, "give DEDUP_OWN_SITES"),
        ({"DEDUP": '{"jacard": 0.7}'}, "jacard"),
        ({"DEDUP": '{"jaccard": "high"}'}, "jaccard = 'high' is no number from 0 up"),
        ({"DEDUP": '{"contained": -1}'}, "contained = -1"),
    ],
)
@pytest.mark.usefixtures("story")
def test_a_setting_that_cannot_be_used_is_named(tmp_path, capsys, values, message):
    before = kept(tmp_path)
    assert run(dedup, tmp_path, "--apply-policy", **values) == 2
    assert message in capsys.readouterr().err
    assert kept(tmp_path) == before


@pytest.mark.parametrize("words", [[], ["--rebuild", "--apply-policy"], ["file.parquet", "--rebuild"]])
def test_one_thing_at_a_time(tmp_path, words):
    with pytest.raises(UsageError, match="--apply-policy, --rebuild, --boilerplate"):
        run(dedup, tmp_path, *words)


def test_no_corpus_no_rebuilding(tmp_path, capsys):
    assert run(dedup, tmp_path / "output", "--rebuild") == 1
    assert "nothing was collected" in capsys.readouterr().err
    assert not (tmp_path / "output").exists()


@pytest.mark.usefixtures("story")
def test_an_index_with_other_parameters_is_refused_until_rebuilt(tmp_path, capsys):
    with Store(tmp_path) as store, store.transaction() as connection:
        before = connection.execute("SELECT id, words FROM dedup_article ORDER BY number").fetchall()
        connection.execute("UPDATE dedup_parameter SET value = '9 shingles' WHERE name = 'index_window'")
    assert run(dedup, tmp_path, "--boilerplate") == 1
    assert "scrapy dedup --rebuild" in capsys.readouterr().err
    assert run(dedup, tmp_path, "--rebuild") == 0
    assert capsys.readouterr().out == "index made of 2 articles\n"
    with Store(tmp_path) as store:
        assert store.rows("SELECT id, words FROM dedup_article ORDER BY number") == before
    assert run(dedup, tmp_path, "--boilerplate") == 0


def test_repeated_lines_as_toml(tmp_path, capsys):
    writer = Writer(32)
    commit(tmp_path, [writer.article([*writer.paragraphs(2), *BOX], "baobaclieu") for _ in range(MIN_ARTICLES)])
    assert run(dedup, tmp_path, "--boilerplate", "baobaclieu") == 0
    out = capsys.readouterr().out
    assert f"# {MIN_ARTICLES:>7}  {BOX[0]}" in out
    assert set(re.findall(r'^ {4}"(.*)",$', out, re.MULTILINE)) == set(BOX)
    assert run(dedup, tmp_path, "--boilerplate", "nosuchsite") == 2
    assert run(dedup, tmp_path, "--boilerplate", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["baobaclieu"]) == 3


def test_any_parquet_files_with_the_real_command(tmp_path, story):
    table = pq.read_table(tmp_path / "duplicates").select(["text", "url"])
    more = pq.read_table(tmp_path / "articles").select(["text", "url"])
    pq.write_table(table, tmp_path / "one.parquet")
    pq.write_table(more, tmp_path / "two.parquet")
    command = [sys.executable, "-m", "scrapy", "dedup", str(tmp_path / "one.parquet"), str(tmp_path / "two.parquet")]
    done = subprocess.run(
        [*command, "--id-column", "url", "--out", str(tmp_path / "out"), "--json"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "rows": 4, "clusters": 1, "repeats": 2, "relations": {"near_duplicate": 3},
    }  # fmt: skip
    clusters = pq.read_table(tmp_path / "out" / "clusters.parquet").to_pylist()
    assert {row["id"] for row in clusters} == {article.url for article in story}
    assert [row["id"] for row in clusters if row["is_kept"]] == [story[2].url]


def test_a_cluster_side_by_side(tmp_path, story, capsys):
    for article in story:
        assert run(inspect, tmp_path, "--cluster", article.id) == 0
        out = capsys.readouterr().out
        assert out.count("kept: baobaclieu") == 2
        assert "⟦" in out
        assert "near_duplicate" in out
    assert run(inspect, tmp_path, "--cluster", story[0].id, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["kept"]["id"] == story[0].id
    assert [row["text"] for row in found["repeats"]] == [article.text for article in story[1:]]
    assert run(inspect, tmp_path, "--cluster", "0" * 31) == 2


@pytest.mark.usefixtures("story")
def test_who_reprints_whom(tmp_path, capsys):
    assert run(inspect, tmp_path, "--duplicates", "--json") == 0
    assert json.loads(capsys.readouterr().out) == [
        {"site": "baothainguyen", "kept_site": "baobaclieu", "n": 2, "relations": {"near_duplicate": 2}}
    ]
    assert run(inspect, tmp_path, "--duplicates") == 0
    assert re.search(r"baothainguyen\s+baobaclieu\s+2\s+near_duplicate 2", capsys.readouterr().out)
    assert len(duplicates(tmp_path)) == 2


TEXTS = st.lists(st.sampled_from([*Writer(1).paragraphs(3), "Một hai", "…", "16:30, 1.200m3 (a_b)", "ba\u0301o", ""]))


@given(TEXTS, TEXTS)
def test_side_by_side_loses_no_word_and_pairs_equal_paragraphs(left, right):
    one, other = "\n\n".join(left), "\n\n".join(right)
    rows = side_by_side(one, other)
    for text, column in ((one, 0), (other, 1)):
        assert [word.text for row in rows for word in row[column]] == text.split()
    if one == other:
        assert all(row[0] == row[1] for row in rows)


def test_only_the_changed_word_is_marked():
    text = Writer(9).sentence()
    words = text.split()
    changed = " ".join([*words[:9], "khác", *words[10:]])
    (marked,) = mark(changed, text)
    assert [word.text for word in marked if not word.is_shared] == ["khác"]
    assert all(word.is_shared for word in mark(text, text)[0])
