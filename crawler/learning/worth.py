"""Is a template worth having? More seeds must never read a site worse than no seed does."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from crawler.extraction.generic import read_generic
from crawler.extraction.selected import read_selected
from crawler.extraction.template import is_fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.learning.layout import LearnedPage
    from crawler.sites.profile import Template

MIN_FIT = 0.9
"""Word F1 from which a template is believed to describe a page's layout."""

MAX_LOSS = 0.01
"""Word F1 that a template may read less than generic extraction does."""


def word_f1(gold: str, text: str) -> float:
    """F1 of the multisets of words, 0 to 1."""
    wanted, found = (Counter(re.findall(r"\w+", part.lower())) for part in (gold, text))
    both = sum((wanted & found).values())
    return 2 * both / max(1, sum(wanted.values()) + sum(found.values()))


def template_f1(template: Template, page: LearnedPage) -> float:
    """Word F1 of what `template` reads from the page against its seed, 0 where it does not fit."""
    reading = read_selected(page.document, template) if is_fit(page.document, template) else None
    return word_f1(page.gold.text, "\n".join(block.text for block in reading.blocks)) if reading else 0.0


def generic_f1(page: LearnedPage) -> float:
    """Word F1 of what generic extraction reads; 0 where it said what the text is, and nobody else did."""
    reading = read_generic(page.document) if page.is_certain else None
    text = reading if isinstance(reading, str) else "\n".join(block.text for block in reading.blocks) if reading else ""
    return word_f1(page.gold.text, text)


def is_worth(template: Template, pages: Sequence[LearnedPage], generic: Sequence[float]) -> bool:
    """True when `template` reads the seed pages that taught it no worse than generic extraction, whose F1 is given."""
    learned = sum(template_f1(template, page) for page in pages)
    return learned >= sum(generic) - MAX_LOSS * len(pages)
