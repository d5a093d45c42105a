"""The article's text: all of it, and nothing else."""
# ruff: noqa: E501 - sentences and pages read best whole

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extraction.blocks import MAX_BLOCKS, read_blocks
from crawler.extraction.body import read_body
from crawler.extraction.document import parse
from crawler.extraction.furniture import is_furniture_name
from crawler.extraction.furniture_lines import is_dated_byline, is_furniture_text
from crawler.sites.profile import SiteProfile, Template

PROFILE = SiteProfile(hosts=("baolang.example",))
ONE = "Con đường bê tông dài ba cây số nối hai thôn vừa được khánh thành vào sáng nay trong niềm vui của bà con."
TWO = "Trước đây mỗi khi mưa xuống, học sinh phải lội bùn đến trường và xe chở nông sản không thể nào vào được thôn."
THREE = (
    "Bà con đã góp hơn nghìn ngày công, hiến đất và dỡ bỏ tường rào để con đường kịp hoàn thành trước mùa mưa năm nay."
)
TEASER = (
    "Một bài khác kể về chuyến đò cuối năm trên sông, nơi người lái đò già vẫn miệt mài chở khách qua lại mỗi ngày."
)


def body(inner, template=None, head=""):
    html = f"<html><head><title>Đường mới về thôn</title>{head}</head><body>{inner}</body></html>"
    return read_body(parse(html.encode(), "https://baolang.example/bai"), PROFILE, template)


BODY = Template(body=(".noi-dung",))


def paragraphs(inner, **fields):
    return body(inner, Template(**({"body": (".noi-dung",)} | fields))).paragraphs


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        pytest.param(f"<p>{ONE}</p><p>{TWO}</p>", (ONE, TWO), id="paragraphs"),
        pytest.param(f"{ONE}<br><br>{TWO}<br /><br>{THREE}", (ONE, TWO, THREE), id="text between double breaks"),
        pytest.param(f"{ONE}<br>{TWO}", (ONE, TWO), id="a single break after a full stop"),
        pytest.param(
            f"<p>{ONE[:30]}<br>{ONE[30:]}</p>", (f"{ONE[:30]} {ONE[30:]}".replace("  ", " "),), id="break in a sentence"
        ),
        pytest.param(f"<p>{ONE}</p><h2>Niềm vui lớn</h2><p>{TWO}</p>", (ONE, "Niềm vui lớn", TWO), id="heading"),
        pytest.param(
            f"<p>{ONE}</p><ul><li>Dài ba cây số</li><li>Rộng năm mét</li></ul>",
            (ONE, "Dài ba cây số", "Rộng năm mét"),
            id="list",
        ),
        pytest.param(
            f"<p>{ONE}</p><table><tr><td>Thôn Hạ</td><td>12 hộ</td></tr></table>", (ONE, "Thôn Hạ", "12 hộ"), id="table"
        ),
        pytest.param(
            f"<blockquote><p>{ONE}</p></blockquote><div><div><p>{TWO}</p></div></div>",
            (ONE, TWO),
            id="quote and nesting",
        ),
        pytest.param(f"<p>Con <b>đường</b> <i>bê</i> <span>tông</span>{ONE[17:]}</p>", (ONE,), id="inline markup"),
        pytest.param(
            f"<p>{ONE}</p><!-- {TWO} --><script>var a = 1</script><p>{THREE}</p>",
            (ONE, THREE),
            id="comments and scripts",
        ),
        pytest.param(f"<p>{ONE}</p><p>&nbsp;</p><p>\u00a0</p><p>{TWO}</p>", (ONE, TWO), id="empty paragraphs"),
        pytest.param(
            f"<p>{ONE}<o:p></o:p></p><p class=MsoNormal>{TWO}<st1:place>.</st1:place></p>",
            (ONE, f"{TWO}."),
            id="Word markup",
        ),
    ],
)
def test_everything_in_the_container_is_kept(inner, expected):
    assert paragraphs(f"<div class='noi-dung'>{inner}</div>") == expected


@pytest.mark.parametrize(
    "inner",
    [
        f"<div class='tin-lien-quan'><p>{TEASER}</p></div>",
        f"<div type='RelatedOneNews'><a href='/x'>{TEASER[:40]}</a></div>",
        f"<ul class='related-news'><li><a href='/x'>{TEASER[:40]}</a></li></ul>",
        "<p>Xem thêm: <a href='/x'>Chuyến đò cuối năm</a></p>",
        "<p><a href='/x'>&gt;&gt; Chuyến đò cuối năm</a></p>",
        "<div class='rating'>Tổng số điểm của bài viết là: 0 trong 0 đánh giá</div>",
        "<p>Lượt xem: 839</p>",
        "<p>A- A A+</p>",
        "<div class='share-bar'><span>Chia sẻ</span></div>",
        "<div>Tăng tương phản Giảm tương phản</div>",
        "<div class='box-poll'><p>Theo bạn, chợ quê có nên họp cả buổi chiều hay không?</p></div>",
        "<nav><a href='/'>Trang chủ</a></nav>",
        "<form><label>Ý kiến của bạn về bài viết này xin gửi về địa chỉ của tòa soạn</label></form>",
    ],
)
def test_furniture_in_the_container_is_left_out(inner):
    assert paragraphs(f"<div class='noi-dung'><p>{ONE}</p>{inner}<p>{TWO}</p></div>") == (ONE, TWO)


@pytest.mark.parametrize(
    "picture",
    [
        "<figure><img src=a><figcaption>Con đường ngày khánh thành. Ảnh: X.Y</figcaption></figure>",
        "<table class='image center'><tr><td><img src=a></td></tr><tr><td class=desc>Con đường ngày khánh thành. Ảnh: X.Y</td></tr></table>",
        "<table><tr><td><img src=a></td></tr><tr><td><p class=MsoNormal>Con đường ngày khánh thành. Ảnh: X.Y</p></td></tr></table>",
        "<div class='VCSortableInPreviewMode'><img src=a><p class='PhotoCMS_Caption'>Con đường ngày khánh thành. Ảnh: X.Y</p></div>",
        "<div class='anh'><img src=a></div><p class='image_desc'>Con đường ngày khánh thành. Ảnh: X.Y</p>",
        "<p style='text-align:center'><img src=a><br><em>Con đường ngày khánh thành. Ảnh: X.Y</em></p>",
    ],
)
def test_captions_stand_apart(picture):
    read = body(f"<div class='noi-dung'><p>{ONE}</p>{picture}<p>{TWO}</p></div>", BODY)
    assert read.paragraphs == (ONE, TWO)
    assert read.captions == ("Con đường ngày khánh thành. Ảnh: X.Y",)


@pytest.mark.parametrize(
    "inner",
    [
        "<div align=center>Một hàng chữ.<br><br><img src=a><br>CAPTION</div>",
        "<div style='text-align:center'><div><img src=a><br></div><div>CAPTION</div></div>",
        "<p><em>Một hàng chữ.</em><br><br><img src=a></p><p align=center>CAPTION</p>",
        "<p>Ảnh chụp tại chợ phiên cuối năm</p><img src=a>".replace("Ảnh chụp tại chợ phiên cuối năm", "CAPTION"),
    ],
    ids=["in one division", "centred from outside", "below a line and its picture", "by its first words"],
)
def test_captions_are_known_by_what_stands_right_above(inner):
    caption = "Ảnh chụp tại chợ phiên cuối năm"
    inner = f"<p>{ONE}</p>{inner.replace('CAPTION', caption)}<p>{TWO}</p><p>{THREE}</p>"
    keep = ("(text)", "div", "div > div", "p", "p > (i)")
    read = body(f"<div class='noi-dung'>{inner}</div>", Template(body=(".noi-dung",), keep_blocks=keep))
    assert caption in read.captions
    assert caption not in read.paragraphs
    assert {ONE, TWO, THREE} <= set(read.paragraphs)


def test_captions_that_are_most_of_the_text_are_the_story():
    inner = "".join(
        f"<p align=center><img src=a{n}></p><p align=center>{line}</p>" for n, line in enumerate([TWO, THREE])
    )
    keep = Template(body=(".noi-dung",), keep_blocks=("p",))
    assert body(f"<div class='noi-dung'><p>Chợ quê ngày giáp Tết.</p>{inner}</div>", keep).paragraphs[1:] == (
        TWO,
        THREE,
    )


def test_elements_that_a_site_made_up_stand_in_the_line():
    inner = f"<p>{ONE} (<x-source kind=a><a href=/n>1</a></x-source>).</p><p>{TWO}</p>"
    assert paragraphs(f"<div class='noi-dung'>{inner}</div>") == (f"{ONE} (1).", TWO)


def test_a_line_dropped_at_the_end_is_kept_between_paragraphs():
    inner = f"<p>{ONE}</p><p><b>Một ngày ở chợ</b></p><p>{TWO}</p><p><b>Mời bạn đọc gửi bài</b></p>"
    template = Template(body=(".noi-dung",), keep_blocks=("p", "p > (b)"), drop_blocks=("p > (b) > (end)",))
    assert body(f"<div class='noi-dung'>{inner}</div>", template).paragraphs == (ONE, "Một ngày ở chợ", TWO)


def test_lede_outside_the_body_comes_first_and_is_named():
    read = body(
        f"<h2 class=sapo>{ONE}</h2><p>Chia sẻ</p><div class='noi-dung'><p>{TWO}</p></div>",
        Template(lede=(".sapo",), body=(".noi-dung",)),
    )
    assert read.paragraphs == (ONE, TWO)
    assert read.lede == ONE


def test_lede_printed_twice_stands_once():
    inner = f"<div class=desc>{ONE}</div><div class='noi-dung'><p><strong>{ONE}</strong></p><p>{TWO}</p></div>"
    assert paragraphs(inner, lede=(".desc",)) == (ONE, TWO)


def test_a_refrain_of_the_author_is_kept():
    refrain = "Và con đường cứ thế dài ra theo những mùa ngô, mùa lúa của người làng tôi."
    lines = [ONE, TWO, THREE, "Những ngày tháng Chạp", refrain, TEASER, refrain]
    inner = "".join(f"<p>{line}</p>" for line in lines)
    assert paragraphs(f"<div class='noi-dung'>{inner}</div>") == tuple(lines)


def test_only_the_first_lede_that_finds_text_is_taken():
    inner = (
        f"<p class=sapo></p><p class=sapo>{ONE}</p><div class='noi-dung'><p>{TWO}</p></div><p class=sapo>{TEASER}</p>"
    )
    assert paragraphs(inner, lede=(".sapo",)) == (ONE, TWO)


def test_split_containers_are_read_in_page_order():
    inner = f"<div class=doan>{ONE}</div><div class=qc>Mua ngay</div><div class=doan>{TWO}</div><div class=doan>{THREE}</div>"
    assert paragraphs(inner, body=(".doan",)) == (ONE, TWO, THREE)


@pytest.mark.parametrize(
    "fields",
    [
        {"drop": (".la",)},
        {"drop_lines": (TEASER,)},
        {"drop_lines": (TEASER.upper(),)},
        {"drop_blocks": ("div.la > p",)},
    ],
    ids=["selector", "line", "line in capitals", "path"],
)
def test_what_the_profile_drops_is_dropped(fields):
    assert paragraphs(f"<div class='noi-dung'><p>{ONE}</p><div class=la><p>{TEASER}</p></div></div>", **fields) == (
        ONE,
    )


def test_what_learning_saw_as_text_is_kept_whatever_it_looks_like():
    inner = f"<div class='noi-dung'><p>{ONE}</p><div class='related'><p>Ngắn thôi</p></div></div>"
    assert paragraphs(inner) == (ONE,)
    assert paragraphs(inner, keep_blocks=("p", "div.related > p")) == (ONE, "Ngắn thôi")


def test_title_and_author_inside_the_container_are_not_text():
    inner = f"<div class='noi-dung'><h1 class=t>Đường mới về thôn</h1><p>{ONE}</p><p class=ai>Bút Tre Xanh</p></div>"
    assert paragraphs(inner, title=("h1.t",), authors=(".ai",)) == (ONE,)


def test_a_template_with_too_little_text_gives_way_to_generic_extraction():
    read = body(
        f"<div class=khac><p>Ngắn.</p></div><article><p>{ONE}</p><p>{TWO}</p><p>{THREE}</p></article>",
        Template(body=(".khac",)),
    )
    assert read.extraction == "generic"
    assert read.paragraphs == (ONE, TWO, THREE)


def test_generic_extraction_finds_lede_body_and_captions():
    head = f'<meta name="description" content="{ONE[:80]}">'
    inner = (
        f"<ul><li><a href=/>Trang chủ</a></li></ul><div><h1>Đường mới về thôn</h1><h2>{ONE}</h2><div><p>{TWO}</p>"
        f"<p align=center><img src=a></p><p align=center>Con đường trong nắng sớm</p><p>{THREE}</p><p>{TEASER}</p>"
        f"<p>Xem thêm: <a href=/b>Chuyến đò</a></p></div></div>"
    )
    read = body(inner, head=head)
    assert read.paragraphs == (ONE, TWO, THREE, TEASER)
    assert read.captions == ("Con đường trong nắng sớm",)
    assert ("text", "trafilatura") in read.sources


def test_a_page_without_text_has_no_body():
    assert body("") is None
    assert body("<div class='noi-dung'></div>", BODY) is None


def test_link_share_counts_characters_in_links():
    read = body(f"<div class='noi-dung'><p>{ONE}</p><p>{TWO} <a href=/x>{TWO}</a></p></div>", BODY)
    assert 0.3 < read.link_share < 0.4


@pytest.mark.parametrize(
    "name", ["c-print__sapo", "article__body", "main-content", "adsorption", "commentary", "print-news"]
)
def test_names_of_text_are_no_furniture(name):
    assert not is_furniture_name(name)


@pytest.mark.parametrize(
    "name", ["box-related", "relatedPosts", "share_bar", "article__tags", "adsWrapper", "binh-luan"]
)
def test_names_of_furniture_are_recognised(name):
    assert is_furniture_name(name)


@pytest.mark.parametrize(
    ("line", "is_furniture"),
    [
        ("Xem thêm", True), ("TIN LIÊN QUAN", True), ("Tin liên quan:", True), ("Thứ Sáu, 26/10/2018 | 16:26", True),
        ("Ngày đăng : 05:40, 02/06/2023", True), ("***", True), ("Năm 2018", False),
        ("Xem thêm một bài hát cũ, ông lại nhớ về những ngày hành quân trên dãy núi ấy với đồng đội", False), ("5.000 đồng", False),
        ("toasoan@baolang.example", True), ("Email: ban.doc@baolang.example", True), ("@baolang", True),
        ("Gửi thư cho tòa soạn theo địa chỉ toasoan@baolang.example trước ngày mai.", False),
        ("© 2019 Báo Làng. Mọi quyền được giữ.", True), ("Copyright (c) 2020 Village Press", True),
        ("Copyright law was changed last year.", False),
        ("© 2019 Village Press. All rights reserved. Nobody may print, send, rewrite or sell this without a letter.", True),
        ("Chữ © 2019 trên bìa sách cho biết năm in, còn tên nhà in thì phải lật đến trang cuối mới thấy.", False),
        ("Copyright 1976 was the last year in which the village printed its own songs and sold them at the fair.", False),
        ("Chuyến đò cuối rời bến lúc 10:30 ngày 10/05/2020.", False),
        ("- Chợ quê họp lại sau mùa lũ (26/12)", False), ("Làng Trên - Làng Dưới, 10/05/2020 10:30", False),
        ("Chợ quê họp lại từ ngày 26/11/2012", False), ("- Đợt một: trồng rừng (26/12) và dựng nhà cho dân.", False),
        ("Follow the Village Press on Twitter @village", True), ("Follow the path on the left bank.", False),
        ("Page last updated at 02:18 GMT, Tuesday, 10 March 2009", True), ("E-Mail | Print | Ask for copies", True),
        ("Village | River | Hill", False), ("Each week we walk to another village. Click to subscribe!", True),
        ("Follow the money on Facebook and you will find the same three companies behind each of the songs.", False),
        ("Follow @village on Twitter to hear of each fair a day before it opens and of songs that nobody sang.", True),
    ],
)  # fmt: skip
def test_lines_that_are_furniture_by_their_words(line, is_furniture):
    assert is_furniture_text(line) is is_furniture


@pytest.mark.parametrize(
    ("line", "is_byline"),
    [
        ("By Plain Reed, 09.18.09, 10:09 AM EDT", True), ("Mây Ngàn - 10/05/2020 10:30", True),
        ("Làng Trên - Làng Dưới, 10/05/2020 10:30", False), ("Chuyến đò cuối, 10/05/2020 10:30", False),
        ("Chuyến đò cuối rời bến lúc 10:30 ngày 10/05/2020.", False), ("10/05/2020 10:30", False),
    ],
)  # fmt: skip
def test_names_with_a_time_behind_them(line, is_byline):
    assert is_dated_byline(line) is is_byline


@pytest.mark.parametrize(("start", "end", "n_kept"), [("<a href=/x>", "</a>", 0), ("", "", 3)])
def test_dated_links_are_other_articles_and_dated_lines_are_text(start, end, n_kept):
    lines = [f"Hội làng mở lần thứ {n}" for n in ("nhất", "hai", "ba")]
    items = "".join(f"<li>{start}{line}{end} (26/12)</li>" for line in lines)
    kept = paragraphs(
        f"<div class=noi-dung><p>{ONE}</p><ul>{items}</ul><p>{TWO}</p></div>", keep_blocks=("p", "ul > li")
    )
    assert kept == (ONE, *(f"{line} (26/12)" for line in lines[:n_kept]), TWO)


CENTRED = "<p style='text-align: center'>"


def test_paragraphs_below_pictures_are_text_where_all_paragraphs_look_so():
    inner = f"<img src=a.jpg>{CENTRED}{ONE}</p>{CENTRED}{TWO}</p>{CENTRED}{THREE}</p>"
    read = body(f"<div class='noi-dung'>{inner}</div>", Template(body=(".noi-dung",), keep_blocks=("p",)))
    assert (read.paragraphs, read.captions) == ((ONE, TWO, THREE), ())


def test_a_centred_line_below_a_picture_is_a_caption_where_the_text_is_not_centred():
    inner = f"<p>{ONE}</p><img src=a.jpg>{CENTRED}Bà con trên con đường mới</p><p>{TWO}</p><p>{THREE}</p>"
    read = body(f"<div class='noi-dung'>{inner}</div>", Template(body=(".noi-dung",), keep_blocks=("p",)))
    assert (read.paragraphs, read.captions) == ((ONE, TWO, THREE), ("Bà con trên con đường mới",))


@pytest.mark.parametrize(("size", "is_text"), [("24", True), ("240", False)])
def test_a_quotation_with_icons_beside_it_is_no_caption(size, is_text):
    quoted = f"<table><tr><td><img src=a.gif width={size} height={size}><p>{TWO}</p></td></tr></table>"
    read = body(f"<div class='noi-dung'><p>{ONE}</p>{quoted}<p>{THREE}</p></div>", BODY)
    assert (TWO in read.paragraphs) is is_text


def test_a_teaser_of_the_article_itself_is_no_text():
    teaser = f"<ul><li><a href=/bai>Đường mới về thôn</a> {ONE[:70].rsplit(' ', 1)[0]}...</li></ul>"
    article = f"<div><h2>Đường mới về thôn</h2><p>{ONE}</p><p>{TWO}</p><p>{THREE}</p></div>"
    read = body(f"<div class=trai>{teaser}{article}</div>")
    assert read.paragraphs[-3:] == (ONE, TWO, THREE)
    assert not any(text.endswith("...") for text in read.paragraphs)


@pytest.mark.slow
@pytest.mark.parametrize(
    "bomb",
    ["<div>" * 30_000, "<p>x" * 100_000, "<b><p>x</b>" * 5_000, "a<br>" * 100_000, "<a href=x><table><tr><td>" * 2_000],
)
def test_bombs_end_in_time_and_raise_nothing(bomb):
    document = parse(
        f"<html><body><div class='noi-dung'>{bomb}</div></body></html>".encode(), "https://baolang.example/"
    )
    assert len(read_blocks(document.tree)) <= MAX_BLOCKS + 1
    read_body(document, PROFILE, BODY)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["<p>", "</p>", "<div class='noi-dung'>", "</div>", "<br>", "<table><tr><td>", "</table>", "<a href=x>", "</a>", "<li>", ONE, TWO, "x", "&nbsp;", "<!--", "-->", "<b>"]), max_size=40))  # fmt: skip
def test_any_markup_keeps_the_words_in_order_and_raises_nothing(pieces):
    document = parse("".join(["<html><body>", *pieces]).encode(), "https://baolang.example/")
    words = " ".join(block.text for block in document.blocks).split()
    shown = " ".join(document.tree.itertext()).split()
    assert "".join(words) == "".join(shown)
    read_body(document, PROFILE, BODY)


def test_a_slide_show_printed_for_wide_and_narrow_screens_is_read_once():
    slides = "".join(
        f"<div class=wide><p>{line}</p></div><div class=narrow><p>{line}</p></div>"
        for line in (ONE, TWO, THREE, TEASER)
    )
    assert paragraphs(f"<div class='noi-dung'><p>Mở đầu của câu chuyện ngắn này.</p>{slides}</div>")[1:] == (
        ONE,
        TWO,
        THREE,
        TEASER,
    )


def test_a_template_of_another_layout_gives_way_when_it_misses_the_body():
    inner = f"<article><h1>Đường mới về thôn</h1><p class=dan>{ONE}</p><div><p>{TWO}</p><p>{THREE}</p><p>{TEASER}</p></div></article>"
    read = body(inner, Template(body=("p.dan",)))
    assert read.extraction == "generic"
    assert read.paragraphs == (ONE, TWO, THREE, TEASER)


def test_long_teasers_below_a_short_article_do_not_shake_its_template():
    teasers = "".join(f"<li><h3><a href=/{n}>Bài khác số {n}</a></h3><p>{TEASER} Số {n}.</p></li>" for n in range(9))
    inner = f"<div><h1>Đường mới về thôn</h1><div class='noi-dung'><p>{ONE}</p></div><ul>{teasers}</ul></div>"
    read = body(inner, BODY)
    assert (read.extraction, read.paragraphs) == ("template", (ONE,))


FILLER = "".join(f"<p>{ONE.replace('ba cây số', f'{n} cây số')}</p>" for n in range(4, 9))


def test_prose_in_nameless_divisions_beside_paragraphs_is_read_from_the_headline_on():
    inner = f"<div class=khung><h1>Đường mới về thôn</h1><div class=than><div>{TWO}</div>{FILLER}<div>{THREE}</div>{FILLER}</div></div>"
    found = body(inner).paragraphs
    assert TWO in found
    assert THREE in found


def test_where_only_captions_were_found_the_lede_is_the_text():
    side = "".join(
        f"<table><tr><td><img src=a.jpg></td></tr><tr><td>Ảnh {n} của bạn đọc gửi về từ vùng cao</td></tr></table>"
        for n in range(6)
    )
    inner = f"<div><h1>Đường mới về thôn</h1><h2>{ONE}</h2><img src=b.jpg></div><div>{side}</div>"
    found = body(inner, head=f"<meta name=description content='{ONE}'>").paragraphs
    assert found == (ONE,)


def test_the_lede_leaves_out_what_its_box_holds_beside_it():
    inner = (
        f"<div class=dau><h1>Đường mới về thôn</h1><div class=ngay>Thứ hai, 24/11/2025</div><h2>{ONE}</h2></div>"
        f"<div class=noi-dung><p>{TWO}</p><p>{THREE}</p></div>"
    )
    template = Template(lede=(".dau",), title=(".dau > h1",), drop=("div.ngay",), body=(".noi-dung",))
    found = body(inner, template)
    assert found.lede == ONE
    assert found.paragraphs == (ONE, TWO, THREE)


LONG = "Con đường mới mở qua ba xã vùng cao đã giúp bà con chở nông sản xuống chợ nhanh hơn trước nhiều lần."
EMBED = f"<blockquote class='twitter-tweet'><p>{LONG}</p>— Nick (@nick) <a href='/'>1 tháng 2</a> năm nay</blockquote>"


@pytest.mark.parametrize(
    ("line", "is_text"),
    [
        ("<h3>Đường mới</h3>", True),
        ("<p><b>Đường mới</b></p>", True),
        ("<p><i>Đường mới</i></p>", True),
        ("<p><a href='/x'>Đường mới</a></p>", False),
        ("<h3><a href='/x'>Đường mới</a></h3>", False),
    ],
)
def test_short_lines_are_judged_by_form_and_place_without_trafilatura(line, is_text, monkeypatch):
    monkeypatch.setattr("crawler.extraction.selected.clean_subtree", lambda *_: pytest.fail("trafilatura was asked"))
    inner = f"<div class='noi-dung'><p>{LONG}</p>{line}<p>{LONG} Thật vậy.</p></div>"
    text = paragraphs(inner, keep_blocks=("p",))
    assert ("Đường mới" in text) is is_text


def test_a_post_of_another_site_leaves_its_signature_behind():
    inner = f"<div class='noi-dung'><p>{LONG} Thật vậy.</p>{EMBED}<p>{LONG} Đúng thế.</p></div>"
    text = paragraphs(inner, keep_blocks=("p",))
    assert LONG in text
    assert not any("@nick" in line for line in text)
