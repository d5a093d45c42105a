from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from crawler.items import Pointer
from crawler.state.frontier import CountKey, Frontier
from crawler.state.locks import SiteLock
from crawler.state.records import NewRecord, Records
from crawler.state.revisits import sources_due
from crawler.state.store import Store
from crawler.state.urls import FailedUrl, FinishedUrl, NewUrl

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
URLS = [f"https://bao.example/{n}" for n in range(8)]
KINDS = ["article", "section", "feed"]


class Expected:
    """One address as a plain model sees it."""

    def __init__(self, number, kind, priority, lastmod, reason):
        self.number = number
        self.kind = kind
        self.priority = priority
        self.lastmod = lastmod
        self.state = "left_out" if reason else "pending"
        self.reason = reason
        self.next_try_at = None
        self.fetched_at = None
        self.attempts = 0

    def wait(self):
        self.state, self.reason, self.attempts, self.next_try_at = "pending", None, 0, None


class FrontierModel(RuleBasedStateMachine):
    """The frontier against a dictionary, under any sequence of its operations."""

    @initialize()
    def open(self):
        import tempfile
        from pathlib import Path

        self.folder = tempfile.TemporaryDirectory()
        self.store = Store(Path(self.folder.name))
        self.lock = SiteLock(self.store, "a", "r")
        self.frontier = Frontier(self.store, "a", "r")
        self.other = Frontier(self.store, "b", "r")
        self.other.add([NewUrl(URLS[0], "article", "feed")])
        self.model: dict[str, Expected] = {}
        self.now = START

    def teardown(self):
        self.lock.release()
        self.store.close()
        self.folder.cleanup()

    @rule(
        url=st.sampled_from(URLS),
        kind=st.sampled_from(KINDS),
        priority=st.integers(-2, 2),
        hours=st.none() | st.integers(-3, 3),
        reason=st.none() | st.just("calendar"),
    )
    def add(self, url, kind, priority, hours, reason):
        lastmod = None if hours is None else self.now + hours * HOUR
        is_new = url not in self.model
        assert self.frontier.add([NewUrl(url, kind, "link", priority, lastmod=lastmod, reason=reason)]) == is_new
        if is_new:
            self.model[url] = Expected(len(self.model), kind, priority, lastmod, reason)
            return
        known = self.model[url]
        if lastmod and not reason and lastmod > (known.lastmod or known.fetched_at or datetime.min.replace(tzinfo=UTC)):
            known.lastmod = lastmod
            known.priority = max(known.priority, priority)
            if known.state in {"done", "failed"}:
                known.wait()

    @rule(url=st.sampled_from(URLS), kind=st.sampled_from(KINDS))
    def revisit(self, url, kind):
        self.frontier.revisit([NewUrl(url, kind, "seed")])
        known = self.model.setdefault(url, Expected(len(self.model), kind, 0, None, None))
        if known.state != "leased":
            known.wait()
            known.kind = kind
            known.priority = max(known.priority, 0)

    @rule(n=st.integers(0, 4), hours=st.integers(0, 2))
    def lease(self, n, hours):
        self.now += hours * HOUR
        due = [
            (-known.priority, known.number, url)
            for url, known in self.model.items()
            if known.state == "pending" and (known.next_try_at is None or known.next_try_at <= self.now)
        ]
        expected = [url for *_, url in sorted(due)][:n]
        for known in self.model.values():
            if known.next_try_at is not None and known.next_try_at <= self.now:
                known.next_try_at = None
        assert [known.url for known in self.frontier.lease(n, self.now)] == expected
        for url in expected:
            self.model[url].state = "leased"

    @rule(url=st.sampled_from(URLS), etag=st.none() | st.just('"1"'))
    def finish(self, url, etag):
        self.frontier.finish([FinishedUrl(url, self.now, etag, pointer=Pointer("archive/a/x", 1, 2))])
        if url in self.model:
            self.model[url].wait()
            self.model[url].state = "done"
            self.model[url].fetched_at = self.now
            known = self.frontier.get(url)
            assert known is not None
            assert known.pointer == Pointer("archive/a/x", 1, 2)
            assert etag is None or known.etag == etag

    @rule(url=st.sampled_from(URLS), hours=st.none() | st.integers(1, 3))
    def fail(self, url, hours):
        again = None if hours is None else self.now + hours * HOUR
        self.frontier.fail([FailedUrl(url, "timeout", again)])
        if url in self.model:
            known = self.model[url]
            known.state, known.reason, known.next_try_at = "pending" if again else "failed", "timeout", again
            known.attempts += 1

    @rule(url=st.sampled_from(URLS))
    def leave_out(self, url):
        self.frontier.leave_out([url], "robots")
        if url in self.model:
            known = self.model[url]
            known.state, known.reason, known.next_try_at = "left_out", "robots", None

    @rule(url=st.sampled_from(URLS))
    def give_back(self, url):
        self.frontier.give_back([url])
        if url in self.model and self.model[url].state == "leased":
            self.model[url].state = "pending"

    @rule()
    def recover(self):
        leased = [known for known in self.model.values() if known.state == "leased"]
        assert self.frontier.recover() == len(leased)
        for known in leased:
            known.state = "pending"

    @invariant()
    def all_agree(self):
        if not hasattr(self, "model"):
            return
        keys = [CountKey(known.state, known.kind, known.reason or "") for known in self.model.values()]
        assert self.frontier.counts() == Counter(keys)
        seen = {url.url: url for url in self.frontier.iterate(batch=3)}
        assert list(seen) == sorted(self.model, key=lambda url: self.model[url].number)
        for url, known in self.model.items():
            assert (seen[url].state, seen[url].reason, seen[url].attempts) == (
                known.state,
                known.reason,
                known.attempts,
            )
            assert (seen[url].next_try_at, seen[url].lastmod) == (known.next_try_at, known.lastmod)
        waiting = [known.next_try_at for known in self.model.values() if known.state == "pending" and known.next_try_at]
        has_ready = any(known.state == "pending" and not known.next_try_at for known in self.model.values())
        for moment in waiting:
            assert self.frontier.has_due(moment) == (has_ready or min(waiting) < moment)
        assert self.frontier.has_due(START + timedelta(days=9000)) == (has_ready or bool(waiting))
        assert self.frontier.is_known([*URLS, "x"]) == self.model.keys()
        assert self.other.counts() == {CountKey("pending", "article", ""): 1}


FrontierModel.TestCase.settings = settings(
    max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestFrontierModel = FrontierModel.TestCase


def test_a_newer_date_does_not_shorten_the_wait_after_a_failure(tmp_path):
    with Store(tmp_path) as opened, SiteLock(opened, "a", "r"):
        frontier = Frontier(opened, "a", "r")
        later = datetime(2026, 3, 1, 1, tzinfo=UTC)
        frontier.add([NewUrl(URLS[0], "article", "link")])
        frontier.fail([FailedUrl(URLS[0], "timeout", later)])
        frontier.add([NewUrl(URLS[0], "article", "sitemap", lastmod=later - HOUR)])
        assert not frontier.has_due(later)
        assert frontier.has_due(later + HOUR)


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path) as opened, SiteLock(opened, "a", "r"):
        yield opened


def test_what_a_lease_tells_for_a_conditional_request(store):
    frontier = Frontier(store, "a", "r")
    pointer = Pointer("archive/a/x", 3, 4)
    new = NewUrl(URLS[0], "article", "feed", priority=2, depth=3, lastmod=START, title="Tít báo")
    frontier.add([new])
    frontier.finish([FinishedUrl(URLS[0], START, '"1"', "Sun, 01 Mar 2026 00:00:00 GMT", pointer, "hash")])
    frontier.finish([FinishedUrl(URLS[0], START + HOUR)])
    frontier.revisit([new])
    (known,) = frontier.lease(9, START)
    assert (known.etag, known.last_modified) == ('"1"', "Sun, 01 Mar 2026 00:00:00 GMT")
    assert (known.pointer, known.content_hash, known.last_fetched_at) == (pointer, "hash", START + HOUR)
    assert (known.title, known.depth, known.found_via, known.last_run_id) == ("Tít báo", 3, "feed", "r")
    assert known.discovered_at.tzinfo is UTC


def test_one_transaction_for_records_urls_links_and_failures(store):
    frontier, records = Frontier(store, "a", "r"), Records(store, "a", "r")
    frontier.add([NewUrl(url, "article", "feed") for url in URLS[:2]])
    frontier.lease(2, START)
    record = NewRecord(URLS[0], URLS[0], "feed", "article", 200, START, Pointer("archive/a/x", 10, 5))

    class Death(BaseException):
        pass

    def found():
        yield NewUrl(URLS[2], "article", "link")
        raise Death

    with pytest.raises(Death):
        records.append([record], [FinishedUrl(URLS[0], START)], found())
    assert frontier.counts() == {CountKey("leased", "article", ""): 2}
    assert records.archive_ends() == {}
    failed = [FailedUrl(URLS[1], "refused")]
    seqs = records.append([record], [FinishedUrl(URLS[0], START)], [NewUrl(URLS[2], "article", "link")], failed)
    assert records.append([record]) == seqs
    assert [found.seq for found in records.pending()] == seqs
    assert records.archive_end("archive/a/x") == 15
    assert {key.state for key in frontier.counts()} == {"done", "pending", "failed"}


def test_pending_goes_on_while_outcomes_come(store):
    records = Records(store, "a", "r")
    new = [NewRecord(url, url, "feed", "article", 200, START, Pointer("x", n, 1)) for n, url in enumerate(URLS)]
    seqs = records.append(new)
    seen = []
    for record in records.pending(batch=3):
        seen.append(record.seq)
        with store.transaction() as connection:
            connection.execute("UPDATE records SET outcome = 'not_an_article' WHERE seq = ?", (record.seq,))
    assert seen == seqs
    assert records.n_pending() == 0
    assert [record.seq for record in records.all()] == seqs


@pytest.mark.parametrize(("unchanged", "since_visit", "is_due"), [
    (0, 0, True), (4, 1, False), (4, 2, True), (700, 6, False), (700, 7, True),
])  # fmt: skip
def test_sitemaps_that_their_index_says_nothing_of_rest_a_week_at_most(tmp_path, unchanged, since_visit, is_due):
    """Days for which one had not changed at our last visit, days since then."""
    with Store(tmp_path) as store, SiteLock(store, "a", "r"):
        frontier, visit = Frontier(store, "a", "r"), START + timedelta(days=unchanged)
        frontier.add([NewUrl(URLS[0], "sitemap", "sitemap", depth=1)])
        for at in (START, visit):
            frontier.finish([FinishedUrl(URLS[0], at, content_hash="same")])
        found = sources_due(store, "a", visit + timedelta(days=since_visit))
        assert [one.url for one in found] == [URLS[0]] * is_due
