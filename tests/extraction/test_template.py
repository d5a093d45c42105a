"""Selectors find what they say, and a page gets the template of its layout."""
# ruff: noqa: E501 - sentences and pages read best whole

from datetime import UTC, date, datetime

import pytest

from crawler.errors import ProfileError
from crawler.extraction.document import parse
from crawler.extraction.template import choose_template, outermost, select, select_texts
from crawler.sites.profile import SiteProfile, Template

HTML = """<html><head><meta name="author" content="Bút Tre"></head><body><h1 class="t">Đầu  đề
 bài</h1><div class="a"><p>một</p><div class="a"><p>hai</p></div></div><div class="b"><script>x()</script><p>ba <b>bốn</b></p></div>
<div class="long"><p>Đây là một đoạn văn đủ dài để một khuôn mẫu nhận ra thân bài của nó.</p></div></body></html>"""
DOCUMENT = parse(HTML.encode(), "https://baolang.example/x")


def test_css_and_xpath_find_the_same_in_page_order_each_once():
    by_both = select(DOCUMENT, ("div.b", "//div[@class='a']", "div.a"))
    assert [element.get("class") for element in by_both] == ["a", "a", "b"]


def test_outermost_leaves_out_what_stands_inside_another():
    assert len(outermost(select(DOCUMENT, ("div.a",)))) == 1


@pytest.mark.parametrize(
    ("selector", "texts"),
    [
        ("h1.t", ["Đầu đề bài"]),
        (".b", ["ba bốn"]),
        ("//meta[@name='author']/@content", ["Bút Tre"]),
        ("(//p)[2]", ["hai"]),
        (".absent", []),
        ("//p/@absent", []),
    ],
)
def test_texts_come_on_one_line_without_scripts(selector, texts):
    assert [text for _, text in select_texts(DOCUMENT, (selector,))] == texts


@pytest.mark.parametrize("selector", ["div[", "//div[", "p:nope(", "", ">>"])
def test_a_selector_that_cannot_be_read_is_named(selector):
    with pytest.raises(ProfileError, match="selector"):
        select(DOCUMENT, (selector,))


@pytest.mark.parametrize("selector", ["//p[nope(1)]", "//p/text()", "/absent"])
def test_expressions_that_find_no_elements_find_nothing(selector):
    assert select(DOCUMENT, (selector,)) == []


def choose(*templates, at=datetime(2020, 6, 1, tzinfo=UTC)):
    return choose_template(DOCUMENT, SiteProfile(hosts=("x.example",), templates=templates), at)


GOOD, ABSENT, EMPTY = Template(body=(".long",)), Template(body=(".absent",)), Template(body=(".a",))


def test_first_template_that_fits_is_chosen():
    assert choose(ABSENT, EMPTY, GOOD) is GOOD
    assert choose(ABSENT, EMPTY) is None
    assert choose() is None


def test_every_fit_selector_must_match():
    assert choose(Template(body=(".long",), fit=("h1", ".absent")), GOOD) is GOOD


@pytest.mark.parametrize(("year", "name"), [(2015, "old"), (2025, "new"), (2020, "new")])
def test_the_layout_of_the_day_comes_first(year, name):
    new = Template(body=(".long",), valid_from=date(2020, 1, 1), title=("new",))
    old = Template(body=(".long",), valid_until=date(2019, 12, 31), title=("old",))
    assert choose(new, old, at=datetime(year, 6, 1, tzinfo=UTC)).title == (name,)


def test_a_page_that_kept_the_old_layout_is_read_with_the_old_template():
    old = Template(body=(".long",), valid_until=date(2019, 12, 31))
    assert choose(ABSENT, old) is old
