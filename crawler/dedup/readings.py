"""What deciding on an article needs of its text: read where there is time for it, in a worker, and brought along.

A reading depends on the text alone, so it is remembered by the text: whoever changed the text after it was read gets
another reading, and a text that nobody brought a reading of is read when it is asked for.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crawler.dedup.sketches import Sketch, sketch
from crawler.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

MAX_READINGS = 4_096
"""Readings that are remembered: more than wait for a commit, some 5 KB each."""
MAX_PARAGRAPHS = 500
"""Of a text, counted and looked up."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Of one text, in bytes that go from process to process as they are."""

    words: bytes
    """`Sketch.pack`."""
    fingerprint_bytes: bytes
    """`Sketch.fingerprints`, uint64."""
    paragraph_bytes: bytes
    """Hash of each folded paragraph, int64, signed as SQLite's integers are."""
    length_bytes: bytes
    """Words of each folded paragraph, int64; 0 for one without a word."""

    @property
    def fingerprints(self) -> NDArray[np.uint64]:
        """What finds candidates."""
        return np.frombuffer(self.fingerprint_bytes, dtype=np.uint64)

    def sketch(self) -> Sketch:
        """What candidates are compared by."""
        return Sketch.unpack(self.words)

    def paragraphs(self) -> Iterator[tuple[int, int, int]]:
        """Place, hash and number of words of each paragraph that has words."""
        hashes = np.frombuffer(self.paragraph_bytes, dtype=np.int64).tolist()
        lengths = np.frombuffer(self.length_bytes, dtype=np.int64).tolist()
        for place, (key, n_words) in enumerate(zip(hashes, lengths, strict=True)):
            if n_words:
                yield place, key, n_words


def read(text: str) -> Reading:
    """The reading of an article's text."""
    sketched = sketch(text)
    folded = [fold(line) for line in split(text)]
    return Reading(
        sketched.pack(),
        np.array(sketched.fingerprints, dtype=np.uint64).tobytes(),
        np.array([_hash(line) for line in folded], dtype=np.int64).tobytes(),
        np.array([len(line.split()) for line in folded], dtype=np.int64).tobytes(),
    )


def split(text: str) -> list[str]:
    """The paragraphs that are counted."""
    return text.split("\n\n")[:MAX_PARAGRAPHS]


def remember(text: str, reading: Reading) -> None:
    """Have `reading_of` give for `text` what another process has read."""
    _known[_key(text)] = reading
    if len(_known) > MAX_READINGS:
        _known.popitem(last=False)


def reading_of(text: str) -> Reading:
    """The reading of `text`, remembered or new."""
    key = _key(text)
    if key not in _known:
        remember(text, read(text))
    return _known[key]


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()


def _hash(folded: str) -> int:
    return int.from_bytes(hashlib.blake2b(folded.encode(), digest_size=8).digest(), "little", signed=True)


_known: OrderedDict[bytes, Reading] = OrderedDict()
"""By hash of the text, so that long texts are not held."""
