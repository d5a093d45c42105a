"""How two articles are related, each relation with the figure it was decided on."""

from __future__ import annotations

import enum
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crawler.folding import fold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crawler.dedup.sketches import Sketch


_PART = re.compile(r"\b(?:bai|ky|phan|tap|part)\s+(cuoi|\d{1,3}|[ivx]{1,5})\b")


class Relation(enum.StrEnum):
    """What an article is to another one. Codes are API: they stand in `duplicates/`."""

    EXACT_COPY = "exact_copy"
    """The folded texts are equal. Likeness 1."""
    SECOND_URL = "second_url"
    """The same story under another address of the same site. Likeness as of EXACT_COPY or NEAR_DUPLICATE."""
    REVISION = "revision"
    """The same page, fetched again. Likeness: Jaccard."""
    NEAR_DUPLICATE = "near_duplicate"
    """Most of each is in the other. Likeness: Jaccard of the shingles."""
    EXCERPT = "excerpt"
    """Most of it is in the other, which has more. Likeness: share of its syllables found there."""
    EXTENSION = "extension"
    """Most of the other is in it, and it has more. Likeness: share of the other's syllables found here."""
    SERIES = "series"
    """Another part of the same series: no duplicate. Likeness: Jaccard."""
    NOTICE = "notice"
    """The same form filled with other numbers or names: no duplicate. Likeness: Jaccard."""
    DIFFERENT = "different"
    """Two articles, though they may quote the same sentences. Likeness: Jaccard."""


NOT_DUPLICATES = frozenset({Relation.SERIES, Relation.NOTICE, Relation.DIFFERENT})
"""Relations of two articles that both belong into the corpus."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where a relation begins; settings DEDUP_* fill it. Calibration: docs/deduplication.md."""

    jaccard: float = 0.5
    """Least Jaccard likeness of two duplicates, unless one is contained in the other."""
    contained: float = 0.75
    """Least share of the shorter text's syllables that stand in passages of the longer one."""
    both: float = 0.6
    """Least such share of the longer text for a near duplicate; below it, the shorter is an excerpt."""
    form: float = 0.9
    """Least likeness of two texts without numbers and names to be one form filled twice."""
    facts: float = 0.75
    """Least share of numbers and names that two texts of one form have in common to be duplicates."""
    n_facts: int = 2
    """Least number of numbers and names that differ before two texts are notices of one form."""


@dataclass(frozen=True)
class Version:
    """What of an article is compared."""

    id: str
    site: str
    title: str
    content_hash: str
    sketch: Sketch


@dataclass(frozen=True, slots=True)
class Likeness:
    """The verdict on one article beside another, and its figure from 0 to 1."""

    relation: Relation
    figure: float

    @property
    def is_duplicate(self) -> bool:
        """Whether one of the two is enough for the corpus."""
        return self.relation not in NOT_DUPLICATES


def relate(one: Version, other: Version, thresholds: Thresholds) -> Likeness:
    """What `one` is to `other`. Swapping the two swaps EXCERPT and EXTENSION and changes nothing else."""
    jaccard = jaccard_likeness(one.sketch.distinct, other.sketch.distinct)
    if one.id == other.id:
        return Likeness(Relation.REVISION, jaccard)
    if not one.sketch.words or not other.sketch.words:
        return Likeness(Relation.DIFFERENT, 0.0)
    if one.content_hash == other.content_hash:
        return Likeness(_by_site(Relation.EXACT_COPY, one, other), 1.0)
    likeness = _overlap(one.sketch, other.sketch, jaccard, thresholds)
    if likeness.is_duplicate and is_series(one.title, other.title):
        return Likeness(Relation.SERIES, jaccard)
    if likeness.is_duplicate and is_form(one.sketch, other.sketch, thresholds):
        return Likeness(Relation.NOTICE, jaccard)
    return Likeness(_by_site(likeness.relation, one, other), likeness.figure)


def jaccard_likeness(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> float:
    """Shared by all distinct shingles, 0 to 1; both sorted."""
    shared = len(np.intersect1d(one, other, assume_unique=True))
    total = len(one) + len(other) - shared
    return shared / total if total else 0.0


def coverage(one: Sketch, other: Sketch) -> float:
    """Share of `one`'s syllables that stand in a shingle which `other` has too, 0 to 1.

    Unlike the share of shingles it falls by one syllable, not by five, where one word was changed.
    """
    shared = np.isin(one.shingles, other.distinct)
    size = len(one.words) - len(shared) + 1
    steps = np.zeros(len(one.words) + 1, dtype=np.int64)
    steps[:-size] += shared
    steps[size:] -= shared
    return float(np.count_nonzero(np.cumsum(steps)[:-1])) / max(1, len(one.words))


def _overlap(one: Sketch, other: Sketch, jaccard: float, thresholds: Thresholds) -> Likeness:
    of_one, of_other = coverage(one, other), coverage(other, one)
    is_shorter = (len(one.words), of_other) <= (len(other.words), of_one)
    of_shorter, of_longer = (of_one, of_other) if is_shorter else (of_other, of_one)
    if jaccard < thresholds.jaccard and of_shorter < thresholds.contained:
        return Likeness(Relation.DIFFERENT, jaccard)
    if jaccard >= thresholds.jaccard or of_longer >= thresholds.both:
        return Likeness(Relation.NEAR_DUPLICATE, jaccard)
    return Likeness(Relation.EXCERPT if is_shorter else Relation.EXTENSION, of_shorter)


def _by_site(relation: Relation, one: Version, other: Version) -> Relation:
    is_same_story = relation in {Relation.EXACT_COPY, Relation.NEAR_DUPLICATE}
    return Relation.SECOND_URL if is_same_story and one.site == other.site else relation


def series_part(title: str) -> str | None:
    """`2` of "… - Bài 2: …", Roman numerals and "cuối" as they stand; None for a title that is no part."""
    found = _PART.search(fold(title))
    return found[1].lstrip("0") if found else None


def is_series(one: str, other: str) -> bool:
    """Whether two titles name different parts of a series."""
    first, second = series_part(one), series_part(other)
    return first is not None and second is not None and first != second


def is_form(one: Sketch, other: Sketch, thresholds: Thresholds) -> bool:
    """Whether two texts say the same of other numbers and names: forecasts, prices, obituaries."""
    facts, others = facts_of(one), facts_of(other)
    differing = max((facts - others).total(), (others - facts).total())
    if differing < thresholds.n_facts:
        return False
    agreement = (facts & others).total() / max(1, min(facts.total(), others.total()))
    return agreement < thresholds.facts and form_likeness(one, other) >= thresholds.form


def facts_of(sketch: Sketch) -> Counter[str]:
    """The numbers, without leading zeros, and names of a text."""
    return Counter(word.lstrip("0") for word in sketch.words if is_fact(word))


def is_fact(word: str) -> bool:
    """Whether a marked word is a number or a name."""
    return word[0].isupper() or any(char.isdigit() for char in word)


def form_likeness(one: Sketch, other: Sketch) -> float:
    """Dice likeness of the words that are neither number nor name, counted with repeats, 0 to 1."""
    words = Counter(word for word in one.words if not is_fact(word))
    others = Counter(word for word in other.words if not is_fact(word))
    return 2 * (words & others).total() / max(1, words.total() + others.total())
