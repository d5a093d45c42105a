"""What a shell offers after `scrapy`: real shells ask, as when somebody presses Tab."""

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import time
from argparse import Namespace
from pathlib import Path

import pytest
from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from crawler.commands import completion
from crawler.completing import candidates
from crawler.progress import LINE_SECONDS, Progress, describe

ROOT = Path(__file__).parents[2]
CASES = [
    (["scrapy", "comp"], ["compact", "completion"]),
    (["scrapy", "crawl", "bao"], ["bao_hai", "bao_mot"]),
    (["scrapy", "collect", "bao_mot", "bao"], ["bao_hai"]),
    (["scrapy", "inspect", "--dup"], ["--duplicates"]),
    (["scrapy", "inspect", "--site", "=", "t"], ["tin_ba"]),
    (["scrapy", "schedule", "pa"], ["pause"]),
    (["scrapy", "schedule", "pause", ""], ["bao_hai", "bao_mot", "tin_ba"]),
    (["scrapy", "report", "--out", ""], []),
    (["scrapy", "crawl", "-s", "SEEDS_DIR=none", ""], []),
]
PRESS = """\
source "$1/bash"
while IFS= read -r line; do
  IFS=, read -r -a COMP_WORDS <<< "$line,."; unset 'COMP_WORDS[-1]'
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _scrapy; echo "${COMPREPLY[@]}"
done
"""


def command():
    command = completion.Command()
    command.settings = Settings({"COMMANDS_MODULE": "crawler.commands"})
    return command


@pytest.fixture(scope="module")
def scripts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("completion")
    for shell in ("bash", "zsh", "fish"):
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            assert command().execute([shell], Namespace()) == 0
        (folder / shell).write_text(printed.getvalue(), encoding="utf-8")
    return folder


@pytest.fixture
def project(tmp_path):
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = crawler.settings\n")
    for site in ("bao_mot", "bao_hai", "tin_ba"):
        (tmp_path / "seeds" / site).mkdir(parents=True)
        (tmp_path / "seeds" / site / "profile.toml").touch()
    (tmp_path / "seeds" / "catalogue").mkdir()
    (tmp_path / "below").mkdir()
    return tmp_path


def test_bash_offers_what_fits(scripts, project):
    typed = "".join(f"{','.join(words)}\n" for words, _ in CASES)
    done = subprocess.run(
        ["bash", "--norc", "-c", PRESS, "bash", scripts], cwd=project / "below", input=typed, capture_output=True,
        text=True, check=True, env={"PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert done.stderr == ""
    assert [line.split() for line in done.stdout.splitlines()] == [offered for _, offered in CASES]


def test_nothing_heavy_is_imported():
    code = "import sys, crawler.completing; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not {"scrapy", "twisted", "lxml", "pyarrow", "msgspec"} & set(loaded.split())


@pytest.mark.parametrize(("shell", "call"), [
    ("zsh", "zsh -fc 'compdef() { :; }; source {script}; typeset -p _scrapy_table >/dev/null'"),
    ("fish", "fish --no-config -c 'source {script}; complete -C \"scrapy comp\"'"),
])  # fmt: skip
def test_other_shells_read_their_script(scripts, project, shell, call):
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")
    command = call.format(script=scripts / shell)
    done = subprocess.run(command, shell=True, cwd=project, capture_output=True, text=True, check=True)  # noqa: S602 - our own words
    assert done.stderr == ""
    assert shell == "zsh" or "completion\t" in done.stdout


def test_what_commands_say_of_themselves():
    table = command().table(has_help=True)
    assert {"crawl", "collect", "inspect", "serve", "shell"} <= {word for word, _ in candidates(table, [""])}
    assert list(candidates(table, ["completi"])) == [("completion", completion.Command().short_desc())]
    assert dict(candidates(table, ["verify", "--th"]))["--thorough"]
    assert [word for word, _ in candidates(table, ["completion", "z"])] == ["zsh"]
    assert list(candidates(table, ["nothing", ""])) == []


def test_scripts_carry_the_table_whole(scripts):
    text = (scripts / "fish").read_text(encoding="utf-8").partition(" __scrapy_table ")[2].partition("\nfunction")[0]
    assert json.loads(text[1:-1].replace("'\"'\"'", "'")) == command().table(has_help=True)


def test_only_known_shells():
    with pytest.raises(UsageError, match="bash, zsh, fish"):
        command().execute(["csh"], Namespace())


@pytest.mark.parametrize(
    ("n_done", "n_all", "seconds", "said"),
    [
        (0, 0, 1.0, "0 files"), (0, 10, 5.0, "0 of 10 files"), (5, 0, 2.0, "5 files, 2.5/s"),
        (1200, 20_000, 60.0, "1,200 of 20,000 files, 20.0/s, 16 min left"), (10, 10, 2.0, "10 of 10 files, 5.0/s"),
        (1, 2, 40.0, "1 of 2 files, 0.0/s, 40 s left"), (1, 101, 72.0, "1 of 101 files, 0.0/s, 2 h 0 min left"),
    ],
)  # fmt: skip
def test_how_far_in_words(n_done, n_all, seconds, said):
    assert describe(n_done, n_all, "files", seconds) == said


def test_without_a_terminal_a_line_now_and_then(monkeypatch, capsys):
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    for is_quiet in (False, True):
        with Progress("verify", "files", is_quiet=is_quiet) as progress:
            read = progress.phase("verify: archive", "records")
            for n_done in range(10):
                now[0] += LINE_SECONDS / 4
                (progress if n_done < 5 else read)(n_done, 10)
    assert capsys.readouterr().err.splitlines() == [
        "verify: 3 of 10 files, 0.1/s, 2 min left", "verify: archive: 7 of 10 records, 0.2/s, 13 s left"
    ]  # fmt: skip
