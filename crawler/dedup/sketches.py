"""What two texts are compared by: folded syllables, their shingles, and the few shingles that find candidates."""

from __future__ import annotations

import hashlib
import re
import zlib
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from crawler.folding import fold

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Value = TypeVar("Value")
SHINGLE_SIZE = 5
"""Syllables in a shingle. Vietnamese words have one or two syllables: five are two or three words."""
WINDOW = 16
"""Shingles in a window, of which the smallest becomes a fingerprint. Calibration: docs/deduplication.md."""
_FINGERPRINT_BITS = 48
_MEMO_LENGTH = 24
_MEMO_SIZE = 1 << 17
_MULTIPLIER = 0x9E3779B97F4A7C15
_WORD = re.compile(r"\w[\w\u0300-\u036f]*")
_SENTENCE_END = re.compile(r"[.!?…:;\n\"“”()\[\]]+")


@dataclass(frozen=True)
class Sketch:
    """A text as its marked words: folded, those that look like a name with a capital initial."""

    words: tuple[str, ...]

    @cached_property
    def folded(self) -> tuple[str, ...]:
        """The folded words without any mark."""
        return tuple(" ".join(self.words).lower().split())

    @cached_property
    def shingles(self) -> NDArray[np.uint64]:
        """Hash of the shingle at every position; a text shorter than a shingle is one shingle."""
        return _shingle_hashes(np.array([_HASHES[word] for word in self.folded], dtype=np.uint64))

    @cached_property
    def distinct(self) -> NDArray[np.uint64]:
        """The distinct shingle hashes, sorted."""
        return np.unique(self.shingles)

    @cached_property
    def fingerprints(self) -> list[int]:
        """Sorted 48-bit numbers, about 2/(WINDOW+1) per shingle.

        Winnowing (Schleimer, Wilkerson and Aiken, SIGMOD 2003): two texts that share a passage of
        WINDOW + SHINGLE_SIZE - 1 syllables share a fingerprint, whatever stands around it.
        """
        hashes = self.shingles >> np.uint64(64 - _FINGERPRINT_BITS)
        if len(hashes) <= WINDOW:
            return [int(hashes.min())] if len(hashes) else []
        windows = np.lib.stride_tricks.sliding_window_view(hashes, WINDOW)
        return [int(value) for value in np.unique(windows.min(axis=1))]

    def pack(self, level: int = 6) -> bytes:
        """The words, compressed; about 1 KB for an article of 3,000 characters. `level`: zlib's, 1 to 9."""
        return zlib.compress(" ".join(self.words).encode(), level)

    @classmethod
    def unpack(cls, packed: bytes) -> Sketch:
        """What `pack` packed."""
        return cls(tuple(zlib.decompress(packed).decode().split()))


def sketch(text: str) -> Sketch:
    """The sketch of an article's text."""
    words: list[str] = []
    for sentence in _SENTENCE_END.split(text.replace("_", " ")):
        found = _WORD.findall(sentence)
        if found:
            words += _PLAIN[found[0]]
            words.extend(chain.from_iterable(map(_MARKED.__getitem__, found[1:])))
    return Sketch(tuple(words))


class _Memo(dict[str, Value]):
    """Values computed once per word, as long as words are short and not too many: pages are hostile."""

    def __init__(self, compute: Callable[[str], Value]) -> None:
        self._compute = compute

    def __missing__(self, word: str) -> Value:
        value = self._compute(word)
        if len(word) <= _MEMO_LENGTH and len(self) < _MEMO_SIZE:
            self[word] = value
        return value


def _plain(raw: str) -> tuple[str, ...]:
    """Folded words of `raw` at the beginning of a sentence, where a capital says nothing."""
    return tuple(fold(raw).split())


def _marked(raw: str) -> tuple[str, ...]:
    """Folded words of `raw` inside a sentence."""
    plain = _plain(raw)
    marked = tuple(word.capitalize() for word in plain)
    is_name = raw[0].isupper() and tuple(word.lower() for word in marked) == plain
    return marked if is_name else plain


def _word_hash(word: str) -> int:
    """The same in every process and on every machine, unlike `hash`."""
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")


_PLAIN = _Memo(_plain)
_MARKED = _Memo(_marked)
_HASHES = _Memo(_word_hash)


def _shingle_hashes(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    size = min(SHINGLE_SIZE, len(words))
    if not size:
        return np.empty(0, dtype=np.uint64)
    count = len(words) - size + 1
    total = np.full(count, size, dtype=np.uint64)
    for place in range(size):
        total = total * np.uint64(_MULTIPLIER) + words[place : place + count]
    return _mixed(total)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread every input bit over the word: the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
