"""Bytes to a tree: encodings that lie, and markup on which libxml2 silently loses text."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extraction.document import parse
from crawler.extraction.linked_data import MAX_NODES, read_nodes
from crawler.extraction.markup import _REFERENCE, _reference, repair

TEXT = "Đảng bộ tỉnh tổ chức hội nghị về công tác xây dựng Đảng, ổn định đời sống nhân dân năm nay."
PAGE = f"<html><head><title>Tin</title></head><body><h1>Tiêu đề</h1><p>{TEXT}</p></body></html>"
URL = "https://baomay.example/tin-1.html"


def windows_1258(text):
    """`text` as Vietnamese Windows wrote it: base letters with circumflex, breve or horn, tones after them."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    chars = (unicodedata.normalize("NFD", char) for char in text)
    spelt = (
        unicodedata.normalize("NFC", "".join(c for c in char if c not in tones))
        + "".join(c for c in char if c in tones)
        for char in chars
    )
    return "".join(spelt).encode("cp1258")


def text_of(body, content_type=None):
    document = parse(body, URL, content_type)
    return unicodedata.normalize("NFC", document.tree.text_content())


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (PAGE.encode(), None),
        (PAGE.encode(), "text/html; charset=iso-8859-1"),
        (PAGE.encode(), "text/html; charset=utf-7"),
        (PAGE.encode(), "text/html; charset=nonsense"),
        (PAGE.encode("utf-8-sig"), "text/html; charset=windows-1252"),
        (PAGE.encode("utf-16"), None),
        (PAGE.encode("utf-16-le"), "text/html; charset=utf-8"),
        (PAGE.encode("utf-16-be"), None),
        (PAGE.encode("utf-32"), None),
        (PAGE.encode("utf-32-le"), None),
        (PAGE.encode("utf-32-be"), None),
        (windows_1258(PAGE), None),
        (windows_1258(PAGE), "text/html; charset=utf-8"),
        (windows_1258(PAGE), "text/html; charset=iso-8859-1"),
        (PAGE.replace("<head>", '<head><meta charset="gb2312">').encode(), None),
        (unicodedata.normalize("NFD", PAGE).encode(), None),
        (PAGE.encode() + b"\xe1\xba", None),
        (PAGE.encode().replace(b"<title>", b"\xff\xfe<title>"), None),
    ],
    ids=range(18),
)
def test_the_text_is_read_whatever_is_declared(body, content_type):
    assert TEXT in text_of(body, content_type)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("L'été à la plage, ça coûte très cher, où ça ?", "cp1252"),
        ("Привет, мир! Сегодня хорошая погода и мы идём гулять.", "cp1251"),
        ("日本語のページです。今日は天気がいいですね。", "shift_jis"),
        ("日本語のページです。今日は天気がいいですね。", "euc_jp"),
        ("오늘은 날씨가 좋습니다. 한국어 페이지입니다.", "euc_kr"),
        ("今天天气很好，这是一个中文网页。", "gb18030"),
    ],
)
def test_other_encodings_are_declared_or_detected(text, encoding):
    body = f"<p>{text}</p>".encode(encoding)
    assert text_of(body, f"text/html; charset={encoding}") == text
    assert text_of(f'<meta charset="{encoding}">'.encode() + body) == text


def test_vietnamese_font_text_keeps_its_bytes():
    body = b'<html lang="vi"><p style="font-family:.VnTime">\xa7\xb6ng b\xe9 t\xd8nh</p></html>'
    assert text_of(body) == "§¶ng bé tØnh"


def test_undefined_bytes_of_windows_1252_survive():
    assert text_of(b'<meta charset="windows-1252"><p>a\x81\x8d\x9db</p>') == "a\x81\x8d\x9db"


@pytest.mark.parametrize("bad", ["&#1;", "&#8;", "&#11;", "&#31;", "&#xFFFE;", "&#xFFFF;", "&#xD800;", "&#1114112;",
                                 "&#99999999999999999999;", "\0", "\x08", "\x0b", "\ufffe", "&#0;"])  # fmt: skip
def test_bad_characters_cost_nothing_but_themselves(bad):
    page = PAGE.replace("hội nghị", f"hội {bad}nghị")
    assert " ".join(text_of(page.encode("utf-8", "replace")).split()) == f"Tin Tiêu đề {TEXT}".replace(
        " ", " ", 1
    ).replace("Tin Tiêu đề Đảng", "TinTiêu đềĐảng")


def test_references_below_160_mean_windows_characters():
    assert text_of(b"<p>&#147;a&#148; &#150; b&#x85;</p>") == "“a” – b…"


@pytest.mark.parametrize("depth", [100, 260, 1_000, 20_000])
@pytest.mark.parametrize("tag", ["div", "span", "b", "font", "section"])
def test_depth_loses_no_text(depth, tag):
    body = f"<html><body>{f'<{tag}>' * depth}<p>{TEXT}</p>{f'</{tag}>' * depth}<p>Cuối.</p></body></html>"
    tree = parse(body.encode(), URL).tree
    assert TEXT in tree.text_content()
    assert "Cuối." in tree.text_content()
    paragraphs = [len(list(element.iterancestors())) for element in tree.iter("p")]
    assert len(paragraphs) == 2
    assert max(paragraphs) < 250


def test_a_text_of_many_megabytes_hides_nothing():
    body = f"<html><body><p>{'x' * 11_000_000}</p><p>{TEXT}</p></body></html>"
    assert TEXT in parse(body.encode(), URL).tree.text_content()


def test_an_inner_dtd_expands_nothing_and_hides_nothing():
    prologue = '<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "boom"><!ENTITY b SYSTEM "file:///etc/passwd">]>'
    text = text_of((prologue + PAGE.replace("Tiêu", "&a;&b; Tiêu")).encode())
    assert TEXT in text
    assert "boom" not in text
    assert "root:" not in text


def test_a_page_inside_the_page_is_merged():
    inner = f"<html><head><meta name='x' content='y'></head><body class='b'><p>{TEXT}</p></body></html>"
    tree = parse(f"<html><body><main>{inner}<p>Sau.</p></main></body></html>".encode(), URL).tree
    assert len(list(tree.iter("body"))) == 1
    assert [p.text_content() for p in tree.iter("p")] == [TEXT, "Sau."]


def test_comments_and_noscript_are_no_text():
    assert text_of(b"<p>a<!-- b --><noscript>c</noscript>d<?php e ?></p>") == "ad"


@pytest.mark.parametrize(
    "body", [b"", b" ", b"\0", b"<", b"<!--", b"&", b"<html>", b"\xff\xfe", b"\xef\xbb\xbf", b"{}"]
)
def test_nothing_gives_an_empty_document(body):
    assert parse(body, URL).tree.tag == "html"


@given(st.binary(max_size=2_000), st.sampled_from([None, "text/html; charset=utf-8", "charset=utf-16", "charset=hz"]))
def test_any_bytes_parse(body, content_type):
    document = parse(body, URL, content_type)
    assert document.tree.tag == "html"
    assert isinstance(document.nodes, tuple)


def test_thousands_of_attributes_cost_no_time():
    started = time.process_time()
    body = "<p " + " ".join(f"a{i}=1" for i in range(60_000)) + f">{TEXT}</p>"
    assert TEXT in parse(body.encode(), URL).tree.text_content()
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("block", "headline"),
    [
        ('{"@type":"NewsArticle","headline":"A"}', "A"),
        ('{"@type":["Thing","NewsArticle"],"headline":"A",}', "A"),
        ('//<![CDATA[\n{"@type":"NewsArticle","headline":"A"}\n//]]>', "A"),
        ('{"@type":"NewsArticle","headline":"A\nB"}', "A\nB"),
        ('{"@graph":[{"@type":"WebPage"},{"@type":"http://schema.org/NewsArticle","headline":"A"}]}', "A"),
        ('[[{"@type":"ReportageNewsArticle","headline":"A"}]]', "A"),
        ('{"@type":"Organization","name":"A"}', None),
        ("{", None),
        ("[" * 100_000, None),
        ("null", None),
        ('"text"', None),
    ],
)
def test_linked_data_is_read_tolerantly(block, headline):
    document = parse(f'<script type="application/ld+json">{block}</script>'.encode(), URL)
    assert next((node.get("headline") for node in document.articles), None) == headline


def test_linked_data_is_bounded():
    many = '{"@type":"NewsArticle"}'
    assert len(read_nodes([f"[{','.join([many] * 1_000)}]"])) == MAX_NODES
    assert read_nodes(["[" + "1," * 400_000 + "1]"]) == ()


@pytest.mark.parametrize(
    "code", [0, 8, 9, 31, 32, 126, 127, 150, 160, 999, 4000, 0xD800, 0xFDD0, 0xFFFF, 0x110000, 10**9]
)
@pytest.mark.parametrize("form", ["&#{0};", "&#000{0};", "&#x{0:x};", "&#X00{0:X} "])
def test_references_are_repaired_as_every_one_of_them_would_be(code, form):
    source = f"<p>trước {form.format(code)} sau</p>"
    assert repair(source).decode() == _REFERENCE.sub(_reference, source)
