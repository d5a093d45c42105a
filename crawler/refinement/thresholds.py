"""Every number of the quality rules in one place; the settings QUALITY_* fill it.

Sources: FineWeb-2's configuration for vie_Latn and the Gopher rules where they carry over to syllables, otherwise
what 1,300 Vietnamese articles and 28 list pages showed; docs/quality-rules.md has the table.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from crawler.errors import ProfileError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Every number of the rules. Setting QUALITY_MIN_WORDS fills `min_words`, and so on."""

    min_words: float = 30
    """Words (syllables in Vietnamese; a fifth of the letters where words are not spaced) of the text."""
    min_language_score: float = 0.5
    """Certainty of the language detector: about the share of the text in that language."""
    min_diacritics: float = 0.4
    """Share of words with a Vietnamese mark; articles have 0.66 to 0.97."""
    max_link_share: float = 0.5
    """Share of the text inside links."""
    max_duplicate_lines: float = 0.2
    """Share of lines seen before. FineWeb-2 vie_Latn: 0.293; articles have at most 0.14."""
    max_top_2gram: float = 0.223
    """Share of the text in its most frequent syllable pair. FineWeb-2 vie_Latn."""
    max_top_4gram: float = 0.197
    """The same for four syllables, which are two to three words; FineWeb-2 vie_Latn for three words."""
    max_duplicate_10grams: float = 0.4
    """Share of the text in repeated runs of ten syllables; long official documents reach 0.33."""
    max_teaser_pairs: float = 0.5
    """Share of lines that are headline and summary in turn."""
    max_tagged_lines: float = 0.4
    """Share of lines that open with an agency's tag."""
    max_more_lines: float = 0.2
    """Share of lines that only lead elsewhere."""
    max_stamp_lines: float = 0.15
    """Share of lines that are a date or a time."""
    min_cohesion: float = 0.06
    """Share of syllable pairs that neighbouring paragraphs have in common; judged from eight paragraphs on."""
    max_menu_lines: float = 0.45
    """Share of lines of up to four words without an end."""
    notice_words: float = 100
    """A text with "page not found" in it is an error page up to this length."""
    wall_words: float = 350
    """A text that asks to log in is a wall up to this length."""
    teaser_words: float = 80
    """A text that breaks off is a teaser up to this length."""
    max_capitals: float = 0.4
    """Share of capitals among the letters; articles have at most 0.23."""
    min_spelled_words: float = 0.65
    """Share of words with a letter. Gopher: 0.8; price lists and tables of results have less."""
    min_word_length: float = 2.5
    """Mean characters of a word, Vietnamese only; articles have 3.2 to 4.1."""
    max_word_length: float = 6.0
    """The same, upper bound: syllables that lost their spaces."""

    @classmethod
    def from_settings(cls, settings: Mapping[str, object]) -> Thresholds:
        """Thresholds with each that `settings` names as QUALITY_<FIELD>.

        Raises ProfileError naming the setting that is no number.
        """
        given = {field.name: settings.get(f"QUALITY_{field.name.upper()}") for field in fields(cls)}
        return cls(**{name: _number(name, value) for name, value in given.items() if value is not None})


def _number(name: str, value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        raise ProfileError(f"QUALITY_{name.upper()}: {value!r} is no number") from None


DEFAULTS = Thresholds()
