"""A newspaper on loopback in its own process, a folder of profiles that name it, and the real command."""

import json
import subprocess
import sys

import pytest
from workshop import ROOT, Workshop


class Newspapers:
    """The served newspapers: their ports, and what was asked of them."""

    def __init__(self, ports, log):
        self.ports = ports
        self.log = log

    def requests(self, site):
        entries = (json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines())
        return [entry for entry in entries if entry["site"] == site]

    def forget(self):
        self.log.write_text("", encoding="utf-8")


@pytest.fixture(scope="session")
def newspapers(tmp_path_factory):
    log = tmp_path_factory.mktemp("newspapers") / "requests.jsonl"
    log.touch()
    command = [sys.executable, ROOT / "tests" / "newspapers" / "serve.py", "--log", log, "--latency", "0.01"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        yield Newspapers(json.loads(server.stdout.readline()), log)
        server.terminate()


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory, newspapers):
    """What a crawl that nothing happens to makes of a newspaper; nobody changes it."""
    workshop = Workshop(tmp_path_factory.mktemp("undisturbed"), newspapers.ports["baobaclieu"])
    workshop.scrapy("crawl", "baobaclieu")
    return workshop


@pytest.fixture
def workshop(tmp_path, newspapers):
    newspapers.forget()
    return Workshop(tmp_path, newspapers.ports["baobaclieu"])
