from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.state.frontier import Frontier
from crawler.state.locks import SiteLock
from crawler.state.store import Store
from crawler.state.survey import Waiting, addresses, sites, survey
from crawler.state.urls import FailedUrl, FinishedUrl, NewUrl

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
HOME = "https://bao.example/"


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path) as opened, SiteLock(opened, "a", "r"):
        frontier = Frontier(opened, "a", "r")
        frontier.add([NewUrl(f"{HOME}{name}", "article", "feed", 50, 1) for name in "abcdef"])
        frontier.add([NewUrl("https://cdn.bao.example/?page=2", "listing", "pagination", 10, 2)])
        frontier.add([NewUrl(f"{HOME}tag/{n}", "listing", "listing", reason="tag_page") for n in range(5)])
        a, b, c, d = (one.url for one in frontier.lease(4, NOW))
        frontier.finish([FinishedUrl(a, NOW)])
        frontier.fail([FailedUrl(b, "timeout", LATER), FailedUrl(c, "dns", None)])
        frontier.leave_out([d], "robots_disallowed")
        frontier.lease(1, NOW)
        yield opened


def test_every_address_is_in_one_state(store):
    found = survey(store, "a")
    parts = (found.done, found.failed, found.disallowed, found.left_out, found.pending, found.in_flight)
    assert parts == (1, 1, 1, 5, 3, 1)
    assert found.discovered == sum(parts) == 12
    assert found.problems == ()


def test_what_waits_is_counted_by_host_priority_depth_and_kind(store):
    assert survey(store, "a").waiting == (
        Waiting("bao.example", 50, 1, "article", 2, LATER),
        Waiting("cdn.bao.example", 10, 2, "listing", 1, None),
    )


def test_failures_say_why_and_when_they_are_tried_again(store):
    failures = {one.reason: one for one in survey(store, "a").failures}
    assert (failures["timeout"].next_try_at, failures["timeout"].is_final) == (LATER, False)
    assert (failures["dns"].next_try_at, failures["dns"].is_final) == (None, True)
    assert failures["dns"].examples == (f"{HOME}c",)


def test_rules_come_with_counts_and_examples(store):
    rules = {one.rule: (one.n, len(one.examples)) for one in survey(store, "a").rules}
    assert rules == {"tag_page": (5, 3), "robots_disallowed": (1, 1)}


def test_counters_that_lie_are_found_out(store):
    with store.transaction() as connection:
        connection.execute("UPDATE url_counts SET n = n + 1 WHERE state = 'done'")
    assert survey(store, "a").problems == ("done: 1 addresses, the counters say 2",)


@pytest.mark.parametrize(
    ("state", "reason", "names"),
    [
        ("failed", None, ["b", "c"]),
        ("failed", "dns", ["c"]),
        ("disallowed", None, ["d"]),
        ("left_out", None, [f"tag/{n}" for n in range(5)]),
        ("in_flight", None, ["e"]),
        (None, "tag_page", [f"tag/{n}" for n in range(5)]),
    ],
)
def test_addresses_by_state_and_reason(store, state, reason, names):
    found = addresses(store, "a", state=state, reason=reason, limit=0)
    assert [one.url for one in found] == [HOME + name for name in names]
    assert len(addresses(store, "a", state=state, reason=reason, limit=1)) == 1


def test_sites_are_those_with_addresses(store):
    assert sites(store) == ["a"]
