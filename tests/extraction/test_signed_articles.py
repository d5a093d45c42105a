"""Signatures at the right edge of the page, and labels that a style sheet sets apart."""

from datetime import UTC, datetime

import pytest

from crawler.extraction.article import extract
from crawler.extraction.blocks import read_blocks
from crawler.extraction.document import parse
from crawler.extraction.signatures import read_signature
from crawler.items import Article, Page, Pointer
from crawler.sites.profile import SiteProfile

PROSE = "<p>Đảng bộ xã đã chỉ đạo các chi bộ trực thuộc xây dựng kế hoạch đào tạo đội ngũ cán bộ trẻ trong năm nay.</p>"
HEAD = "<h1>Xã vùng cao thêm một con đường mới</h1>"


def credited(inner):
    document = parse(f"<html lang=vi><body>{inner}</body></html>".encode(), "https://baomay.example/1")
    return read_signature(document.blocks, next(document.tree.iter("h1"), None))


@pytest.mark.parametrize(
    ("below", "authors", "source"),
    [
        ('<p align="right"><b>Mây Ngàn</b></p>', ("Mây Ngàn",), None),
        ('<p style="TEXT-ALIGN: right"><strong>MÂY NGÀN - GIÓ NÚI</strong></p>', ("Mây Ngàn", "Gió Núi"), None),
        ('<div style="text-align:right"><p><span>Mây Ngàn</span></p></div>', ("Mây Ngàn",), None),
        ('<p class="has-text-align-right">Mây Ngàn</p>', ("Mây Ngàn",), None),
        ("<div align=right><b>Mây Ngàn</b></div><div align=right><i>Theo Reuters</i></div>", ("Mây Ngàn",), "Reuters"),
        (
            "<div align=right>Theo Mây Ngàn/Baomay.vn</div><div align=right><i>Forbes</i></div>",
            ("Mây Ngàn",),
            "baomay.vn",
        ),
        ("<p>Ảnh cuối bài.</p><p>Thêm một ảnh.</p><p align=right>Mây Ngàn</p>", ("Mây Ngàn",), None),
        ('<p align="right"><b>Papai</b></p>', ("Papai",), None),
        ('<p align="right"><b>M.N</b></p>', ("M.N",), None),
        ('<p align="right"><b>Nhóm PV Kinh tế</b></p>', ("Nhóm PV Kinh tế",), None),
        ("<p>Mây Ngàn</p>", (), None),
        ('<p align="right">Papai</p>', (), None),
        ('<p align="right">Hà Nội, ngày 2 tháng 6 năm 2023</p>', (), None),
        ('<p align="right"><a href="/x">Mây Ngàn</a></p>', (), None),
        ('<p align="right">In trang</p>', (), None),
        (f'<div class="comment">{PROSE}<p align="right">Mây Ngàn</p></div>', (), None),
        ("<p>" + "</p><p>".join("abcdefgh") + '</p><p align="right">Mây Ngàn</p>', (), None),
    ],
)
def test_the_right_edge_signs(below, authors, source):
    found = credited(f"{HEAD}<div>{PROSE * 3}{below}</div><div><p>Tin khác</p></div>")
    assert (found.authors, found.source) == (authors, source)


def test_the_last_signature_signs_the_article():
    epigraph = f'{PROSE}<p align="right">Gió Núi</p>'
    assert credited(f'{HEAD}<div>{epigraph}{PROSE}<p align="right">Mây Ngàn</p></div>').authors == ("Mây Ngàn",)


def test_what_follows_the_signature_is_no_text():
    prose = "".join(PROSE.replace("cán bộ trẻ", f"{n} cán bộ trẻ") for n in ("năm", "sáu", "bảy", "tám", "chín"))
    teaser = (
        "<p>Một con đường khác cũng vừa được mở ở xã bên cạnh, nhiều người dân đã kịp về quê bằng đường mới này.</p>"
    )
    body = f"<html lang=vi><body>{HEAD}<div>{prose}<p align=right><b>Mây Ngàn</b></p></div>{teaser}</body></html>"
    at, url = datetime(2026, 11, 20, tzinfo=UTC), "https://baomay.example/1"
    page = Page(url, url, 200, (), body.encode(), at, "baomay", "seed", Pointer("a.warc.gz", 1, 2))
    article = extract(page, SiteProfile(hosts=("baomay.example",)))
    assert isinstance(article, Article)
    assert article.authors == ("Mây Ngàn",)
    assert "Mây Ngàn" not in article.text
    assert "xã bên cạnh" not in article.text


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        ('<p><span class="location-stamp">TP HCM</span>Nếu có ít tiền.</p>', "TP HCM Nếu có ít tiền."),
        ('<p><span class="place">Hà Giang</span>Hơn 23h đêm.</p>', "Hà Giang Hơn 23h đêm."),
        ('<p><b class="tag">Tin nhanh</b>Ở miền núi.</p>', "Tin nhanh Ở miền núi."),
        ('<p><span class="place">Hà Giang</span> - Hơn 23h đêm.</p>', "Hà Giang - Hơn 23h đêm."),
        ("<p>Hà<b>N</b>ội</p>", "HàNội"),
        ("<p>Hà <b>N</b>ội</p>", "Hà Nội"),
        ('<p>Hà <b class="x">N</b>ội</p>', "Hà Nội"),
        ('<p><span class="cap">N</span>ếu có.</p>', "Nếu có."),
        ('<p><span class="cap">N</span>GUYỄN có.</p>', "NGUYỄN có."),
        ('<p><span class="x">NGUY</span>ỄN CÓ.</p>', "NGUYỄN CÓ."),
        ("<p><span>Vn</span>Express đưa tin.</p>", "VnExpress đưa tin."),
        ('<p>Báo <span class="x">Vn</span>Express đưa tin.</p>', "Báo VnExpress đưa tin."),
        ('<p><span class="x">Giá</span>100 đồng.</p>', "Giá100 đồng."),
    ],
)
def test_only_a_stamp_is_set_apart(inner, text):
    document = parse(f"<html><body>{inner}</body></html>".encode(), "https://baomay.example/1")
    assert [block.text for block in read_blocks(document.tree)] == [text]
