"""The wheel, installed away from the checkout; and a package of somebody else's beside it. Nothing is downloaded."""

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "news-corpus-example"
EPOCH = {"SOURCE_DATE_EPOCH": "1700000000"}


def build(project, folder, kind="wheel"):
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", folder]
    done = subprocess.run(
        command, cwd=project, env={**os.environ, **EPOCH}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (path,) = folder.iterdir()
    return path


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build(ROOT, tmp_path_factory.mktemp("wheel"))


class Installation:
    """A folder that is installed into, with the libraries of this environment behind it, and a place to work in."""

    def __init__(self, folder):
        self.packages = folder / "site-packages"
        self.home = folder / "home"
        self.home.mkdir()

    def install(self, wheel):
        """A pure wheel is installed by being unpacked (PEP 427)."""
        with zipfile.ZipFile(wheel) as packed:
            packed.extractall(self.packages)  # noqa: S202 - built here, a moment ago

    def scrapy(self, *words, cwd=None, check=True):
        path = os.pathsep.join([str(self.packages), *filter(None, [os.environ.get("PYTHONPATH")])])
        names = {"SCRAPY_SETTINGS_MODULE", "PYTHONPATH", "SCRAPY_PROJECT"}
        environment = {name: value for name, value in os.environ.items() if name not in names} | {"PYTHONPATH": path}
        command = [sys.executable, "-P", "-m", "scrapy", *map(str, words)]
        done = subprocess.run(
            command, cwd=cwd or self.home, env=environment, capture_output=True, text=True, check=False
        )
        if check:
            assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
        return done


def test_nothing_is_to_be_said_about_the_container_file():
    done = subprocess.run(
        [Path(sys.executable).with_name("hadolint"), "Containerfile"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


def pinned(name):
    return set(re.findall(r"(?m)^([\w.-]+==\S+)", (ROOT / name).read_text(encoding="utf-8")))


def test_the_container_gets_the_versions_that_the_tests_ran_with():
    run, tested = pinned("requirements-run.lock"), pinned("requirements.lock")
    assert run < tested
    names = {line.split("==")[0] for line in run}
    assert names >= {"scrapy", "trafilatura", "pyarrow", "uvicorn", "apprise", "hatchling"}


@pytest.fixture(scope="module")
def installation(tmp_path_factory, wheel):
    made = Installation(tmp_path_factory.mktemp("installation"))
    made.install(wheel)
    return made


def test_two_builds_are_equal_byte_for_byte(wheel, tmp_path):
    (tmp_path / "again").mkdir()
    (tmp_path / "sdist").mkdir()
    (tmp_path / "sdist_again").mkdir()
    assert build(ROOT, tmp_path / "again").read_bytes() == wheel.read_bytes()
    sdist = build(ROOT, tmp_path / "sdist", "sdist")
    assert build(ROOT, tmp_path / "sdist_again", "sdist").read_bytes() == sdist.read_bytes()
    with tarfile.open(sdist) as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}
    assert {"pyproject.toml", "seeds/catalogue.toml", "crawler/settings.py", "requirements.lock"} <= names
    assert not [name for name in names if name.startswith(("output", ".venv", "benchmarks"))]


def test_the_wheel_has_every_file_of_the_package_and_nothing_of_a_machine(wheel):
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
    tracked = subprocess.run(["git", "ls-files", "crawler"], cwd=ROOT, capture_output=True, text=True, check=False)
    expected = {name for name in tracked.stdout.split("\n") if name and (ROOT / name).exists()}
    assert expected <= names
    assert {"crawler/example/demo.warc.gz", "crawler/example/catalogue.toml"} <= names
    assert not [name for name in names if name.startswith(("tests", "docs", "output")) or "__pycache__" in name]


@pytest.fixture(scope="module")
def corpus(installation):
    done = installation.scrapy("init", "corpus")
    assert "scrapy collect --all" in done.stdout
    return installation.home / "corpus"


def test_init_makes_a_folder_with_an_example(corpus):
    assert (corpus / "scrapy.cfg").read_text(encoding="utf-8") == "[settings]\ndefault = crawler.settings\n"
    assert (corpus / ".gitignore").read_text(encoding="utf-8") == "/output/\n"
    made = {str(path.relative_to(corpus / "seeds")) for path in (corpus / "seeds").rglob("*") if path.is_file()}
    assert made == {"catalogue.toml", "demo.warc.gz"} | {
        f"baothainguyen/{name}" for name in ("01.html.gz", "01.json", "01.txt", "profile.toml")
    }


def test_init_writes_over_nothing(installation):
    folder = installation.home / "mine"
    (folder / "seeds" / "baothainguyen").mkdir(parents=True)
    mine = folder / "seeds" / "baothainguyen" / "profile.toml"
    mine.write_text('hosts = ["mine.example"]', encoding="utf-8")
    done = installation.scrapy("init", "mine", check=False)
    assert done.returncode == 2
    assert "is there already" in done.stderr
    assert [path for path in folder.rglob("*") if path.is_file()] == [mine]


def test_one_can_collect_there_and_another_package_brings_a_site_a_stage_and_a_command(installation, corpus, tmp_path):
    (tmp_path / "example").mkdir()
    installation.install(build(EXAMPLE, tmp_path / "example"))
    assert installation.scrapy("list", cwd=corpus).stdout.split() == ["bao_vi_du", "baothainguyen"]
    archive = ("-a", "archive=seeds/demo.warc.gz", "-a", "max_pages=16", "-s", "EXTRACTION_WORKERS=1")
    crawled = installation.scrapy("crawl", "baothainguyen", *archive, cwd=corpus)
    assert re.match(r"baothainguyen: fetched \d+ = kept [1-9]", crawled.stdout)
    counted = installation.scrapy("sections", cwd=corpus).stdout.splitlines()
    assert len(counted) > 2
    assert not [line for line in counted if line.endswith(" -")]  # the stage filled what pages left open


def test_this_interpreter_is_among_those_that_are_declared():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'"Programming Language :: Python :: {sysconfig.get_python_version()}"' in project
