"""Signature and credit lines, each with the names and papers a reader would take from it."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extraction.bylines import MAX_AUTHORS, merge_names, read_byline, read_names
from crawler.extraction.credits import cut_at_signature, split_credits
from crawler.extraction.names import name_case

TABLE = [json.loads(line) for line in Path(__file__).with_name("bylines.jsonl").read_text("utf-8").splitlines()]
PROSE = "Đảng bộ xã đã chỉ đạo các chi bộ trực thuộc xây dựng kế hoạch đào tạo đội ngũ cán bộ."


def test_the_table_is_long_enough():
    assert len(TABLE) >= 100


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["line"])
def test_line_credits(row):
    byline = read_byline(row["line"])
    assert list(byline.authors) == row["authors"]
    assert byline.source == row["source"]
    assert byline.is_credit == row["is_credit"]


@pytest.mark.parametrize(
    ("tail", "authors", "source"),
    [
        (["NGUYỆT THU (Báo Lâm Đồng)"], ("Nguyệt Thu",), "Báo Lâm Đồng"),
        (["XUÂN THƯỞNG"], ("Xuân Thưởng",), None),
        (["Ngọc Diệp"], ("Ngọc Diệp",), None),
        (["Việt Hùng", "Tác giả: Nguyễn Việt Hùng", "Nguồn:TTXVN Copy link"], ("Nguyễn Việt Hùng",), "TTXVN"),
        (["baothainguyen.vn"], (), "baothainguyen.vn"),
        (["Mây Ngàn", "Theo TTXVN"], ("Mây Ngàn",), "TTXVN"),
        (["Mây Ngàn", "(TTXVN)"], ("Mây Ngàn",), "TTXVN"),
        (["Bài: Mây Ngàn", "Ảnh: Gió Núi"], ("Mây Ngàn",), None),
        (["Ảnh: Gió Núi", "Mây Ngàn"], ("Mây Ngàn",), None),
        (["Bài, ảnh: MÂY NGÀN - GIÓ NÚI"], ("Mây Ngàn", "Gió Núi"), None),
        (["Theo Báo Mây Ngàn"], (), "Báo Mây Ngàn"),
        ([], (), None),
    ],
    ids=str,
)
def test_credits_leave_the_paragraphs(tail, authors, source):
    kept, found = split_credits(["Mở đầu.", PROSE, *tail], ["baothainguyen.vn"])
    assert kept == ("Mở đầu.", PROSE)
    assert (found.authors, found.source) == (authors, source)
    assert list(found.removed) == tail


@pytest.mark.parametrize(
    "last",
    [
        PROSE,
        "Hà Nội",
        "Những kết quả đạt được",
        "Theo Tỉnh ủy Bắc Giang, giai đoạn 2025 - 2030, tỉnh tiếp tục đẩy mạnh công tác xây dựng Đảng.",
        "Thượng tá",
    ],
)
def test_text_stays_text(last):
    assert split_credits(["Mở đầu.", PROSE, last])[0] == ("Mở đầu.", PROSE, last)


def test_an_agency_in_brackets_leaves_the_last_sentence():
    kept, found = split_credits(["Mở đầu.", f"{PROSE} (TTXVN)"])
    assert kept == ("Mở đầu.", PROSE)
    assert found.source == "TTXVN"


def test_a_foreign_host_is_a_source_only_where_it_is_named_as_one():
    assert split_credits([PROSE, "Nguồn: baomay.example"])[1].source == "baomay.example"
    assert split_credits([PROSE, "baomay.example"], ["baogio.example"])[1].source == "baomay.example"


def test_the_only_paragraph_is_no_signature():
    assert split_credits(["Ngọc Diệp"])[0] == ("Ngọc Diệp",)
    assert split_credits([])[0] == ()


def test_a_list_of_people_is_text():
    people = ["Danh sách đề cử gồm các đồng chí:", "Mây Ngàn", "Gió Núi", "Trăng Rừng", "Suối Bạc"]
    kept, _ = split_credits(people)
    assert len(kept) >= 3


def test_lines_below_a_signature_go_when_nobody_selected_the_text():
    lines = ["Mở đầu.", PROSE, "Ngọc Diệp", "Tin cùng chuyên mục", "Từ khóa", "xây dựng Đảng"]
    assert cut_at_signature(lines) == ("Mở đầu.", PROSE, "Ngọc Diệp")
    assert cut_at_signature([*lines, PROSE]) == (*lines, PROSE)


def test_short_forms_give_way_to_full_names():
    assert merge_names(["Việt Hùng", "Nguyễn Việt Hùng", "Mây Ngàn"]) == ("Nguyễn Việt Hùng", "Mây Ngàn")
    assert merge_names(["Mây Ngàn", "MÂY NGÀN"]) == ("Mây Ngàn",)


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        ("NGUYỆT THU", "Nguyệt Thu"),
        ("X.T", "X.T"),
        ("PV", "PV"),
        ("S.THÙY", "S.Thùy"),
        ("CTVX", "CTVX"),
        ("Ngọc Diệp", "Ngọc Diệp"),
        ("H’MÂY ÊBAN", "H’Mây Êban"),
    ],
)
def test_capitals_become_name_case(raw, named):
    assert name_case(raw) == named


def test_the_site_itself_is_no_author():
    assert read_names(["Báo Mây Ngàn"], ["Báo Mây Ngàn"]) == ()
    assert read_names(["MAY NGAN ONLINE", "baomay.vn", "Gió Núi"], ["Báo Mây Ngàn"]) == ("Gió Núi",)


def test_other_languages_keep_organisations_and_lists():
    assert read_names(["By Foo Bar and Baz Qux"], is_strict=False) == ("Foo Bar", "Baz Qux")
    assert read_names(["THE EXAMPLE", "https://example.org/authors/foo"], is_strict=False) == ("The Example",)


@given(st.text(max_size=300))
def test_any_line_is_read_without_raising(line):
    byline = read_byline(line)
    assert len(byline.authors) <= MAX_AUTHORS
    assert all(name.strip() for name in byline.authors)


@given(st.lists(st.sampled_from([PROSE, "Ngọc Diệp", "Theo TTXVN", "Ảnh: X.T", "Hà Nội", ""]), max_size=12))
def test_what_is_kept_and_what_is_removed_make_up_the_text(paragraphs):
    kept, found = split_credits(paragraphs)
    assert [*kept, *found.removed] == paragraphs


def test_long_hostile_lines_cost_nothing():
    started = time.process_time()
    for bomb in ("Theo " * 32, "(" * 160, "Mây-" * 40, "A." * 80, "a " * 80, "Nguồn: " * 22, "x" * 1_000_000):
        read_byline(bomb)
        split_credits([PROSE, bomb])
    assert time.process_time() - started < 1
