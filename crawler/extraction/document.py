"""A page parsed once: the tree that template, text and metadata all read."""

from __future__ import annotations

from codecs import BOM_UTF8
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lxml import etree, html

from crawler.extraction.blocks import read_blocks
from crawler.extraction.declared import read_metas
from crawler.extraction.decoding import decode
from crawler.extraction.index import Index
from crawler.extraction.legacy_source import to_unicode
from crawler.extraction.linked_data import article_nodes, read_nodes
from crawler.extraction.markup import MAX_DEPTH, flatten, repair

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from crawler.extraction.blocks import Block
    from crawler.extraction.linked_data import Node

_CLASSES = etree.ElementDefaultClassLookup(element=html.HtmlElement)
"""One class for all elements: lxml.html asks Python for each element's own, and nobody fills in forms here."""
_ITEM = (b"itemprop", b"itemProp", b"ITEMPROP")
_IS_DEEP = etree.XPath(f"boolean({'/*' * MAX_DEPTH})")


@dataclass(frozen=True)
class Document:
    """A decoded, parsed page. The tree is shared: whoever changes it works on a copy."""

    url: str
    tree: HtmlElement
    """Root `html` element, without comments, processing instructions and `noscript`."""
    text: str
    """The decoded source."""
    encoding: str = "utf-8"
    """What the source was decoded with."""
    typed: str | None = None
    """The encoding before Unicode that its text was converted from: tcvn3, vni, viscii."""
    has_items: bool = True
    """False where no element has an `itemprop`."""

    @cached_property
    def index(self) -> Index:
        """The tree's elements by place and attributes."""
        return self.index_of(self.tree)

    def index_of(self, part: HtmlElement) -> Index:
        """The elements of a part of the page by place and attributes; made once."""
        if part not in self.indexes:
            self.indexes[part] = Index(part, self.order, has_items=self.has_items)
        return self.indexes[part]

    @cached_property
    def order(self) -> dict[HtmlElement, int]:
        """Number of each element in page order.

        Worth asking for before the page is walked for anything else: as long as an element's Python object is held,
        lxml makes no other.
        """
        return {element: number for number, element in enumerate(self.tree.iter())}

    @cached_property
    def indexes(self) -> dict[HtmlElement, Index]:
        """The indexes of the parts that were asked for."""
        return {}

    @cached_property
    def found(self) -> dict[str, list[HtmlElement]]:
        """What selectors found here, by selector: template, text and fields ask for the same ones."""
        return {}

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """JSON-LD objects of the page, outer before inner."""
        return read_nodes(element.text for element in self.tree.iter("script") if element.text and _is_data(element))

    @cached_property
    def scripts(self) -> list[str]:
        """Inline scripts that are no JSON-LD, in page order."""
        inline = (element for element in self.tree.iter("script") if element.get("src") is None)
        return [element.text for element in inline if element.text and not _is_data(element)]

    @cached_property
    def metas(self) -> dict[str, list[str]]:
        """Values of the meta elements by their name in lower case."""
        return read_metas(self.tree)

    @cached_property
    def blocks(self) -> list[Block]:
        """Text blocks of the whole page, in page order."""
        return self.blocks_in(self.tree)

    def blocks_in(self, part: HtmlElement) -> list[Block]:
        """Text blocks of a part of the page, in page order; read once."""
        if part not in self.parts:
            self.parts[part] = read_blocks(part)
        return self.parts[part]

    @cached_property
    def parts(self) -> dict[HtmlElement, list[Block]]:
        """The text blocks of the parts that were asked for."""
        return {}

    @cached_property
    def articles(self) -> tuple[Node, ...]:
        """JSON-LD objects that describe an article."""
        return tuple(article_nodes(self.nodes))


def parse(body: bytes, url: str, content_type: str | None = None) -> Document:
    """Decode and parse `body`; never raises on hostile markup. `content_type` is the header's value.

    Sizes are the caller's business: see `crawler.extraction.article`.
    """
    text, encoding = decode(body, content_type)
    text, typed = to_unicode(text)
    source = repair(text, body if typed is None and _is_source(body, text, encoding) else None)
    tree = _tree(source)
    if _IS_DEEP(tree):
        tree = _tree(flatten(source.decode()).encode())
    has_items = any(name in source for name in _ITEM)
    return Document(url=url, tree=tree, text=text, encoding=encoding, typed=typed, has_items=has_items)


def _is_source(body: bytes, text: str, encoding: str) -> bool:
    """True when `body` is nothing but `text` in UTF-8: nothing broken, no byte order mark."""
    return encoding == "utf-8" and "\ufffd" not in text and not body.startswith(BOM_UTF8)


def _is_data(script: HtmlElement) -> bool:
    return "ld+json" in (script.get("type") or "")


def _tree(source: bytes) -> HtmlElement:
    """Root element of `source`; an empty document where there is nothing to parse."""
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    parser.set_element_class_lookup(_CLASSES)
    try:
        tree = html.document_fromstring(source, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return html.document_fromstring("<html><body></body></html>")
    etree.strip_elements(tree, "noscript", with_tail=False)
    return tree
