"""Readings: what a worker brings is what would be read here, and is asked for by the text alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelled import Writer

from crawler.dedup import readings
from crawler.dedup.index import DedupIndex
from crawler.dedup.readings import read, reading_of, remember
from crawler.dedup.signatures import sign
from crawler.dedup.sketches import sketch
from crawler.folding import fold


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("aâBđ.Ð1 \n_…\ud800"), max_size=60))
def test_a_reading_is_of_the_text(text):
    reading, sketched = read(text), sketch(text)
    assert reading.sketch() == sketched
    assert reading.fingerprints.tolist() == sketched.fingerprints
    counted = {place: n_words for place, _, n_words in reading.paragraphs()}
    lengths = (len(fold(line).split()) for line in text.split("\n\n"))
    assert counted == {place: n_words for place, n_words in enumerate(lengths) if n_words}


def test_what_is_remembered_is_bounded_and_by_text(monkeypatch):
    monkeypatch.setattr(readings, "MAX_READINGS", 2)
    monkeypatch.setattr(readings, "_known", type(readings._known)())
    brought = read("một bài khác")
    remember("một bài", brought)
    assert reading_of("một bài") is brought
    assert reading_of("một bài.") != brought
    assert reading_of("hai bài") == read("hai bài")
    assert len(readings._known) == 2
    assert reading_of("một bài") == read("một bài")


def test_an_index_of_layout_3_is_converted(connect):
    writer = Writer(51)
    articles = [sign(writer.article(writer.paragraphs(4))) for _ in range(5)]
    connection = connect()
    index = DedupIndex(connection)
    for article in articles:
        index.add(article)
    kept = connection.execute("SELECT * FROM dedup_tail").fetchall()
    connection.execute(
        "CREATE TABLE dedup_fingerprint"
        " (fingerprint INTEGER, number INTEGER, PRIMARY KEY (fingerprint, number)) WITHOUT ROWID"
    )
    rows = [(key, number) for number, keys in kept for key in np.frombuffer(keys, dtype=np.uint64).tolist()]
    connection.executemany("INSERT INTO dedup_fingerprint VALUES (?, ?)", rows)
    connection.execute("DROP TABLE dedup_tail")
    connection.execute("UPDATE dedup_parameter SET value = '3' WHERE name = 'index_layout'")
    index = DedupIndex(connection)
    assert connection.execute("SELECT * FROM dedup_tail").fetchall() == kept
    assert index.find(sign(writer.article([articles[3].text, "(TTXVN)"], "bao9"))).article_id == articles[3].id
    assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'dedup_fingerprint'").fetchone()


@pytest.mark.parametrize("n_articles", [1, 70])
def test_a_fingerprint_of_many_articles_stands_for_the_newest(connect, n_articles):
    writer = Writer(52)
    text = writer.article(writer.paragraphs(3)).text
    connection = connect()
    index = DedupIndex(connection)
    assert index._postings.shared([7]) == {}
    for number in range(1, n_articles + 1):
        index._postings.add(number, [7, 9])
    assert set(index._postings.shared([7])) == set(range(max(1, n_articles - 63), n_articles + 1))
    assert set(DedupIndex(connection)._postings.shared([9])) == set(index._postings.shared([9]))
    index._postings.remove(n_articles)
    assert n_articles not in index._postings.shared([7])
    assert index._postings.shared(sketch(text).fingerprints) == {}
