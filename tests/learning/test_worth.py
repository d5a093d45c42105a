"""More seeds never make a site read worse: what misleads learning is left out, and a bad template is not used."""
# ruff: noqa: E501 - sentences and pages read best whole

from datetime import UTC, datetime

from crawler.extraction.body import read_body
from crawler.extraction.document import parse
from crawler.extraction.template import choose_template
from crawler.learning.gold import GoldFields, SeedPage
from crawler.learning.layout import learn_page
from crawler.learning.template import learn_template
from crawler.learning.worth import generic_f1, is_worth
from crawler.sites.profile import SiteProfile, Template

TITLE = "Bến đò cũ bên sông mở lại sau mười năm"
LINES = (
    "Sáng sớm, sương còn giăng trên mặt nước thì những chuyến đò đầu tiên đã rời bến, chở theo rau quả của cả một vùng bãi bồi.",
    "Người lái đò kể rằng mười năm trước bến này vắng khách, cây cầu mới phía thượng nguồn khiến ai cũng ngại đường vòng qua sông.",
    "Năm nay, chợ nổi được dựng lại ngay dưới chân bến, khách từ các huyện lân cận tìm về mua bán và ngắm cảnh quê mỗi cuối tuần.",
    "Ủy ban xã đã cấp áo phao cho từng chuyến, kẻ vạch mớn nước trên thân đò và cử người trực ở bến vào những ngày nước lớn.",
)
HEADING = "Chợ nổi dưới chân bến"


def page(body, title=TITLE):
    html = f"<html><head><title>{title}</title></head><body><h1 class=tieu-de>{title}</h1><div class=noi-dung>{body}</div><div class=chan>Cơ quan chủ quản của tờ báo</div></body></html>"
    return parse(html.encode(), "https://ben.example/bai")


def paragraphs(document, templates):
    profile = SiteProfile(hosts=("ben.example",), templates=tuple(templates))
    template = choose_template(document, profile, datetime(2026, 1, 1, tzinfo=UTC))
    return read_body(document, profile, template).paragraphs


def test_a_bold_signature_does_not_teach_to_drop_bold_headings():
    body = "".join(f"<p class=doan>{line}</p>" for line in LINES[:3])
    signed = page(f"{body}<p class=doan><b>Bút Tre Xanh</b></p>")
    learned = learn_template([SeedPage(signed, GoldFields(title=TITLE, body=LINES[:3]))])
    headed = page(f"<p class=doan>{LINES[3]}</p><p class=doan><b>{HEADING}</b></p><p class=doan>{LINES[1]}</p>")
    assert paragraphs(headed, learned.templates) == (LINES[3], HEADING, LINES[1])


def test_a_path_with_more_text_than_furniture_is_not_dropped():
    captions = "".join(f"<div><img src=a{n}></div><div><p>Chuyến đò thứ {n} trong ngày</p></div>" for n in range(5))
    body = f"<div><p>{LINES[0]}</p></div><div><p>{LINES[1]}</p></div><div><p>{LINES[2]}</p></div>{captions}"
    learned = learn_template([SeedPage(page(body), GoldFields(title=TITLE, body=LINES[:3]))])
    other = page(f"<div><p>{LINES[3]}</p></div><div><p>{LINES[1]}</p></div>")
    assert paragraphs(other, learned.templates) == (LINES[3], LINES[1])


def test_rows_of_a_table_are_text_where_the_seed_has_them():
    rows = [("Bến", "Giờ", "Vé"), ("Hạ", "5 giờ", "8"), ("Thượng", "6 giờ", "9")]
    table = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    body = "".join(f"<p>{line}</p>" for line in LINES[:3])
    gold = GoldFields(title=TITLE, body=(*LINES[:3], *map(" ".join, rows)))
    document = page(f"{body}<table class=gia>{table}</table>")
    learned = learn_template([SeedPage(document, gold)])
    assert paragraphs(document, learned.templates)[3:] == tuple(cell for row in rows for cell in row if cell)


def test_a_template_that_reads_its_own_seed_worse_than_none_is_not_used():
    body = "".join(f"<div class='o o-{name}'><p>{line}</p></div>" for name, line in zip("abcd", LINES, strict=True))
    gold = GoldFields(title=TITLE, body=LINES)
    learned = learn_page(page(body), gold)
    generic = [generic_f1(learned)]
    assert generic[0] > 0.99
    assert is_worth(Template(body=(".o",)), [learned], generic)
    assert not is_worth(Template(body=(".o-a", ".o-b")), [learned], generic)


def test_a_copy_of_the_whole_text_in_one_piece_teaches_nothing():
    hidden = f"<div><div><div>{' '.join(LINES)}</div></div></div>"
    own = "".join(f"<p>{line}</p>" for line in LINES)
    html = (
        f"<html><body><div class=trang>{hidden}<h1>{TITLE}</h1><div class=bai>{own}</div>{hidden}</div></body></html>"
    )
    document = parse(html.encode(), "https://ben.example/bai")
    (template,) = learn_template([SeedPage(document, GoldFields(title=TITLE, body=LINES))]).templates
    assert template.body == ("div.bai",)
    assert paragraphs(document, [template]) == LINES
