"""The words of the pages in two languages, from `words.tsv`; and how each writes numbers."""

from __future__ import annotations

import functools
from importlib import resources

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
_SEPARATORS = {"vi": ".", "en": ","}


@functools.cache
def _table() -> dict[str, dict[str, str]]:
    lines = resources.files("crawler.viewer").joinpath("words.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line]
    return {language: {row[0]: row[place] for row in rows} for place, language in enumerate(("en", "vi"), 1)}


def say(language: str, key: str, **values: object) -> str:
    """The words for `key`, `{name}` in them filled; of two forms the first is for `n` = 1.

    Raises KeyError for a key that is not in the table.
    """
    one, _, many = _table()[language][key].partition("|")
    words = many if many and values.get("n") != 1 else one
    shown = {name: number(language, value) if isinstance(value, int) else value for name, value in values.items()}
    return words.format(**shown)


def has_word(key: str) -> bool:
    """Whether there are words for `key`: causes, reasons and relations that have none are shown as codes."""
    return key in _table()["en"]


def number(language: str, value: float) -> str:
    """A number with its thousands apart."""
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"
    return text if language == "en" else text.translate(str.maketrans(",.", f"{_SEPARATORS[language]},"))


def choose(cookie: str | None, accepted: str) -> str:
    """The language of a visitor: as switched to, else the first known one of Accept-Language, else English."""
    if cookie in LANGUAGES:
        return str(cookie)
    for part in accepted.split(",")[:10]:
        language = part.split(";")[0].strip().lower()[:2]
        if language in LANGUAGES:
            return language
    return "en"
