"""A cluster for all tests of a session, started when the first of them needs it, and what they crawl."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "crawl"))  # the workshop of the crawl tests

from nodes import ENVIRONMENT, Nodes  # noqa: E402


@pytest.fixture(scope="session")
def nodes():
    os.environ |= ENVIRONMENT
    cluster = Nodes()
    try:
        yield cluster
    finally:
        cluster.close()


@pytest.fixture(scope="session")
def newspapers(tmp_path_factory):
    """Newspapers on loopback; see the crawl tests."""
    log = tmp_path_factory.mktemp("newspapers") / "requests.jsonl"
    log.touch()
    command = [sys.executable, ROOT / "tests" / "newspapers" / "serve.py", "--log", log, "--latency", "0.01"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        yield SimpleNamespace(ports=json.loads(server.stdout.readline()), log=log)
        server.terminate()
