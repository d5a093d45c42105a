"""What a crawl in a folder of its own found, kept as it was before it was decided, for whoever joins it to a corpus.

Which article is kept depends on all that came before it in the whole corpus. A crawl on another node knows only its
own: it decides for itself, so that its folder is a corpus, and hands the undecided outcomes over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.corpus.committer import Committer
from crawler.corpus.spool import packed, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.corpus.outcomes import Committed, Outcome
    from crawler.state.store import Store

_TABLE = "CREATE TABLE IF NOT EXISTS handover (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, row BLOB NOT NULL) STRICT"


class Handover(Committer):
    """A Committer that keeps its outcomes as well, those of one record once."""

    def flush(self) -> Committed:
        """Commit everything that waits.

        The outcomes are durable before they are decided: what is decided can always be handed over. Those whose
        commit failed are replaced when their records are processed again.
        """
        rows = [(outcome.seq, *packed(outcome)) for outcome in self._waiting.values()]
        if rows:
            with self._store.transaction() as connection:
                connection.execute(_TABLE)
                connection.executemany("INSERT OR REPLACE INTO handover VALUES (?, ?, ?)", rows)
        return super().flush()


def handed_over(store: Store, *, batch: int = 500) -> Iterator[tuple[str, int, Outcome]]:
    """File and offset of each decided record in `store`, in order, with its outcome as it was before."""
    if not store.rows("SELECT 1 FROM sqlite_master WHERE name = 'handover'"):
        return
    query = (
        "SELECT seq, file, offset, handover.kind, row FROM handover JOIN records USING (seq)"
        " WHERE outcome IS NOT NULL AND seq > ? ORDER BY seq LIMIT ?"
    )
    last = 0
    while rows := store.rows(query, (last, batch)):
        for seq, file, offset, kind, row in rows:
            yield file, offset, unpacked(seq, kind, row)
        last = rows[-1][0]
