"""Section, tags, authors, lede and licence: the fields around an article's text, each with its source."""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING

from crawler.extraction.declared import declared, group_by_source, read_templated
from crawler.extraction.generic import opens_with_lede
from crawler.extraction.linked_data import strings, types
from crawler.extraction.template import select_texts, text_of
from crawler.extraction.vicinity import index_of_title, sections_near
from crawler.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

    from crawler.extraction.blocks import Block
    from crawler.extraction.document import Document
    from crawler.sites.profile import Template

MAX_SECTION = 60
"""Characters of a section's name."""
MAX_TAGS = 30
_SECTIONS = (
    "json-ld:articleSection",
    "meta:article:section",
    "itemprop:articleSection",
    "meta:articlesection",
    "meta:section",
)
_TAGS = ("meta:article:tag", "meta:news_keywords", "json-ld:keywords", "meta:keywords")
_LEDES = ("json-ld:description", "meta:og:description", "meta:description", "meta:twitter:description")
_CRUMBS_CLASS = re.compile(r"bread-?crumb")
_CRUMBS_ID = re.compile(r"breadcrumb")
_LICENCE = re.compile(r"license")
_LEDE_CLASS = re.compile(
    r"sapo|trich-?_?(?:dan|yeu)|\blead|\blede|summary|standfirst|chapeau|tomtat|tom-tat|\bintro|\bdesc(?:ription)?\b|article-desc"
    r"|head-?noidung"
    r"|init_?content|phead|dek\b|subhead",
    re.IGNORECASE,
)
_TAG = re.compile(r"(?:\((?!\d)[^()]{2,25}\)|[A-ZĐ][A-ZĐ0-9]{1,9})\s*[-–—]\s*(?=\S)")
_HOME = frozenset(
    {"trang chu", "home", "trang nhat", "tin tuc", "homepage", "start", "startseite", "accueil", "inicio", "news"}
)
PLACEHOLDERS = frozenset({"but danh", "tac gia", "author", "news", "general", "khac", "uncategorized"})
MIN_LEDE = 8
"""Words of a lede, at least."""
MAX_LEDE = 150
MAX_LINKS = 0.3
"""Share of a lede's characters inside links."""
MAX_OPENING = 60
"""Blocks between title and text that are looked at."""


def read_section(
    document: Document, template: Template | None, title_element: HtmlElement | None = None
) -> tuple[str, str] | None:
    """(section, source): the template's, the first breadcrumb below home, what is declared, what is by the title."""
    candidates = chain(
        (
            (_glued(text), f"template:{selector}")
            for selector, text in (select_texts(document, template.section) if template else ())
        ),
        ((name, "json-ld:BreadcrumbList") for name in _linked_crumbs(document)),
        _crumbs(document),
        ((value.split(",")[0], source) for source, value in declared(document, _SECTIONS)),
        sections_near(title_element),
    )
    title = {fold(value) for _, value in declared(document, ("meta:og:title", "json-ld:headline"))}
    for text, source in candidates:
        name = text.strip(" \t>»›/|-–:")
        folded = fold(name)
        if folded and len(name) <= MAX_SECTION and folded not in _HOME | PLACEHOLDERS and folded not in title:
            return name, source
    return None


def _glued(text: str) -> str:
    """`Chính trị - Ngày đăng : 05:40, 02/06/2023` is the section, then the date."""
    return re.split(r"\s+[-|–]\s+(?=Ngày|Cập nhật|Thứ|Chủ nhật|\d)|\s*\d{1,2}[:/]\d", text, maxsplit=1)[0]


def _crumbs(document: Document) -> Iterator[tuple[str, str]]:
    """(section, source) of the first links inside anything that is called a breadcrumb."""
    paths = document.index.find(class_=_CRUMBS_CLASS, id=_CRUMBS_ID)
    for link in document.index.in_order(link for path in paths for link in path.iterdescendants("a"))[:12]:
        yield text_of(link), "text:breadcrumb"


def _linked_crumbs(document: Document) -> Iterator[str]:
    """Names in the page's BreadcrumbList, in order."""
    for node in document.nodes:
        if "BreadcrumbList" not in types(node):
            continue
        items = node.get("itemListElement")
        for entry in (items if isinstance(items, list) else [])[:10]:
            step = entry[0] if isinstance(entry, list) and entry else entry
            if isinstance(step, dict):
                yield from strings(step.get("name")) or strings(step.get("item"))


def read_tags(document: Document, template: Template | None) -> tuple[tuple[str, ...], str | None]:
    """Key words, each once, with the source they come from."""
    for source, values in group_by_source([*read_templated(document, template, "tags"), *declared(document, _TAGS)]):
        words = [word.strip(" \t#") for value in values for word in re.split(r"[,;|]", value)]
        kept: dict[str, str] = {}
        for word in words:
            if fold(word) and len(word) <= MAX_SECTION:
                kept.setdefault(fold(word), word)
        if kept:
            return tuple(kept.values())[:MAX_TAGS], source
    return (), None


def read_licence(document: Document) -> tuple[str, str] | None:
    """(licence, source) as the page states it."""
    linked = next(
        ((value, source) for source, value in declared(document, ("json-ld:license", "meta:dc.rights"))), None
    )
    marked = [element for element in document.index.find(rel=_LICENCE) if element.tag in {"a", "link"}]
    links = [element.get("href", "") for element in marked if element.get("href") is not None]
    return (links[0][:300], "text:rel=license") if links else linked


def read_lede(
    document: Document,
    title: HtmlElement | None,
    lede: tuple[str, str] | None,
    paragraphs: Sequence[str],
    part: HtmlElement | None = None,
) -> tuple[str, str] | None:
    """(lede, source): the one given with the body, a block that the page's own description repeats, one set apart.

    A description alone is no lede: it may be cut, or another text. What stands above the body of an English article
    is a teaser that sums it up: there only the first paragraph can be a lede. Looked for in `part` of the page.
    """
    found = lede or _find_lede(document, document.blocks_in(document.tree if part is None else part), title, paragraphs)
    if found is None or lede is not None or fold(found[0]) in map(fold, paragraphs[:1]):
        return found
    return found if opens_with_lede("\n".join(paragraphs)) else None


def _find_lede(
    document: Document, all_blocks: Sequence[Block], title: HtmlElement | None, paragraphs: Sequence[str]
) -> tuple[str, str] | None:
    blocks = {fold(block.text): block.text for block in all_blocks[:600] if block.text}
    blocks |= {fold(text): text for text in paragraphs[:2]}
    for source, value in declared(document, _LEDES):
        folded = fold(value)
        if len(folded.split()) >= MIN_LEDE and folded in blocks and _is_early(blocks[folded], paragraphs):
            return blocks[folded], source
    block = next((block for block in _opening(all_blocks, title, paragraphs) if _is_set_apart(block)), None)
    return (block.text, "text:lede-block") if block else None


def _is_early(text: str, paragraphs: Sequence[str]) -> bool:
    """True for the first paragraph, or a block outside the body: not one from its middle."""
    folded = fold(text)
    return folded not in map(fold, paragraphs[1:]) or folded in map(fold, paragraphs[:1])


def _opening(blocks: Sequence[Block], title: HtmlElement | None, paragraphs: Sequence[str]) -> list[Block]:
    """Blocks of a lede's length from the title down to the first paragraph that runs on."""
    place = index_of_title(blocks, title)
    if place is None or not paragraphs:
        return []
    firsts = {fold(text) for text in paragraphs[:2]}
    found = []
    for block in blocks[place + 1 : place + 1 + MAX_OPENING]:
        if MIN_LEDE <= len(block.text.split()) <= MAX_LEDE and block.link_share < MAX_LINKS:
            found.append(block)
        if fold(block.text) in firsts:
            break
    return found if found and fold(found[-1].text) in firsts else []


def _is_set_apart(block: Block) -> bool:
    """True for a block in bold, in a heading, in a class for ledes, or opened by a paper's tag: `(BMN) - …`."""
    if _TAG.match(block.text) or (block.path and block.path[-1] in {"(b)", "(bi)"}):
        return True
    chain = [*block.element[:1], block.element, *islice(block.element.iterancestors(), 2)]
    names = " ".join(f"{element.get('class') or ''} {element.get('id') or ''}" for element in chain)
    return block.element.tag in {"h2", "h3", "h4", "h5"} or bool(_LEDE_CLASS.search(names))
