"""A host that does not answer holds back its own addresses only."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from scrapy.settings import Settings

from crawler.intake import LEASE_SIZE, Intake
from crawler.options import RunOptions
from crawler.state.locks import SiteLock
from crawler.state.store import Store
from crawler.state.urls import NewUrl

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SLOW, QUICK, PORT = "slow.example", "quick.example", "quick.example:8080"


@pytest.fixture
def intake(tmp_path):
    settings = Settings({"OUTPUT_DIR": str(tmp_path)}, priority="cmdline")
    settings.setmodule("crawler.settings", priority="project")
    with Store(tmp_path) as store, SiteLock(store, "a", "r") as lock:
        intake = Intake(store, "a", "r", lock.epoch, RunOptions.from_settings(settings))
        slow = [NewUrl(f"http://{SLOW}/{n}", "article", "sitemap", 9) for n in range(500)]
        quick = [NewUrl(f"http://{host}/{n}", "article", "sitemap", n) for n in range(40) for host in (QUICK, PORT)]
        intake.frontier.add(slow + quick)
        yield intake


def test_a_lease_passes_over_hosts_that_are_busy(intake):
    frontier = intake.frontier
    assert {one.url.split("/")[2] for one in frontier.lease(30, NOW, without=[QUICK, PORT])} == {SLOW}
    urls = [one.url for one in frontier.lease(4, NOW, without=[SLOW])]
    assert urls == [f"http://{host}/{n}" for n in (39, 38) for host in (QUICK, PORT)]
    assert [one.url for one in frontier.lease(2, NOW, without=[SLOW, PORT])] == [
        f"http://{QUICK}/{n}" for n in (37, 36)
    ]
    assert [one.url for one in frontier.lease(1, NOW)] == [f"http://{PORT}/37"]
    assert frontier.lease(1, NOW, without=[SLOW, QUICK, PORT]) == []


def test_other_hosts_go_on_while_one_is_busy(intake):
    in_hand = []
    intake.busy_hosts = lambda: {SLOW} if len(in_hand) >= 2 else set()
    while (target := intake.next_target()) is not None:
        if SLOW in target.url:
            in_hand.append(target)
    assert len(in_hand) == 2
    left = list(intake.frontier.iterate(["pending"]))
    assert {one.url.split("/")[2] for one in left} == {SLOW}
    assert len([one for one in intake.frontier.iterate(["leased"]) if SLOW in one.url]) <= LEASE_SIZE + 2
    in_hand.clear()
    assert SLOW in intake.next_target().url
