"""One seed teaches a site: containers, fields, furniture, layouts."""
# ruff: noqa: E501 - sentences and pages read best whole

from datetime import UTC, datetime

import pytest
from cms_pages import SIDE, SYSTEMS, TEASER, page

from crawler.errors import LearningError
from crawler.extraction.body import read_body
from crawler.extraction.document import parse
from crawler.extraction.template import choose_template, select_texts
from crawler.learning.gold import GoldFields, SeedPage, gold_from_text
from crawler.learning.template import learn_template
from crawler.sites.profile import SiteProfile

NOW = datetime(2025, 12, 1, tzinfo=UTC)


def read(document, templates):
    profile = SiteProfile(hosts=("baolang.example",), templates=tuple(templates))
    return read_body(document, profile, choose_template(document, profile, NOW))


def learn(*pages, with_fields=True):
    seeds = [
        SeedPage(document, story.gold() if with_fields else gold_from_text(story.gold().text))
        for story, document in pages
    ]
    return learn_template(seeds)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("with_fields", [True, False], ids=["gold", "text only"])
@pytest.mark.parametrize("seed", [0, 3])
def test_one_seed_reads_the_sites_other_pages_word_for_word(system, with_fields, seed):
    templates = learn(page(system, seed), with_fields=with_fields).templates
    for number in (1, 2, 4, 5):
        story, document = page(system, number)
        body = read(document, templates)
        assert body.paragraphs == (story.lede, *story.body)
        assert body.extraction == "template"


@pytest.mark.parametrize("system", SYSTEMS)
def test_pages_alone_teach_when_there_is_no_gold(system):
    pages = [page(system, number) for number in range(5)]
    templates = learn_template([SeedPage(document) for _, document in pages]).templates
    story, document = page(system, 5)
    assert read(document, templates).paragraphs == (story.lede, *story.body)


def test_captions_are_kept_apart():
    templates = learn(page("modern", 0)).templates
    story, document = page("modern", 1)
    assert read(document, templates).captions == (story.caption,)


def test_lede_is_named_where_the_page_sets_it_apart():
    templates = learn(page("modern", 0)).templates
    story, document = page("modern", 1)
    assert read(document, templates).lede == story.lede


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("title", "title"), ("lede", "lede"), ("authors", "author"), ("section", "section"), ("published", "date")],
)
def test_selectors_of_fields_find_them_on_other_pages(name, wanted):
    template = learn(page("modern", 0)).templates[0]
    for number in range(1, 6):
        story, document = page("modern", number, author="Cây Viết Phụ")
        found = select_texts(document, getattr(template, name))
        assert getattr(story, wanted) in found[0][1]


def test_selectors_are_names_without_serial_numbers():
    template = learn(page("modern", 0)).templates[0]
    assert template.body == ("div.story__body",)
    assert template.lede == ("h2.story__sapo",)


def test_two_layouts_give_two_templates_and_each_page_finds_its_own():
    learned = learn(page("modern", 0), page("old", 1), page("modern", 2))
    assert len(learned.templates) == 2
    assert learned.report.layouts == (0, 1, 0)
    for system in ("modern", "old"):
        story, document = page(system, 4)
        assert read(document, learned.templates).paragraphs == (story.lede, *story.body)


def test_page_of_an_unknown_layout_is_read_generically():
    story, document = page("modern", 1)
    body = read(document, learn(page("old", 0)).templates)
    assert body.extraction == "generic"
    assert story.body[0] in body.paragraphs


def test_teasers_inside_and_beside_the_body_stay_out():
    templates = learn(page("modern", 0)).templates
    for number in range(1, 6):
        text = "\n".join(read(page("modern", number)[1], templates).paragraphs)
        assert TEASER not in text
        assert not any(title in text for title in SIDE)


def test_live_blog_entries_are_kept():
    entries = "".join(
        f'<div class="entry"><div class="entry-time">{hour}:00</div><p>Lúc {hour} giờ, nước sông lên thêm {hour * 7} phân '
        f"và người dân hai bên bờ đã được đưa đến nơi an toàn trong đêm.</p></div>"
        for hour in range(5, 15)
    )
    html = "<html><head><title>Trực tiếp</title></head><body><div class='menu'>Trang chủ</div><h1>Trực tiếp nước sông lên</h1><div class='live'>{}</div></body></html>"
    lines = [
        f"Lúc {h} giờ, nước sông lên thêm {h * 7} phân và người dân hai bên bờ đã được đưa đến nơi an toàn trong đêm."
        for h in range(5, 15)
    ]
    seed = parse(html.format(entries).encode(), "https://baolang.example/a")
    templates = learn_template([SeedPage(seed, GoldFields(body=tuple(lines[:10])))]).templates
    longer = entries + entries.replace("Lúc", "Đến")
    body = read(parse(html.format(longer).encode(), "https://baolang.example/b"), templates)
    assert len([line for line in body.paragraphs if line.startswith(("Lúc", "Đến"))]) == 20


def test_title_in_the_seeds_text_is_no_paragraph():
    story, document = page("modern", 0)
    learned = learn_template([SeedPage(document, gold_from_text(f"{story.title}\n{story.gold().text}"))])
    assert learned.templates[0].title
    assert read(document, learned.templates).paragraphs == (story.lede, *story.body)


def test_corrected_spelling_and_other_marks_still_align():
    story, document = page("modern", 0)
    gold = story.gold().text.replace("người", "NGƯỜI").replace(",", " ,").replace("đường", "đuờng")
    learned = learn_template([SeedPage(document, gold_from_text(gold))])
    assert learned.report.recall[0] > 0.95


def test_repeating_lines_of_the_body_are_dropped():
    pages = [
        page(
            "modern",
            number,
            body=[*page("modern", number)[0].body, "Mời bạn đọc gửi bài về tòa soạn theo địa chỉ trên trang nhất."],
        )
        for number in range(4)
    ]
    story, _ = page("modern", 0)
    learned = learn_template([SeedPage(pages[0][1], story.gold())], [document for _, document in pages[1:]])
    assert "Mời bạn đọc gửi bài" not in "\n".join(read(pages[3][1], learned.templates).paragraphs)
    assert any("Mời bạn đọc gửi bài" in line for line in learned.report.repeating)


def test_report_says_how_sure_each_field_is():
    report = learn(page("modern", 0), page("modern", 1)).report
    assert dict(report.confidence)["title"] == 1.0
    assert min(report.f1) > 0.99


def test_a_page_that_contradicts_its_seed_is_an_error_naming_the_page():
    story, _ = page("modern", 0)
    _, other = page("modern", 1)
    with pytest.raises(LearningError, match=r"bai-1\.html: the page holds \d+% of its seed's words"):
        learn_template(
            [SeedPage(other, GoldFields(body=("Một bài hoàn toàn khác về những chuyến tàu đêm miền biển xa.",) * 3))]
        )
    assert story


def test_one_bad_seed_among_good_ones_is_reported():
    story, document = page("modern", 0)
    _, other = page("modern", 1)
    foreign = GoldFields(body=("Hoàn toàn chẳng dính dáng gì tới trang báo kia cả đâu nhé.",))
    learned = learn_template([SeedPage(document, story.gold()), SeedPage(other, foreign)])
    assert len(learned.report.problems) == 1
    assert len(learned.templates) == 1


def test_no_seeds_and_empty_pages_are_errors():
    with pytest.raises(LearningError, match="no seed page"):
        learn_template([])
    with pytest.raises(LearningError, match="no article text"):
        learn_template([SeedPage(parse(b"<html><body></body></html>", "https://baolang.example/"))])


def test_a_seed_of_one_paragraph_shows_no_body():
    story, document = page("modern", 0)
    with pytest.raises(LearningError, match="no block"):
        learn_template([SeedPage(document, GoldFields(body=(story.lede,)))])
