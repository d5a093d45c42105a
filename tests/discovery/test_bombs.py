"""Small things that grow large: none costs more than 250 MB, none raises what nobody expects, nothing is fetched.

BOMBS=all tries them all (a minute).
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from bombs import BOMBS

ROOT = Path(__file__).parents[2]
IS_ALL = os.environ.get("BOMBS") == "all"
MEGABYTES, SECONDS = 250, 15
QUICK = (
    "brotli", "zstd", "page by brotli", "five layers, said", "a thousand codings", "empty members",
    "billion laughs", "billion laughs in a feed", "quadratic entities", "entity of a file", "parameter entities",
    "dtd from elsewhere", "deep xml", "deep feed", "deep json", "a million attributes", "open tags",
    "headers without end", "a header without end", "a header of many lines", "interim answers",
)  # fmt: skip
EXPECTED = {
    "brotli": "TooLargeError: .* unpacks to more than 4194304 bytes",
    "zstd": "TooLargeError: .* unpacks to more than 4194304 bytes",
    "gzip": "TooLargeError: .* unpacks to more than",
    "deflate": "TooLargeError: .* unpacks to more than",
    "page by": "TooLargeError: .* unpacks to more than",
    "five layers, said": "ArchiveError: .* at most 2 are undone",
    "five layers": "not_a_sitemap",
    "a thousand codings": "ArchiveError: .* at most 2 are undone",
    "gzip of .xml.gz": "too_many_urls, 50000",
    "a million addresses": "TooLargeError",
    "a hundred thousand sitemaps": "too_many_urls, 50000",
    "headers without end": ".*head too large",
    "a header without end": "connection dropped",
    "a header of many lines": ".*head too large",
    "interim answers": ".*head too large",
    "record": "ArchiveError: .* larger than is read",
}
"""What comes of a bomb, by the beginning of its name; the others bring nothing, or what they hold."""


@pytest.fixture(scope="module")
def costs():
    names = list(BOMBS) if IS_ALL else QUICK
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, Path(__file__).with_name("bombs.py"), *names]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True, cwd=ROOT, timeout=600)
    return {name: cost for name, *cost in map(json.loads, done.stdout.splitlines())}


def test_bombs_cost_little_and_are_told(costs):
    assert len(BOMBS) >= 40
    assert set(costs) == (set(BOMBS) if IS_ALL else set(QUICK))
    assert not {name: cost for name, cost in costs.items() if cost[1] > MEGABYTES or cost[2] > SECONDS}
    assert not {name: cost for name, cost in costs.items() if cost[0].startswith(("RAISED", "DIED", "accepted"))}
    for name, (outcome, *_) in costs.items():
        prefix = max((prefix for prefix in EXPECTED if name.startswith(prefix)), key=len, default="")
        assert re.match(EXPECTED.get(prefix, ".*"), outcome), (name, outcome)
        assert "root:" not in outcome
