"""Article in, the same article out in one spelling of characters: what normalisation may and may not change.

Text is sacred: only its encoding is touched. Where the tone mark stands (hòa, hoà) stays as published.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from crawler import legacy
from crawler.refinement import cleaning

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.items import Article

CHANGES = ("tcvn3", "vni", "viscii", "entities", "mojibake", "zero_width", "spaces", "nfc", "d_stroke")
"""All values of `Article.changes`, in the order of the steps."""

_MAX_PASSES = 6
"""A repair can uncover another one; after as many the text is taken as it is."""
_VIETNAMESE_LETTERS = re.compile(r"[ĂăĐđĨĩŨũƠơƯư\u1ea0-\u1ef9]")
_VIETNAMESE_SHARE = 0.02
"""Least share of letters that only Vietnamese has, in a text taken for Vietnamese; ordinary prose has 0.15 to 0.2."""
_SAMPLE = 20_000
_STRINGS = ("title", "text", "kicker", "lede", "source", "section", "captions", "authors", "tags")
"""The fields that are normalised."""


def normalise(article: Article) -> Article:
    """`article` with all its strings normalised, counts brought up to date and `changes` filled. Idempotent, total."""
    for _ in range(_MAX_PASSES):
        before, article = article, _normalise_once(article)
        if all(getattr(article, name) == getattr(before, name) for name in _STRINGS):
            break
    return article


def _normalise_once(article: Article) -> Article:
    normaliser = _Normaliser([article.title, *article.text.split("\n"), *article.captions])
    text = normaliser.block(article.text)
    fixed = replace(
        article,
        title=normaliser.line(article.title),
        text=text,
        kicker=normaliser.optional(article.kicker),
        lede=normaliser.optional(article.lede),
        source=normaliser.optional(article.source),
        section=normaliser.optional(article.section),
        captions=normaliser.lines(article.captions),
        authors=normaliser.lines(article.authors),
        tags=normaliser.lines(article.tags),
        n_words=len(text.split()),
        n_paragraphs=len(text.split("\n\n")) if text else 0,
    )
    changes = normaliser.changes.union(article.changes)
    return replace(fixed, changes=tuple(name for name in CHANGES if name in changes))


def normalise_text(text: str) -> str:
    """`text` as the `text` of an article by itself would come out."""
    for _ in range(_MAX_PASSES):
        before, text = text, _Normaliser(text.split("\n")).block(text)
        if text == before:
            break
    return text


class _Normaliser:
    """The steps, and what the whole article says about how it was typed."""

    def __init__(self, paragraphs: list[str]) -> None:
        self.paragraphs = paragraphs
        self.encoding = legacy.recognise(paragraphs)
        self.changes: set[str] = set()

    @cached_property
    def is_vietnamese(self) -> bool:
        """By its letters, which few texts have to be asked for."""
        sample = cleaning.compose("\n".join(self.paragraphs)[:_SAMPLE])
        n_letters = sum(map(str.isalpha, sample))
        n_vietnamese = len(_VIETNAMESE_LETTERS.findall(sample))
        return self.encoding is not None or n_vietnamese > _VIETNAMESE_SHARE * n_letters

    def block(self, text: str) -> str:
        """Several paragraphs."""
        if self.encoding is None and cleaning.is_clean(text):
            return self._step("d_stroke", self._mend, text)
        if self.encoding is not None:
            text = self._step(self.encoding.name, self._convert, text)
        text = self._step("entities", cleaning.decode_entities, text)
        text = self._step("mojibake", _repair, text)
        text = self._step("zero_width", cleaning.drop_invisible, text)
        text = self._step("spaces", cleaning.tidy_spaces, text)
        text = self._step("nfc", cleaning.compose, text)
        return self._step("d_stroke", self._mend, text)

    def line(self, text: str) -> str:
        """One line: a line break is a space."""
        return " ".join(self.block(text).split())

    def optional(self, text: str | None) -> str | None:
        """One line, or None for nothing."""
        return (self.line(text) or None) if text is not None else None

    def lines(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        """Each a line, empty ones left out."""
        return tuple(filter(None, map(self.line, texts)))

    def _step(self, name: str, step: Callable[[str], str], text: str) -> str:
        result = step(text)
        if result != text:
            self.changes.add(name)
        return result

    def _convert(self, text: str) -> str:
        encoding = self.encoding
        return "\n".join(legacy.convert(line, encoding) for line in text.split("\n")) if encoding else text

    def _mend(self, text: str) -> str:
        return cleaning.mend_d_stroke(text, is_vietnamese=self.is_vietnamese) if "Ð" in text or "ð" in text else text


def _repair(text: str) -> str:
    return "\n".join(map(cleaning.repair_mojibake, text.split("\n")))
