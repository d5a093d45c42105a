"""Precision and recall on three hundred clusters whose relations are known, and the same clusters in any order."""

import random
import sqlite3
from collections import Counter
from contextlib import closing
from math import comb

import pytest
from labelled import labelled_set

from crawler.dedup.index import DedupIndex
from crawler.dedup.signatures import sign

NEW = "new"
KEPT_LABELS = {"different", "notice", "series"}


def collect(rows):
    """What the index says of every article in order, and the id that stands for it in the corpus."""
    verdicts, kept = [], []
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        index = DedupIndex(connection)
        for row in rows:
            article = sign(row.article)
            found = index.find(article)
            verdicts.append(found.relation if found else NEW)
            kept.append(found.article_id if found else article.id)
            if not found:
                index.add(article)
    return verdicts, kept


def adjusted_rand(first, second):
    """Hubert and Arabie (1985): 1 for equal partitions, about 0 for unrelated ones."""
    both = sum(comb(n, 2) for n in Counter(zip(first, second, strict=True)).values())
    one, other = (sum(comb(n, 2) for n in Counter(labels).values()) for labels in (first, second))
    expected = one * other / comb(len(first), 2)
    return (both - expected) / ((one + other) / 2 - expected)


@pytest.fixture(scope="module")
def collected():
    rows = labelled_set(seed=20261122)
    return rows, *collect(rows)


@pytest.mark.parametrize(
    "label", ["exact_copy", "second_url", "revision", "near_duplicate", "excerpt", "extension", "new"]
)
def test_precision_and_recall_of_each_relation(collected, label):
    rows, verdicts, _ = collected
    wanted = [NEW if row.label in KEPT_LABELS else row.label for row in rows]
    hits = sum(one == other == label for one, other in zip(wanted, verdicts, strict=True))
    assert wanted.count(label) >= 20
    assert hits / wanted.count(label) >= 0.98
    assert hits / verdicts.count(label) >= 0.98


@pytest.mark.parametrize("label", sorted(KEPT_LABELS))
def test_what_belongs_into_the_corpus_stays(collected, label):
    rows, verdicts, _ = collected
    found = [verdict for row, verdict in zip(rows, verdicts, strict=True) if row.label == label]
    assert found.count(NEW) / len(found) >= 0.98


def test_clusters_are_the_true_ones(collected):
    rows, _, kept = collected
    assert len({row.cluster for row in rows}) >= 300
    assert adjusted_rand([row.cluster for row in rows], kept) >= 0.97


def test_clusters_are_the_true_ones_in_another_order():
    rows = labelled_set(seed=7, n_stories=40)
    random.Random(1).shuffle(rows)  # noqa: S311 - the same order every time
    _, kept = collect(rows)
    assert adjusted_rand([row.cluster for row in rows], kept) >= 0.97


def test_the_measure_itself():
    assert adjusted_rand([1, 1, 2, 2], ["a", "a", "b", "b"]) == 1.0
    assert adjusted_rand([1, 1, 2, 2], ["a", "b", "a", "b"]) < 0.0
