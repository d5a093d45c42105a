"""Which texts of a whole corpus are worth a comparison: those that share enough fingerprints, found by sorting on disk.

Nothing depends on the order of arrival: texts are numbered by rank (see `texts`), a fingerprint of many texts is cut
by count and rank, never by who came first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from crawler.dedup.index import MIN_SHARED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

Value = TypeVar("Value", bound=np.generic)
MAX_TEXTS = 64
"""Texts with one fingerprint that are all paired; of more, each with its NEIGHBOURS next ones by rank."""
NEIGHBOURS = 4
"""Members of one cluster share nearly all fingerprints, so that each finds the next ones again and again."""
BUCKET_POSTINGS = 4 << 20
"""Postings sorted at a time: 12 bytes each, some 200 MB with what sorting needs."""
POSTING: np.dtype[np.void] = np.dtype([("fingerprint", "<u8"), ("row", "<u4")])
PAIR = np.dtype(np.uint64)
"""Two ranks, the lesser one in the upper half."""
_WAITING = 1 << 19
"""Postings in memory before they are written: 6 MB."""
_FINGERPRINTS_EACH = 96
"""Of an article, more than on average."""


class Candidates:
    """Pairs of ranks, made of the fingerprints of all rows of a corpus in files below `folder`."""

    def __init__(self, folder: Path, n_rows: int) -> None:
        self._folder = folder
        self._n_buckets = n_buckets(n_rows)
        self._sizes: list[NDArray[np.int64]] = []
        self._n_rows = 0
        self._waiting: list[NDArray[np.void]] = []

    def add(self, fingerprints: NDArray[np.uint64], counts: NDArray[np.int64]) -> None:
        """Take the next rows: their fingerprints, those of a row distinct, and how many each row has."""
        self._waiting.append(postings_of(fingerprints, counts, self._n_rows))
        self._sizes.append(counts)
        self._n_rows += len(counts)
        if sum(map(len, self._waiting)) >= _WAITING:
            self._spill()

    def pairs(self, ranks: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
        """Pairs (lesser rank, greater rank), sorted, of texts that share enough. `ranks`: of the text of each row."""
        self._spill()
        sizes = np.concatenate([np.empty(0, dtype=np.int64), *self._sizes])
        self._sizes_by_rank = by_rank(sizes, ranks)
        self._width = 1 + len(self._sizes_by_rank) // self._n_buckets
        for bucket in range(self._n_buckets):
            self._pair_up(bucket, ranks)
        for bucket in range(self._n_buckets):
            yield from self._sorted_out(bucket)

    def _spill(self) -> None:
        postings = np.concatenate([np.empty(0, dtype=POSTING), *self._waiting])
        self._waiting.clear()
        buckets = postings["fingerprint"] % np.uint64(self._n_buckets)
        for bucket in range(self._n_buckets):
            with self._path("postings", bucket).open("ab") as file:
                file.write(postings[buckets == bucket].tobytes())

    def _path(self, name: str, bucket: int) -> Path:
        return self._folder / f"{name}-{bucket}.bin"

    def _taken(self, name: str, bucket: int, dtype: np.dtype[Value]) -> NDArray[Value]:
        path = self._path(name, bucket)
        if not path.is_file():
            return np.empty(0, dtype=dtype)
        values = np.fromfile(path, dtype=dtype)
        path.unlink()
        return values

    def _pair_up(self, bucket: int, ranks: NDArray[np.int64]) -> None:
        for pairs in paired(self._taken("postings", bucket, POSTING), ranks):
            self._append_pairs(pairs)

    def _append_pairs(self, pairs: NDArray[np.uint64]) -> None:
        """Into files by ranges of the lesser rank, so that the files follow each other in order."""
        buckets = ((pairs >> np.uint64(32)) // np.uint64(self._width)).astype(np.int64)
        for bucket in np.unique(buckets).tolist():
            with self._path("pairs", bucket).open("ab") as file:
                file.write(pairs[buckets == bucket].tobytes())

    def _sorted_out(self, bucket: int) -> Iterator[tuple[int, int]]:
        first, second = worthy(self._taken("pairs", bucket, PAIR), self._sizes_by_rank)
        yield from zip(first.tolist(), second.tolist(), strict=True)


def n_buckets(n_rows: int) -> int:
    """In how many pieces the postings of so many rows are sorted."""
    return 1 + n_rows * _FINGERPRINTS_EACH // BUCKET_POSTINGS


def postings_of(fingerprints: NDArray[np.uint64], counts: NDArray[np.int64], first: int) -> NDArray[np.void]:
    """The fingerprints of rows, each with the number of its row; `counts` of each row, `first`: its number."""
    postings = np.empty(len(fingerprints), dtype=POSTING)
    postings["fingerprint"] = fingerprints
    postings["row"] = np.repeat(np.arange(first, first + len(counts), dtype=np.uint32), counts)
    return postings


def by_rank(values: NDArray[np.int64], ranks: NDArray[np.int64]) -> NDArray[np.int64]:
    """What rows have, in the order of the ranks of their texts."""
    ordered = np.zeros(int(ranks.max(initial=-1)) + 1, dtype=np.int64)
    ordered[ranks[ranks >= 0]] = values[ranks >= 0]
    return ordered


def paired(postings: NDArray[np.void], ranks: NDArray[np.int64]) -> Iterator[NDArray[np.uint64]]:
    """A pair of ranks for every fingerprint that two texts share; all postings of a fingerprint must be there."""
    values, owners, sizes = _shared(postings, ranks)
    is_rare = sizes <= MAX_TEXTS
    for distance in range(1, MAX_TEXTS):
        is_pair = values[distance:] == values[:-distance]
        if distance > NEIGHBOURS:
            is_pair &= is_rare[:-distance]
        if not is_pair.any():
            break
        yield (owners[:-distance][is_pair] << np.uint64(32)) | owners[distance:][is_pair]


def worthy(pairs: NDArray[np.uint64], sizes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lesser and greater ranks, sorted, of pairs that stand there often enough; `sizes`: fingerprints by rank."""
    pairs, n_shared = np.unique(pairs, return_counts=True)
    first, second = (pairs >> np.uint64(32)).astype(np.int64), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)
    is_worth = n_shared >= MIN_SHARED * np.minimum(sizes[first], sizes[second])
    return first[is_worth], second[is_worth]


def _shared(
    postings: NDArray[np.void], ranks: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.int64]]:
    """Fingerprints that several texts have, the rank of such a text beside each, and how many texts have it.

    Sorted by both. Rows of one text count once.
    """
    values = np.ascontiguousarray(postings["fingerprint"])
    order = np.argsort(values)
    is_new = _is_new(values[order])
    order = order[~(is_new & np.append(is_new, True)[1:])]  # the few of many that are worth the sorting by rank
    values, owners = values[order], ranks[postings["row"][order]].astype(np.uint64)
    order = np.lexsort((owners, values))
    values, owners = values[order], owners[order]
    is_new = _is_new(values, owners)
    values, owners = values[is_new], owners[is_new]
    sizes = np.diff(np.append(np.flatnonzero(_is_new(values)), len(values)))
    return values, owners, np.repeat(sizes, sizes)


def _is_new(*columns: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """For each place of sorted columns whether something else stands before it."""
    is_new = np.ones(len(columns[0]), dtype=np.bool_)
    is_new[1:] = np.any([column[1:] != column[:-1] for column in columns], axis=0)
    return is_new
