"""Is this an article, and a sound one? Named rules, each with a figure, a threshold and a stable reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crawler.folding import fold
from crawler.items import Article, Reason, Reject
from crawler.refinement.language import UNKNOWN, detect
from crawler.refinement.shape import Shape
from crawler.refinement.thresholds import DEFAULTS, Thresholds

if TYPE_CHECKING:
    from crawler.sites.profile import SiteProfile


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule said of one article."""

    rule: str
    """Name of the rule and of its field in `Thresholds`: `max_` and `min_` bound the figure from above and below."""
    reason: Reason
    """Why the article is dropped when the rule fails."""
    value: float
    """What was measured."""
    threshold: float
    """What it was measured against."""
    is_passed: bool
    """True means keep."""


_NOT_FOUND = re.compile(
    r"\b(?:(?:trang|bai viet|noi dung|duong dan|lien ket|tin bai|chuyen muc)(?: \w+){0,5}"
    r" khong (?:con )?(?:ton tai|duoc tim thay|tim thay)"
    r"|khong tim thay (?:trang(?= (?:web|nay|ban|yeu cau|ma)| ?\n| ?$)|bai viet|noi dung|duong dan|ket qua)"
    r"|(?:bai viet|trang|noi dung) (?:nay |ban (?:dang )?(?:tim|xem|yeu cau) )da bi (?:xoa|go)"
    r"|page (?:not found|does not exist)|(?:loi|error) 404|404 (?:not found|error))\b"
)
_WALL = re.compile(
    r"\b(?:dang nhap (?:de|hoac dang ky de) (?:doc|xem)|(?:vui long|ban can) dang nhap"
    r"|(?:bai viet|noi dung)(?: nay)? (?:chi )?danh (?:rieng )?cho (?:thanh vien|thue bao|doc gia tra phi|hoi vien)"
    r"|(?:dang ky|mua) goi (?:doc|thue bao|thanh vien|bao)"
    r"|mat khau khong dung|thong tin dang nhap khong dung|nhap ma xac nhan"
    r"|(?:log|sign) in to (?:read|continue)|subscribe to (?:read|continue)|for subscribers only)\b"
)
_BREAKS_OFF = re.compile(
    r"(?:\[?(?:\.{2,}|…)\]?|(?:xem|đọc) (?:tiếp|thêm|chi tiết)[^\n]{0,40}|xem bản (?:in|pdf)[^\n]{0,40})$",
    re.IGNORECASE,
)
_USUAL_LENGTH = 3.6
"""Mean length of a Vietnamese syllable; stands for "not judged" in other languages."""
_UNSPACED = frozenset({"zh", "ja", "th", "lo", "km", "my"})


@dataclass(frozen=True, slots=True)
class _Case:
    article: Article
    profile: SiteProfile
    shape: Shape
    thresholds: Thresholds

    @property
    def is_vietnamese(self) -> bool:
        return self.article.language == "vi"

    def n_words(self) -> float:
        if self.article.language in _UNSPACED:
            return sum(map(str.isalpha, self.article.text)) / 5
        return self.shape.wording.n_words

    def diacritics(self) -> float:
        n_spelled = self.shape.wording.n_spelled()
        return self.shape.wording.n_marked() / n_spelled if self.is_vietnamese and n_spelled else 1.0

    def spelled_words(self) -> float:
        n_said = self.shape.wording.n_said()
        return min(1.0, self.shape.wording.n_spelled() / n_said) if n_said else 1.0

    def word_length(self) -> float:
        n_words = self.shape.wording.n_words
        return self.shape.wording.n_chars / n_words if self.is_vietnamese and n_words else _USUAL_LENGTH

    def cohesion(self) -> float:
        """Calibrated on Vietnamese, whose syllables recur; inflected words and compounds of others do so less."""
        return self.shape.cohesion() if self.is_vietnamese else 1.0

    def words_with(self, phrase: re.Pattern[str], most: float) -> float:
        """Words of the text when `phrase` stands in its folded head, end or title, else infinitely many.

        `most`: from so many words on it is no matter what stands in it, and nothing is looked for.
        """
        if self.n_words() >= most:
            return self.n_words()
        text = self.article.text
        folded = f"{fold(self.article.title[:300])} \n {fold(text[:2000])} \n {fold(text[-2000:])}"
        return self.n_words() if phrase.search(folded) else float("inf")

    def words_broken_off(self) -> float:
        return self.n_words() if _BREAKS_OFF.search(self.article.text[-60:].rstrip()) else float("inf")

    def language_score(self) -> float:
        languages, code = self.profile.languages, self.article.language
        is_wanted = not languages or code in languages
        return (self.article.language_score or 0.0) if is_wanted and code != UNKNOWN else 0.0


_Rule = tuple[str, Reason, Callable[[_Case], float]]
_RULES: tuple[_Rule, ...] = (
    # An error page, a wall and a list are what they are, however short and in whatever language.
    ("notice_words", Reason.SOFT_404, lambda case: case.words_with(_NOT_FOUND, case.thresholds.notice_words)),
    ("wall_words", Reason.LOGIN_WALL, lambda case: case.words_with(_WALL, case.thresholds.wall_words)),
    ("max_link_share", Reason.LINK_TEXT, lambda case: case.article.link_share),
    ("max_stamp_lines", Reason.LIST_PAGE, lambda case: case.shape.stamp_lines()),
    ("max_more_lines", Reason.LIST_PAGE, lambda case: case.shape.more_lines()),
    ("max_tagged_lines", Reason.LIST_PAGE, lambda case: case.shape.tagged_lines()),
    ("max_teaser_pairs", Reason.LIST_PAGE, lambda case: case.shape.teaser_pairs()),
    ("min_cohesion", Reason.LIST_PAGE, _Case.cohesion),
    ("max_menu_lines", Reason.MENU, lambda case: case.shape.menu_lines()),
    ("teaser_words", Reason.TEASER, _Case.words_broken_off),
    ("min_words", Reason.TOO_SHORT, _Case.n_words),
    ("max_duplicate_lines", Reason.REPEATED_LINES, lambda case: case.shape.duplicate_lines()),
    ("max_top_2gram", Reason.REPEATED_NGRAMS, lambda case: case.shape.top_ngram(2)),
    ("max_top_4gram", Reason.REPEATED_NGRAMS, lambda case: case.shape.top_ngram(4)),
    ("max_duplicate_10grams", Reason.REPEATED_NGRAMS, lambda case: case.shape.duplicate_ngrams(10)),
    # Language is judged late: detectors err on short and on repeated text.
    ("min_language_score", Reason.WRONG_LANGUAGE, _Case.language_score),
    ("min_diacritics", Reason.FEW_DIACRITICS, _Case.diacritics),
    ("max_capitals", Reason.UPPERCASE, lambda case: case.shape.wording.capital_share()),
    ("min_spelled_words", Reason.SYMBOLS, _Case.spelled_words),
    ("min_word_length", Reason.SYMBOLS, _Case.word_length),
    ("max_word_length", Reason.SYMBOLS, _Case.word_length),
)


def verdicts(article: Article, profile: SiteProfile, thresholds: Thresholds = DEFAULTS) -> list[Verdict]:
    """What every rule says of `article`, in the order in which they decide. Never raises."""
    return list(_verdicts(with_language(article), profile, thresholds))


def _verdicts(article: Article, profile: SiteProfile, thresholds: Thresholds) -> Iterator[Verdict]:
    case = _Case(article, profile, Shape(article.text, article.title), thresholds)
    return (_decide(rule, case) for rule in _RULES)


def _decide(rule: _Rule, case: _Case) -> Verdict:
    name, reason, measure = rule
    value, threshold = measure(case), float(getattr(case.thresholds, name))
    if name.startswith("max_"):
        return Verdict(name, reason, value, threshold, is_passed=value <= threshold)
    return Verdict(name, reason, value, threshold, is_passed=value >= threshold)


def judge(article: Article, profile: SiteProfile, thresholds: Thresholds = DEFAULTS) -> Article | Reject:
    """`article` with its language when it passes every rule, else the first rule that it fails. Never raises."""
    article = with_language(article)
    for verdict in _verdicts(article, profile, thresholds):
        if not verdict.is_passed:
            return Reject(verdict.reason, f"{verdict.rule}: {verdict.value:.3g}, threshold {verdict.threshold:.3g}")
    return article


def with_language(article: Article) -> Article:
    """`article` with `language` and `language_score`, by its text; as it is when it has them."""
    if article.language is not None:
        return article
    code, score = detect(article.text)
    return replace(article, language=code, language_score=round(score, 4))
