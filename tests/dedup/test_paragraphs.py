"""Paragraphs that a site repeats: counted as articles come, bounded, and a reason to reject what is little else."""

import sqlite3
import unicodedata
from collections import Counter
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelled import Writer
from newsdesk import commit, kept

from crawler.corpus.reader import CorpusReader
from crawler.dedup import paragraphs
from crawler.dedup.index import DedupIndex, rebuild
from crawler.dedup.paragraphs import BUCKET, MIN_ARTICLES, MIN_REPEATS, Paragraphs, RepeatedLine
from crawler.dedup.readings import read

BOX = (
    "Mọi đóng góp xin gửi về tòa soạn qua hộp thư bạn đọc; chúng tôi giữ kín thông tin của người gửi bài.",
    "Bạn đọc có thể đặt báo giấy tại bưu cục gần nhất, giá không đổi so với quý trước và giao tận nhà mỗi sáng.",
    "Tòa soạn không chịu trách nhiệm về nội dung quảng cáo đăng bên cạnh bài viết này trên mọi nền tảng.",
)


@pytest.fixture
def counts(connect):
    return Paragraphs(connect())


def fill(counts, writer, n, box=BOX, site="bao1"):
    for _ in range(n):
        counts.add(site, "\n\n".join([*writer.paragraphs(3), *box]))


def test_a_box_is_found_with_its_count_in_any_spelling(counts):
    writer = Writer(1)
    fill(counts, writer, MIN_ARTICLES)
    fill(counts, writer, 5, [unicodedata.normalize("NFD", line).upper() for line in BOX])
    lines = counts.lines("bao1")
    assert [line.n for line in lines] == [MIN_ARTICLES + 5] * 3
    assert all(line.is_whole for line in lines)
    assert counts.lines("bao2") == []
    text = "\n\n".join([writer.sentence(), *BOX])
    assert 0.5 < counts.share("bao1", text) < 1.0
    assert counts.share("bao1", "\n\n".join(BOX)) == 1.0
    assert counts.share("bao2", "\n\n".join(BOX)) == 0.0


def test_of_the_first_articles_of_a_site_nothing_is_known(counts):
    fill(counts, Writer(2), MIN_ARTICLES - 1)
    assert counts.share("bao1", "\n\n".join(BOX)) == 0.0
    fill(counts, Writer(3), 1)
    assert counts.share("bao1", "\n\n".join(BOX)) == 1.0


def test_an_article_counts_its_paragraph_once(counts):
    counts.add("bao1", "\n\n".join(["Hết tin."] * 30))
    fill(counts, Writer(4), MIN_ARTICLES, ())
    assert counts.lines("bao1") == []


@given(st.lists(st.sampled_from("abcdef"), max_size=60), st.integers(2, 7))
def test_counts_are_short_by_one_a_bucket_at_most(letters, bucket):
    with (
        closing(sqlite3.connect(":memory:", isolation_level=None)) as connection,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(paragraphs, "BUCKET", bucket)
        counts = Paragraphs(connection)
        for letter in letters:
            counts.add("bao1", letter)
        found = dict(connection.execute("SELECT hash, n FROM dedup_paragraph").fetchall())
    for letter, n in Counter(letters).items():
        assert n - len(letters) // bucket <= found.get(next(key for _, key, _ in read(letter).paragraphs()), 0) <= n


def test_what_does_not_come_again_is_forgotten(counts):
    for number in range(2 * BUCKET):
        counts.add("bao1", f"Đoạn {number}\n\nTin số {number}\n\n{BOX[number % 2]}")
    (n_rows,) = counts._connection.execute("SELECT count(*) FROM dedup_paragraph").fetchone()
    assert n_rows < 10
    assert [line.n for line in counts.lines("bao1")] == [BUCKET, BUCKET]


def test_a_long_paragraph_is_shown_cut(counts):
    fill(counts, Writer(5), MIN_REPEATS, ["dài " * 100])
    assert counts.lines("bao1") == [RepeatedLine(("dài " * 100)[:300], MIN_REPEATS, is_whole=False)]


def test_an_article_that_is_little_else_is_rejected_and_the_others_stay(tmp_path):
    writer = Writer(6)
    articles = [writer.article([*writer.paragraphs(3), *BOX], "bao1") for _ in range(MIN_ARTICLES)]
    empty = writer.article([writer.random.choice(["Đang cập nhật.", "Tin chờ duyệt."]), *BOX], "bao1")
    elsewhere = writer.article([writer.sentence()], "bao2")
    commit(tmp_path, [*articles, empty, elsewhere])
    with CorpusReader(tmp_path) as reader:
        assert reader.reasons() == {"boilerplate": 1}
        (row,) = reader.rows("rejected", ["url", "reason", "detail"])
    assert row["url"] == empty.url
    assert "0.9" in row["detail"]
    assert kept(tmp_path).keys() == {article.id for article in [*articles, elsewhere]}


def test_rebuilding_counts_anew(connect):
    writer = Writer(7)
    articles = [writer.article([*writer.paragraphs(2), BOX[0]], "bao1") for _ in range(12)]
    connection = connect()
    index = DedupIndex(connection)
    for article in articles:
        index.add(article)
    index.add(articles[0])
    before = index.paragraphs.lines("bao1")
    assert [line.n for line in before] == [12]
    assert rebuild(connection, articles).paragraphs.lines("bao1") == before
    index.remove_site("bao1")
    assert index.paragraphs.lines("bao1") == []
    assert index.paragraphs.sites() == []
