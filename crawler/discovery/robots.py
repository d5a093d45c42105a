"""robots.txt as RFC 9309 reads it, at a bounded cost; what differs from the RFC stands in docs/discovery.md.

Own code, not Protego: at the size that RFC 9309 section 2.5 makes us read, 500 KiB of wildcard rules cost Protego 2.4 s
to parse and 0.14 s per address, in the event loop.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import urljoin

from crawler.discovery.opt_outs import refusals
from crawler.discovery.robots_rules import RuleSet, path_of

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_ROBOTS_BYTES = 512_000
"""Bytes of robots.txt that count: 500 KiB (RFC 9309 section 2.5); the line that is cut there is left out whole."""
MAX_RULES = 10_000
"""Rules of one agent's groups; a file with more is taken as forbidding everything."""

State = Literal["parsed", "unavailable", "unreachable"]
_LINE = re.compile(
    r"^[ \t]*(user[ -]?agent|allow|di[a-z]{4,8}w|crawl-?delay|request-rate|site-?map|content-(?:signal|usage))"
    r"[ \t]*(?::|[ \t])[ \t]*([^\n#]*)",
    re.IGNORECASE | re.MULTILINE,
)
_SPELLINGS = {
    "useragent": "user-agent",
    "user agent": "user-agent",
    "crawldelay": "crawl-delay",
    "site-map": "sitemap",
    **dict.fromkeys(("dissallow", "dissalow", "disalow", "diasllow", "disallaw"), "disallow"),
}
_KNOWN = frozenset(
    {"user-agent", "allow", "disallow", "crawl-delay", "request-rate", "sitemap", "content-signal", "content-usage"}
)
_TOKEN = re.compile(r"[a-zA-Z_-]+")
_RATE = re.compile(r"(\d{1,6})\s*/\s*(\d{1,6})\s*([smhd]?)", re.IGNORECASE)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,9})?")
_MAX_SITEMAPS = 1_000
_TOO_MANY_REQUESTS = 429


class RequestRate(NamedTuple):
    """So many requests in so many seconds."""

    n_requests: int
    seconds: int


@dataclass(slots=True)
class _Block:
    """Agents named in a row, and what follows them."""

    agents: dict[str, int] = field(default_factory=dict)
    """Token to its place."""
    rules: list[tuple[str, bool]] = field(default_factory=list)
    """Pattern and whether it allows; for all agents of the block."""
    facts: list[tuple[range, str, str]] = field(default_factory=list)
    """Other records, for the agents named right before them: places, directive, value."""


@dataclass(slots=True)
class _Group:
    """All that one product token is told; several blocks for it are one."""

    rules: RuleSet = field(default_factory=lambda: RuleSet(MAX_RULES))
    crawl_delay: float | None = None
    request_rate: RequestRate | None = None
    opt_outs: set[str] = field(default_factory=set)


class RobotsPolicy:
    """What a site's robots.txt allows. Cheap to ask; holds no reference to the file."""

    def __init__(
        self, state: State, blocks: dict[str, list[_Block]] | None = None, sitemaps: tuple[str, ...] = ()
    ) -> None:
        self.state: State = state
        """`parsed`; `unavailable` (4xx: everything is allowed); `unreachable` (nothing is)."""
        self.sitemaps = sitemaps
        """Addresses of sitemaps, absolute, each once, in order."""
        self._blocks = blocks or {}
        self._groups: dict[str, _Group] = {}

    @classmethod
    def from_response(cls, status: int | None, body: bytes = b"", url: str = "") -> RobotsPolicy:
        """The policy that a request of robots.txt led to, after at most five redirects.

        `status` None: no answer at all. 2xx is parsed; other 4xx and 3xx mean that there is none (RFC 9309 section
        2.3.1.3); 5xx, 429 and no answer mean that nothing may be fetched until it answers (section 2.3.1.4).
        `url` is where the file came from, for relative sitemap addresses.
        """
        if status is None or status == _TOO_MANY_REQUESTS or not 200 <= status < 500:  # noqa: PLR2004 - HTTP's classes
            return cls("unreachable")
        if status >= 300:  # noqa: PLR2004 - the same
            return cls("unavailable")
        blocks, sitemaps = _parse(body)
        return cls("parsed", blocks, tuple(dict.fromkeys(_absolute(url, address) for address in sitemaps)))

    def allows(self, url: str, agent: str) -> bool:
        """Whether `agent` (its product token, or a User-Agent that begins with it) may fetch `url`."""
        if self.state != "parsed":
            return self.state == "unavailable"
        path = path_of(url)
        group = self._group(agent)
        return path == "/robots.txt" or group is None or group.rules.allows(path)

    def verdict(self, url: str, agent: str) -> Literal["allowed", "disallowed", "unknown"]:
        """`allows` in the words of `Page.robots`; unknown when robots.txt did not answer."""
        if self.state == "unreachable":
            return "unknown"
        return "allowed" if self.allows(url, agent) else "disallowed"

    def crawl_delay(self, agent: str) -> float | None:
        """Seconds between two requests that the site asks of `agent`."""
        group = self._group(agent)
        return group.crawl_delay if group else None

    def request_rate(self, agent: str) -> RequestRate | None:
        """The rate that the site asks of `agent`."""
        group = self._group(agent)
        return group.request_rate if group else None

    def least_delay(self, agent: str) -> float:
        """Seconds between two requests by which `agent` keeps both its Crawl-delay and its Request-rate; 0: any."""
        rate = self.request_rate(agent)
        return max(self.crawl_delay(agent) or 0.0, rate.seconds / rate.n_requests if rate else 0.0)

    def opt_outs(self, agent: str) -> tuple[str, ...]:
        """Refusals in Content-Signal and Content-Usage lines (`content-signal:ai-train=no`), sorted."""
        group = self._group(agent)
        return tuple(sorted(group.opt_outs)) if group else ()

    def _group(self, agent: str) -> _Group | None:
        found = _TOKEN.match(agent)
        token = found[0].lower() if found else ""
        token = token if token in self._blocks else "*"
        if token not in self._groups and token in self._blocks:
            self._groups[token] = _gather(token, self._blocks[token])
        return self._groups.get(token)


def _absolute(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def _text(body: bytes) -> str:
    cut = body[:MAX_ROBOTS_BYTES]
    if len(body) > MAX_ROBOTS_BYTES:
        cut = cut[: max(cut.rfind(b"\n"), cut.rfind(b"\r")) + 1]
    if cut.startswith((b"\xff\xfe", b"\xfe\xff")):
        return cut.decode("utf-16", errors="replace")
    return cut.removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="surrogateescape")


def _lines(body: bytes) -> Iterator[tuple[str, str]]:
    """Directive and value of every line that has a known directive."""
    for found in _LINE.finditer(_text(body).replace("\r", "\n")):
        name = found[1].lower()
        directive = _SPELLINGS.get(name, name)
        if directive in _KNOWN:
            yield directive, found[2].rstrip()


def _parse(body: bytes) -> tuple[dict[str, list[_Block]], list[str]]:
    by_agent: dict[str, list[_Block]] = {}
    sitemaps: list[str] = []
    block, is_closed, n_told = _Block(), False, 0
    for directive, value in _lines(body):
        if directive == "sitemap":
            sitemaps += [value] if value and len(sitemaps) < _MAX_SITEMAPS else []
        elif directive == "user-agent":
            if is_closed:
                block, is_closed, n_told = _Block(), False, 0
            elif block.facts and block.facts[-1][0].stop == len(block.agents):
                n_told = len(block.agents)
            token = _token(value)
            if token and token not in block.agents:
                block.agents[token] = len(block.agents)
                by_agent.setdefault(token, []).append(block)
        elif directive in ("allow", "disallow"):
            block.rules.append((value, directive == "allow"))
            is_closed = True
        else:
            block.facts.append((range(n_told, len(block.agents)), directive, value))
    return by_agent, sitemaps


def _token(value: str) -> str | None:
    if value == "*" or value.startswith(("* ", "*\t")):
        return "*"
    found = _TOKEN.match(value)
    return found[0].lower() if found else None


def _gather(token: str, blocks: list[_Block]) -> _Group:
    group = _Group()
    group.rules.add_all(rule for block in blocks for rule in block.rules)
    for block in blocks:
        place = block.agents[token]
        for places, directive, value in block.facts:
            if place in places:
                _note(group, directive, value)
    return group


def _note(group: _Group, directive: str, value: str) -> None:
    if directive == "crawl-delay":
        delay = _NUMBER.match(value)
        group.crawl_delay = max(group.crawl_delay or 0.0, float(delay[0])) if delay else group.crawl_delay
    elif directive == "request-rate":
        rate = _RATE.match(value)
        if rate and int(rate[1]) and int(rate[2]):
            group.request_rate = RequestRate(int(rate[1]), int(rate[2]) * _SECONDS[rate[3].lower()])
    else:
        group.opt_outs |= refusals(directive, value)
