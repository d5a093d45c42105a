"""Labels that a style sheet sets apart from the sentence they open: `<span class="location-stamp">TP HCM</span>Nếu`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.html import HtmlElement

MAX_STAMP = 40
"""Characters of a place or a label, spaces left out."""


def is_stamp(element: HtmlElement, pieces: Iterable[str]) -> bool:
    """True when readers see a space between the inline `element` that ends here and the text right after it.

    `pieces` are the block's text so far. The element has a class (a style sheet draws the space), opens the block and
    holds a word of at least two characters; a capitalised word follows without a space. So a word with a letter in
    bold (`Hà <b>N</b>ội`), an initial (`<span class="cap">N</span>ếu`) and capitals in pieces stay whole.
    """
    tail = element.tail or ""
    if not tail[:1].isupper() or tail[1:2].isupper() or not element.get("class"):
        return False
    before = "".join(pieces)
    is_word = before[-2:].isalnum() and len(before[-2:]) > 1
    return is_word and before.strip() == element.text_content().strip()
