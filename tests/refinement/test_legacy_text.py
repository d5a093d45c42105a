import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import legacy
from crawler.refinement.normalise import normalise_text
from crawler.spelling import is_syllable

# Typed forms made with iconv (TCVN3, VISCII) and by VNI's rule "letter, then mark", not with the module's tables.
PARAGRAPHS = [json.loads(line) for line in Path(__file__).with_name("legacy.jsonl").read_text("utf-8").splitlines()]
ENCODINGS = {encoding.name: encoding for encoding in legacy.ENCODINGS}
SMALL = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđ"

WESTERN = {
    "english": "The council's café reopened on Monday — naïve hopes aside, the façade still needs £40,000 of work.",
    "french": "Après l'été, où les élèves étaient privés d'école, la rentrée a été fêtée à Orléans : « déjà », dit-on.",
    "german": "Für die Grünen wäre die Änderung schön, größere Städte müssten jedoch früher über Gebühren abstimmen.",
    "spanish": "El año pasado, según informó la compañía, la producción de café cayó más de lo que se había previsto.",
    "portuguese": "A eleição não terá segundo turno; são três milhões de eleitores em quatro regiões, disse o órgão.",
    "czech read wrong": "Øíká se, že vláda pøíští týden pøedloží návrh; dosud však není jasné, kdo jej pøipraví.",
    "danish": "På øen går børnene i skole på færgen; året rundt sejler den, når vejret ikke er for hårdt.",
    "icelandic": "Það er rétt að fólkið við höfnina óskaði eftir betri þjónustu og fékk hana í ágúst.",
    "italian": "La città è già così com'è; perché dovrebbe cambiare, più o meno, ciò che è stato deciso lunedì?",
    "code": 'if (x¹ < y²) { return "±" + µ; } // §3: naïve, see ¶4',
    "prices": "Giá: 100 £, 20 €, 5 ¥ · 30 m² · 12 µm · ±5 %",
    "short vietnamese": "Cà Mau, Hà Giang",
}


@pytest.mark.parametrize("row", PARAGRAPHS, ids=lambda row: row["encoding"])
def test_whole_paragraphs_come_out_exactly(row):
    encoding = legacy.recognise([row["typed"]])
    assert encoding is ENCODINGS[row["encoding"]]
    assert legacy.convert(row["typed"], encoding) == row["text"]
    assert normalise_text(row["typed"]) == row["text"]


@pytest.mark.parametrize("row", PARAGRAPHS, ids=lambda row: row["encoding"])
def test_typing_the_text_again_gives_the_same_codes(row):
    table = _typing_table(row["encoding"])
    assert "".join(table.get(char, char) for char in row["text"]) == row["typed"]


@pytest.mark.parametrize("row", PARAGRAPHS, ids=lambda row: row["encoding"])
def test_a_page_read_as_windows_1252_comes_out_the_same(row):
    read = row["typed"].encode("latin-1").decode("cp1252", errors="surrogateescape")
    codes = {char: chr(ord(char) - 0xDC00) for char in read if "\udc80" <= char <= "\udcff"}
    read = "".join(codes.get(char, char) for char in read)
    assert normalise_text(read) == row["text"]


@pytest.mark.parametrize("name", ENCODINGS)
def test_every_small_letter_has_one_code(name):
    table = _typing_table(name)
    accented = [letter for letter in SMALL if not letter.isascii()]
    assert len({table[letter] for letter in accented}) == len(accented) == 67


def test_viscii_capital_in_place_of_the_no_break_space():
    typed = PARAGRAPHS[1]["typed"] + " NG\xa0 30 M\xa0 L\xc0NG v\xe0\xa0b\xe3n"
    assert normalise_text(typed).endswith(" NGÕ 30 MÕ LÀNG và bãn")


@pytest.mark.parametrize("text", WESTERN.values(), ids=WESTERN)
def test_other_text_stays(text):
    assert legacy.recognise([text] * 5) is None
    assert normalise_text(text) == text


def test_vietnamese_in_unicode_stays():
    texts = [row["text"] for row in PARAGRAPHS]
    assert legacy.recognise(texts) is None
    assert [normalise_text(text) for text in texts] == texts


def test_only_the_legacy_paragraphs_of_a_mixed_article_change():
    row = PARAGRAPHS[0]
    mixed = f"Tin lũ lụt ở miền núi\n\n{row['typed']}\n\nCà Mau, Hà Giang\n\nThe café is open."
    assert normalise_text(mixed) == f"Tin lũ lụt ở miền núi\n\n{row['text']}\n\nCà Mau, Hà Giang\n\nThe café is open."


@given(st.text(alphabet=st.characters(max_codepoint=0x17F), max_size=300))
def test_conversion_never_grows_and_never_raises(text):
    for encoding in legacy.ENCODINGS:
        assert len(encoding.convert(text)) <= len(text)


def test_syllables_follow_the_orthography():
    good = "nghiêng quốc giếng gì khuỷu thủy thuỷ hòa hoà ưu yêu Đảng QUYẾT xoong đi"
    bad = "nghang qốc cim ka-fe thap tấtt được9 Đắk jazz w hoaf ngi"
    assert all(map(is_syllable, good.split()))
    assert all(is_syllable(unicodedata.normalize("NFD", word)) for word in good.split())
    assert not any(map(is_syllable, bad.split()))


def _typing_table(name):
    """Unicode letter to codes, out of single characters and pairs that Latin-1 has."""
    singles = [chr(code) for code in range(0x80 if name == "viscii" else 0xA1, 0x100)]
    marks = "ùøûõïâáàåãäêéèúüë" if name == "vni" else ""
    pairs = [letter + mark for letter in "aeouyôö" for mark in marks]
    every = singles + pairs + [typed.upper() for typed in pairs]
    shown = {typed: ENCODINGS[name].convert(typed) for typed in every}
    letters = {typed: letter for typed, letter in shown.items() if len(letter) == 1 and letter.isalpha()}
    same = {letter: letter for typed, letter in letters.items() if typed == letter}
    return same | {letter: typed for typed, letter in letters.items() if typed != letter}
