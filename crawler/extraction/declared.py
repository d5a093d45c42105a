"""What a page declares about itself for machines: meta elements, microdata, JSON-LD, by field."""

from __future__ import annotations

import html
import re
from itertools import islice
from typing import TYPE_CHECKING

from crawler.extraction.linked_data import people, strings
from crawler.extraction.template import select_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.html import HtmlElement

    from crawler.extraction.document import Document
    from crawler.sites.profile import Template

MAX_VALUE = 2_000
"""Characters of a declared value that are looked at."""
MAX_METAS = 500
_ANY = re.compile("")


def read_metas(tree: HtmlElement) -> dict[str, list[str]]:
    """Values of the page's meta elements by their name in lower case, in page order, entities undone."""
    found: dict[str, list[str]] = {}
    for element in islice(tree.iter("meta"), MAX_METAS):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        value = " ".join(html.unescape(element.get("content", "")[:MAX_VALUE]).split()) if name else ""
        if value:
            found.setdefault(name.strip().lower(), []).append(value)
    return found


def declared(document: Document, keys: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(source, value) of each of `keys` that the page fills, in the order of `keys`.

    A key is `json-ld:<property of the article>`, `meta:<name>` or `itemprop:<name>`.
    """
    for key in keys:
        kind, _, name = key.partition(":")
        values = _VALUES[kind](document, name)
        yield from ((key, value) for value in values)


def _linked(document: Document, name: str) -> list[str]:
    read = people if name in {"author", "creator"} else strings
    return [value[:MAX_VALUE] for node in document.articles for value in read(node.get(name))]


def _meta(document: Document, name: str) -> list[str]:
    return document.metas.get(name, [])


def _item(document: Document, name: str) -> list[str]:
    items = [element for element in document.index.find(itemprop=_ANY) if element.tag != "meta"][:500]
    elements = [element for element in items if name in element.get("itemprop", "").split()]
    values = [element.get("content") or element.get("datetime") or element.text_content() for element in elements]
    return [value for raw in values if (value := " ".join(raw[:MAX_VALUE].split()))]


_VALUES = {"json-ld": _linked, "meta": _meta, "itemprop": _item}


def read_templated(document: Document, template: Template | None, name: str) -> list[tuple[str, str]]:
    """(source, text) of each element that the template's selectors of the field `name` find."""
    selectors = getattr(template, name) if template else ()
    return [(f"template:{selector}", text) for selector, text in select_texts(document, selectors)]


def group_by_source(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """Values by their source, sources in the order in which they come first."""
    grouped: dict[str, list[str]] = {}
    for source, value in pairs:
        grouped.setdefault(source, []).append(value)
    return list(grouped.items())
