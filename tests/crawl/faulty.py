"""The newspaper that misbehaves, from the outside: one process, told what to open, asked what was asked of it."""

import atexit
import json
import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

from tests.newspaper.prose import sentences

__all__ = ["Paper", "newspaper", "sentences", "write_profile"]
ROOT = Path(__file__).parents[2]


class Office:
    """The process that serves all newspapers of a test run; started when the first is opened."""

    def __init__(self):
        self.process = None
        self.lock = threading.Lock()

    def tell(self, do, **order):
        with self.lock:
            if self.process is None:
                command = [sys.executable, "-m", "tests.newspaper.server"]
                pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
                self.process = subprocess.Popen(command, cwd=ROOT, text=True, bufsize=1, **pipes)
                atexit.register(self.close)
            self.process.stdin.write(json.dumps({"do": do, **order}) + "\n")
            return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


OFFICE = Office()


class Paper:
    """One newspaper; its arguments are those of `tests.newspaper.server.Newspaper`."""

    def __init__(self, *faults, **options):
        self.port = OFFICE.tell("open", faults=faults, **options)["port"]
        self.host = f"{options.get('host', '127.0.0.1')}:{self.port}"
        self.base = f"http{'s' if options.get('is_tls') else ''}://{self.host}"

    @property
    def times(self):
        """When (`time.monotonic`) it was asked for which path, in order."""
        return [tuple(arrival) for arrival in OFFICE.tell("log", port=self.port)]

    @property
    def asked(self):
        return Counter(path for _, path in self.times)

    def change(self, **fields):
        """Behave otherwise from now on."""
        OFFICE.tell("change", port=self.port, **fields)

    def close(self):
        OFFICE.tell("close", port=self.port)


@contextmanager
def newspaper(*faults, **options):
    paper = Paper(*faults, **options)
    try:
        yield paper
    finally:
        paper.close()


def write_profile(seeds: Path, port: int, site="loopback", extra="", *, hosts=(), home=""):
    folder = seeds / site
    folder.mkdir(parents=True, exist_ok=True)
    text = f"""
name = "A newspaper that misbehaves"
hosts = {json.dumps([f"127.0.0.1:{port}", *hosts])}
home = "{home or f"http://127.0.0.1:{port}/"}"
{extra}
[sources]
sitemaps = ["http://127.0.0.1:{port}/sitemap.xml"]
article_url = ["/bai/{{slug}}-{{id}}.html"]

[[templates]]
body = [".noi-dung"]
title = ["h1"]
"""
    (folder / "profile.toml").write_text(text, encoding="utf-8")
