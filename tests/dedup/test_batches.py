"""Many texts at once give what one text after the other gives."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelled import Writer

from crawler.dedup import batches
from crawler.dedup.batches import KEY_BYTES, PrintReader
from crawler.dedup.sketches import sketch

SYLLABLES = st.sampled_from(
    [*"aàbcđĐeghiklmn", "TTXVN", "16h", "…", "“Xin", "chào”,", "-", "a_b", "a\u00a0b", "½", "™"]
)
PROSE = st.lists(SYLLABLES, max_size=60).map(" ".join)


@settings(deadline=None)
@given(st.lists(PROSE | st.text(max_size=30), max_size=8))
def test_as_one_by_one(texts):
    prints = PrintReader().read(pa.array(texts, pa.string()))
    sketches = [sketch(text) for text in texts]
    assert prints.n_words.tolist() == [len(one.words) for one in sketches]
    ends = np.cumsum(prints.n_fingerprints)
    split = [part.tolist() for part in np.split(prints.fingerprints, ends)[:-1]]
    assert split == [one.fingerprints for one in sketches]
    keys = [prints.keys[at : at + KEY_BYTES] for at in range(0, len(prints.keys), KEY_BYTES)]
    for one, key in zip(sketches, keys, strict=True):
        for other, other_key in zip(sketches, keys, strict=True):
            assert (key == other_key) == (one.folded == other.folded)


@pytest.mark.parametrize("limit", ["MAX_TOKENS", "MAX_CHARS"])
def test_what_is_remembered_is_bounded_and_changes_nothing(monkeypatch, limit):
    writer = Writer(3)
    texts = pa.array([article for _ in range(4) for article in writer.paragraphs(3)])
    whole = PrintReader().read(texts)
    monkeypatch.setattr(batches, limit, 50)
    reader = PrintReader()
    pieces = [reader.read(texts.slice(at, 3)) for at in range(0, 12, 3)]
    assert b"".join(piece.keys for piece in pieces) == whole.keys
    assert np.array_equal(np.concatenate([piece.fingerprints for piece in pieces]), whole.fingerprints)
    assert reader._known == {}
