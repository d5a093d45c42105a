"""The state of an output folder, whatever became of its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.corpus.rebuild import part_files, rebuild_state
from crawler.errors import DamagedError
from crawler.state.store import STATE_FILE, Store

if TYPE_CHECKING:
    from pathlib import Path

MAX_CHECKED_BYTES = 256 * 1024 * 1024
"""Files up to this size are read through at the start; 250 MB, about 600,000 addresses, take a second."""


def open_state(output: Path, notes: list[str], *, is_replay: bool = False) -> Store:
    """The state of `output`. One that is damaged is moved aside and made anew, as is one that is gone.

    `notes` gets a line on what was done. For a replay nothing is made anew that is only gone: it makes all rows itself.
    Raises what `Store` raises, LockedError when another process writes to `output` and the state would be made anew.
    """
    if not is_replay and not (output / STATE_FILE).exists() and part_files(output):
        return _anew(output, notes, f"{output / STATE_FILE}: gone")
    try:
        store = Store(output)
    except DamagedError as error:
        return _anew(output, notes, str(error).partition(";")[0])
    try:
        problem = _problem(store)
    except DamagedError as error:
        problem = str(error)
    if problem is None:
        return store
    store.close()
    return _anew(output, notes, f"{store.path}: damaged ({problem})")


def _problem(store: Store) -> str | None:
    if store.path.stat().st_size > MAX_CHECKED_BYTES:
        return None
    ((found,),) = store.rows("PRAGMA quick_check(1)")
    return None if found == "ok" else " ".join(str(found).split())


def _anew(output: Path, notes: list[str], problem: str) -> Store:
    rebuilt = rebuild_state(output)
    moved = f"moved to {rebuilt.aside.name}, " if rebuilt.aside else ""
    notes.append(f"{problem}; {moved}made anew from {rebuilt.n_rows} rows of the corpus and from the archive")
    notes.extend(rebuilt.problems)
    return Store(output)
