"""`scrapy learn` and `scrapy seeds`, offline on the bundled archive: what a user types and what is then on disk."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest
from scrapy.settings import Settings

from crawler.commands.learn import Command
from crawler.errors import LearningError, ProfileError

ROOT = Path(__file__).parents[2]
ARCHIVE = "archive=seeds/demo.warc.gz"


def scrapy(folder, *words):
    command = [sys.executable, "-m", "scrapy", *words, "-s", f"SEEDS_DIR={folder}", "-s", f"OUTPUT_DIR={folder}/out"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)


@pytest.fixture
def learned(tmp_path):
    text = ROOT / "seeds/baobaclieu/01.txt"
    done = scrapy(
        tmp_path, "learn", "--seed", str(text), "--home", "http://baobaclieu.vn/", "--site", "baclieu", "-a", ARCHIVE
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return tmp_path


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
    done = scrapy(learned, "learn", "baclieu", "--relearn", "--yes", "-a", ARCHIVE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '".tieude_chinh"' in path.read_text(encoding="utf-8")


def test_relearning_shows_the_difference_and_writes_nothing_unasked(learned):
    folder = learned / "baclieu"
    form, wider = "/{section}/{slug}-{id}.html", "/{section}/{any}"
    for name in ("profile.toml", "learned.json"):
        text = (folder / name).read_text(encoding="utf-8")
        assert form in text
        (folder / name).write_text(text.replace(form, wider), encoding="utf-8")
    before = (folder / "profile.toml").read_bytes()
    done = scrapy(learned, "learn", "baclieu", "--relearn", "-a", ARCHIVE)
    assert done.returncode == 1
    assert f'+    "{form}"' in done.stdout
    assert (folder / "profile.toml").read_bytes() == before


ARTICLE = "http://baobaclieu.vn/chinh-tri/huyen-dong-hai-nang-cao-chat-luong-to-chuc-co-so-dang-55137.html"
HOME = "http://baobaclieu.vn/"
TEXTS = {
    "empty": "",
    "large": "chữ " * 500_000,
    "other": "Πρωτοσέλιδο για κάτι άλλο\n\n" + "Ένα κείμενο σε άλλη γραφή που δεν υπάρχει πουθενά. " * 20,
}


def learn_here(folder, *args, seed=(), home=None, relearn=False):
    """The command without its process: offline it needs no reactor."""
    command = Command()
    command.settings = Settings({"SEEDS_DIR": str(folder), "OUTPUT_DIR": str(folder / "out")})
    archive = {"archive": str(ROOT / "seeds/demo.warc.gz")}
    opts = argparse.Namespace(site=None, seed=list(seed), home=home, relearn=relearn, yes=True, spargs=archive)
    return command.learn(list(args), opts)


@pytest.mark.parametrize(
    ("args", "seed", "message"),
    [
        (["http://baobaclieu.vn/xa-hoi/khong-co-99999.html"], None, "not among the archived pages"),
        ([], "empty", "empty"),
        ([], "large", "characters"),
        ([], "other", "headline"),
        ([ARTICLE], "other", "seed"),
    ],
)
def test_bad_input_is_named_and_changes_nothing(tmp_path, args, seed, message):
    for name, text in TEXTS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(LearningError, match=message):
        learn_here(tmp_path, *args, seed=[str(tmp_path / seed)] if seed else [], home=HOME)
    assert not list(tmp_path.glob("*/profile.toml"))


def test_a_lesson_that_fails_leaves_the_site_untouched(tmp_path):
    assert learn_here(tmp_path, ARTICLE) == 0
    before = {path: path.read_bytes() for path in (tmp_path / "baobaclieu_vn").iterdir()}
    (tmp_path / "other").write_text(TEXTS["other"], encoding="utf-8")
    for url in (HOME + "xa-hoi/khong-co-99999.html", ARTICLE):
        with pytest.raises(LearningError):
            learn_here(tmp_path, url, seed=[str(tmp_path / "other")])
    assert {path: path.read_bytes() for path in (tmp_path / "baobaclieu_vn").iterdir()} == before


def test_relearning_needs_a_known_site(tmp_path):
    with pytest.raises(ProfileError, match="known site"):
        learn_here(tmp_path, "nix", relearn=True)
