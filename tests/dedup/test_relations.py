"""What two articles are to each other."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelled import OBITUARY, PEN_NAMES, PLACES, PRICES, WEATHER, Writer, different_cuts, spell_old_tones
from test_signatures import SEEDS, seed_text

from crawler.dedup.forms import Replaced, replaced
from crawler.dedup.overlaps import coverage
from crawler.dedup.relations import Likeness, Relation, Thresholds, Version, is_series, relate, series_part
from crawler.dedup.signatures import content_hash
from crawler.dedup.sketches import sketch

THRESHOLDS = Thresholds()
MIRRORED = {Relation.EXCERPT: Relation.EXTENSION, Relation.EXTENSION: Relation.EXCERPT}


def version(text, number=1, site="bao1", title="Tin"):
    sketched = sketch(text)
    return Version(f"{number:032x}", site, title, content_hash(sketched), sketched)


def between(one, other, **fields):
    return relate(version(one), replace(version(other, 2, "bao2"), **fields), THRESHOLDS)


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.parent.name)
def test_a_cut_tail_and_a_credit_are_a_reprint(path):
    text = seed_text(path)
    paragraphs = text.split("\n\n")
    reprint = "\n\n".join([*paragraphs[:-1], "(TTXVN)"])
    likeness = between(reprint, text)
    assert likeness.relation in {Relation.NEAR_DUPLICATE, Relation.EXCERPT}
    assert likeness.figure > 0.6


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.parent.name)
def test_old_tone_marks_in_a_shortened_text_change_nothing(path):
    text = seed_text(path)
    shorter = text[: len(text) * 9 // 10]
    assert between(spell_old_tones(shorter), text) == between(shorter, text)


def test_texts_of_different_seeds_are_different():
    texts = [seed_text(path) for path in SEEDS]
    relations = {between(one, other).relation for one in texts for other in texts if one != other}
    assert relations == {Relation.DIFFERENT}


def test_the_same_page_is_a_revision_whatever_it_says():
    assert between("Một hai ba bốn năm", "Sáu bảy tám chín mười", id=f"{1:032x}") == Likeness(Relation.REVISION, 0.0, 0)


def test_equal_texts_of_one_site_are_a_second_url():
    text = Writer(4).sentence()
    assert between(text, text).relation is Relation.EXACT_COPY
    assert between(text, text, site="bao1") == replace(between(text, text), relation=Relation.SECOND_URL)


@pytest.mark.parametrize("text", ["", " … ", "—"])
def test_texts_without_words_repeat_nothing(text):
    assert not between(text, text).is_duplicate
    assert not between(text, "Một câu có chữ.").is_duplicate


@pytest.mark.parametrize(
    ("title", "part"),
    [
        ("Giữ rừng – Bài 1: Đầu nguồn", "1"),
        ("Giữ rừng (Kỳ 02)", "2"),
        ("GIỮ RỪNG - BÀI CUỐI: Trở lại", "cuoi"),
        ("Giữ rừng, phần III", "iii"),
        ("Giữ rừng (tập 12)", "12"),
        ("Bài học từ rừng", None),
        ("Kỳ thi năm 2026", None),
        ("Ba phần tư thế kỷ", None),
        ("", None),
    ],
)
def test_parts_of_series(title, part):
    assert series_part(title) == part


def test_two_parts_are_a_series_and_one_part_is_none():
    assert is_series("Giữ rừng – Bài 1", "Giữ rừng – Bài 2")
    assert not is_series("Giữ rừng – Bài 1", "Giữ rừng – Bài 01")
    assert not is_series("Giữ rừng – Bài 1", "Giữ rừng")


def test_parts_of_a_series_are_duplicates_only_when_equal():
    writer = Writer(6)
    intro = writer.paragraphs(8)
    one = version("\n\n".join([*intro, writer.sentence()]), title="Giữ rừng – Bài 1")
    other = version("\n\n".join([*intro, writer.sentence()]), 2, "bao2", title="Giữ rừng – Bài 2")
    assert relate(one, other, THRESHOLDS).relation is Relation.SERIES
    assert relate(one, replace(other, title="Giữ rừng"), THRESHOLDS).relation is Relation.NEAR_DUPLICATE
    equal = replace(other, sketch=one.sketch, content_hash=one.content_hash)
    assert relate(one, equal, THRESHOLDS).relation is Relation.EXACT_COPY


def filled(form, letters="", name=0):
    """The form with other numbers for `letters` and another name."""
    numbers = {letter: 11 + index * 7 + (letter in letters) * 3 for index, letter in enumerate("abcdefgh")}
    return form.format(p=PLACES[1], q=PLACES[2], m=5, n=PEN_NAMES[name], **numbers)


@pytest.mark.parametrize("form", [WEATHER, PRICES, OBITUARY])
def test_one_form_filled_twice_is_a_notice(form):
    assert between(filled(form), filled(form, "abd", name=1)).relation is Relation.NOTICE
    assert not between(filled(form), filled(form, "abcdefgh", name=2)).is_duplicate
    assert between(filled(form), filled(form)).relation is Relation.EXACT_COPY
    assert between(filled(form), filled(form) + " (TTXVN)").is_duplicate


@pytest.mark.parametrize("seed", range(12))
def test_two_different_cuts_of_one_story_are_one_story(seed):
    story = Writer(seed)
    for one, other in combinations((row.article.text for row in different_cuts(story, 0, 1)), 2):
        assert between(one, other).relation is Relation.NEAR_DUPLICATE


def test_facts_of_a_passage_that_was_cut_are_not_replaced():
    opening, first, second, end = (
        "Sáng nay đoàn công tác đã về xã kiểm tra việc phòng cháy rừng trong mùa khô năm nay.",
        "Trong đó ông Mây Trắng cho biết đã có 41 hộ ở Láng Sen ký cam kết với kiểm lâm.",
        "Chiều 12/5, tại Suối Mây, 350 người cùng 28 xe chữa cháy đã tham gia diễn tập.",
        "Cuối buổi, các bên thống nhất giữ liên lạc với nhau từng giờ cho tới khi có mưa.",
    )
    cut_here, cut_there = (sketch(" ".join(text)) for text in ((opening, first, end), (opening, second, end)))
    assert replaced(cut_here, cut_there) == Replaced(0, 0)
    other_facts = first.replace("41", "56").replace("Láng Sen", "Núi Chè")
    assert replaced(cut_here, sketch(f"{opening} {other_facts} {end}")) == Replaced(3, 1)


def test_a_corrected_number_leaves_a_reprint():
    text = "\n\n".join(Writer(8).paragraphs(6)) + " Đoàn có 41 người."
    assert between(text, text.replace("41 người", "43 người")).relation is Relation.NEAR_DUPLICATE


def test_an_excerpt_is_an_extension_from_the_other_side():
    story = Writer(9).paragraphs(9)
    part, whole = "\n\n".join(story[:3]), "\n\n".join(story)
    assert between(part, whole).relation is Relation.EXCERPT
    assert between(whole, part).relation is Relation.EXTENSION
    assert between(part, whole).figure == between(whole, part).figure == 1.0


def test_coverage_counts_syllables_of_shared_passages():
    one, other = sketch("a b c d e f g h x y"), sketch("a b c d e f g h")
    assert coverage(one, other) == 0.8
    assert coverage(other, one) == 1.0
    assert coverage(sketch("a b c d e f x y"), other) == 0.0, "six syllables are a formula"
    assert coverage(sketch("a b c"), sketch("a b c")) == 1.0
    assert coverage(sketch(""), other) == 0.0


def test_formulas_here_and_there_are_no_excerpt():
    words = [f"{syllable}{number}" for number in range(40) for syllable in ("mot", "hai", "ba", "bon", "nam")]
    brief = " ".join(words)
    scattered = [[*words[at : at + 9], *(f"khac{at}x{number}" for number in range(20))] for at in range(0, 200, 10)]
    long = " ".join(word for some in scattered for word in some)
    assert coverage(sketch(brief), sketch(long)) > THRESHOLDS.contained
    assert between(brief, long).relation is Relation.DIFFERENT
    assert between(brief, f"{long} {brief}").relation is Relation.EXCERPT


WORDS = st.lists(st.sampled_from(["xã", "Láng", "Sen", "vừa", "mở", "chợ", "12", "34", ".", "\n"]), max_size=60).map(
    " ".join
)


@settings(max_examples=200)
@given(WORDS, WORDS, st.sampled_from(["bao1", "bao2"]))
def test_relations_are_symmetric_and_figures_shares(one, other, site):
    first, second = version(one), version(other, 2, site)
    there, back = relate(first, second, THRESHOLDS), relate(second, first, THRESHOLDS)
    assert back.relation == MIRRORED.get(there.relation, there.relation)
    assert there.figure == back.figure
    assert 0.0 <= there.figure <= 1.0


def test_stricter_thresholds_call_less_a_duplicate():
    story = Writer(10).paragraphs(9)
    one, other = version("\n\n".join(story)), version("\n\n".join(story[:6]), 2, "bao2")
    strict = Thresholds(jaccard=1.0, contained=1.01)
    assert relate(one, other, THRESHOLDS).is_duplicate
    assert relate(one, other, strict).relation is Relation.DIFFERENT
