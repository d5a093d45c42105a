"""What hosts refuse for their pages as a whole: in robots.txt, and in /.well-known/tdmrep.json."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from crawler.discovery.robots import MAX_ROBOTS_BYTES, RobotsPolicy
from crawler.discovery.robots_rules import RuleSet, path_of

if TYPE_CHECKING:
    from crawler.items import Page

TDM_PATH = "/.well-known/tdmrep.json"
"""W3C TDM Reservation Protocol, its file on the server."""
MAX_TDM_RULES = 1_000
"""A file with more reserves everything."""


class Reservations:
    """The refusals of the hosts of one site, as far as they were read; with and without `www.` a host is one."""

    def __init__(self, agent: str) -> None:
        """`agent`: our product token."""
        self._agent = agent
        self._codes: dict[str, frozenset[str]] = {}
        self._rules: dict[str, RuleSet] = {}
        self.asked: dict[str, float] = {}
        """When (POSIX seconds) which file was answered last."""

    def note(self, url: str, policy: RobotsPolicy) -> None:
        """Take over what a robots.txt says against uses of the pages of the host of `url`."""
        self._codes[_host(url)] = frozenset(policy.opt_outs(self._agent))

    def read(self, page: Page) -> None:
        """Take over what a robots.txt or tdmrep.json says that was archived; another page says nothing."""
        self.asked[page.url] = page.fetched_at.timestamp()
        if urlsplit(page.url).path == TDM_PATH:
            self._rules[_host(page.url)] = tdm_rules(page.body if page.status == 200 else b"")  # noqa: PLR2004 - HTTP's
        elif 200 <= page.status < 300:  # noqa: PLR2004 - HTTP's successes
            self.note(page.url, RobotsPolicy.from_response(page.status, page.body, page.url))

    def of(self, url: str) -> frozenset[str]:
        """Codes of what the host of `url` refuses for it, as in `Article.opt_outs`."""
        host = _host(url)
        rules = self._rules.get(host)
        is_reserved = rules is not None and not rules.allows(path_of(url))
        return self._codes.get(host, frozenset()) | (frozenset({"tdm-reservation"}) if is_reserved else frozenset())


def tdm_rules(body: bytes) -> RuleSet:
    """What a tdmrep.json reserves, as paths that are not allowed; nothing when it cannot be read.

    Where entries contradict each other, the one that reserves counts.
    """
    rules = RuleSet(MAX_TDM_RULES)
    try:
        entries = msgspec.json.decode(body[:MAX_ROBOTS_BYTES])
    except (msgspec.DecodeError, RecursionError):
        return rules
    found = [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else [entries]
    reserving = [one for one in found if isinstance(one, dict) and one.get("tdm-reservation") in (1, "1")]
    rules.add_all((str(one.get("location") or "/"), False) for one in reserving)
    return rules


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower().removeprefix("www.")
