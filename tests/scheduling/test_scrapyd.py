"""A real Scrapyd: the project deployed as it is, a job scheduled, the corpus read."""

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
DEADLINE = 90


class Scrapyd:
    """The server in a folder of its own, where the sites' folder lies."""

    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        shutil.copytree(ROOT / "seeds" / "baobaclieu", folder / "seeds" / "baobaclieu")
        conf = f"[scrapyd]\nbind_address = 127.0.0.1\nhttp_port = {self.port}\npoll_interval = 0.2\nmax_proc = 1\n"
        (folder / "scrapyd.conf").write_text(conf, encoding="utf-8")
        with (folder / "scrapyd.log").open("wb") as log:
            self.process = subprocess.Popen([BIN / "scrapyd"], cwd=folder, stdout=log, stderr=log)

    def ask(self, page, **form):
        data = urllib.parse.urlencode(form).encode() if form else None
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{page}", data) as answer:
            return json.load(answer)

    def is_up(self):
        with suppress(urllib.error.URLError):
            return self.ask("daemonstatus.json")["status"] == "ok"
        return False

    @property
    def log(self):
        return (self.folder / "scrapyd.log").read_text("utf-8")


def until(is_true):
    deadline = time.monotonic() + DEADLINE
    while not (found := is_true()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


@pytest.fixture
def scrapyd(tmp_path):
    (tmp_path / "home").mkdir()
    server = Scrapyd(tmp_path / "home")
    yield server
    server.process.terminate()
    server.process.wait()


@pytest.mark.slow
def test_a_deployed_job_writes_the_corpus(scrapyd, tmp_path):
    source = tmp_path / "project"
    shutil.copytree(ROOT / "crawler", source / "crawler", ignore=shutil.ignore_patterns("__pycache__"))
    target = f"\n[deploy:here]\nurl = http://127.0.0.1:{scrapyd.port}/\nproject = news\n"
    (source / "scrapy.cfg").write_text((ROOT / "scrapy.cfg").read_text("utf-8") + target, encoding="utf-8")
    until(scrapyd.is_up)
    deployed = subprocess.run([BIN / "scrapyd-deploy", "here"], cwd=source, capture_output=True, text=True, check=False)
    assert '"status": "ok"' in deployed.stdout, deployed.stderr + scrapyd.log
    assert scrapyd.ask("listspiders.json?project=news")["spiders"] == ["baobaclieu"]

    archive = ROOT / "seeds" / "demo.warc.gz"
    job = scrapyd.ask("schedule.json", project="news", spider="baobaclieu", archive=archive)["jobid"]
    until(lambda: [one for one in scrapyd.ask("listjobs.json?project=news")["finished"] if one["id"] == job])
    articles = scrapyd.folder / "output" / "articles"
    assert articles.is_dir(), scrapyd.log
    assert len(pd.read_parquet(articles)) >= 10
