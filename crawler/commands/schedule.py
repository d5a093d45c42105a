"""`scrapy schedule`: crawls at their times."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import UsageError

from crawler.command import FAILED, OK, CollectorCommand
from crawler.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.scheduling.daemon import Scheduler
    from crawler.scheduling.planning import Planner
    from crawler.scheduling.timetable import Timetable
    from crawler.scheduling.views import Views
    from crawler.sites.profile import SiteProfile

VERBS = {
    "run": "look who is due until stopped (--once: crawl what is due now and end; --dry-run: say what would start)",
    "list": "the scheduled sites: rule, next due time, state",
    "next": "the due times of the coming days (--days N)",
    "once": "crawl SITE … now, out of turn",
    "pause": "leave SITE … out until resumed",
    "resume": "take SITE … in again, from its next due time on",
    "history": "what ran and how it ended",
    "install": "write what systemd, cron or Kubernetes need (--systemd, --cron, --kubernetes)",
}


class Command(CollectorCommand):
    """Verbs over the timetable in the state file."""

    def syntax(self) -> str:
        """Usage line."""
        return f"{{{'|'.join(VERBS)}}} [options] [SITE ...]"

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Crawl each site at its times: every 6h, by a cron line, or as often as it publishes"

    def long_desc(self) -> str:
        """Shown by --help."""
        return "\n".join(f"{verb}: {what}" for verb, what in VERBS.items())

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Options of this command."""
        super().add_options(parser)
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        parser.add_argument("--once", action="store_true", help="run: crawl what is due now and end, for users of cron")
        parser.add_argument("--dry-run", action="store_true", help="run: start nothing, say what would start when")
        parser.add_argument("--days", type=int, default=7, metavar="N", help="next, --dry-run: days to look ahead (7)")
        parser.add_argument("--limit", type=int, default=20, metavar="N", help="history: rows to show (20)")
        parser.add_argument("--json", action="store_true", help="list, next, history: as JSON; run: log lines as JSON")
        parser.add_argument("--metrics", metavar="[HOST:]PORT", help="run: serve /metrics for those who monitor")
        for kind in ("systemd", "cron", "kubernetes"):
            parser.add_argument(f"--{kind}", action="store_true", help=f"install: for {kind}")
        parser.add_argument("--to", type=Path, metavar="FOLDER", help="install: where to write (default: print)")
        parser.add_argument("--image", default="news-corpus:latest", help="install --kubernetes: the container image")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Do what the verb says."""
        verb, *sites = args or [""]
        if verb not in VERBS:
            wrong = f"{verb!r} is no verb" if verb else "what to do?"
            raise UsageError(f"{wrong}; one of {', '.join(VERBS)}", print_help=False)
        if opts.days < 1 or opts.limit < 1:
            raise OptionError("--days and --limit: a number from 1 on is needed")
        if verb in {"once", "pause", "resume"} and not sites:
            raise UsageError(f"schedule {verb}: which sites?", print_help=False)
        act: Callable[[list[str], argparse.Namespace], int] = getattr(self, f"_{verb}")
        return act(sites, opts)

    @cached_property
    def _profiles(self) -> dict[str, SiteProfile]:
        from crawler.command import report_error
        from crawler.sites.profile import read_profiles

        profiles, broken = read_profiles(self.seeds_dir)
        for error in broken.values():
            report_error(self.name, error)
        return dict(profiles)

    @cached_property
    def _planner(self) -> Planner:
        from crawler.scheduling.planning import Planner, scheduled_sites
        from crawler.scheduling.rates import corpus_rates

        assert self.settings is not None  # noqa: S101 - Scrapy sets it before run()
        return Planner(
            scheduled_sites(self._profiles),
            spread_seconds=self.settings.getint("SCHEDULE_SPREAD"),
            rates=lambda site: corpus_rates(self.output_dir, site.key, site.zone, datetime.now(UTC)),
            n_articles=self.settings.getfloat("SCHEDULE_ARTICLES"),
        )

    def _timetable(self) -> Timetable:
        from crawler.scheduling.timetable import Timetable
        from crawler.state.store import Store

        timetable = Timetable(Store(self.output_dir), self._planner)
        timetable.sync(datetime.now(UTC))
        return timetable

    def _scheduler(self, opts: argparse.Namespace) -> Scheduler:
        from crawler.scheduling.daemon import Scheduler, SystemClock
        from crawler.scheduling.jobs import Launcher
        from crawler.scheduling.reporting import Reporter

        assert self.settings is not None  # noqa: S101 - Scrapy sets it before run()
        # addresses with passwords in them are no business of the crawls, and of those who list processes
        settings = [pair for pair in opts.set if not pair.startswith("ALERT_URLS=")]
        launcher = Launcher(self.output_dir, settings, max_pages=self.settings.getint("SCHEDULE_RUN_PAGES"))
        n_jobs = self.settings.getint("SCHEDULE_JOBS") or len(os.sched_getaffinity(0))
        max_seconds = self.settings.getfloat("SCHEDULE_RUN_SECONDS")
        reporter = Reporter(self.output_dir, self.settings.getlist("ALERT_URLS"), is_json=opts.json)
        return Scheduler(
            self._timetable(), launcher, SystemClock(), n_jobs=n_jobs, max_seconds=max_seconds, on_end=reporter
        )

    def _run(self, sites: list[str], opts: argparse.Namespace) -> int:
        from crawler.scheduling.jobs import scheduler_lock
        from crawler.scheduling.metrics_server import metrics_server

        if sites:
            raise UsageError("schedule run takes no site; `scrapy schedule once SITE` crawls one now", print_help=False)
        if opts.dry_run:
            return self._next(sites, opts)
        if not self._planner.sites:
            raise OptionError(f'{self.seeds_dir}: no profile has a schedule; write schedule = "every 6h" into one')
        with scheduler_lock(self.output_dir):
            scheduler = self._scheduler(opts)
            for signum in (signal.SIGINT, signal.SIGTERM):
                signal.signal(signum, lambda *_: scheduler.stop())
            print(f"scheduling {len(self._planner.sites)} sites; Ctrl-C ends in order", file=sys.stderr)
            with metrics_server(opts.metrics, self.output_dir) if opts.metrics else nullcontext():
                scheduler.begin()
                scheduler.run(is_once=opts.once)
        return OK

    def _once(self, sites: list[str], opts: argparse.Namespace) -> int:
        self._check(sites, self._profiles)
        scheduler = self._scheduler(opts)
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, lambda *_: scheduler.stop())
        outcomes = scheduler.run_now(sites)
        if left := set(sites) - outcomes.keys():
            print(f"scrapy schedule: {', '.join(sorted(left))}: a crawl is running", file=sys.stderr)
        return OK if outcomes.keys() == set(sites) and set(outcomes.values()) <= {"ok"} else FAILED

    def _pause(self, sites: list[str], opts: argparse.Namespace, *, is_paused: bool = True) -> int:  # noqa: ARG002
        self._check(sites, self._planner.sites)
        timetable = self._timetable()
        for site in sites:
            timetable.pause(site, datetime.now(UTC), is_paused=is_paused)
            print(f"{site}: {'paused' if is_paused else 'resumed'}")
        return OK

    def _resume(self, sites: list[str], opts: argparse.Namespace) -> int:
        return self._pause(sites, opts, is_paused=False)

    def _list(self, sites: list[str], opts: argparse.Namespace) -> int:
        self._check(sites, self._planner.sites)
        empty = f'no profile in {self.seeds_dir} has a schedule; write schedule = "every 6h"'
        return self._show(self._views().entries(sites), opts, empty)

    def _next(self, sites: list[str], opts: argparse.Namespace) -> int:
        self._check(sites, self._planner.sites)
        rows = self._views().coming(datetime.now(UTC), timedelta(days=opts.days), sites)
        return self._show(rows, opts, "nothing is due in this time")

    def _history(self, sites: list[str], opts: argparse.Namespace) -> int:
        return self._show(self._views().past(opts.limit, sites), opts, "nothing ran yet")

    def _install(self, sites: list[str], opts: argparse.Namespace) -> int:  # noqa: ARG002 - as the other verbs
        from crawler.scheduling.installing import install, kinds_of

        kinds = kinds_of(opts)
        if not kinds:
            raise UsageError("schedule install: for whom? --systemd, --cron or --kubernetes", print_help=False)
        print(install(kinds, self.output_dir.absolute(), opts.set, opts.to, opts.image))
        return OK

    def _check(self, sites: list[str], known: Any) -> None:
        if unknown := [site for site in sites if site not in known]:
            why = "has no schedule" if unknown[0] in self._profiles else f"is no site in {self.seeds_dir}"
            raise OptionError(f"{unknown[0]}: {why}")

    def _views(self) -> Views:
        from crawler.scheduling.views import Views

        return Views(self._timetable(), self._planner, self._profiles)

    def _show(self, rows: list[dict[str, Any]], opts: argparse.Namespace, when_empty: str) -> int:
        from crawler.scheduling.views import print_rows

        print_rows(rows, is_json=opts.json, when_empty=when_empty)
        return OK
