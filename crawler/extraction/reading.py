"""What a page was read as, before it is cleaned of credits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.extraction.blocks import Block


@dataclass(frozen=True, slots=True)
class Reading:
    """Which blocks of a page are the article's text, and who said so."""

    blocks: tuple[Block, ...]
    captions: tuple[str, ...]
    lede: str | None
    sources: tuple[tuple[str, str], ...]
    """(field, source) pairs."""
