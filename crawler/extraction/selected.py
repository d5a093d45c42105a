"""Read the article out of the blocks that a template selects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.extraction.blocks import Reading, ancestors, read_blocks
from crawler.extraction.cleaner import Verdict, clean_subtree
from crawler.extraction.furniture import is_caption, is_furniture
from crawler.extraction.furniture_lines import is_furniture_line
from crawler.extraction.template import outermost, select, text_of
from crawler.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.html import HtmlElement

    from crawler.extraction.blocks import Block
    from crawler.extraction.document import Document
    from crawler.sites.profile import Template

MIN_PROSE_WORDS = 12
"""A block of so many words, mostly outside links, is kept even where trafilatura would not: recall first."""

MAX_LEDE_INDEX = 4
"""Some systems print the lede above the body and as its first paragraph; later repetitions are the author's."""

MAX_PROSE_LINKS = 0.5
_ONE = ("title", "kicker", "source", "section", "published", "modified")
_MANY = ("captions", "authors", "tags")


def read_selected(document: Document, template: Template) -> Reading | None:
    """Text blocks of the template's lede and body, or None when it selects nothing."""
    body = select(document, template.body)
    if not body:
        return None
    lede = _first_with_text(document, template.lede)
    tops = outermost(_in_order(document, body if lede is None else [lede, *body]))
    skip = set(select(document, template.drop)) | _other_fields(document, template, tops)
    kept: list[Block] = []
    captions = list(_captions(document, template))
    told = set(map(fold, captions))
    judge = _Judge(template, tops, skip)
    for top in tops:
        for block in read_blocks(top, skip):
            if fold(block.text) in told or (is_caption(block, top) and block.key not in judge.keep):
                captions.append(block.text)
            elif judge.is_article(block, top):
                kept.append(block)
    blocks = tuple(without_repeated_lede(kept))
    if not blocks:
        return None
    summary = text_of(lede) if lede is not None else None
    return Reading(blocks, tuple(dict.fromkeys(captions)), summary, _sources(document, template))


def _in_order(document: Document, elements: Iterable[HtmlElement]) -> list[HtmlElement]:
    wanted = set(elements)
    return [element for element in document.tree.iter() if element in wanted]


def _first_with_text(document: Document, selectors: Iterable[str]) -> HtmlElement | None:
    found = (element for selector in selectors for element in select(document, (selector,)))
    return next((element for element in found if text_of(element)), None)


def _other_fields(document: Document, template: Template, tops: list[HtmlElement]) -> set[HtmlElement]:
    """Elements of other fields inside the body; one that holds a selected block, or is one, is left alone."""
    holders = {parent for top in tops for parent in ancestors(top, document.tree)}
    found = {element for name in _MANY for element in select(document, getattr(template, name))}
    found |= {one for name in _ONE if (one := _first_with_text(document, getattr(template, name))) is not None}
    return {element for element in found if element not in holders}


def _captions(document: Document, template: Template) -> Iterable[str]:
    for element in select(document, template.captions):
        if text := text_of(element):
            yield text


def _sources(document: Document, template: Template) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, f"template:{selector}")
        for name, selectors in (("text", template.body), ("lede", template.lede), ("captions", template.captions))
        for selector in selectors
        if select(document, (selector,))
    )


class _Judge:
    """Is a block of the selected part article text? What learning saw decides, then trafilatura, then its shape."""

    def __init__(self, template: Template, tops: list[HtmlElement], skip: set[HtmlElement]) -> None:
        self.keep = frozenset(template.keep_blocks)
        self.drop = frozenset(template.drop_blocks)
        self.lines = frozenset(map(fold, template.drop_lines))
        self.tops = tops
        self.skip = skip
        self._verdict: Verdict | None = None

    @property
    def verdict(self) -> Verdict:
        if self._verdict is None:
            self._verdict = Verdict(clean_subtree(self.tops, self.skip))
        return self._verdict

    def is_article(self, block: Block, top: HtmlElement) -> bool:
        if block.key in self.drop or is_furniture_line(block) or fold(block.text) in self.lines:
            return False
        if block.key in self.keep:
            return True
        if any(is_furniture(element) for element in ancestors(block.element, top) if element is not top):
            return False
        return self.verdict.has(block) or is_prose(block)


def is_prose(block: Block) -> bool:
    """True for a block long enough to be a sentence and not mainly links."""
    return block.text.count(" ") + 1 >= MIN_PROSE_WORDS and block.link_share <= MAX_PROSE_LINKS


def without_repeated_lede(blocks: Iterable[Block]) -> Iterable[Block]:
    """`blocks` without a second copy of the first one, or of the one after a headline, near the beginning."""
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        folded = fold(block.text)
        if index < MAX_LEDE_INDEX and folded.count(" ") + 1 >= MIN_PROSE_WORDS:
            if folded in seen:
                continue
            seen.add(folded)
        yield block
