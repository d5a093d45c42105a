import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from crawler.folding import fold, syllables


def test_all_spellings_of_a_word_fold_to_one():
    spellings = ["Hòa Ðồng", "hoà đồng", "HÒA, ĐỒNG!", unicodedata.normalize("NFD", "Hoà–đồng"), " hòa_ðồng "]
    assert {fold(spelling) for spelling in spellings} == {"hoa dong"}
    assert syllables("Số 12/NQ-TW") == ["so", "12", "nq", "tw"]


@given(st.text())
def test_folding_is_the_removal_of_every_mark_and_symbol(text):
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d").replace("ð", "d"))
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    assert fold(text) == " ".join("".join(char if char.isalnum() else " " for char in plain).split())


@given(st.text())
def test_folding_twice_adds_nothing_to_latin_text(text):
    latin = "".join(char for char in text if ord(char) < 0x250)
    assert fold(fold(latin)) == fold(latin)
