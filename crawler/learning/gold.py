"""The fields of a seed as a person would read them: what learning aims at and what regression tests compare with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 - part of a public signature that is read at run time
from typing import TYPE_CHECKING

import msgspec

from crawler.errors import LearningError

if TYPE_CHECKING:
    from crawler.extraction.document import Document


class GoldFields(msgspec.Struct, frozen=True, kw_only=True):
    """`seeds/<site>/NN.json`: what the seed's page should yield."""

    url: str | None = None
    seed: str | None = None
    """File name of the seed as it was given."""
    site: str | None = None
    kicker: str | None = None
    title: str | None = None
    lede: str | None = None
    published_at: str | None = None
    """ISO 8601 with offset."""
    section: str | None = None
    author: str | None = None
    source: str | None = None
    captions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    """Key words; empty also where nobody looked."""
    body: tuple[str, ...] = ()
    """Paragraphs and headings, without the lede."""
    boilerplate: tuple[str, ...] = ()
    """Lines of the seed that are not the article."""

    @property
    def lines(self) -> tuple[str, ...]:
        """Lede, then body: the lines of the text."""
        return ((self.lede,) if self.lede else ()) + self.body

    @property
    def text(self) -> str:
        """The article's text, paragraphs separated by one blank line."""
        return "\n\n".join(self.lines)


def gold_from_text(text: str, title: str | None = None) -> GoldFields:
    """Gold that is only the article's text, one paragraph a line; the title may stand in it as the first line."""
    return GoldFields(title=title, body=tuple(line.strip() for line in text.splitlines() if line.strip()))


def load_gold(path: Path) -> GoldFields:
    """Read a gold file.

    Raises LearningError naming the file and the field that is wrong.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=GoldFields)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise LearningError(f"{path}: {error}") from None


@dataclass(frozen=True, slots=True)
class SeedPage:
    """A page and, when known, what is right on it."""

    document: Document
    gold: GoldFields | None = None
