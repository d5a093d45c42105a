"""What a long run remembers of the lists it walks is bounded, and forgetting errs on the side of asking."""

from __future__ import annotations

from crawler.discovery.walks import MAX_WALKS, Lookback, Walks


def test_a_page_behind_old_articles_only_is_too_far():
    lookback = Lookback()
    lookback.follow("/p2", ["/a", "/b"])
    assert lookback.before("/p2") == ("/a", "/b")
    lookback.found_older("/a")
    lookback.found_older("/b")
    assert lookback.is_too_far("/p2")
    assert not lookback.is_too_far("/p2")
    lookback.follow("/p3", ["/b", "/c"])
    assert not lookback.is_too_far("/p3")
    lookback.follow("/p4", [])
    assert not lookback.is_too_far("/p4")


def test_what_is_remembered_has_an_end_and_what_is_forgotten_is_asked_for():
    lookback = Lookback(max_articles=10, max_pages=5)
    for n in range(100):
        lookback.found_older(f"/{n}")
        lookback.follow(f"/p{n}", [f"/{n}"])
    assert sum(lookback.is_older(f"/{n}") for n in range(100)) == 10
    assert [n for n in range(100) if lookback.is_too_far(f"/p{n}")] == [95, 96, 97, 98, 99]


def test_lists_are_remembered_up_to_a_number():
    walks = Walks()
    for n in range(2 * MAX_WALKS):
        walks.moves_on(f"https://bao.example/muc-{n}/?page=2", ["/a"])
    assert len(walks._last) <= MAX_WALKS
