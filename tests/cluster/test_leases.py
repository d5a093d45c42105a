"""Who works in a folder: holders that live, die, freeze and come back, seen from their own and from other machines."""

import json
import os
import subprocess
import sys

import pytest

from crawler.cluster import leases
from crawler.cluster.leases import BEAT_SECONDS, Lease
from crawler.errors import FencedError, LockedError


class Time:
    """A clock that runs when somebody sleeps; `meanwhile` happens at each of its ticks."""

    def __init__(self, meanwhile=lambda: None):
        self.now = 100.0
        self.meanwhile = meanwhile

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds
        self.meanwhile()


def lease(folder, time):
    return Lease(folder, seconds=20, clock=time, sleep=time.sleep)


def elsewhere(folder, number=1):
    """Let the holder be one of another machine."""
    path = folder / f"lease-{number:06d}.json"
    words = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**words, "node": "another", "host": "far"}), encoding="utf-8")


def test_nobody_is_waited_for_in_an_empty_folder_or_after_a_release(tmp_path):
    time = Time()
    first = lease(tmp_path / "new", time)
    first.take()
    first.release()
    second = lease(tmp_path / "new", time)
    second.take()
    assert (first.epoch, second.epoch, time.now) == (1, 2, 100.0)


def test_a_process_of_this_machine_that_is_gone_is_not_waited_for(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    time = Time()
    first = lease(tmp_path, time)
    first.pids = [gone.pid]
    first.take()
    lease(tmp_path, time).take()
    assert time.now == 100.0


def test_one_of_its_processes_that_lives_is_enough(tmp_path):
    time = Time()
    first = lease(tmp_path, time)
    first.pids = [2**22 + 1, os.getpid()]
    first.take()
    lease(tmp_path, time).take()
    assert time.now >= 120


def test_a_holder_elsewhere_that_does_not_stir_is_dead_after_a_while(tmp_path):
    time = Time()
    lease(tmp_path, time).take()
    elsewhere(tmp_path)
    second = lease(tmp_path, time)
    second.take()
    assert 120 <= time.now < 125
    assert second.epoch == 2


def test_a_holder_elsewhere_that_stirs_is_alive_whatever_its_clock_says(tmp_path):
    first = lease(tmp_path, Time())

    def stir():
        first.stir()
        elsewhere(tmp_path)

    first.take()
    elsewhere(tmp_path)
    with pytest.raises(LockedError, match="on far works here"):
        lease(tmp_path, Time(stir)).take(patience=60)


def test_one_that_comes_back_finds_its_place_taken(tmp_path):
    time = Time()
    frozen = lease(tmp_path, time)
    frozen.take()
    frozen.beat()
    elsewhere(tmp_path)
    lease(tmp_path, time).take()
    with pytest.raises(FencedError, match="taken for dead"):
        frozen.beat()
    frozen.release()
    third = lease(tmp_path, time)
    third.take(patience=100)
    assert third.epoch == 3


def test_only_one_of_two_that_come_at_once_gets_it(tmp_path, monkeypatch):
    time = Time()
    one, other = lease(tmp_path, time), lease(tmp_path, time)
    looked = Lease._newest
    monkeypatch.setattr(Lease, "_watch", lambda *_: None)
    stale = iter([0, 0])
    monkeypatch.setattr(Lease, "_newest", lambda self: next(stale, None) or looked(self))
    one.take()
    other.take()
    assert (one.epoch, other.epoch) == (1, 2)


def test_a_beat_writes_only_when_it_is_due(tmp_path):
    time = Time()
    holder = lease(tmp_path, time)
    holder.take()
    before = (tmp_path / "lease-000001.json").read_bytes()
    holder.beat()
    assert (tmp_path / "lease-000001.json").read_bytes() == before
    time.now += BEAT_SECONDS
    holder.beat()
    assert (tmp_path / "lease-000001.json").read_bytes() != before
    assert leases.LEASE_SECONDS >= 5 * BEAT_SECONDS
