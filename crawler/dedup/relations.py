"""How two articles are related, each relation with the figure it was decided on."""

from __future__ import annotations

import enum
import re
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from crawler.dedup.forms import is_form
from crawler.dedup.overlaps import coverage, is_in
from crawler.errors import OptionError
from crawler.folding import fold

if TYPE_CHECKING:
    from crawler.dedup.sketches import Sketch


PASSAGE = 13
"""Syllables of a passage that is no formula: about half a sentence."""
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

    jaccard: float = 0.6
    """Least Jaccard likeness of two duplicates, unless one is contained in the other."""
    contained: float = 0.7
    """Least share of the shorter text's syllables that stand in passages of the longer one."""
    passages: float = 0.5
    """Least share of the shorter text's syllables that stand in passages of PASSAGE syllables of the longer one.

    A long text has many a formula of a short one, here and there; what was taken over comes in sentences.
    """
    both: float = 0.6
    """Least such share of the longer text, and of the two lengths, for a near duplicate; below it: an excerpt."""
    extension: float = 0.0
    """Least share of an article's syllables that a kept excerpt of it must have for the article to be a duplicate.

    0: whoever comes second is one. 0.5: an article that says twice as much as what is kept of it is kept too.
    """
    form: float = 0.9
    """Least likeness of two texts without numbers and names to be one form filled twice."""
    facts: float = 0.8
    """Least share of numbers and names that two texts of one form have in common to be duplicates."""
    equal_form: float = 0.95
    """The same for two texts that differ in a few numbers only."""
    numbers: float = 0.1
    """Share of replaced numbers from which two texts of an equal form are not duplicates."""
    n_facts: int = 2
    """Least number of numbers and names that were replaced before two texts are notices of one form."""

    def __post_init__(self) -> None:
        """Raises OptionError for a value that is no number from 0 up."""
        for name, value in asdict(self).items():
            if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
                raise OptionError(f"DEDUP: {name} = {value!r} is no number from 0 up")


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
    n_shared: int
    """Distinct shingles in both: the greater, the more one says what the other does, whatever the relation."""

    @property
    def is_duplicate(self) -> bool:
        """Whether one of the two is enough for the corpus."""
        return self.relation not in NOT_DUPLICATES


def relate(one: Version, other: Version, thresholds: Thresholds) -> Likeness:
    """What `one` is to `other`. Swapping the two swaps EXCERPT and EXTENSION and changes nothing else."""
    unlike = _unlike(one.sketch, other.sketch)
    if one.id == other.id:
        return replace(unlike, relation=Relation.REVISION)
    if not unlike.n_shared:
        return unlike
    if one.content_hash == other.content_hash:
        return Likeness(_by_site(Relation.EXACT_COPY, one, other), 1.0, unlike.n_shared)
    likeness = _overlap(one.sketch, other.sketch, unlike, thresholds)
    if likeness.is_duplicate and is_series(one.title, other.title):
        return replace(unlike, relation=Relation.SERIES)
    if likeness.is_duplicate and is_form(one.sketch, other.sketch, thresholds):
        return replace(unlike, relation=Relation.NOTICE)
    return replace(likeness, relation=_by_site(likeness.relation, one, other))


def is_repeat(new: Version, kept: Version, likeness: Likeness, thresholds: Thresholds) -> bool:
    """Whether `new`, which is `likeness` to `kept`, adds too little to be kept beside it."""
    if likeness.relation is Relation.EXTENSION:
        return coverage(new.sketch, kept.sketch) >= thresholds.extension
    return likeness.is_duplicate


def _unlike(one: Sketch, other: Sketch) -> Likeness:
    n_shared = int(np.count_nonzero(is_in(one.distinct, other.distinct)))
    n_all = len(one.distinct) + len(other.distinct) - n_shared
    return Likeness(Relation.DIFFERENT, n_shared / n_all if n_all else 0.0, n_shared)


def _overlap(one: Sketch, other: Sketch, unlike: Likeness, thresholds: Thresholds) -> Likeness:
    is_shorter = (len(one.words), one.words) <= (len(other.words), other.words)
    shorter, longer = (one, other) if is_shorter else (other, one)
    is_like = unlike.figure >= thresholds.jaccard
    contained = coverage(shorter, longer)
    is_taken_over = contained >= thresholds.contained and coverage(shorter, longer, PASSAGE) >= thresholds.passages
    if not (is_like or is_taken_over):
        return unlike
    is_as_long = len(shorter.words) >= thresholds.both * len(longer.words)
    if is_like or (is_as_long and coverage(longer, shorter) >= thresholds.both):
        return replace(unlike, relation=Relation.NEAR_DUPLICATE)
    return Likeness(Relation.EXCERPT if is_shorter else Relation.EXTENSION, contained, unlike.n_shared)


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
