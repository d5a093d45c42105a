"""What a page without gold says: what generic extraction reads, without headline, kicker and lines that pages share."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from crawler.errors import LearningError
from crawler.extraction.generic import opens_with_lede, read_generic
from crawler.extraction.headline import read_headline
from crawler.extraction.selected import is_prose as is_block_prose
from crawler.folding import fold
from crawler.learning.gold import GoldFields
from crawler.learning.seed_lines import is_dateline, is_kicker, is_prose, split_tools

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from crawler.extraction.blocks import Block
    from crawler.extraction.document import Document

_LEDE_NAME = re.compile(
    r"(?:^|[-_ ])(?:sapo|brief|lead|lede|summary|abstract|intro|chapeau|tom-?tat|mo-?ta|desc|description)(?:$|[-_ ])",
    re.IGNORECASE,
)

MAX_HEAD = 5
"""Lines from the top of what was read in which its headline may stand; further down it is a link or a quotation."""


def likely_gold(document: Document, repeating: Collection[str]) -> GoldFields:
    """What generic extraction and the generic rules take for the article, without lines that other pages have too.

    Raises LearningError where no article text is found.
    """
    reading = read_generic(document)
    if isinstance(reading, str):
        lines = reading.splitlines()
    else:
        lines = [block.text for block in reading.blocks] if reading else []
    headline = read_headline(document, None)
    title = headline.text if headline else None
    above, below = _split_head([line for line in lines if line.strip()], title)
    body = tuple(line for line in below if fold(line) not in repeating)
    if not body:
        raise LearningError(f"{document.url}: no article text found on the page")
    lede = reading.lede if reading and not isinstance(reading, str) and reading.lede in body else None
    kicker = _kicker(document, above[-1], title or "") if above else None
    lede = lede or _lede_above(document, title or "", body)
    return GoldFields(title=title, kicker=kicker, lede=lede, body=tuple(line for line in body if line != lede))


def _split_head(lines: Sequence[str], title: str | None) -> tuple[Sequence[str], Sequence[str]]:
    """What stands above and below the headline; nothing above where the headline is not at the top of `lines`."""
    for place, line in enumerate(lines[:MAX_HEAD]):
        if _says_title(line, title or ""):
            return lines[:place], lines[place + 1 :]
        if is_prose(line):
            break
    return (), lines


def _says_title(line: str, title: str) -> bool:
    return bool(title) and fold(split_tools(line)[0]) == fold(title)


def _kicker(document: Document, above: str, title: str) -> str | None:
    """`above` where it is no date and no link, and stands right before the headline on the page."""
    if not is_kicker(above) or is_dateline(above):
        return None
    beside = any(
        block.text == above and not block.link_share and _says_title(following.text, title)
        for block, following in itertools.pairwise(document.blocks)
    )
    return above if beside else None


def _lede_above(document: Document, title: str, body: Sequence[str]) -> str | None:
    """The one paragraph between headline and `body` that its element calls a lede, in languages that set one there."""
    if not opens_with_lede(" ".join(body)):
        return None
    blocks = document.blocks
    first = next((n for n, block in enumerate(blocks) if block.text == body[0]), 0)
    head = max((n for n in range(first) if _says_title(blocks[n].text, title)), default=first)
    named = [block for block in blocks[head + 1 : first] if is_block_prose(block) and _is_called_lede(block)]
    return named[0].text if len(named) == 1 else None


def _is_called_lede(block: Block) -> bool:
    around = (block.element, *itertools.islice(block.element.iterancestors(), 1))
    return any(_LEDE_NAME.search(f"{one.get('id') or ''} {one.get('class') or ''}"[:500]) for one in around)
