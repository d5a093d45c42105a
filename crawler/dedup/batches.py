"""Fingerprints of many texts at once: read as a column, each distinct run of characters folded once."""

from __future__ import annotations

import hashlib
from array import array
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow.compute as pc

from crawler.dedup.sketches import word_hashes
from crawler.dedup.winnowing import shingled, winnowed

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

MAX_TOKENS = 1 << 19
"""Runs of characters that are remembered: 30 MB of short ones."""
MAX_CHARS = 1 << 23
"""Their characters together: pages are hostile."""
KEY_BYTES = 16


class Prints(NamedTuple):
    """What stands for each of some texts."""

    keys: bytes
    """KEY_BYTES each: equal for equal folded texts."""
    n_words: NDArray[np.int64]
    fingerprints: NDArray[np.uint64]
    """Of the first text, sorted, then those of the second …"""
    n_fingerprints: NDArray[np.int64]


class PrintReader:
    """Reads texts; gives of each what `Sketch` would."""

    def __init__(self) -> None:
        self._forget()

    def read(self, texts: pa.StringArray) -> Prints:
        """Prints of up to `winnowing.MAX_TEXTS` texts, none of them null."""
        words, counts = self._words(texts)
        ends = np.cumsum(counts)
        keys = b"".join(
            hashlib.blake2b(words[end - count : end], digest_size=KEY_BYTES).digest()  # type: ignore[arg-type]
            for end, count in zip(ends.tolist(), counts.tolist(), strict=True)
        )
        return Prints(keys, counts, *winnowed(*shingled(words, counts)))

    def _words(self, texts: pa.StringArray) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Hashes of the folded words of all texts, and how many each has."""
        tokens = pc.ascii_split_whitespace(texts)
        coded = tokens.flatten().dictionary_encode()
        numbers = self._numbered(coded.dictionary.to_pylist())[coded.indices.to_numpy()]
        n_words = np.array(self._n_words, dtype=np.int64)
        starts = np.cumsum(n_words) - n_words
        each = n_words[numbers]
        ends = np.cumsum(each)
        places = np.repeat(starts[numbers] - (ends - each), each) + np.arange(int(each.sum()))
        words = np.array(self._words_of_all, dtype=np.uint64)[places]
        n_tokens = pc.list_value_length(tokens).to_numpy()
        totals = np.append(0, ends)[np.append(0, np.cumsum(n_tokens))]
        if len(self._known) > MAX_TOKENS or self._n_chars > MAX_CHARS:
            self._forget()
        return words, np.diff(totals)

    def _numbered(self, tokens: list[str]) -> NDArray[np.int64]:
        for token in tokens:
            if token not in self._known:
                found = word_hashes(token)
                self._known[token] = len(self._n_words)
                self._n_words.append(len(found))
                self._words_of_all.extend(found)
                self._n_chars += len(token)
        return np.fromiter(map(self._known.__getitem__, tokens), np.int64, len(tokens))

    def _forget(self) -> None:
        self._known: dict[str, int] = {}
        self._n_words = array("q")
        self._words_of_all = array("Q")
        self._n_chars = 0
