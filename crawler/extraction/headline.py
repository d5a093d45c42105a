"""The headline: which of the page's candidates is the article's title, and where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from lxml import etree

from crawler.extraction.declared import declared
from crawler.extraction.template import select_one_selector, select_texts, text_of
from crawler.folding import fold

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from crawler.extraction.document import Document
    from crawler.sites.profile import Template

MAX_CHARS = 400
"""Longer headings are paragraphs."""
_DECLARED = ("meta:og:title", "json-ld:headline", "json-ld:name", "meta:twitter:title", "meta:dc.title", "meta:title")
_HEADINGS = etree.XPath("//h1 | //h2 | //h3 | //*[@itemprop='headline' or @itemprop='name'][not(self::meta)]")
_TITLED_CLASS = re.compile(r"[tT]itle|headline|txt-head")
_TITLED_ID = re.compile(r"title")
_UNTITLED_TAGS = frozenset({"h1", "h2", "h3", "body", "a", "meta"})
_TITLE_TAG = etree.XPath("//title[not(ancestor::svg)]")
_SEPARATOR = re.compile(r"\s+[|•·»›‹«–—-]+\s+|\s*\|\s*|\s+::\s+")
_FURNITURE = re.compile(
    r"\b(?:related|footer|sidebar|widget|logo|menu|nav|banner|comment|popup|modal|copyright)", re.IGNORECASE
)
_TOOLS = re.compile(r"\s*(?:\bIn trang|\bIn bài|\bGửi email|\bBản in|\bChia sẻ)\s*$")
MAX_ELEMENTS = 200
"""Elements inside a heading, a dateline or a byline; more is a part of the page."""
_MIN_SLUG = 3
"""Hyphens of a path step that spells a title."""
_ALIKE = 0.55


@dataclass(frozen=True, slots=True)
class Headline:
    """A title, where it was read, and its element when it stands on the page."""

    text: str
    source: str
    element: HtmlElement | None = None


def read_headline(document: Document, template: Template | None) -> Headline | None:
    """Title of the article, or None.

    The template's, then the heading that the page's own declarations (og:title, JSON-LD, title element) name, then
    the block that the address spells, the likeliest declaration, the only h1. A heading that no declaration resembles
    is a slogan or a section.
    """
    if template is not None:
        for selector, text in select_texts(document, template.title):
            if clean := _clean(text):
                found = select_one_selector(document, selector)
                return Headline(clean, f"template:{selector}", found[0] if found else None)
    names = _names(document)
    return _heading(document, names) or _slugged(document) or _declaration(names) or _only_heading(document)


def _names(document: Document) -> list[tuple[str, str]]:
    """(source, title) that the page declares, the title element without the site's name last."""
    names = [(source, _clean(value)) for source, value in declared(document, _DECLARED)]
    tags = [" ".join(element.text_content().split()) for element in _TITLE_TAG(document.tree)[:3]]
    names += [("meta:title-element", tag[:MAX_CHARS]) for tag in tags if tag]
    return [(source, name) for source, name in names if name]


def _heading(document: Document, names: list[tuple[str, str]]) -> Headline | None:
    """The element whose text is a declared title; headings before other elements, exact before alike."""
    keys = [(fold(part), weight) for source, name in names for part, weight in _parts(source, name)]
    best: tuple[float, Headline] | None = None
    for rank, elements in enumerate((_HEADINGS(document.tree), _titled(document))):
        for element in elements[:300]:
            text = _clean(text_of(element)) if _is_candidate(element) else ""
            score = _likeness(fold(text), keys) - 0.05 * rank + (0.05 if element.tag == "h1" else 0)
            if text and score >= _ALIKE and (best is None or score > best[0] + 1e-9):
                best = score, Headline(text, f"text:{element.tag}", element)
    return best[1] if best else None


def _titled(document: Document) -> list[HtmlElement]:
    """Elements that are no headings but are called title or headline."""
    named = document.index.find(class_=_TITLED_CLASS, id=_TITLED_ID)
    return [element for element in named if element.tag not in _UNTITLED_TAGS]


def _parts(source: str, name: str) -> list[tuple[str, float]]:
    """A declared title and, where a site's name is glued to it, its beginning or end without it."""
    pieces = [piece for piece in _SEPARATOR.split(name) if piece]
    if len(pieces) == 1:
        return [(name, 1.0)]
    whole = 1.0 if source != "meta:title-element" else 0.95
    heads = [(name[: match.start()], 0.98) for match in _SEPARATOR.finditer(name)]
    tails = [(name[match.end() :], 0.9) for match in _SEPARATOR.finditer(name)]
    return [(name, whole), *((part, weight) for part, weight in heads + tails if len(part.split()) > 2)]  # noqa: PLR2004 - no title


def _likeness(folded: str, keys: list[tuple[str, float]]) -> float:
    """Best weighted likeness of a heading to the declared titles, 0 to 1."""
    best = 0.0
    for key, weight in keys:
        if folded == key:
            best = max(best, weight)
        elif min(len(folded), len(key)) > 0.5 * max(len(folded), len(key)) and len(folded) > 10:  # noqa: PLR2004 - two words
            matcher = SequenceMatcher(None, folded.split(), key.split(), autojunk=False)
            if matcher.quick_ratio() * weight > best:
                best = max(best, matcher.ratio() * weight)
    return best if len(folded) > 1 else 0.0


def _is_candidate(element: HtmlElement) -> bool:
    """False inside footers, menus and related lists, and for what is too long."""
    if not is_short(element, MAX_CHARS):
        return False
    names = " ".join(filter(None, (element.get("class"), element.get("id"))))
    return element.tag == "h1" or not _FURNITURE.search(names)


def is_short(element: HtmlElement, max_chars: int) -> bool:
    """True when `element` holds at most `max_chars` characters in few elements; never reads on beyond that."""
    n_chars = -len((element.tail or "").strip())
    for n_elements, inner in enumerate(element.iter()):
        n_chars += len((inner.text or "").strip()) + len((inner.tail or "").strip())
        if n_chars > max_chars or n_elements > MAX_ELEMENTS:
            return False
    return True


def _slugged(document: Document) -> Headline | None:
    """The block that the address spells: `/goi-50000-ty-cuu-thi-truong-855374.htm`. None for short addresses."""
    path = document.url.partition("://")[2].partition("/")[2].partition("?")[0]
    slugs = [_squeeze(re.sub(r"\.[a-z]{2,5}$", "", step)) for step in path.split("/") if step.count("-") >= _MIN_SLUG]
    if not slugs:
        return None
    for block in document.blocks:
        squeezed = _squeeze(fold(block.text)) if len(block.text) <= MAX_CHARS and block.link_share < 1 else ""
        if len(squeezed) >= 4 * _MIN_SLUG and any(slug.startswith(squeezed) for slug in slugs):
            return Headline(_clean(block.text), "text:url", block.element)
    return None


def _squeeze(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text)


def _declaration(names: list[tuple[str, str]]) -> Headline | None:
    """The declared title that most declarations share, the site's name cut off; a bare site name is none."""
    for source, name in names:
        if source == "meta:title-element":
            pieces = [piece for piece in _SEPARATOR.split(name) if piece]
            longest = max(pieces, key=len, default="")
            return Headline(longest, source) if len(longest.split()) > 3 else None  # noqa: PLR2004 - a site's name
        return Headline(_without_site(name, names), source)
    return None


def _without_site(name: str, names: list[tuple[str, str]]) -> str:
    """`name` cut at the last separator when another declaration has it without what follows."""
    others = {fold(other) for _, other in names if other != name}
    for match in _SEPARATOR.finditer(name):
        if fold(name[: match.start()]) in others:
            return name[: match.start()]
    return name


def _only_heading(document: Document) -> Headline | None:
    found = [element for element in document.tree.iter("h1") if _is_candidate(element) and text_of(element).strip()]
    return Headline(_clean(text_of(found[0])), "text:h1", found[0]) if len(found) == 1 else None


def _clean(text: str) -> str:
    """`text` on one line without the print button glued to it."""
    line = " ".join(text.split())
    return _TOOLS.sub("", line) if len(line) <= MAX_CHARS else ""
