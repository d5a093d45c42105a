"""A policy applied to a corpus that is there: rows change places, nothing is lost, wherever the process dies."""

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from labelled import CREDITS, WEATHER, Writer
from newsdesk import Death, DiedError, assert_agreeing, commit, deaths, duplicates, kept

from crawler import disk
from crawler.corpus.recovery import recover
from crawler.corpus.rewriting import reselect
from crawler.dedup.clusters import Policy, Sites
from crawler.dedup.relations import Thresholds
from crawler.errors import LockedError
from crawler.state.locks import SiteLock
from crawler.state.store import Store

NAMES = {"bao1": "Báo Núi Chè", "bao2": "Báo Sông Lam Hạ", "bao3": "Thông tấn Rừng Thông"}
SITES = Sites(NAMES, preferred=("bao2",))


@pytest.fixture
def newspapers():
    """A story on three sites, the second the source, the third the longest and first published; and other articles."""
    writer = Writer(21)
    story = writer.paragraphs(8)
    first = writer.article(story[:-1], "bao1", "Tin")
    first = replace(first, source="Theo Báo Sông Lam Hạ", n_words=90)
    source = replace(writer.article(story, "bao2", "Tin"), n_words=95)
    late = writer.article([*story, CREDITS[0]], "bao3", "Tin")
    late = replace(late, n_words=99, published_at=first.fetched_at - timedelta(days=1), source="TTXVN")
    others = [writer.article(writer.paragraphs(5), site) for site in ("bao1", "bao1", "bao2", "bao3")]
    return [first, *others[:2], source, others[2], late, others[3]]


def apply(output, policy, run_id="policy-1", sites=SITES, thresholds=None):
    return reselect(output, run_id, policy, sites, thresholds or Thresholds(extension=0.5))


def everything(output):
    """Kept ids with their texts; duplicates with what they repeat."""
    return (
        {key: article.text for key, article in kept(output).items()},
        sorted(
            (row["id"], row["text"], row["kept_id"], row["relation"], row["kept_site"]) for row in duplicates(output)
        ),
    )


@pytest.mark.parametrize(
    ("policy", "site"),
    [(Policy.ORIGINAL, "bao2"), (Policy.EARLIEST, "bao3"), (Policy.LONGEST, "bao3"), (Policy.OWN_SITE, "bao2")],
)
def test_each_policy_keeps_its_member_and_every_row(tmp_path, newspapers, policy, site):
    commit(tmp_path, newspapers)
    assert newspapers[0].id in kept(tmp_path), "the first that came"
    apply(tmp_path, policy)
    assert_agreeing(tmp_path)
    story = {one.id: one for one in (newspapers[0], newspapers[3], newspapers[5])}
    (chosen,) = kept(tmp_path).keys() & story.keys()
    assert story[chosen].site == site
    assert kept(tmp_path)[chosen].text == story[chosen].text
    rows = {row["id"]: row for row in duplicates(tmp_path)}
    assert rows.keys() == story.keys() - {chosen}
    for row in rows.values():
        assert (row["kept_id"], row["kept_site"], row["relation"]) == (chosen, site, "near_duplicate")
        assert 0.6 < row["likeness"] <= 1.0
        assert row["text"] == story[row["id"]].text
        assert row["kept_published_at"] == story[chosen].published_at
    before = everything(tmp_path)
    assert not apply(tmp_path, policy, "policy-2").kept, "a second time changes nothing"
    assert everything(tmp_path) == before


def test_what_comes_afterwards_repeats_the_new_one(tmp_path, newspapers):
    commit(tmp_path, newspapers)
    apply(tmp_path, Policy.OWN_SITE)
    again = replace(newspapers[0], id="f" * 32, url="https://bao.example/f", canonical_url="https://bao.example/f")
    commit(tmp_path, [again])
    (row,) = [row for row in duplicates(tmp_path) if row["id"] == again.id]
    assert row["kept_id"] == newspapers[3].id
    assert_agreeing(tmp_path)


def test_an_excerpt_never_takes_the_place_of_the_whole(tmp_path):
    writer = Writer(5)
    story = writer.paragraphs(12)
    whole, excerpt = writer.article(story, "bao1"), writer.article(story[:3], "bao2")
    commit(tmp_path, [whole, excerpt])
    changes = apply(tmp_path, Policy.OWN_SITE)
    assert (changes.n_clusters, changes.n_unfit, changes.kept) == (1, 1, {})
    assert list(kept(tmp_path)) == [whole.id]
    apply(tmp_path, Policy.OWN_SITE, "policy-2", thresholds=Thresholds(extension=0.0))
    assert list(kept(tmp_path)) == [excerpt.id]
    assert [row["relation"] for row in duplicates(tmp_path)] == ["extension"]


def test_series_and_notices_stay_apart(tmp_path):
    writer = Writer(6)
    intro = writer.paragraphs(6)
    parts = [writer.article([*intro, writer.sentence()], f"bao{n}", f"Giữ rừng – Bài {n}") for n in (1, 2)]
    facts = [dict(zip("abcdefgh", range(start, start + 80, 10), strict=True)) for start in (11, 14)]
    notices = [
        writer.article([WEATHER.format(p="xã Láng Sen", q="xã Đá Trắng", m=5, n="Mây Trắng", **numbers)], site)
        for numbers, site in zip(facts, ("bao1", "bao2"), strict=True)
    ]
    commit(tmp_path, [*parts, *notices])
    before = everything(tmp_path)
    assert apply(tmp_path, Policy.OWN_SITE).n_clusters == 0
    assert everything(tmp_path) == before


def test_a_page_read_twice_keeps_its_newest_row(tmp_path):
    writer = Writer(7)
    story = writer.paragraphs(7)
    first, other = writer.article(story, "bao1"), writer.article(story[:-1], "bao2")
    later = replace(other, text=f"{other.text}\n\n{CREDITS[1]}", fetched_at=other.fetched_at + timedelta(days=1))
    commit(tmp_path, [first, other, later, replace(first, fetched_at=later.fetched_at)])
    apply(tmp_path, Policy.OWN_SITE)
    assert_agreeing(tmp_path)
    assert kept(tmp_path)[other.id].text == later.text
    found = sorted((row["id"], row["kept_id"], row["relation"]) for row in duplicates(tmp_path))
    assert found == sorted(
        [
            (first.id, other.id, "near_duplicate"),
            (other.id, other.id, "revision"),
        ]
    )


def test_nobody_else_may_write_meanwhile(tmp_path, newspapers):
    commit(tmp_path, newspapers)
    with Store(tmp_path) as store, SiteLock(store, "bao3", "run"), pytest.raises(LockedError):
        apply(tmp_path, Policy.OWN_SITE)


@pytest.mark.slow
def test_death_at_every_step_leaves_the_old_or_the_new(memory_disk, newspapers):
    whole, done = memory_disk / "whole", memory_disk / "done"
    commit(whole, newspapers[:4])
    before = everything(whole)
    shutil.copytree(whole, done)
    steps = []
    with disk.hooked(lambda step, _: steps.append(step)):
        apply(done, Policy.OWN_SITE)
    after = everything(done)
    assert before != after
    last_commit = max(number for number, step in enumerate(steps, start=1) if step == "commit")
    assert 30 < last_commit < len(steps)
    for at in deaths(len(steps)):
        output = memory_disk / f"at{at}"
        shutil.copytree(whole, output)
        with pytest.raises(DiedError), disk.hooked(Death(at)):
            apply(output, Policy.OWN_SITE)
        with Store(output) as store, SiteLock(store, "bao1", "next") as lock:
            recover(store, lock)
        assert everything(output) == (after if at > last_commit else before), at
        assert_agreeing(output)
