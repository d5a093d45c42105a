"""Which words of a text stand in passages that another text has as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crawler.dedup.winnowing import SHINGLE_SIZE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crawler.dedup.sketches import Sketch

MIN_PASSAGE = 7
"""Syllables of a shared passage, at least: shorter ones are formulas that any two articles share."""


def coverage(one: Sketch, other: Sketch, length: int = MIN_PASSAGE) -> float:
    """Share of `one`'s syllables that stand in a passage of `length` syllables or more whose shingles `other` has.

    0 to 1. Unlike the share of shingles it falls by one syllable, not by five, where one word was changed.
    """
    covered = is_covered(one, other, length)
    return float(np.mean(covered)) if covered.size else 0.0


def is_covered(one: Sketch, other: Sketch, length: int = MIN_PASSAGE) -> NDArray[np.bool_]:
    """For each word of `one` whether it stands in a passage of `length` syllables or more that `other` has too."""
    shared = is_in(one.shingles, other.distinct)
    n_shingles = min(length - SHINGLE_SIZE + 1, shared.size)
    if not n_shingles:
        return np.zeros(len(one.words), dtype=np.bool_)
    starts = np.lib.stride_tricks.sliding_window_view(shared, n_shingles).min(axis=1)
    passage = np.ones(len(one.words) - starts.size + 1, dtype=np.int64)
    return np.convolve(starts, passage) > 0


def is_in(values: NDArray[np.uint64], ordered: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """`np.isin` for a sorted second array, five times as fast on articles."""
    if not ordered.size:
        return np.zeros(values.size, dtype=np.bool_)
    places = np.minimum(np.searchsorted(ordered, values), ordered.size - 1)
    found: NDArray[np.bool_] = ordered[places] == values
    return found
