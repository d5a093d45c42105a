"""What the documentation says is there: commands, settings, reasons, files. Made pages are current."""

import ast
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from scrapy.settings import default_settings

from crawler import settings
from crawler.health.causes import Cause
from crawler.inspection.reference import BEGIN, MADE, SETTINGS, current, setting_name
from crawler.items import Reason
from crawler.sites.profile import load_profile

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "tests/newspapers/README.md"])
COMMANDS = sorted(path.stem for path in (ROOT / "crawler/commands").glob("[a-z]*.py"))
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
BLOCK = re.compile(r"^```\w*\n(.*?)^```|^((?: {4}.*\n)+)", re.DOTALL | re.MULTILINE)
REAL_FILE = re.compile(r"`((?:crawler|tests|benchmarks|docs|seeds)/[\w./-]+\.\w+)`")


def text_of(path):
    return path.read_text(encoding="utf-8")


def name_of(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_and_named_files_exist(page):
    links = [link for link in LINK.findall(CODE.sub("", text_of(page))) if "://" not in link]
    broken = [link for link in links if not (page.parent / link.partition("#")[0]).exists()]
    assert not broken + [name for name in REAL_FILE.findall(text_of(page)) if not (ROOT / name).exists()]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_path_of_one_machine(page):
    assert not re.findall(r"(?<![\w.:/])/(?:home|root|work|tmp|Users|opt|mnt)/[\w.-]+", text_of(page))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_in_examples_exist(page):
    blocks = "\n".join("".join(found) for found in BLOCK.findall(text_of(page)))
    typed = re.findall(r"(?m)^\s*(?:\$ )?scrapy ([a-z]+)", blocks)
    verbs = re.findall(r"(?m)^\s*(?:\$ )?make ([a-z]+)", blocks)
    assert set(typed) <= {*COMMANDS, "shell", "settings"}
    assert set(verbs) <= targets()


def targets():
    return set(re.findall(r"(?m)^([a-z]+):(?!=)", text_of(ROOT / "Makefile")))


def test_the_readme_shows_its_two_verbs_and_a_tour():
    readme = text_of(ROOT / "README.md")
    assert {"demo", "test"} <= set(re.findall(r"(?m)^make ([a-z]+)", readme)) <= targets()
    assert {"collect", "inspect", "explain", "replay"} <= set(re.findall(r"(?m)^\$ scrapy ([a-z]+)", readme))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_its_options_are_documented(command):
    page = text_of(ROOT / "docs/commands.md")
    found = re.search(rf"(?ms)^## {command}\n(.*?)(?=^## |\Z)", page)
    assert found, f"docs/commands.md has no section {command}"
    assert f"scrapy {command}" in found[1]
    source = text_of(ROOT / f"crawler/commands/{command}.py")
    options = {option for option in re.findall(r'"(--[a-z-]+)"', source) if f'["{option}' not in source}
    assert not [option for option in options if not option_is_told(option, found[1], source)]


def option_is_told(option, section, source):
    """By its long name, or by the short one that stands before it."""
    short = re.search(rf'"(-\w)", "{option}"', source)
    return option in section or (short is not None and short[1] in section)


def test_the_index_names_every_page():
    index = text_of(ROOT / "docs/README.md")
    pages = {path.name for path in ROOT.glob("docs/*.md")} - {"README.md"}
    assert pages == set(re.findall(r"\]\(([\w-]+\.md)\)", index))


def test_every_page_begins_with_one_heading():
    for page in PAGES:
        headings = re.findall(r"(?m)^# .+", CODE.sub("", text_of(page)))
        assert len(headings) == 1, page.name


@pytest.mark.parametrize("page", MADE)
def test_made_parts_are_current(page):
    text = text_of(ROOT / "docs" / page)
    assert text.count(BEGIN) == 1
    assert text == current(page, text), "run `make docs`"


def test_every_setting_is_on_its_page():
    page = text_of(ROOT / "docs/settings.md")
    names = [name for name in vars(settings) if name.isupper() and name not in {"TYPE_CHECKING", "BOT_NAME"}]
    assert len(names) > 50
    assert not [name for name in names if not re.search(rf"`{name}`|^{name}\b", page, re.MULTILINE)]


def test_our_own_settings_have_a_reason():
    page = text_of(ROOT / "docs/settings.md")
    source = ast.parse(SETTINGS.read_text(encoding="utf-8")).body
    names = [setting_name(node) for node in source if isinstance(node, ast.Assign | ast.AnnAssign)]
    ours = [name for name in names if not hasattr(default_settings, name)]
    assert len(ours) > 15
    assert not [name for name in ours if re.search(rf"^\| `{name}` \| .* \|  \|$", page, re.MULTILINE)]


def test_every_reason_is_explained():
    page = text_of(ROOT / "docs/reasons.md")
    assert not [reason for reason in Reason if not re.search(rf"^\| `{reason}` \| \w.+ \|$", page, re.MULTILINE)]


def test_every_cause_of_health_has_its_place_among_the_symptoms():
    page = text_of(ROOT / "docs/troubleshooting.md")
    assert not [cause.value for cause in Cause if f"`{cause.value}`" not in page]


def test_the_example_profile_can_be_used(tmp_path):
    example = re.search(r"```toml\n(.*?)```", text_of(ROOT / "docs/profile.md"), re.DOTALL)
    (tmp_path / "profile.toml").write_text(example[1], encoding="utf-8")
    profile = load_profile(tmp_path)
    assert profile.templates[0].body
    assert profile.crawl.delay == 5


def test_python_of_the_pages_compiles_and_its_imports_exist():
    for page in PAGES:
        for block in re.findall(r"```python\n(.*?)```", text_of(page), re.DOTALL):
            for node in ast.walk(ast.parse(block)):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("crawler"):
                    module = importlib.import_module(node.module)
                    assert all(hasattr(module, alias.name) for alias in node.names), page.name


def test_the_notebook_prints_what_the_page_says(monkeypatch, capsys):
    page = text_of(ROOT / "docs/journeys.md")
    part = page.partition("use the pieces in a notebook?\n")[2]
    [code, printed] = re.findall(r"```(?:python|text)\n(.*?)```", part, re.DOTALL)[:2]
    monkeypatch.chdir(ROOT)
    exec(compile(code, "docs/journeys.md", "exec"), {})  # noqa: S102 - the page's own example
    assert capsys.readouterr().out == printed


def test_the_smallest_spider_of_the_pages_is_one():
    for page in ("journeys.md", "plugins.md"):
        for code in re.findall(r"```python\n(.*?)```", text_of(ROOT / "docs" / page), re.DOTALL):
            if "(ArticleSpider)" in code:
                names = {}
                exec(compile(code, page, "exec"), names)  # noqa: S102 - as above
                assert any(name.endswith("Spider") and kind.name == "bao_vi_du" for name, kind in names.items()
                           if name != "ArticleSpider" and isinstance(kind, type))  # fmt: skip


def test_rooms_of_the_contract_are_all_described():
    rooms = set(
        re.findall(r'"([a-z_ |]+)",', re.search(r"layers = \[(.*?)\]", text_of(ROOT / "pyproject.toml"), re.DOTALL)[1])
    )
    names = {name.strip() for row in rooms for name in row.split("|")}
    told = set(re.findall(r"`([a-z_]+)`", text_of(ROOT / "CONTRIBUTING.md")))
    assert names <= told, names - told


def test_every_dependency_is_explained():
    project = text_of(ROOT / "pyproject.toml")
    block = re.search(r"(?ms)^dependencies = \[(.*?)^\]", project)[1] + re.search(r"(?ms)^dev = \[(.*?)^\]", project)[1]
    names = re.findall(r'"([A-Za-z0-9-]+)', block)
    assert len(names) > 20
    page = text_of(ROOT / "docs/dependencies.md").lower()
    assert not [name for name in names if name.lower() not in page]


def test_make_alone_explains_itself():
    environment = {**os.environ, "MAKEFLAGS": ""}
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True, env=environment)
    assert {"demo", "test", "lint", "format", "docs", "bench", "lock"} <= set(re.findall(r"make ([a-z]+)", done.stdout))


def test_scrapy_lists_every_command():
    done = subprocess.run([sys.executable, "-m", "scrapy"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not [name for name in COMMANDS if not re.search(rf"(?m)^  {name} ", done.stdout)]
