"""How much an article is about what a seed is about: cosine of folded-syllable vectors. No model, no state.

Features are the single syllables and the pairs of neighbouring ones of title and text; a pair is about a Vietnamese
word. Each weighs 1 + ln(occurrences) times what it says: nothing for grammar, little for single syllables and for the
vocabulary that all news share. There is no idf: five seeds on one subject would make that subject common.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from crawler.folding import syllables
from crawler.items import Article, SeedSimilarity

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_CHARS = 12_000
"""Characters of a text that its topic is read from."""
_GRAMMAR_LIST = """
a ai anh ba bang bao bay ben bi boi bon ca cac cach cai can cang chi chinh cho chua chung chu co con cua cung da dan
dang day de deu den di do doi dong du dua duoc duoi duong gi gia gio giua hai han hay he hien hoac hon khac khi khien
khong la lai lam lan len luc luon ma mai mat minh moi mot mua muc nam nao nay nen neu ngay nguoi nhan nhat nhieu nhu
nhung noi o ong phai qua ra rang rat roi sau se so song sau tai tam tat theo the thi thu tren trong truoc truong tu
tung tuy va vao van vay ve vi voi vua xa y the of and to in a is for on that with by at from as it an be this are was
"""
_COMMON_LIST = """
viet_nam nguoi_dan cho_biet thoi_gian tiep_tuc thuc_hien hien_nay thanh_pho dia_phuong ha_noi chu_tich pho_chu
phat_trien co_quan ngoai_ra dac_biet tuy_nhien ben_canh theo_do trong_do dong_thoi nhan_dan ca_nuoc toan_tinh
trung_uong chinh_phu thu_tuong bo_truong giam_doc to_chuc hoat_dong ket_qua quan_trong yeu_cau van_de cong_tac
nang_cao tang_cuong trien_khai tap_trung dam_bao bao_dam gop_phan thong_tin bao_chi nha_nuoc quoc_gia the_gioi
"""
_GRAMMAR = frozenset(_GRAMMAR_LIST.split())
_COMMON_PAIRS = frozenset(tuple(pair.split("_")) for pair in _COMMON_LIST.split())
_SINGLE, _HALF_GRAMMAR, _COMMON, _PAIR = 0.1, 0.5, 0.3, 1.0
"""Weights, chosen on pairs of reports of one event against pairs of different ones (docs/quality-rules.md)."""

_Feature = str | tuple[str, str]
"""A syllable, or two neighbouring ones."""
_Vector = dict[_Feature, float]


class SeedTopics:
    """The seeds' topics; immutable, shared by all articles of a crawl."""

    def __init__(self, seeds: Mapping[str, str]) -> None:
        """`seeds`: text of each seed by its `<site>/<number>`; order decides between equal similarities."""
        self._names = tuple(seeds)
        self._weights: dict[_Feature, list[tuple[int, float]]] = {}
        for index, text in enumerate(seeds.values()):
            for feature, weight in _unit(_vector(text)).items():
                self._weights.setdefault(feature, []).append((index, weight))
        self._peak = max((max(weight for _, weight in held) for held in self._weights.values()), default=1.0)

    def rank(self, article: Article) -> Article:
        """`article` with its similarity to every seed, nearest first; unchanged when there are no seeds."""
        if not self._names:
            return article
        similarities = self._similarities(_vector(f"{article.title}\n{article.text}"))
        order = sorted(range(len(self._names)), key=lambda index: -similarities[index])
        ranked = tuple(SeedSimilarity(self._names[index], round(similarities[index], 4)) for index in order)
        return replace(
            article,
            seed_similarities=ranked,
            nearest_seed=ranked[0].seed,
            nearest_seed_similarity=ranked[0].similarity,
        )

    def rank_link(self, anchor_text: str) -> float:
        """How much of what a link says the seeds speak of, 0 to 1; for ordering links, not comparable to `rank`.

        Share of the anchor's weight in features of the seed that knows it best, each by how much the seed speaks of it.
        """
        anchor = _vector(anchor_text)
        total = sum(anchor.values())
        known = [0.0] * len(self._names)
        for feature, weight in anchor.items():
            for index, held in self._weights.get(feature, ()):
                known[index] += weight * math.sqrt(held / self._peak)
        return min(1.0, max(known, default=0.0) / total) if total else 0.0

    def _similarities(self, vector: _Vector) -> list[float]:
        dots = [0.0] * len(self._names)
        for feature, weight in vector.items():
            for index, held in self._weights.get(feature, ()):
                dots[index] += weight * held
        norm = math.sqrt(sum(weight * weight for weight in vector.values())) or 1.0
        return [min(1.0, dot / norm) for dot in dots]


def _vector(text: str) -> _Vector:
    """Weight of each feature; without those that say nothing."""
    tokens = [token for token in syllables(text[:_MAX_CHARS]) if not token.isdecimal()]
    vector: _Vector = {}
    for token, count in Counter(tokens).items():
        if token not in _GRAMMAR:
            vector[token] = _SINGLE * (1 + math.log(count))
    for pair, count in Counter(pairwise(tokens)).items():
        if weight := _pair_weight(pair):
            vector[pair] = weight * (1 + math.log(count)) if count > 1 else weight
    return vector


def _pair_weight(pair: tuple[str, str]) -> float:
    """What a pair of syllables says. Many words are made of syllables that are grammar alone, so half counts."""
    left, right = pair
    if pair in _COMMON_PAIRS:
        return _COMMON
    if left in _GRAMMAR:
        return 0.0 if right in _GRAMMAR else _HALF_GRAMMAR
    return _HALF_GRAMMAR if right in _GRAMMAR else _PAIR


def _unit(vector: _Vector) -> _Vector:
    norm = math.sqrt(sum(weight * weight for weight in vector.values()))
    return {feature: weight / norm for feature, weight in vector.items()} if norm else {}
