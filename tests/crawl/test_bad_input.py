"""What a user can type or write wrong: one clear line, and an exit code that tells."""

import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from scrapy import cmdline
from scrapy.utils.project import get_project_settings
from workshop import ROOT, Workshop

from crawler.crawling.offline import OfflineSource
from crawler.errors import CorpusError, OptionError, ProfileError
from crawler.sites.profile import load_profile, read_profiles
from crawler.state.locks import SiteLock
from crawler.state.store import Store

DEMO = ROOT / "seeds" / "demo.warc.gz"
GOOD = 'hosts = ["bao.example"]\n'


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("hosts = [", "cannot be read as TOML"),
        ('hosts = ["a.example"]\nhosts = ["b.example"]', "cannot be read as TOML"),
        ('name = "x"', r"'hosts' is missing; write hosts = "),
        ("hosts = []", "hosts: empty"),
        ('hosts = "a.example"', r"hosts: must be a list"),
        ("hosts = [1]", r"hosts\[0\]: must be text in quotes"),
        ('hosts = ["https://a.example/"]', "hosts: 'https://a.example/' is no host name"),
        (GOOD + "lenguages = []", "unknown key 'lenguages'; did you mean 'languages'[?] allowed: name, hosts, "),
        (
            GOOD + '[sources]\nfeed = ["x"]',
            r"unknown key 'feed' in \[sources\]; did you mean 'feeds'[?] allowed: feeds, ",
        ),
        (GOOD + '[[templates]]\ntitel = ["h1"]', r"unknown key 'titel' in \[templates\[0\]\]; did you mean 'title'"),
        (GOOD + '[crawl]\ndelay = "2"', "crawl.delay: must be a number"),
        (GOOD + "[crawl]\ndelay = -1", "crawl.delay: -1.0 is no number of seconds"),
        (GOOD + "[crawl]\nverify_tls = false", "crawl.verify_tls: false needs its reason in notes"),
        (GOOD + "notes = ' '\n[crawl]\nverify_tls = false", "crawl.verify_tls: false needs its reason in notes"),
        (GOOD + "[crawl]\nmax_pages = -1", "crawl.max_pages: -1 is below 0"),
        (GOOD + 'time_zone = "Asia/Saigonn"', "time_zone: 'Asia/Saigonn' is no known zone"),
        (GOOD + 'home = "bao.example"', "home: 'bao.example' is no http or https address"),
        (GOOD + '[sources]\nfeeds = ["/rss"]', "sources.feeds: '/rss' is no http or https address"),
        (
            GOOD + '[sources]\narticle_url = ["/{slog}.html"]',
            r"sources.article_url: .*\{slog\}.*allowed are \{section\}",
        ),
        (GOOD + '[[templates]]\nbody = ["div >> p"]', r"templates\[0\].body: selector 'div >> p'"),
        (GOOD + '[[templates]]\nfit = ["//div["]', r"templates\[0\].fit: selector '//div\['"),
        (GOOD + "[[templates]]\ntitle = [\"//h1[ends(., 'x')]\"]", r"templates\[0\].title: selector .*ends"),
        (GOOD + '[[templates]]\ntitle = ["/html = 1"]', r"templates\[0\].title: selector .*gives a bool"),
    ],
)
def test_profile_that_cannot_be_used(tmp_path, text, complaint):
    folder = tmp_path / "bao"
    folder.mkdir()
    (folder / "profile.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ProfileError, match=complaint) as caught:
        load_profile(folder)
    message = str(caught.value)
    assert message.startswith(f"{folder / 'profile.toml'}: ")
    assert "\n" not in message


def test_profile_that_is_no_utf8(tmp_path):
    (tmp_path / "profile.toml").write_bytes('hosts = ["báo.example"]'.encode("utf-16"))
    with pytest.raises(ProfileError, match="not in UTF-8"):
        load_profile(tmp_path)


def test_one_broken_profile_spares_the_others(tmp_path):
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    (tmp_path / "seeds" / "bao_ngaydang" / "profile.toml").write_text("hosts = 3", encoding="utf-8")
    profiles, broken = read_profiles(tmp_path / "seeds")
    assert list(broken) == ["bao_ngaydang"]
    assert len(profiles) == 4


def here(*words, **settings):
    """The command inside this process: what goes wrong before anything is started needs no process."""
    pairs = [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
    with pytest.raises(SystemExit) as left:
        cmdline.execute(["scrapy", *map(str, words), *pairs], get_project_settings())
    return left.value.code or 0


@pytest.fixture
def seeds(tmp_path):
    folder = tmp_path / "seeds"
    shutil.copytree(ROOT / "seeds" / "baobaclieu", folder / "baobaclieu")
    (folder / "gone").mkdir()
    (folder / "gone" / "profile.toml").write_text('hosts = ["a.example"]\nnme = "x"', encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (("list",), 2, "profile.toml: unknown key 'nme'; did you mean 'name'"),
        (("crawl", "baobaclieu", "--fast"), 2, "unknown option --fast"),
        (("crawl", "baobaclieu", "-a", "full"), 2, "-a full: give it a value, -a full=VALUE"),
        (("list", "--al"), 2, "unknown option --al"),
        (("collect",), 2, "name some, or give --all"),
        (("collect", "nosuch"), 2, "no site 'nosuch' in .*; known: baobaclieu"),
        (("collect", "--all", "baobaclieu"), 2, "not both"),
        (("collect", "--jobs", "x", "--all"), 2, "argument -j/--jobs: invalid int value: 'x'"),
        (("collect", "baobaclieu", "-a", "archive"), 2, "-a archive: give it a value"),
        (("inspect", "nosuch"), 2, "no site 'nosuch' in .*; known: baobaclieu"),
        (("inspect", "baobaclieu"), 1, "nothing was collected into this folder yet"),
        (("inspect", "--sample"), 2, "argument --sample: expected one argument"),
        (("explain",), 2, "one address is needed"),
        (("explain", "http://nosuch.example/a.html"), 2, "on the hosts of no site; known: baobaclieu"),
        (("inspect", "-s", "OUTPUT_DIRR=x"), 2, "no such setting; did you mean OUTPUT_DIR"),
        (("inspect", "-s", "COMMIT_ROWS=many"), 2, "-s COMMIT_ROWS=many: must be a number"),
        (("inspect", "-s", "COMMIT_ROWS"), 2, "Invalid -s value"),
    ],
)
def test_commands_without_a_crawl(capsys, seeds, words, code, complaint):
    assert here(*words, SEEDS_DIR=seeds, OUTPUT_DIR=seeds / "output") == code
    output = capsys.readouterr()
    lines = output.err.strip().splitlines()
    assert any(re.search(complaint, line) for line in lines), output
    assert all(line.startswith(f"scrapy {words[0]}: ") for line in lines)
    assert len(lines) <= 2  # `explain` names the broken profile, too
    assert output.out.split() == (["baobaclieu"] if words == ("list",) else [])


def test_output_that_cannot_be_used(tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "state.sqlite").write_bytes(b"SQLite format 3\0" + os.urandom(8000))
    complaints = {
        tmp_path / "file": "/file: ",
        Path("/proc/output"): "^/proc/output: ",
        tmp_path / "damaged": r"damaged/state.sqlite: damaged .*; the next crawl moves it aside and makes it anew",
    }
    for folder, complaint in complaints.items():
        with pytest.raises(CorpusError, match=complaint) as caught:
            Store(folder)
        assert "\n" not in str(caught.value)


def test_archive_that_cannot_be_used(tmp_path):
    (tmp_path / "profile.toml").write_text('hosts = ["other.example"]', encoding="utf-8")
    profile = load_profile(tmp_path)
    complaints = {
        ROOT / "README.md": "README.md: what begins at byte 0 is no WARC record",
        DEMO: "holds no page of other.example; hosts in it: .*baobaclieu.vn",
        tmp_path: "Is a directory",
    }
    for file, complaint in complaints.items():
        with pytest.raises(OptionError, match=complaint):
            OfflineSource([file], profile)


CRAWLS = [
    (("crawl", "nosuch"), 2, "no site 'nosuch' in .*; known: "),
    (("crawl", "gone"), 2, "gone/profile.toml: unknown key 'nme'; did you mean 'name'"),
    (("crawl", "baobaclieu", "-a", "speed=1"), 2, "unknown argument -a speed=…; known: archive"),
    (("crawl", "baobaclieu", "-a", "archive=nosuch.warc.gz"), 2, "nosuch.warc.gz: No such file"),
    (("replay", "baobaclieu"), 1, "baobaclieu: being written by process {pid} on .* since"),
]


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Every crawl of the table, a few at a time, while this process writes the site."""
    folder = tmp_path_factory.mktemp("wrong")
    shop = Workshop(folder)
    shop.spoil("gone")
    locked = Store(shop.output)
    with SiteLock(locked, "baobaclieu", "a-test"), ThreadPoolExecutor(3) as several:
        yield list(several.map(lambda row: shop.scrapy(*row[0], check=False), CRAWLS))
    locked.close()


@pytest.mark.parametrize("number", range(len(CRAWLS)))
def test_crawls_that_cannot_begin(answers, number):
    words, code, complaint = CRAWLS[number]
    done = answers[number]
    lines = done.stderr.strip().splitlines()
    assert done.returncode == code, done.stderr
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith(f"scrapy {words[0]}: ")
    assert re.search(complaint.replace("{pid}", str(os.getpid())), lines[0])
    assert done.stdout == ""


def test_cut_archive_gives_what_is_whole_and_says_what_is_not(tmp_path):
    """Beside a broken profile, and without a template or a seed: all of it said, nothing of it in the way."""
    shop = Workshop(tmp_path)
    shop.spoil("gone")
    shop.forget_template()
    cut = tmp_path / "cut.warc.gz"
    cut.write_bytes(DEMO.read_bytes()[: DEMO.stat().st_size // 2])
    done = shop.scrapy("crawl", "baobaclieu", "-a", f"archive={cut}")
    assert re.search(r"fetched \d+ .*kept [1-9]", done.stdout)
    lines = done.stderr.strip().splitlines()
    assert any(
        re.search(r"cut.warc.gz: the file ends inside a record; what begins at byte \d+ is missing", one)
        for one in lines
    )
    assert any("the profile has no template" in one for one in lines)
    assert len(lines) == 2
    assert len(shop.manifests()[0]["notes"]) == 2


def test_collect_ends_others_when_one_is_broken(tmp_path):
    shop = Workshop(tmp_path)
    shop.spoil("gone")
    done = shop.scrapy("collect", "--all", "-a", f"archive={DEMO}", check=False)
    assert done.returncode == 2
    assert "gone/profile.toml: unknown key 'nme'" in done.stderr
    assert re.search(r"baobaclieu +2\d ", done.stdout)


def test_every_command_has_its_section():
    commands = {path.stem for path in (ROOT / "crawler" / "commands").glob("[a-z]*.py")}
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert commands <= set(re.findall(r"^## (\w+)$", text, re.MULTILINE))
    assert {"0", "1", "2", "130", "143"} <= set(re.findall(r"^\| (\d+) \|", text, re.MULTILINE))
