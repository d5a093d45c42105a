"""The search index holds what the corpus holds, in any spelling, and nothing that was taken out."""

import shutil
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from crawler.corpus.forgetting import forget
from crawler.corpus.reader import CorpusReader
from crawler.dedup.relations import Thresholds
from crawler.errors import OptionError
from crawler.viewer import finding
from crawler.viewer.finding import Finder, Wanted, phrases_of
from crawler.viewer.index_file import INDEX_FILE, open_index
from crawler.viewer.indexing import refresh
from tests.dedup.labelled import Writer
from tests.dedup.newsdesk import commit

SITES = ("baobaclieu", "baothainguyen")
FIRST = datetime(2026, 1, 31, 18, 30, tzinfo=UTC)
"""Already the first of February in Viet Nam."""
RARE = "Chi bộ xóm Qzvx có 27 Đảng viên, mười người ở HOÀ BÌNH."


def articles(n=12):
    writer = Writer(3)
    return [
        replace(
            writer.article([*writer.paragraphs(3), *[RARE] * (number == 4)], SITES[number % 2], f"Tin {number}"),
            published_at=FIRST + timedelta(days=number) if number != 7 else None,
            section="Thời sự" if number % 3 else "Kinh tế", language="vi", language_score=0.9,
            extraction="template" if number % 4 else "generic", source="TTXVN" if number == 5 else None,
        )
        for number in range(n)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    output = tmp_path_factory.mktemp("indexed") / "output"
    commit(output, articles())
    refresh(output)
    return output


@pytest.fixture
def finder(output):
    finder = Finder(output, "Asia/Ho_Chi_Minh")
    yield finder
    finder.close()


def titles(finder, typed="", **wanted):
    return [hit.title for hit in finder.find(Wanted(phrases_of(typed), **wanted), 50).hits]


@pytest.mark.parametrize(
    "typed",
    ["đảng viên", "dang vien", "ĐẢNG VIÊN", "Ðảng viên", "hòa bình", "hoà bình", "hoa binh", "đảng viên, hòa bình",
     '"đảng viên" "hòa bình"', unicodedata.normalize("NFD", "Đảng viên"), "có 27 đảng", "qzvx",
     "chi bộ xóm qzvx có 27"],
)  # fmt: skip
def test_every_spelling_finds_it(finder, typed):
    assert titles(finder, typed) == ["Tin 4"]


@pytest.mark.parametrize(
    "typed",
    [
        "viên đảng",
        "chi bộ đảng viên",
        "bình họ",
        "tin 4 chi",
        "đảng viên xyz",
        'a" OR "b',
        "title:x*",
        "NEAR(a b)",
        "ảng viên",
    ],
)
def test_what_is_not_there_is_not_found(finder, typed):
    assert titles(finder, typed) == []


def test_words_anywhere_when_asked_so(finder):
    assert titles(finder, "bình đảng") == []
    assert titles(finder, "bình đảng", is_loose=True) == ["Tin 4"]


def test_newest_first_and_undated_last(finder):
    found = titles(finder)
    assert found == ["Tin 11", "Tin 10", "Tin 9", "Tin 8", *(f"Tin {n}" for n in range(6, -1, -1)), "Tin 7"]
    first = finder.find(Wanted(), 5).hits
    assert [hit.title for hit in finder.find(Wanted(), 50, older_than=first[-1].n).hits] == found[5:]


def test_filters(finder):
    assert titles(finder, facets={"site": SITES[0]}) == [f"Tin {n}" for n in (10, 8, 6, 4, 2, 0)]
    assert titles(finder, facets={"section": "Kinh tế", "extraction": "template"}) == ["Tin 9", "Tin 6", "Tin 3"]
    assert titles(finder, facets={"source": "TTXVN"}) == ["Tin 5"]
    assert titles(finder, "đảng viên", facets={"site": SITES[1]}) == []
    assert titles(finder, facets={"language": "xx"}) == []
    assert finder.facets()["section"] == [("Thời sự", 8), ("Kinh tế", 4)]


def test_days_are_those_of_the_readers(finder):
    assert titles(finder, since=date(2026, 2, 1), until=date(2026, 2, 2)) == ["Tin 1", "Tin 0"]
    assert titles(finder, until=date(2026, 1, 31)) == []
    assert "Tin 7" not in titles(finder, since=date(2020, 1, 1))


def test_neighbours(finder):
    ids = {hit.title: hit.id for hit in finder.find(Wanted(), 50).hits}
    wanted = Wanted(facets={"site": SITES[0]})
    assert finder.neighbours(wanted, ids["Tin 4"]) == (ids["Tin 6"], ids["Tin 2"])
    assert finder.neighbours(wanted, ids["Tin 10"]) == (None, ids["Tin 8"])
    assert finder.count(Wanted(), 5) == (5, False)
    assert finder.count(Wanted(), 12) == (12, True)


def test_a_long_look_is_ended_and_goes_on(finder, monkeypatch):
    typed, wanted = "chi bộ xóm qzvx có 27", Wanted(phrases_of("có 27 đảng viên"))
    assert titles(finder, typed) == ["Tin 4"]
    monkeypatch.setattr(Finder, "_match", lambda *_: "")  # as if all pairs stood in all articles
    monkeypatch.setattr(finding, "MIN_LOOKED", 5)
    monkeypatch.setattr(finding, "LOOK_SECONDS", 0.0)
    steps, older_than = [], None
    while not steps or older_than is not None:
        found = finder.find(wanted, 50, older_than=older_than)
        older_than = found.looked_until
        steps.append([hit.title for hit in found.hits])
    assert steps == [[], ["Tin 4"], []]
    assert finder.count(wanted, 50) == (0, False)


def test_too_many_words_are_refused():
    with pytest.raises(OptionError):
        phrases_of("a " * 31)


def test_what_came_is_added_and_what_went_leaves_no_word(tmp_path, output):
    own = tmp_path / "output"
    shutil.copytree(output, own)
    writer = Writer(77)
    late = writer.article(writer.paragraphs(3), SITES[0], "Tin muộn")
    address = "https://bao.example/muon"
    late = replace(late, id="e" * 32, url=address, canonical_url=address, published_at=FIRST + timedelta(days=99))
    commit(own, [late])
    done = refresh(own)
    assert (done.n_added, done.n_removed) == (1, 0)
    with CorpusReader(own) as reader:
        gone = next(article for article in reader.articles() if article.title == "Tin 4")
    forget(own, "forget-1", [(gone.site, gone.url)], Thresholds())
    done = refresh(own)
    assert done.n_removed == 1
    assert (refresh(own).n_added, refresh(own).n_removed) == (0, 0)
    finder = Finder(own, "Asia/Ho_Chi_Minh")
    assert titles(finder)[0] == "Tin muộn"
    assert "Tin 4" not in titles(finder)
    assert titles(finder, "đảng viên") == []
    assert finder.n_articles() == 12
    finder.close()
    connection = open_index(own)
    connection.execute("CREATE VIRTUAL TABLE temp.known USING fts5vocab(main, words, row)")
    terms = {term for (term,) in connection.execute("SELECT term FROM temp.known")}
    connection.close()
    assert "tin" in terms
    assert "qzvx" not in terms
    assert b"qzvx" not in (own / INDEX_FILE).read_bytes()


def test_another_form_is_made_anew(tmp_path, output):
    own = tmp_path / "output"
    shutil.copytree(output, own)
    connection = open_index(own)
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    assert refresh(own).n_added == 12
