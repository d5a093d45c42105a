"""The rules: each looks at one cause and says what shows it, or nothing."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from crawler.corpus.health import alarms
from crawler.health.causes import Cause, Level
from crawler.health.shares import MIN_PAGES, lower_bound
from crawler.health.verdicts import Case, Finding, days

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.corpus.manifest import RunManifest

MOST = 0.5
"""A share from which on a failure is the run's, not a page's."""
SOME = 0.05
"""A lower bound of a share of requests that is worth watching: one retry in a short run is not."""
FEW = 0.1
"""What is left when nearly all is so."""
SUDDEN = 0.3
"""A rise of a share, in points, that is worth a word."""
SURE = 0.2
"""The same for a share's lower bound: few pages vary by chance."""
SLOW_FACTOR, SLOW_SECONDS = 4.0, 5.0
"""An answer takes so many times its usual time, and so many seconds at least."""
SILENT_FACTOR, SILENT_AT_LEAST = 4.0, timedelta(days=3)
"""No new article for so many times the usual distance of runs that brought some, and so long at least."""
SILENT_HOST = "the host does not answer"
MAX_NAMED = 3
"""Addresses that a line of evidence names."""
FAILED = "failed: "
"""How the exit status of a run begins that an error ended."""
LEFT_ALONE = "left alone until"
"""How a run says that the site asked for a pause."""
NO_SPACE = (
    "space left", "disk is full", "quota is used up", "disk failed", "file system is read-only", "File too large",
    "disk I/O error",
)  # fmt: skip
"""What a run says when it cannot write."""


def _failing(cause: Cause, words: str, *codes: str) -> Callable[[Case], Finding | None]:
    """A rule for requests that fail with one of `codes`."""

    def rule(case: Case) -> Finding | None:
        return _by_share(case, cause, case.share_failed(*codes), words)

    return rule


def _answering(cause: Cause, words: str, *statuses: str) -> Callable[[Case], Finding | None]:
    """A rule for answers with one of `statuses`."""

    def rule(case: Case) -> Finding | None:
        if LEFT_ALONE in case.now.exit_status:
            return None
        codes = [f"http_{status}" for status in statuses]
        return _by_share(case, cause, max(case.share_status(*statuses), case.share_failed(*codes)), words)

    return rule


def _by_share(case: Case, cause: Cause, share: float, words: str) -> Finding | None:
    if share < MOST and lower_bound(share, case.now.traffic.n_requests) < SOME:
        return None
    level = Level.BROKEN if share >= MOST else Level.WATCH
    return Finding(cause, level, f"{share:.0%} of the requests: {words}")


def unreachable(case: Case) -> Finding | None:
    """No connection; or no answer at all, however long one waits."""
    if not case.now.traffic.n_answers and (share := case.share_failed("timeout")) >= MOST:
        return _by_share(case, Cause.UNREACHABLE, share, SILENT_HOST)
    share = case.share_failed("connection_refused", "connection_lost")
    return _by_share(case, Cause.UNREACHABLE, share, "no connection")


def robots_changed(case: Case) -> Finding | None:
    """Much of what a run asks for is forbidden now, or robots.txt cannot be had."""
    if case.now.traffic.failures.get("robots_unreachable") and not case.now.traffic.n_sources:
        return Finding(Cause.ROBOTS_CHANGED, Level.BROKEN, "robots.txt cannot be read, so nothing may be fetched")
    traffic, usual, share = case.now.traffic, case.usual(_share_forbidden), _share_forbidden(case.now)
    is_shut_out = traffic.forbidden > 0 and traffic.n_sources == 0
    if not is_shut_out and (usual is None or share - usual < SUDDEN):
        return None
    words = f"robots.txt forbids {traffic.forbidden} addresses that were to be asked for"
    return Finding(Cause.ROBOTS_CHANGED, Level.BROKEN, words)


def _share_forbidden(run: RunManifest) -> float:
    return run.traffic.forbidden / max(run.traffic.forbidden + run.traffic.n_requests, 1)


def wall(case: Case) -> Finding | None:
    """Pages ask for a login."""
    return _by_reason(case, Cause.WALL, "login_wall", "ask for a login or a captcha")


def soft_404(case: Case) -> Finding | None:
    """Pages say that there is nothing."""
    return _by_reason(case, Cause.SOFT_404, "soft_404", "are no article but a notice or the home page")


def _by_reason(case: Case, cause: Cause, reason: str, words: str) -> Finding | None:
    share = case.now.by_reason.get(reason, 0) / max(case.n_decided, 1)
    if lower_bound(share, case.n_decided) < SURE:
        return None
    return Finding(cause, Level.BROKEN if share >= MOST else Level.WATCH, f"{share:.0%} of the pages {words}")


def layout_changed(case: Case) -> Finding | None:
    """Pages are read worse than in the runs before."""
    found = alarms(case.now.reading, [one.reading for one in case.before]) or case.now.alarms
    if not found:
        return None
    level = Level.BROKEN if any("template" in alarm for alarm in found) else Level.WATCH
    return Finding(Cause.LAYOUT_CHANGED, level, "; ".join(found))


def source_dead(case: Case) -> Finding | None:
    """What the profile names as announcing articles does not answer."""
    dead = case.now.traffic.dead_sources
    if not dead or LEFT_ALONE in case.now.exit_status:
        return None
    named = [f"{url} ({problem})" for url, problem in list(dead.items())[:MAX_NAMED]]
    more = [f"and {len(dead) - MAX_NAMED} more"] if len(dead) > MAX_NAMED else []
    level = Level.WATCH if case.now.traffic.n_sources else Level.BROKEN
    return Finding(Cause.SOURCE_DEAD, level, ", ".join(["no longer answering: " + named[0], *named[1:], *more]))


def moved(case: Case) -> Finding | None:
    """Redirects lead elsewhere."""
    redirects = case.now.traffic.moved_to
    share = sum(redirects.values()) / max(case.now.traffic.n_requests, 1)
    if share < MOST and lower_bound(share, case.now.traffic.n_requests) < SOME:
        return None
    host = max(redirects, key=redirects.__getitem__)
    level = Level.BROKEN if share >= MOST or not case.n_decided else Level.WATCH
    return Finding(Cause.MOVED, level, f"{sum(redirects.values())} redirects to other hosts, most of them to {host}")


def only_old(case: Case) -> Finding | None:
    """The newest article is older than the site's habit explains."""
    newest = case.now.traffic.newest_at
    if newest is None or not case.before:
        return None
    silence = case.now.ended_at - newest
    usual = _usual_distance([case.now, *case.before])
    if silence < max(SILENT_AT_LEAST, SILENT_FACTOR * usual):
        return None
    return Finding(Cause.ONLY_OLD, Level.WATCH, f"the newest article is {days(silence)} old, usually {days(usual)}")


def _usual_distance(runs: list[RunManifest]) -> timedelta:
    """Median time between runs after which the newest article was another one, or how old it was at a run."""
    newer = [
        one
        for one, older in pairwise(runs)
        if one.traffic.newest_at and one.traffic.newest_at != older.traffic.newest_at
    ]
    ages = [one.ended_at - one.traffic.newest_at for one in newer if one.traffic.newest_at]
    distances = [one.ended_at - older.ended_at for one, older in pairwise(newer)]
    return timedelta(seconds=median(span.total_seconds() for span in (*ages, *distances))) if ages else timedelta()


def all_duplicates(case: Case) -> Finding | None:
    """Nearly all that came is a copy, which was not so before."""
    share = _share_duplicate(case.now)
    usual = case.usual(_share_duplicate)
    if case.n_decided < MIN_PAGES or share < 1 - FEW or (usual is not None and share - usual < SUDDEN):
        return None
    return Finding(
        Cause.ALL_DUPLICATES, Level.BROKEN, f"{case.now.counts.duplicates} of {case.n_decided} pages are copies"
    )


def _share_duplicate(run: RunManifest) -> float:
    counts = run.counts
    return counts.duplicates / max(counts.kept + counts.duplicates + counts.rejected, 1)


def rejects(case: Case) -> Finding | None:
    """More is rejected than before, for whatever reason."""
    share, usual = _share_rejected(case.now), case.usual(_share_rejected)
    if usual is None or lower_bound(share, case.n_decided) - usual < SURE:
        return None
    reasons = case.now.by_reason
    reason = max(reasons, key=reasons.__getitem__)
    words = f"{share:.0%} of the pages rejected, usually {usual:.0%}; most as {reason}"
    return Finding(Cause.REJECTS, Level.BROKEN if share >= 1 - FEW else Level.WATCH, words)


def _share_rejected(run: RunManifest) -> float:
    counts = run.counts
    return counts.rejected / max(counts.kept + counts.duplicates + counts.rejected, 1)


def slow(case: Case) -> Finding | None:
    """Answers take longer than before, or do not come in time."""
    if late := _by_share(case, Cause.SLOW, case.share_failed("timeout"), "no answer in time"):
        return late
    latency, usual = case.now.traffic.latency, case.usual(lambda run: run.traffic.latency)
    if usual is None or latency < max(SLOW_SECONDS, SLOW_FACTOR * usual):
        return None
    return Finding(Cause.SLOW, Level.WATCH, f"an answer takes {latency:.1f} s, usually {usual:.1f} s")


def asked_to_wait(case: Case) -> Finding | None:
    """The site named a moment before which it wants to be left alone."""
    if LEFT_ALONE not in case.now.exit_status:
        return None
    return Finding(Cause.ASKED_TO_WAIT, Level.WATCH, case.now.exit_status.removeprefix(FAILED))


def no_disk(case: Case) -> Finding | None:
    """The run could not write."""
    return unwritten(case.now.exit_status.removeprefix(FAILED))


def unwritten(said: str) -> Finding | None:
    """The same of what a run said last, which may have had no room for its manifest."""
    return Finding(Cause.NO_DISK, Level.BROKEN, said) if any(words in said for words in NO_SPACE) else None


RULES: tuple[Callable[[Case], Finding | None], ...] = (
    no_disk,
    asked_to_wait,
    _failing(Cause.DNS_GONE, "the name leads to no address", "unknown_host"),
    _failing(Cause.CERTIFICATE, "the certificate is not valid", "tls_error"),
    unreachable,
    moved,
    _answering(Cause.WALL, "turned away", "401", "403", "429"),
    wall,
    _answering(Cause.SERVER_ERRORS, "errors of the server", "500", "502", "503", "504", "520", "521", "522", "523"),
    slow,
    robots_changed,
    source_dead,
    layout_changed,
    soft_404,
    all_duplicates,
    rejects,
    only_old,
)
"""The nearest causes first: what explains the others is named before them."""
