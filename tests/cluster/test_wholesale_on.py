"""Deduplication in calls: the tables of one machine, however calls are cut, ordered and repeated."""

import pyarrow.parquet as pq
import pytest
from here import Here

from benchmarks import stories
from crawler.cluster import wholesale
from crawler.cluster.wholesale import deduplicate_on
from crawler.dedup import candidates
from crawler.dedup.relations import Thresholds
from crawler.dedup.wholesale import CLUSTERS_FILE, PAIRS_FILE, Columns, deduplicate
from crawler.errors import OptionError

N_ROWS = 700


def tables(out):
    return pq.read_table(out / PAIRS_FILE).to_pylist(), pq.read_table(out / CLUSTERS_FILE).to_pylist()


def save(path, rows):
    pq.write_table(rows, path, row_group_size=60)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Stories, reprints, a bulletin that a hundred rows repeat, and rows without a word."""
    folder = tmp_path_factory.mktemp("corpus")
    (table,) = stories.tables(0, N_ROWS)
    rows = table.to_pylist()
    base = stories.story(5)
    for n in range(100):
        rows[n * 3]["text"] = " ".join([*base[: 120 + n], f"số {n}", *base[120 + n :]])
    rows[7]["text"] = rows[8]["text"] = " … "
    for number, begin in enumerate(range(0, N_ROWS, 250)):
        save(folder / f"{number}.parquet", table.from_pylist(rows[begin : begin + 250]))
    return folder


@pytest.fixture(scope="module")
def expected(corpus, tmp_path_factory):
    out = tmp_path_factory.mktemp("one machine")
    return deduplicate([corpus], out, Columns(), Thresholds()), tables(out)


@pytest.mark.parametrize("sizes", [(50, 200, 20_000), (10_000, 3_000, 1 << 22)])
def test_the_tables_of_one_machine(tmp_path, corpus, expected, sizes):
    out, (span_rows, bin_pairs, bucket) = tmp_path, sizes
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wholesale, "SPAN_ROWS", span_rows)
        patch.setattr(wholesale, "BIN_PAIRS", bin_pairs)
        patch.setattr(candidates, "BUCKET_POSTINGS", bucket)
        done = deduplicate_on(Here(span_rows), [corpus], out, Columns(), Thresholds())
    assert (done, tables(out)) == expected
    assert sorted(path.name for path in out.iterdir()) == [CLUSTERS_FILE, PAIRS_FILE]
    assert done.n_clusters > 50


@pytest.mark.parametrize("rows", [[], [{"id": "a", "text": ""}], [{"id": "a", "text": "một bài viết"}]])
def test_next_to_nothing(tmp_path, rows):
    path = tmp_path / "few.parquet"
    schema = stories.tables(0, 1).__next__().select(["id", "text"]).schema
    save(path, schema.empty_table() if not rows else schema.empty_table().from_pylist(rows, schema))
    done = deduplicate_on(Here(), [path], tmp_path / "out", Columns(), Thresholds())
    assert (done.n_rows, done.n_clusters) == (len(rows), 0)


def test_wrong_input_is_named(tmp_path):
    (table,) = stories.tables(0, 3)
    save(tmp_path / "a.parquet", table)
    with pytest.raises(OptionError, match=r"no column 'body'"):
        deduplicate_on(Here(), [tmp_path / "a.parquet"], tmp_path / "out", Columns("body"), Thresholds())
    save(tmp_path / "b.parquet", table)
    with pytest.raises(OptionError, match="stands in two rows"):
        deduplicate_on(Here(), [tmp_path], tmp_path / "out", Columns(), Thresholds())
