"""Selectors as a person writes them: CSS, or XPath when they begin with `/` or `(`."""

from __future__ import annotations

import functools

from cssselect import HTMLTranslator, SelectorError
from lxml import etree

from crawler.errors import ProfileError

_TRANSLATOR = HTMLTranslator()
_EMPTY = etree.Element("html")


@functools.lru_cache(maxsize=2048)
def compile_selector(selector: str) -> etree.XPath:
    """Compile a CSS selector, or an XPath if it begins with `/` or `(`.

    Raises ProfileError naming the selector.
    """
    try:
        xpath = selector if selector.startswith(("/", "(")) else _TRANSLATOR.css_to_xpath(selector)
        return etree.XPath(xpath)
    except (SelectorError, etree.XPathSyntaxError, ValueError) as error:
        raise ProfileError(f"selector {selector!r}: {error}") from None


def check_selector(selector: str) -> None:
    """Raises ProfileError when a selector cannot be compiled, names an unknown function, or gives no text."""
    compiled = compile_selector(selector)
    try:
        found = compiled(_EMPTY)
    except etree.XPathError as error:
        raise ProfileError(f"selector {selector!r}: {error}") from None
    if not isinstance(found, list | str):
        raise ProfileError(f"selector {selector!r}: gives a {type(found).__name__}, not elements or text of a page")
