"""The index in the state file: incremental, part of the caller's transaction, made anew from the corpus."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelled import SPELLINGS, Writer, labelled_set
from test_signatures import SEEDS, seed_text

from crawler.dedup.index import INDEX_PARAMETERS, MAX_COMPARED, DedupIndex, Duplicate, rebuild
from crawler.dedup.relations import Thresholds
from crawler.dedup.signatures import sign
from crawler.errors import CorpusError


def contents(connection):
    """Everything the index knows, without the numbers it gave."""
    articles = connection.execute("SELECT id, site, title, content_hash, n_fingerprints, words FROM dedup_article")
    fingerprints = connection.execute("SELECT keys, id FROM dedup_tail JOIN dedup_article USING (number) ORDER BY 1, 2")
    return sorted(articles), fingerprints.fetchall()


@pytest.fixture
def writer():
    return Writer(11)


@pytest.fixture
def story(writer):
    return sign(writer.article(writer.paragraphs(6), "bao1"))


def test_a_copy_is_found_and_a_new_article_is_not(connect, writer, story):
    index = DedupIndex(connect())
    assert index.find(story) is None
    index.add(story)
    copy = replace(story, id="c" * 32, site="bao2", title="Tựa khác")
    assert index.find(copy) == Duplicate(story.id, "exact_copy", 1.0)
    assert index.find(story) == Duplicate(story.id, "revision", 1.0)
    assert index.find(sign(writer.article(writer.paragraphs(6)))) is None
    assert index.count() == 1


def test_the_older_of_two_equally_like_articles_is_named(connect, story):
    index = DedupIndex(connect())
    for letter in "ba":
        index.add(replace(story, id=letter * 32))
    assert index.find(replace(story, id="c" * 32)).article_id == "b" * 32
    longer = sign(replace(story, id="d" * 32, text=f"{story.text} Hết tin."))
    assert index.find(longer).article_id == "b" * 32


def test_the_article_that_has_most_in_common_is_named(connect, writer):
    index = DedupIndex(connect())
    paragraphs = writer.paragraphs(10)
    part, most = (sign(writer.article(paragraphs[:n], f"bao{n}")) for n in (3, 9))
    index.add(part)
    index.add(most)
    assert index.find(sign(writer.article(paragraphs, "bao1"))).article_id == most.id


def test_an_article_much_longer_than_its_kept_excerpt_can_be_kept_too(connect, writer):
    paragraphs = writer.paragraphs(10)
    brief, middle, story = (sign(writer.article(paragraphs[:n], f"bao{n}")) for n in (2, 8, 10))
    connection = connect()
    DedupIndex(connection).add(brief)
    assert DedupIndex(connection).find(story).relation == "extension"
    careful = DedupIndex(connection, thresholds=Thresholds(extension=0.5))
    assert careful.find(story) is None
    assert careful.find(brief).relation == "revision"
    careful.add(story)
    assert careful.find(middle).relation == "near_duplicate"


def test_a_new_version_replaces_the_old_one(connect, writer, story):
    connection = connect()
    index = DedupIndex(connection)
    index.add(story)
    changed = sign(replace(story, text="\n\n".join(writer.paragraphs(6))))
    index.add(changed)
    assert index.count() == 1
    assert index.find(replace(story, id="c" * 32)) is None
    assert index.find(replace(changed, id="c" * 32)).relation == "second_url"
    alone = connect()
    DedupIndex(alone).add(changed)
    assert contents(connection) == contents(alone)


def test_a_removed_site_leaves_nothing_behind(connect, writer, story):
    connection = connect()
    index = DedupIndex(connection)
    other = sign(writer.article(writer.paragraphs(5), "bao2"))
    index.add(other)
    before = contents(connection)
    index.add(story)
    index.add(replace(story, id="e" * 32))
    index.remove_site("bao1")
    assert contents(connection) == before
    index.remove_site("unknown")
    assert index.count() == 1


def test_a_rollback_undoes_and_a_commit_keeps(connect, tmp_path, story):
    path = tmp_path / "state.sqlite"
    connection = connect(path)
    connection.execute("BEGIN IMMEDIATE")
    index = DedupIndex(connection)
    connection.execute("COMMIT")
    connection.execute("BEGIN IMMEDIATE")
    index.add(story)
    assert index.find(replace(story, id="c" * 32))
    assert connection.in_transaction, "the index never commits by itself"
    connection.execute("ROLLBACK")
    assert index.find(replace(story, id="c" * 32)) is None
    connection.execute("BEGIN IMMEDIATE")
    index.add(story)
    assert DedupIndex(connect(path)).count() == 0, "others see nothing before the commit"
    connection.execute("COMMIT")
    assert DedupIndex(connect(path)).find(replace(story, id="c" * 32)).article_id == story.id


def test_creating_the_tables_is_part_of_the_transaction(connect, tmp_path):
    connection = connect(tmp_path / "state.sqlite")
    connection.execute("BEGIN IMMEDIATE")
    DedupIndex(connection)
    connection.execute("ROLLBACK")
    assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)


def test_other_parameters_are_refused(connect):
    with pytest.raises(CorpusError, match=r"^duplicate index: index_window = '3 shingles' are asked for, .*--rebuild`"):
        DedupIndex(connect(), {**INDEX_PARAMETERS, "index_window": "3 shingles"})


def test_an_index_made_with_other_parameters_is_refused_until_made_anew(connect, story):
    connection = connect()
    DedupIndex(connection).add(story)
    connection.execute("UPDATE dedup_parameter SET value = '64' WHERE name = 'signature_permutations'")
    with pytest.raises(CorpusError, match=r"signature_permutations = '64' made the index, this version has '128'"):
        DedupIndex(connection)
    assert rebuild(connection, [story]).count() == 1
    assert DedupIndex(connection).count() == 1


def test_rebuilding_gives_the_same_index(connect):
    rows = [sign(row.article) for row in labelled_set(3, n_stories=9)]
    connection = connect()
    index = DedupIndex(connection)
    kept = []
    for article in rows:
        if index.find(article) is None:
            index.add(article)
            kept.append(article)
    anew = connect()
    rebuilt = rebuild(anew, kept)
    assert contents(anew) == contents(connection)
    assert [rebuilt.find(article) for article in rows] == [index.find(article) for article in rows]


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(1, 12), max_size=6), st.integers(0, 9))
def test_any_split_into_runs_decides_alike(tmp_path_factory, cuts, seed):
    articles = [sign(row.article) for row in labelled_set(seed, n_stories=4)]
    path = tmp_path_factory.mktemp("state") / "state.sqlite"
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        whole = DedupIndex(connection)
        expected = [_decide(whole, article) for article in articles]
    found = []
    while articles:
        size = cuts.pop() if cuts else len(articles)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            index = DedupIndex(connection)
            found += [_decide(index, article) for article in articles[:size]]
            connection.execute("COMMIT")
        articles = articles[size:]
    assert found == expected


def _decide(index, article):
    duplicate = index.find(article)
    if duplicate is None:
        index.add(article)
    return duplicate


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_cut_tail_and_a_credit_are_found_in_any_spelling(connect, spelling):
    texts = [seed_text(path) for path in SEEDS]
    writer = Writer(12)
    originals = [sign(writer.article([text], "bao1")) for text in texts]
    index = DedupIndex(connect())
    for article in originals:
        index.add(article)
    for text, article in zip(texts, originals, strict=True):
        cut = SPELLINGS[spelling](text[: len(text) * 4 // 5])
        found = index.find(sign(writer.article([cut, "(TTXVN)"], "bao2")))
        assert (found.article_id, found.relation) == (article.id, "near_duplicate")
        assert index.find(sign(writer.article([SPELLINGS[spelling](text)], "bao2"))).relation == "exact_copy"


def test_boilerplate_shared_by_many_articles_neither_hides_nor_makes_duplicates(connect, writer):
    index = DedupIndex(connect())
    box = "Mọi đóng góp xin gửi về tòa soạn qua hộp thư bạn đọc, chúng tôi cam kết giữ kín thông tin người cung cấp."
    articles = [sign(writer.article([*writer.paragraphs(4), box], "bao1")) for _ in range(90)]
    for article in articles:
        assert index.find(article) is None
        index.add(article)
    for article in articles[::10]:
        reprint = sign(replace(article, id="f" * 32, site="bao2", text=f"{article.text} (TTXVN)"))
        assert index.find(reprint).article_id == article.id


def test_texts_without_words_are_kept_apart(connect, writer):
    index = DedupIndex(connect())
    for _ in range(2):
        article = sign(writer.article(["…"]))
        assert index.find(article) is None
        index.add(article)
    assert index.count() == 2


def test_an_index_of_an_older_layout_is_refused_until_made_anew(connect, tmp_path, story):
    connection = connect(tmp_path / "state.sqlite")
    DedupIndex(connection).add(story)
    connection.execute("UPDATE dedup_parameter SET value = '2' WHERE name = 'index_layout'")
    connection.execute("INSERT INTO dedup_run (n, last) VALUES (65, 1)")
    older = tmp_path / "index" / "run-00000001.fingerprints"
    older.parent.mkdir()
    older.write_bytes(bytes(520))
    with pytest.raises(CorpusError, match=r"^duplicate index: index_layout = '2' made .* `scrapy dedup --rebuild`"):
        DedupIndex(connection)
    assert older.exists()
    rebuild(connection, [story])
    assert DedupIndex(connection).find(replace(story, id="c" * 32)).article_id == story.id
    assert not older.exists()


def test_a_page_that_is_corrected_again_and_again_crowds_nobody_out(connect, tmp_path, monkeypatch, writer):
    monkeypatch.setattr("crawler.dedup.postings.TAIL_ARTICLES", 2)
    monkeypatch.setattr("crawler.dedup.postings.MAX_RUN", 1)
    paragraphs = writer.paragraphs(8)
    connection = connect(tmp_path / "state.sqlite")
    connection.execute("BEGIN IMMEDIATE")
    index = DedupIndex(connection)
    kept, corrected = (sign(writer.article(paragraphs[:7], site)) for site in ("bao1", "bao2"))
    index.add(kept)
    for n in range(MAX_COMPARED + 4):
        index.add(sign(replace(corrected, text="\n\n".join([*paragraphs, f"Cập nhật {n}."]))))
    index.add(sign(replace(corrected, text=writer.sentence())))
    found = index.find(sign(writer.article([*paragraphs[:7], "(TTXVN)"], "bao3")))
    assert found.article_id == kept.id
