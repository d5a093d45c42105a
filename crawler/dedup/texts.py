"""The texts of a whole corpus while it is deduplicated: on disk, each distinct text with a rank of its own.

The order of ranks is that of the folded texts' hashes, so that nothing that is decided along it depends on the order of
arrival.
"""

from __future__ import annotations

import mmap
from bisect import bisect_right
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from crawler.dedup.batches import PrintReader
from crawler.dedup.relations import Version
from crawler.dedup.sketches import sketch
from crawler.errors import OptionError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from crawler.dedup.batches import Prints

SCHEMA = pa.schema([(name, pa.string()) for name in ("id", "site", "title", "text")])
_CACHED = 1_000
"""Versions in memory: some 50 KB each."""
_MAPPED = 512
"""Rows read before their pages are let go: the system maps 64 KB around each."""
_FILE = "texts.arrow"
KEY = np.dtype([("high", ">u8"), ("low", ">u8")])


def rank_texts(
    keys: NDArray[np.void], n_words: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Rank of each row's text, -1 for one without a word; the other rows by rank, and where each rank begins there.

    `keys` of the texts, of type KEY: equal ones are one text.
    """
    order = np.lexsort((keys["low"], keys["high"]))
    order = order[n_words[order] > 0]
    is_first = np.ones(len(order), dtype=np.bool_)
    is_first[1:] = keys[order][1:] != keys[order][:-1]
    ranks = np.full(len(keys), -1, dtype=np.int64)
    ranks[order] = np.cumsum(is_first) - 1
    return ranks, order, np.flatnonzero(is_first)


class Row(NamedTuple):
    """A row of the corpus."""

    id: str
    site: str
    """Two equal texts of one site are one story under two addresses."""
    title: str
    text: str


class Texts:
    """Texts in a file that is read where it lies. `row`: place in the corpus; `rank`: among the distinct texts."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE
        self._writer = pa.ipc.new_file(self._path, SCHEMA)
        self._reader = PrintReader()
        self._starts: list[int] = []
        self._ids: list[NDArray[np.int64]] = []
        self._keys: list[bytes] = []
        self._n_words: list[NDArray[np.int64]] = []
        self._versions: OrderedDict[int, Version] = OrderedDict()
        self._n_read = 0
        self.n_rows = 0

    def add(self, rows: pa.RecordBatch) -> Prints:
        """Take rows of SCHEMA, none of their values null; returns what stands for each."""
        prints = self._reader.read(rows.column("text"))
        self._writer.write_batch(rows)
        self._starts.append(self.n_rows)
        self._ids.append(np.fromiter(map(hash, rows.column("id").to_pylist()), np.int64, len(rows)))
        self._keys.append(prints.keys)
        self._n_words.append(prints.n_words)
        self.n_rows += len(rows)
        return prints

    def seal(self) -> NDArray[np.int64]:
        """Rank of each row's text, -1 for a text without a word, when all rows are there.

        Raises OptionError when two rows have one id.
        """
        self._writer.close()
        with self._path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._file = pa.ipc.open_file(pa.py_buffer(self._map))
        self._check_ids()
        self.n_words = np.concatenate([np.empty(0, dtype=np.int64), *self._n_words])
        ranks, order, starts = rank_texts(np.frombuffer(b"".join(self._keys), dtype=KEY), self.n_words)
        self._choose(order, starts)
        return ranks

    def _check_ids(self) -> None:
        hashes = np.concatenate([np.empty(0, dtype=np.int64), *self._ids])
        order = np.argsort(hashes, kind="stable")
        is_equal = hashes[order][1:] == hashes[order][:-1]
        seen: set[str] = set()
        for row in np.union1d(order[1:][is_equal], order[:-1][is_equal]).tolist():
            name = self.row(row).id
            if name in seen:
                raise OptionError(f"id {name!r} stands in two rows; name a column that tells them apart")
            seen.add(name)

    def _choose(self, order: NDArray[np.int64], starts: NDArray[np.int64]) -> None:
        """The row of each rank, of several with one text the one with the least id; and the others."""
        self._rows = order[starts]
        self.copies: list[tuple[int, int]] = []
        """Rows whose text another row stands for, and that row."""
        ends = np.append(starts, len(order))[1:]
        for rank in np.flatnonzero(ends - starts > 1).tolist():
            first, *others = sorted(order[starts[rank] : ends[rank]].tolist(), key=lambda row: self.row(row).id)
            self._rows[rank] = first
            self.copies += [(other, first) for other in others]

    @property
    def n_texts(self) -> int:
        """Distinct texts."""
        return len(self._rows)

    def row(self, row: int) -> Row:
        """A row of the corpus."""
        self._n_read += 1
        if self._n_read % _MAPPED == 0:
            self._map.madvise(mmap.MADV_DONTNEED)
        number = bisect_right(self._starts, row) - 1
        batch = self._file.get_batch(number)
        return Row(*(column[row - self._starts[number]].as_py() for column in batch.columns))

    def row_of(self, rank: int) -> int:
        """The row that stands for a distinct text."""
        return int(self._rows[rank])

    def version(self, rank: int) -> Version:
        """A distinct text."""
        if rank not in self._versions:
            row = self.row(self.row_of(rank))
            self._versions[rank] = Version(row.id, row.site, row.title, str(rank), sketch(row.text))
            if len(self._versions) > _CACHED:
                self._versions.popitem(last=False)
        self._versions.move_to_end(rank)
        return self._versions[rank]
