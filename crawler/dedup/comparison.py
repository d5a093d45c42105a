"""The candidates of a whole corpus, compared in full: which are duplicates, and which one stands for which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.dedup.relations import Relation, relate
from crawler.dedup.stars import Families, stars

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crawler.dedup.relations import Thresholds
    from crawler.dedup.texts import Texts

Pair = tuple[str, str, str, float]
"""id, other_id, what the first is to the other, likeness."""


class Comparison:
    """Compares texts by their ranks, each pair once."""

    def __init__(self, texts: Texts, thresholds: Thresholds) -> None:
        self._texts = texts
        self._thresholds = thresholds
        self._families = Families(texts.n_texts)
        self._found: dict[tuple[int, int], Pair] = {}
        self._shared: dict[tuple[int, int], int] = {}

    def compare_all(self, candidates: Iterable[tuple[int, int]]) -> None:
        """Compare the candidates, as far as they are not in one large family already."""
        families = self._families
        for first, second in candidates:
            if not families.is_large(first) or families.of(first) != families.of(second):
                self._compare(first, second)

    def pairs(self) -> Iterator[Pair]:
        """All duplicates that were found."""
        return iter(self._found.values())

    def centres(self) -> dict[int, int]:
        """The text that stands for each one of those that have duplicates: longer ones first, then the least id."""
        members = {rank for pair in self._shared for rank in pair}
        return stars(sorted(members, key=self._preference), dict(self._shared), self._families, self._compare)

    def _preference(self, rank: int) -> tuple[int, str]:
        row = self._texts.row_of(rank)
        return -int(self._texts.n_words[row]), self._texts.row(row).id

    def _compare(self, first: int, second: int) -> int:
        """How many shingles two duplicates share; 0 for texts that are none."""
        one, other = sorted((self._texts.version(first), self._texts.version(second)), key=lambda version: version.id)
        likeness = relate(one, other, self._thresholds)
        if not likeness.is_duplicate:
            return 0
        key = (first, second) if first < second else (second, first)
        self._found[key] = (one.id, other.id, str(likeness.relation), likeness.figure)
        self._shared[key] = likeness.n_shared
        if likeness.relation in {Relation.NEAR_DUPLICATE, Relation.SECOND_URL}:
            self._families.join(first, second)
        return likeness.n_shared
