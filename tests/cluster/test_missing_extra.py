"""Without the extra `cluster` each command says what to install, and everything else works."""

import subprocess
import sys
from pathlib import Path

import pytest

from crawler.cluster.engine import check_address
from crawler.errors import OptionError

ROOT = Path(__file__).parents[2]
TRY_ALL = """
import sys
sys.modules["ray"] = sys.modules["daft"] = None
from scrapy.cmdline import execute
for words in (["collect", "--all"], ["replay", "baobaclieu"], ["dedup", "seeds"]):
    try:
        execute(["scrapy", *words, "--on", "ray"])
    except SystemExit as end:
        print(words[0], end.code)
"""


def test_each_command_says_what_to_install():
    done = subprocess.run([sys.executable, "-c", TRY_ALL], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["collect", "2", "replay", "2", "dedup", "2"], done.stderr
    lines = done.stderr.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["scrapy collect", "scrapy replay", "scrapy dedup"]
    for line in lines:
        assert "ray is not installed; pip install 'news-corpus-collector[cluster]'" in line


@pytest.mark.parametrize("on", ["dask", "ray://", "10.0.0.1:6379", "http://a:1", "Ray"])
def test_addresses_that_are_none(on):
    with pytest.raises(OptionError, match="--on"):
        check_address(on)


@pytest.mark.parametrize(
    ("on", "address"),
    [("ray", None), ("ray://auto", "auto"), ("ray://10.0.0.1", "10.0.0.1:6379"), ("ray://head:7000/", "head:7000")],
)
def test_addresses(on, address):
    assert check_address(on) == address
