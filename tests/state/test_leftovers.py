"""Links that their spelling leaves out: a bounded number of rows, and a sum that holds."""

from datetime import timedelta

import pytest

from crawler.corpus.manifest import describe_run
from crawler.state import leftovers
from crawler.state.frontier import CountKey, Frontier
from crawler.state.instants import now
from crawler.state.leftovers import Leftovers
from crawler.state.store import Store
from crawler.state.survey import survey
from crawler.state.urls import FailedUrl, NewUrl

SEARCHES = [(f"https://bao.example/tim-kiem?q={n}", "search_page") for n in range(30)]
PRINTS = [(f"https://bao.example/in/{n}", "print_view") for n in range(3)]


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path) as store:
        yield store


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(leftovers, "N_KEPT", 10)
    monkeypatch.setattr(leftovers, "N_TOLD_APART", 25)


def meet(store, links):
    frontier = Frontier(store, "bao")
    frontier.add(frontier.leftovers.take(links, "listing"))
    return frontier


def test_rows_end_and_the_sum_holds(store):
    frontier = meet(store, [*SEARCHES, *PRINTS, *SEARCHES])
    assert store.rows("SELECT reason, count(*) FROM urls GROUP BY 1 ORDER BY 1") == [
        ("print_view", 3),
        ("search_page", 10),
    ]
    assert frontier.counts() == {
        CountKey("left_out", "link", "search_page"): 25,
        CountKey("left_out", "link", "print_view"): 3,
    }
    seen = survey(store, "bao")
    assert (seen.discovered, seen.left_out, seen.problems) == (28, 28, ())
    assert {rule.rule: rule.n for rule in seen.rules} == {"search_page": 25, "print_view": 3}
    moment = now()
    manifest = describe_run(
        store, "bao", "r", started_at=moment, ended_at=moment, origin="network", versions={}, profile_version="",
        exit_status="finished",
    )  # fmt: skip
    assert manifest.discovered == sum(manifest.frontier.values()) == 28
    assert manifest.left_out == {"search_page": 25, "print_view": 3}


def test_another_run_that_meets_the_same_counts_nothing_twice(store):
    first = meet(store, SEARCHES).counts()
    assert meet(store, SEARCHES).counts() == first


def test_a_clock_that_was_years_ahead_makes_nothing_wait_for_years(store):
    frontier = Frontier(store, "bao")
    frontier.add([NewUrl(f"https://bao.example/{n}", "article", "feed") for n in range(3)])
    urls = [one.url for one in frontier.lease(3, now())]
    soon, never = now() + timedelta(hours=20), now() + timedelta(days=9000)
    frontier.fail([FailedUrl(urls[0], "timeout", never), FailedUrl(urls[1], "http_503", soon)])
    frontier.recover()
    assert sorted(one.url for one in frontier.lease(3, now())) == [urls[0], urls[2]]
    assert not frontier.has_due(soon)
    assert frontier.has_due(soon + timedelta(seconds=1))
    assert not frontier.has_due(soon + timedelta(seconds=1), without=["bao.example"])


def test_a_known_address_is_no_leftover(store):
    Frontier(store, "bao").add([NewUrl(SEARCHES[0][0], "article", "feed")])
    assert Leftovers(store, "bao").take(SEARCHES[:2], "listing") == [
        NewUrl(SEARCHES[1][0], "link", "listing", reason="search_page")
    ]


def test_what_a_source_names_after_all_is_let_in(store):
    frontier = meet(store, SEARCHES[:3])
    url = SEARCHES[1][0]
    assert frontier.is_known([url]) == set()
    frontier.add([NewUrl(url, "article", "feed", priority=50, title="Một bài")])
    known = frontier.get(url)
    assert (known.state, known.kind, known.reason, known.title) == ("pending", "article", None, "Một bài")
    assert [one.url for one in frontier.lease(5, now())] == [url]
    assert survey(store, "bao").problems == ()
