"""One huge site in parts: each has addresses of its own, and hands the others' to them between its crawls.

Which part an address belongs to is told by its folder (`/the-thao/`, `/2024/05/03/`), or by itself where it lies in
none, so that a section's pages keep together. Triggers in the state of a part leave the others' addresses out as
they are found; nothing in the crawl knows of it, and no crawl waits for another one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from crawler.state.frontier import Frontier
from crawler.state.instants import opt_moment
from crawler.state.store import Store
from crawler.state.urls import NewUrl

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

OTHER_PART = "other_part"
"""Rule that leaves out what belongs to another part."""
EPOCHS = 100
"""Writers of one part in one collection at most: their archive files have names of their own."""
_PLACES = ((2, 31), (3, 131), (4, 37), (6, 137), (9, 41), (-2, 139), (-3, 43), (-4, 149), (-6, 47))


class Part(NamedTuple):
    """A part of a site."""

    number: int
    n_parts: int


def part_of(url: str, n_parts: int) -> str:
    """SQL that gives the number of the part an address belongs to; `url`: SQL that gives the address."""
    rest = f"substr({url}, instr({url}, '://') + 3)"
    path = f"(SELECT substr(r, instr(r || '/', '/')) AS p FROM (SELECT substr(u, 1, instr(u || '?', '?') - 1) AS r FROM (SELECT {rest} AS u)))"  # noqa: E501, S608 - constants
    key = f"(SELECT CASE WHEN rtrim(p, replace(p, '/', '')) IN ('', '/') THEN p ELSE rtrim(p, replace(p, '/', '')) END AS k FROM {path})"  # noqa: E501, S608 - constants
    letters = " + ".join(f"coalesce(unicode(substr(k, {place}, 1)), 0) * {factor}" for place, factor in _PLACES)
    return f"(SELECT (length(k) * 29 + {letters}) % {n_parts} FROM {key})"  # noqa: S608 - constants


def triggers(part: Part) -> tuple[str, ...]:
    """SQL for the state of a part."""
    is_other = f"new.state = 'pending' AND {part_of('new.url', part.n_parts)} <> {part.number}"
    # SQLite may come here before the trigger that counts the new state, which the change counts down
    count = "INSERT OR IGNORE INTO url_counts VALUES (new.site, new.state, new.kind, coalesce(new.reason, ''), 0)"
    leave = f"{count}; UPDATE urls SET state = 'left_out', reason = '{OTHER_PART}' WHERE id = new.id"  # noqa: S608 - constants
    return (
        f"CREATE TRIGGER other_part_new AFTER INSERT ON urls WHEN {is_other} BEGIN {leave}; END",
        f"CREATE TRIGGER other_part_again AFTER UPDATE OF state ON urls WHEN {is_other} BEGIN {leave}; END",
    )


def hand_over(folders: Sequence[Path], site: str, seen: dict[int, int]) -> list[bool]:
    """Give each part what others found of its own; returns which parts have something to do.

    `seen` keeps how far each was read. Nobody may work in the folders. Harmless when done twice.
    """
    found: dict[int, list[NewUrl]] = {}
    for number, folder in enumerate(folders):
        with Store(folder) as store:
            for owner, new, row in _others(store, site, len(folders), seen.get(number, 0)):
                found.setdefault(owner, []).append(new)
                seen[number] = row
    return [_take(folder, site, found.get(number, [])) for number, folder in enumerate(folders)]


def _others(store: Store, site: str, n_parts: int, after: int) -> list[tuple[int, NewUrl, int]]:
    rows = store.rows(
        f"SELECT {part_of('url', n_parts)}, id, url, kind, found_via, priority, depth, lastmod, title, dated_at"  # noqa: S608 - constants
        " FROM urls WHERE site = ? AND reason = ? AND id > ? ORDER BY id",
        (site, OTHER_PART, after),
    )
    return [(owner, _new_url(*facts), row) for owner, row, *facts in rows]


def _new_url(*facts: Any) -> NewUrl:
    url, kind, found_via, priority, depth, lastmod, title, dated_at = facts
    return NewUrl(url, kind, found_via, priority, depth, opt_moment(lastmod), title, None, opt_moment(dated_at))


def _take(folder: Path, site: str, new: Sequence[NewUrl]) -> bool:
    with Store(folder) as store:
        Frontier(store, site).add(new)
        query = "SELECT 1 FROM urls WHERE site = ? AND state = 'pending' AND next_try_at IS NULL LIMIT 1"
        return bool(store.rows(query, (site,)))
