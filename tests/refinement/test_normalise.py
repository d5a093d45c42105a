import time
import unicodedata
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.items import Article
from crawler.refinement import cleaning
from crawler.refinement.normalise import CHANGES, normalise, normalise_text

REPAIRS = [
    # name, before, after, what `changes` says
    ("nfd", unicodedata.normalize("NFD", "Nguyễn đã đến"), "Nguyễn đã đến", "nfc"),
    ("nfc and nfd mixed", "Thái Nguye\u0302n, ho\u0323c sinh", "Thái Nguyên, học sinh", "nfc"),
    ("tone placement stays", "hòa hoà thủy thuỷ", "hòa hoà thủy thuỷ", ""),
    ("eth in capitals", "ÐẢNG BỘ HUYỆN ÐỒNG HỶ", "ĐẢNG BỘ HUYỆN ĐỒNG HỶ", "d_stroke"),
    ("small eth", "Các ðồng chí ðã ðến", "Các đồng chí đã đến", "d_stroke"),
    ("abbreviations", "Họp HÐND, số 12/QÐ-UBND, TT-BGDÐT", "Họp HĐND, số 12/QĐ-UBND, TT-BGDĐT", "d_stroke"),
    ("currency", "Giá vé 50.000ð, rẻ hơn trước", "Giá vé 50.000đ, rẻ hơn trước", "d_stroke"),
    ("place name", "Cầu Ðakrông và sông Ðăk Bla", "Cầu Đakrông và sông Đăk Bla", "d_stroke"),
    ("icelandic", "Það var góður maður í Reyðarfirði", "Það var góður maður í Reyðarfirði", ""),
    ("faroese", "Eg eri glaður fyri tað, segði maðurin", "Eg eri glaður fyri tað, segði maðurin", ""),
    ("icelandic name in vietnamese", "Đội Breiðablik đã đến Hà Nội", "Đội Breiðablik đã đến Hà Nội", ""),
    ("no-break and thin spaces", "Hà\xa0Nội\u2009–\u202fHuế", "Hà Nội – Huế", "spaces"),
    ("ideographic space", "Hà\u3000Nội", "Hà Nội", "spaces"),
    ("zero width", "Hà\u200b Nội\ufeff, ti\u00adếng Vi\u2060ệt", "Hà Nội, tiếng Việt", "zero_width"),
    ("emoji stay whole", "Vui quá 👩\u200d🌾 nhé ❤\ufe0f", "Vui quá 👩\u200d🌾 nhé ❤\ufe0f", ""),
    ("khmer spaces stay", "ភាសា\u200bខ្មែរ", "ភាសា\u200bខ្មែរ", ""),
    ("persian joiner stays", "می\u200cخواهم", "می\u200cخواهم", ""),
    ("lone surrogate", "Hà \ud83dNội", "Hà Nội", "zero_width"),
    ("control characters", "Hà\x00 \x1bNội\x7f", "Hà Nội", "zero_width"),
    ("c1 quotes", "\x93Rất vui\x94, anh nói\x85", "“Rất vui”, anh nói…", "mojibake"),
    ("entities in words", "Th&aacute;i B&igrave;nh, &ETH;&#7891;ng Hỷ", "Thái Bình, Đồng Hỷ", "entities d_stroke"),
    ("entities three times", "Th&amp;amp;aacute;i Nguy&amp;amp;ecirc;n", "Thái Nguyên", "entities"),
    ("entities around words", "&quot;Vui&quot;&nbsp;&ndash; bà &amp; cháu", '"Vui" – bà & cháu', "entities spaces"),
    ("text about mark-up", "Thẻ &lt;b&gt; và &amp;nbsp; dùng khi nào", "Thẻ &lt;b&gt; và &amp;nbsp; dùng khi nào", ""),
    ("html lesson", "Trong HTML, viết &eacute; để có chữ é", "Trong HTML, viết &eacute; để có chữ é", ""),
    ("address", "Xem /tin?a=1&copy=2&reg;ion", "Xem /tin?a=1&copy=2&reg;ion", ""),
    ("ampersand", "Sở VH,TT&DL; AT&T; R&D", "Sở VH,TT&DL; AT&T; R&D", ""),
    ("mojibake", "Báº¯c Káº¡n: Ä‘á»“ng bÃ\xa0o vui Táº¿t", "Bắc Kạn: đồng bào vui Tết", "mojibake"),
    ("mojibake in latin-1", "Th\xc3\xa1i Nguy\xc3\xaan \xc4\x91\xe1\xba\xb9p", "Thái Nguyên đẹp", "mojibake"),
    ("french is no mojibake", "L’été à Évian, c’est déjà fini", "L’été à Évian, c’est déjà fini", ""),
    ("paragraphs", "Một.\r\n\r\n\r\n  Hai. \n\n \nBa\u2028Bốn", "Một.\n\nHai.\n\nBa\nBốn", "spaces"),
    ("lines of a poem stay", "Trăng lên\nGió xuống\n\nHết", "Trăng lên\nGió xuống\n\nHết", ""),
    ("combining marks before letters", "\u0301a", "\u0301a", ""),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "changes"), [row[1:] for row in REPAIRS], ids=[row[0] for row in REPAIRS])
def test_repairs(make_article, before, after, changes):
    article = normalise(make_article(before))
    assert article.text == after
    assert set(article.changes) == set(changes.split())


def test_every_field_of_text_is_normalised(make_article):
    broken = unicodedata.normalize("NFD", "Ðảng\xa0bộ\u200b")
    article = normalise(
        make_article(
            text=broken,
            title=broken,
            kicker=broken,
            lede=broken,
            captions=(broken, " \u200b"),
            authors=(broken,),
            source=broken,
            section="\xa0",
            tags=(broken, broken),
        )
    )
    for name in ("title", "text", "kicker", "lede", "source"):
        assert getattr(article, name) == "Đảng bộ", name
    assert article.captions == article.authors == ("Đảng bộ",)
    assert article.tags == ("Đảng bộ", "Đảng bộ")
    assert article.section is None
    assert article.changes == ("zero_width", "spaces", "nfc", "d_stroke")


def test_lede_stays_the_first_paragraph(make_article):
    lede = "Sáng\xa0nay, ho\u0323c sinh ðến trường."
    article = normalise(make_article(f"{lede}\n\nTrời mưa to.", lede=lede))
    assert article.text.split("\n\n")[0] == article.lede


def test_counts_follow_the_text(make_article):
    article = normalise(make_article("Một\xa0hai.\n\n\n\nBa bốn năm."))
    assert (article.n_words, article.n_paragraphs) == (5, 2)
    assert normalise(make_article("\u200b")).n_paragraphs == 0


def test_title_is_one_line(make_article):
    assert normalise(make_article("x", title=" Tin \n\n mới ")).title == "Tin mới"


def test_changes_of_an_earlier_stage_are_kept(make_article):
    article = normalise(make_article("Hà\xa0Nội", changes=("mojibake",)))
    assert article.changes == ("mojibake", "spaces")


def test_a_page_in_another_language_keeps_its_letters(make_article):
    text = "Der Wähler fragte: „Müßte man öfter ändern?“ – naïve œuvre, Łódź, Ærø, Ðurić, þjóð."
    article = normalise(make_article(text, title="Größe"))
    assert (article.text, article.changes) == (text, ())


def test_other_fields_are_untouched(make_article):
    article = make_article("Một hai ba.", published_raw="Ngày\xa0đăng", link_share=0.3)
    normalised = normalise(article)
    changed = {f.name for f in fields(Article) if getattr(normalised, f.name) != getattr(article, f.name)}
    assert changed == {"n_words", "n_paragraphs"}


SNIPPETS = st.sampled_from([
    "&amp;", "&aacute;", "&#7879;", "&nbsp;", "&", "amp;", "#38;", "á", "\u0301", "\u200b", "\xad", "\xa0", "Ð", "ð",
    "á»‡", "ảng", "Ã¡", "\x93", "\x85", "\r\n", "\n\n\n", " ", "\u2029", "µ", "¸", "aù",
    "ñ", "\u1100\u1161", "\u0958", "<",
])  # fmt: skip
TEXTS = st.one_of(st.text(max_size=200), st.lists(SNIPPETS | st.text(max_size=3), max_size=40).map("".join))


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_idempotent_and_never_longer_than_nfc_makes_it(text):
    once = normalise_text(text)
    assert normalise_text(once) == once
    assert len(once) <= max(len(text), len(unicodedata.normalize("NFC", text)))
    assert unicodedata.is_normalized("NFC", once)
    once.encode("utf-8")


@settings(max_examples=100, deadline=None)
@given(st.lists(TEXTS, min_size=4, max_size=4))
def test_articles_are_stable_too(texts):
    title, text, caption, author = texts
    article = normalise(_article(text, title, captions=(caption,), authors=(author,), lede=caption))
    again = normalise(article)
    assert again == article
    assert set(article.changes) <= set(CHANGES)


def _article(text, title, **rest):
    base = Article(
        id="", url="", canonical_url="", site="", title=title, text=text, fetched_at=None, run_id="",
        archive_file="", archive_offset=0, archive_length=0,
    )  # fmt: skip
    return replace(base, **rest)


@pytest.mark.parametrize(
    "unit", ["&amp;", "&", "\u200b", " \n", "á»‡", "Ð", "a\u0301", "\n", "Đ&#x", "aù ", "¸ ", "x" * 50, "&amp;#"]
)
def test_long_hostile_text_takes_linear_time(unit):
    text = unit * (200_000 // len(unit)) + " Ð"
    started = time.perf_counter()
    normalise_text(text)
    assert time.perf_counter() - started < 2


PIECES = (
    "nước",
    "Âu",
    "Â",
    "Ã",
    "aÃ ",
    "œ",
    "À £",
    "ГўВЂВ",
    "x",
    "Ð",
    "&amp;",
    "\xad",
    "\u0301",
    "\xa0",
    "\x85",
    "5€",
    "  ",
    "\n",
    "\n\n\n",
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(TEXTS, st.lists(st.sampled_from(PIECES), max_size=6).map(" ".join)))
def test_what_is_clean_is_changed_by_nothing(text):
    steps = (
        cleaning.decode_entities,
        lambda line: "\n".join(map(cleaning.repair_mojibake, line.split("\n"))),
        cleaning.drop_invisible,
        cleaning.tidy_spaces,
        cleaning.compose,
    )
    assert not cleaning.is_clean(text) or all(step(text) == text for step in steps)


@pytest.mark.parametrize("text", ["", "Mùa vàng ở châu Âu: 5.000 ha, 12%…\n\n“Được mùa”, anh nói – vui."])
def test_ordinary_text_is_clean(text):
    assert cleaning.is_clean(text)
