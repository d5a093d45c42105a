"""`scrapy verify` is silent about what is whole, and names every kind of damage with what mends it."""

import json
import sqlite3

import pytest

from crawler.commands import verify
from crawler.corpus.recovery import recover
from crawler.state.locks import SiteLock
from crawler.state.store import Store
from tests.corpus.smallcrawl import SmallCrawl


@pytest.fixture
def whole(own_corpus):
    """Without the articles that were archived nowhere."""
    folder = own_corpus.with_name(f"{own_corpus.name}-whole")
    for site in ("a", "b"):
        SmallCrawl(folder, site, f"{site}-1", n_pages=8).run()
    yield folder
    for path in sorted(folder.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()


def faults(scrapy, output, *words):
    code, out, err = scrapy(verify, output, "--json", *words)
    assert err == ""
    found = json.loads(out)
    assert code == (1 if found else 0)
    return found


def execute(output, *statements):
    with sqlite3.connect(output / "state.sqlite") as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_all_agrees(scrapy, whole):
    assert faults(scrapy, whole) == []
    assert faults(scrapy, whole, "--thorough") == []
    assert scrapy(verify, whole)[1] == "archive, corpus, index, state and manifests agree\n"


def a_part(output):
    return next(output.glob("articles/site=a/*.parquet"))


def an_archive(output):
    return next(output.glob("archive/a/*.warc.gz"))


def flipped(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


DAMAGES = {
    "part missing": (lambda o: a_part(o).unlink(), "corpus", "scrapy replay a"),
    "part changed": (lambda o: flipped(a_part(o)), "corpus", "scrapy replay a"),
    "stray file": (lambda o: a_part(o).with_name("notes.txt").touch(), "corpus", "move away"),
    "archive missing": (lambda o: an_archive(o).unlink(), "archive", "copy"),
    "archive cut": (lambda o: an_archive(o).write_bytes(an_archive(o).read_bytes()[:-20]), "archive", "copy"),
    "archive changed": (
        lambda o: flipped(max(o.glob("archive/a/*.gz"), key=lambda p: p.stat().st_size)),
        "archive",
        "copy",
    ),
    "index lacks one": (lambda o: execute(o, "DELETE FROM dedup_article WHERE number = 1"), "index", "dedup --rebuild"),
    "kept lacks one": (
        lambda o: execute(o, "DELETE FROM kept WHERE id = (SELECT min(id) FROM kept)"),
        "corpus",
        "scrapy replay",
    ),
    "counts differ": (lambda o: execute(o, "UPDATE url_counts SET n = n + 1"), "state", "rebuild-state"),
    "manifest damaged": (lambda o: next(o.glob("runs/*.json")).write_text("{"), "manifests", "delete"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_every_damage_is_named(scrapy, whole, name):
    damage, area, mend = DAMAGES[name]
    damage(whole)
    found = faults(scrapy, whole, "--thorough")
    assert [one for one in found if one["area"] == area and mend in one["mend"]], found
    assert all("\n" not in one["problem"] for one in found)


def test_a_lost_state_is_made_anew(scrapy, whole):
    for path in whole.glob("state.sqlite*"):
        path.unlink()
    code, _, err = scrapy(verify, whole)
    assert (code, err.count("\n")) == (1, 1)
    code, out, _ = scrapy(verify, whole, "--rebuild-state")
    assert code == 0, out
    with Store(whole) as store, SiteLock(store, "a", "later") as lock:
        recover(store, lock)
