"""Learn one template from aligned seed pages of one layout."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.extraction.blocks import ancestors, step
from crawler.folding import fold
from crawler.learning.align import Label, align
from crawler.learning.containers import find_containers
from crawler.learning.selectors import position_of, selector_for
from crawler.sites.profile import Template

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

    from crawler.extraction.document import Document
    from crawler.learning.align import Aligned
    from crawler.learning.gold import GoldFields

MAX_EXTRA = 0.3
"""Furniture a selector may bring, as a share of the article words: paths and drop selectors take it out again."""

EMPTY_COST = 2
"""Words that an element without article text counts at least: it would hold other things on other pages."""

MIN_BODY_WORDS = 60
"""A text of a few blocks and fewer words is a lede: a photo story's, or a seed cut short. It shows no body."""

MAX_LIFT = 3
"""Ancestors tried for an element that has no name."""

MAX_LEDE_BLOCKS = 3
"""A container before the body with more blocks is part of the body."""


@dataclass(frozen=True, slots=True)
class LearnedPage:
    """A seed's page with its blocks labelled and its containers found."""

    document: Document
    gold: GoldFields
    aligned: Aligned
    containers: list[HtmlElement]
    holders: frozenset[HtmlElement]
    """Elements that hold article text."""
    is_certain: bool
    """True when a person said what the article is, False when generic extraction did."""


def learn_page(document: Document, gold: GoldFields, *, is_certain: bool = True) -> LearnedPage:
    """Align one seed with its page."""
    aligned = align(document.blocks, gold, document.tree)
    holders = frozenset(
        element
        for block, label in zip(aligned.blocks, aligned.labels, strict=True)
        if label is Label.ARTICLE
        for element in ancestors(block.element, document.tree)
    )
    return LearnedPage(document, gold, aligned, find_containers(aligned, document.tree), holders, is_certain)


def learn_containers(page: LearnedPage) -> Template:
    """Lede and body selectors of one page; none when no selector can be written or the text is only a lede."""
    groups = _groups(page)
    main = max(groups, key=lambda group: _weight(page, group), default=[])
    if len(_indexes(page, main)) <= MAX_LEDE_BLOCKS and _weight(page, main) < MIN_BODY_WORDS:
        return Template()
    costs = _furniture_words(page)
    lede: list[str] = []
    body: list[str] = []
    fit: list[str] = []
    for group in groups:
        selector = _container_selector(page, group, costs)
        if selector and selector not in body:
            is_lede = not lede and not body and group is not main and _is_lede(page, group)
            (lede if is_lede else body).append(selector)
            fit += [selector] if group is main else []
    return Template(fit=tuple(fit), lede=tuple(lede), body=tuple(body)) if fit else Template()


def _is_lede(page: LearnedPage, group: Sequence[HtmlElement]) -> bool:
    """True for what the gold calls the lede; where it names none, for one to three blocks above the body."""
    indexes = _indexes(page, group)
    if page.gold.lede:
        return fold(page.gold.lede) in {fold(page.aligned.blocks[index].text) for index in indexes}
    return len(group) == 1 and len(indexes) <= MAX_LEDE_BLOCKS


def _groups(page: LearnedPage) -> list[list[HtmlElement]]:
    """The containers, those of one kind together, in the order of the first of each kind."""
    kinds: dict[str, list[HtmlElement]] = {}
    for element in page.containers:
        kinds.setdefault(step(element), []).append(element)
    return list(kinds.values())


def _furniture_words(page: LearnedPage) -> Counter[HtmlElement]:
    """Words of furniture in each element that holds some."""
    words: Counter[HtmlElement] = Counter()
    for block, label in zip(page.aligned.blocks, page.aligned.labels, strict=True):
        if label is Label.FURNITURE:
            words.update(dict.fromkeys(ancestors(block.element, page.document.tree), block.text.count(" ") + 1))
    return words


def _container_selector(page: LearnedPage, group: list[HtmlElement], costs: Counter[HtmlElement]) -> str | None:
    """A selector by name; with some furniture if need be, or of a wider element; by position only where no name is."""
    tree = page.document.tree
    holders = page.holders

    def cost(other: HtmlElement) -> float:
        return costs[other] + (0 if other in holders else EMPTY_COST)

    n_words = _weight(page, group)
    by_name = selector_for(group, tree, cost) or selector_for(group, tree, cost, MAX_EXTRA * n_words)
    if by_name:
        return by_name
    first = group[0]
    for parent in itertools.islice(first.iterancestors(), MAX_LIFT):
        if costs[parent] - costs[first] > MAX_EXTRA * n_words:
            break
        if wider := selector_for([parent], tree, cost):
            return wider
    return position_of(first)


def _weight(page: LearnedPage, group: Sequence[HtmlElement]) -> float:
    return sum(page.aligned.weight(index) for index in _indexes(page, group))


def _indexes(page: LearnedPage, group: Sequence[HtmlElement]) -> list[int]:
    wanted = set(group)
    return [
        index
        for index, (block, label) in enumerate(zip(page.aligned.blocks, page.aligned.labels, strict=True))
        if label is Label.ARTICLE and not wanted.isdisjoint(ancestors(block.element, page.document.tree))
    ]
