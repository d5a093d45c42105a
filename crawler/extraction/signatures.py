"""The signature that a page sets at its right edge: whose the article is, wherever its text was found to end."""

from __future__ import annotations

import functools
import re
from itertools import islice
from typing import TYPE_CHECKING

from crawler.extraction.bylines import MAX_CHARS, read_byline
from crawler.extraction.credits import MAX_LINES, MAX_LINKS, MAX_TAIL, Credits, merge_credits
from crawler.extraction.headline import is_short
from crawler.extraction.names import is_vietnamese
from crawler.extraction.vicinity import index_of_title
from crawler.folding import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

    from crawler.extraction.blocks import Block

MIN_PROSE_WORDS = 12
MAX_GAP = 4
"""Blocks between the last sentence and the signature: captions of the pictures there."""
MAX_LEVELS = 4
"""Levels out from a signature to the element that holds the article's last sentence too."""
MAX_REST = 0.25
"""Share of the text that may follow a signature and still be something else: other articles, buttons."""
_RIGHT_STYLE = re.compile(r"text-align\s*:\s*(?:right|end)\b", re.IGNORECASE)
_RIGHT_CLASS = re.compile(r"(?:^|[\s_-])(?:text-?right|align-?right|rteright|signature)(?:$|\s)", re.IGNORECASE)
_WRAPPED = frozenset({("(b)",), ("(i)",), ("(bi)",)})
_OTHERS = re.compile(r"related|comment|binhluan|footer|sidebar|recommend|popular|newer|older", re.IGNORECASE)


def read_signature(blocks: Sequence[Block], title: HtmlElement | None) -> Credits:
    """What the last right-aligned signature below the headline credits; empty without one.

    It follows a sentence at most a few blocks above, in an element around both; so a right-aligned button of the page
    is none. Of several (an epigraph's poet, the article's author) the last signs the article.
    """
    place = index_of_title(blocks, title)
    begin = -1 if place is None else place
    for index in range(len(blocks) - 1, begin, -1):
        if not _is_right(blocks[index]) or not _follows_prose(blocks, index):
            continue
        first = index
        while first - 1 > begin and _is_right(blocks[first - 1]) and index - first < MAX_LINES:
            first -= 1
        credited = _read(blocks[first : index + 1])
        if credited.authors:
            return credited
    return Credits()


def cut_below(paragraphs: Sequence[str], signature: Credits) -> tuple[str, ...]:
    """`paragraphs` up to the signature where it stands among them and only little follows it."""
    lines = {fold(line) for line in signature.removed}
    at = next((i for i in range(len(paragraphs) - 1, 0, -1) if fold(paragraphs[i]) in lines), None)
    if at is None or len(paragraphs) - at > MAX_TAIL:
        return tuple(paragraphs)
    n_rest = sum(map(len, paragraphs[at + 1 :]))
    return tuple(paragraphs[: at + 1]) if n_rest <= MAX_REST * sum(map(len, paragraphs)) else tuple(paragraphs)


def _read(group: Sequence[Block]) -> Credits:
    """What lines at the right edge credit. A word that is no Vietnamese name may be a button or the paper it is from.

    It is a pen name where it is set in bold or italics and no other line names anybody.
    """
    found = [(block, read_byline(block.text, is_marked=True)) for block in group]
    credits_ = [(block, byline) for block, byline in found if byline.is_credit]
    sure = [pair for pair in credits_ if any(" " in name or is_vietnamese(name) for name in pair[1].authors)]
    marked = [pair for pair in credits_ if pair[0].path[-1:] in _WRAPPED]
    named = sure or marked[:1]
    kept = [pair for pair in credits_ if pair in named or not pair[1].authors]
    return merge_credits([(block.text, byline) for block, byline in kept]) if named else Credits()


def _is_right(block: Block) -> bool:
    if len(block.text) > MAX_CHARS or block.link_share >= MAX_LINKS:
        return False
    chain = [block.element, *islice(block.element.iterancestors(), 2)]
    return any(_is_aligned(element) and is_short(element, MAX_CHARS) for element in chain)


def _is_aligned(element: HtmlElement) -> bool:
    align, style, names = element.get("align"), element.get("style"), element.get("class")
    return bool(align or style or names) and _says_right(align or "", (style or "")[:300], (names or "")[:300])


@functools.lru_cache(maxsize=4096)
def _says_right(align: str, style: str, names: str) -> bool:
    return align.strip().lower() == "right" or bool(_RIGHT_STYLE.search(style) or _RIGHT_CLASS.search(names))


def _follows_prose(blocks: Sequence[Block], index: int) -> bool:
    """True when a sentence stands a few blocks above, in an element near around both, that is no comment."""
    holders = list(islice(blocks[index].element.iterancestors(), MAX_LEVELS))
    if any(_OTHERS.search(f"{holder.get('class') or ''} {holder.get('id') or ''}"[:300]) for holder in holders):
        return False
    around = set(holders)
    gap = 0
    for block in reversed(blocks[max(0, index - MAX_LINES - MAX_GAP) : index]):
        if block.text.count(" ") + 1 >= MIN_PROSE_WORDS and block.link_share < MAX_LINKS:
            return block.element in around or not around.isdisjoint(block.element.iterancestors())
        gap += not _is_right(block)
        if gap > MAX_GAP:
            return False
    return False
