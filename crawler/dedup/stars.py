"""Clusters of texts around those that stay: whoever goes repeats the one that stays, not a friend of a friend."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

MAX_COMPLETE = 32
"""Members of a family up to which all its pairs are compared; of a larger one as many as connect it."""
MAX_CENTRES = 16
"""Centres of a large family, the first ones, to which a member that was compared with none of them is compared."""


class Families:
    """Texts that are near duplicates of each other, also by way of others. Excerpts join nothing: a digest has many."""

    def __init__(self, n: int) -> None:
        self._parents = list(range(n))
        self._sizes = [1] * n

    def of(self, member: int) -> int:
        """Name of the family; the path to it is halved on the way (Tarjan and van Leeuwen 1984)."""
        while self._parents[member] != member:
            self._parents[member] = self._parents[self._parents[member]]
            member = self._parents[member]
        return member

    def is_large(self, member: int) -> bool:
        """Whether not all pairs of the family were compared."""
        return self._sizes[self.of(member)] >= MAX_COMPLETE

    def join(self, one: int, other: int) -> None:
        """Make one family of two."""
        first, second = sorted((self.of(one), self.of(other)))
        if first != second:
            self._parents[second] = first
            self._sizes[first] += self._sizes[second]


def stars(
    members: Iterable[int],
    shared: Mapping[tuple[int, int], int],
    families: Families,
    compare: Callable[[int, int], int],
) -> dict[int, int]:
    """The centre of each member; a centre is its own.

    `members`: whom to keep comes first. `shared`: shingles that two duplicates (lesser, greater) share. `compare`: the
    same for two that may never have been compared, 0 for no duplicates. A member goes to the centre it shares most
    with, of equal ones to the first, and becomes a centre when it repeats none.
    """
    near: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for (one, other), n in shared.items():
        near[one].append((n, other))
        near[other].append((n, one))
    centres: dict[int, int] = {}
    places: dict[int, int] = {}
    by_family: dict[int, list[int]] = defaultdict(list)
    for place, member in enumerate(members):
        family = families.of(member)
        found = [(n, other) for n, other in near[member] if centres.get(other) == other]
        if not found and families.is_large(member):
            found = [(n, other) for other in by_family[family][:MAX_CENTRES] if (n := compare(member, other))]
        _, centres[member] = max(found, key=lambda pair: (pair[0], -places[pair[1]]), default=(0, member))
        if centres[member] == member:
            places[member] = place
            by_family[family].append(member)
    return centres
