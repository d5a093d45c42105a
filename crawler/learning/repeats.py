"""Lines that stand on several pages of a site are the site's, not an article's."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from crawler.extraction.selected import read_selected
from crawler.extraction.template import is_fit
from crawler.folding import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from crawler.extraction.document import Document
    from crawler.sites.profile import Template

MIN_SHARE = 0.4
"""Share of the pages (two at least) that must have a line."""

MAX_DROP_LINES = 60
"""Lines one template drops at most: more are a sign that the container is too large."""


def repeating_lines(*groups: Sequence[Document]) -> frozenset[str]:
    """Folded lines that stand on two pages and on MIN_SHARE of all; pages with the same text count once."""
    pages = {tuple(fold(block.text) for block in document.blocks) for group in groups for document in group}
    counts = Counter(line for page in pages for line in set(page) if line)
    enough = max(2.0, MIN_SHARE * len(pages))
    return frozenset(line for line, n_pages in counts.items() if n_pages >= enough)


def drop_repeating(template: Template, documents: Sequence[Document], repeating: Collection[str]) -> Template:
    """`template` with the repeating lines that it still lets through, as they stand on the pages."""
    counts: Counter[str] = Counter()
    for document in documents if repeating else ():
        reading = read_selected(document, template) if is_fit(document, template) else None
        counts.update({block.text for block in reading.blocks} if reading else ())
    lines = [line for line, n in counts.most_common() if n > 1 and fold(line) in repeating]
    return msgspec.structs.replace(template, drop_lines=tuple(sorted(lines[:MAX_DROP_LINES])))
