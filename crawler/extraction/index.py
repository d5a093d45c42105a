"""The elements of a part of a page by their attributes and by their place, found in one walk for all questions."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator, Mapping

    from lxml.html import HtmlElement

_LINKS = ("a", "area", "link")
"""Elements that say by `rel` what they link to."""
Values = dict[str, list["HtmlElement"]]


class Index:
    """Where the elements below a root that nobody changes stand, and which attributes they have."""

    def __init__(self, root: HtmlElement, order: Mapping[HtmlElement, int], *, has_items: bool = True) -> None:
        """Index `root`; nothing is read before it is asked for.

        `order`: number of each element of the page. `has_items`: some element may have an `itemprop`.
        """
        self._root = root
        self._order = order
        self._has_items = has_items

    @cached_property
    def _named(self) -> tuple[Values, Values]:
        """Elements by class and by id: a page has ten times as many elements as class names."""
        classes: Values = {}
        ids: Values = {}
        for element in self._root.iter():
            if name := element.get("class"):
                classes.setdefault(name, []).append(element)
            if name := element.get("id"):
                ids.setdefault(name, []).append(element)
        return classes, ids

    @cached_property
    def _related(self) -> Values:
        return _by_value("rel", self._root.iter(*_LINKS))

    @cached_property
    def _items(self) -> Values:
        return _by_value("itemprop", self._root.iter()) if self._has_items else {}

    def in_order(self, elements: Iterable[HtmlElement]) -> list[HtmlElement]:
        """`elements` in page order, each once."""
        return sorted(dict.fromkeys(elements), key=self._order.__getitem__)

    def find(self, **patterns: re.Pattern[str]) -> list[HtmlElement]:
        """Elements in which the pattern of any named attribute occurs, in page order.

        Attributes: `class_`, `id`, `itemprop`, and `rel` of links.
        """
        return self.in_order(
            element
            for name, pattern in patterns.items()
            for value, elements in self._values(name).items()
            if pattern.search(value)
            for element in elements
        )

    def _values(self, name: str) -> Values:
        if name == "rel":
            return self._related
        return self._items if name == "itemprop" else self._named[name == "id"]


def _by_value(name: str, elements: Iterator[HtmlElement]) -> Values:
    values: Values = {}
    for element in elements:
        if value := element.get(name):
            values.setdefault(value, []).append(element)
    return values
