"""What benchmarks of a whole crawl share: a newspaper in a process of its own, seeds that have it, the command."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HERE = Path(__file__).parent
ROOT = HERE.parent


@contextmanager
def newspaper(script: str, n_articles: int, *options: str) -> Iterator[dict[str, Any]]:
    """Serve `script` (loopback.py or endless.py) on this machine; gives what it prints: host, profile, sizes."""
    command = [sys.executable, str(HERE / script), str(n_articles), *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        try:
            yield json.loads(server.stdout.readline()) if server.stdout else {}
        finally:
            server.terminate()


def write_seeds(folder: Path, profiles: Mapping[str, str]) -> Path:
    """The seeds of the project in `folder`, and a site for each profile beside them."""
    seeds = folder / "seeds"
    shutil.copytree(ROOT / "seeds", seeds, ignore=shutil.ignore_patterns("*.warc.gz"))
    for site, profile in profiles.items():
        (seeds / site).mkdir()
        (seeds / site / "profile.toml").write_text(profile, encoding="utf-8")
    return seeds


def scrapy(*words: object, **settings: object) -> list[str]:
    """The command line of `scrapy`; to be run in ROOT."""
    pairs = [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
    return [sys.executable, "-m", "scrapy", *map(str, words), *pairs]


def at_full_speed(n_requests: int) -> dict[str, object]:
    """Settings of a crawl on this machine that waits for nothing."""
    return {
        "ALLOW_PRIVATE_HOSTS": 1,
        "DOWNLOAD_DELAY": 0,
        "CONCURRENT_REQUESTS": n_requests,
        "CONCURRENT_REQUESTS_PER_DOMAIN": n_requests,
    }
