"""The part of a page that is read first, and what is still found outside of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.extraction.dates import Clock
from crawler.extraction.document import Document, parse
from crawler.extraction.published import read_times
from crawler.extraction.surroundings import SPARE, surroundings
from crawler.sites.profile import Template

TEMPLATE = Template(fit=("div.body",), body=("div.body",))
CLOCK = Clock(datetime(2026, 1, 1, tzinfo=UTC))
MENU = "<ul>" + "<li><a href='/x'>Một mục của trang</a></li>" * SPARE + "</ul>"
ARTICLE = """<div id="main">{above}<h1>Cầu mới qua sông</h1>{between}
<div class="body"><p>Sáng nay cây cầu mới được thông xe.</p></div>{below}</div>"""


def document(*, above: str = "", between: str = "", below: str = "", top: str = "", bottom: str = "") -> Document:
    article = ARTICLE.format(above=above, between=between, below=below)
    return parse(f"<html><body>{top}{MENU}{article}{MENU}{bottom}</body></html>".encode(), "https://bao.example/1")


def test_part_holds_headline_and_body_but_no_menu() -> None:
    page = document()
    part = surroundings(page, TEMPLATE)
    assert part.get("id") == "main"
    assert "Một mục" not in " ".join(block.text for block in page.blocks_in(part))
    assert len(page.blocks) > len(page.blocks_in(part))


def test_small_page_is_its_own_part() -> None:
    page = parse(ARTICLE.format(above="", between="", below="").encode(), "https://bao.example/1")
    assert surroundings(page, TEMPLATE) is page.tree


@pytest.mark.parametrize("template", [None, Template(fit=("main",), body=("main.gone",))])
def test_whole_page_where_nothing_tells_the_part(template: Template | None) -> None:
    page = document()
    assert surroundings(page, template) is page.tree


def test_far_headline_widens_the_part() -> None:
    page = parse(
        f"<body><header><h1>Cầu mới</h1></header>{MENU}<div><div class='body'><p>Chữ.</p></div></div></body>".encode(),
        "https://bao.example/1",
    )
    assert surroundings(page, TEMPLATE, page.tree.find(".//h1")).find(".//h1") is not None


@pytest.mark.parametrize("place", ["above", "between", "below", "top", "bottom"])
def test_dateline_is_found_beside_the_article_and_elsewhere(place: str) -> None:
    page = document(**{place: "<div class='date'>Ngày đăng: 05:40, 02/06/2023</div>"})
    title = page.tree.find(".//h1")
    part = surroundings(page, TEMPLATE, title)
    narrow, whole = (read_times(page, TEMPLATE, title, CLOCK, part=where).published for where in (part, page.tree))
    assert narrow == whole
    assert narrow is not None
    assert narrow.at == datetime(2023, 6, 1, 22, 40, tzinfo=UTC)
