"""`scrapy learn` and `scrapy seeds`, offline on the bundled archive: what a user types and what is then on disk."""

import argparse
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from scrapy.settings import Settings

from crawler.commands.learn import Command
from crawler.errors import LearningError
from crawler.learning.sources import SiteSources, find_article

ROOT = Path(__file__).parents[2]
ARCHIVE = "archive=seeds/demo.warc.gz"
ARTICLE = "http://baobaclieu.vn/chinh-tri/huyen-dong-hai-nang-cao-chat-luong-to-chuc-co-so-dang-55137.html"
HOME = "http://baobaclieu.vn/"
SEED = "seeds/baobaclieu/01.txt"


def scrapy(folder, *words):
    command = [sys.executable, "-m", "scrapy", *words, "-s", f"SEEDS_DIR={folder}", "-s", f"OUTPUT_DIR={folder}/out"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)


@pytest.fixture(scope="module")
def first_lesson(tmp_path_factory):
    folder = tmp_path_factory.mktemp("learned")
    done = scrapy(folder, "learn", SEED, "--home", HOME, "--site", "baclieu", "-a", ARCHIVE)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture
def learned(first_lesson, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    return shutil.copytree(first_lesson, tmp_path / "seeds")


def test_a_text_alone_finds_its_page_and_teaches_the_site(learned):
    folder = learned / "baclieu"
    gold = json.loads((folder / "01.json").read_text(encoding="utf-8"))
    assert gold["url"].endswith("-55137.html")
    assert {path.name for path in folder.iterdir()} == {
        "01.txt", "01.json", "01.html.gz", "profile.toml", "learned.json",
    }  # fmt: skip
    checked = scrapy(learned, "seeds", "--json")
    assert checked.returncode == 0, checked.stdout
    assert json.loads(checked.stdout)[0]["fields"]["text"] is True


def test_corrections_win_and_stay(learned):
    path = learned / "baclieu" / "profile.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"div.tieude_chinh"', '".tieude_chinh"'), encoding="utf-8")
    assert learn_here(learned, "baclieu", "--relearn", "--yes") == 0
    assert '".tieude_chinh"' in path.read_text(encoding="utf-8")


def test_corrected_gold_stays_and_teaches(learned):
    path = learned / "baclieu" / "01.json"
    gold = json.loads(path.read_text(encoding="utf-8"))
    corrected = gold | {"kicker": None, "captions": []}
    path.write_text(json.dumps(corrected), encoding="utf-8")
    for words in ([ARTICLE, SEED, "--site", "baclieu"], ["baclieu", "--relearn"]):
        assert learn_here(learned, *words, "--yes") == 0
        assert json.loads(path.read_text(encoding="utf-8")) == corrected
    profile = (learned / "baclieu" / "profile.toml").read_text(encoding="utf-8")
    assert "kicker" not in profile


def test_relearning_shows_the_difference_and_writes_nothing_unasked(learned, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    folder = learned / "baclieu"
    form, wider = "/{section}/{slug}-{id}.html", "/{section}/{any}"
    for name in ("profile.toml", "learned.json"):
        text = (folder / name).read_text(encoding="utf-8")
        assert form in text
        (folder / name).write_text(text.replace(form, wider), encoding="utf-8")
    before = (folder / "profile.toml").read_bytes()
    assert learn_here(learned, "baclieu", "--relearn") == 1
    assert f'+    "{form}"' in capsys.readouterr().out
    assert (folder / "profile.toml").read_bytes() == before


FILES = {
    "empty.txt": b"",
    "spaces.txt": "\ufeff \n\u00a0\n".encode(),
    "large.txt": "chữ ".encode() * 500_000,
    "long.txt": "chữ ".encode() * 100_000,
    "binary.txt": bytes(range(256)) * 40,
    "utf16.txt": ("Tiêu đề\n\n" + "Một đoạn văn. " * 30).encode("utf-16"),
    "list.txt": b"Home\nNews\nSports\n" * 20,
    "greek.txt": (
        "Πρωτοσέλιδο για κάτι άλλο\n\n" + "Ένα κείμενο σε άλλη γραφή που δεν υπάρχει πουθενά. " * 20
    ).encode(),
}
BAD = {
    "no such page": ([HOME + "xa-hoi/khong-co-99999.html"], "khong-co-99999.html: not among the archived pages"),
    "home page": ([HOME], f"{HOME}: lists articles and is none"),
    "section": ([HOME + "kinh-te"], "kinh-te: lists articles and is none"),
    "two sites": ([ARTICLE, "http://baothainguyen.vn/mot-bai"], "mot-bai: is not on baobaclieu.vn"),
    "no address": (["nix"], "nix: neither an address"),
    "other scheme": (["ftp://baobaclieu.vn/bai"], "ftp://baobaclieu.vn/bai: no http or https address"),
    "key": ([ARTICLE, "--site", "../x"], "../x: letters a-z, digits"),
    "home": (["greek.txt", "--home", "nix"], "nix: neither an address"),
    "unpaired": ([ARTICLE, ARTICLE, SEED], "2 addresses and 1 texts"),
    "no site": (["greek.txt"], "greek.txt: names no site"),
    "empty": (["empty.txt", "--home", HOME], "empty.txt: the text is empty"),
    "spaces": (["spaces.txt", "--home", HOME], "spaces.txt: the text is empty"),
    "2 MB": (["large.txt", "--home", HOME], "large.txt: more than 1,200,000 bytes"),
    "long": ([ARTICLE, "long.txt"], "long.txt: 400,000 characters"),
    "binary": (["binary.txt", "--home", HOME], "binary.txt: is no UTF-8 text (byte 128)"),
    "not UTF-8": ([ARTICLE, "utf16.txt"], "utf16.txt: is no UTF-8 text (byte 0); save it as UTF-8"),
    "no paragraph": ([ARTICLE, "list.txt"], "list.txt: no paragraph"),
    "missing": (["nix.txt", "--home", HOME], "nix.txt: No such file"),
    "directory": ([ARTICLE, "tests"], "tests: Is a directory"),
    "other script": (["greek.txt", "--home", HOME], "greek.txt: 'Πρωτοσέλιδο για κάτι άλλο': none of 1"),
    "contradiction": ([ARTICLE, "greek.txt"], "holds 0% of its seed's words"),
    "other article": ([ARTICLE, "seeds/baothainguyen/01.txt"], "of its seed's words; is it the seed's page?"),
    "unknown site": (["nix", "--relearn"], "nix: no known site"),
    "no archive": ([ARTICLE, "-a", "archive=nix.warc.gz"], "nix.warc.gz: No such file"),
    "no WARC": ([ARTICLE, "-a", "archive=pyproject.toml"], "pyproject.toml"),
}


def learn_here(folder, *words):
    """The command without its process: offline it needs no reactor. Returns its exit code."""
    command = Command()
    command.settings = Settings({"SEEDS_DIR": str(folder), "OUTPUT_DIR": str(folder / "out")})
    parser = argparse.ArgumentParser()
    command.add_options(parser)
    options, args = parser.parse_known_args([*words, *([] if "-a" in words else ["-a", ARCHIVE])])
    command.process_options(args, options)
    command.run(args, options)
    return command.exitcode


def files_below(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seeds")
    assert learn_here(folder, ARTICLE, SEED) == 0
    return folder


@pytest.fixture
def in_root(tmp_path, monkeypatch):
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    monkeypatch.chdir(ROOT)
    return tmp_path


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named_in_one_line_and_changes_nothing(site, in_root, capsys, case):
    words, message = BAD[case]
    before = files_below(site)
    assert learn_here(site, *(str(in_root / word) if word in FILES else word for word in words)) != 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert message in printed.err
    assert files_below(site) == before


def test_a_new_site_is_not_begun_by_a_lesson_that_fails(in_root):
    assert learn_here(in_root / "new", ARTICLE, str(in_root / "greek.txt")) == 1
    assert not (in_root / "new").exists()


def test_a_headline_on_two_pages_is_named_with_both():
    sources = SiteSources((), (), (), {HOME + "a-1.html": "Bến đò cũ", HOME + "b-2.html": "Bến đò cũ"})
    with pytest.raises(LearningError, match=r"two pages have this headline: .*a-1\.html and .*b-2\.html; name one"):
        find_article("BẾN ĐÒ CŨ", sources)


def test_a_further_example_joins_the_site_that_is_known_on_its_host(site, in_root, capsys):
    shutil.copytree(site / "baobaclieu_vn", in_root / "seeds" / "baclieu")
    other = HOME + "chinh-tri/mot-bai.html"
    assert learn_here(in_root / "seeds", other) == 1
    assert other in capsys.readouterr().err
    assert learn_here(in_root / "seeds", ARTICLE) == 0
    assert [path.name for path in (in_root / "seeds").iterdir()] == ["baclieu"]


def test_an_address_alone_gives_gold_as_the_page_prints_it(in_root):
    assert learn_here(in_root / "seeds", ARTICLE) == 0
    gold = json.loads((in_root / "seeds/baobaclieu_vn/01.json").read_text(encoding="utf-8"))
    wanted = json.loads((ROOT / "seeds/baobaclieu/01.json").read_text(encoding="utf-8"))
    names = ("title", "kicker", "lede", "published_at", "author", "captions", "body")
    assert {name: gold.get(name) for name in names} == {name: wanted.get(name) for name in names}
