"""The archived page beside the article: nothing of it can act any more, and what each field came from is marked.

Of the page's markup only harmless elements are kept, without any attribute; everything else is unwrapped or dropped.
The frame's sandbox and the answer's policy are the second and the third wall, not the first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import html

from crawler.archive import read_exchange, to_page
from crawler.extraction.document import parse
from crawler.extraction.template import select_one_selector
from crawler.folding import fold
from crawler.learning.align import Label, align
from crawler.learning.gold import GoldFields

if TYPE_CHECKING:
    from pathlib import Path

    from lxml.html import HtmlElement

    from crawler.extraction.document import Document
    from crawler.items import Article, Page, Pointer

SHEET = "/assets/archived.css"
MAX_PAGE_BYTES = 8 << 20
_KEPT_LIST = (
    "html body div p span h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table caption thead tbody tfoot tr td th blockquote pre"
    " b strong i em u s small sub sup br hr figure figcaption main article section header footer nav aside time cite q"
)
_DROPPED_LIST = (
    "script style template svg math iframe frame frameset object embed audio video canvas map applet portal head meta"
    " link base title noscript select datalist dialog option textarea"
)
_KEPT, _DROPPED = frozenset(_KEPT_LIST.split()), frozenset(_DROPPED_LIST.split())
_TITLE = "archived page"
_FIELDS = ("title", "kicker", "lede", "captions", "authors", "source", "section", "tags", "published", "modified")
_TEMPLATE = "template:"
_JUNK = "junk"


def archived_page(output: Path, pointer: Pointer, site: str, article: Article | None, labels: dict[str, str]) -> str:
    """The page at `pointer` as HTML to be framed; `labels`: what the fields are called.

    Raises ArchiveError when it cannot be read.
    """
    page = to_page(read_exchange(output, pointer), pointer, site=site, found_via="viewer", max_bytes=MAX_PAGE_BYTES)
    return inert(page, article, labels)


def inert(page: Page, article: Article | None, labels: dict[str, str]) -> str:
    """`page` without anything that acts, marked by what `article` has of it."""
    document = parse(page.body, page.final_url, page.header("content-type"))
    marks = _marks(document, article) if article is not None else {}
    root = document.tree
    seen: set[str] = set()
    for element in list(root.iter()):
        _disarm(element, marks.get(element), labels, seen)
    body = root if root.tag == "body" else root.find("body")
    inner = html.tostring(root if body is None else body, encoding="unicode")
    return (
        f'<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{_TITLE}</title>'
        f'<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="{SHEET}"></head>'
        f"{inner}</html>"
    )


def _marks(document: Document, article: Article) -> dict[HtmlElement, str]:
    """Elements and what each is: a field, text, or junk. What a template selects goes before what only reads alike."""
    marks: dict[HtmlElement, str] = {}
    gold = _as_gold(article)
    aligned = align(document.blocks, gold, document.tree)
    by_text = _by_text(article)
    for block, label in zip(aligned.blocks, aligned.labels, strict=True):
        if label is Label.ARTICLE:
            marks[block.element] = "lede" if article.lede and fold(block.text) == fold(article.lede) else "text"
        elif marks.get(block.element, _JUNK) == _JUNK:
            marks[block.element] = by_text.get(fold(block.text), _JUNK)
    for name, selector in _selectors(article):
        for element in select_one_selector(document, selector)[:50]:
            if name in _FIELDS and marks.get(element) != "text":
                marks[element] = name
    return marks


def _as_gold(article: Article) -> GoldFields:
    paragraphs = article.text.split("\n\n")
    is_first_lede = bool(article.lede) and paragraphs[0] == article.lede
    return GoldFields(
        title=article.title, kicker=article.kicker, lede=article.lede if is_first_lede else None,
        section=article.section, author=article.authors[0] if article.authors else None, source=article.source,
        captions=article.captions, body=tuple(paragraphs[is_first_lede:]),
    )  # fmt: skip


def _by_text(article: Article) -> dict[str, str]:
    """Folded values of the short fields; a page says them where no selector points, too."""
    found = {fold(caption): "captions" for caption in article.captions}
    for name in ("section", "source", "kicker", "title"):
        if value := getattr(article, name):
            found[fold(value)] = name
    found |= {fold(author): "authors" for author in article.authors}
    if article.published_raw:
        found[fold(article.published_raw)] = "published"
    found.pop("", None)
    return found


def _selectors(article: Article) -> list[tuple[str, str]]:
    return [
        (one.field.removesuffix("_at"), one.source.removeprefix(_TEMPLATE))
        for one in article.provenance
        if one.source.startswith(_TEMPLATE)
    ]


def _disarm(element: HtmlElement, mark: str | None, labels: dict[str, str], seen: set[str]) -> None:
    """Leave the element's name, if it is harmless, and its text; put our own marks on it."""
    if not isinstance(element.tag, str) or element.tag in _DROPPED:
        if element.getparent() is not None:
            element.drop_tree()
        return
    alternative = " ".join((element.get("alt") or "").split())[:300] if element.tag == "img" else ""
    is_picture = element.tag == "img"
    if element.tag not in _KEPT:
        element.tag = "span" if element.tag in {"a", "img", "font", "label", "button", "input"} else "div"
    element.attrib.clear()
    if is_picture:
        element.set("class", "picture")
        element.text = f"[{labels.get('picture', 'picture')}{': ' if alternative else ''}{alternative}]"
    if mark is None:
        return
    element.set("class", f"is-{mark}")
    if mark != _JUNK:
        if mark not in seen:
            seen.add(mark)
            element.set("id", f"field-{mark}")
        element.set("title", labels.get(mark, mark))
