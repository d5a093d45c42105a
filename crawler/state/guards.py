"""What an unfinished run learned of a site's traps, so that the next run need not walk into them again."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.state.store import Store

KEEP_SECONDS = 30.0
"""So often it is saved while a run goes on: up to a megabyte."""


class GuardState:
    """Plain JSON values of the run's trap guard, in the state file while addresses wait for the next run."""

    def __init__(self, store: Store, site: str, run_id: str) -> None:
        self._store = store
        self._site = site
        self._run_id = run_id
        self._kept_at = time.monotonic()
        self.learned: Callable[[], dict[str, Any]] | None = None
        """Gives what there is to keep; None: this run guards against nothing."""

    def load(self) -> dict[str, Any]:
        """What the run before learned; empty when it came to its end. Raises CorpusError."""
        rows = self._store.rows("SELECT state FROM guards WHERE site = ?", (self._site,))
        try:
            state = json.loads(rows[0][0]) if rows else {}
        except ValueError:
            return {}
        return state if isinstance(state, dict) else {}

    def tick(self) -> None:
        """Keep it when that is due. Raises CorpusError."""
        if time.monotonic() - self._kept_at >= KEEP_SECONDS:
            self.keep(is_over=False)

    def keep(self, *, is_over: bool) -> None:
        """Keep it, or forget it when the run came to its end: quiet pages of today hide nothing new tomorrow."""
        self._kept_at = time.monotonic()
        if self.learned is None:
            return
        with self._store.transaction() as connection:
            if is_over:
                connection.execute("DELETE FROM guards WHERE site = ?", (self._site,))
            else:
                values = (self._site, self._run_id, json.dumps(self.learned(), separators=(",", ":")))
                connection.execute("INSERT OR REPLACE INTO guards (site, run_id, state) VALUES (?, ?, ?)", values)
