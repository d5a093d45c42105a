"""Apply a template to a page: pick the one that fits, and find what its selectors point at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lxml import etree, html

from crawler.extraction.blocks import IGNORED, read_blocks
from crawler.sites.selectors import compile_selector

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from lxml.html import HtmlElement

    from crawler.extraction.document import Document
    from crawler.sites.profile import SiteProfile, Template

MIN_BODY_CHARS = 40
"""A body with less text than one short sentence does not make its template fit."""


def select(document: Document, selectors: Iterable[str]) -> list[HtmlElement]:
    """Elements that any of `selectors` finds, in page order, each once.

    Raises ProfileError for a selector that cannot be read.
    """
    selectors = tuple(selectors)
    found = [element for selector in selectors for element in select_one_selector(document, selector)]
    unique = list(dict.fromkeys(found))
    if len(selectors) == 1:
        return unique
    return document.index.in_order(unique)


def select_one_selector(document: Document, selector: str) -> list[HtmlElement]:
    """Elements that `selector` finds, in page order; none when the expression fails on this page."""
    if selector not in document.found:
        result = _evaluate(document, selector)
        document.found[selector] = [item for item in result if isinstance(item, html.HtmlElement)]
    return list(document.found[selector])


def _evaluate(document: Document, selector: str) -> list[Any]:
    try:
        result: Any = compile_selector(selector)(document.tree)
    except etree.XPathEvalError:
        return []
    return result if isinstance(result, list) else [result]


def select_texts(document: Document, selectors: Iterable[str]) -> list[tuple[str, str]]:
    """(selector, text) of each element found, selector by selector, empty texts left out.

    An XPath may also give strings (`//meta[@name='author']/@content`). Of `<meta>` and `<time datetime>` no attribute
    is guessed: ask for it with XPath.
    """
    return [(selector, text) for selector in selectors for text in _texts(document, selector) if text]


def _texts(document: Document, selector: str) -> list[str]:
    return [" ".join(_text_of(item).split()) for item in _evaluate(document, selector)]


def _text_of(item: Any) -> str:
    if isinstance(item, str):
        return item
    return text_of(item) if isinstance(item, html.HtmlElement) else ""


def text_of(element: HtmlElement) -> str:
    """Text of `element` on one line, a space between its blocks."""
    if len(element) == 0:
        return "" if element.tag in IGNORED else " ".join((element.text or "").split())
    return " ".join(block.text for block in read_blocks(element))


def outermost(elements: Sequence[HtmlElement]) -> list[HtmlElement]:
    """`elements` without those that stand inside another of them."""
    chosen = set(elements)
    return [element for element in elements if not any(parent in chosen for parent in element.iterancestors())]


def choose_template(document: Document, profile: SiteProfile, fetched_at: datetime) -> Template | None:
    """The template of `profile` whose layout this page has, or None.

    Templates that were valid when the page was fetched come first, newest first; then the others, for pages that kept
    an old layout. Of those that fit, the first whose body holds text wins.
    """
    day = fetched_at.date()
    templates = sorted(profile.templates, key=lambda template: not _is_valid(template, day))
    return next((template for template in templates if is_fit(document, template)), None)


def _is_valid(template: Template, day: Any) -> bool:
    starts = template.valid_from is None or template.valid_from <= day
    return starts and (template.valid_until is None or day <= template.valid_until)


def is_fit(document: Document, template: Template) -> bool:
    """True when every `fit` selector matches and the body blocks hold text."""
    if not all(select_one_selector(document, selector) for selector in template.fit):
        return False
    body = outermost(select(document, template.body))
    return sum(len("".join(element.itertext()).strip()) for element in body) >= MIN_BODY_CHARS
