# ruff: noqa: S608 - the queries are put together from constants of this file
"""Every number of the report, as it stands on the page, is what other SQL over the Parquet files says."""

import json
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import duckdb
import pytest
from lxml import html

from crawler.corpus.reader import CorpusReader
from crawler.inspection.card import card
from crawler.inspection.facts import gather
from crawler.inspection.report import render
from crawler.inspection.warehouse import Warehouse
from tests.dedup.labelled import Writer
from tests.dedup.newsdesk import commit

SITES = ("baobaclieu", "baothainguyen", "baodaklak")
BEGIN = datetime(2025, 9, 30, 17, 30, tzinfo=UTC)
"""In Viet Nam October has begun."""
LENGTHS = (99, 100, 199, 200, 399, 400, 799, 800, 1599, 1600, 3199, 3200, 40_000)
FIELDS = ("title", "kicker", "lede", "authors", "source", "section", "tags", "captions", "published_at", "modified_at",
          "language", "licence")  # fmt: skip
LISTS = {"authors", "tags", "captions"}
DAY = "timezone('Asia/Ho_Chi_Minh', {})::DATE"
MONTH = "strftime(timezone('Asia/Ho_Chi_Minh', published_at), '%Y-%m')"


def varied():
    """Articles in which no two figures are alike by chance: months with gaps, days of fetching, edges of lengths."""
    writer = Writer(23)
    for number in range(26):
        article = writer.article(writer.paragraphs(2), SITES[number % 5 % 3], f"Bài thứ {number}")
        yield replace(
            article,
            published_at=BEGIN + timedelta(days=20 * number) if number % 8 else None,
            fetched_at=BEGIN + timedelta(days=600, hours=7 * number),
            n_words=LENGTHS[number % len(LENGTHS)],
            authors=tuple(f"Bút danh {n}" for n in range(number % 18)),
            section=f"Mục {number % 21}" if number % 7 else None,
            language=("vi", "en", None, "vi")[number % 4],
            source="TTXVN" if number % 5 == 0 else None,
            kicker="Dòng trên" if number % 6 == 0 else None,
            captions=("Ảnh",) * (number % 2),
            licence="CC BY 4.0" if number == 3 else None,
            extraction="template" if number % 3 else "generic",
        )


@pytest.fixture(scope="module")
def output(corpus):
    output = corpus.with_name("figures")
    shutil.copytree(corpus, output)
    commit(output, list(varied()))
    yield output
    shutil.rmtree(output)


@pytest.fixture(scope="module")
def facts(output):
    with CorpusReader(output) as reader, Warehouse(output) as warehouse:
        return gather(warehouse, reader, seed=1)


@pytest.fixture(scope="module")
def page(facts):
    return html.fromstring(render(facts))


@pytest.fixture(scope="module")
def ask(output):
    """Rows of a query over the files alone: no view, no setting and no query of the product."""
    connection = duckdb.connect()
    for name in ("articles", "duplicates", "rejected"):
        files = sorted(map(str, (output / name).glob("site=*/*.parquet")))
        connection.execute(f"CREATE VIEW {name} AS FROM read_parquet({files}, hive_partitioning = false)")
    yield lambda sql: connection.sql(sql).fetchall()
    connection.close()


@pytest.fixture(scope="module")
def manifests(output):
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted((output / "runs").glob("*.json"))]


def number(text):
    return None if text.strip() in {"–", ""} else int(text.strip().rstrip("%").replace(",", ""))


def section(page, name):
    """What stands between a heading and the next."""
    (heading,) = page.xpath("//h2[@id=$name]", name=name)
    found = []
    for one in heading.itersiblings():
        if one.tag == "h2":
            break
        found.append(one)
    return found


def tables(page, name):
    return [table for one in section(page, name) for table in one.xpath("descendant-or-self::table")]


def rows(table):
    return [[cell.text_content().strip() for cell in row] for row in table.xpath("tbody/tr")]


def bars(table):
    """Label, number and length of the bar, in hundredths of the longest."""
    found = []
    for row in table.xpath("tbody/tr"):
        (width,) = row.xpath(".//rect/@width")
        found.append((row.findtext("th"), number(row.findtext("td")), float(width)))
    return found


def as_bars(asked):
    most = max(n for _, n in asked)
    return [("–" if label is None else str(label), n, round(100 * n / most, 2)) for label, n in asked]


def test_totals(page, ask, manifests):
    (asked,) = ask(
        "SELECT count(*), count(DISTINCT site), sum(n_words), sum(length(text)), (SELECT count(*) FROM duplicates),"
        f" (SELECT count(*) FROM rejected), min({DAY.format('published_at')}), max({DAY.format('published_at')})"
        " FROM articles"
    )
    names = ("articles", "sites", "words", "characters", "duplicates", "rejected")
    wanted = dict(zip(names, asked, strict=False)) | {"runs": len(manifests)}
    assert {one.get("data-total"): number(one.text) for one in page.xpath("//dd[@data-total]")} == wanted
    assert len(page.xpath("//dl[@class='totals']//dd")) == len(wanted)
    assert f"published {asked[6]} to {asked[7]}" in page.findtext(".//header/p")
    assert page.findtext(".//title") == f"News corpus: {asked[0]:,} articles of {asked[1]} sites"


def test_sites(page, ask):
    (table,) = tables(page, "sites")
    asked = ask(
        "SELECT s.site, (SELECT count(*) FROM articles a WHERE a.site = s.site),"
        " (SELECT count(*) FROM duplicates d WHERE d.site = s.site), (SELECT count(*) FROM rejected r"
        " WHERE r.site = s.site), (SELECT coalesce(sum(n_words), 0) FROM articles a WHERE a.site = s.site),"
        " (SELECT quantile_cont(n_words, 0.5) FROM articles a WHERE a.site = s.site),"
        f" (SELECT min({DAY.format('published_at')}) FROM articles a WHERE a.site = s.site),"
        f" (SELECT max({DAY.format('published_at')}) FROM articles a WHERE a.site = s.site),"
        " (SELECT count(*) FROM articles a WHERE a.site = s.site AND extraction <> 'template')"
        " FROM (SELECT site FROM articles UNION SELECT site FROM duplicates UNION SELECT site FROM rejected) s"
        " ORDER BY 1"
    )
    assert len(asked) == len(rows(table)) == 3
    for shown, (site, n, n_duplicates, n_rejected, n_words, median, first, last, n_generic) in zip(
        rows(table), asked, strict=True
    ):
        assert shown[0] == site
        assert [number(text) for text in shown[1:5]] == [n, n_duplicates, n_rejected, n_words]
        assert abs(number(shown[5]) - median) <= 0.5
        assert shown[6:8] == [str(first), str(last)]
        assert number(shown[8]) == n_generic


def test_growth(page, ask):
    asked = ask(f"SELECT {DAY.format('fetched_at')} AS day, count(*) FROM articles GROUP BY day ORDER BY day")
    (card_,) = section(page, "growth")
    days, n_by_day = [str(day) for day, _ in asked], [n for _, n in asked]
    total = sum(n_by_day)
    assert len(days) > 3
    assert card_.findtext("p") == f"{days[0]}: {n_by_day[0]:,} articles … {days[-1]}: {total:,} articles"
    (svg,) = card_.xpath("svg")
    assert f"{n_by_day[0]:,} on {days[0]}, {total:,} on {days[-1]}" in svg.get("aria-label")
    heights = [float(point.partition(",")[2]) for point in svg.xpath("polyline/@points")[0].split()]
    so_far = [sum(n_by_day[: place + 1]) for place in range(len(n_by_day))]
    assert heights == pytest.approx([160 - 160 * n / total for n in so_far], abs=0.06)


def test_coverage(page, ask):
    (table,) = tables(page, "coverage")
    counts = {}
    for site, month, n in ask(
        f"SELECT site, {MONTH} AS m, count(*) FROM articles WHERE published_at NOT NULL GROUP BY ALL"
    ):
        counts.setdefault(site, {})[month] = n
    months = [cell.text for cell in table.xpath("thead/tr/th")]
    years = sorted({month for one in counts.values() for month in one})
    assert (months[0], months[-1]) == (years[0], years[-1])
    assert len(months) == 12 * (int(years[-1][:4]) - int(years[0][:4])) + int(years[-1][5:]) - int(years[0][5:]) + 1
    assert len(table.xpath("tbody/tr")) == len(counts)
    n_gaps = 0
    for row in table.xpath("tbody/tr"):
        has = counts[row.findtext("th")]
        wanted = [has.get(month, 0) if min(has) <= month <= max(has) else None for month in months]
        assert [number(cell.text or "") for cell in row.findall("td")] == wanted
        assert [cell.get("class") == "gap" for cell in row.findall("td")] == [n == 0 for n in wanted]
        shades = [
            float(cell.get("style").rpartition("/")[2].strip(" )")) for cell in row.findall("td") if cell.get("style")
        ]
        assert shades == pytest.approx([0.1 + 0.3 * n / max(has.values()) for n in wanted if n], abs=0.006)
        n_gaps += wanted.count(0)
    assert n_gaps > 2


def test_lengths_and_languages(page, ask):
    lengths, languages = tables(page, "text")
    edges = (0, 100, 200, 400, 800, 1600, 3200, 1 << 60)
    counted = [
        (
            f"{low}+" if low < 1000 else f"{low:,}+",
            ask(f"SELECT count(*) FROM articles WHERE n_words >= {low} AND n_words < {high}")[0][0],
        )
        for low, high in pairwise(edges)
    ]
    assert all(n for _, n in counted)
    assert bars(lengths) == as_bars(counted)
    asked = ask("SELECT language, count(*) AS n FROM articles GROUP BY language ORDER BY n DESC, language NULLS LAST")
    assert sorted(bars(languages)) == sorted(as_bars(asked))
    assert [n for _, n, _ in bars(languages)] == [n for _, n in asked]


def test_fields(page, ask):
    (table,) = tables(page, "fields")
    assert [cell.text for cell in table.xpath("thead//th")] == ["site", *(name.replace("_", " ") for name in FIELDS)]
    filled = [f"avg(CASE WHEN len({name}) > 0 THEN 1.0 ELSE 0 END)" if name in LISTS else
              f"count({name}) / count(*)" for name in FIELDS]  # fmt: skip
    asked = ask(f"SELECT site, {', '.join(filled)} FROM articles GROUP BY site ORDER BY site")
    for shown, (site, *shares) in zip(rows(table), asked, strict=True):
        assert shown[0] == site
        assert [number(text) for text in shown[1:]] == pytest.approx([100 * share for share in shares], abs=0.51)


def test_rejects_reprints_sections_and_authors(page, ask):
    (reasons,) = tables(page, "rejects")
    asked = ask("SELECT reason, count(*) FROM rejected GROUP BY reason ORDER BY 2 DESC, 1")
    assert bars(reasons) == as_bars(asked)
    (reprints,) = tables(page, "reprints")
    asked = ask(
        "SELECT site, kept_site, count(*) FROM duplicates WHERE site != kept_site GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"
    )
    assert [(a, b, number(n)) for a, b, n in rows(reprints)] == asked
    sections, authors = tables(page, "who")
    asked = ask("SELECT section, count(*) FROM articles GROUP BY 1 HAVING section NOT NULL ORDER BY 2 DESC, 1 LIMIT 15")
    assert len(asked) == 15
    assert bars(sections) == as_bars(asked)
    asked = ask(
        "SELECT one, count(*) FROM articles, unnest(authors) AS them(one) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 15"
    )
    assert bars(authors) == as_bars(asked)


def test_health(page, manifests):
    (table,) = tables(page, "health")
    last = {one["site"]: one for one in sorted(manifests, key=lambda one: one["started_at"])}
    wanted = [
        (site, one["exit_status"], one["counts"]["fetched"], one["counts"]["kept"])
        for site, one in sorted(last.items())
    ]
    assert [(row[0], row[2], number(row[3]), number(row[4])) for row in rows(table)] == wanted


def test_articles_to_read(page, ask):
    shown = {}
    for article in section(page, "read")[1:]:
        (line,) = article.xpath(".//summary/small")
        article_id = article.xpath(".//p/small/text()")[-1].strip()
        shown[article_id] = number(re.search(r"· ([\d,]+) words", line.text_content())[1])
    assert len(shown) == 20
    named = ", ".join(f"'{key}'" for key in shown)
    assert shown == dict(ask(f"SELECT id, n_words FROM articles WHERE id IN ({named})"))


def test_facts(page, output, manifests):
    (table,) = tables(page, "facts")
    files = [
        path for name in ("articles", "duplicates", "rejected") for path in (output / name).glob("site=*/*.parquet")
    ]
    wanted = {"Parquet files": len(files), "bytes": sum(path.stat().st_size for path in files), "runs": len(manifests)}
    assert {row.findtext("th"): number(row.findtext("td")) for row in table.xpath("tbody/tr")} == wanted


def test_no_table_is_left_out(page):
    tested = ("sites", "coverage", "text", "fields", "rejects", "reprints", "who", "health", "facts")
    assert sum(len(tables(page, name)) for name in tested) == len(page.xpath("//table"))
    assert {one.get("id") for one in page.xpath("//h2")} == {*tested, "growth", "read"}


def test_card(facts, output, ask):
    text = card(facts)
    (totals,) = ask(
        "SELECT count(*), count(DISTINCT site), sum(n_words), (SELECT count(*) FROM duplicates),"
        " (SELECT count(*) FROM rejected) FROM articles"
    )
    n, n_sites, n_words, n_duplicates, n_rejected = totals
    assert f"{n:,} articles of {n_sites} news sites, {n_words:,} words" in text
    assert f"{n_duplicates:,} articles that repeat" in text
    assert f"{n_rejected:,} pages that did not" in text
    for site, n_articles, words in ask("SELECT site, count(*), sum(n_words) FROM articles GROUP BY site"):
        assert f"| {site} | {n_articles:,} | {words:,} |" in text
    size = sum(path.stat().st_size for path in (output / "articles").glob("site=*/*.parquet"))
    (info,) = json.loads(re.search(r"^dataset_info: (.*)$", text, re.MULTILINE)[1])
    assert (info["download_size"], info["splits"][0]["num_examples"]) == (size, n)
