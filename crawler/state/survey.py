"""The frontier of a site, looked at from outside: what waits, what failed and why, what was left out by which rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crawler.state.frontier import Frontier
from crawler.state.instants import opt_moment
from crawler.state.leftovers import n_more_left_out
from crawler.state.urls import COLUMNS, KnownUrl, known_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from crawler.state.store import Store

DISALLOWED = "robots_disallowed"
"""Reason of addresses that robots.txt forbids: left out like others, counted apart."""
N_EXAMPLES = 3
STATES: dict[str, str] = {
    "pending": "state = 'pending'",
    "in_flight": "state = 'leased'",
    "done": "state = 'done'",
    "failed": "(state = 'failed' OR (state = 'pending' AND attempts > 0))",
    "left_out": f"state = 'left_out' AND reason IS NOT '{DISALLOWED}'",
    "disallowed": f"state = 'left_out' AND reason = '{DISALLOWED}'",
}
"""What can be asked for, and which addresses that is. `failed` holds those that will be tried again as well."""
_HOST = "substr(url, instr(url, '://') + 3, instr(substr(url, instr(url, '://') + 3) || '/', '/') - 1)"
_WAITING = f"""
SELECT {_HOST} AS host, priority, depth, kind, count(*), min(next_try_at) FROM urls
WHERE site = ? AND state = 'pending' GROUP BY 1, 2, 3, 4 ORDER BY priority DESC, depth, host, kind
"""  # noqa: S608 - a constant
_FAILURES = """
SELECT coalesce(reason, ''), state, count(*), max(attempts), min(next_try_at) FROM urls
WHERE site = :site AND (state = 'failed' OR (state = 'pending' AND attempts > 0)) GROUP BY 1, 2 ORDER BY 3 DESC, 1
"""
_EXAMPLES = "SELECT url FROM urls WHERE site = ? AND state = ? AND reason IS ? ORDER BY id LIMIT ?"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Addresses that wait, of one host, priority, depth and kind."""

    host: str
    priority: int
    depth: int
    kind: str
    n: int
    next_try_at: datetime | None
    """The first moment one of them may be tried again; None: none of them waits for a moment."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Addresses that failed for one reason."""

    reason: str
    is_final: bool
    """Nothing tries them again in this run; the next one does, ten times in all."""
    n: int
    attempts: int
    """Most tries of one of them."""
    next_try_at: datetime | None
    """When the first of them is tried again; None: with the next run."""
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Addresses that one rule leaves out."""

    rule: str
    n: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """discovered = done + failed + disallowed + left_out + pending + in_flight."""

    discovered: int
    done: int
    failed: int
    disallowed: int
    left_out: int
    pending: int
    in_flight: int
    waiting: tuple[Waiting, ...]
    failures: tuple[Failure, ...]
    rules: tuple[LeftOut, ...]
    """Disallowed ones among them."""
    problems: tuple[str, ...]
    """What does not add up, one line each; empty when all does."""


def survey(store: Store, site: str) -> Survey:
    """The frontier of `site`. Raises CorpusError when the state cannot be read."""
    by_state = dict(store.rows("SELECT state, sum(n) FROM url_counts WHERE site = ? GROUP BY state", (site,)))
    counted = dict(store.rows("SELECT state, count(*) FROM urls WHERE site = ? GROUP BY state", (site,)))
    n_more = n_more_left_out(store, site)
    for known in (by_state, counted) if n_more else ():
        known["left_out"] = known.get("left_out", 0) + n_more
    discovered = n_more + int(store.rows("SELECT count(*) FROM urls WHERE site = ?", (site,))[0][0])
    rules = tuple(_left_out(store, site))
    n_rules = sum(rule.n for rule in rules)
    disallowed = sum(rule.n for rule in rules if rule.rule == DISALLOWED)
    return Survey(
        discovered=discovered,
        done=counted.get("done", 0),
        failed=counted.get("failed", 0),
        disallowed=disallowed,
        left_out=n_rules - disallowed,
        pending=counted.get("pending", 0),
        in_flight=counted.get("leased", 0),
        waiting=tuple(
            Waiting(host, priority, depth, kind, n, opt_moment(soonest))
            for host, priority, depth, kind, n, soonest in store.rows(_WAITING, (site,))
        ),
        failures=tuple(_failures(store, site)),
        rules=rules,
        problems=tuple(_problems(discovered, by_state, counted, n_rules)),
    )


def _left_out(store: Store, site: str) -> Iterator[LeftOut]:
    counts = Frontier(store, site).counts()
    sums: dict[str, int] = {}
    for key, n in counts.items():
        if key.state == "left_out":
            sums[key.reason] = sums.get(key.reason, 0) + n
    for rule, n in sorted(sums.items(), key=lambda one: (-one[1], one[0])):
        yield LeftOut(rule, n, _examples(store, site, "left_out", rule))


def _failures(store: Store, site: str) -> Iterator[Failure]:
    for reason, state, n, attempts, next_try_at in store.rows(_FAILURES, {"site": site}):
        moment = opt_moment(next_try_at)
        yield Failure(reason, state == "failed", n, attempts, moment, _examples(store, site, state, reason))


def _examples(store: Store, site: str, state: str, reason: str) -> tuple[str, ...]:
    return tuple(row[0] for row in store.rows(_EXAMPLES, (site, state, reason or None, N_EXAMPLES)))


def _problems(discovered: int, by_state: dict[str, int], counted: dict[str, int], n_rules: int) -> Iterator[str]:
    if discovered != sum(counted.values()):
        yield f"discovered {discovered}, states of addresses {sum(counted.values())}"
    for state in sorted(by_state.keys() | counted.keys()):
        if by_state.get(state, 0) != counted.get(state, 0):
            yield f"{state}: {counted.get(state, 0)} addresses, the counters say {by_state.get(state, 0)}"
    if n_rules != counted.get("left_out", 0):
        yield f"left out {counted.get('left_out', 0)}, by rules {n_rules}"


def addresses(
    store: Store, site: str, *, state: str | None = None, reason: str | None = None, limit: int = 20
) -> list[KnownUrl]:
    """Up to `limit` addresses (0: all) of a state of `STATES`, by `reason` only where given, in the order found."""
    conditions = ["site = ?", STATES[state] if state else "1"]
    values: list[Any] = [site]
    if reason is not None:
        conditions.append("reason = ?")
        values.append(reason)
    query = f"SELECT {COLUMNS} FROM urls WHERE {' AND '.join(conditions)} ORDER BY id LIMIT ?"  # noqa: S608 - constants
    return [known_url(row) for row in store.rows(query, (*values, limit or -1))]


def sites(store: Store) -> list[str]:
    """Sites that the state knows addresses of."""
    return [row[0] for row in store.rows("SELECT DISTINCT site FROM url_counts WHERE n > 0 ORDER BY site")]
