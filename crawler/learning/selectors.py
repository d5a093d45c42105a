"""Write selectors that a person can read and that survive to the next page."""

from __future__ import annotations

import itertools
import math
import re
from typing import TYPE_CHECKING

from lxml.html import HtmlElement

from crawler.extraction.blocks import is_stable
from crawler.sites.selectors import compile_selector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_TELLING = re.compile(
    r"content|detail|body|article|entry|post|story|text|fck|main|news|sapo|lead|summary|desc|title|head|author|byline|"
    r"date|time|caption|source|section|cate|intro|noi-?dung|tieu-?de|bai-?viet|tac-?gia",
    re.IGNORECASE,
)
_LAYOUT = re.compile(
    r"^(?:col|row|container|clearfix|left|right|center|fl|fr|cf|active|show|hide|hidden|wrap|wrapper|inner|block|box|"
    r"first|last|odd|even|flex|grid|text-|font|bold|m[tblrxy]?-?\d|p[tblrxy]?-?\d|w-|h-|d-|mt|mb|width|size)\w*",
    re.IGNORECASE,
)
_ATTRIBUTES = ("itemprop", "data-role", "data-field", "property", "role")
MAX_LIFT = 6
"""Ancestors tried as an anchor."""


def select_tree(tree: HtmlElement, selector: str) -> list[HtmlElement]:
    """Elements of `tree` that `selector` finds."""
    found = compile_selector(selector)(tree)
    return [item for item in found if isinstance(item, HtmlElement)] if isinstance(found, list) else []


def selector_for(
    targets: Sequence[HtmlElement],
    tree: HtmlElement,
    cost: Callable[[HtmlElement], float] = lambda _: math.inf,
    budget: float = 0,
) -> str | None:
    """The simplest selector that finds all `targets`; what else it finds costs `budget` at most, or None."""
    wanted = set(targets)
    for selector in _candidates(targets[0]):
        found = set(select_tree(tree, selector))
        if wanted <= found and sum(cost(element) for element in found - wanted) <= budget:
            return selector
    return None


def first_selector_for(target: HtmlElement, tree: HtmlElement) -> str | None:
    """The simplest selector whose first match is `target`."""
    return next((s for s in _candidates(target) if select_tree(tree, s)[:1] == [target]), None)


def stable_classes(element: HtmlElement) -> list[str]:
    """Classes that stay from page to page, the most telling first."""
    return sorted(filter(is_stable, (element.get("class") or "")[:500].split()), key=_rank)


def position_of(target: HtmlElement) -> str | None:
    """A selector that counts siblings below the nearest named ancestor: the last resort of pages that name nothing."""
    for parent in itertools.islice(target.iterancestors(), MAX_LIFT):
        anchor = next(_own(parent), None)
        if anchor:
            return _position_below(parent, anchor, target)
    return None


def _candidates(element: HtmlElement) -> Iterator[str]:
    yield from _own(element)
    for distance, parent in enumerate(itertools.islice(element.iterancestors(), MAX_LIFT)):
        for anchor in _own(parent):
            joint = " > " if distance == 0 else " "
            for own in (*itertools.islice(_own(element), 3), str(element.tag)):
                yield f"{anchor}{joint}{own}"


def _own(element: HtmlElement) -> Iterator[str]:
    """Selectors made of the element's own id, attributes and classes, the most telling first."""
    id_ = (element.get("id") or "").strip()
    tag = str(element.tag)
    if not re.fullmatch(r"[a-z][a-z0-9]*", tag):
        return
    if is_stable(id_):
        yield f"#{id_}" if tag == "div" else f"{tag}#{id_}"
    for name in _ATTRIBUTES:
        value = element.get(name)
        if value and is_stable(value):
            yield f'{tag}[{name}="{value}"]'
    classes = stable_classes(element)
    yield from (f"{tag}.{name}" for name in classes)
    yield from (f"{tag}.{first}.{second}" for first, second in itertools.combinations(classes[:5], 2))


def _rank(name: str) -> tuple[bool, bool, int]:
    return (bool(_LAYOUT.match(name)), not _TELLING.search(name), len(name))


def _position_below(parent: HtmlElement, anchor: str, element: HtmlElement) -> str:
    steps: list[str] = []
    current = element
    while current is not parent:
        tag = str(current.tag)
        n = sum(1 for _ in current.itersiblings(tag, preceding=True)) + 1
        steps.append(f"{tag}:nth-of-type({n})")
        current = current.getparent()  # type: ignore[assignment]  # `parent` is an ancestor
    return " > ".join([anchor, *reversed(steps)])
