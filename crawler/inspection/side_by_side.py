"""Two articles in two columns, the words marked that the other has not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from crawler.inspection.article_page import plain_article
from crawler.inspection.lookup import printable
from crawler.inspection.repeats import Word, find_cluster, side_by_side
from crawler.inspection.sheets import as_json

if TYPE_CHECKING:
    from crawler.corpus.reader import CorpusReader
    from crawler.inspection.repeats import Cluster, Repeat
    from crawler.items import Article

_MARK = "bold reverse"
_WIDTH = 140
"""Characters of a line that is not written to a terminal."""


def show_cluster(reader: CorpusReader, article_id: str, *, is_json: bool = False) -> bool:
    """Print an article beside each that repeats it; False when there is neither an article nor a duplicate of the id.

    Raises CorpusError when a part cannot be read.
    """
    cluster = find_cluster(reader, article_id)
    if cluster is None:
        return False
    if is_json:
        print(as_json(_plain(cluster)))  # noqa: T201 - this is what the command shows
        return True
    console = Console(width=None if Console().is_terminal else _WIDTH)
    for repeat in cluster.repeats:
        console.print(comparison(cluster.kept, repeat), "")
    if not cluster.repeats:
        console.print(f"{cluster.kept.id}: nothing repeats it")
    return True


def _plain(cluster: Cluster) -> dict[str, object]:
    repeats = [
        plain_article(one.article) | {"relation": one.relation, "likeness": one.likeness} for one in cluster.repeats
    ]
    return {"kept": plain_article(cluster.kept), "repeats": repeats}


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
