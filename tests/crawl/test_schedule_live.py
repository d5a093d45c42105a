"""The scheduler with real crawls of a newspaper on loopback, killed and started again."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from itertools import pairwise

import pandas as pd
import pytest
from workshop import FAST, ROOT, Workshop

from crawler.corpus.checks import check_corpus

SECONDS = float(os.environ.get("SCHEDULE_SECONDS", "9"))
SPEED = 30
DEADLINE = 60


class Machine:
    """Where the scheduler runs: its process and what it wrote down."""

    def __init__(self, workshop):
        self.workshop = workshop
        self.begin = time.time()
        self.process = None

    def boot(self):
        settings = [f"{name}={value}" for name, value in FAST.items()]
        words = [self.workshop.output, self.workshop.seeds, SPEED, self.begin, *settings]
        command = [sys.executable, ROOT / "tests" / "crawl" / "fast_daemon.py", *map(str, words)]
        self.process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, start_new_session=True)

    def kill(self):
        self.process.kill()
        self.process.communicate()

    def rows(self, query):
        if not (self.workshop.output / "state.sqlite").is_file():
            return []
        with suppress(sqlite3.OperationalError), sqlite3.connect(self.workshop.output / "state.sqlite") as connection:
            return connection.execute(query).fetchall()
        return []  # the scheduler is about to make the tables

    def kill_a_crawl(self):
        for (pid,) in self.rows("SELECT pid FROM scheduled_runs WHERE ended_at IS NULL AND pid IS NOT NULL"):
            os.kill(pid, signal.SIGKILL)

    def stop(self):
        self.process.terminate()
        _, complaints = self.process.communicate(timeout=DEADLINE)
        assert self.process.returncode == 0, complaints.decode()


@pytest.fixture
def machine(tmp_path, newspapers):
    workshop = Workshop(tmp_path, newspapers.ports["baobaclieu"])
    profile = workshop.seeds / "baobaclieu" / "profile.toml"
    profile.write_text('schedule = "every 1m"\n' + profile.read_text(encoding="utf-8"), encoding="utf-8")
    machine = Machine(workshop)
    yield machine
    if machine.process.poll() is None:
        machine.kill()


def until(is_true):
    deadline = time.monotonic() + DEADLINE
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
def test_the_corpus_stays_whole_while_scheduler_and_crawls_are_killed(machine):
    moments = random.Random(20261122)  # noqa: S311 - moments, no secrets
    machine.boot()
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        time.sleep(moments.uniform(0.5, 3))
        machine.kill_a_crawl() if moments.random() < 0.4 else None
        if moments.random() < 0.6:
            machine.kill()
            machine.boot()
    n_before = len(machine.rows("SELECT 1 FROM scheduled_runs WHERE outcome = 'ok'"))
    until(lambda: len(machine.rows("SELECT 1 FROM scheduled_runs WHERE outcome = 'ok'")) >= n_before + 2)
    machine.stop()

    runs = machine.rows("SELECT site, due_at, claimed_at, ended_at, outcome FROM scheduled_runs ORDER BY claimed_at")
    assert all(n == 1 for n in Counter((site, due_at) for site, due_at, *_ in runs).values())
    assert all(ended_at is not None for _, _, _, ended_at, _ in runs)
    assert all(after[2] >= before[3] for before, after in pairwise(runs)), "no two at once"
    assert check_corpus(machine.workshop.output, is_thorough=True) == []
    assert pd.read_parquet(machine.workshop.output / "articles")["id"].is_unique
    (written,) = machine.rows("SELECT count(*) FROM urls WHERE kind = 'article' AND state IN ('pending', 'leased')")
    assert written == (0,)


def test_a_second_scheduler_is_refused_and_says_who_runs(machine):
    machine.boot()
    until(lambda: machine.rows("SELECT 1 FROM scheduled_runs"))
    second = machine.workshop.scrapy("schedule", "run", check=False)
    assert second.returncode == 1
    assert f"process {machine.process.pid}" in second.stderr
    machine.stop()
