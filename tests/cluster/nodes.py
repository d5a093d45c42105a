"""Two Ray nodes on this machine, each in a session of its own, so that one can be ended as a power cut would."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

# what a network of its own would give: no token, nothing told to anybody; every process here must agree
ENVIRONMENT = {"RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0", "RAY_DEDUP_LOGS": "0"}
START_SECONDS = 180


class Nodes:
    """A head without cores, and nodes that can be added and lost."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))  # sockets need a short path
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self.processes = []
        head = ("--head", f"--port={self.port}", "--include-dashboard=false", "--disable-usage-stats")
        self._start(1, *head, "--temp-dir", str(self.folder))
        self._wait_for(self._answers)

    def _answers(self):
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def add(self, n_cores=1):
        return self._start(n_cores, f"--address={self.address}")

    def _start(self, n_cores, *words):
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block", "--node-ip-address=127.0.0.1"]
        limits = ["--object-store-memory=80000000", f"--num-cpus={n_cores}", "--include-log-monitor=false"]
        with (self.folder / f"node-{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [*command, *limits, *words],
                env={**os.environ, **ENVIRONMENT},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def _wait_for(self, is_there):
        deadline = time.monotonic() + START_SECONDS
        while not is_there():
            assert time.monotonic() < deadline, (self.folder / "node-0.log").read_text(encoding="utf-8")
            time.sleep(0.1)

    def wait(self, ray, n):
        """Until so many nodes are alive."""
        self._wait_for(lambda: sum(node["Alive"] for node in ray.nodes()) >= n)

    def kill(self, process):
        """End a node with all that runs on it at once: nothing says goodbye."""
        for pid in [*descendants(process.pid), process.pid]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()

    def close(self):
        for process in reversed(self.processes):
            self.kill(process)
        shutil.rmtree(self.folder, ignore_errors=True)


def descendants(pid):
    """Processes begun by a process, by those, and so on; the last ones first."""
    children = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError):
            words = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            children.setdefault(int(words[1]), []).append(int(path.parent.name))
    found, waiting = [], [pid]
    while waiting:
        some = children.get(waiting.pop(), [])
        found += some
        waiting += some
    return found[::-1]
