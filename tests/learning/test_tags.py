"""The box of key words is learned from what a seed's page declares, or from its name."""
# ruff: noqa: E501 - sentences read best whole

import pytest

from crawler.extraction.document import parse
from crawler.extraction.metadata import read_tags
from crawler.learning.gold import GoldFields, SeedPage
from crawler.learning.template import learn_template

TITLE = "Làng hoa ven sông vào vụ Tết"
BODY = (
    "Từ giữa tháng Chạp, những luống cúc đầu tiên của làng hoa ven sông đã hé nụ, người trồng hoa thức từ ba giờ sáng để tưới.",
    "Hợp tác xã cho biết năm nay cả làng trồng hơn hai mươi vạn chậu, nhiều nhất vẫn là cúc mâm xôi và vạn thọ lùn.",
    "Thương lái các tỉnh đã đặt cọc từ sớm, giá mỗi chậu nhích lên đôi chút vì phân bón và công chăm sóc đều tăng.",
)
MENU = "<ul class=menu><li><a href=/>Trang chủ</a></li><li><a href=/xa-hoi>Xã hội</a></li></ul>"


def page(words, *, declared=(), box="div class=o-chu"):
    links = " ".join(f"<a href='/tu/{n}'>{word}</a>" for n, word in enumerate(words))
    metas = f"<meta name=keywords content='{', '.join(declared)}'>" if declared else ""
    body = "".join(f"<p>{line}</p>" for line in BODY)
    html = (
        f"<html><head><title>{TITLE}</title>{metas}</head><body>{MENU}<h1 class=td>{TITLE}</h1>"
        f"<div class=noi-dung>{body}</div><{box}>{links}</{box.split()[0]}></body></html>"
    )
    return parse(html.encode(), "https://hoa.example/bai")


def learn(document, **gold):
    return learn_template([SeedPage(document, GoldFields(title=TITLE, body=BODY, **gold))]).templates[0]


@pytest.mark.parametrize(
    ("seed", "gold"),
    [
        (page(("hoa Tết", "cúc mâm xôi"), declared=("hoa Tết", "cúc mâm xôi", "làng hoa")), {}),
        (page(("hoa Tết", "cúc mâm xôi"), box="div class=article-tags"), {}),
        (page(("hoa Tết", "cúc mâm xôi")), {"tags": ("hoa Tết", "cúc mâm xôi")}),
    ],
    ids=["declared", "a box by its name", "gold"],
)
def test_a_box_of_key_words_is_learned(seed, gold):
    template = learn(seed, **gold)
    box = "div class=article-tags" if "article-tags" in seed.text else "div class=o-chu"
    words, source = read_tags(page(("đê biển", "thủy lợi", "vụ xuân"), box=box), template)
    assert words == ("đê biển", "thủy lợi", "vụ xuân")
    assert source == f"template:{template.tags[0]}"


@pytest.mark.parametrize(
    "seed",
    [
        page(("hoa Tết", "cúc mâm xôi")),
        page(("hoa Tết", "cúc mâm xôi"), declared=("báo", "tin tức", "xã hội")),
        page(tuple(f"từ {n}" for n in range(60)), box="div class=tags"),
    ],
    ids=["nothing says so", "declared for the whole site", "a cloud"],
)
def test_no_other_links_are_taken_for_key_words(seed):
    assert learn(seed).tags == ()
