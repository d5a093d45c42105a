"""What the web site of the documentation is built from."""

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def pages_of(nav):
    for entry in nav:
        if isinstance(entry, str):
            yield entry
        else:
            for part in entry.values():
                yield from [part] if isinstance(part, str) else pages_of(part)


def test_every_page_stands_once_in_the_menu_of_the_site():
    config = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    listed = list(pages_of(config["nav"]))
    assert sorted(listed) == sorted(path.name for path in (ROOT / "docs").glob("*.md"))
    assert config["theme"]["font"] is False  # no letters from elsewhere
    assert "offline" in config["plugins"]


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
