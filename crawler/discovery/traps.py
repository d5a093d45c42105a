"""TrapGuard: every group of addresses has a credit that barren pages use up and new articles restore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crawler.discovery.kinds import judge_url
from crawler.discovery.patterns import Pattern, patterns_of, repeated_segment
from crawler.discovery.urls import MAX_URL_CHARS, is_on_site, split_url

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.parse import SplitResult

    from crawler.sites.profile import SiteProfile

CREDITS: dict[str, tuple[int, int]] = {
    "calendar": (5, 5),
    "pagination": (10, 10),
    "parameters": (10, 2),
    "query": (30, 10),
    "folder": (60, 30),
    "site": (300, 100),
    "article": (200, 50),
    "articles": (300, 20),
    "feed": (200, 50),
    "sitemap": (400, 400),
}
"""Kind of group: the barren pages it may have in a row, and what one page with something new restores of that.

All list pages of a site share `site`, so that whatever generates them wastes at most 300 requests in a row; a calendar
costs five. `article` (one folder) and `articles` (the site) are for tarpits of plausible nonsense, whose pages never
become rows: they bite only when `learned` is told of articles too. `sitemap` is wide: the newest may be listed last.
"""
_CODES = {
    "calendar": "trap_calendar",
    "pagination": "trap_pagination",
    "parameters": "trap_parameters",
    "query": "trap_parameters",
}
MAX_REDIRECTS = 10
"""Redirects in a row, each to an address not seen before; real sites need three."""
MAX_PARAMETERS = 8
MAX_DEPTH = 12
MAX_GROUPS = 20_000
"""Groups remembered; past it only the wide groups are, so that memory stays flat in a site of endless shapes."""
_WIDE = frozenset({"folder", "site", "article", "articles", "sitemap", "feed"})


class TrapGuard:
    """Says which addresses are not worth a request any more.

    `allows` changes nothing: ask it when an address is found and, for anything but an article, again right before the
    request. `learned` is told what each request brought. `state` is plain JSON; a guard made from it goes on as before:
    an interrupted run resumes with it, a new run starts without, so that quiet pages of yesterday hide nothing new.
    """

    def __init__(self, profile: SiteProfile, state: Mapping[str, Any] | None = None) -> None:
        self._profile = profile
        spent = (state or {}).get("spent", {})
        pairs = spent.items() if isinstance(spent, dict) else ()
        self._spent: dict[str, int] = {key: n for key, n in pairs if isinstance(key, str) and isinstance(n, int)}
        self._hops: dict[str, tuple[str, ...]] = {}

    def state(self) -> dict[str, Any]:
        """What was learned, as JSON values."""
        return {"version": 1, "spent": dict(self._spent)}

    def allows(self, url: str, kind: str) -> str | None:
        """Why the canonical `url` is left out, as a stable snake_case code, or None when it may be fetched.

        `kind` is what the caller takes it for: article, listing, unknown, feed or sitemap. Codes: bad_scheme, too_long,
        off_site, trap_repeating_path, trap_parameters, trap_calendar, trap_pagination, trap_budget, and the reasons of
        `judge_url` for addresses to ignore (ignored_form, search_page, login_page, file, ...).
        """
        split = split_url(url)
        if split is None:
            return "bad_scheme"
        if len(url) > MAX_URL_CHARS:
            return "too_long"
        if not is_on_site(url, self._profile):
            return "off_site"
        return self._shape_code(split, url, kind) or self._budget_code(split, url, kind)

    def redirected(self, url: str, target: str) -> str | None:
        """Note that `url` led to `target`: `circle` when that leads back, `trap_redirects` when it is one too many.

        The way to an address is forgotten once it is asked; an interrupted run begins to count anew.
        """
        way = (*self._hops.pop(url, ()), url)
        if target in way:
            return "circle"
        if len(way) > MAX_REDIRECTS:
            return "trap_redirects"
        if len(self._hops) < MAX_GROUPS:
            self._hops[target] = way
        return None

    def learned(self, url: str, n_new: int, kind: str | None = None, *, is_moving: bool = False) -> None:
        """Note what a request of `url` brought: `n_new` articles not known before (for an article itself, 1 or 0).

        `kind` as in `allows`; None: judged by the address. `is_moving`: all were found elsewhere in this run, but not
        on the page before; that costs the wide groups alone.
        """
        split = split_url(url)
        if split is None:
            return
        for pattern in self._patterns(split, url, kind or judge_url(url, self._profile).kind):
            spent = self._spent.get(pattern.key, 0)
            if n_new > 0:
                self._restore(pattern, spent)
            elif is_moving and pattern.trap not in _WIDE:
                continue
            elif pattern.key in self._spent or pattern.trap in _WIDE or len(self._spent) < MAX_GROUPS:
                self._spent[pattern.key] = spent + 1

    def _restore(self, pattern: Pattern, spent: int) -> None:
        left = spent - CREDITS[pattern.trap][1]
        if left > 0:
            self._spent[pattern.key] = left
        else:
            self._spent.pop(pattern.key, None)

    def _shape_code(self, split: SplitResult, url: str, kind: str) -> str | None:
        if kind in ("feed", "sitemap"):
            return None
        verdict = judge_url(url, self._profile)
        if verdict.kind == "ignore":
            return verdict.reason
        if verdict.reason.endswith("_form"):
            return None
        if repeated_segment(split.path) or split.path.count("/") > MAX_DEPTH:
            return "trap_repeating_path"
        return "trap_parameters" if split.query.count("&") >= MAX_PARAMETERS else None

    def _budget_code(self, split: SplitResult, url: str, kind: str) -> str | None:
        for pattern in self._patterns(split, url, kind):
            if self._spent.get(pattern.key, 0) >= CREDITS[pattern.trap][0]:
                return _CODES.get(pattern.trap, "trap_budget")
        return None

    def _patterns(self, split: SplitResult, url: str, kind: str) -> tuple[Pattern, ...]:
        """The groups of an address; sections of the profile and the home page are in none, they are always due."""
        if kind not in ("article", "feed", "sitemap"):
            kind = "listing" if kind == "listing" else "unknown"
            if judge_url(url, self._profile).reason in ("home", "profile_section"):
                return ()
        return patterns_of(split, kind)
