"""What pages say reaches terminal and log as letters only; nothing listens, and nothing runs what it reads."""

import ast
import io
import json
import logging
import re
from pathlib import Path

import pytest
from scrapy.utils.project import get_project_settings
from workshop import ROOT

from crawler.command import report_error
from crawler.errors import CollectorError
from crawler.inspection.lookup import printable
from crawler.inspection.sheets import as_json
from crawler.logformatter import Brief, LineFormatter, one_line

EVIL = "\x1b]0;pwned\x07\x1b[2J\x9b31mTin\u202egnart\u2066\u200f\x00\x08\x7f\r\nERROR: forged\u2028"
OBEYED = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def test_no_line_holds_what_a_terminal_obeys():
    assert OBEYED.search(EVIL)
    for line in (one_line(EVIL), str(Brief(EVIL)), as_json({EVIL: [EVIL]}), printable(EVIL)):
        assert not OBEYED.search(line)
    assert "\n" not in one_line(EVIL)
    assert json.loads(as_json({EVIL: [EVIL]})) == {EVIL: [EVIL]}
    assert one_line("Đặc sắc “mùa vàng” – 2026") == "Đặc sắc “mùa vàng” – 2026"


def test_an_error_is_one_line(capsys):
    assert report_error("crawl", CollectorError(f"http://bao.example/{EVIL}")) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert not OBEYED.search(said)


def test_no_page_writes_a_line_of_the_log():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter(logging.Formatter("%(levelname)s: %(message)s")))
    log = logging.getLogger("plain lines")
    log.handlers, log.propagate = [handler], False
    log.warning("%s broke the spider", EVIL)
    assert stream.getvalue().count("\n") == 1
    log.error("a stage broke", exc_info=ValueError(EVIL))
    assert "ValueError: " in stream.getvalue()
    assert not OBEYED.search(stream.getvalue())


def test_nothing_listens():
    settings = get_project_settings()
    assert not settings.getbool("TELNETCONSOLE_ENABLED")
    assert not settings.getbool("REMOTE_CONTROL_ENABLED")
    assert not settings.getbool("COOKIES_ENABLED")
    assert not settings.getbool("REFERER_ENABLED")
    assert settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")
    assert settings["JOBDIR"] is None


FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "shelve", "marshal", "yaml", "joblib", "cloudpickle"}
FORBIDDEN_CALLS = {"eval", "exec", "__import__"}


@pytest.mark.parametrize("path", sorted((ROOT / "crawler").rglob("*.py")), ids=lambda path: path.stem)
def test_no_code_is_read_from_data(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not FORBIDDEN_MODULES & {name.partition(".")[0] for name in names}
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in FORBIDDEN_CALLS
