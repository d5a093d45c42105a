"""Section, tags, authors, lede and licence: the fields around an article's text, each with its source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree

from crawler.extraction.bylines import merge_names, read_byline, read_names
from crawler.extraction.declared import declared
from crawler.extraction.linked_data import strings, types
from crawler.extraction.template import select_texts, text_of
from crawler.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lxml.html import HtmlElement

    from crawler.extraction.blocks import Block
    from crawler.extraction.document import Document
    from crawler.sites.profile import SiteProfile, Template

MAX_SECTION = 60
"""Characters of a section's name."""
MAX_TAGS = 30
MAX_BYLINE = 120
"""Characters of a byline block."""
_SECTIONS = (
    "json-ld:articleSection",
    "meta:article:section",
    "itemprop:articleSection",
    "meta:articlesection",
    "meta:section",
)
_TAGS = ("meta:article:tag", "meta:news_keywords", "json-ld:keywords", "meta:keywords")
_LEDES = ("json-ld:description", "meta:og:description", "meta:description", "meta:twitter:description")
_AUTHORS = (
    "json-ld:author", "meta:dable:author", "meta:article:author_name", "meta:byl", "meta:parsely-author",
    "meta:sailthru.author", "meta:cxenseparse:author", "meta:dc.creator", "meta:dcterms.creator", "meta:citation_author",
    "meta:author", "meta:article:author", "meta:twitter:creator", "json-ld:creator",
)  # fmt: skip
_SOURCES = ("json-ld:isBasedOn", "meta:source", "meta:original-source", "meta:dc.source")
_CRUMBS = etree.XPath(
    "//*[contains(@class, 'breadcrumb') or contains(@class, 'bread-crumb') or contains(@id, 'breadcrumb')]//a"
)
_LICENCE = etree.XPath("//link[contains(@rel, 'license')]/@href | //a[contains(@rel, 'license')]/@href")
_BYLINE = etree.XPath(
    "//*[contains(@class, 'author') or contains(@class, 'byline') or contains(@class, 'tacgia') or contains(@class, 'tac-gia')"
    " or contains(@class, 'butdanh') or contains(@class, 'but-danh') or contains(@class, 'writer') or contains(@rel, 'author')"
    " or contains(@itemprop, 'author') or contains(@class, 'pen-name') or contains(@class, 'pseudonym')][not(self::meta)]"
)
_LEDE_CLASS = re.compile(
    r"sapo|\blead|\blede|summary|standfirst|chapeau|tomtat|tom-tat|\bintro|\bdesc(?:ription)?\b|article-desc|head-?noidung"
    r"|init_?content|phead|dek\b|subhead",
    re.IGNORECASE,
)
_HOME = frozenset(
    {"trang chu", "home", "trang nhat", "tin tuc", "homepage", "start", "startseite", "accueil", "inicio", "news"}
)
_PLACEHOLDERS = frozenset({"but danh", "tac gia", "author", "news", "general", "khac", "uncategorized"})
_OTHERS = re.compile(r"related|comment|binhluan|footer|sidebar|recommend|list|others|most|popular", re.IGNORECASE)
MIN_LEDE = 8
"""Words of a lede, at least."""
MAX_LEDE = 150
MAX_LINKS = 0.3
"""Share of a lede's characters inside links."""
MAX_OPENING = 60
"""Blocks between title and text that are looked at."""


def read_section(document: Document, template: Template | None) -> tuple[str, str] | None:
    """(section, source): the template's, the last breadcrumb below home, what is declared. None if nothing says it."""
    candidates = [
        *(
            (_glued(text), f"template:{selector}")
            for selector, text in (select_texts(document, template.section) if template else ())
        ),
        *((name, "json-ld:BreadcrumbList") for name in _linked_crumbs(document)),
        *((text_of(link), "text:breadcrumb") for link in _CRUMBS(document.tree)[:12]),
        *((value.split(",")[0], source) for source, value in declared(document, _SECTIONS)),
    ]
    title = {fold(value) for _, value in declared(document, ("meta:og:title", "json-ld:headline"))}
    for text, source in candidates:
        name = text.strip(" \t>»›/|-–:")
        folded = fold(name)
        if folded and len(name) <= MAX_SECTION and folded not in _HOME | _PLACEHOLDERS and folded not in title:
            return name, source
    return None


def _glued(text: str) -> str:
    """`Chính trị - Ngày đăng : 05:40, 02/06/2023` is the section, then the date."""
    return re.split(r"\s+[-|–]\s+(?=Ngày|Cập nhật|Thứ|Chủ nhật|\d)|\s*\d{1,2}[:/]\d", text, maxsplit=1)[0]


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
    for source, values in _by_source([*_templated(document, template, "tags"), *declared(document, _TAGS)]):
        words = [word.strip(" \t#") for value in values for word in re.split(r"[,;|]", value)]
        kept = {fold(word): word for word in reversed(words) if fold(word) and len(word) <= MAX_SECTION}
        if kept:
            return tuple(reversed(kept.values()))[:MAX_TAGS], source
    return (), None


def _templated(document: Document, template: Template | None, name: str) -> list[tuple[str, str]]:
    selectors = getattr(template, name) if template else ()
    return [(f"template:{selector}", text) for selector, text in select_texts(document, selectors)]


def _by_source(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    grouped: dict[str, list[str]] = {}
    for source, value in pairs:
        grouped.setdefault(source, []).append(value)
    return list(grouped.items())


def read_licence(document: Document) -> tuple[str, str] | None:
    """(licence, source) as the page states it."""
    linked = next(
        ((value, source) for source, value in declared(document, ("json-ld:license", "meta:dc.rights"))), None
    )
    links = [str(href) for href in _LICENCE(document.tree)[:3]]
    return (links[0][:300], "text:rel=license") if links else linked


def read_lede(
    document: Document,
    template: Template | None,
    title: HtmlElement | None,
    lede: str | None,
    paragraphs: Sequence[str],
) -> tuple[str, str] | None:
    """(lede, source): the template's, a block that the page's own description repeats, a block set apart as one.

    A description alone is no lede: it may be cut, or another text.
    """
    if lede:
        return lede, "template:lede" if template and template.lede else "text:lede"
    blocks = {fold(block.text): block.text for block in document.blocks[:600] if block.text}
    blocks |= {fold(text): text for text in paragraphs[:2]}
    for source, value in declared(document, _LEDES):
        folded = fold(value)
        if len(folded.split()) >= MIN_LEDE and folded in blocks and _is_early(blocks[folded], paragraphs):
            return blocks[folded], source
    block = next((block for block in _opening(document, title, paragraphs) if _is_set_apart(block)), None)
    return (block.text, "text:lede-block") if block else None


def _is_early(text: str, paragraphs: Sequence[str]) -> bool:
    """True for the first paragraph, or a block outside the body: not one from its middle."""
    return fold(text) not in {fold(paragraph) for paragraph in paragraphs[1:]}


def _opening(document: Document, title: HtmlElement | None, paragraphs: Sequence[str]) -> list[Block]:
    """Blocks of a lede's length from the title down to the first paragraph that runs on."""
    if title is None or not paragraphs:
        return []
    starts = [
        i for i, block in enumerate(document.blocks) if block.element is title or title in block.element.iterancestors()
    ]
    firsts = {fold(text) for text in paragraphs[:2]}
    begin = starts[-1] + 1 if starts else 0
    found = []
    for block in document.blocks[begin : begin + MAX_OPENING] if starts else []:
        if MIN_LEDE <= len(block.text.split()) <= MAX_LEDE and block.link_share < MAX_LINKS:
            found.append(block)
        if fold(block.text) in firsts:
            break
    return found if found and fold(found[-1].text) in firsts else []


def _is_set_apart(block: Block) -> bool:
    """True for a block in bold, in a heading, or in a class for ledes."""
    if block.path and block.path[-1] in {"(b)", "(bi)"}:
        return True
    chain = [block.element, *block.element.iterancestors()][:3]
    names = " ".join(f"{element.get('class') or ''} {element.get('id') or ''}" for element in chain)
    return block.element.tag in {"h2", "h3", "h4", "h5"} or bool(_LEDE_CLASS.search(names))


def read_authors(
    document: Document,
    profile: SiteProfile,
    template: Template | None,
    title: HtmlElement | None,
    credited: Sequence[str],
    language: str,
) -> tuple[tuple[str, ...], str | None, str | None]:
    """(authors, their source, the paper that an author block credits).

    The template's block, the signature under the text, blocks classed as bylines, then what is declared. Names of the
    site itself are no authors in Vietnamese pages, where papers declare them for every article.
    """
    publishers = _publishers(document, profile)
    bylines = [read_byline(text, is_marked=True) for _, text in _templated(document, template, "authors")]
    paper = next((byline.source for byline in bylines if byline.source), None)
    if names := merge_names(name for byline in bylines for name in byline.authors):
        return names, f"template:{template.authors[0]}" if template else None, paper
    if credited:
        return tuple(credited), "text:signature", paper
    is_strict = language == "vi"
    blocks = [("text:byline", _byline_blocks(document, title, is_strict=is_strict))]
    said = _by_source(declared(document, _AUTHORS))
    for source, values in blocks + said if is_strict else said + blocks:
        if names := read_names(values, publishers if is_strict else (), is_strict=is_strict):
            return merge_names(names) if is_strict else names, source, paper
    return (), None, paper


def _byline_blocks(document: Document, title: HtmlElement | None, *, is_strict: bool) -> list[str]:
    """Text of the first byline block outside lists, comments and footers."""
    around = frozenset(title.iterancestors()) if title is not None else frozenset()
    for element in _BYLINE(document.tree)[:40]:
        chain = [parent for parent in (element, *element.iterancestors()) if parent not in around]
        if any(_OTHERS.search(f"{parent.get('class') or ''} {parent.get('id') or ''}"[:300]) for parent in chain):
            continue
        text = text_of(element)
        if not text or len(text) > MAX_BYLINE or fold(text) in _PLACEHOLDERS:
            continue
        if read_byline(text, is_marked=True).authors or not is_strict:
            return [text]
    return []


def _publishers(document: Document, profile: SiteProfile) -> set[str]:
    names = {profile.name, *profile.hosts, *(host.split(".")[0] for host in profile.hosts)}
    names |= {value for _, value in declared(document, ("meta:og:site_name", "json-ld:publisher"))}
    return {name for name in names if name}


def read_source(document: Document, template: Template | None, *credited: str | None) -> tuple[str, str] | None:
    """(paper or agency credited for the text, where): the template's block, the lines under the text, declarations."""
    for selector, text in _templated(document, template, "source"):
        byline = read_byline(text, is_marked=True)
        if name := byline.source or text.strip(" :-–|()"):
            return name, selector
    for name in filter(None, credited):
        return name, "text:credit"
    return next(((value, source) for source, value in declared(document, _SOURCES) if len(value) <= MAX_SECTION), None)
