"""A whole corpus at once: the true clusters, the same whatever the order, in bounded files."""

from collections import Counter
from dataclasses import replace
from itertools import combinations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelled import CREDITS, Writer, labelled_set
from newsdesk import commit
from test_labelled_set import adjusted_rand

from crawler.dedup import candidates
from crawler.dedup.candidates import MAX_TEXTS, Candidates
from crawler.dedup.relations import Thresholds
from crawler.dedup.sketches import sketch
from crawler.dedup.wholesale import CLUSTERS_FILE, PAIRS_FILE, Columns, deduplicate
from crawler.errors import CorpusError, OptionError
from crawler.folding import fold

COLUMNS = Columns("body", "key", "headline", "paper")


def save(path, articles):
    rows = [{"key": one.id, "body": one.text, "headline": one.title, "paper": one.site} for one in articles]
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=7)


def run(paths, out, columns=COLUMNS):
    return deduplicate(paths, out, columns, Thresholds())


def tables(out):
    return pq.read_table(out / PAIRS_FILE).to_pylist(), pq.read_table(out / CLUSTERS_FILE).to_pylist()


@pytest.fixture(scope="module")
def rows():
    return [row for row in labelled_set(seed=5, n_stories=45) if row.label != "revision"]


def test_clusters_are_the_true_ones(tmp_path, rows):
    save(tmp_path / "all.parquet", [row.article for row in rows])
    done = run([tmp_path / "all.parquet"], tmp_path / "out")
    pairs, found = tables(tmp_path / "out")
    clusters = {row["id"]: row["cluster"] for row in found}
    names = [clusters.get(row.article.id, row.article.id) for row in rows]
    assert adjusted_rand([row.cluster for row in rows], names) >= 0.97
    assert done.n_rows == len(rows)
    assert done.n_clusters == len(set(clusters.values())) == sum(row["is_kept"] for row in found)
    assert done.n_repeats == len(found) - done.n_clusters
    assert done.relations == Counter(pair["relation"] for pair in pairs)
    assert pairs == sorted(pairs, key=lambda pair: (pair["id"], pair["other_id"]))
    assert all(pair["id"] < pair["other_id"] and 0.5 < pair["likeness"] <= 1 for pair in pairs)
    wanted = {"exact_copy", "second_url", "near_duplicate", "excerpt", "extension"}
    assert done.relations.keys() == wanted
    lengths = {row.article.id: len(sketch(row.article.text).words) for row in rows}
    for row in found:
        longest = max(lengths[other["id"]] for other in found if other["cluster"] == row["cluster"])
        assert not row["is_kept"] or lengths[row["id"]] == longest


@settings(max_examples=6, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 4), st.integers(0, 3))
def test_the_same_tables_in_any_order_and_any_split(tmp_path_factory, shuffle, n_files, seed):
    folder = tmp_path_factory.mktemp("corpus")
    articles = [row.article for row in labelled_set(seed, n_stories=5) if row.label != "revision"]
    save(folder / "one" / "all.parquet", articles)
    run([folder / "one"], folder / "first")
    shuffle.shuffle(articles)
    for number in range(n_files):
        save(folder / "many" / f"site={number}" / "part.parquet", articles[number::n_files])
    run([folder / "many"], folder / "second")
    assert tables(folder / "second") == tables(folder / "first")


def test_buckets_change_nothing(tmp_path, monkeypatch, rows):
    save(tmp_path / "all.parquet", [row.article for row in rows])
    run([tmp_path / "all.parquet"], tmp_path / "one")
    monkeypatch.setattr(candidates, "BUCKET_POSTINGS", 5_000)
    run([tmp_path / "all.parquet"], tmp_path / "many")
    assert tables(tmp_path / "many") == tables(tmp_path / "one")


def test_a_cluster_larger_than_any_list_of_candidates_hangs_together(tmp_path):
    writer = Writer(3)
    story = writer.paragraphs(7)
    n = 2 * MAX_TEXTS
    many = [writer.article([*story[: 6 + number % 2], f"Bản in {number}.", CREDITS[number % 4]]) for number in range(n)]
    others = [writer.article([*writer.paragraphs(3), story[0]]) for _ in range(5)]
    save(tmp_path / "all.parquet", many + others)
    done = run([tmp_path / "all.parquet"], tmp_path / "out")
    assert (done.n_clusters, done.n_repeats) == (1, n - 1)
    assert done.relations.total() < n * 40, "not all pairs of so many"


ROWS = st.lists(
    st.tuples(st.integers(0, 12), st.lists(st.integers(0, 40), min_size=1, max_size=12, unique=True).map(sorted)),
    max_size=25,
)


@settings(max_examples=40, deadline=None)
@given(ROWS, st.integers(400, 3000), st.integers(1, 30))
def test_candidates_are_the_pairs_that_share_enough(tmp_path_factory, rows, size, waiting):
    texts = dict(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(candidates, "BUCKET_POSTINGS", size)
        patch.setattr(candidates, "_WAITING", waiting)
        found = Candidates(tmp_path_factory.mktemp("work"), len(rows))
        for rank, _ in rows:
            found.add(np.array(texts[rank], dtype=np.uint64), np.array([len(texts[rank])]))
        pairs = list(found.pairs(np.array([rank for rank, _ in rows], dtype=np.int64)))
    expected = [
        (one, other)
        for one, other in combinations(sorted(texts), 2)
        if (shared := len(set(texts[one]) & set(texts[other])))
        and shared >= candidates.MIN_SHARED * min(len(texts[one]), len(texts[other]))
    ]
    assert pairs == expected


def test_who_goes_repeats_who_stays(tmp_path, rows):
    save(tmp_path / "all.parquet", [row.article for row in rows])
    run([tmp_path / "all.parquet"], tmp_path / "out")
    pairs, found = tables(tmp_path / "out")
    texts = {row.article.id: fold(row.article.text) for row in rows}
    related = {frozenset((texts[pair["id"]], texts[pair["other_id"]])) for pair in pairs}
    kept = {row["cluster"]: row["id"] for row in found if row["is_kept"]}
    assert len(found) > 100
    assert all(row["is_kept"] or {texts[row["id"]], texts[kept[row["cluster"]]]} in related for row in found)


def test_what_two_long_stories_both_hold_does_not_make_one_of_them(tmp_path):
    writer = Writer(11)
    shared, one, other = writer.paragraphs(3), writer.paragraphs(9), writer.paragraphs(8)
    both = [writer.article([*one, *shared]), writer.article([*shared, *other]), writer.article(shared)]
    save(tmp_path / "all.parquet", both)
    done = run([tmp_path / "all.parquet"], tmp_path / "out")
    assert (done.n_clusters, done.n_repeats) == (1, 1)
    assert [row["id"] for row in tables(tmp_path / "out")[1]] == [both[0].id, both[2].id]


def test_a_corpus_of_our_own(tmp_path):
    writer = Writer(8)
    story = writer.paragraphs(6)
    articles = [writer.article(story, "bao1"), writer.article(writer.paragraphs(4), "bao2")]
    commit(tmp_path, articles)
    save(tmp_path / "more.parquet", [replace(articles[0], id="9" * 32, site="bao1")])
    columns = Columns(title="title", site="site")
    assert run([tmp_path / "articles"], tmp_path / "out", columns).n_clusters == 0
    table = pq.read_table(tmp_path / "more.parquet").rename_columns(["id", "text", "title", "site"])
    pq.write_table(table, tmp_path / "more.parquet")
    done = run([tmp_path / "articles", tmp_path / "more.parquet"], tmp_path / "out", columns)
    assert done.relations == {"second_url": 1}


def test_rows_without_words_repeat_nothing(tmp_path):
    table = pa.table({"id": [1, 2, 3, 4], "text": ["", None, "…", "Một câu."]})
    pq.write_table(table, tmp_path / "all.parquet")
    assert run([tmp_path / "all.parquet"], tmp_path / "out", Columns()).n_rows == 4
    assert tables(tmp_path / "out") == ([], [])


@pytest.mark.parametrize(
    ("data", "columns", "message"),
    [
        ({"id": ["a", "a"], "text": ["x", "y"]}, Columns(), r"id 'a' stands in two rows"),
        ({"id": ["a"], "text": ["x"]}, Columns(text="body"), r"no column 'body'; give --text-column, .*id, text"),
        ({"id": ["a"], "text": ["x"]}, Columns(id="key"), r"no column 'key'; give --id-column"),
    ],
)
def test_wrong_input_is_named(tmp_path, data, columns, message):
    pq.write_table(pa.table(data), tmp_path / "all.parquet")
    with pytest.raises(OptionError, match=message):
        run([tmp_path / "all.parquet"], tmp_path / "out", columns)
    assert list((tmp_path / "out").iterdir()) == []


def test_files_that_are_none(tmp_path):
    with pytest.raises(OptionError, match="no such file"):
        run([tmp_path / "none.parquet"], tmp_path / "out")
    with pytest.raises(OptionError, match="no Parquet file in it"):
        run([tmp_path], tmp_path / "out")
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(CorpusError):
        run([tmp_path / "bad.parquet"], tmp_path / "out")
