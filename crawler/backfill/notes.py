"""How far each file was read for each site, in the state: noted in the transaction that notes what was found there."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite3 import Connection

    from crawler.backfill.sources import Seen
    from crawler.state.store import Store

TAKEN = "taken"
"""Count of the records that were copied; the others bear why not."""
_SAVE = """
INSERT OR REPLACE INTO backfills (source, site, size, etag, wanted, offset, counts) VALUES (?, ?, ?, ?, ?, ?, ?)
"""


@dataclass(slots=True)
class Note:
    """One file, read for one site."""

    source: str
    site: str
    seen: Seen
    wanted: str
    """Hosts and days that were looked for; when they change, the file is read again."""
    offset: int = 0
    """Records before this byte were looked at."""
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def is_over(self) -> bool:
        """Whether the whole file was read."""
        return self.offset >= self.seen.size

    def save(self, connection: Connection) -> None:
        """Put it into the state, inside the caller's transaction."""
        key = (self.source, self.site, self.seen.size, self.seen.etag)
        connection.execute(_SAVE, (*key, self.wanted, self.offset, json.dumps(self.counts)))


def read_note(store: Store, source: str, site: str, seen: Seen, wanted: str) -> Note:
    """What is noted; a new note where the file, or what is looked for, is another than then. Raises CorpusError.

    A storage without ETags, and a local file, are known by their size alone.
    """
    query = "SELECT size, etag, wanted, offset, counts FROM backfills WHERE source = ? AND site = ?"
    for size, etag, before, offset, counts in store.rows(query, (source, site)):
        is_same_file = size == seen.size and (etag == seen.etag or not etag or not seen.etag)
        if is_same_file and before == wanted:
            return Note(source, site, seen, wanted, offset, Counter(json.loads(counts)))
    return Note(source, site, seen, wanted)
