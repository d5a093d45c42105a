"""Which texts of a whole corpus are worth a comparison: those that share enough fingerprints, found by sorting on disk.

Nothing depends on the order of arrival: texts are numbered by rank (see `texts`), a fingerprint of many texts is cut
by count and rank, never by who came first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from crawler.dedup.index import MIN_SHARED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

Value = TypeVar("Value", bound=np.generic)
MAX_TEXTS = 64
"""Texts with one fingerprint that are all paired; of more, each with its NEIGHBOURS next ones by rank."""
NEIGHBOURS = 4
"""Members of one cluster share nearly all fingerprints, so that each finds the next ones again and again."""
BUCKET_POSTINGS = 4 << 20
"""Postings sorted at a time: 12 bytes each, some 200 MB with what sorting needs."""
_POSTING: np.dtype[np.void] = np.dtype([("fingerprint", "<u8"), ("rank", "<u4")])
_PAIR = np.dtype(np.uint64)
_BATCH = 4_096
_FINGERPRINTS_EACH = 96
"""Of an article, more than on average."""


class Candidates:
    """Pairs of ranks, made of the fingerprints of all texts in files below `folder`."""

    def __init__(self, folder: Path, n_texts: int) -> None:
        self._folder = folder
        self._n_buckets = 1 + n_texts * _FINGERPRINTS_EACH // BUCKET_POSTINGS
        self._n_texts = n_texts
        self._sizes = np.zeros(n_texts, dtype=np.uint32)

    def pairs(self, fingerprints: Iterable[NDArray[np.uint64] | list[int]]) -> Iterator[tuple[int, int]]:
        """Pairs (lesser rank, greater rank), sorted, of the texts whose `fingerprints` come in the order of rank."""
        self._spill(fingerprints)
        for bucket in range(self._n_buckets):
            self._pair_up(bucket)
        for bucket in range(self._n_buckets):
            yield from self._sorted_out(bucket)

    def _spill(self, fingerprints: Iterable[NDArray[np.uint64] | list[int]]) -> None:
        waiting: list[NDArray[np.void]] = []
        for rank, values in enumerate(fingerprints):
            self._sizes[rank] = len(values)
            postings = np.empty(len(values), dtype=_POSTING)
            postings["fingerprint"] = values
            postings["rank"] = rank
            waiting.append(postings)
            if len(waiting) >= _BATCH:
                self._append("postings", np.concatenate(waiting), "fingerprint")
                waiting.clear()
        if waiting:
            self._append("postings", np.concatenate(waiting), "fingerprint")

    def _append(self, name: str, postings: NDArray[np.void], field: str) -> None:
        buckets = postings[field] % np.uint64(self._n_buckets)
        order = np.argsort(buckets, kind="stable")
        ends = np.searchsorted(buckets[order], np.arange(self._n_buckets), side="right")
        start = 0
        for bucket, end in enumerate(ends.tolist()):
            with self._path(name, bucket).open("ab") as file:
                file.write(postings[order[start:end]].tobytes())
            start = end

    def _path(self, name: str, bucket: int) -> Path:
        return self._folder / f"{name}-{bucket}.bin"

    def _taken(self, name: str, bucket: int, dtype: np.dtype[Value]) -> NDArray[Value]:
        path = self._path(name, bucket)
        if not path.is_file():
            return np.empty(0, dtype=dtype)
        values = np.fromfile(path, dtype=dtype)
        path.unlink()
        return values

    def _pair_up(self, bucket: int) -> None:
        """Write one (rank, rank) for every fingerprint that two texts share."""
        postings = self._taken("postings", bucket, _POSTING)
        order = np.argsort(postings["fingerprint"], kind="stable")  # ranks came in order
        values, ranks = postings["fingerprint"][order], postings["rank"][order].astype(np.uint64)
        _, places, sizes = np.unique(values, return_inverse=True, return_counts=True)
        is_rare = sizes[places] <= MAX_TEXTS
        for distance in range(1, MAX_TEXTS):
            is_pair = values[distance:] == values[:-distance]
            if distance > NEIGHBOURS:
                is_pair &= is_rare[:-distance]
            if not is_pair.any():
                break
            pairs = (ranks[:-distance][is_pair] << np.uint64(32)) | ranks[distance:][is_pair]
            self._append_pairs(pairs)

    def _append_pairs(self, pairs: NDArray[np.uint64]) -> None:
        """Into files by ranges of the lesser rank, so that the files follow each other in order."""
        width = 1 + self._n_texts // self._n_buckets
        buckets = ((pairs >> np.uint64(32)) // np.uint64(width)).astype(np.int64)
        for bucket in np.unique(buckets).tolist():
            with self._path("pairs", bucket).open("ab") as file:
                file.write(pairs[buckets == bucket].tobytes())

    def _sorted_out(self, bucket: int) -> Iterator[tuple[int, int]]:
        pairs, n_shared = np.unique(self._taken("pairs", bucket, _PAIR), return_counts=True)
        first, second = (pairs >> np.uint64(32)).astype(np.int64), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)
        is_worth = n_shared >= MIN_SHARED * np.minimum(self._sizes[first], self._sizes[second])
        yield from zip(first[is_worth].tolist(), second[is_worth].tolist(), strict=True)
