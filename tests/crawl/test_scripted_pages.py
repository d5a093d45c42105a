"""A section that scripts build, in a real Chromium: read like any other, archived as what it is, and no way out."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from stat_names import names, unexplained
from workshop import ROOT, Workshop

from crawler.archive import read_exchange
from crawler.browser.equipment import MISSING, NAMES, equip
from crawler.errors import OptionError, ProfileError
from crawler.items import Pointer
from crawler.sites.profile import load_profile

SITE, SECTION = "baobaclieu", "/kinh-te"
ELSEWHERE = [f"/{key}{rest}" for key in ("chinh-tri", "xa-hoi", "van-hoa-nghe-thuat") for rest in ("", "/{any}")]


@pytest.fixture
def beyond():
    """A server of somebody else on this machine, which nobody may connect to."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        yield listener


@pytest.fixture
def scripted(tmp_path, beyond):
    host = f"127.0.0.1:{beyond.getsockname()[1]}"
    log = tmp_path / "requests.jsonl"
    command = [sys.executable, ROOT / "tests/newspapers/serve.py", "--log", log, "--site", SITE, "--scripted", SECTION,
               "--beyond", host]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        shop = Workshop(tmp_path, json.loads(server.stdout.readline())[SITE], SITE)
        shop.log = log
        yield shop
        server.terminate()


def ask_for_a_browser(shop, *forms):
    path = shop.seeds / SITE / "profile.toml"
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"sections = \[.*?\]", f"ignore_url = {json.dumps(ELSEWHERE)}", text, count=1, flags=re.DOTALL)
    path.write_text(text.replace("[sources]", f"[crawl]\nbrowser = {json.dumps(forms)}\n\n[sources]", 1), "utf-8")


def children(pid):
    """Ids of the processes below `pid` that still run."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [*found, *(below for child in found for below in children(child))]


def in_section(shop):
    frame = pd.read_parquet(shop.output / "articles").sort_values("id")
    return frame[frame["url"].str.contains(SECTION)]


@pytest.mark.slow
@pytest.mark.skipif(not any(map(shutil.which, NAMES)), reason="there is no chromium here")
def test_a_section_that_scripts_build(scripted, beyond):
    ask_for_a_browser(scripted, SECTION, f"{SECTION}/{{any}}")
    done = scripted.scrapy("crawl", SITE, "-L", "INFO")
    assert "playwright/browser_count" in names(done.stderr)
    assert unexplained(done.stderr) == []
    found = in_section(scripted)
    assert len(found) == 2
    assert (found["extraction"] == "template").all()
    assert not found["text"].str.contains("Đang tải").any()
    paths = [json.loads(line)["path"] for line in scripted.log.read_text("utf-8").splitlines()]
    assert paths.count("/scripted/app.js") == 1, "scripts are kept for the next page"
    assert not {"/scripted/count", "/scripted/style.css", "/scripted/spinner.png"} & set(paths)
    with pytest.raises(BlockingIOError):
        beyond.accept()
    assert "Traceback" not in done.stderr
    for row in found.itertuples():
        exchange = read_exchange(scripted.output, Pointer(row.archive_file, row.archive_offset, row.archive_length))
        assert exchange.header("x-crawler-rendered").startswith("chromium/")
        assert row.title in exchange.body.decode(), "what is read is what is archived: a replay needs no browser"


def until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.skipif("CRAWL_KILLS" not in os.environ, reason="one of the long forms")
@pytest.mark.skipif(not any(map(shutil.which, NAMES)), reason="there is no chromium here")
def test_ctrl_c_leaves_no_browser_behind(scripted):
    ask_for_a_browser(scripted, SECTION, f"{SECTION}/{{any}}")
    with scripted.start("crawl", SITE) as crawl:
        until(lambda: "/scripted/app.js" in scripted.log.read_text("utf-8"))
        below = children(crawl.pid)
        crawl.send_signal(signal.SIGINT)
        assert crawl.wait(60) == 130
    assert len(below) > 3
    until(lambda: not any(is_running(pid) for pid in below))
    scripted.check_sum()


def is_running(pid):
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")[:80]
    except FileNotFoundError:
        return False


def test_without_the_extra_one_line_says_what_to_install(workshop, monkeypatch):
    ask_for_a_browser(workshop, SECTION)
    monkeypatch.setattr("crawler.browser.equipment.find_spec", lambda _: None)
    with pytest.raises(OptionError) as caught:
        equip(None)
    assert str(caught.value) == MISSING


def test_a_form_that_is_none_is_told(workshop):
    ask_for_a_browser(workshop, "kinh-te")
    with pytest.raises(ProfileError, match=r"crawl\.browser"):
        load_profile(workshop.seeds / SITE)
