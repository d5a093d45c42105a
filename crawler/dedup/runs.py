"""Sorted runs: fingerprints and the articles they stand in, in files that are never changed, read where they lie.

A run is two files of equal length: 64-bit fingerprints, sorted, and beside each the 32-bit number of an article; of
equal fingerprints the greater number comes last. A third file has every BLOCK-th fingerprint, so that a search touches
few pages. Little-endian, without any header: the state file knows how many.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from crawler import disk
from crawler.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_FINGERPRINTS, _NUMBERS, _FENCES = ".fingerprints", ".numbers", ".fences"
BLOCK = 32
"""Fingerprints that are looked at one by one: four lines of the cache, within a page."""
Value = TypeVar("Value", bound=np.generic)
MERGED_AT_ONCE = 1 << 20
"""Postings in memory while runs are merged, per run: 12 MB and what sorting needs."""

Postings = tuple["NDArray[np.uint64]", "NDArray[np.uint32]"]
"""Fingerprints, and the numbers of their articles."""


class Run:
    """One run, mapped into memory: what is not asked for is not read."""

    def __init__(self, folder: Path, name: str, n: int) -> None:
        """Raises CorpusError when a file is missing or has not `n` entries."""
        self.fingerprints: NDArray[np.uint64] = _mapped(folder / f"{name}{_FINGERPRINTS}", np.dtype("<u8"), n)
        self.numbers: NDArray[np.uint32] = _mapped(folder / f"{name}{_NUMBERS}", np.dtype("<u4"), n)
        self._fences: NDArray[np.uint64] = _mapped(folder / f"{name}{_FENCES}", np.dtype("<u8"), -(-n // BLOCK))

    def __len__(self) -> int:
        return len(self.fingerprints)

    def newest(self, fingerprints: NDArray[np.uint64], most: NDArray[np.int64]) -> tuple[NDArray[np.int64], list[int]]:
        """How many articles each fingerprint stands in, `most` of it at most, and the numbers of those added last."""
        starts, is_there = self._find(fingerprints)
        counts = np.zeros(len(fingerprints), dtype=np.int64)
        found: list[int] = []
        for place in np.flatnonzero(is_there & (most > 0)).tolist():
            end = int(np.searchsorted(self.fingerprints, fingerprints[place], side="right"))
            counts[place] = min(end - int(starts[place]), int(most[place]))
            found += self.numbers[end - counts[place] : end].tolist()
        return counts, found

    def _find(self, fingerprints: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Where each of the fingerprints begins, and whether it is there at all."""
        blocks = np.maximum(np.searchsorted(self._fences, fingerprints) - 1, 0) * BLOCK
        places = np.minimum(blocks[:, None] + np.arange(BLOCK + 1), len(self) - 1)
        values = self.fingerprints[places]
        offsets = np.minimum((values < fingerprints[:, None]).sum(axis=1), BLOCK)
        return blocks + offsets, values[np.arange(len(fingerprints)), offsets] == fingerprints


def _mapped(path: Path, dtype: np.dtype[Value], n: int) -> NDArray[Value]:
    try:
        if path.stat().st_size == n * dtype.itemsize:
            return np.asarray(np.memmap(path, dtype=dtype, mode="r"))  # a plain view is faster to index
    except OSError as error:
        raise CorpusError(f"{disk.describe(error)}; `scrapy dedup --rebuild` makes the index anew") from error
    raise CorpusError(f"{path}: has not {n} entries; `scrapy dedup --rebuild` makes the index anew")


def write_run(folder: Path, name: str, pieces: Iterator[Postings]) -> int:
    """Write a run from sorted pieces, durably; returns its length. What a crash left under its name is replaced.

    Raises OSError.
    """
    disk.make_folders(folder)
    paths = [folder / f"{name}{suffix}" for suffix in (_FINGERPRINTS, _NUMBERS, _FENCES)]
    drafts = [path.with_name(f"{path.name}.tmp") for path in paths]
    for path in (*paths, *drafts):
        disk.unlink(path)
    n = 0
    with ExitStack() as stack:
        files = [stack.enter_context(disk.create(draft)) for draft in drafts]
        for fingerprints, numbers in pieces:
            written = fingerprints.astype("<u8", copy=False), numbers.astype("<u4", copy=False)
            for file, values in zip(files, (*written, written[0][-n % BLOCK :: BLOCK]), strict=True):
                file.write(values.tobytes())
            n += len(numbers)
        for file in files:
            file.sync()
    for draft, path in zip(drafts, paths, strict=True):
        disk.rename(draft, path)
    disk.sync_folder(folder)
    return n


def merged(runs: Sequence[Run], is_alive: NDArray[np.bool_]) -> Iterator[Postings]:
    """The entries of runs (the oldest run first) in one order, of those articles whose number `is_alive`."""
    starts = [0] * len(runs)
    for pivot in _pivots(runs):
        ends = [len(run) if pivot is None else int(np.searchsorted(run.fingerprints, pivot)) for run in runs]
        slices = [slice(start, end) for start, end in zip(starts, ends, strict=True)]
        fingerprints = np.concatenate([run.fingerprints[part] for run, part in zip(runs, slices, strict=True)])
        numbers = np.concatenate([run.numbers[part] for run, part in zip(runs, slices, strict=True)])
        order = np.argsort(fingerprints, kind="stable")  # sorted stretches are merged, equal ones stay oldest first
        order = order[is_alive[numbers[order]]]
        yield fingerprints[order], numbers[order]
        starts = ends


def _pivots(runs: Sequence[Run]) -> Iterator[np.uint64 | None]:
    """Fingerprints between which the runs have a few entries each; None stands for the end."""
    longest = max(runs, key=len)
    last = None
    for place in range(MERGED_AT_ONCE, len(longest), MERGED_AT_ONCE):
        if longest.fingerprints[place] != last:
            last = longest.fingerprints[place]
            yield last
    yield None


def remove_others(folder: Path, names: set[str]) -> None:
    """Remove the files of runs that are not among `names`. Raises OSError."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.name.removesuffix(".tmp").rpartition(".")[0] not in names:
            disk.unlink(path)
