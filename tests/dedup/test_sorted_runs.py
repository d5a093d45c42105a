"""Sorted runs: a place is computed, and says what a search through all entries would say."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.dedup import runs
from crawler.dedup.runs import Run, merged, spread, write_run
from crawler.errors import CorpusError

KEYS = st.integers(0, (1 << 48) - 1) | st.integers(0, 40) | st.integers(0, 3).map(lambda high: high << 32)
ENTRIES = st.lists(st.tuples(KEYS, st.integers(1, 90)), min_size=1, max_size=120, unique=True).map(sorted)
NUMBERS = range(1, 91)


def arrays(entries):
    keys, numbers = zip(*sorted(entries), strict=True)
    return np.array(keys, dtype=np.uint64), np.array(numbers, dtype=np.uint32)


def write(folder, name, entries, cut=None):
    keys, numbers = arrays(entries)
    pieces = iter([(keys[:cut], numbers[:cut]), (keys[cut:], numbers[cut:])] if cut is not None else [(keys, numbers)])
    return Run(folder, name, write_run(folder, name, pieces, len(entries), NUMBERS))


def asked(run, keys, most):
    """The numbers each key stands for, in order, `most` newest of them."""
    found = {}
    for key in keys:
        ((count,), numbers) = run.newest(np.array([key], dtype=np.uint64), np.array([most]))
        assert count == len(numbers)
        found[key] = numbers
    return found


@settings(max_examples=60, deadline=None)
@given(ENTRIES, st.lists(KEYS, max_size=9), st.integers(0, 5), st.integers(0, 60))
def test_a_run_gives_the_newest_of_each_key(tmp_path_factory, entries, others, most, cut):
    run = write(tmp_path_factory.mktemp("runs"), "one", entries, min(cut, len(entries)))
    keys = sorted({*others, *(key for key, _ in entries)})
    by_key = {key: [number for one, number in entries if one == key][-most:] if most else [] for key in keys}
    assert asked(run, keys, most) == by_key
    counts, numbers = run.newest(np.array(keys, dtype=np.uint64), np.full(len(keys), most))
    assert counts.tolist() == [len(some) for some in by_key.values()]
    assert numbers == [number for some in by_key.values() for number in some]
    sizes = Counter(number for _, number in entries)
    assert run.sizes.tolist() == [sizes[number] for number in NUMBERS]


@settings(max_examples=40, deadline=None)
@given(ENTRIES, ENTRIES, st.sets(st.sampled_from(NUMBERS)), st.integers(1, 50))
def test_merged_runs_say_what_both_say_of_who_is_alive(tmp_path_factory, old, new, gone, at_once):
    folder = tmp_path_factory.mktemp("runs")
    is_alive = np.array([number not in gone for number in range(91)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "MERGED_AT_ONCE", at_once)
        pieces = list(merged([write(folder, "old", old), write(folder, "new", new)], is_alive))
    found = [pair for keys, numbers in pieces for pair in zip(keys.tolist(), numbers.tolist(), strict=True)]
    wanted = sorted([pair for pair in old + new if pair[1] not in gone])
    assert sorted(found) == wanted
    assert [key for key, _ in found] == [key for key, _ in wanted]


def test_a_fingerprint_of_very_many_articles_hides_none_of_its_bucket(tmp_path):
    entries = [(5, number) for number in range(1, 80)] + [(4, 7), (6, 8), (6, 9), (1 << 47, 90)]
    run = write(tmp_path, "one", entries)
    assert asked(run, [3, 4, 5, 6, 7, 1 << 47], 3) == {3: [], 4: [7], 5: [77, 78, 79], 6: [8, 9], 7: [], 1 << 47: [90]}


def test_keys_lie_evenly_and_no_two_meet():
    least = np.random.default_rng(3).integers(0, 1 << 48, (20_000, 16), dtype=np.uint64).min(axis=1)
    for fingerprints in (least, np.arange(20_000, dtype=np.uint64)):
        keys = spread(fingerprints)
        assert len(np.unique(keys)) == len(np.unique(fingerprints))
        assert np.bincount((keys >> np.uint64(44)).astype(np.int64), minlength=16).min() > 1_000


@pytest.mark.parametrize("suffix", [".keys", ".numbers", ".directory", ".sizes"])
def test_a_missing_file_is_refused(tmp_path, suffix):
    write(tmp_path, "one", [(1, 2), (3, 4)])
    (tmp_path / f"one{suffix}").unlink()
    with pytest.raises(CorpusError, match=rf"one\{suffix}: .*scrapy dedup --rebuild"):
        Run(tmp_path, "one", 2)


@pytest.mark.parametrize("suffix", [".keys", ".numbers", ".directory", ".sizes"])
def test_a_file_that_was_cut_off_is_refused(tmp_path, suffix):
    write(tmp_path, "one", [(1, 2), (3, 4)])
    path = tmp_path / f"one{suffix}"
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(CorpusError, match=rf"one\{suffix}: has another length .*scrapy dedup --rebuild"):
        Run(tmp_path, "one", 2)
