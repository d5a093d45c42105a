"""Where one test crawls: a folder with seeds and output of its own, and the real command."""

import json
import re
import shutil
import sqlite3
import sys
from pathlib import Path

from starter import Starter

from crawler.state.store import Store
from crawler.state.survey import survey

ROOT = Path(__file__).parents[2]
FAST = {
    "ALLOW_PRIVATE_HOSTS": "1",
    "DOWNLOAD_DELAY": "0",
    "CHECKPOINT_SECONDS": "0.1",
    "COMMIT_SECONDS": "0.3",
    "EXTRACTION_WORKERS": "1",
    "FETCH_BACKOFF": "0.2",
    "SOURCE_REST": "0",
}
STARTER = Starter()


class Workshop:
    """Where one test crawls: its own seeds and output."""

    def __init__(self, folder, port=None, site="baobaclieu"):
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

    def spoil(self, site):
        """Add a site whose profile cannot be used."""
        (self.seeds / site).mkdir()
        (self.seeds / site / "profile.toml").write_text('hosts = ["a.example"]\nnme = "x"', encoding="utf-8")

    def forget_template(self):
        """Leave the site without seeds and without what they taught."""
        folder = self.seeds / self.site
        for path in folder.glob("0*"):
            path.unlink()
        path = folder / "profile.toml"
        path.write_text(path.read_text(encoding="utf-8").partition("[[templates]]")[0], encoding="utf-8")

    def command(self, *words, **settings):
        options = {"OUTPUT_DIR": self.output, "SEEDS_DIR": self.seeds, **FAST, **settings}
        pairs = [part for name, value in options.items() for part in ("-s", f"{name}={value}")]
        return [sys.executable, "-m", "scrapy", *words, *pairs]

    def scrapy(self, *words, check=True, timeout=120, **settings):
        done = STARTER.run(self.command(*words, **settings)[3:], timeout)
        if check and done.returncode != 0:
            raise AssertionError(f"scrapy {' '.join(words)} -> {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def start(self, *words, **settings):
        return STARTER.begin(self.command(*words, **settings)[3:])

    def manifests(self):
        paths = sorted((self.output / "runs").glob("*.json"), key=lambda path: path.stat().st_mtime)
        return [json.loads(path.read_text(encoding="utf-8")) for path in paths]

    def check_sum(self):
        """discovered = done + failed + disallowed + left out + pending + in flight, row by row and by the counters."""
        with Store(self.output, is_read_only=True) as store:
            found = survey(store, self.site)
        assert found.problems == ()
        parts = (found.done, found.failed, found.disallowed, found.left_out, found.pending, found.in_flight)
        assert found.discovered == sum(parts)
        return found

    def ask(self, query, *values):
        """Rows of the state."""
        connection = sqlite3.connect(self.output / "state.sqlite")
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()
