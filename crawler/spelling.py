"""Vietnamese spelling: which strings can be a syllable. The judge between readings of a damaged text.

The tables are the closed sets of onsets and rimes of the national orthography (chữ quốc ngữ); about 5,000 toneless
forms come of them. Names of ethnic minorities (Đắk, Krông) and foreign words are outside on purpose: a share of
valid syllables is asked for, never all.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from crawler.folding import fold

_TONES = {"\u0300": "grave", "\u0301": "acute", "\u0303": "tilde", "\u0309": "hook", "\u0323": "dot"}
_CHECKED = ("c", "ch", "p", "t")
_MAX_SYLLABLE = 7
"""Letters of the longest syllable, `nghiêng`."""

_ONSETS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph r s t th tr v x"
_RIMES = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu
o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong oong ooc op ot
ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
u ua uân uâng uât uây uc uê uêch uênh ui um un ung uôc uôi uôm uôn uông uôt up ut uơ uy uya uych uyên uyêt uynh uyt uyu
ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu y
"""
_BARE_RIMES = "yêm yên yêng yêt yêu"
_QU_RIMES = """
a ac ach ai an ang anh ao at au ay ăc ăm ăn ăng ăp ăt âc ân âng ât âu ây e en eo et ê ên êt êch ênh
i it ich y yt ych yên yêt ynh yu ơ ơi ơn ôc
"""
_FRONT = ("e", "ê", "i", "y")


def _fits(onset: str, rime: str) -> bool:
    """Whether orthography lets `onset` stand before `rime`."""
    is_front = rime.startswith(_FRONT)
    if onset in {"gh", "ngh", "k"}:
        return is_front and (onset == "k" or rime[0] != "y")
    if onset in {"c", "ng"}:
        return not is_front
    if onset == "g":
        return not rime.startswith(("e", "ê", "y"))
    if onset == "gi":
        return not rime.startswith(("i", "y"))
    return True


_SYLLABLES = frozenset(
    [onset + rime for onset in _ONSETS.split() for rime in _RIMES.split() if _fits(onset, rime)]
    + [f"qu{rime}" for rime in _QU_RIMES.split()]
    + _RIMES.split()
    + _BARE_RIMES.split()
    + [f"g{rime}" for rime in ("iêc", "iêm", "iên", "iêng", "iêt")]
)
SKELETONS = frozenset(map(fold, _SYLLABLES))
"""All syllables folded: what Vietnamese without its marks is made of."""
_MARKED = re.compile("[ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯư\u1ea0-\u1ef9\u0300-\u0323]")
_WORD = re.compile(r"[^\s!-/:-@\[-`{-~“”‘’–—…]+")


def is_syllable(word: str) -> bool:
    """Whether `word` is one Vietnamese syllable: any case, NFC or NFD, the tone mark on any vowel or none."""
    return len(word) <= 2 * _MAX_SYLLABLE and _is_syllable(word)


@lru_cache(maxsize=16_384)
def _is_syllable(word: str) -> bool:
    decomposed = unicodedata.normalize("NFD", word.lower())
    tones = [_TONES[char] for char in decomposed if char in _TONES]
    base = unicodedata.normalize("NFC", "".join(char for char in decomposed if char not in _TONES))
    if len(tones) > 1 or base not in _SYLLABLES:
        return False
    return not base.endswith(_CHECKED) or tones in (["acute"], ["dot"])


def words(text: str) -> list[str]:
    """Runs of `text` between white space and ASCII or typographic punctuation; other symbols stay in the word."""
    return _WORD.findall(text)


def syllable_share(tokens: list[str]) -> float:
    """Share of `tokens` that are syllables, 0 to 1; tokens without a letter do not count."""
    spelled = [token for token in tokens if not token.isdecimal()]
    return sum(map(is_syllable, spelled)) / len(spelled) if spelled else 0.0


def has_marks(word: str) -> bool:
    """Whether `word` has a letter with a Vietnamese mark, NFC or NFD."""
    return bool(_MARKED.search(word))
