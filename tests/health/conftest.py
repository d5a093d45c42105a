"""Manifests of runs as a healthy site leaves them."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.corpus.manifest import Counts, RunManifest
from crawler.corpus.traffic import Traffic

BEGIN = datetime(2026, 11, 1, 5, tzinfo=UTC)


def run_of(n, **changes):
    """A run of a healthy site: 40 requests, eight new articles; `changes` by field."""
    ended_at = BEGIN + timedelta(hours=6 * n)
    counts = {"fetched": 40, "carried_over": 0, "kept": 8, "duplicates": 1, "rejected": 1, "not_an_article": 30}
    counts |= {"open": 0, "open_before": 0} | changes.pop("counts", {})
    traffic = {"statuses": {"200": 36, "304": 4}, "latency": 0.4, "newest_at": ended_at - timedelta(hours=2)}
    traffic |= changes.pop("traffic", {})
    usual = {
        "run_id": f"{changes.get('site', 'bao')}-{ended_at:%Y%m%dT%H%M%SZ}-0000",
        "site": "bao",
        "started_at": ended_at - timedelta(minutes=5),
        "ended_at": ended_at,
        "origin": "network",
        "versions": {},
        "profile_version": "1",
        "exit_status": "finished",
        "by_reason": {"too_short": 1},
        "by_relation": {"exact_copy": 1},
        "discovered": 500,
        "frontier": {},
        "by_kind": {"feed": {"done": 2}, "sitemap": {"done": 1}, "section": {"done": 9}, "article": {"done": 400}},
        "failed": {},
        "left_out": {"robots_disallowed": 5},
        "parts": (),
    }
    return RunManifest(**(usual | changes), counts=Counts(**counts), traffic=Traffic(**traffic))


@pytest.fixture
def a_run():
    return run_of
