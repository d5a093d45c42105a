"""What the web site of the documentation is built from."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    built = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", ROOT / "docs", built]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return built


def test_every_page_stands_once_in_the_menu_of_the_site():
    menu = yaml.safe_load((ROOT / "docs" / "_toc.yml").read_text(encoding="utf-8"))
    listed = [entry["file"] for part in menu["subtrees"] for entry in part["entries"]]
    assert sorted([menu["root"], *listed]) == sorted(path.stem for path in (ROOT / "docs").glob("*.md"))


def test_the_site_can_be_searched_and_loads_nothing_from_elsewhere(site):
    assert '"deduplication"' in (site / "searchindex.js").read_text(encoding="utf-8")
    loaded = re.compile(r"""<(?:script|link|img|iframe)[^>]*?(?:src|href)=["'](?:https?:)?//""")
    pages = list(site.glob("*.html"))
    assert len(pages) > len(list((ROOT / "docs").glob("*.md")))
    assert not [page.name for page in pages if loaded.search(page.read_text(encoding="utf-8"))]


def test_the_workflow_runs_what_has_to_pass_on_each_declared_python():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    jobs = workflow["jobs"]
    assert any(step.get("run") == ".ci/run" for step in jobs["test"]["steps"])
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for version in jobs["test"]["strategy"]["matrix"]["python"]:
        assert f'"Programming Language :: Python :: {version}"' in project


def test_the_image_runs_as_no_root_and_copies_only_what_exists():
    lines = (ROOT / "Containerfile").read_text(encoding="utf-8").splitlines()
    copied = [
        word for line in lines if line.startswith("COPY ") and "--from" not in line for word in line.split()[1:-1]
    ]
    assert len(copied) > 4
    assert all((ROOT / name).exists() for name in copied)
    assert lines.index("USER 1000") < lines.index('ENTRYPOINT ["scrapy"]')
