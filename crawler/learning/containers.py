"""Find the elements that hold a seed's text and little else."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.extraction.blocks import ancestors, is_stable
from crawler.folding import fold
from crawler.learning.align import Label

if TYPE_CHECKING:
    from collections.abc import Collection, Container

    from lxml.html import HtmlElement

    from crawler.learning.align import Aligned

COST_NAMED = 4.0
"""Words of text that another container must bring to be worth its selector, if it has a name of its own."""

COST_NAMELESS = 40.0
COST_PARAGRAPH = 25.0
COST_NAMELESS_PARAGRAPH = 60.0
"""Paragraphs picked one by one are brittle: the next page has others."""

COST_FURNITURE = 1.5
"""What a word of furniture costs that no selector can take out again."""

COST_DROPPABLE = 0.5
"""What a word of furniture costs that stands in a block of its own name."""

MIN_INNER = 0.6
"""Share of a container's text that an element inside it holds to take its place."""

MAX_REST = 3
"""Blocks of the text that may lie beside it, each to be found by a name of its own."""

MIN_LEFT_OUT = 6
"""Words of an article block outside every container that make it worth a selector of its own."""

_PARAGRAPHS_LIST = "p li h1 h2 h3 h4 h5 h6 td th tr dd dt blockquote pre ul ol table tbody center font span"
_PARAGRAPHS = frozenset(_PARAGRAPHS_LIST.split())


@dataclass(slots=True)
class _Sums:
    article: float = 0.0
    furniture: float = 0.0
    droppable: float = 0.0


def is_named(element: HtmlElement) -> bool:
    """True when an element has an id, class or itemprop that stays from page to page."""
    names = [element.get("id") or "", element.get("itemprop") or "", *(element.get("class") or "")[:500].split()]
    return any(map(is_stable, names))


def drop_root(element: HtmlElement, holders: Collection[HtmlElement], tree: HtmlElement) -> HtmlElement:
    """The largest element around `element` that holds no article text (`element` itself if it does)."""
    root = element
    for parent in ancestors(element, tree):
        if parent in holders:
            break
        root = parent
    return root


def find_containers(aligned: Aligned, tree: HtmlElement) -> list[HtmlElement]:
    """Disjoint elements that together hold the article's blocks at the least cost, in page order."""
    sums = _sum_up(aligned, tree)
    best: dict[HtmlElement, tuple[float, tuple[HtmlElement, ...]]] = {}
    for element in _post_order(tree, sums):
        below = [best[child] for child in element if child in best]
        split = (sum(gain for gain, _ in below), tuple(e for _, chosen in below for e in chosen))
        whole = _gain(element, sums[element], sums)
        best[element] = (whole, (element,)) if whole > split[0] else split
    chosen = [_tighten(element, aligned, tree, sums) for element in best[tree][1]] if tree in best else []
    return _in_order([*chosen, *_left_out(aligned, tree, set(chosen), sums)], tree)


def _in_order(elements: list[HtmlElement], tree: HtmlElement) -> list[HtmlElement]:
    wanted = set(elements)
    return [element for element in tree.iter() if element in wanted]


def _tighten(
    container: HtmlElement, aligned: Aligned, tree: HtmlElement, sums: dict[HtmlElement, _Sums]
) -> HtmlElement:
    """The named element inside `container` that holds most of its text, if the rest are a few named blocks.

    A wrapper around headline, lede and body reads as well on the seed, but gathers whatever else a page has there.
    """
    whole = sums[container]
    inner = [e for e in container.iterdescendants() if e in sums and sums[e].article >= MIN_INNER * whole.article]
    for element in reversed([e for e in inner if e.tag not in _PARAGRAPHS and is_named(e)]):
        rest = [
            block
            for block, label in zip(aligned.blocks, aligned.labels, strict=True)
            if label is Label.ARTICLE and _is_between(block.element, element, container, tree)
        ]
        if len(rest) <= MAX_REST and all(_named_around(block.element, tree, sums) is not None for block in rest):
            return element
    return container


def _is_between(block: HtmlElement, inner: HtmlElement, outer: HtmlElement, tree: HtmlElement) -> bool:
    around = set(ancestors(block, tree))
    return outer in around and inner not in around


def _named_around(block: HtmlElement, tree: HtmlElement, sums: dict[HtmlElement, _Sums]) -> HtmlElement | None:
    """The largest named element around an article block that holds no furniture."""
    pure = [e for e in ancestors(block, tree) if not sums[e].furniture and not sums[e].droppable]
    return next((element for element in reversed(pure) if is_named(element)), None)


def _left_out(
    aligned: Aligned, tree: HtmlElement, chosen: set[HtmlElement], sums: dict[HtmlElement, _Sums]
) -> list[HtmlElement]:
    """Named elements of article blocks that no container holds, such as a short lede above the body."""
    covered = {
        fold(block.text)
        for block, label in zip(aligned.blocks, aligned.labels, strict=True)
        if label is Label.ARTICLE and chosen & set(ancestors(block.element, tree))
    }
    found: dict[HtmlElement, None] = {}
    for block, label in zip(aligned.blocks, aligned.labels, strict=True):
        folded = fold(block.text)
        if label is Label.ARTICLE and folded not in covered and folded.count(" ") + 1 >= MIN_LEFT_OUT:
            named = _named_around(block.element, tree, sums)
            if named is not None:
                found[named] = None
                covered.add(folded)
    return list(found)


def _sum_up(aligned: Aligned, tree: HtmlElement) -> dict[HtmlElement, _Sums]:
    sums: dict[HtmlElement, _Sums] = defaultdict(_Sums)
    for index, (block, label) in enumerate(zip(aligned.blocks, aligned.labels, strict=True)):
        if label is Label.ARTICLE:
            for element in ancestors(block.element, tree):
                sums[element].article += aligned.weight(index)
    holders = set(sums)
    for block, label in zip(aligned.blocks, aligned.labels, strict=True):
        if label is not Label.FURNITURE:
            continue
        root = drop_root(block.element, holders, tree)
        n_words = block.text.count(" ") + 1
        for element in ancestors(root, tree):
            if element in holders and root not in holders and is_named(root):
                sums[element].droppable += n_words
            elif element in holders:
                sums[element].furniture += n_words
    return dict(sums)


def _post_order(tree: HtmlElement, sums: dict[HtmlElement, _Sums]) -> list[HtmlElement]:
    return [element for element in reversed(list(tree.iter())) if element in sums]


def _gain(element: HtmlElement, sums: _Sums, has_text: Container[HtmlElement]) -> float:
    named = is_named(element)
    if element.tag in _PARAGRAPHS or not any(child in has_text for child in element):
        cost = COST_PARAGRAPH if named else COST_NAMELESS_PARAGRAPH
    else:
        cost = COST_NAMED if named else COST_NAMELESS
    return sums.article - COST_FURNITURE * sums.furniture - COST_DROPPABLE * sums.droppable - cost
