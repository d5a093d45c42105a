"""Deterministic Vietnamese prose for made-up articles: the seeds' own words in new orders."""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Iterator

SEEDS = Path(__file__).parents[1] / "seeds"


def seed_blocks() -> Iterator[str]:
    """Title, lede and paragraphs of every seed."""
    for path in sorted(SEEDS.glob("*/01.json")):
        gold = json.loads(path.read_text(encoding="utf-8"))
        yield from filter(None, [gold["title"], gold.get("lede"), *gold["body"]])


class Prose:
    """A chain of words learned from texts, the seeds' by default: what follows a word follows it somewhere in them."""

    def __init__(self, blocks: Iterable[str] | None = None) -> None:
        self.follows: dict[str, list[str]] = defaultdict(list)
        for block in seed_blocks() if blocks is None else blocks:
            words = [word.strip('.,;:!?()"“”') for word in block.split()]
            for word, following in pairwise(words):
                if word and following:
                    self.follows[word].append(following)
        self.words = sorted(self.follows)

    def words_of(self, draw: random.Random, n: int) -> str:
        """`n` words that follow one another."""
        words = [draw.choice(self.words)]
        while len(words) < n:
            words.append(draw.choice(self.follows.get(words[-1]) or self.words))
        return " ".join(words)

    def sentence(self, draw: random.Random) -> str:
        """A sentence of 12 to 32 words."""
        first, second = self.words_of(draw, draw.randint(6, 16)), self.words_of(draw, draw.randint(6, 16))
        text = f"{first}, {second}."
        return text[0].upper() + text[1:]

    def paragraph(self, draw: random.Random, n_sentences: int) -> str:
        """Some sentences, one of them with a number."""
        sentences = [self.sentence(draw) for _ in range(n_sentences)]
        sentences.append(f"Con số này là {draw.randint(11, 9999)}, tăng {draw.randint(2, 98)}% so với cùng kỳ.")
        return " ".join(sentences)
