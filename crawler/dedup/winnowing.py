"""Shingles and fingerprints of many texts in one go: their words one after the other, and how many each text has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHINGLE_SIZE = 5
"""Syllables in a shingle. Vietnamese words have one or two syllables: five are two or three words."""
WINDOW = 16
"""Shingles in a window, of which the smallest becomes a fingerprint. Calibration: docs/deduplication.md."""
MAX_TEXTS = 1 << 16
"""Texts that `winnowed` takes at once."""
_FINGERPRINT_BITS = 48
_MULTIPLIER = 0x9E3779B97F4A7C15


def shingled(words: NDArray[np.uint64], counts: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Hash of the shingle at every position of every text, and how many each text has.

    `words`: hashes of words; `counts`: words of each text. A text shorter than a shingle is one shingle.
    """
    n_shingles = _n_stretches(counts, SHINGLE_SIZE)
    begins = np.cumsum(counts) - counts
    hashes = _hashed(np.concatenate([words, np.zeros(SHINGLE_SIZE - 1, dtype=np.uint64)]), SHINGLE_SIZE)
    for text in np.flatnonzero((counts > 0) & (counts < SHINGLE_SIZE)).tolist():
        begin, n = int(begins[text]), int(counts[text])
        hashes[begin] = _hashed(words[begin : begin + n], n)[0]
    return hashes[_is_within(begins, counts, n_shingles)], n_shingles


def winnowed(shingles: NDArray[np.uint64], counts: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Sorted distinct 48-bit fingerprints of each text, about 2/(WINDOW+1) per shingle, and how many each has.

    Winnowing (Schleimer, Wilkerson and Aiken, SIGMOD 2003): two texts that share a passage of
    WINDOW + SHINGLE_SIZE - 1 syllables share a fingerprint, whatever stands around it.
    """
    hashes = shingles >> np.uint64(64 - _FINGERPRINT_BITS)
    begins = np.cumsum(counts) - counts
    least = _least(hashes)
    is_short = counts[counts > 0] < WINDOW
    starts = begins[counts > 0]
    least[starts[is_short]] = np.minimum.reduceat(hashes, starts)[is_short] if starts.size else hashes
    n_windows = _n_stretches(counts, WINDOW)
    texts = np.repeat(np.arange(len(counts), dtype=np.uint64), n_windows)
    keys = (texts << np.uint64(_FINGERPRINT_BITS)) | least[_is_within(begins, counts, n_windows)]
    keys = np.unique(keys[np.append(True, keys[1:] != keys[:-1])] if keys.size else keys)
    sizes = np.bincount((keys >> np.uint64(_FINGERPRINT_BITS)).astype(np.int64), minlength=len(counts))
    return keys & np.uint64((1 << _FINGERPRINT_BITS) - 1), sizes


def _n_stretches(counts: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """How many stretches of `length` begin in each text; what is shorter counts as one."""
    return np.maximum(counts - length + 1, np.minimum(counts, 1))


def _is_within(begins: NDArray[np.int64], counts: NDArray[np.int64], firsts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """For each place whether it is among the first so many ones of its text."""
    return np.arange(int(counts.sum())) < np.repeat(begins + firsts, counts)


def _least(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The least of the WINDOW values from each place on, by doubling."""
    least = np.concatenate([hashes, np.full(WINDOW - 1, np.iinfo(np.uint64).max, dtype=np.uint64)])
    size = 1
    while size < WINDOW:
        step = min(size, WINDOW - size)
        least = np.minimum(least[:-step], least[step:])
        size += step
    return least


def _hashed(words: NDArray[np.uint64], size: int) -> NDArray[np.uint64]:
    total = np.full(len(words) - size + 1, size, dtype=np.uint64)
    for place in range(size):
        total *= np.uint64(_MULTIPLIER)
        total += words[place : place + len(total)]
    return _mixed(total)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread every input bit over the word: the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
