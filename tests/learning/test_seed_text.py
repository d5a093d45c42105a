"""A plain text alone gives title, kicker, date, lede, body, captions, author, source, section and junk."""
# ruff: noqa: E501 - sentences and pages read best whole

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import LearningError
from crawler.learning.seed_text import MAX_CHARS, read_seed_text

NOW = datetime(2026, 1, 15, tzinfo=UTC)
SEEDS = Path(__file__).parents[2] / "seeds"
TITLE = "Nghề đan gùi ở bản Nà Lúa hồi sinh"
LEDE = "Từ chỗ chỉ còn hai người già biết nghề, bản Nà Lúa nay có hơn ba mươi hộ đan gùi bán ra khắp các chợ phiên trong vùng."
FIRST = (
    "Những ngày giáp Tết, đi từ đầu bản đến cuối bản đều nghe tiếng chẻ nan lách cách, người già ngồi bên bếp lửa dạy con "
    "cháu cách chọn mây, chọn tre, cách bẻ góc sao cho chiếc gùi vừa bền vừa đẹp mà không cần đến một chiếc đinh nào cả."
)
SECOND = (
    "Trưởng bản cho biết mỗi chiếc gùi bán được từ một trăm đến ba trăm nghìn đồng, tùy kích cỡ và hoa văn, nhờ vậy nhiều gia "
    "đình có thêm thu nhập trong lúc nông nhàn và lớp trẻ cũng không còn phải đi làm thuê xa nhà như những năm về trước."
)
HEADING = "Giữ lửa cho nghề cũ"
CAPTION = "Người già trong bản dạy lớp trẻ cách chẻ nan và bẻ góc cho chiếc gùi trước hiên nhà sàn"


def read(*lines, gap="\n\n"):
    return read_seed_text(gap.join(lines), fetched_at=NOW).gold


@pytest.mark.parametrize("gap", ["\n", "\n\n", "\n \u00a0 \n", "\r\n\r\n"])
def test_fields_of_a_text_with_everything(gap):
    gold = read(
        "Truy cập nội dung luôn", "Chuyện nghề", f"{TITLE} In trang", "Văn hóa - Ngày đăng : 05:40, 02/06/2023", LEDE, CAPTION,
        FIRST, HEADING, SECOND, "BÚT TRE XANH (Báo Bản Làng)", "Lượt xem: 17", "Tin liên quan", gap=gap,
    )  # fmt: skip
    assert gold.title == TITLE
    assert gold.kicker == "Chuyện nghề"
    assert gold.section == "Văn hóa"
    assert gold.published_at == "2023-06-02T05:40:00+07:00"
    assert gold.lede == LEDE
    assert gold.captions == (CAPTION,)
    assert gold.body == (FIRST, HEADING, SECOND)
    assert gold.author == "Bút Tre Xanh"
    assert gold.source == "Báo Bản Làng"
    assert set(gold.boilerplate) == {
        "Truy cập nội dung luôn",
        "In trang",
        "Ngày đăng :",
        "Lượt xem: 17",
        "Tin liên quan",
    }


@pytest.mark.parametrize(
    ("line", "when"),
    [
        ("28/10/2022 10:04 SA", "2022-10-28T10:04:00+07:00"),
        ("28/10/2022 10:04 CH", "2022-10-28T22:04:00+07:00"),
        ("Thứ Sáu, 26/10/2018 | 16:26", "2018-10-26T16:26:00+07:00"),
        ("Cập nhật: 08:39 ngày 07/12/2021", "2021-12-07T08:39:00+07:00"),
        ("Chủ nhật, ngày 05/04/2020 - 07:30", "2020-04-05T07:30:00+07:00"),
    ],
)
def test_datelines(line, when):
    gold = read(TITLE, line, LEDE, FIRST, SECOND)
    assert gold.published_at == when
    assert gold.title == TITLE


def test_a_slogan_above_the_title_is_neither_kicker_nor_date():
    slogan = "Thi đua lập thành tích chào mừng kỷ niệm 50 năm ngày thành lập bản (1/2/1975-1/2/2025)"
    gold = read(slogan, TITLE, LEDE, FIRST, SECOND)
    assert (gold.kicker, gold.title, gold.published_at) == (None, TITLE, None)
    assert gold.boilerplate == (slogan,)


def test_a_long_first_paragraph_is_no_lede():
    gold = read(TITLE, f"{FIRST} {SECOND}", SECOND, FIRST)
    assert gold.lede is None
    assert gold.body == (f"{FIRST} {SECOND}", SECOND, FIRST)


@pytest.mark.parametrize("caption", [f"{CAPTION}. Ảnh: B.T", "Gùi bán ở chợ phiên. Ảnh: B.T", CAPTION])
def test_captions_are_told_from_headings(caption):
    gold = read(TITLE, LEDE, FIRST, caption, SECOND, HEADING, FIRST.replace("Tết", "mùa"))
    assert gold.captions == (caption,)
    assert HEADING in gold.body


def test_a_caption_that_stands_twice_is_one():
    gold = read(TITLE, FIRST, "Gùi ở chợ phiên", "Gùi ở chợ phiên", SECOND)
    assert gold.captions == ("Gùi ở chợ phiên",)


def test_what_follows_the_signature_is_junk():
    junk = [
        "Viết bình luận mới",
        "thăm dò ý kiến",
        "Theo bạn, nghề cũ có nên giữ hay không?",
        "Trời nhiều mây, có lúc có mưa rào rải rác vài nơi, gió nhẹ, nhiệt độ từ 18 đến 24 độ.",
    ]
    gold = read(TITLE, LEDE, FIRST, SECOND, "BÚT TRE XANH", *junk)
    assert gold.author == "Bút Tre Xanh"
    assert gold.body == (FIRST, SECOND)
    assert gold.boilerplate == tuple(junk)


def test_a_bare_host_at_the_end_is_site_and_source():
    gold = read(TITLE, LEDE, FIRST, SECOND, "baobanlang.vn")
    assert (gold.site, gold.source) == ("baobanlang.vn", "baobanlang.vn")


def test_labels_give_author_and_source():
    gold = read(TITLE, LEDE, FIRST, SECOND, "Tác giả: Bút Tre Xanh", "Nguồn:TTXVN Copy link", "Tìm kiếm")
    assert (gold.author, gold.source) == ("Bút Tre Xanh", "TTXVN")
    assert "Copy link" in gold.boilerplate


def test_it_says_where_it_is_unsure():
    uncertain = read_seed_text(f"{TITLE}\n{LEDE}\n{FIRST}\n{SECOND}", fetched_at=NOW).uncertain
    assert {line.split(":")[0] for line in uncertain} == {"published_at", "lede", "author"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"mau\.txt: the text is empty"),
        (" \n\u00a0\n", r"mau\.txt: the text is empty"),
        ("Menu\nTrang chủ\nLiên hệ", r"mau\.txt: no paragraph"),
        ("x" * (MAX_CHARS + 1), r"mau\.txt: 300,001 characters"),
    ],
    ids=["empty", "blank", "menu", "too large"],
)
def test_bad_seeds_say_what_is_wrong(text, message):
    with pytest.raises(LearningError, match=message):
        read_seed_text(text, fetched_at=NOW, seed="mau.txt")


@given(st.text(alphabet=st.sampled_from("aàbđ .,:|/\n0129Ảnh()-"), max_size=400))
def test_any_text_is_read_or_refused(text):
    try:
        gold = read_seed_text(text, fetched_at=NOW).gold
    except LearningError:
        return
    told = re.sub(
        r"\s", "", "".join([gold.title or "", gold.kicker or "", *gold.lines, *gold.captions, *gold.boilerplate])
    )
    assert set(told) <= set(re.sub(r"\s", "", text))


@pytest.mark.parametrize("path", sorted(SEEDS.glob("*/01.txt")), ids=lambda path: path.parent.name)
def test_the_projects_own_seeds_are_read_as_their_gold_says(path):
    gold = json.loads(path.with_suffix(".json").read_text("utf-8"))
    read_gold = read_seed_text(path.read_text("utf-8"), fetched_at=NOW).gold

    def plain(value):
        return " ".join(value.split()) if value else value

    for name in ("title", "kicker", "lede", "published_at", "section", "author", "source"):
        assert plain(getattr(read_gold, name)) == plain(gold[name]), name
    assert list(map(plain, read_gold.body)) == list(map(plain, gold["body"]))
    assert list(map(plain, read_gold.captions)) == list(map(plain, gold["captions"]))
