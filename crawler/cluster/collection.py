"""`scrapy collect --on`: the crawls of many sites on the nodes of a cluster, and one corpus of what they bring."""

from __future__ import annotations

import subprocess
import time
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from crawler.cluster.crawls import FAILED, INTERRUPTED, NOT_BEGUN, STOP_FILE, CrawlJob, Ended, crawl, say
from crawler.cluster.leases import Lease
from crawler.cluster.shards import check_in, check_out, is_out, shard_folder
from crawler.collecting import Collection, SiteRun
from crawler.corpus.opening import open_state
from crawler.corpus.recovery import recover
from crawler.dedup.index import DedupIndex
from crawler.errors import CollectorError
from crawler.offline import archived_kind
from crawler.state.locks import SiteLock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crawler.cluster.engine import Engine
    from crawler.dedup.relations import Thresholds
    from crawler.sites.profile import SiteProfile


class RemoteCrawl:
    """A crawl on some node, with the face of a process."""

    def __init__(self, engine: Engine, reference: Any, folder: Path, log_file: Path) -> None:
        self.reference = reference
        self.returncode: int | None = None
        self._engine = engine
        self._folder = folder
        self._log_file = log_file
        self._is_told = False

    def poll(self) -> int | None:
        """The exit code, None while it waits or runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, seconds: float | None = None) -> int:
        """The exit code. Raises TimeoutExpired."""
        if self.returncode is None:
            if not self._engine.is_done(self.reference, seconds):
                raise subprocess.TimeoutExpired("crawl", seconds or 0)
            try:
                self.returncode = self._engine.get(self.reference)
            except CollectorError as error:
                say(self._log_file, error)
                self.returncode = INTERRUPTED if self._is_told else FAILED
        return self.returncode

    def send_signal(self, signum: int) -> None:
        """Let it end in order, or not begin."""
        self._is_told = True
        with suppress(OSError):
            (self._folder / STOP_FILE).write_text(str(int(signum)), encoding="ascii")

    def kill(self) -> None:
        """Let its process end at once; what it committed stays."""
        self._is_told = True
        self._engine.cancel(self.reference, is_at_once=True)


class ClusterCollection(Collection):
    """As `Collection`, with a task in the place of each process.

    Sites are taken out of the corpus when their crawl begins and brought back in the order they were named in, when
    all are over: the corpus is the one that crawls one after the other would have made.
    """

    def __init__(
        self,
        engine: Engine,
        profiles: Mapping[str, SiteProfile],
        thresholds: Thresholds,
        *arguments: Any,
        **named: Any,
    ) -> None:
        """`arguments` and `named`: those of Collection. Nodes find the working folder where it is here."""
        super().__init__(*arguments, **named)
        self.output = self.output.absolute()
        self._engine = engine
        self._profiles = profiles
        self._make_index = partial(DedupIndex, thresholds=thresholds)
        self._notes: list[str] = []
        self._locks: dict[str, SiteLock] = {}
        self._last: dict[str, Any] = {}
        """The last crawl that was begun for each host."""

    def run(self, sites: Sequence[str]) -> list[SiteRun]:
        """Crawl all and make one corpus of it; after Ctrl-C or SIGTERM of what there is."""
        with ExitStack() as stack:
            self._store = stack.enter_context(open_state(self.output, self._notes))
            stack.callback(self._release)
            self.n_jobs = max(1, len(sites))  # the cluster lets wait what it has no core for
            return super().run(sites)

    def _release(self) -> None:
        for lock in self._locks.values():
            lock.release()

    def _start(self, run: SiteRun) -> SiteRun:
        try:
            folder = self._take_out(run)
        except CollectorError as error:
            say(run.log_file, error)
            run.process = cast("Any", Ended())
            return run
        hosts = self._hosts(run.site)
        before = [self._last[host] for host in hosts if host in self._last]
        run.progress_file = folder / "progress.json"
        run.begun_at = time.monotonic()
        job = CrawlJob(str(folder), str(Path.cwd()), tuple(self._words(run)), str(run.log_file))
        reference = self._engine.start(crawl, job, after=before)
        self._last |= dict.fromkeys(hosts, reference)
        run.process = cast("Any", RemoteCrawl(self._engine, reference, folder, run.log_file))
        return run

    def _take_out(self, run: SiteRun) -> Path:
        """The folder of a site, after what an earlier collection left in it was brought back."""
        lock = self._locks[run.site] = SiteLock(self._store, run.site, run.run_id)
        is_left = is_out(self.output, run.site)
        profile = self._profiles.get(run.site)
        recover(self._store, lock, kind_of=partial(archived_kind, profile) if profile and not is_left else None)
        if is_left:
            self._bring_back(run.site)
        return check_out(self._store, run.site)

    def _bring_back(self, site: str) -> None:
        lease = Lease(shard_folder(self.output, site))
        lease.take()
        check_in(self._store, self._locks[site], make_index=self._make_index)

    def _hosts(self, site: str) -> tuple[str, ...]:
        profile = self._profiles.get(site)
        return profile.hosts if profile else (urlsplit(self.addresses.get(site, "")).netloc,)

    def _words(self, run: SiteRun) -> list[str]:
        own = {"OUTPUT_DIR": shard_folder(self.output, run.site), "CORPUS_IS_SHARD": True, "OUTPUT": ""}
        if not any(setting.startswith("EXTRACTION_WORKERS=") for setting in self.settings):
            own |= {"EXTRACTION_WORKERS": 1}  # a task has one core
        return [*super()._words(run), *(word for name, value in own.items() for word in ("-s", f"{name}={value}"))]

    def _conclude(self, run: SiteRun) -> None:
        process: Any = run.process
        if isinstance(process, RemoteCrawl) and is_out(self.output, run.site):
            try:
                self._bring_back(run.site)
            except CollectorError as error:
                say(run.log_file, error)
                process.returncode = FAILED
        if process is not None and process.returncode == NOT_BEGUN:
            run.process = None
        if run.site in self._locks:
            self._locks.pop(run.site).release()
        super()._conclude(run)
