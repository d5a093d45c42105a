"""Who works in a folder that several nodes can reach: an flock says nothing about a node that is gone."""

from __future__ import annotations

import json
import os
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler import disk
from crawler.errors import FencedError, LockedError

if TYPE_CHECKING:
    from collections.abc import Callable

LEASE_SECONDS = 20.0
"""A holder of another node that has not stirred for so long is dead: ten beats, time enough for a slow disk."""
BEAT_SECONDS = 2.0
_NAME = "lease-{:06d}.json"


class Lease:
    """The right to work in `folder`: a file per epoch, which its holder writes anew at each beat.

    Whoever comes next watches it by its own clock, so that clocks need not agree, and takes the epoch after it: only
    one can make that file. A holder that comes back from the dead finds it and stops; what it still writes into a
    state file is refused there by the epoch of `SiteLock`, and archive files have the epoch in their names.
    """

    def __init__(
        self,
        folder: Path,
        *,
        seconds: float = LEASE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._folder = folder
        self._seconds = seconds
        self._clock = clock
        self._sleep = sleep
        self._n_beats = 0
        self._beat_at = 0.0
        self.pids = [os.getpid()]
        """Processes that must all be gone before this machine takes the holder for dead."""
        self.epoch = 0

    def take(self, patience: float = 60.0) -> None:
        """Take it as soon as its holder is gone. Raises LockedError when that one is alive after `patience` seconds."""
        disk.make_folders(self._folder)
        deadline = self._clock() + patience
        while True:
            epoch = self._newest()
            self._watch(epoch, deadline)
            with suppress(FileExistsError):
                self.epoch = epoch + 1
                with self._path(self.epoch).open("x", encoding="utf-8") as file:
                    file.write(self._words())
                self._beat_at = self._clock()
                return

    def beat(self) -> None:
        """Say that the holder lives, if that is due. Raises FencedError when another one has taken over."""
        if self._newest() != self.epoch:
            raise FencedError(f"{self._folder}: this process was taken for dead and another one works here now")
        if self._clock() - self._beat_at >= BEAT_SECONDS:
            self.stir()

    def stir(self) -> None:
        """Say it now."""
        self._n_beats += 1
        self._beat_at = self._clock()
        disk.replace(self._path(self.epoch), self._words().encode())

    def release(self) -> None:
        """Let the next one in at once."""
        if self.epoch and self._newest() == self.epoch:
            disk.replace(self._path(self.epoch), b"")

    def _watch(self, epoch: int, deadline: float) -> None:
        """Wait until the holder of `epoch` is gone."""
        words, seen_at = self._read(epoch), self._clock()
        while words and not _is_gone(words):
            if self._clock() - seen_at >= self._seconds:
                return
            if self._clock() >= deadline:
                raise LockedError(f"{self._folder}: process {words.get('pids')} on {words.get('host')} works here")
            self._sleep(min(0.2, self._seconds / 10))
            if (again := self._read(epoch)) != words:
                words, seen_at = again, self._clock()

    def _newest(self) -> int:
        return max((int(path.stem.partition("-")[2]) for path in self._folder.glob("lease-*.json")), default=0)

    def _path(self, epoch: int) -> Path:
        return self._folder / _NAME.format(epoch)

    def _read(self, epoch: int) -> dict[str, Any]:
        with suppress(OSError, ValueError):
            words = json.loads(self._path(epoch).read_bytes()[:4096])
            return words if isinstance(words, dict) else {}
        return {}

    def _words(self) -> str:
        return json.dumps({"host": socket.gethostname(), "node": node(), "pids": self.pids, "beat": self._n_beats})


def node() -> str:
    """What tells apart places whose process numbers mean different processes."""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"
    return socket.gethostname()


def _is_gone(words: dict[str, Any]) -> bool:
    """Whether a holder of this machine has no process any more; of another one nothing is known."""
    pids = words.get("pids")
    return words.get("node") == node() and isinstance(pids, list) and not any(map(_is_alive, pids))


def _is_alive(pid: Any) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{int(pid)}/status").read_text(encoding="ascii", errors="replace")
    except (OSError, ValueError):
        return False
