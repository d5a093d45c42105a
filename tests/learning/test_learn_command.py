"""`scrapy learn` and `scrapy seeds`, offline on the bundled archive: what a user types and what is then on disk."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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
    gold = json.loads((folder / "01.json").read_text(encoding="utf-8"))
    shutil.rmtree(folder)
    assert scrapy(learned, "learn", gold["url"], "--site", "baclieu", "-a", ARCHIVE).returncode == 0
    path = folder / "profile.toml"
    changed = path.read_text(encoding="utf-8").replace("/{section}/{slug}-{id}.html", "/{section}/{any}")
    (folder / "learned.json").write_text(
        (folder / "learned.json")
        .read_text(encoding="utf-8")
        .replace("/{section}/{slug}-{id}.html", "/{section}/{any}"),
        encoding="utf-8",
    )
    path.write_text(changed, encoding="utf-8")
    done = scrapy(learned, "learn", "baclieu", "--relearn", "-a", ARCHIVE)
    assert done.returncode == 1
    assert '+    "/{section}/{slug}-{id}.html"' in done.stdout
    assert path.read_text(encoding="utf-8") == changed


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["http://baobaclieu.vn/xa-hoi/khong-co-99999.html"], "not among the archived pages"),
        (["--seed", "EMPTY", "--home", "http://baobaclieu.vn/"], "empty"),
        (["--seed", "LARGE", "--home", "http://baobaclieu.vn/"], "characters"),
        (["--seed", "OTHER", "--home", "http://baobaclieu.vn/"], "headline"),
        (["ARTICLE", "--seed", "OTHER"], "seed"),
        (["nix", "--relearn"], "known site"),
        ([], "what from"),
    ],
)  # fmt: skip
def test_bad_input_gets_one_line_and_changes_nothing(tmp_path, words, message):
    texts = {
        "EMPTY": "",
        "LARGE": "chữ " * 500_000,
        "OTHER": "Πρωτοσέλιδο για κάτι άλλο\n\n" + "Ένα κείμενο σε άλλη γραφή που δεν υπάρχει πουθενά. " * 20,
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    article = "http://baobaclieu.vn/chinh-tri/huyen-dong-hai-nang-cao-chat-luong-to-chuc-co-so-dang-55137.html"
    words = [str(tmp_path / word) if word in texts else article if word == "ARTICLE" else word for word in words]
    done = scrapy(tmp_path, "learn", *words, "-a", ARCHIVE)
    assert done.returncode in {1, 2}, done.stdout
    line = done.stderr.strip().splitlines()[-1]
    assert message in line, done.stderr
    assert not list(tmp_path.glob("*/profile.toml"))
