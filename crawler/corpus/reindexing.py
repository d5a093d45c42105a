"""The index of duplicates made anew from the corpus, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.corpus.reader import CorpusReader
from crawler.corpus.schema import Dataset
from crawler.corpus.unfinished import take_back
from crawler.dedup.index import rebuild
from crawler.progress import silent
from crawler.state.locks import OutputLock
from crawler.state.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crawler.dedup.relations import Thresholds
    from crawler.items import Article
    from crawler.progress import Tell


def rebuild_index(output: Path, run_id: str, thresholds: Thresholds, tell: Tell = silent) -> int:
    """Make the index from the kept articles, whatever was in it; returns how many there are.

    Needed when a release changes the parameters of the index; a crash leaves the old one. `tell` counts articles.
    Raises LockedError while anything else writes to `output`, CorpusError when a part cannot be read or there is no
    corpus.
    """
    CorpusReader(output).close()
    with OutputLock(output, run_id), Store(output) as store, store.transaction() as connection:
        take_back(connection, output)
        with CorpusReader(output) as reader:
            return rebuild(connection, _told(reader, tell), thresholds).count()


def _told(reader: CorpusReader, tell: Tell) -> Iterator[Article]:
    n_all = sum(part.rows for part in reader.parts(Dataset.ARTICLES))
    for n_done, article in enumerate(reader.articles()):
        tell(n_done, n_all)
        yield article
