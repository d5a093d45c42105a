"""What a site is told of us, and how patient a crawl of it is."""

import asyncio
import gzip
import re
from datetime import UTC, datetime
from io import StringIO
from itertools import pairwise
from types import SimpleNamespace

import pandas as pd
import pytest
from faulty import Paper, newspaper, write_profile
from scrapy.settings import Settings
from workshop import Workshop

from crawler.crawling.gatekeeper import KEPT_SECONDS, SHUT_SECONDS, Gatekeeper
from crawler.discovery.robots import RobotsPolicy
from crawler.sites.hours import opens_at
from crawler.sites.profile import Crawl, SiteProfile
from crawler.spiders.manners import QUESTION, UNREACHABLE, introduce, mind_manners
from tests.newspaper.robots import OUTCOMES

CONTACT = "https://corpus.example/crawler"


def minded(crawl, **given):
    settings = Settings(
        {"CONTACT": "", "USER_AGENT": "news-corpus-collector/0.1", "DOWNLOAD_VERIFY_CERTIFICATES": True}
    )
    for name, value in {"DOWNLOAD_DELAY": "1.0", **given}.items():
        settings.set(name, value, priority="cmdline")
    mind_manners(settings, crawl)
    return settings


@pytest.mark.parametrize(
    ("asked", "given", "expected"), [(None, "1.0", 1.0), (5.0, "1.0", 5.0), (5.0, "9", 9.0), (0.0, "1.0", 1.0)]
)
def test_a_profile_only_slows_down(asked, given, expected):
    assert minded(Crawl(delay=asked), DOWNLOAD_DELAY=given).getfloat("DOWNLOAD_DELAY") == expected


@pytest.mark.parametrize("verify", [True, False])
def test_certificates_are_checked_unless_the_profile_says_otherwise(verify):
    assert minded(Crawl(verify_tls=verify)).getbool("DOWNLOAD_VERIFY_CERTIFICATES") is verify


@pytest.mark.parametrize(
    ("contact", "expected"),
    [("", "news-corpus-collector/0.1"), (CONTACT, f"news-corpus-collector/0.1 (+{CONTACT})"), ("a\r\nb: c", None)],
)
def test_contact_stands_in_the_user_agent(contact, expected):
    agent = minded(Crawl(), CONTACT=contact)["USER_AGENT"]
    assert agent == expected or (expected is None and agent.isprintable())


class Terminal(StringIO):
    def isatty(self):
        return True


def test_first_crawl_asks_for_a_contact_and_the_next_knows_it(tmp_path, monkeypatch):
    def introduced(stdin, **given):
        settings = Settings({"CONTACT": "", "OUTPUT_DIR": str(tmp_path / "out"), "ALLOW_PRIVATE_HOSTS": False, **given})
        said = type(stdin)()
        monkeypatch.setattr("sys.stdin", stdin)
        monkeypatch.setattr("sys.stderr", said)
        introduce(settings)
        return settings["CONTACT"], said.getvalue()

    assert introduced(StringIO("nobody\n")) == ("", UNREACHABLE + "\n")
    assert introduced(Terminal(), ALLOW_PRIVATE_HOSTS=True) == ("", "")
    assert introduced(Terminal(), CONTACT=CONTACT) == (CONTACT, "")
    assert introduced(Terminal("\n")) == ("", QUESTION)
    assert introduced(Terminal(f" {CONTACT} \n")) == (CONTACT, QUESTION)
    assert introduced(StringIO()) == (CONTACT, "")
    assert introduced(StringIO(), CONTACT="other@corpus.example") == ("other@corpus.example", "")


def test_every_request_names_the_contact(workshop):
    workshop.scrapy("crawl", "baobaclieu", "-a", "max_pages=3", CONTACT=CONTACT)
    assert workshop.check_sum().pending > 0, "ended by max_pages"
    written = b"".join(gzip.decompress(path.read_bytes()) for path in workshop.output.glob("archive/*/*.warc.gz"))
    agents = re.findall(rb"(?im)^user-agent: (.*?)\r?$", written)
    assert len(agents) > 3  # robots.txt counts beside the pages
    assert set(agents) == {f"news-corpus-collector/0.1 (+{CONTACT})".encode()}


PACES = {"Crawl-delay: 0.6": 0.6, "Request-rate: 2/1s": 0.5}
REFUSING = {
    "signal": {"robots": "User-agent: *\nContent-Signal: search=yes, ai-train=no\n"},
    "tdm": {"tdm": '[{"location": "/bai/*.html", "tdm-reservation": 1}]'},
}
"""Hosts that refuse mining of all their pages, and how."""
RESERVED = ("header-noai", "header-tdm", "meta-tdm", "meta-noai")


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """One crawl of a site that is spread over a host for each way to answer for robots.txt."""
    papers = {name: Paper(robots=name) for name in OUTCOMES}
    slow = {
        pace: Paper(robots=f"User-agent: *\n{pace}\n", host=f"127.0.0.{n}") for n, pace in enumerate(PACES, start=2)
    }
    refusing = {name: Paper(**how) for name, how in REFUSING.items()}
    links = [f"{paper.base}/bai/whole-1.html" for paper in (*papers.values(), *refusing.values())]
    links += [f"{paper.base}/bai/whole-{n}.html" for paper in slow.values() for n in range(1, 5)]
    with newspaper(*RESERVED, links=links) as home:
        others = (*papers.values(), *slow.values(), *refusing.values())
        shop = Workshop(tmp_path_factory.mktemp("crowd"))
        shop.site = "loopback"
        write_profile(
            shop.seeds,
            home.port,
            hosts=[paper.host for paper in others],
        )
        shop.scrapy(
            "crawl", "loopback", DOWNLOAD_TIMEOUT=6, DOWNLOAD_MAXSIZE=9_000_000, FETCH_ATTEMPTS=1, OBEY_OPT_OUTS=1,
            CONCURRENT_REQUESTS_PER_DOMAIN=32, CONCURRENT_REQUESTS=64,
        )  # fmt: skip
        yield shop, home, papers, slow
    for paper in others:
        paper.close()


@pytest.mark.parametrize("name", OUTCOMES)
def test_what_robots_txt_means(crowd, name):
    shop, _, papers, _ = crowd
    paper, reason = papers[name], OUTCOMES[name]
    state = {None: "done", "robots_disallowed": "left_out", "robots_unreachable": "failed"}[reason]
    url = f"{paper.base}/bai/whole-1.html"
    assert shop.ask("SELECT state, reason FROM urls WHERE url = ?", url) == [(state, reason)]
    assert paper.asked["/bai/whole-1.html"] == (reason is None)


def test_every_reason_stands_in_the_manifest(crowd):
    manifest = crowd[0].manifests()[0]
    assert manifest["left_out"]["robots_disallowed"] == list(OUTCOMES.values()).count("robots_disallowed")
    assert manifest["failed"]["robots_unreachable"] == list(OUTCOMES.values()).count("robots_unreachable")
    assert manifest["by_reason"] == {"opted_out": len(RESERVED) + len(REFUSING)}


def test_a_replay_knows_what_hosts_refused(crowd):
    shop, *_ = crowd
    rows = [sorted(pd.read_parquet(shop.output / name)["url"]) for name in ("articles", "rejected")]
    shop.scrapy("replay", "loopback", OBEY_OPT_OUTS=1)
    (made,) = [one for one in shop.manifests() if one["origin"] == "archive"]
    assert made["by_reason"] == {"opted_out": len(RESERVED) + len(REFUSING)}
    assert rows == [sorted(pd.read_parquet(shop.output / name)["url"]) for name in ("articles", "rejected")]


@pytest.mark.parametrize("pace", PACES)
def test_pace_is_kept(crowd, pace):
    arrivals = [at for at, path in crowd[3][pace].times if path.startswith("/bai/")]
    assert len(arrivals) == 4
    assert min(later - earlier for earlier, later in pairwise(arrivals)) > PACES[pace] - 0.1


def gatekeeper_of(answers):
    """A gatekeeper with a clock of its own, that reads one policy after another."""
    crawler = SimpleNamespace(spider=SimpleNamespace(run=None), settings=Settings({"ROBOTS_TOKEN": "x"}))
    gatekeeper, left = Gatekeeper(crawler), list(answers)

    async def read(_):
        return RobotsPolicy(left.pop(0))

    gatekeeper._read = read
    return gatekeeper, left


def test_robots_txt_is_asked_for_once_a_day_and_the_last_good_one_kept():
    async def look():
        gatekeeper, left = gatekeeper_of(["parsed", "unreachable", "unavailable"])
        seen = []
        for moment in (0, KEPT_SECONDS - 1, KEPT_SECONDS, KEPT_SECONDS + 1, KEPT_SECONDS + SHUT_SECONDS):
            gatekeeper.clock = lambda moment=moment: moment
            seen.append(((await gatekeeper.policy("http://a.example")).state, len(left)))
        return seen

    expected = [("parsed", 2), ("parsed", 2), ("parsed", 1), ("parsed", 1), ("unavailable", 0)]
    assert asyncio.run(look()) == expected


@pytest.mark.parametrize(
    ("utc", "opens"),
    [
        ("2026-03-01T14:59:59", "2026-03-01T15:00:00"),
        ("2026-03-01T15:00:00", None),
        ("2026-03-01T20:00:00", None),
        ("2026-03-01T22:59:59", None),
        ("2026-03-01T23:00:00", "2026-03-02T15:00:00"),
        ("2026-03-02T05:00:00", "2026-03-02T15:00:00"),
    ],
)
def test_night_is_the_sites_own(utc, opens):
    now = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    profile = SiteProfile(hosts=("a.example",), crawl=Crawl(night_only=True))
    assert opens_at(profile, now) == (opens and datetime.fromisoformat(opens).replace(tzinfo=UTC))
    assert opens_at(SiteProfile(hosts=("a.example",)), now) is None


def test_by_day_a_nightly_site_is_not_asked_at_all(tmp_path):
    zone = f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"  # where it is noon
    with newspaper("whole") as paper:
        shop = Workshop(tmp_path)
        shop.site = "loopback"
        write_profile(shop.seeds, paper.port, extra=f'time_zone = "{zone}"\n[crawl]\nnight_only = true')
        done = shop.scrapy("crawl", "loopback")
        assert paper.times == []
    assert re.search(rf"between 22:00 and 06:00 {re.escape(zone)} only .*goes on from 20\d\d-.* 22:00", done.stderr)
    (manifest,) = shop.manifests()
    assert manifest["frontier"].keys() == {"pending"}
    assert manifest["notes"]
