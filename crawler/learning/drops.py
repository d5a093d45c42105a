"""Learn what inside a container is not the article: blocks to drop by name, and paths of blocks to keep or to drop."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from crawler.extraction.blocks import ancestors, read_blocks, step
from crawler.extraction.selected import AT_END
from crawler.extraction.template import outermost, select
from crawler.folding import fold
from crawler.learning.align import Label
from crawler.learning.containers import drop_root, is_named
from crawler.learning.selectors import select_tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lxml.html import HtmlElement

    from crawler.learning.layout import LearnedPage
    from crawler.sites.profile import Template

MIN_BARE_EVIDENCE = 3
"""Furniture blocks that must stand under a path without any name before that path is dropped everywhere."""

_SET_APART = re.compile(r"\((?:b|i|bi)\)$")
_ANY_TEXT = re.compile(r"(?:Mso\w*|normal|text|body|content|paragraph|para)$", re.IGNORECASE)
"""Classes that editors give to any paragraph: one advert of that class says nothing."""


def learn_blocks(template: Template, pages: Sequence[LearnedPage]) -> Template:
    """Add to `template` what the blocks inside its containers show: drop selectors, paths to keep, paths to drop."""
    keep: Counter[str] = Counter()
    drop: Counter[str] = Counter()
    words: Counter[str] = Counter()
    selectors: Counter[str] = Counter()
    for page in pages:
        roots = _drop_roots(template, page)
        selectors.update(_drop_selectors(roots, page))
        named = {element for selector in selectors for element in select_tree(page.document.tree, selector)}
        for path, label, n_words in _inside(template, page, named):
            if label is Label.ARTICLE:
                keep[path] += 1
                words[path] += n_words
            elif label is Label.FURNITURE and (page.is_certain or _is_telling(path)):
                drop[path] += 1
                words[path] -= n_words
    kept = frozenset(path for path, n in keep.items() if n >= drop[path])
    dropped = sorted(
        path
        for path, n in drop.items()
        if n > keep[path] and words[path] <= 0 and (n >= MIN_BARE_EVIDENCE or _is_telling(path))
    )
    safe = [selector for selector in selectors if not any(_hits_article(selector, page) for page in pages)]
    return msgspec.structs.replace(
        template, drop=tuple(sorted(safe)), keep_blocks=tuple(sorted(kept)), drop_blocks=tuple(dropped)
    )


def _is_telling(path: str) -> bool:
    return "." in path or "#" in path or "(a" in path


def _tops(template: Template, page: LearnedPage) -> list[HtmlElement]:
    return outermost([*select(page.document, template.lede), *select(page.document, template.body)])


def _drop_roots(template: Template, page: LearnedPage) -> list[HtmlElement]:
    holders = page.holders
    tops = set(_tops(template, page))
    furniture = [
        block.element
        for block, label in zip(page.aligned.blocks, page.aligned.labels, strict=True)
        if label is Label.FURNITURE and any(element in tops for element in ancestors(block.element, page.document.tree))
    ]
    roots = (drop_root(element, holders, page.document.tree) for element in furniture)
    return [root for root in dict.fromkeys(roots) if root not in holders and root not in tops]


def _drop_selectors(roots: Iterable[HtmlElement], page: LearnedPage) -> set[str]:
    """Selectors of furniture whose name no article block shares, and that names furniture rather than any text."""
    steps = {step(element) for element in page.holders}
    names = {name for text in steps for name in _names(text)}
    found: set[str] = set()
    for root in roots:
        if is_named(root) and step(root) not in steps:
            own = [n for n in _names(step(root)) if n not in names and not _ANY_TEXT.match(n)]
            if own:
                found.add(own[0] if own[0].startswith("#") else f"{root.tag!s}.{own[0]}")
    return found


def _hits_article(selector: str, page: LearnedPage) -> bool:
    return not page.holders.isdisjoint(select_tree(page.document.tree, selector))


def _names(text: str) -> list[str]:
    """`#id` and classes of one step of a path."""
    return text.replace("#", ".#").split(".")[1:]


def _inside(template: Template, page: LearnedPage, named: set[HtmlElement]) -> list[tuple[str, Label, int]]:
    """(path below the container, label, words) of every block in the containers that no drop selector takes out.

    A bold or slanted line below the last paragraph gets a path of its own: between paragraphs such lines are headings.
    """
    labels = {
        (block.element, fold(block.text)): label
        for block, label in zip(page.aligned.blocks, page.aligned.labels, strict=True)
    }
    found: list[tuple[str, Label, int]] = []
    for top in _tops(template, page):
        for block in read_blocks(top, named):
            label = labels.get((block.element, fold(block.text)))
            if label is not None:
                found.append((block.key, label, block.text.count(" ") + 1))
    last = max((n for n, (_, label, _) in enumerate(found) if label is Label.ARTICLE), default=len(found))
    return [
        (f"{key}{AT_END}" if n > last and _SET_APART.search(key) else key, label, n_words)
        for n, (key, label, n_words) in enumerate(found)
    ]
