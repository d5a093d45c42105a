"""Whole pages to articles: the seeds come out as their gold says, hostile pages come out as reasons."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extraction.article import MAX_BODY, MAX_TEXT, extract
from crawler.extraction.origin import article_id
from crawler.items import Article, Page, Pointer, Reason, Reject
from crawler.sites.profile import SiteProfile, Template, load_profiles

SEEDS = Path(__file__).parents[2] / "seeds"
PROFILES = load_profiles(SEEDS)
PROFILE = SiteProfile(name="Báo Mây Ngàn", hosts=("baomay.example",))
PROSE = [
    "Từ sáng sớm, người dân các bản đã gùi rau rừng, mật ong và thổ cẩm xuống chợ để kịp phiên đầu mùa.",
    "Chợ họp bên bờ suối, mỗi tuần một phiên, là nơi trao đổi hàng hóa của bà con sáu xã vùng cao trong huyện.",
    "Ban quản lý chợ cho biết lượng khách năm nay tăng gần gấp đôi, nhiều gian hàng bán hết trước buổi trưa.",
]

ENDLESS = "".join(f"<p>{i} {PROSE[0]}</p>" for i in range(MAX_TEXT // 90))


def page(body, url="https://baomay.example/doi-song/phien-cho-dau-mua-1.html", content_type="text/html; charset=utf-8"):
    body = body if isinstance(body, bytes) else body.encode()
    at = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
    return Page(
        url, url, 200, (("content-type", content_type),), body, at, "baomay", "seed", Pointer("a.warc.gz", 1, 2), "r1"
    )


def article_page(*, head="", before="", tail=""):
    prose = "".join(f"<p>{text}</p>" for text in PROSE)
    return f"""<html lang="vi"><head><title>Phiên chợ đầu mùa - Báo Mây Ngàn</title>{head}</head>
    <body>
    <nav><a href="/">Trang chủ</a> <a href="/doi-song">Đời sống</a></nav>
    <article><h1>Phiên chợ đầu mùa</h1><div class="date">02/06/2023 05:40</div>{before}
    {prose}{tail}</article></body></html>"""


@pytest.mark.parametrize("site", sorted(PROFILES))
def test_a_seed_comes_out_as_its_gold(site):
    gold = json.loads((SEEDS / site / "01.json").read_text("utf-8"))
    body = gzip.decompress((SEEDS / site / "01.html.gz").read_bytes())
    found = extract(page(body, f"https://{PROFILES[site].hosts[0]}/seed"), PROFILES[site])
    assert isinstance(found, Article)
    for field in ("kicker", "title", "lede", "section", "source"):
        assert getattr(found, field) == gold[field], field
    assert found.authors == ((gold["author"],) if gold["author"] else ())
    assert list(found.captions) == gold["captions"]
    assert found.text.split("\n\n") == [gold["lede"]] * bool(gold["lede"]) + gold["body"]
    assert found.published_at == (datetime.fromisoformat(gold["published_at"]) if gold["published_at"] else None)
    assert not [line for line in gold["boilerplate"] if line.strip() in found.text.split("\n\n")]
    assert found.extraction == "template"


def test_a_page_of_an_unknown_site_is_read_too():
    head = '<meta name="keywords" content="chợ phiên"><link rel="license" href="https://example.org/by">'
    found = extract(page(article_page(head=head, tail="<p><b>MÂY TRẮNG</b></p><p>Theo TTXVN</p>")), PROFILE)
    assert isinstance(found, Article)
    assert found.text.split("\n\n") == PROSE
    assert (found.title, found.authors, found.source) == ("Phiên chợ đầu mùa", ("Mây Trắng",), "TTXVN")
    assert found.published_at == datetime(2023, 6, 1, 22, 40, tzinfo=UTC)
    assert found.published_raw == "02/06/2023 05:40"
    assert (found.tags, found.licence) == (("chợ phiên",), "https://example.org/by")
    assert (found.extraction, found.n_paragraphs) == ("generic", 3)
    assert found.n_words == len(found.text.split())
    sources = {source.field: source.source for source in found.provenance}
    assert sources["published_at"] == "text:dateline"
    assert sources["authors"] == "text:signature"
    assert sources["title"] == "text:h1"


def test_what_the_page_does_not_say_is_null():
    body = article_page().replace('<div class="date">02/06/2023 05:40</div>', "")
    found = extract(page(body), PROFILE)
    assert isinstance(found, Article)
    assert (found.published_at, found.published_raw, found.modified_at) == (None, None, None)
    assert (found.authors, found.source, found.kicker, found.lede, found.opt_outs) == ((), None, None, None, ())


@pytest.mark.parametrize(
    ("lines", "n_kept"),
    [(["By Plain Reed, 02.06.23, 10:09 AM ICT"], 0), (["Làng Mây, 02/06/2023 10:30", "Làng Gió, 02/06/2023 11:30"], 2)],
)
def test_a_byline_with_a_time_is_no_text_and_a_timetable_is(lines, n_kept):
    before = "".join(f"<p>{line}</p>" for line in lines)
    profile = SiteProfile(hosts=PROFILE.hosts, templates=(Template(body=("article",), keep_blocks=("p",)),))
    found = extract(page(article_page(before=before)), profile)
    assert isinstance(found, Article)
    assert found.text.split("\n\n") == [*lines[:n_kept], *PROSE]


def test_the_lede_stands_once_and_first():
    lede = "Phiên chợ vùng cao đầu mùa đông đúc khác thường, báo hiệu một năm được giá của bà con."
    before = f'<h2 class="sapo">{lede}</h2><p><strong>{lede}</strong></p>'
    found = extract(page(article_page(before=before)), PROFILE)
    assert isinstance(found, Article)
    assert found.lede == lede
    assert found.text.split("\n\n") == [lede, *PROSE]


def test_a_template_that_reads_nothing_gives_way():
    profile = SiteProfile(hosts=("baomay.example",), templates=(Template(title=(".gone",), body=("#gone",)),))
    found = extract(page(article_page()), profile)
    assert isinstance(found, Article)
    assert found.extraction == "generic"
    assert found.profile_version == profile.version


@pytest.mark.parametrize("bad", ["&#8;", "&#11;", "&#31;", "&#xFFFE;", "\0", "<div>" * 400, f"<i {'a ' * 4}>"])
def test_damage_loses_no_article(bad):
    found = extract(page(article_page(before=bad)), PROFILE)
    assert isinstance(found, Article)
    assert set(PROSE) <= set(found.text.split("\n\n"))


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"", "text/html", Reason.NOT_HTML),
        (b"%PDF-1.7 ...", "text/html", Reason.NOT_HTML),
        (b"\x89PNG\r\n", "image/png", Reason.NOT_HTML),
        (b'{"a": 1}', "application/json", Reason.NOT_HTML),
        (b"<html><body></body></html>", "text/html", Reason.NO_TEXT),
        (b"x" * (MAX_BODY + 1), "text/html", Reason.TOO_LARGE),
        (article_page(tail=ENDLESS).encode(), "text/html", Reason.TOO_LARGE),
    ],
    ids=range(7),
)  # fmt: skip
def test_what_is_no_article_says_why(body, content_type, reason):
    found = extract(page(body, content_type=content_type), PROFILE)
    assert isinstance(found, Reject)
    assert found.reason is reason


def test_html_under_another_name_is_html():
    assert isinstance(extract(page(article_page(), content_type="text/plain"), PROFILE), Article)


def test_a_page_without_headline_says_so():
    body = "<html><body>" + "".join(f"<p>{text}</p>" for text in PROSE) + "</body></html>"
    found = extract(page(body, "https://baomay.example/1"), PROFILE)
    assert isinstance(found, Reject)
    assert found.reason is Reason.NO_TITLE


def test_a_selector_nobody_can_read_is_an_extraction_error():
    profile = SiteProfile(hosts=("baomay.example",), templates=(Template(body=("p[[",)),))
    found = extract(page(article_page()), profile)
    assert isinstance(found, Reject)
    assert found.reason is Reason.EXTRACTION_ERROR
    assert "p[[" in found.detail


def test_the_same_page_gives_the_same_row():
    first, second = (extract(page(article_page()), PROFILE) for _ in range(2))
    assert first == second
    assert isinstance(first, Article)
    assert first.id == article_id(first.canonical_url)
    assert len(first.id) == 32


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=400), st.integers(min_value=0, max_value=1_500))
def test_damaged_pages_never_raise(noise, at):
    body = article_page().encode()
    found = extract(page(body[:at] + noise + body[at:]), PROFILE)
    assert isinstance(found, Article | Reject)
    assert not (isinstance(found, Reject) and found.reason is Reason.EXTRACTION_ERROR), found
