"""Sites that never end, crawled with the guard: what each wastes, and that real archives are walked to their end."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import pytest

from crawler.discovery.patterns import repeated_segment
from crawler.discovery.traps import TrapGuard
from crawler.sites.profile import SiteProfile, Sources

if TYPE_CHECKING:
    from collections.abc import Callable

HOST = "https://baoque.example"
SITE = SiteProfile(hosts=("baoque.example",), sources=Sources(sections=(f"{HOST}/thoi-su",)))
LIMIT = 30_000
RANDOM = Random(7)  # noqa: S311 - made-up addresses


@dataclass
class Outcome:
    """What a crawl of a made-up site came to."""

    articles: set[str] = field(default_factory=set)
    wasted: int = 0
    reasons: set[str] = field(default_factory=set)


def _crawl(
    links_of: Callable[[str], list[str]], start: str, is_real: Callable[[str], bool] = lambda _: True
) -> Outcome:
    """Walk a site breadth first; an address whose name begins with `bai-` is an article, anything else a list."""
    guard, outcome, queue, seen = TrapGuard(SITE), Outcome(), deque([start]), {start}
    n_asked = 0
    while queue and n_asked < LIMIT:
        url = queue.popleft()
        n_asked += 1
        kind = "article" if "/bai-" in url else "listing"
        reason = guard.allows(url, kind)
        if reason:
            outcome.reasons.add(reason)
            continue
        if kind == "article":
            guard.learned(url, int(is_real(url)), kind)
            outcome.articles |= {url} if is_real(url) else set()
            outcome.wasted += not is_real(url)
            continue
        new = [link for link in links_of(url) if link not in seen]
        n_new = sum("/bai-" in link and guard.allows(link, "article") is None for link in new)
        guard.learned(url, n_new, kind)
        outcome.wasted += n_new == 0
        seen.update(new)
        queue.extend(new)
    return outcome


def _number(url: str) -> int:
    return int("".join(char for char in url[-8:] if char.isdigit()) or 0)


def _calendar(url: str) -> list[str]:
    day = _number(url)
    return [f"{HOST}/tin-theo-ngay?ngay={day + step:08}" for step in range(1, 6)]


def _calendar_path(url: str) -> list[str]:
    year = int(url.split("/")[4]) if "su-kien" in url else 2000
    return [f"{HOST}/su-kien/{year + 1}/{month:02}" for month in range(1, 6)]


def _last_page_for_ever(url: str) -> list[str]:
    return [f"{HOST}/thoi-su?page={_number(url) + 1}"]


def _session(_: str) -> list[str]:
    return [f"{HOST}/xem/{RANDOM.randbytes(8).hex()}/{RANDOM.randbytes(6).hex()}" for _ in range(3)]


def _facets(_: str) -> list[str]:
    return [
        f"{HOST}/van-ban?{name}={RANDOM.randrange(10**6)}&nam={RANDOM.randrange(10**6)}"
        for name in ("loai", "coquan", "linhvuc")
    ]


def _sorting(_: str) -> list[str]:
    return [f"{HOST}/van-ban?{name}={RANDOM.randrange(10**6)}" for name in ("sort", "order", "sapxep", "limit")]


def _circles(url: str) -> list[str]:
    return [f"{url}/{name}" for name in ("tin", "anh")]


def _words(_: str) -> list[str]:
    return [
        f"{HOST}/{RANDOM.choice('abcdef') * 4}-{RANDOM.choice('ghk') * 3}/{RANDOM.randbytes(3).hex()}-tin"
        for _ in range(6)
    ]


def _search(_: str) -> list[str]:
    return [f"{HOST}/tim-kiem?q={RANDOM.randrange(10**6)}" for _ in range(4)]


def _comments(_: str) -> list[str]:
    return [f"{HOST}/thoi-su/trang?replytocom={RANDOM.randrange(10**6)}" for _ in range(4)]


def _font(_: str) -> list[str]:
    return [f"{HOST}/thoi-su?kieuchu={RANDOM.randrange(10**6)}" for _ in range(4)]


def _many_parameters(_: str) -> list[str]:
    return [f"{HOST}/x?" + "&".join(f"k{n}={RANDOM.randrange(99)}" for n in range(10)) for _ in range(4)]


TRAPS = [
    (_calendar, 10, "trap_calendar"),
    (_calendar_path, 10, "trap_calendar"),
    (_last_page_for_ever, 15, "trap_pagination"),
    (_session, 100, "trap_budget"),
    (_facets, 15, "trap_parameters"),
    (_sorting, 30, None),
    (_circles, 100, "trap_repeating_path"),
    (_words, 350, "trap_budget"),
    (_search, 1, "search_page"),
    (_comments, 1, "comment_page"),
    (_font, 40, "trap_parameters"),
    (_many_parameters, 1, "trap_parameters"),
]


@pytest.mark.parametrize(("links_of", "most", "reason"), TRAPS)
def test_each_trap_is_left(links_of, most, reason):
    RANDOM.seed(7)
    outcome = _crawl(links_of, f"{HOST}/thoi-su/bat-dau")
    assert outcome.wasted <= most
    assert reason is None or reason in outcome.reasons


def test_a_tarpit_of_plausible_articles_stops_and_the_real_ones_are_all_fetched():
    rng = Random(3)  # noqa: S311 - made-up addresses
    real = {f"{HOST}/thoi-su/bai-that-{number}.html" for number in range(400)}

    def links_of(url: str) -> list[str]:
        maze = [f"{HOST}/me-cung/bai-{rng.randbytes(5).hex()}.html" for _ in range(8)]
        more = [f"{HOST}/me-cung/{rng.randbytes(5).hex()}" for _ in range(3)]
        return [*(sorted(real) if url.endswith("bat-dau") else ()), *maze, *more]

    outcome = _crawl(links_of, f"{HOST}/thoi-su/bat-dau", real.__contains__)
    assert outcome.articles == real
    assert outcome.wasted <= 500


@pytest.mark.parametrize("form", ["/thoi-su?page={}", "/thoi-su/trang-{}", "/luu-tru?ngay=2020-{:04}", "/luu-tru/p{}"])
def test_a_real_archive_is_walked_to_its_end(form):
    def links_of(url: str) -> list[str]:
        at = _number(url) % 10_000
        articles = [f"{HOST}/thoi-su/bai-cu-{at}-{n}.html" for n in range(3) if at % 7]
        return [*articles, HOST + form.format(at + 1)] if at < 1_000 else []

    outcome = _crawl(links_of, HOST + form.format(1))
    assert len(outcome.articles) == 3 * sum(1 for at in range(1, 1_000) if at % 7)


def test_sections_of_the_profile_and_the_home_page_are_always_due():
    guard = TrapGuard(SITE)
    for _ in range(1_000):
        guard.learned(f"{HOST}/thoi-su", 0, "listing")
        guard.learned(f"{HOST}/", 0, "listing")
    assert guard.allows(f"{HOST}/thoi-su", "listing") is None
    assert guard.allows(f"{HOST}/", "listing") is None
    assert guard.allows(f"{HOST}/kinh-te", "listing") is None


def test_state_is_json_and_a_new_guard_goes_on_with_it():
    guard = TrapGuard(SITE)
    for number in range(20):
        guard.learned(f"{HOST}/kinh-te?page={number}", 0, "listing")
    resumed = TrapGuard(SITE, json.loads(json.dumps(guard.state())))
    assert resumed.allows(f"{HOST}/kinh-te?page=99", "listing") == "trap_pagination"
    assert TrapGuard(SITE).allows(f"{HOST}/kinh-te?page=99", "listing") is None
    resumed.learned(f"{HOST}/kinh-te?page=5", 3, "listing")
    assert resumed.allows(f"{HOST}/kinh-te?page=99", "listing") == "trap_pagination"
    for _ in range(5):
        resumed.learned(f"{HOST}/kinh-te?page=5", 3, "listing")
    assert resumed.allows(f"{HOST}/kinh-te?page=99", "listing") is None


@pytest.mark.parametrize("state", [{}, {"spent": 3}, {"spent": {"a": "b"}}, {"spent": {"a": None}}, {"la": []}])
def test_a_damaged_state_starts_afresh(state):
    assert TrapGuard(SITE, state).state()["spent"] == {}


def test_asking_changes_nothing():
    guard = TrapGuard(SITE)
    for number in range(1_000):
        assert guard.allows(f"{HOST}/tin?ngay=2026-{number}", "listing") is None
    assert guard.state()["spent"] == {}


def test_redirects_in_a_row_end_and_circles_are_told():
    guard = TrapGuard(SITE)
    steps = [guard.redirected(f"{HOST}/{n}", f"{HOST}/{n + 1}") for n in range(12)]
    assert steps == [None] * 10 + ["trap_redirects", None]
    assert guard.redirected(f"{HOST}/a", f"{HOST}/a") == "circle"
    assert guard.redirected(f"{HOST}/b", f"{HOST}/c") is None
    assert guard.redirected(f"{HOST}/c", f"{HOST}/b") == "circle"
    assert guard.redirected(f"{HOST}/d", f"{HOST}/b") is None


def test_an_endless_sitemap_index_ends():
    guard, n_fetched = TrapGuard(SITE), 0
    while guard.allows(f"{HOST}/sitemap-{n_fetched}.xml", "sitemap") is None:
        guard.learned(f"{HOST}/sitemap-{n_fetched}.xml", 0, "sitemap")
        n_fetched += 1
    assert n_fetched <= 500


def test_memory_stays_bounded_in_a_site_of_endless_shapes(monkeypatch):
    monkeypatch.setattr("crawler.discovery.traps.MAX_GROUPS", 500)
    guard = TrapGuard(SITE)
    for number in range(1_000):
        name = "".join(chr(97 + number // 26**place % 26) for place in range(4))
        guard.learned(f"{HOST}/tin/{name}?page=2", 0, "listing")
    assert len(guard.state()["spent"]) <= 502
    assert guard.allows(f"{HOST}/tin/moi?page=2", "listing") == "trap_budget"


@pytest.mark.parametrize(
    ("url", "kind", "reason"),
    [
        ("mailto:a@baoque.example", "article", "bad_scheme"),
        ("file:///etc/passwd", "sitemap", "bad_scheme"),
        ("https://khac.example/bai-1", "article", "off_site"),
        (f"{HOST}/{'a' * 2_000}", "listing", "too_long"),
        (f"{HOST}/anh.jpg", "article", "file"),
        (f"{HOST}/tim-kiem?q=a", "listing", "search_page"),
        (f"{HOST}/a/b/a/b", "listing", "trap_repeating_path"),
        (f"{HOST}/sitemap.xml", "sitemap", None),
        (f"{HOST}/rss/thoi-su.rss", "feed", None),
        (f"{HOST}/thoi-su/bai-1.html", "article", None),
    ],
)
def test_reasons(url, kind, reason):
    assert TrapGuard(SITE).allows(url, kind) == reason


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/a/b/c", False),
        ("/tin/tin/x", False),
        ("/tin/tin/tin", True),
        ("/2026/04/04/04/x", False),
        ("/a/b/x/a/b", False),
        ("/A/b/a/B/", True),
    ],
)
def test_repeated_segment(path, expected):
    assert repeated_segment(path) is expected
