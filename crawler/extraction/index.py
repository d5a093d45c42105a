"""A page's elements by their attributes and by their place, found in one walk instead of one search per question."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

    from lxml.html import HtmlElement

_INDEXED = ("class", "id", "itemprop", "rel")
"""Attributes that `Index.find` knows."""


class Index:
    """Where the elements of a tree that nobody changes stand, and which attributes they have."""

    def __init__(self, tree: HtmlElement) -> None:
        """Index `tree`; nothing is read before it is asked for."""
        self._tree = tree

    @cached_property
    def _values(self) -> dict[str, dict[str, list[HtmlElement]]]:
        """Elements by attribute and its value: a page has ten times as many elements as class names."""
        values: dict[str, dict[str, list[HtmlElement]]] = {name: {} for name in _INDEXED}
        for element in self.order:
            for name, value in element.items():
                if name in values:
                    values[name].setdefault(value, []).append(element)
        return values

    @cached_property
    def order(self) -> dict[HtmlElement, int]:
        """Number of each element in page order. While it lives, lxml makes no element's Python object twice."""
        return {element: number for number, element in enumerate(self._tree.iter())}

    def in_order(self, elements: Iterable[HtmlElement]) -> list[HtmlElement]:
        """`elements` in page order, each once."""
        order = self.order
        return sorted(set(elements), key=lambda element: order.get(element, 0))

    def find(self, **patterns: re.Pattern[str]) -> list[HtmlElement]:
        """Elements in which the pattern of any named attribute occurs (`id=…, rel=…`; `class_=…`), in page order."""
        return self.in_order(
            element
            for name, pattern in patterns.items()
            for value, elements in self._values[name.rstrip("_")].items()
            if pattern.search(value)
            for element in elements
        )
