"""Runs that ended without a manifest: killed, or with no room left to write one."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from crawler.errors import CorpusError
from crawler.health.diagnosis import died
from crawler.state.instants import from_micros
from crawler.state.store import STATE_FILE, Store

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.health.verdicts import Verdict

TAIL_BYTES = 4_096
COMPLAINT = "scrapy crawl: "
"""How a crawl begins the line that says why it failed."""
_WRITERS = "SELECT site, run_id, host, pid, started_at FROM writers ORDER BY site"


def unended(output: Path, *, known: frozenset[str]) -> dict[str, Verdict]:
    """Verdicts on the last runs that began to write and left no manifest, by site. `known`: runs that left one."""
    if not (output / STATE_FILE).is_file():
        return {}
    with suppress(CorpusError), Store(output, is_read_only=True) as store:
        return {
            site: died(site, run_id, from_micros(started_at), "nobody saw it end", last_word(output, run_id))
            for site, run_id, host, pid, started_at in store.rows(_WRITERS)
            if run_id not in known and not _may_live(host, pid)
        }
    return {}


def last_word(output: Path, run_id: str) -> str:
    """The complaint at the end of a run's log; empty when there is none."""
    with suppress(OSError), (output / "logs" / f"{run_id}.log").open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(file.tell() - TAIL_BYTES, 0))
        lines = file.read().decode("utf-8", "replace").splitlines()
        return next((line.removeprefix(COMPLAINT) for line in lines[::-1] if line.startswith(COMPLAINT)), "")
    return ""


def _may_live(host: str, pid: int) -> bool:
    """Whether the process may still be at work; of another machine's nothing is known."""
    if host != socket.gethostname():
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
