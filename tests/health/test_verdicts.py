"""Each cause of trouble as runs that show it, and runs of a healthy site that show none."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from crawler.corpus.manifest import RunManifest
from crawler.health import Cause, Level, diagnose
from crawler.health.diagnosis import died, verdicts

BEGIN = datetime(2026, 11, 1, 5, tzinfo=UTC)


CASES = [
    (Cause.DNS_GONE, {"traffic": {"statuses": {}, "failures": {"unknown_host": 3}}}),
    (Cause.CERTIFICATE, {"traffic": {"statuses": {}, "failures": {"tls_error": 3}}}),
    (Cause.UNREACHABLE, {"traffic": {"statuses": {"200": 2}, "failures": {"connection_refused": 9}}}),
    (Cause.UNREACHABLE, {"traffic": {"statuses": {"200": 2}, "failures": {"connection_lost": 9}}}),
    (Cause.WALL, {"traffic": {"statuses": {"200": 3, "403": 30}}}),
    (Cause.WALL, {"traffic": {"statuses": {"200": 3, "429": 30}, "failures": {"http_429": 1}}}),
    (Cause.WALL, {"by_reason": {"login_wall": 9}, "counts": {"kept": 0, "rejected": 9}}),
    (Cause.SERVER_ERRORS, {"traffic": {"statuses": {"200": 3, "503": 10, "500": 20}}}),
    (Cause.ROBOTS_CHANGED, {"traffic": {"statuses": {"200": 3}, "forbidden": 20, "n_sources": 1}}),
    (Cause.ROBOTS_CHANGED, {"traffic": {"statuses": {"200": 1}, "forbidden": 2}}),
    (Cause.ROBOTS_CHANGED, {"traffic": {"statuses": {}, "failures": {"robots_unreachable": 4}}}),
    (Cause.LAYOUT_CHANGED, {"alarms": ("pages that the template fits: 0%, usually 100%",)}),
    (Cause.SOURCE_DEAD, {"traffic": {"n_sources": 3, "dead_sources": {"http://bao.vn/rss": "http_404"}}}),
    (Cause.MOVED, {"traffic": {"statuses": {"301": 30, "200": 1}, "moved_to": {"bao.example.vn": 30}}}),
    (Cause.ALL_DUPLICATES, {"counts": {"kept": 0, "duplicates": 20, "rejected": 0}, "by_reason": {}}),
    (Cause.SOFT_404, {"by_reason": {"soft_404": 12}, "counts": {"kept": 1, "rejected": 12}}),
    (Cause.REJECTS, {"by_reason": {"wrong_language": 12}, "counts": {"kept": 1, "rejected": 12}}),
    (Cause.SLOW, {"traffic": {"latency": 9.5}}),
    (Cause.SLOW, {"traffic": {"statuses": {"200": 10}, "failures": {"timeout": 9}}}),
    (Cause.ONLY_OLD, {"traffic": {"newest_at": BEGIN + timedelta(days=4)}, "counts": {"kept": 0}}),
    (Cause.ASKED_TO_WAIT, {"exit_status": "failed: bao.vn: asks to be left alone until 2026-12-01 00:00:00 UTC"}),
    (Cause.NO_DISK, {"exit_status": "failed: output/state.sqlite: no space left; free some and run again"}),
    (Cause.CRAWL_DIED, {"exit_status": "failed: something nobody thought of"}),
]


@pytest.mark.parametrize(("cause", "changes"), CASES, ids=[f"{cause}-{n}" for n, (cause, _) in enumerate(CASES)])
def test_each_cause_is_named_first_with_evidence_and_advice(cause, changes, a_run):
    before = [a_run(n) for n in range(40)]
    now = a_run(39, run_id="bao-now") if cause is not Cause.ONLY_OLD else a_run(60, run_id="bao-now")
    fields = msgspec.structs.asdict(a_run(39 if cause is not Cause.ONLY_OLD else 60, **changes))
    verdict = diagnose(RunManifest(**fields | {"run_id": now.run_id}), before[::-1])
    assert verdict.level is not Level.OK
    assert verdict.findings[0].cause is cause, verdict.findings
    assert verdict.findings[0].evidence
    assert verdict.findings[0].cause.advice()
    assert "\n" not in verdict.findings[0].evidence


def test_every_cause_is_tried():
    assert {cause for cause, _ in CASES} == set(Cause)


def test_a_run_without_a_manifest_is_broken():
    verdict = died("bao", "bao-now", BEGIN, "killed")
    assert (verdict.level, verdict.causes) == (Level.BROKEN, ("crawl_died",))


def healthy_runs(a_run, seed, n_runs):
    """Runs with the ups and downs of a paper that publishes by day: nights without news, single failures."""
    chance = random.Random(seed)  # noqa: S311 - chances, no secrets
    newest = BEGIN
    runs = []
    for n in range(n_runs):
        ended_at = BEGIN + timedelta(hours=6 * n)
        kept = 0 if ended_at.hour > 14 else chance.randrange(12)
        if kept:
            newest = ended_at - timedelta(minutes=chance.randrange(240))
        counts = {"kept": kept, "duplicates": chance.randrange(3), "rejected": chance.randrange(3)}
        failures = {"timeout": 1} if chance.random() < 0.2 else {}
        statuses = {"200": 20 + chance.randrange(20), "304": chance.randrange(10), "404": chance.randrange(3)}
        traffic = {"statuses": statuses, "failures": failures, "newest_at": newest, "latency": chance.uniform(0.2, 1.5)}
        reasons = {"too_short": counts["rejected"]}
        runs.append(a_run(n, counts=counts, traffic=traffic, by_reason=reasons))
    return runs


@pytest.mark.parametrize("seed", range(20))
def test_a_healthy_site_gets_no_verdict_in_fifty_runs(seed, a_run):
    found = verdicts(healthy_runs(a_run, seed, 50))
    assert len(found) == 50
    assert Counter(verdict.level for verdict in found) == {Level.OK: 50}, [v.findings for v in found if v.findings]


def test_runs_from_archives_are_not_judged(a_run):
    runs = [a_run(0), a_run(1, origin="archive"), a_run(2)]
    assert [verdict.run_id for verdict in verdicts(runs)] == [runs[0].run_id, runs[2].run_id]
