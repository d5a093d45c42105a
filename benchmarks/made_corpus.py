"""A corpus of any size for measuring how it is read: real parts, schema and state, texts from a pool of paragraphs."""

from __future__ import annotations

import argparse
import hashlib
import random
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from prose import Prose

from crawler.corpus import parts
from crawler.corpus.schema import SCHEMAS, Dataset
from crawler.state.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

PART_ROWS = 10_000
N_PARAGRAPHS = 4_000
FIRST_DAY, N_DAYS = 1_420_070_400, 365 * 10
SHARES = {Dataset.ARTICLES: 1.0, Dataset.DUPLICATES: 0.08, Dataset.REJECTED: 0.1}
"""Rows of each dataset, by rows of articles."""


class Maker:
    """Makes parts column by column: a million rows in a minute or two."""

    def __init__(self, n_sites: int) -> None:
        self.sites = [f"bao_so_{number:02d}" for number in range(1, n_sites + 1)]
        prose, draw = Prose(), random.Random(7)  # noqa: S311 - made-up prose
        self.paragraphs = pa.array([prose.paragraph(draw, 3) for _ in range(N_PARAGRAPHS)])
        self.titles = pa.array([prose.words_of(draw, 11).capitalize() for _ in range(N_PARAGRAPHS)])
        self.dice = np.random.default_rng(7)

    def table(self, dataset: Dataset, site: str, first: int, n: int) -> pa.Table:
        """`n` rows whose ids begin at `first`."""
        ids = [
            hashlib.blake2b(f"{dataset} {row}".encode(), digest_size=16).hexdigest() for row in range(first, first + n)
        ]
        made = {**self._facts(site, ids, n), **(self._texts(n) if dataset is not Dataset.REJECTED else {})}
        if dataset is Dataset.DUPLICATES:
            kept = [
                hashlib.blake2b(f"{Dataset.ARTICLES} {row}".encode(), digest_size=16).hexdigest() for row in range(n)
            ]
            made |= {"kept_id": pa.array(kept), "kept_site": self._choice(self.sites, n), "kept_url": made["url"],
                     "relation": self._choice(["reprint", "revision", "same_page"], n)}  # fmt: skip
        elif dataset is Dataset.REJECTED:
            made |= {"reason": self._choice(["too_short", "list_page", "http_error", "menu"], n)}
        columns = {one.name: made[one.name] if one.name in made else _empty(one, n) for one in SCHEMAS[dataset]}
        return pa.table(columns, SCHEMAS[dataset])

    def _facts(self, site: str, ids: list[str], n: int) -> dict[str, pa.Array]:
        published = (FIRST_DAY + self.dice.integers(0, N_DAYS * 86_400, n)) * 1_000_000
        moments = pa.array(published, pa.timestamp("us", tz="UTC"))
        urls = pa.array([f"https://{site}.example/tin/{one}.html" for one in ids])
        return {
            "id": pa.array(ids), "url": urls, "canonical_url": urls, "fetched_at": moments,
            "site": pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, np.int32)), pa.array([site])),
            "title": self.titles.take(self._places(n)), "run_id": pa.array([f"{site}-run"] * n),
            "published_at": pc.if_else(pa.array(self.dice.random(n) < 0.97), moments, None),
        }  # fmt: skip

    def _texts(self, n: int) -> dict[str, pa.Array]:
        lengths = np.minimum(self.dice.geometric(0.25, n) + 1, 40)
        offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))
        chosen = pa.ListArray.from_arrays(offsets, self.paragraphs.take(self._places(int(lengths.sum()))))
        text = pc.binary_join(chosen, "\n\n")
        tags = pa.ListArray.from_arrays(
            pa.array(np.arange(n + 1, dtype=np.int32) * 2), self.titles.take(self._places(2 * n))
        )
        return {
            "text": text, "lede": self.titles.take(self._places(n)), "n_paragraphs": pa.array(lengths),
            "n_words": pa.array(lengths * 70), "language": self._choice(["vi"] * 40 + ["en"], n),
            "section": self._choice(["Thời sự", "Kinh tế", "Văn hóa", "Giáo dục", "Pháp luật"], n),
            "extraction": self._choice(["template"] * 9 + ["generic"], n),
            "tags": tags.cast(SCHEMAS[Dataset.ARTICLES].field("tags").type),
            "signature": pa.array([self.dice.bytes(512) for _ in range(n)]),
        }  # fmt: skip

    def _places(self, n: int) -> np.ndarray:
        return self.dice.integers(0, N_PARAGRAPHS, n)

    def _choice(self, values: list[str], n: int) -> pa.Array:
        return pa.array(values).take(self.dice.integers(0, len(values), n))


def _empty(field: pa.Field, n: int) -> pa.Array:
    """Nothing, as far as the column may be without anything."""
    if field.nullable:
        return pa.nulls(n, field.type)
    if pa.types.is_list(field.type):
        return pa.array([[]] * n, field.type)
    usual = {pa.int64(): 1, pa.float64(): 0.0, pa.binary(): b""}
    return pa.array([usual.get(field.type, "x")] * n, field.type)


def make(output: Path, n_rows: int, n_sites: int) -> None:
    """Write a corpus of `n_rows` articles, and the duplicates and rejects that go with it."""
    maker = Maker(n_sites)
    with Store(output) as store:
        for dataset, share in SHARES.items():
            for number, first in enumerate(range(0, int(n_rows * share), PART_ROWS)):
                site = maker.sites[number % n_sites]
                table = maker.table(dataset, site, first, min(PART_ROWS, int(n_rows * share) - first))
                _write(store, parts.part_path(dataset, site, "made", number + 1), dataset, table)


def _write(store: Store, path: str, dataset: Dataset, table: pa.Table) -> None:
    file = store.output / path
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, file, row_group_size=parts.MAX_GROUP_ROWS, compression="zstd", write_page_checksum=True)
    site = table["site"][0].as_py()
    part = parts.Part(path, dataset.value, site, len(table), file.stat().st_size, "0" * 64, 1, f"{site}-run")
    with store.transaction() as connection:
        parts.insert_parts(connection, [part])
        if dataset is Dataset.ARTICLES:
            rows = (
                (key, site, url, "", path)
                for key, url in zip(table["id"].to_pylist(), table["url"].to_pylist(), strict=True)
            )
            connection.executemany("INSERT INTO kept (id, site, url, content_hash, part) VALUES (?, ?, ?, ?, ?)", rows)


def parse(description: str | None, **more: object) -> argparse.Namespace:
    """Options of a benchmark over such a corpus; `more`: further numbers, with what they are by default."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--sites", type=int, default=40)
    parser.add_argument("--keep", type=Path, help="folder of a corpus to use, made when it is not there")
    for name, value in more.items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    return parser.parse_args()


@contextmanager
def made(options: argparse.Namespace) -> Iterator[Path]:
    """The output folder of the corpus that `options` ask for."""
    with tempfile.TemporaryDirectory() as folder:
        output = options.keep or Path(folder)
        if not (output / "state.sqlite").is_file():
            make(output, options.rows, options.sites)
        yield output
