"""Several crawls side by side: a process for each site, one display, one summary."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from crawler.corpus.manifest import RunManifest, read_manifest
from crawler.errors import CollectorError
from crawler.options import new_run_id
from crawler.progress import LINE_SECONDS, describe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

POLL_SECONDS = 0.2
FAILED, INTERRUPTED = 1, 130
"""Exit codes, as in crawler.command."""
GRACE_SECONDS = 15.0
"""How long crawls may take to end in order after a signal; they commit what they have."""


@dataclass
class SiteRun:
    """The crawl of one site in its own process."""

    site: str
    run_id: str
    progress_file: Path
    log_file: Path
    process: subprocess.Popen[bytes] | None = None
    manifest: RunManifest | None = None
    complaint: str = ""
    """What the process said on stderr when it failed."""
    progress: dict[str, int] = field(default_factory=dict)
    begun_at: float = 0.0
    """On the monotonic clock."""

    @property
    def is_ok(self) -> bool:
        """Whether the crawl ended well and its counts add up."""
        return self.exit_code == 0

    @property
    def exit_code(self) -> int:
        """That of the crawl; 130 when it was never begun, 1 when it died or left no manifest."""
        if self.process is None:
            return INTERRUPTED
        code = self.process.returncode
        return FAILED if code < 0 or (code == 0 and self.manifest is None) else code

    def read_progress(self) -> dict[str, int]:
        """What the crawl said last of how far it is."""
        with suppress(OSError, ValueError):
            self.progress = json.loads(self.progress_file.read_text(encoding="utf-8"))
        return self.progress

    def tell_progress(self) -> tuple[int, int, str]:
        """Pages fetched, those and what waits, and both with rate and time left in words."""
        progress = self.read_progress()
        fetched = progress.get("fetched", 0)
        total = fetched + progress.get("waiting", 0)
        seconds = time.monotonic() - self.begun_at
        return fetched, total, describe(fetched, total, "pages", seconds) if progress else "starting"

    def as_dict(self) -> dict[str, Any]:
        """For --json."""
        counts = self.manifest.counts if self.manifest else None
        return {
            "site": self.site,
            "run_id": self.run_id,
            "ok": self.is_ok,
            "error": self.complaint or None,
            "fetched": counts.fetched + counts.carried_over if counts else 0,
            "kept": counts.kept if counts else 0,
            "duplicates": counts.duplicates if counts else 0,
            "rejected": self.manifest.by_reason if self.manifest else {},
            "notes": self.manifest.notes if self.manifest else (),
            "not_an_article": counts.not_an_article if counts else 0,
            "log": str(self.log_file),
        }


class Collection:
    """Runs `scrapy crawl` for many sites, a bounded number at once."""

    def __init__(
        self,
        output: Path,
        settings: Sequence[str],
        arguments: Mapping[str, str],
        *,
        n_jobs: int = 0,
        is_quiet: bool = False,
        addresses: Mapping[str, str] | None = None,
    ) -> None:
        """`settings` are NAME=VALUE as given with -s, `arguments` those of -a; `n_jobs` 0: one per core.

        `addresses`: home pages of sites without a profile, which their crawl learns.
        """
        self.output = output
        self.settings = settings
        self.arguments = arguments
        self.n_jobs = n_jobs or len(os.sched_getaffinity(0))
        self.is_quiet = is_quiet
        self.addresses = addresses or {}
        self._told_at = time.monotonic()
        self.interrupted_by = signal.SIGINT
        """The signal that ends the collection, if one does; crawls get the same."""

    def terminate(self, *_: object) -> None:
        """Handler of SIGTERM: as Ctrl-C."""
        self.interrupted_by = signal.SIGTERM
        raise KeyboardInterrupt

    def run(self, sites: Sequence[str]) -> list[SiteRun]:
        """Crawl all; on Ctrl-C or SIGTERM all crawls end in order and what they have is committed."""
        signal.signal(signal.SIGTERM, self.terminate)
        with tempfile.TemporaryDirectory(prefix="collect-") as folder:
            runs = [self._prepare(site, Path(folder)) for site in sites]
            with self._display() as display:
                tasks = {run.site: display.add_task(run.site, total=None, note="waiting") for run in runs}
                try:
                    self._work(runs, display, tasks)
                except KeyboardInterrupt:
                    _end_in_order(runs, self.interrupted_by)
                finally:
                    _kill(runs)
        for run in runs:
            self._conclude(run)
        return runs

    def _prepare(self, site: str, folder: Path) -> SiteRun:
        run_id = new_run_id(site)
        log_file = self.output / "logs" / f"{run_id}.log"
        log_file.parent.mkdir(parents=True, exist_ok=True)
        return SiteRun(site, run_id, folder / f"{site}.json", log_file)

    def _display(self) -> Progress:
        columns = (
            SpinnerColumn(finished_text=" "),
            TextColumn("{task.description:<24}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
        )
        console = Console(stderr=True)
        return Progress(*columns, console=console, disable=self.is_quiet or not console.is_terminal)

    def _work(self, runs: list[SiteRun], display: Progress, tasks: Mapping[str, Any]) -> None:
        waiting, running = list(runs), list[SiteRun]()
        while waiting or running:
            while waiting and len(running) < self.n_jobs:
                running.append(self._start(waiting.pop(0)))
            time.sleep(POLL_SECONDS)
            self._tell(running, display, tasks)
            for run in [run for run in running if run.process is not None and run.process.poll() is not None]:
                running.remove(run)
                display.update(
                    tasks[run.site], note="done" if run.process and run.process.returncode == 0 else "failed"
                )

    def _tell(self, running: list[SiteRun], display: Progress, tasks: Mapping[str, Any]) -> None:
        is_line = not self.is_quiet and display.disable and time.monotonic() - self._told_at >= LINE_SECONDS
        for run in running:
            fetched, total, note = run.tell_progress()
            display.update(tasks[run.site], completed=fetched, total=max(total, 1), note=note)
            if is_line:
                print(f"{run.site}: {note}", file=sys.stderr, flush=True)  # noqa: T201 - nobody sees a bar here
        if is_line:
            self._told_at = time.monotonic()

    def _start(self, run: SiteRun) -> SiteRun:
        # a session of its own, so that Ctrl-C reaches the crawls once, from here, and not twice
        run.begun_at = time.monotonic()
        run.process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "scrapy", *self._words(run)],
            stdout=subprocess.DEVNULL,
            stderr=run.log_file.open("ab"),
            start_new_session=True,
        )
        return run

    def _words(self, run: SiteRun) -> list[str]:
        """The command after `scrapy`."""
        url = self.addresses.get(run.site)
        first = {"url": url, "keep": "true"} if url else {}
        words = ["crawl", "article" if url else run.site, "--logfile", str(run.log_file)]
        for name, value in {**self.arguments, **first, "run_id": run.run_id}.items():
            words += ["-a", f"{name}={value}"]
        for setting in (*self.settings, f"PROGRESS_FILE={run.progress_file}"):
            words += ["-s", setting]
        return words

    def _conclude(self, run: SiteRun) -> None:
        try:
            run.manifest = read_manifest(self.output / "runs" / f"{run.run_id}.json")
        except CollectorError:
            run.manifest = None
        if run.process is None:
            run.complaint = "interrupted before it began"
        elif run.exit_code == INTERRUPTED:
            run.complaint = "ended by Ctrl-C; the same command goes on where it was"
        elif not run.is_ok:
            lines = run.log_file.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            run.complaint = lines[-1].removeprefix("scrapy crawl: ") if lines else "ended without a word"


def _end_in_order(runs: list[SiteRun], signum: int) -> None:
    alive = _alive(runs)
    for process in alive:
        process.send_signal(signum)
    deadline = time.monotonic() + GRACE_SECONDS
    for process in alive:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.1, deadline - time.monotonic()))


def _kill(runs: list[SiteRun]) -> None:
    """No crawl outlives this process: neither those that do not end in time, nor after a second Ctrl-C."""
    for process in _alive(runs):
        process.kill()
        process.wait()


def _alive(runs: list[SiteRun]) -> list[subprocess.Popen[bytes]]:
    return [run.process for run in runs if run.process is not None and run.process.poll() is None]
