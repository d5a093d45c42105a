"""Power cuts before any step; and proof that the model sees it when one of the protocol's steps is missing.

`CRAWL_CUTS` sets how many cuts there are in all (1,000 for the long form), `CRAWL_SEED` repeats them. A line that
makes something durable is found in the source by itself: without it, one of the cuts must lose something.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
from contextlib import suppress
from functools import partial
from itertools import cycle

import pytest
from elsewhere import archive_of_others, bring_back, crawled_aside, gather, publish
from powercut import CutError, Place, PowerCut, sync_places
from smallcrawl import SmallCrawl, home, story

from crawler import disk
from crawler.archive import ArchiveIndex
from crawler.archive.reader import read_exchange
from crawler.archive.writer import ArchiveWriter
from crawler.corpus import committer, parts, recovery, unfinished
from crawler.corpus.checks import check_corpus
from crawler.corpus.compaction import compact
from crawler.corpus.manifest import read_manifest
from crawler.corpus.reader import CorpusReader
from crawler.corpus.rebuild import rebuild_state
from crawler.corpus.rewriting import reselect
from crawler.corpus.schema import Dataset
from crawler.dedup import postings
from crawler.dedup.clusters import Policy, Sites
from crawler.dedup.relations import Thresholds
from crawler.errors import CollectorError
from crawler.state.records import Records
from crawler.state.store import Store

N_PAGES = 6
GROUP = 3
N_CUTS = int(os.environ.get("CRAWL_CUTS", "40"))
SEED = os.environ.get("CRAWL_SEED", "1")
SITES = ("a", "b")


class DiedError(BaseException):
    """The process is gone, the machine lives on."""


@pytest.fixture(autouse=True)
def small_index(monkeypatch):
    """So small that these crawls write and merge its runs."""
    monkeypatch.setattr(postings, "TAIL_ARTICLES", 2)
    monkeypatch.setattr(postings, "MERGE_RATIO", 1)


def crawl(output, run_id, site="a"):
    SmallCrawl(output, site, run_id, n_pages=N_PAGES, group=GROUP).run()


def replay(output, run_id):
    SmallCrawl(output, "a", run_id, n_pages=N_PAGES, group=GROUP).replay()


def correct(output, run_id):
    """Two articles of one part, and one of another, have a new paragraph by now."""
    run = SmallCrawl(output, "a", run_id, n_pages=N_PAGES, group=GROUP)
    run.corrected = {f"{home('a')}{n}": f"{story('a', n)}\n\nBài đã được sửa lại hôm nay." for n in (1, 2, 4)}
    run.run()


def keep_others(output, run_id):
    """The wire stories, which `a` printed first, are kept from `b`."""
    reselect(output, run_id, Policy.OWN_SITE, Sites({"a": "A", "b": "B"}, ("b",)), Thresholds())


def keep_others_without_links(output, run_id):
    def refuse(*_):
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "link", refuse)
        keep_others(output, run_id)


def without_exchange(action, output, run_id):
    """As on systems where two folders cannot change places in one step."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(disk, "exchange", lambda *_: False)
        action(output, run_id)


def rebuild(output, run_id):
    del run_id
    rebuild_state(output)


class Kill:
    """Ends a process after the `nth` time that `step` has begun on a path with `part` in it; that write is torn."""

    def __init__(self, step, part, nth):
        self.step, self.part, self.nth = step, part, nth
        self.n = 0

    def __call__(self, step, path):
        if self.n >= self.nth:
            raise DiedError(f"before {step} {path}")
        if step == self.step and self.part in str(path):
            self.n += 1
            return 7 if step == "write" and self.n == self.nth else None
        return None


def killed(kill, output, action=crawl):
    """A folder that a killed process left, with what the system had not written yet."""
    with pytest.raises(DiedError), disk.hooked(Kill(*kill)):
        action(output, "killed")


def crawled(output):
    """A folder where both sites were crawled in peace."""
    for site in SITES:
        crawl(output, f"run-{site}", site)


def crawled_in_two_runs(output):
    """A folder with two parts of each dataset."""
    SmallCrawl(output, "a", "run-a-1", n_pages=N_PAGES // 2, group=GROUP).run()
    crawled(output)


def crawled_and_killed(kill, action, output):
    crawled(output)
    killed(kill, output, action)


def killed_in_a_swap(part, output):
    """A compaction that died after a rename to a path with `part` in it."""
    crawled_in_two_runs(output)
    killed(("rename", part, 1), output, partial(without_exchange, compact))


def damaged(output):
    """The same with a state file that nobody can read."""
    crawled(output)
    (output / "state.sqlite").write_bytes(b"x" * 5000)
    return {}


def without_state(output):
    """A killed crawl whose state file is gone."""
    killed(("fsync", "archive", 2), output)
    unsynced = unsynced_tails(output)
    for path in output.glob("state.sqlite*"):
        path.unlink()
    return unsynced


def with_old_state(output):
    """A crawl whose state file is a copy of the time before it."""
    crawl(output, "run-b", "b")
    old = (output / "state.sqlite").read_bytes()
    SmallCrawl(output, "b", "more-b", n_pages=N_PAGES + 3, group=GROUP).run()
    (output / "state.sqlite").write_bytes(old)


def gathered(output):
    """What lies there before pages are copied: the archive of somebody else."""
    return archive_of_others(output, N_PAGES)


def aside(output):
    crawl(output, "run-b", "b")
    crawled_aside(output, N_PAGES, GROUP)
    return {}


def crawl_b(output, run_id):
    crawl(output, run_id, "b")


SCENARIOS = {
    "crawl": (None, crawl),
    "crawl again": (crawled, crawl),
    "corrections": (crawled, correct),
    "replay": (crawled, replay),
    "policy": (crawled, keep_others),
    "policy without links": (crawled, keep_others_without_links),
    "compact": (crawled_in_two_runs, compact),
    "compact without exchange": (crawled_in_two_runs, partial(without_exchange, compact)),
    "corrections without exchange": (crawled, partial(without_exchange, correct)),
    "rebuild": (damaged, rebuild),
    "crawl without state": (without_state, crawl),
    "crawl with an old state": (with_old_state, crawl_b),
    "after a torn write": (partial(killed, ("write", "archive", 6)), crawl),
    "after a kill before the checkpoint": (partial(killed, ("fsync", "archive", 3)), crawl),
    "after a kill in a commit": (partial(killed, ("rename", "articles", 1)), crawl),
    "after a kill in a replay": (partial(crawled_and_killed, ("exchange", "articles", 1), replay), crawl),
    "after a kill late in a replay": (partial(crawled_and_killed, ("exchange", "duplicates", 1), replay), crawl),
    "after a kill in corrections": (partial(crawled_and_killed, ("exchange", "articles", 1), correct), crawl),
    "after a kill without exchange": (partial(killed_in_a_swap, "-aside"), crawl),
    "after a kill late without exchange": (partial(killed_in_a_swap, "/articles/"), crawl),
    "pages of others": (gathered, gather),
    "a site comes back": (aside, bring_back),
    "publish": (crawled, publish),
}
"""What lies there before, and what the power cut interrupts."""
REPEATED = {rebuild, gather, bring_back, publish}
"""What is done again before the next crawl; crawls come anyway."""


class Trial:
    """One scenario, to be cut at every step."""

    def __init__(self, name, output):
        self.name = name
        self.output = output
        prepare, self.action = SCENARIOS[name]
        self.start = None
        self.unsynced = {}
        if prepare is not None:
            self.start = output.with_name(name.replace(" ", "_"))
            unsynced = prepare(self.start)
            self.unsynced = unsynced_tails(self.start) if unsynced is None else unsynced
        model, _ = self.act(1 << 30)
        self.n_steps, self.uses = model.n, model.uses

    def act(self, at, dice=None, without=None):
        shutil.rmtree(self.output, ignore_errors=True)
        if self.start is not None:
            shutil.copytree(self.start, self.output)
        model = PowerCut(at, dice or random.Random(0), without)  # noqa: S311 - a seed to repeat it with
        model.synced.update({self.output / name: size for name, size in self.unsynced.items()})
        with pytest.MonkeyPatch.context() as patch:
            model.install(patch)
            with suppress(CutError), disk.hooked(model):
                self.action(self.output, "cut")
        model.settle()
        return model, model.n < at

    def is_survived(self, at, seed, without=None):
        """Cut, damage, do it again, crawl; whether all is whole."""
        dice = random.Random(f"{seed} {at}")  # noqa: S311 - as above
        try:
            model, is_complete = self.act(at, dice, without)
            model.lose()
            if is_complete:
                if check_corpus(self.output) or not self.has_manifest():
                    return False
            elif self.action in REPEATED:
                self.action(self.output, "again")
            for site in SITES:
                crawl(self.output, f"again-{site}", site)
            return is_whole(self.output, has_all_said=self.name == "crawl without state")
        except (CollectorError, OSError):
            return False

    def has_manifest(self):
        return self.action not in {crawl, crawl_b, correct} or (self.output / "runs" / "cut.json").is_file()


def unsynced_tails(output):
    """What the archive of a killed crawl holds beyond its last sync: the system may still lose it."""
    with Store(output) as store:
        ends = Records(store, "a").archive_ends()
    files = (path.relative_to(output).as_posix() for path in (output / "archive" / "a").glob("*.gz"))
    return {name: ends.get(name, 0) for name in files}


def manifests(output):
    return [read_manifest(path) for path in (output / "runs").glob("*.json")]


def is_whole(output, *, has_all_said=False) -> bool:
    """`has_all_said`: a file of the archive may end in the middle of a record, as the run has said."""
    torn = ArchiveIndex(sorted(output.glob("archive/*/*.gz"))).problems
    if check_corpus(output, is_thorough=True) or (torn and not has_all_said):
        return False
    with CorpusReader(output) as reader:
        columns = ["url", "archive_file", "archive_offset"]
        rows = [row for one in Dataset for row in reader.dataset(one).to_table(columns=columns).to_pylist()]
    wanted = {f"{home(site)}{n}" for site in SITES for n in range(N_PAGES)}
    places = {(row["archive_file"], row["archive_offset"]) for row in rows}
    return {row["url"] for row in rows} == wanted and len(places) == len(rows) and is_archived(output)


def is_archived(output) -> bool:
    with Store(output) as store:
        for site in SITES:
            for record in Records(store, site).all():
                read_exchange(output, record.pointer)
    return all(one.exit_status == "finished" for one in manifests(output))


@pytest.fixture
def trials(output):
    output.parent.mkdir(exist_ok=True)
    return {name: Trial(name, output) for name in SCENARIOS}


@pytest.mark.slow
def test_cuts(trials):
    """As many cuts as asked for, spread over the steps of all scenarios; more cuts than steps: other dice."""
    dice = random.Random(SEED)  # noqa: S311 - as above
    steps = [(name, at) for name, trial in trials.items() for at in range(1, trial.n_steps + 2)]
    dice.shuffle(steps)
    lost = []
    for n, (name, at) in zip(range(N_CUTS), cycle(steps)):
        if not trials[name].is_survived(at, f"{SEED} {n // len(steps)}"):
            lost.append((name, at, n // len(steps)))
    assert lost == [], f"CRAWL_SEED={SEED}, {len(steps)} steps"


@pytest.mark.slow
def test_every_sync_is_needed(trials):
    """No place that makes something durable is without a cut that shows what it is for."""
    places = sync_places()
    assert {place.file for place in places} >= {"archive/writer.py", "corpus/parts.py", "disk.py", "dedup/runs.py"}
    unneeded = [place for place in places if not is_missed(place, trials)]
    assert unneeded == []


def is_missed(place: Place, trials) -> bool:
    """Whether a cut soon after `place` did nothing, or after the end, loses something."""
    for trial in trials.values():
        moments = {trial.n_steps + 1, *(at + later for at in trial.uses.get(place, ()) for later in (1, 2, 4, 8))}
        for at in sorted(moments, reverse=True) if place in trial.uses else ():
            if not all(trial.is_survived(at, f"{place} {seed}", place) for seed in range(2)):
                return True
    return False


def note_before_sync(patch):
    late = []
    append = Records.append

    def sync_late(self, *facts):
        seqs = append(self, *facts)
        while late:
            late.pop()()
        return seqs

    sync = ArchiveWriter.sync
    patch.setattr(ArchiveWriter, "sync", lambda self: late.append(partial(sync, self)))
    patch.setattr(Records, "append", sync_late)


def commit_before_publishing(patch):
    late = []
    flush, publish = committer.Committer.flush, parts.publish

    def flush_then_publish(self):
        late.clear()  # what a process that died had in mind is gone
        committed = flush(self)
        while late:
            publish(*late.pop())
        return committed

    patch.setattr(parts, "publish", lambda draft, path: late.append((draft, path)))
    patch.setattr(committer.Committer, "flush", flush_then_publish)


def keep_orphans(patch):
    patch.setattr(recovery, "_remove_strays", lambda *_: 0)
    for module in (recovery, committer):
        patch.setattr(module, "take_back", lambda *_, **__: 0)


def keep_swaps(patch):
    patch.setattr(unfinished, "_turn_back", lambda *_: False)


MUTANTS = {
    "records noted before the archive is synced": ("crawl", note_before_sync),
    "commit before publishing": ("crawl", commit_before_publishing),
    "orphans stay": ("after a kill in a commit", keep_orphans),
    "leased not recovered": ("crawl", lambda patch: patch.setattr(recovery.Frontier, "recover", lambda _: 0)),
    "pending not processed": ("crawl", lambda patch: patch.setattr(SmallCrawl, "process_pending", lambda _: None)),
    "swap not turned back": ("replay", keep_swaps),
    "correction not turned back": ("corrections", keep_swaps),
}


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_missing_step_is_seen(output, monkeypatch, mutant):
    output.parent.mkdir(exist_ok=True)
    name, change = MUTANTS[mutant]
    trial = Trial(name, output)
    change(monkeypatch)
    steps = [(at, seed) for at in range(1, trial.n_steps + 2) for seed in range(2)]
    random.Random(SEED).shuffle(steps)  # noqa: S311 - as above
    assert not all(trial.is_survived(at, f"mutant {seed}") for at, seed in steps)
