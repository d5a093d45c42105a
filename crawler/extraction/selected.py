"""Read the article out of the blocks that a template selects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.extraction.blocks import ancestors, read_blocks
from crawler.extraction.cleaner import Verdict, clean_subtree
from crawler.extraction.furniture import below_pictures, is_caption, is_embed, is_furniture
from crawler.extraction.furniture_lines import is_furniture_line
from crawler.extraction.reading import Reading
from crawler.extraction.surroundings import surroundings
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
"""Some systems print the lede above the body and as its first paragraph."""

MAX_PROSE_LINKS = 0.5
AT_END = " > (end)"
"""Behind a path of `drop_blocks`: dropped below the last paragraph only, where signatures and appeals stand."""

_SET_OFF = frozenset({("(b)",), ("(i)",), ("(bi)",)})
HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
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
    below = below_pictures(kept)
    captions += [block.text for block in kept if block in below]
    blocks = tuple(without_copies(judge.without_end([block for block in kept if block not in below])))
    if not blocks:
        return None
    summary = _summary(lede, blocks, document.tree) if lede is not None else None
    return Reading(blocks, tuple(dict.fromkeys(captions)), summary, _sources(document, template))


def _summary(lede: HtmlElement, blocks: Iterable[Block], tree: HtmlElement) -> str:
    """What was kept of the element `lede`, without a title or a dateline in it; all of it where nothing was."""
    kept = " ".join(block.text for block in blocks if lede in ancestors(block.element, tree))
    return kept or text_of(lede)


def _in_order(document: Document, elements: Iterable[HtmlElement]) -> list[HtmlElement]:
    return document.index.in_order(elements)


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
        return is_prose(block) or self._is_line(block, top)

    def _is_line(self, block: Block, top: HtmlElement) -> bool:
        """Is a short line one of the article's? trafilatura is asked only where neither form nor place tells."""
        if block.link_share > MAX_PROSE_LINKS or any(map(is_embed, ancestors(block.element, top))):
            return False
        return block.element.tag in HEADINGS or _plain_key(block) in self.keep or self.verdict.has(block)

    def without_end(self, blocks: list[Block]) -> list[Block]:
        """`blocks` without those below the last paragraph whose path is dropped there only."""
        at_end = [f"{block.key}{AT_END}" in self.drop for block in blocks]
        last = max((n for n, block in enumerate(blocks) if not at_end[n] and is_prose(block)), default=-1)
        return [block for n, block in enumerate(blocks) if n < last or not at_end[n]]


def _plain_key(block: Block) -> str | None:
    """The path of a line that is bold or slanted as a whole, as it would be in a paragraph beside it."""
    return " > ".join(block.path[:-1]) if block.path[-1:] in _SET_OFF else None


def is_prose(block: Block) -> bool:
    """True for a block long enough to be a sentence and not mainly links."""
    return block.text.count(" ") + 1 >= MIN_PROSE_WORDS and block.link_share <= MAX_PROSE_LINKS


def without_copies(blocks: Iterable[Block]) -> Iterable[Block]:
    """`blocks` without what the page prints twice: the lede above and in the body, slides for wide and narrow.

    A copy stands near the beginning, or under another path than the first; what an author repeats has the same path.
    """
    seen: dict[str, tuple[str, ...]] = {}
    for index, block in enumerate(blocks):
        folded = fold(block.text)
        if folded.count(" ") + 1 >= MIN_PROSE_WORDS:
            if folded in seen and (index < MAX_LEDE_INDEX or seen[folded] != block.path):
                continue
            seen.setdefault(folded, block.path)
        yield block


def count_words(blocks: Iterable[Block]) -> int:
    """Words of `blocks`."""
    return sum(block.text.count(" ") + 1 for block in blocks)


def missed_prose(document: Document, template: Template, reading: Reading) -> list[Block]:
    """Paragraphs that no selector of the template holds: from the headline to the last selected block, and right below.

    Right below means beside the body, in the element around it; teasers of other articles stand further out.
    """
    blocks, tree = document.blocks_in(surroundings(document, template)), document.tree
    chosen = {block.element for block in reading.blocks}
    places = [index for index, block in enumerate(blocks) if block.element in chosen]
    if not places:
        return []
    head = max((index for index in range(places[0]) if blocks[index].element.tag == "h1"), default=places[0])
    held = {*select(document, (*template.lede, *template.body, *template.drop, *template.captions))}
    parents = {top.getparent() for top in outermost(select(document, template.body))}
    end = next((i for i in range(places[-1] + 1, len(blocks)) if _is_break(blocks[i])), len(blocks))
    below = [block for block in blocks[places[-1] + 1 : end] if not parents.isdisjoint(ancestors(block.element, tree))]
    said = {fold(block.text) for block in reading.blocks}
    missed = [block for block in (*blocks[head + 1 : places[-1]], *below) if fold(block.text) not in said]
    return [block for block in missed if is_prose(block) and not _is_explained(block, held, tree)]


def _is_break(block: Block) -> bool:
    return block.link_share > MAX_PROSE_LINKS or is_furniture_line(block) or block.element.tag == "h1"


def _is_explained(block: Block, held: set[HtmlElement], tree: HtmlElement) -> bool:
    return is_caption(block, tree) or any(
        element in held or is_furniture(element) for element in ancestors(block.element, tree)
    )
