"""What a command costs, with every process it leaves behind: `python benchmarks/usage.py COMMAND ...`.

Prints a line of JSON: `seconds`, `cpu` (user and system seconds of the command and all its descendants), `peak_mb`
(largest sum of their proportional set sizes, looked at four times a second) and `status`. Linux only.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import resource
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LOOK_SECONDS = 0.25
_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True, slots=True)
class Usage:
    """Of one command."""

    seconds: float
    """Wall time."""
    cpu: float
    """User and system seconds of all processes."""
    peak_mb: float
    status: int
    """Its exit code."""


def measure(command: Sequence[object], log: Path, *, folder: Path | None = None) -> Usage:
    """Run `command` in `folder` under this script in a process of its own; what it prints goes to `log`.

    Ends the benchmark with the last lines of `log` when the command fails.
    """
    with log.open("w") as out:
        script = [sys.executable, __file__, *map(str, command)]
        done = subprocess.run(script, stdout=subprocess.PIPE, stderr=out, text=True, check=True, cwd=folder)
    usage = Usage(**json.loads(done.stdout.splitlines()[-1]))
    if usage.status:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {usage.status}:\n{log.read_text()[-2000:]}")
    return usage


def _run(command: Sequence[str]) -> Usage:
    # orphans become ours: a fork server and its workers outlive their parent by a moment and would go uncounted
    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=sys.stderr)
    peak = _Peak(process.pid)
    peak.start()
    status = process.wait()
    seconds = time.perf_counter() - started
    peak.is_over = True
    peak.join()
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    # whoever ignores the end of its children, as Ray's raylet does, leaves their time out of what is summed up here
    cpu = max(used.ru_utime + used.ru_stime, sum(peak.seconds.values()))
    return Usage(seconds, cpu, peak.kilobytes / 1024, status)


class _Peak(threading.Thread):
    """Looks at the memory of a process and its descendants until it is over."""

    def __init__(self, root: int) -> None:
        super().__init__()
        self.root = root
        self.kilobytes = 0
        self.seconds: dict[int, float] = {}
        """CPU of each process when it was last seen; those that left their parents are ours."""
        self.is_over = False

    def run(self) -> None:
        while not self.is_over:
            self.kilobytes = max(self.kilobytes, sum(map(kilobytes, family(self.root))))
            for pid in family(os.getpid()):
                self.seconds[pid] = max(cpu(pid), self.seconds.get(pid, 0.0)) if pid != os.getpid() else 0.0
            time.sleep(LOOK_SECONDS)


def family(pid: int) -> Iterator[int]:
    """A process and its descendants."""
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from family(int(child))


def kilobytes(pid: int) -> int:
    """Proportional set size of a process; 0 when it is gone."""
    with suppress(OSError):
        found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
        return int(found[1]) if found else 0
    return 0


def cpu(pid: int) -> float:
    """User and system seconds of a process; 0 when it is gone."""
    with suppress(OSError):
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


if __name__ == "__main__":
    used = _run(sys.argv[1:])
    print(json.dumps({name: getattr(used, name) for name in Usage.__slots__}))
