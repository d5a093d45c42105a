"""What two texts are compared by: folded syllables, their shingles, and the few shingles that find candidates."""

from __future__ import annotations

import hashlib
import re
import zlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from crawler.dedup.winnowing import shingled, winnowed
from crawler.folding import fold

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Value = TypeVar("Value")
_MEMO_LENGTH = 24
_MEMO_SIZE = 1 << 17
_WORD = re.compile(r"\w[\w\u0300-\u036f]*")
_SENTENCE_END = re.compile(r"[.!?…:;\"“”()\[\]]+")


@dataclass(frozen=True)
class Sketch:
    """A text as its marked words: folded, those that look like a name with a capital initial."""

    words: tuple[str, ...]

    @cached_property
    def folded(self) -> tuple[str, ...]:
        """The folded words without any mark."""
        return tuple(map(str.lower, self.words))

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """The words that are a number or look like a name."""
        return tuple([word for word in self.words if word[0].isupper() or not word.isalpha()])

    @cached_property
    def plain(self) -> tuple[str, ...]:
        """The other words."""
        return tuple([word for word in self.words if word.isalpha() and not word[0].isupper()])

    @cached_property
    def shingles(self) -> NDArray[np.uint64]:
        """Hash of the shingle at every position; a text shorter than a shingle is one shingle."""
        words = np.fromiter(map(_HASHES.__getitem__, self.words), np.uint64, len(self.words))
        return shingled(words, np.array([len(words)]))[0]

    @cached_property
    def distinct(self) -> NDArray[np.uint64]:
        """The distinct shingle hashes, sorted."""
        return np.unique(self.shingles)

    @cached_property
    def fingerprints(self) -> list[int]:
        """What finds candidates, see `winnowed`."""
        values: list[int] = winnowed(self.shingles, np.array([len(self.shingles)]))[0].tolist()
        return values

    def pack(self, level: int = 6) -> bytes:
        """The words, compressed; about 1 KB for an article of 3,000 characters. `level`: zlib's, 1 to 9."""
        return zlib.compress(" ".join(self.words).encode(), level)

    @classmethod
    def unpack(cls, packed: bytes) -> Sketch:
        """What `pack` packed."""
        return cls(tuple(zlib.decompress(packed).decode().split()))


@lru_cache(maxsize=4)
def sketch(text: str) -> Sketch:
    """The sketch of an article's text; one that was read just now, to be signed or found, is not read again."""
    words: list[str] = []
    for line in text.split("\n"):
        is_start = True
        for token in line.split():
            read, is_start = (_FIRST if is_start else _LATER)[token]
            words += read
    return Sketch(tuple(words))


def word_hashes(token: str) -> list[int]:
    """Hashes of the folded words in a run of characters without white space."""
    return [_HASHES[word] for word in _FIRST[token][0]]


class _Memo(dict[str, Value]):
    """Values computed once per word, as long as words are short and not too many: pages are hostile."""

    def __init__(self, compute: Callable[[str], Value]) -> None:
        self._compute = compute

    def __missing__(self, word: str) -> Value:
        value = self._compute(word)
        if len(word) <= _MEMO_LENGTH and len(self) < _MEMO_SIZE:
            self[word] = value
        return value


def _first(token: str) -> tuple[tuple[str, ...], bool]:
    """Words of a token at the beginning of a sentence, and whether the next token begins one."""
    return _read(token, is_start=True)


def _later(token: str) -> tuple[tuple[str, ...], bool]:
    """The same inside a sentence."""
    return _read(token, is_start=False)


def _read(token: str, *, is_start: bool) -> tuple[tuple[str, ...], bool]:
    words: list[str] = []
    for place, part in enumerate(_SENTENCE_END.split(token.replace("_", " "))):
        is_start |= place > 0
        for raw in _WORD.findall(part):
            plain = fold(raw).split()
            words += plain if is_start else _marked(raw, plain)
            is_start = False
    return tuple(words), is_start


def _marked(raw: str, plain: list[str]) -> list[str]:
    """With a capital where it says that this is a name."""
    marked = [word.capitalize() for word in plain]
    is_name = raw[0].isupper() and [word.lower() for word in marked] == plain
    return marked if is_name else plain


def _word_hash(word: str) -> int:
    """The same in every process and on every machine, unlike `hash`."""
    return int.from_bytes(hashlib.blake2b(word.lower().encode(), digest_size=8).digest(), "little")


_FIRST = _Memo(_first)
_LATER = _Memo(_later)
_HASHES = _Memo(_word_hash)
