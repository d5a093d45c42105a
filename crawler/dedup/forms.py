"""Forms filled again and again: forecasts, prices, obituaries. They say the same of other numbers and names.

A fact is *replaced* where its surroundings stand in both texts with another fact between them. Facts of a passage that
one of the two texts cut are not replaced: two papers that shorten one story differently publish one story.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from crawler.dedup.overlaps import is_covered
from crawler.dedup.winnowing import SHINGLE_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crawler.dedup.relations import Thresholds
    from crawler.dedup.sketches import Sketch

SURROUNDINGS = 2
"""Words, facts not counted, on either side of a place that make it the same place in two texts."""
Facts = Counter[str]
Around = tuple[tuple[str, ...], int]


class Replaced(NamedTuple):
    """How much of a text another one has otherwise."""

    n_facts: int
    """Numbers and names."""
    n_numbers: int
    """Numbers that stand for a number."""


@dataclass(frozen=True, slots=True)
class _Place:
    """What stands between two neighbouring words of a text that are no facts."""

    around: tuple[str, ...]
    facts: tuple[str, ...]
    is_shared: bool
    """Whether all of the facts stand in passages that the other text has word for word."""


def is_form(one: Sketch, other: Sketch, thresholds: Thresholds) -> bool:
    """Whether two texts say the same of other numbers and names; the same whichever comes first."""
    one, other = sorted((one, other), key=lambda sketch: sketch.words)
    facts, others = facts_of(one), facts_of(other)
    swapped = _swapped(facts, others)
    if swapped.n_facts < thresholds.n_facts:
        return False
    alike = form_likeness(one, other)
    if alike < min(thresholds.form, thresholds.equal_form):
        return False
    n_all = Replaced(min(facts.total(), others.total()), min(_n_numbers(facts), _n_numbers(others)))
    # looking at places is dear, and in vain where few facts are gone
    return _is_refilled(swapped, n_all, alike, thresholds) and _is_refilled(
        replaced(one, other), n_all, alike, thresholds
    )


def _is_refilled(swapped: Replaced, n_all: Replaced, alike: float, thresholds: Thresholds) -> bool:
    if swapped.n_facts < thresholds.n_facts:
        return False
    if alike >= thresholds.form and swapped.n_facts > (1 - thresholds.facts) * n_all.n_facts:
        return True
    n_least = max(thresholds.n_facts, thresholds.numbers * n_all.n_numbers)
    return alike >= thresholds.equal_form and swapped.n_numbers >= n_least


def replaced(one: Sketch, other: Sketch) -> Replaced:
    """How many facts of `one` have another fact in their place in `other`."""
    found = [
        _swapped(Counter(place.facts), Counter(counterpart.facts))
        for place, counterpart in _aligned(list(_places(one, other)), list(_places(other, one)))
        if not (place.is_shared or counterpart.is_shared)
    ]
    return Replaced(sum(swapped.n_facts for swapped in found), sum(swapped.n_numbers for swapped in found))


def _swapped(facts: Facts, others: Facts) -> Replaced:
    gone, come = facts - others, others - facts
    return Replaced(min(gone.total(), come.total()), min(_n_numbers(gone), _n_numbers(come)))


def facts_of(sketch: Sketch) -> Facts:
    """The numbers (16 for 16h and 016) and names of a text."""
    return Counter(map(_value, sketch.facts))


def form_likeness(one: Sketch, other: Sketch) -> float:
    """Dice likeness of the words that are neither number nor name, counted with repeats, 0 to 1."""
    words, others = Counter(one.plain), Counter(other.plain)
    return 2 * (words & others).total() / max(1, words.total() + others.total())


def _places(one: Sketch, other: Sketch) -> Iterator[_Place]:
    is_shared = is_covered(one, other, SHINGLE_SIZE)
    edge = ("",) * SURROUNDINGS
    plain = (*edge, *one.plain, *edge)
    known = frozenset(one.facts)
    facts: list[str] = []
    has_own = False
    place = 0
    for word, shared in zip((*one.words, ""), (*is_shared.tolist(), True), strict=True):
        if word in known:
            facts.append(_value(word))
            has_own |= not shared
            continue
        yield _Place(plain[place : place + 2 * SURROUNDINGS], tuple(facts), not has_own)
        facts, has_own = [], False
        place += 1


def _aligned(places: Sequence[_Place], others: Sequence[_Place]) -> Iterator[tuple[_Place, _Place]]:
    """Pairs of the same place, in the order of both texts: as many as there can be."""
    where = {around: index for index, around in enumerate(_numbered(others))}
    pairs = [(index, where[around]) for index, around in enumerate(_numbered(places)) if around in where]
    for index in _longest_rise([counterpart for _, counterpart in pairs]):
        place, counterpart = pairs[index]
        yield places[place], others[counterpart]


def _numbered(places: Iterable[_Place]) -> Iterator[Around]:
    """What is around each place, and the how many-th place of the text it is around."""
    seen: Counter[tuple[str, ...]] = Counter()
    for place in places:
        yield place.around, seen[place.around]
        seen[place.around] += 1


def _longest_rise(values: Sequence[int]) -> list[int]:
    """Indices of a longest increasing subsequence of distinct values, in O(n log n) (Fredman 1975)."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for index, value in enumerate(values):
        length = bisect_left(tails, value)
        before.append(ends[length - 1] if length else -1)
        tails[length : length + 1] = [value]
        ends[length : length + 1] = [index]
    rise: list[int] = []
    index = ends[-1] if ends else -1
    while index >= 0:
        rise.append(index)
        index = before[index]
    return rise[::-1]


def _n_numbers(facts: Facts) -> int:
    return sum(n for fact, n in facts.items() if fact[0].isdigit())


def _value(word: str) -> str:
    digits = "".join(char for char in word if char.isdigit())
    return digits.lstrip("0") or digits or word
