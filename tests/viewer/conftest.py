"""One crawled newspaper with a few articles beside it, served as users serve it; and one browser."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from served import FAST, ROOT, SITE, Server, Workshop, hostile_page, plain, until
from visiting import Visitor, watch

from tests.dedup.newsdesk import commit


@pytest.fixture(scope="session")
def folder():
    shm = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    folder = Path(tempfile.mkdtemp(dir=shm if shm.is_dir() else None))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def server(folder):
    """A corpus without archived pages: enough for all that needs no browser."""
    output, seeds = folder / "plain", folder / "plain-seeds"
    shutil.copytree(ROOT / "seeds" / SITE, seeds / SITE)
    commit(output, plain())
    server = Server(output, seeds)
    yield server
    server.close()


@pytest.fixture(scope="session")
def newspaper(folder):
    """Slow enough to be watched."""
    script = ROOT / "tests" / "newspapers" / "serve.py"
    command = [sys.executable, script, "--log", folder / "log.jsonl", "--latency", "0.04", "--site", SITE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        yield json.loads(process.stdout.readline())[SITE]
        process.terminate()


@pytest.fixture(scope="session")
def workshop(folder, newspaper):
    return Workshop(folder / "crawled", newspaper)


@pytest.fixture(scope="module")
def browser():
    """Of one file's tests: while it is open an event loop runs here, in which no other test could run its own."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("there is no chromium here: pages are not looked at in a browser")
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
                 "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"]  # fmt: skip
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def crawled(workshop, browser):
    """The crawl of the local newspaper, watched on the live page while it runs; then a few articles beside it."""
    with workshop.start("crawl", SITE, "-a", "max_pages=40") as crawl:
        until((workshop.output / "state.sqlite").is_file)
        settings = [f"{name}={value}" for name, value in FAST.items()]
        folders = (f"OUTPUT_DIR={workshop.output}", f"SEEDS_DIR={workshop.seeds}")
        server = Server(workshop.output, workshop.seeds, settings=(*folders, *settings))
        visitor = Visitor(browser, server, locale="en-US", viewport={"width": 1100, "height": 800})
        watch(visitor.go("/live"), crawl, workshop)
        visitor.close()
    commit(workshop.output, plain())
    server.hostile = hostile_page(workshop.output)
    until(lambda: server.ask("/search?q=ra+khoi+khung")[2].count("data-hit") == 1)
    yield server
    server.close()


@pytest.fixture
def visitor(browser, crawled):
    visitor = Visitor(browser, crawled, locale="en-US", viewport={"width": 1100, "height": 800})
    yield visitor
    visitor.close()
