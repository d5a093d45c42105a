"""Sorted runs: fingerprints and the articles they stand in, in files that are never changed, read where they lie.

Fingerprints are the least hashes of windows, most of them small; `spread` makes keys of them that lie evenly, so that
a place is computed, not searched. A run is four files of 32-bit numbers, little-endian:

- the low bits of the keys, sorted by the whole key, and beside each the number of an article, of equal keys the
  greater one last;
- a directory: for each value of the first bits of a key the place where such keys begin, and the length at its end;
- how many keys each article has, and the number of articles at its end.

A bucket of the directory has some eight keys: a look-up waits for memory twice, however long the run is.
"""

from __future__ import annotations

from contextlib import ExitStack
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from crawler import disk
from crawler.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_KEYS, _NUMBERS, _DIRECTORY, _SIZES = ".keys", ".numbers", ".directory", ".sizes"
_KEY_BITS, _LOW_BITS = 48, 32
_TOP_BITS = _KEY_BITS - _LOW_BITS
"""A directory has at least so many, the ones that the file of keys leaves out."""
_LOW = np.uint64((1 << _LOW_BITS) - 1)
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
"""2^64 divided by the golden ratio (Knuth, The Art of Computer Programming 3, 6.4); odd, so that no two keys meet."""
_BUCKET = 8
"""Keys in a bucket of the directory, half as many to this: 32 bytes, a line of the cache or two."""
_LOOKED_AT = 32
"""Keys of a bucket that are compared one by one; more have buckets of a fingerprint that very many articles share."""
Value = TypeVar("Value", bound=np.generic)
MERGED_AT_ONCE = 1 << 21
"""Postings in memory while runs are merged: 24 MB and what sorting needs."""

Postings = tuple["NDArray[np.uint64]", "NDArray[np.uint32]"]
"""Keys, and the numbers of their articles."""


def spread(fingerprints: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Evenly spread 48-bit keys, another one for each 48-bit fingerprint."""
    return (fingerprints * _MULTIPLIER) & np.uint64((1 << _KEY_BITS) - 1)


class Run:
    """One run, mapped into memory: what is not asked for is not read."""

    def __init__(self, folder: Path, name: str, n: int) -> None:
        """Raises CorpusError when a file is missing or has not `n` entries."""
        self._keys = _mapped(folder / f"{name}{_KEYS}", n)
        self._numbers = _mapped(folder / f"{name}{_NUMBERS}", n)
        self._directory = _mapped(folder / f"{name}{_DIRECTORY}")
        sizes = _mapped(folder / f"{name}{_SIZES}")
        self.sizes = sizes[:-1]
        bits = len(self._directory).bit_length() - 1
        if len(self._directory) != (1 << bits) + 1 or bits < _TOP_BITS or self._directory[-1] != n:
            raise _damage(folder / f"{name}{_DIRECTORY}")
        if sizes[-1] != len(self.sizes):
            raise _damage(folder / f"{name}{_SIZES}")
        self._shift = np.uint64(_KEY_BITS - bits)

    def __len__(self) -> int:
        return len(self._keys)

    def newest(self, keys: NDArray[np.uint64], most: NDArray[np.int64]) -> tuple[NDArray[np.int64], list[int]]:
        """How many articles each key stands for, `most` of it at most, and the numbers of those added last."""
        ends, counts = self._find(keys)
        if not counts.any():
            return counts, []
        counts = np.minimum(counts, most)
        before = np.cumsum(counts) - counts
        places = np.repeat(ends - counts - before, counts) + np.arange(counts.sum())
        return counts, self._numbers[places].tolist()

    def _find(self, keys: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Behind the last entry of each key, and how many it has."""
        prefixes = (keys >> self._shift).astype(np.int64)
        starts, ends = self._directory[prefixes[:, None] + np.arange(2)].astype(np.int64).T
        low = (keys & _LOW).astype(np.uint32)
        sizes = ends - starts
        steps = np.arange(min(max(1, int(sizes.max(initial=1))), _LOOKED_AT))
        is_same = self._keys.take(starts[:, None] + steps, mode="clip") == low[:, None]
        is_same &= steps < sizes[:, None]
        firsts, counts = starts + is_same.argmax(axis=1), is_same.sum(axis=1)
        for place in np.flatnonzero(sizes > _LOOKED_AT).tolist():
            bucket = self._keys[starts[place] : ends[place]]
            first, end = np.searchsorted(bucket, low[place], side="left"), np.searchsorted(bucket, low[place], "right")
            firsts[place], counts[place] = starts[place] + first, end - first
        return firsts + counts, counts

    def tops(self) -> NDArray[np.uint32]:
        """Where the keys of each value of the bits begin that the file of keys leaves out, and the length."""
        return self._directory[:: 1 << (_LOW_BITS - int(self._shift))]

    def part(self, first: int, end: int) -> Postings:
        """Keys whose left-out bits have the values `first` to `end` - 1, and their numbers."""
        places = self.tops()[first : end + 1].astype(np.int64)
        tops = np.repeat(np.arange(first, end, dtype=np.uint64) << np.uint64(_LOW_BITS), np.diff(places))
        here = slice(int(places[0]), int(places[-1]))
        return tops | self._keys[here], self._numbers[here]


def _mapped(path: Path, n: int | None = None) -> NDArray[np.uint32]:
    try:
        size = path.stat().st_size
        if size and size == 4 * (size // 4 if n is None else n):
            return np.asarray(np.memmap(path, dtype="<u4", mode="r"))  # a plain view is faster to index
    except OSError as error:
        raise CorpusError(f"{disk.describe(error)}; `scrapy dedup --rebuild` makes the index anew") from error
    raise _damage(path)


def _damage(path: Path) -> CorpusError:
    return CorpusError(f"{path}: has another length than it should; `scrapy dedup --rebuild` makes the index anew")


def write_run(folder: Path, name: str, pieces: Iterator[Postings], n_most: int, span: range) -> int:
    """Write a run from sorted pieces, durably; returns its length, which is `n_most` or less.

    `span`: the numbers its articles may have. What a crash left under the name is replaced. Raises OSError.
    """
    disk.make_folders(folder)
    paths = [folder / f"{name}{suffix}" for suffix in (_KEYS, _NUMBERS, _DIRECTORY, _SIZES)]
    drafts = [path.with_name(f"{path.name}.tmp") for path in paths]
    for path in (*paths, *drafts):
        disk.unlink(path)
    with ExitStack() as stack:
        files = [stack.enter_context(disk.create(draft)) for draft in drafts]
        n = _write(files, pieces, max(_TOP_BITS, (n_most // _BUCKET).bit_length()), span)
        for file in files:
            file.sync()
    for draft, path in zip(drafts, paths, strict=True):
        disk.rename(draft, path)
    disk.sync_folder(folder)
    return n


def _write(files: Sequence[disk.File], pieces: Iterator[Postings], bits: int, span: range) -> int:
    directory = np.zeros((1 << bits) + 1, dtype=np.uint32)
    sizes = np.zeros(len(span), dtype=np.uint32)
    for keys, numbers in pieces:
        _append(files[0], keys & _LOW)
        _append(files[1], numbers)
        prefixes = keys >> np.uint64(_KEY_BITS - bits)
        starts = np.flatnonzero(np.append(True, prefixes[1:] != prefixes[:-1])[: len(keys)])
        directory[prefixes[starts].astype(np.int64) + 1] += np.diff(np.append(starts, len(keys))).astype(np.uint32)
        sizes += np.bincount(numbers.astype(np.int64) - span.start, minlength=len(span)).astype(np.uint32)
    np.cumsum(directory, out=directory)
    _append(files[2], directory)
    _append(files[3], np.append(sizes, np.uint32(len(sizes))))
    return int(directory[-1])


def _append(file: disk.File, values: NDArray[np.unsignedinteger]) -> None:
    file.write(values.astype("<u4", copy=False).view(np.uint8).data)


def merged(runs: Sequence[Run], is_alive: NDArray[np.bool_]) -> Iterator[Postings]:
    """Sorted pieces of one run made of several, oldest first; `is_alive`: by number of the article."""
    lengths = np.array([run.tops() for run in runs], dtype=np.int64).sum(axis=0)
    wanted = np.arange(MERGED_AT_ONCE, lengths[-1], MERGED_AT_ONCE)
    borders = np.unique(np.append(np.searchsorted(lengths, wanted), [0, len(lengths) - 1])).tolist()
    for first, end in pairwise(borders):
        parts = [run.part(first, end) for run in runs]
        keys, numbers = (np.concatenate(some) for some in zip(*parts, strict=True))
        order = np.argsort(keys, kind="stable")  # sorted stretches are merged, equal ones stay oldest first
        order = order[is_alive[numbers[order]]]
        yield keys[order], numbers[order]


def remove_others(folder: Path, names: set[str]) -> None:
    """Remove the files of runs that are not among `names`. Raises OSError."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.name.removesuffix(".tmp").rpartition(".")[0] not in names:
            disk.unlink(path)
