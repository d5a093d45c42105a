"""Made-up stories by number, and a corpus of them with reprints, cuts and copies: any size, always the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MEAN_SYLLABLES = 320
FILE_ROWS, GROUP_ROWS = 100_000, 20_000
DISTINCT_ROWS = 1_000_000
"""From here on the rows are those of the beginning once more, each syllable with a letter before it: all others."""
SITES = [f"bao_so_{number:02d}" for number in range(1, 41)]
_ONSETS = re.findall(r"\w+", "b c ch d đ g h k kh l m n ng nh ph qu r s t th tr v x")
_RHYMES = re.findall(
    r"\w+",
    "a ac ai am an ang anh ao ap at au ay e em en eo ep i ia iêm iên iêu im in inh o oa oai oan oi om on ong "
    "u ua ui um un ung uôi uôn uông ươi ươn ương y yên",
)
_SYLLABLES = np.array([onset + rhyme for onset in _ONSETS for rhyme in _RHYMES])
_SHUFFLED = np.random.default_rng(3).permutation(_SYLLABLES)
_WEIGHTS = 1 / (np.arange(len(_SYLLABLES)) + 20.0)
_CUMULATED = np.cumsum(_WEIGHTS / _WEIGHTS.sum())
_PLAIN, _EXACT, _CUT, _EDITED = range(4)
_SHARES = np.cumsum([0.8, 0.05, 0.05, 0.1])
"""Rows that are a story of their own, a copy, a story without its end, a story with another lede and a change."""


def story(number: int) -> list[str]:
    """Syllables of a story."""
    dice = np.random.default_rng(number)
    n = int(np.clip(dice.lognormal(np.log(MEAN_SYLLABLES * 0.84), 0.6), 40, 4_000))
    return _SHUFFLED[np.searchsorted(_CUMULATED, dice.random(n))].tolist()


def row(number: int) -> tuple[str, str, str]:
    """Site, title and text of a row: its own story, or what another site made of one shortly before it."""
    dice = np.random.default_rng([number, 1])
    kind = int(np.searchsorted(_SHARES, dice.random()))
    words = story(number if kind == _PLAIN else max(0, number - 1 - int(dice.integers(0, 50))))
    if kind == _CUT:
        words = words[: len(words) - len(words) // 5]
    elif kind == _EDITED:
        place = int(dice.integers(0, len(words)))
        words = [*story(number)[:12], *words[:place], "này", *words[place + 1 :]]
    return SITES[int(dice.integers(0, len(SITES)))], " ".join(words[:9]), " ".join(words)


def tables(first: int, n: int) -> Iterator[pa.Table]:
    """Rows in tables of GROUP_ROWS at most."""
    for begin in range(first, first + n, GROUP_ROWS):
        numbers = range(begin, min(begin + GROUP_ROWS, first + n))
        sites, titles, texts = zip(*map(row, numbers), strict=True)
        ids = [f"row-{number:09d}" for number in numbers]
        yield pa.table({"id": ids, "site": sites, "title": titles, "text": texts})


def _spelled_apart(table: pa.Table, first: int) -> pa.Table:
    """Rows from `first` on out of those of the first million."""
    mark = "wfjz"[(first // DISTINCT_ROWS - 1) % 4] * (1 + (first // DISTINCT_ROWS - 1) // 4)
    ids = pa.array([f"row-{number:09d}" for number in range(first, first + len(table))])
    made = {name: pc.replace_substring(pc.binary_join_element_wise(mark, table[name], ""), " ", f" {mark}")
            for name in ("title", "text")}  # fmt: skip
    return pa.table({"id": ids, "site": table["site"], **made})


def write(folder: Path, n: int) -> Path:
    """A folder with a corpus of `n` rows; files that are there are taken as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    for first in range(0, n, FILE_ROWS):
        path = folder / f"stories-{first:09d}.parquet"
        if path.is_file():
            continue
        draft = path.with_suffix(".draft")
        if first < DISTINCT_ROWS:
            made = pa.concat_tables(tables(first, min(FILE_ROWS, n - first)))
        else:
            made = pq.read_table(folder / f"stories-{first % DISTINCT_ROWS:09d}.parquet")[: n - first]
            made = _spelled_apart(made, first)
        pq.write_table(made, draft, GROUP_ROWS, compression="zstd")
        draft.rename(path)
    return folder
