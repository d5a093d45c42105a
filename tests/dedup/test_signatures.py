"""Signatures: the same for every spelling of a text, like for like texts, the same in every process."""

import json
import random
import subprocess
import sys
import time
import unicodedata
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelled import SPELLINGS, Writer

from crawler.dedup.signatures import (
    SIGNATURE_PARAMETERS,
    content_hash,
    estimate_containment,
    estimate_jaccard,
    minhash,
    sign,
)
from crawler.dedup.sketches import Sketch, sketch
from crawler.dedup.winnowing import SHINGLE_SIZE, WINDOW
from crawler.folding import fold

ROOT = Path(__file__).parents[2]
SEEDS = sorted((ROOT / "seeds").glob("*/01.json"))


def seed_text(path):
    gold = json.loads(path.read_text(encoding="utf-8"))
    return "\n\n".join(filter(None, [gold["lede"], *gold["body"]]))


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.parent.name)
def test_every_spelling_of_a_text_has_the_same_signature(path, spelling):
    writer, text = Writer(1), seed_text(path)
    plain = sign(writer.article([text]))
    spelled = sign(writer.article([SPELLINGS[spelling](text)]))
    assert spelled.content_hash == plain.content_hash
    assert spelled.signature == plain.signature
    assert len(plain.signature) == 4 * int(SIGNATURE_PARAMETERS["signature_permutations"])


def test_the_signature_of_a_known_text_never_changes():
    article = sign(Writer(1).article(["Người dân xã Suối Mây phấn khởi đón cây cầu mới."]))
    assert article.content_hash == "80ab4bec26f7ddeb5f1c4578cd8ff6dd895e69982242e310ca184b17e61d4711"
    assert article.signature[:16].hex() == "561276c7d2dc71c26329a2c0098b0f17"
    assert article.n_shingles == 7


def test_another_process_signs_alike():
    code = (
        "from crawler.dedup.sketches import sketch; from crawler.dedup.signatures import minhash;"
        "print(minhash(sketch('mot hai ba bon nam sau bay').distinct).hex())"
    )
    output = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert output.stdout.strip() == minhash(sketch("Một hai ba bốn năm sáu bảy").distinct).hex()


LATIN = st.text(st.characters(max_codepoint=0x344) | st.sampled_from("ạằệọữỹđĐÐ…“”–"))


@given(LATIN)
def test_folding_of_sketch_and_of_the_project_agree(text):
    assert " ".join(sketch(text).folded) == fold(text)


@given(st.text())
def test_any_text_survives_packing(text):
    sketched = sketch(text)
    assert Sketch.unpack(sketched.pack()) == sketched


@given(LATIN)
def test_normal_forms_of_any_latin_text_are_one(text):
    sketched = sketch(text)
    for form in ("NFC", "NFD"):
        assert content_hash(sketch(unicodedata.normalize(form, text))) == content_hash(sketched)


@pytest.mark.parametrize(("text", "n"), [("", 0), ("— … !", 0), ("Hết", 1), ("một hai ba bốn", 1), ("a b c d e f", 2)])
def test_short_texts_are_one_shingle_and_empty_ones_none(text, n):
    article = sign(Writer(1).article([text]))
    assert article.n_shingles == n
    assert bool(article.signature) == bool(n)


def test_different_short_texts_have_different_shingles():
    texts = ["a", "b", "a b", "b a", "a b c d", "a b c d e"]
    assert len({int(sketch(text).distinct[0]) for text in texts}) == len(texts)


def test_the_estimate_is_near_the_likeness():
    writer = Writer(3)
    errors = []
    for share in (0.05, 0.2, 0.4, 0.6):
        for _ in range(10):
            story = writer.paragraphs(10)
            one, other = sketch("\n".join(story)), sketch("\n".join(story[: round(10 * (1 - share))]))
            shared = len(np.intersect1d(one.distinct, other.distinct))
            jaccard = shared / len(np.union1d(one.distinct, other.distinct))
            estimate = estimate_jaccard(minhash(one.distinct), minhash(other.distinct))
            errors.append(estimate - jaccard)
            assert estimate_containment(jaccard, len(one.distinct), len(other.distinct)) == pytest.approx(
                shared / min(len(one.distinct), len(other.distinct))
            )
    assert abs(np.mean(errors)) < 0.02
    assert max(map(abs, errors)) < 0.16


def test_texts_without_shingles_are_like_nothing():
    assert estimate_jaccard(b"", b"") == 0.0
    assert estimate_containment(0.5, 0, 10) == 0.0


@given(st.integers(0, 2**32))
def test_a_shared_passage_gives_a_shared_fingerprint(seed):
    pick = random.Random(seed)  # noqa: S311 - hypothesis gives the seed
    passage = [f"chung{pick.randrange(10**6)}" for _ in range(WINDOW + SHINGLE_SIZE - 1)]

    def around():
        return [f"rieng{pick.randrange(10**9)}" for _ in range(pick.randrange(80))]

    texts = [" ".join([*around(), *passage, *around()]) for _ in range(2)]
    assert set(sketch(texts[0]).fingerprints) & set(sketch(texts[1]).fingerprints)


@pytest.mark.parametrize("text", ["x" * 300_000, "a " * 150_000, "a_" * 150_000, "\u0301" * 300_000, "…" * 300_000])
def test_hostile_texts_take_linear_time(text):
    start = time.perf_counter()
    sign(Writer(1).article([text]))
    assert time.perf_counter() - start < 3


def test_signing_changes_nothing_else():
    article = Writer(1).article(["Một bài viết ngắn về mùa gặt ở xã Láng Sen."])
    signed = sign(article)
    assert replace(signed, content_hash="", signature=b"", n_shingles=0) == article
    assert sign(signed) == signed
