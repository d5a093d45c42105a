"""A host that does not answer holds back its own addresses only."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from scrapy.settings import Settings

from crawler.archive.exchange import Exchange
from crawler.crawling.intake import LEASE_SIZE, Intake
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


def answer(status, **headers):
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Exchange(f"http://{SLOW}/", status, pairs, b"", datetime.now(UTC))


@pytest.mark.parametrize(("seconds", "is_closed"), [(60, False), (7200, True)])
def test_a_host_that_asks_for_a_pause_pauses_alone(intake, seconds, is_closed):
    intake.busy_hosts = lambda: {QUICK, PORT}
    first = intake.next_target()
    intake.busy_hosts = frozenset
    intake.receive(answer(503, retry_after=str(seconds)), first)
    assert intake.retries.resting() == {SLOW}
    assert intake.retries.closed() == ({SLOW} if is_closed else set())
    others = []
    while (target := intake.next_target()) is not None:
        others.append(target.url)
        intake.receive(answer(200), target)
    assert len(others) == 80
    assert not any(SLOW in url for url in others)
    assert intake.has_targets() == (not is_closed)
    (problem,) = intake.retries.problems("home.example") or [""]
    assert problem.startswith(f"{SLOW}: asks to be left alone until") == is_closed


def test_a_host_that_is_down_is_left_alone_while_others_answer(intake):
    n_asked = 0
    while (target := intake.next_target()) is not None:
        if SLOW in target.url:
            n_asked += 1
            intake.fail(target, "timeout", is_final=True)
        else:
            intake.receive(answer(200), target)
    assert n_asked == intake.options.host_failures_max
    assert not intake.has_targets()
    assert intake.retries.problems("home.example") == [
        f"{SLOW}: {n_asked} requests in a row failed, the last with timeout; try again later"
    ]
    assert intake.retries.n_answered == 80
