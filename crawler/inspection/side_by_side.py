"""Two articles in two columns, the words marked that the other has not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from crawler.inspection.lookup import printable
from crawler.inspection.repeats import Word, side_by_side

if TYPE_CHECKING:
    from crawler.inspection.repeats import Repeat
    from crawler.items import Article

_MARK = "bold reverse"


def comparison(kept: Article, repeat: Repeat) -> Table:
    """The kept article on the left; differing words are shown reverse, and between ⟦ ⟧ where there are no colours."""
    other = repeat.article
    figure = "" if repeat.likeness is None else f" {repeat.likeness:.3f}"
    table = Table(show_lines=True, expand=True)
    for article, what in ((kept, "kept"), (other, f"{repeat.relation}{figure}")):
        table.add_column(_heading(article, what), ratio=1)
    for left, right in side_by_side(kept.title, other.title) + side_by_side(kept.text, other.text):
        table.add_row(_paragraph(left), _paragraph(right))
    return table


def _heading(article: Article, what: str) -> Text:
    published = f"{article.published_at:%Y-%m-%d %H:%M} UTC" if article.published_at else "not dated"
    source = f", credits {article.source}" if article.source else ""
    return Text(printable(f"{what}: {article.site}, {published}{source}\n{article.url}\n{article.id}"))


def _paragraph(words: list[Word]) -> Text:
    text = Text()
    is_open = False
    for word in words:
        if is_open and word.is_shared:
            text.append("⟧", _MARK)
        if text:
            text.append(" ")
        if not is_open and not word.is_shared:
            text.append("⟦", _MARK)
        text.append(printable(word.text), "" if word.is_shared else _MARK)
        is_open = not word.is_shared
    if is_open:
        text.append("⟧", _MARK)
    return text
