"""A process that has imported what a crawl imports, and forks itself for each command: a start costs 0.1 s, not 2 s.

    .venv/bin/python tests/crawl/starter.py SOCKET

What runs in the fork is Scrapy's own entry point, with arguments, exit code, output and signals of its own. Tests of
how the command itself starts and dies begin a fresh interpreter instead.
"""

import atexit
import json
import multiprocessing.util
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from importlib import import_module
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[2]
NEEDED = (
    "scrapy.cmdline",
    "scrapy.crawler",
    "scrapy.core.downloader.handlers.http11",
    "crawler.commands.collect",
    "crawler.commands.crawl",
    "crawler.commands.replay",
    "crawler.corpus.rebuild",
    "crawler.drift",
    "crawler.extensions",
    "crawler.logformatter",
    "crawler.middlewares",
    "crawler.pipelines",
    "crawler.resolver",
    "crawler.scheduler",
    "crawler.spiderloader",
    "crawler.spiders.gathering",
    "crawler.spiders.replay",
    "crawler.spiders.unprepared",
)


def serve(path):
    for name in NEEDED:
        import_module(name)
    assert "twisted.internet.reactor" not in sys.modules
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(path)
        door.listen(16)
        while True:
            client, _ = door.accept()
            with client:
                if os.fork() == 0:
                    door.close()
                    wait_for_command(client)


def wait_for_command(client):
    """In a fork: run the command in another one and tell the client its process id, then how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with client, client.makefile("rw", encoding="utf-8") as line:
        order = json.loads(line.readline())
        pid = os.fork()
        if pid == 0:
            run(order)
        line.write(f"{pid}\n")
        line.flush()
        _, status = os.waitpid(pid, 0)
        with suppress(BrokenPipeError):  # whoever asked has stopped waiting
            line.write(f"{os.waitstatus_to_exitcode(status)}\n")
            line.flush()
        os._exit(0)


def fork_and_run(_, arguments, passed):
    """In the place of `spawnv_passfds`: what a new interpreter would run, in a fork that has the imports already."""
    pid = os.fork()
    if pid:
        return pid
    try:
        kept = sorted({0, 1, 2, *passed})
        for low, high in pairwise([*kept, os.sysconf("SC_OPEN_MAX")]):
            os.closerange(low + 1, high)
        exec(arguments[-1], {})  # noqa: S102 - two lines of multiprocessing
    finally:
        os._exit(0)


def run(order):
    from scrapy import cmdline

    os.setsid()
    os.environ.update(order["environ"])
    multiprocessing.util.spawnv_passfds = fork_and_run
    for number, name in ((1, order["stdout"]), (2, order["stderr"])):
        file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, number)
    code = 1
    try:
        cmdline.execute(["scrapy", *order["words"]])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


class Starter:
    """Starts the process on first use and hands it commands, several at a time."""

    def __init__(self):
        self.lock = threading.Lock()
        self.process = None

    def open(self):
        with self.lock:
            if self.process is None:
                self.folder = tempfile.TemporaryDirectory(prefix="starter-")
                self.path = f"{self.folder.name}/door"
                environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default"}
                self.process = subprocess.Popen([sys.executable, __file__, self.path], cwd=ROOT, env=environment)
                atexit.register(self.close)
        while True:
            door = socket.socket(socket.AF_UNIX)
            try:
                door.connect(self.path)
            except OSError:
                door.close()
                if self.process.poll() is not None:
                    raise
                time.sleep(0.02)
            else:
                return door

    def close(self):
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()

    def start(self, words):
        return Started(self.open(), words)

    def begin(self, words):
        """As `subprocess.Popen` of `scrapy WORDS` whose output nobody reads."""
        return Running(self.open(), words)

    def run(self, words, timeout):
        """As `subprocess.run` of `scrapy WORDS` with captured text."""
        with self.start(words) as started:
            try:
                code = started.wait(timeout)
            except subprocess.TimeoutExpired:
                os.killpg(started.pid, signal.SIGKILL)
                raise
            return subprocess.CompletedProcess(words, code, started.read("out"), started.read("err"))


class Running:
    """A command that runs, in a session of its own, with what tests need of `subprocess.Popen`."""

    def __init__(self, door, words, out=os.devnull, err=os.devnull):
        self.door = door
        self.code = None
        order = {"words": [*map(str, words)], "stdout": out, "stderr": err, "environ": dict(os.environ)}
        self.line = door.makefile("rw", encoding="utf-8")
        self.line.write(json.dumps(order) + "\n")
        self.line.flush()
        self.pid = int(self.line.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wait()

    def wait(self, timeout=None):
        """Its exit code; raises TimeoutExpired."""
        if self.code is None:
            if not select.select([self.door], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("scrapy", timeout)
            self.code = int(self.line.readline())
            self.line.close()
            self.door.close()
        return self.code

    def poll(self):
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.code

    def send_signal(self, signum):
        if self.poll() is None:
            os.kill(self.pid, signum)

    def kill(self):
        self.send_signal(signal.SIGKILL)


class Started(Running):
    """A command whose words are kept until the end of its `with`, however it ends."""

    def __init__(self, door, words):
        self.folder = tempfile.TemporaryDirectory()
        super().__init__(door, words, *(f"{self.folder.name}/{name}" for name in ("out", "err")))

    def __exit__(self, *_):
        self.line.close()
        self.door.close()
        self.folder.cleanup()

    def read(self, name):
        return (Path(self.folder.name) / name).read_text("utf-8")


if __name__ == "__main__":
    serve(sys.argv[1])
