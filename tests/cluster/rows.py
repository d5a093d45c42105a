"""Rows of a corpus, for comparing what two ways made of the same pages."""

import pyarrow.parquet as pq

OF_THE_RUN = {"run_id", "fetched_at", "archive_file", "archive_offset", "archive_length"}
"""Columns that say when and where, not what."""


def rows(output, dataset, without=OF_THE_RUN):
    """All rows by site and URL, as sorted words."""
    tables = [pq.read_table(path, partitioning=None) for path in sorted((output / dataset).glob("**/*.parquet"))]
    found = [row for table in tables for row in table.to_pylist()]
    return sorted(repr({name: value for name, value in row.items() if name not in without}) for row in found)


def assert_same(one, other, without=OF_THE_RUN):
    """Two corpora have the same rows in each dataset; at least one has articles."""
    assert rows(one, "articles", without)
    for dataset in ("articles", "duplicates", "rejected"):
        here, there = rows(one, dataset, without), rows(other, dataset, without)
        assert here == there, (dataset, set(here) ^ set(there), len(here), len(there))
