"""What is typed most often starts as fast as Scrapy itself: nothing heavy is imported before it is needed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {
    "crawler.crawling.downloader",
    "crawler.extraction",
    "crawler.spiders",
    "dateparser",
    "duckdb",
    "fastwarc",
    "ftfy",
    "htmldate",
    "jinja2",
    "justext",
    "multiprocessing",
    "numpy",
    "pandas",
    "pebble",
    "py3langid",
    "pyarrow",
    "pycld2",
    "rensa",
    "resiliparse",
    "rich",
    "trafilatura",
    "twisted.internet.reactor",
}
"""Each takes some hundredths of a second and more. lxml and Twisted are not here: Scrapy imports them itself."""
WATCHED = """
import json, os, sys
from scrapy.cmdline import execute

def modules_at(write, text):
    if not os.path.exists(PLACE):
        with open(PLACE, "w") as file:
            json.dump(sorted(sys.modules), file)
    return write(text)

PLACE = sys.argv.pop(1)
write = sys.stdout.write
sys.stdout.write = lambda text: modules_at(write, text)
execute(["scrapy", *sys.argv[1:]])
"""


def imported_at_first_output(path, *words):
    """Modules that `scrapy WORDS` has imported when it prints its first characters."""
    command = [sys.executable, "-c", WATCHED, str(path), *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout
    return set(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("words", [("--help",), ("list",)], ids=" ".join)
def test_start_imports_nothing_heavy(tmp_path, words):
    found = imported_at_first_output(tmp_path / "modules.json", *words)
    assert "scrapy.cmdline" in found
    assert not found & HEAVY


def test_summary_begins_before_anything_heavy_is_imported(tmp_path, corpus):
    found = imported_at_first_output(tmp_path / "modules.json", "inspect", "--sample", 0, "-s", f"OUTPUT_DIR={corpus}")
    assert not found & HEAVY
