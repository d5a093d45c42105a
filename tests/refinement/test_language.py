import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.folding import fold
from crawler.refinement import language
from crawler.refinement.language import detect

SENTENCES = [line.split("\t") for line in Path(__file__).with_name("languages.tsv").read_text("utf-8").splitlines()]
VIETNAMESE = [text for code, text in SENTENCES if code == "vi"]
# Êđê is told from Vietnamese and not named; Hmong, Tày and the rest are.
EXPECTED = {"rad": "und"}


@pytest.mark.parametrize(("code", "text"), SENTENCES, ids=lambda value: value[:20])
def test_sentences(code, text):
    assert detect(text)[0] == EXPECTED.get(code, code)


@pytest.mark.parametrize("text", VIETNAMESE, ids=lambda text: text[:20])
@pytest.mark.parametrize("change", [fold, str.upper, lambda text: unicodedata.normalize("NFD", text)])
def test_vietnamese_without_marks_in_capitals_and_decomposed(text, change):
    assert detect(change(text))[0] == "vi"


def test_first_words_of_vietnamese_sentences():
    bare = [detect(" ".join(fold(text).split()[:5]))[0] for text in VIETNAMESE]
    marked = [detect(" ".join(text.split()[:3]))[0] for text in VIETNAMESE]
    assert bare.count("vi") >= len(bare) - 1
    assert marked.count("vi") == len(marked)


def test_the_larger_part_of_a_mixed_page_decides():
    vietnamese = " ".join(VIETNAMESE[:8])
    english = " ".join(text for code, text in SENTENCES if code == "en")
    assert detect(f"{vietnamese}\n\n{english[:150]}")[0] == "vi"
    assert detect(f"{VIETNAMESE[0]}\n\n{english}")[0] == "en"
    mixed, pure = detect(f"{vietnamese[:600]}\n\n{english[:500]}"), detect(vietnamese)
    assert mixed[1] < 0.8 < pure[1]


def test_foreign_names_do_not_turn_vietnamese_into_another_language():
    text = "Đội Manchester United gặp Real Madrid tại sân Old Trafford, theo hãng tin Reuters và tờ The Guardian."
    assert detect(text)[0] == "vi"


def test_a_text_of_tay_songs_in_a_vietnamese_report_is_vietnamese():
    assert detect(" ".join(VIETNAMESE[:3]) + " “Noọng slao au phjắc mà háng khai.”")[0] == "vi"


@pytest.mark.parametrize("text", ["", " ", "12 345", "…!?", "\x00\x01", "\ufffe\ufdd0", "\ud800"])
def test_nothing_to_judge_is_undetermined_or_uncertain(text):
    code, score = detect(text)
    assert code == language.UNKNOWN or score < 0.5


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=120))
def test_never_raises(text):
    code, score = detect(text)
    assert code
    assert 0.0 <= score <= 1.0


def test_long_text_is_sampled_from_start_middle_and_end():
    english = " ".join(text for code, text in SENTENCES if code == "en") * 20
    assert detect(VIETNAMESE[0] + english)[0] == "en"
    assert detect(" ".join(VIETNAMESE) * 200)[0] == "vi"
