"""What all pages need: the corpus, opened as it is committed now, the sites, the search index, a process aside."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from crawler.corpus.reader import CorpusReader
from crawler.corpus.schema import Dataset
from crawler.errors import CollectorError, CorpusError, ProfileError
from crawler.inspection.warehouse import Warehouse
from crawler.progress import Progress
from crawler.refinement.thresholds import DEFAULTS
from crawler.sites.profile import read_profiles
from crawler.state.store import STATE_FILE, Store
from crawler.viewer.aside import Aside
from crawler.viewer.finding import Finder
from crawler.viewer.guard import new_secret
from crawler.viewer.index_file import INDEX_FILE
from crawler.viewer.indexing import refresh

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from crawler.refinement.thresholds import Thresholds
    from crawler.scheduling.planning import Planner
    from crawler.sites.profile import SiteProfile

logger = logging.getLogger(__name__)

PATIENCE = 1.0
"""Seconds that a page waits for the index to take in what came; a large corpus goes on beside it."""


class Desk:
    """Shared by all requests; its methods may be called from several threads."""

    def __init__(
        self,
        output: Path,
        seeds_dir: Path,
        zone: str,
        planner: Callable[[Mapping[str, SiteProfile]], Planner],
        quality: Thresholds = DEFAULTS,
        *,
        is_quiet: bool = True,
    ) -> None:
        """`zone`: in which times are shown; `planner`: of the sites that have a schedule.

        Unless `is_quiet`, the terminal shows how far the search index is.
        """
        self.output = output
        self.seeds_dir = seeds_dir
        self.zone = zone
        self.planner = planner
        self.quality = quality
        self.csrf = new_secret()
        self.aside = Aside()
        self.progress: tuple[int, int] | None = None
        """Rows indexed and to index, while the index is being made."""
        self._shown = Progress("search index", "articles", is_quiet=is_quiet)
        self._lock = threading.RLock()
        self._warehouse: tuple[Any, Warehouse] | None = None
        self._finder: tuple[int, Finder] | None = None
        self._indexed: Any = None
        self._task: threading.Thread | None = None
        self._problem: CollectorError | None = None

    @property
    def is_begun(self) -> bool:
        """Whether anything was collected yet."""
        return (self.output / STATE_FILE).is_file()

    def reader(self) -> CorpusReader:
        """The corpus; to be closed. Raises CorpusError when there is none."""
        return CorpusReader(self.output)

    def store(self) -> Store:
        """The state, to look at; to be closed. Raises CorpusError when there is none."""
        return Store(self.output, is_read_only=True)

    @contextmanager
    def warehouse(self) -> Iterator[Warehouse]:
        """Views on what is committed now; one visitor at a time."""
        with self._lock:
            stamp = self.stamp()
            if self._warehouse is None or self._warehouse[0] != stamp:
                if self._warehouse is not None:
                    self._warehouse[1].close()
                self._warehouse = stamp, Warehouse(self.output, self.zone)
            yield self._warehouse[1]

    def stamp(self) -> Any:
        """Changes whenever something is committed or a run ends."""
        with self.store() as store:
            parts = store.rows("SELECT count(*), max(rowid), sum(rows), sum(bytes) FROM parts")
        runs = self.output / "runs"
        return tuple(parts[0]), runs.stat().st_mtime_ns if runs.is_dir() else 0

    def profiles(self) -> tuple[dict[str, SiteProfile], dict[str, ProfileError]]:
        """The sites, and what is wrong with those that cannot be used."""
        return read_profiles(self.seeds_dir)

    def profile(self, site: str) -> SiteProfile:
        """The profile of a site. Raises ProfileError when there is none."""
        profiles, broken = self.profiles()
        if site not in profiles:
            raise broken.get(site) or ProfileError(f"{site}: no site of that key in {self.seeds_dir}")
        return profiles[site]

    def finder(self) -> Finder:
        """The search index, as far as it is made; what came since begins to be taken in."""
        self._begin_indexing()
        if not (self.output / INDEX_FILE).is_file():
            raise self._problem or CorpusError("the search index is being made; try again in a moment")
        inode = (self.output / INDEX_FILE).stat().st_ino
        with self._lock:
            if self._finder is None or self._finder[0] != inode:
                self._finder = inode, Finder(self.output, self.zone)
            return self._finder[1]

    def prepare(self) -> None:
        """Begin to make the search index, so that the first search finds it."""
        if self.is_begun:
            with suppress(CollectorError):  # told where somebody looks
                self._begin_indexing(0.0)

    def _begin_indexing(self, patience: float = PATIENCE) -> None:
        with self.reader() as reader:
            stamp = {part.path for part in reader.parts(Dataset.ARTICLES)}
        with self._lock:
            if self._indexed != stamp and (self._task is None or not self._task.is_alive()):
                self._indexed = stamp
                self._task = threading.Thread(target=self._index, name="indexing", daemon=True)
                self._task.start()
            task = self._task
        if task is not None:
            task.join(patience)

    def _index(self) -> None:
        try:
            with self._shown:
                done = refresh(self.output, self._told)
            logger.info("search index: %d articles added, %d removed", done.n_added, done.n_removed)
            self._problem = None
        except CollectorError as error:
            logger.warning("search index: %s", error)
            self._problem, self._indexed = error, None
        finally:
            self.progress = None

    def _told(self, n_done: int, n_rows: int) -> None:
        self.progress = n_done, n_rows
        self._shown(n_done, n_rows)

    def close(self) -> None:
        """Let go of everything."""
        self._shown.stop()
        self.aside.close()
        with self._lock:
            if self._warehouse is not None:
                self._warehouse[1].close()
            if self._finder is not None:
                self._finder[1].close()
