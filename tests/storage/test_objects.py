"""The client of object storage, on a folder, and what it says of what cannot be used."""

import sys
import time

import pytest

from crawler.errors import OptionError, StorageError
from crawler.storage.objects import MissingError, Objects, is_url


@pytest.fixture
def objects(tmp_path):
    return Objects(f"file://{tmp_path}/a bucket/prefix")


def test_an_object_can_be_made_once_only(objects):
    assert objects.create("commits/1.json", b"first")
    assert not objects.create("commits/1.json", b"second")
    assert objects.get("commits/1.json") == b"first"


def test_the_same_bytes_again_are_taken_for_our_own_whose_answer_was_lost(objects):
    assert objects.create("commits/1.json", b"first")
    assert objects.create("commits/1.json", b"first")


def test_listing_is_in_order_and_begins_behind_a_key(objects):
    for number in (3, 1, 2):
        objects.put(f"commits/{number:03d}.json", b"x" * number)
    objects.put("other/001.json", b"")
    assert [(found.key, found.size) for found in objects.list("commits", after="commits/001.json")] == [
        ("commits/002.json", 2),
        ("commits/003.json", 3),
    ]


def test_an_object_comes_in_pieces_and_can_be_replaced_and_deleted(objects):
    data = bytes(range(256)) * 40_000
    objects.put("part", b"before")
    objects.put("part", data)
    assert objects.head("part").size == len(data)
    assert b"".join(objects.pieces("part", len(data))) == data
    assert objects.get_range("part", 255, 3) == b"\xff\x00\x01"
    objects.delete(["part", "never there"])
    with pytest.raises(MissingError, match="no such object"):
        objects.get("part")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("hf://datasets/someone/news", "hf upload"),
        ("ftp://host/folder", "known: s3, gs"),
        ("/a/folder", "no address"),
        ("s3://", "no address"),
    ],
)
def test_what_is_no_storage_is_refused_in_one_line(url, words):
    with pytest.raises(OptionError, match=words) as caught:
        Objects(url)
    assert "\n" not in str(caught.value)


def test_without_the_extra_the_message_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(OptionError, match=r"pip install 'news-corpus-collector\[cloud\]'"):
        Objects(f"file://{tmp_path}")


def test_a_storage_that_does_not_answer_is_one_clear_line_after_the_time_given(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    begun = time.monotonic()
    with pytest.raises(StorageError, match="does not answer") as caught:
        Objects("s3://bucket/prefix", retry_seconds=0.5).put("key", b"")
    assert time.monotonic() - begun < 20
    assert "\n" not in str(caught.value)
    assert "s3://bucket/prefix/key" in str(caught.value)


def test_addresses_are_told_from_paths():
    assert is_url("s3://bucket/prefix")
    assert not is_url("output")
    assert not is_url("/a/b:c")
