"""Who may publish a site: one working folder at a time, as the commits have it."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from crawler.errors import FencedError, LockedError
from crawler.publishing.commits import Claim

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawler.publishing.commits import Published


def claims_for(
    published: Published, epochs: Mapping[str, int], writer: str, run_id: str, lease_seconds: float
) -> dict[str, Claim]:
    """Claims with which `writer` takes sites; `epochs`: those it holds in its own state, which the claims' reach.

    Raises LockedError, one line that says who and since when, while another writer holds one of them: one that was
    heard of within `lease_seconds`, and is not a process of this machine that ended.
    """
    claims = {}
    for site, epoch in epochs.items():
        held = published.claims.get(site)
        if held is not None and held.writer != writer and _is_alive(held, lease_seconds):
            left = lease_seconds - (datetime.now(UTC) - held.at).total_seconds()
            raise LockedError(
                f"{site}: being published by process {held.pid} on {held.host} (run {held.run_id}), last heard of at"
                f" {held.at:%Y-%m-%dT%H:%M:%SZ}; wait for it, or {max(1, round(left))} s if it is dead"
            )
        claims[site] = _claim(writer, run_id, max(epoch, held.epoch + 1 if held else 1))
    return claims


def renewed(claims: Mapping[str, Claim], *, is_over: bool) -> dict[str, Claim]:
    """The same claims, as of now."""
    return {site: _claim(held.writer, held.run_id, held.epoch, is_over=is_over) for site, held in claims.items()}


def check(published: Published, claims: Mapping[str, Claim]) -> None:
    """Raises FencedError when another writer has taken one of the sites since."""
    for site, own in claims.items():
        held = published.claims.get(site)
        if held is None or (held.writer, held.epoch) != (own.writer, own.epoch):
            newer = f"process {held.pid} on {held.host}" if held else "nobody"
            raise FencedError(
                f"{site}: this process was taken for dead and {newer} publishes now; nothing of it was published since"
            )


def _claim(writer: str, run_id: str, epoch: int, *, is_over: bool = False) -> Claim:
    host, pid = socket.gethostname(), os.getpid()
    return Claim(writer=writer, epoch=epoch, run_id=run_id, host=host, pid=pid, at=datetime.now(UTC), is_over=is_over)


def _is_alive(held: Claim, lease_seconds: float) -> bool:
    if held.is_over or datetime.now(UTC) - held.at > timedelta(seconds=lease_seconds):
        return False
    if held.host != socket.gethostname():
        return True
    return held.pid != os.getpid() and _is_running(held.pid)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
