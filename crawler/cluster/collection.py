"""`scrapy collect --on`: the crawls of many sites on the nodes of a cluster, and one corpus of what they bring."""

from __future__ import annotations

import subprocess
import time
import uuid
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crawler.cluster.crawls import FAILED, INTERRUPTED, NOT_BEGUN, STOP_FILE, CrawlJob, Ended, crawl, say
from crawler.cluster.division import Part
from crawler.cluster.leases import Lease
from crawler.cluster.retelling import retold, told
from crawler.cluster.rounds import RoundsCrawl
from crawler.cluster.shards import check_in, check_out, is_out, parts_out, shard_folder
from crawler.cluster.slots import HostSlots
from crawler.collecting import Collection, SiteRun
from crawler.corpus.opening import open_state
from crawler.corpus.recovery import recover
from crawler.crawling.offline import archived_kind
from crawler.dedup.index import DedupIndex
from crawler.errors import CollectorError
from crawler.state.locks import SiteLock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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
        n_parts: int,
        *arguments: Any,
        **named: Any,
    ) -> None:
        """`n_parts`: of each site; `arguments` and `named`: those of Collection.

        Nodes find the working folder where it is here.
        """
        super().__init__(*arguments, **named)
        self.output = self.output.absolute()
        self._engine = engine
        self._profiles = profiles
        self._n_parts = n_parts
        self._slots = f"slots-{uuid.uuid4().hex}"
        self._actor = engine.actor(self._slots, HostSlots) if n_parts > 1 else None
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
        run.begun_at = time.monotonic()
        try:
            self._take_lock(run)
            process: Any = self._begin(run) if self._n_parts == 1 else self._begin_parts(run)
        except CollectorError as error:
            say(run.log_file, error)
            process = Ended()
        run.process = process
        return run

    def _begin(self, run: SiteRun) -> RemoteCrawl:
        folder = check_out(self._store, run.site)
        hosts = self._hosts(run.site)
        begun = self._send(run, folder, [self._last[host] for host in hosts if host in self._last])
        self._last |= dict.fromkeys(hosts, begun.reference)
        return begun

    def _begin_parts(self, run: SiteRun) -> RoundsCrawl:
        parts = [Part(number, self._n_parts) for number in range(self._n_parts)]
        folders = [check_out(self._store, run.site, part) for part in parts]

        def begin(number: int, n_rounds: int) -> RemoteCrawl:
            own = replace(run, run_id=f"{run.run_id}.{number}.{n_rounds}")
            begun = self._send(own, folders[number], (), self._slots)
            run.progress_file = own.progress_file
            return begun

        return RoundsCrawl(run.site, folders, begin, run.log_file)

    def _send(self, run: SiteRun, folder: Path, after: Sequence[Any], slots: str = "") -> RemoteCrawl:
        run.progress_file = folder / "progress.json"
        words = (*self._words(run), "-s", f"OUTPUT_DIR={folder}")
        job = CrawlJob(str(folder), str(Path.cwd()), words, str(run.log_file), slots=slots)
        return RemoteCrawl(self._engine, self._engine.start(crawl, job, after=after), folder, run.log_file)

    def _take_lock(self, run: SiteRun) -> None:
        """Lock a site, and bring back what an earlier collection left of it."""
        lock = self._locks[run.site] = SiteLock(self._store, run.site, run.run_id)
        is_left = is_out(self.output, run.site) or bool(parts_out(self.output, run.site))
        profile = self._profiles.get(run.site)
        recover(self._store, lock, kind_of=partial(archived_kind, profile) if profile and not is_left else None)
        self._bring_back(run.site)

    def _bring_back(self, site: str, run_id: str = "") -> None:
        """All that is out; `run_id`: what the parts are told as."""
        bring = partial(check_in, self._store, self._locks[site], make_index=self._make_index)
        if is_out(self.output, site):
            with _held(shard_folder(self.output, site)):
                bring()
        manifests = []
        for folder in parts_out(self.output, site):
            with _held(folder):
                manifests += told(folder, run_id) if run_id else []
                bring(folder=folder, run_id=run_id)
        retold(self._store, site, run_id, manifests)

    def _hosts(self, site: str) -> tuple[str, ...]:
        profile = self._profiles.get(site)
        return profile.hosts if profile else (urlsplit(self.addresses.get(site, "")).netloc,)

    def _words(self, run: SiteRun) -> list[str]:
        own: dict[str, Any] = {"CORPUS_IS_SHARD": True, "OUTPUT": ""}
        if not any(setting.startswith("EXTRACTION_WORKERS=") for setting in self.settings):
            own |= {"EXTRACTION_WORKERS": 1}  # a task has one core
        return [*super()._words(run), *(word for name, value in own.items() for word in ("-s", f"{name}={value}"))]

    def _conclude(self, run: SiteRun) -> None:
        process: Any = run.process
        if isinstance(process, RemoteCrawl | RoundsCrawl):
            try:
                self._bring_back(run.site, run.run_id)
            except CollectorError as error:
                say(run.log_file, error)
                process.returncode = FAILED
        if process is not None and process.returncode == NOT_BEGUN:
            run.process = None
        if run.site in self._locks:
            self._locks.pop(run.site).release()
        super()._conclude(run)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Nobody else works in a folder; whoever tries again need not wait."""
    lease = Lease(folder)
    lease.take()
    try:
        yield
    except BaseException:
        lease.release()
        raise
