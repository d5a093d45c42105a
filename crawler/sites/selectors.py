"""Selectors as a person writes them: CSS, or XPath when they begin with `/` or `(`."""

from __future__ import annotations

import functools
import re

from cssselect import HTMLTranslator, SelectorError
from lxml import etree

from crawler.errors import ProfileError

_TRANSLATOR = HTMLTranslator()
_EMPTY = etree.Element("html")
_PLAIN_STEP = r"(?:[a-z][a-z0-9]*(?:[.#][a-z_][\w-]*)*+|(?:[.#][a-z_][\w-]*)++)"
_PLAIN = re.compile(rf"{_PLAIN_STEP}(?: (?:> )?{_PLAIN_STEP})*", re.ASCII | re.IGNORECASE)
"""CSS of names, classes, ids and their descendants: most of what profiles have, and it always compiles."""
_STRINGS = re.compile(r"'[^']*'|\"[^\"]*\"")
_CALLS = re.compile(r"([\w.-]+)\s*\(")
_FUNCTIONS = frozenset(
    (
        *("last", "position", "count", "id", "local-name", "namespace-uri", "name", "string", "concat", "starts-with"),
        *("contains", "substring-before", "substring-after", "substring", "string-length", "normalize-space"),
        *("translate", "boolean", "not", "true", "false", "lang", "number", "sum", "floor", "ceiling", "round"),
        *("text", "node", "comment", "processing-instruction", "and", "or", "div", "mod"),
    )
)
"""Of XPath 1.0 (sections 2.3 and 4), and the operators that may stand before a bracket."""


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


@functools.lru_cache(maxsize=2048)
def check_selector(selector: str) -> None:
    """Raises ProfileError when a selector cannot be compiled, names an unknown function, or gives no text."""
    if _PLAIN.fullmatch(selector):
        return
    compiled = compile_selector(selector)
    unknown = set(_CALLS.findall(_STRINGS.sub("", selector))) - _FUNCTIONS if selector.startswith(("/", "(")) else set()
    if unknown:
        raise ProfileError(f"selector {selector!r}: XPath 1.0 has no function {min(unknown)}()")
    try:
        found = compiled(_EMPTY)
    except etree.XPathError as error:
        raise ProfileError(f"selector {selector!r}: {error}") from None
    if not isinstance(found, list | str):
        raise ProfileError(f"selector {selector!r}: gives a {type(found).__name__}, not elements or text of a page")
