from __future__ import annotations

import multiprocessing
import os
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from crawler.errors import CorpusError, FencedError, LockedError
from crawler.state import store as store_module
from crawler.state.frontier import Frontier
from crawler.state.locks import OutputLock, SiteLock
from crawler.state.store import STATE_FILE, Store
from crawler.state.tables import MIGRATIONS
from crawler.state.urls import NewUrl

HOLD = """
import sys, time
from pathlib import Path
from crawler.state.locks import SiteLock
from crawler.state.store import Store
store = Store(Path(sys.argv[1]))
lock = SiteLock(store, "a", "the-other-run")
print("held", flush=True)
time.sleep(60)
"""
ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "output") as opened:
        yield opened


@pytest.fixture
def holder(store):
    """Another process that holds site a."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(store.output)], cwd=ROOT, stdout=subprocess.PIPE, env={"PYTHONPATH": "."}
    )
    assert child.stdout.readline() == b"held\n"
    yield child
    child.kill()
    child.communicate()


def test_durability_settings(store):
    assert store.rows("PRAGMA journal_mode") == [("wal",)]
    assert store.rows("PRAGMA synchronous") == [(2,)]
    assert store.rows("PRAGMA foreign_keys") == [(1,)]
    assert store.rows("PRAGMA busy_timeout") == [(30_000,)]
    assert store.rows("PRAGMA user_version") == [(len(MIGRATIONS),)]


def test_a_newer_file_is_refused(tmp_path):
    Store(tmp_path).close()
    with sqlite3.connect(tmp_path / STATE_FILE) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(CorpusError, match="newer release"):
        Store(tmp_path)


def test_a_damaged_file_is_named(tmp_path):
    (tmp_path / STATE_FILE).write_bytes(b"no database at all" * 400)
    with pytest.raises(CorpusError, match=r"state\.sqlite: damaged"):
        Store(tmp_path)


def open_at_once(output, barrier, site, errors):
    barrier.wait()
    try:
        with Store(output) as store, SiteLock(store, site, "r"):
            pass
    except CorpusError as error:
        errors.put(f"{error!r}")


def test_many_processes_may_begin_one_output_at_once(tmp_path):
    context = multiprocessing.get_context("fork")
    errors = context.SimpleQueue()
    for n in range(8):
        barrier = context.Barrier(4)
        children = [
            context.Process(target=open_at_once, args=(tmp_path / str(n), barrier, f"site{i}", errors))
            for i in range(4)
        ]
        for child in children:
            child.start()
        for child in children:
            child.join()
    assert errors.empty()


def test_reading_needs_a_file_and_makes_none(tmp_path):
    with pytest.raises(CorpusError, match="nothing was collected"):
        Store(tmp_path / "none", is_read_only=True)
    assert not (tmp_path / "none").exists()


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CorpusError, match="file"):
        Store(tmp_path / "file" / "output")


def test_an_error_takes_everything_back_also_what_was_nested(store):
    frontier = Frontier(store, "a")

    def fail():
        with store.transaction():
            frontier.add([NewUrl("u", "article", "feed")])
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        fail()
    assert frontier.get("u") is None
    frontier.add([NewUrl("u", "article", "feed")])
    assert frontier.get("u") is not None


@pytest.mark.parametrize("is_announced", [True, False])
def test_a_long_transaction_is_waited_for_when_announced(store, monkeypatch, is_announced):
    monkeypatch.setattr(store_module, "BUSY_SECONDS", 0.2)
    if is_announced:
        with store.transaction() as connection:
            connection.execute("INSERT INTO swaps VALUES ('b', 1)")
    with Store(store.output) as other:
        is_held = threading.Event()

        def hold():
            with store.transaction():
                is_held.set()
                time.sleep(0.7)

        holder = threading.Thread(target=hold)
        holder.start()
        is_held.wait()
        if is_announced:
            assert Frontier(other, "a").add([NewUrl("u", "article", "feed")]) == 1
        else:
            with pytest.raises(CorpusError, match="kept it locked"):
                Frontier(other, "a").add([NewUrl("u", "article", "feed")])
        holder.join()


def test_second_writer_is_refused_at_once_and_told_by_whom(store, holder):
    started = time.monotonic()
    with pytest.raises(LockedError, match=rf"^a: being written by process {holder.pid} on .+ since 20.+the-other-run"):
        SiteLock(store, "a", "mine")
    assert time.monotonic() - started < 1
    with SiteLock(store, "b", "mine"):
        pass
    with pytest.raises(LockedError, match=f"process {holder.pid}"):
        OutputLock(store.output, "mine")


def test_a_killed_writer_leaves_no_lock(store, holder):
    holder.kill()
    holder.wait()
    with SiteLock(store, "a", "mine") as lock:
        assert lock.epoch == 2


def test_whole_output_excludes_every_site(store):
    with OutputLock(store.output, "compaction"), Store(store.output) as other:
        with pytest.raises(LockedError, match="compaction"):
            SiteLock(other, "a", "mine")
        with pytest.raises(LockedError, match="compaction"):
            OutputLock(other.output, "mine")
    with SiteLock(store, "a", "mine"):
        pass


def test_a_forked_worker_does_not_keep_a_dead_parents_lock(store):
    lock = SiteLock(store, "a", "mine")
    context = multiprocessing.get_context("fork")
    is_up = context.Event()
    worker = context.Process(target=lambda: (is_up.set(), time.sleep(30)))
    worker.start()
    try:
        assert is_up.wait(10)
        # what the system does when a process is killed: close its files, one by one
        lock._own.forget()
        lock._whole.forget()
        with SiteLock(store, "a", "again") as second:
            assert second.epoch == 2
    finally:
        worker.kill()
        worker.join()


def test_a_frozen_writer_is_fenced(store):
    with SiteLock(store, "a", "old") as old, Store(store.output) as other:
        (store.output / "locks" / "a.lock").unlink()
        with SiteLock(other, "a", "new") as new:
            assert new.epoch == old.epoch + 1
            with pytest.raises(FencedError, match=f"process {os.getpid()}"):
                Frontier(store, "a").add([NewUrl("u", "article", "feed")])
            assert Frontier(other, "a").add([NewUrl("u", "article", "feed")]) == 1


@pytest.mark.parametrize("site", ["", ".", "../a", "a/b", "output", "x" * 101, "a\n"])
def test_a_site_key_must_be_a_file_name(store, site):
    with pytest.raises(CorpusError, match="key of a site"):
        SiteLock(store, site, "r")
