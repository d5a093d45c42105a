"""The report and the card: right figures, nothing from elsewhere, nothing of a page that is not text."""

import html
import re

import pytest
from datasets.info import DatasetInfosDict
from huggingface_hub import DatasetCard
from lxml import html as parser

from crawler.commands import report
from crawler.corpus.reader import CorpusReader
from crawler.corpus.schema import SCHEMAS, Dataset
from crawler.inspection.facts import gather
from crawler.inspection.report import coverage_of, line_of, render
from crawler.inspection.sheets import cell
from crawler.inspection.warehouse import Warehouse


@pytest.fixture(scope="module")
def facts(corpus):
    with CorpusReader(corpus) as reader, Warehouse(corpus) as warehouse:
        return gather(warehouse, reader, seed=1)


@pytest.fixture(scope="module")
def page(facts):
    return render(facts)


def test_every_total_is_the_same_query_in_duckdb(corpus, page):
    shown = dict(re.findall(r'data-total="(\w+)">([^<]+)<', page))
    asked = {
        "articles": "SELECT count(*) AS n FROM articles",
        "words": "SELECT sum(n_words)::BIGINT AS n FROM articles",
        "characters": "SELECT sum(length(text))::BIGINT AS n FROM articles",
        "sites": "SELECT count(DISTINCT site) AS n FROM articles",
        "duplicates": "SELECT count(*) AS n FROM duplicates",
        "rejected": "SELECT count(*) AS n FROM rejected",
        "runs": "SELECT count(*) AS n FROM runs",
    }
    assert shown.keys() == asked.keys()
    with Warehouse(corpus) as warehouse:
        for name, sql in asked.items():
            assert shown[name] == cell(warehouse.rows(sql)[0]["n"]), name


def test_tables_are_the_same_queries_in_duckdb(corpus, page):
    tree = parser.fromstring(page)
    asked = {
        "Pages by reason": "SELECT reason, count(*) AS n FROM rejected GROUP BY reason",
        "Sections": "SELECT section, count(*) AS n FROM articles WHERE section IS NOT NULL GROUP BY section",
        "Authors": "SELECT one.a, count(*) AS n FROM articles, unnest(authors) AS one(a) GROUP BY one.a",
        "Language": "SELECT language, count(*) AS n FROM articles GROUP BY language",
    }
    with Warehouse(corpus) as warehouse:
        for caption, sql in asked.items():
            (table,) = tree.xpath("//table[caption = $caption]", caption=caption)
            shown = {row.findtext("th"): row.findtext("td") for row in table.xpath("tbody/tr")}
            assert shown == {cell(next(iter(row.values()))): cell(row["n"]) for row in warehouse.rows(sql)}, caption
        sites = tree.xpath("//h2[@id='sites']/following::table[1]/tbody/tr")
        for row in sites:
            sql = "SELECT count(*) AS n, sum(n_words)::BIGINT AS words FROM articles WHERE site = $site"
            counted = warehouse.rows(sql, {"site": row.findtext("th")})[0]
            cells = [one.text for one in row.findall("td")]
            assert (cells[0], cells[3]) == (cell(counted["n"]), cell(counted["words"]))


def test_nothing_runs_and_nothing_is_loaded(page):
    tree = parser.fromstring(page)
    assert not tree.xpath("//script | //link | //img | //iframe | //object | //@src | //@onclick | //@onload")
    assert {href[0] for href in tree.xpath("//@href")} == {"#"}
    assert not re.findall(r"url\(|@import|javascript:", page)
    assert "default-src 'none'" in page


def test_what_a_page_says_is_text(corpus):
    with CorpusReader(corpus) as reader, Warehouse(corpus) as warehouse:
        facts = gather(warehouse, reader, seed=1)
        nasty = reader.article("f" * 32)
    facts.articles.append(nasty)
    facts.rows["sections"].append({"section": '"><img src=x onerror=alert(1)>', "n": 1})
    page = render(facts)
    assert "<script" not in page
    assert "<img" not in page
    assert html.escape('<script>alert("1")</script>', quote=False)[:10] in page


def test_gaps_between_first_and_last():
    rows = [{"site": "a", "month": "2025-12", "articles": 2}, {"site": "a", "month": "2026-02", "articles": 1},
            {"site": "b", "month": "2026-01", "articles": 4}, {"site": "b", "month": None, "articles": 9}]  # fmt: skip
    months, coverage = coverage_of(rows)
    assert months == ["2025-12", "2026-01", "2026-02"]
    assert coverage == {"a": [2, 0, 1], "b": [None, 4, None]}
    assert coverage_of([]) == ([], {})
    assert line_of([0, 5, 10]) == "0.0,160.0 320.0,80.0 640.0,0.0"


def test_the_command_writes_page_and_card(scrapy, corpus, tmp_path):
    code, out, err = scrapy(report, corpus, "--out", tmp_path / "page.html")
    assert (code, out, err) == (0, f"{tmp_path / 'page.html'}\n", "")
    assert scrapy(report, corpus, "--card", "--out", tmp_path / "README.md")[0] == 0
    card = DatasetCard.load(tmp_path / "README.md")
    assert card.data.language == ["vi"]
    info = DatasetInfosDict.from_dataset_card_data(card.data)["articles"]
    assert list(info.features) == SCHEMAS[Dataset.ARTICLES].names
    with CorpusReader(corpus) as reader:
        assert info.splits["train"].num_examples == sum(1 for _ in reader.articles())
    assert "## Rights" in card.text
