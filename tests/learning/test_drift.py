"""A layout that changes between two crawls: the second says so, with pages before and after and a proposal."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cms_pages import SYSTEMS, Story

from crawler.archive import ArchiveWriter, Exchange
from crawler.folding import fold
from crawler.sites.profile import SiteProfile, Template
from crawler.sites.saving import save_profile

ROOT = Path(__file__).parents[2]
HOME = "https://baolang.example/"
DAY = datetime(2026, 3, 9, 8, tzinfo=UTC)


def story(number):
    """Longer than those of one topic would be, and no near duplicate of them."""
    found = Story(number)
    more = (
        f"Vào ngày thứ {number * 31 + place} {' '.join(reversed(line.split()))}."
        for place, line in enumerate(found.body)
    )
    found.body = [*found.body, *more]
    return found


def address(number):
    return f"{HOME}doi-song/{fold(Story(number).title).replace(' ', '-')}-{70000 + number}.html"


def archived(folder, system, numbers, at):
    """A WARC file with what the site answered on one day."""
    pages = {address(number): SYSTEMS[system](story(number)) for number in numbers}
    links = "".join(f'<li><a href="{address(number)}">{Story(number).title}</a></li>' for number in numbers)
    pages[HOME] = f"<html><body><h1>Báo Làng</h1><ul>{links}</ul></body></html>"
    headers = (("content-type", "text/html; charset=utf-8"),)
    with ArchiveWriter(folder, "baolang", 1) as writer:
        for url, text in pages.items():
            writer.append(Exchange(url, 200, headers, text.encode(), at))
        writer.sync()
    return next((folder / "archive/baolang").iterdir())


@pytest.mark.slow
def test_a_changed_layout_is_said_with_pages_and_selectors(tmp_path):
    template = Template(
        fit=("div.story__body",), lede=("h2.story__sapo",), body=("div.story__body",), keep_blocks=("p",)
    )
    profile = SiteProfile(key="baolang", hosts=("baolang.example",), templates=(template,))
    save_profile(profile, tmp_path / "seeds/baolang")
    first = archived(tmp_path / "one", "modern", range(6), DAY)
    second = archived(tmp_path / "two", "old", range(6, 12), DAY + timedelta(days=2))
    done = [
        subprocess.run(
            [
                sys.executable,
                "-m",
                "scrapy",
                "crawl",
                "baolang",
                "-a",
                f"archive={file}",
                "-a",
                "full=1",
                "-s",
                f"SEEDS_DIR={tmp_path / 'seeds'}",
                "-s",
                f"OUTPUT_DIR={tmp_path / 'out'}",
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=100,
            check=True,
        )
        for file in (first, second)
    ]
    assert "READS WORSE" not in done[0].stdout
    said = done[1].stdout
    assert "baolang READS WORSE THAN BEFORE\n  pages that the template fits: 0%, usually 100%" in said
    assert f"read well before:  {HOME}doi-song/" in said
    assert any(f"read worse now:    {address(number)}" in said for number in range(6, 12))
    assert '"div.noidung"' in said.partition("would propose:")[2]
    assert said.rstrip().endswith("to take it over: scrapy learn baolang --relearn")
