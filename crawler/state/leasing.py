"""Which addresses come next: by priority over all hosts of a site, but those that have enough to do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from crawler.state.urls import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Collection
    from sqlite3 import Connection

    from crawler.state.store import Store

# a step in the index for each host, however many addresses it has
_READY_HOSTS = """
WITH RECURSIVE ready (host) AS (
  SELECT min(host) FROM urls WHERE site = :site AND state = 'pending' AND next_try_at IS NULL
  UNION ALL
  SELECT (SELECT min(host) FROM urls
    WHERE site = :site AND host > ready.host AND state = 'pending' AND next_try_at IS NULL)
  FROM ready WHERE ready.host IS NOT NULL
) SELECT host FROM ready WHERE host IS NOT NULL
"""
_FIRST_OF_HOST = """
SELECT priority, id FROM urls WHERE site = ? AND host = ? AND state = 'pending' AND next_try_at IS NULL
ORDER BY priority DESC, id LIMIT ?
"""
_SOON = """
SELECT 1 FROM urls WHERE site = ? AND state = 'pending' AND next_try_at < ?
AND host NOT IN (SELECT value FROM json_each(?)) LIMIT 1
"""
_LEASE = f"UPDATE urls SET state = 'leased' WHERE id IN (SELECT value FROM json_each(?)) RETURNING id, {COLUMNS}"  # noqa: S608 - a constant


def take(connection: Connection, site: str, n: int, without: Collection[str]) -> list[Any]:
    """Lease up to `n` ready addresses of hosts that are not among `without`; rows of id and COLUMNS, in no order."""
    hosts = [row[0] for row in connection.execute(_READY_HOSTS, {"site": site})]
    firsts = [
        (-priority, number)
        for host in hosts
        if host not in without
        for priority, number in connection.execute(_FIRST_OF_HOST, (site, host, n))
    ]
    chosen = json.dumps([number for _, number in sorted(firsts)[:n]])
    return connection.execute(_LEASE, (chosen,)).fetchall()


def has_due(store: Store, site: str, by: int, without: Collection[str]) -> bool:
    """Whether an address waits whose time comes before `by` (microseconds), of a host that is not among `without`."""
    if any(host not in without for (host,) in store.rows(_READY_HOSTS, {"site": site})):
        return True
    return bool(store.rows(_SOON, (site, by, json.dumps(list(without)))))
