"""A newspaper on loopback in its own process, a folder of profiles that name it, and the real command."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FAST = {
    "ALLOW_PRIVATE_HOSTS": "1",
    "DOWNLOAD_DELAY": "0",
    "CHECKPOINT_SECONDS": "0.1",
    "COMMIT_SECONDS": "0.3",
    "EXTRACTION_WORKERS": "1",
    "FETCH_BACKOFF": "0.2",
}


class Workshop:
    """Where one test crawls: its own seeds and output."""

    def __init__(self, folder, port=None, site="baobaclieu", host_pattern=None):
        self.output = folder / "output"
        self.seeds = folder / "seeds"
        self.site = site
        shutil.copytree(ROOT / "seeds" / site, self.seeds / site)
        if port is not None:
            self.point_at(port)

    def point_at(self, port):
        path = self.seeds / self.site / "profile.toml"
        text = path.read_text(encoding="utf-8")
        host = re.search(r'hosts = \["([^"]+)"', text)[1]
        text = re.sub(rf"https?://{re.escape(host)}", f"http://127.0.0.1:{port}", text)
        text = re.sub(r"hosts = \[[^\]]*\]", f'hosts = ["127.0.0.1:{port}"]', text)
        if "\nhome" not in text:
            text = text.replace("\nverified", f'\nhome = "http://127.0.0.1:{port}/"\nverified', 1)
        path.write_text(text, encoding="utf-8")

    def command(self, *words, **settings):
        options = {"OUTPUT_DIR": self.output, "SEEDS_DIR": self.seeds, **FAST, **settings}
        pairs = [part for name, value in options.items() for part in ("-s", f"{name}={value}")]
        return [sys.executable, "-m", "scrapy", *words, *pairs]

    def scrapy(self, *words, check=True, timeout=120, **settings):
        done = subprocess.run(
            self.command(*words, **settings), cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False
        )
        if check and done.returncode != 0:
            raise AssertionError(f"scrapy {' '.join(words)} -> {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def start(self, *words, **settings):
        with open(os.devnull, "w") as nothing:
            return subprocess.Popen(
                self.command(*words, **settings), cwd=ROOT, stdout=nothing, stderr=nothing, start_new_session=True
            )

    def manifests(self):
        paths = sorted((self.output / "runs").glob("*.json"), key=lambda path: path.stat().st_mtime)
        return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


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


@pytest.fixture
def workshop(tmp_path, newspapers):
    newspapers.forget()
    return Workshop(tmp_path, newspapers.ports["baobaclieu"])
