"""What a share of a few pages says."""

from __future__ import annotations

from math import sqrt

MIN_PAGES = 5
"""Fewer pages say nothing about the site."""


def lower_bound(share: float, n: int) -> float:
    """Lower bound of a share of `n` pages at 95 % (Wilson 1927); 0 for fewer than MIN_PAGES."""
    if n < MIN_PAGES:
        return 0.0
    z2 = 1.96**2
    middle = share + z2 / (2 * n)
    return (middle - sqrt(z2 * (share * (1 - share) + z2 / (4 * n)) / n)) / (1 + z2 / n)
