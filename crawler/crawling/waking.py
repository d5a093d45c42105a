"""What a run asks for again: entry points, what failed, recent articles, what a horizon left out before."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crawler.corpus.manifest import earlier_manifests
from crawler.discovery.horizon import BEFORE_SINCE
from crawler.state.revisits import readmit, recheck

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.crawling.intake import Intake
    from crawler.discovery.horizon import Horizon
    from crawler.discovery.reservations import Reservations
    from crawler.state.urls import NewUrl

MAX_ATTEMPTS = 10
"""Tries of an address that fails, over all runs; each run makes one more after its own."""
NO_TEMPLATE = "the profile has no template, so pages were read by general rules; `scrapy learn` makes one from a seed"
FINISHED = "finished"
"""Scrapy's word for a crawl that had nothing left to do."""


def wake(intake: Intake, horizon: Horizon, *, is_offline: bool) -> None:
    """Let known addresses wait again at the start of a run: what failed, recent articles, what a horizon left out."""
    readmit(intake.store, intake.site, BEFORE_SINCE, horizon.since)
    if not is_offline:
        intake.frontier.retry_failed(MAX_ATTEMPTS)
        recheck(intake.store, intake.site, intake.options.recheck_after, datetime.now(UTC))


def recall(reservations: Reservations, intake: Intake, *, is_needed: bool) -> None:
    """Take over what earlier runs were told by robots.txt: it counts for their pages that have no row yet."""
    for record in intake.records.newest_robots() if is_needed else ():
        reservations.read(intake.reread(record)[0])
        intake.problems.pop(record.pointer, None)


def rested(intake: Intake, urls: Iterable[NewUrl], origin: str, profile_version: str) -> Iterable[NewUrl]:
    """`urls` without those that were answered a moment ago (SOURCE_REST).

    None of them rests unless the last run of this `origin` came to its end with this profile.
    """
    before = earlier_manifests(intake.options.output, intake.site, intake.run_id)
    last = next((one for one in before if one.origin == origin), None)
    if last is None or (last.profile_version, last.exit_status) != (profile_version, FINISHED):
        return urls
    recent = datetime.now(UTC) - intake.options.source_rest
    known = ((new, intake.frontier.get(new.url)) for new in urls)
    return [
        new
        for new, old in known
        if old is None or old.state != "done" or old.last_fetched_at is None or old.last_fetched_at < recent
    ]
