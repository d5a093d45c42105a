"""How figures are shown: medians with least and most, and where and with what they were taken."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def spread(figures: Sequence[float], digits: int = 1) -> str:
    """`12.3 (11.9–14.0)`; one figure stands alone."""
    middle, least, most = (f"{one:.{digits}f}" for one in (median(figures), min(figures), max(figures)))
    return f"{middle} ({least}–{most})" if len(figures) > 1 else middle


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Median of the ratios of rounds that were taken together: theirs over ours."""
    return median(their / our for our, their in zip(ours, theirs, strict=True))


def machine(packages: Iterable[str]) -> str:
    """Processor, cores, load, Python and versions, as a sentence."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    cpu = next((line.split(":")[1].strip() for line in lines if "model name" in line), platform.machine())
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in packages)
    n_cores, load = len(os.sched_getaffinity(0)), os.getloadavg()[1]
    return f"{cpu}, {n_cores} cores, mean load {load:.1f}; Python {platform.python_version()}, {versions}."
