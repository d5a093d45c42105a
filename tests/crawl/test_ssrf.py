"""No answer of anybody leads a crawl to an address inside, and nothing but http and https is ever spoken."""

import ipaddress
import json
import os
import shutil
import socket
import subprocess
import sys
from datetime import UTC, datetime
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from forbidden import FLIPPING, LITERALS, NAMES, SCHEMES, WITH_CREDENTIALS, address
from hypothesis import given
from hypothesis import strategies as st
from scrapy.core.downloader.handlers import DownloadHandlers
from scrapy.exceptions import CannotResolveHostError
from scrapy.resolver import dnscache
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings
from scrapy.utils.python import without_none_values
from twisted.internet.error import DNSLookupError
from twisted.python.failure import Failure
from walled import CANNOT, ROOT

from crawler.corpus.answers import stand_in
from crawler.crawling.downloader import PRIVATE_NAMES, failure_code
from crawler.crawling.trail import Trail
from crawler.discovery.robots import RobotsPolicy
from crawler.discovery.urls import canonicalize, is_on_site
from crawler.items import Page, Pointer
from crawler.resolver import GuardResolver, is_public
from crawler.sites.profile import SiteProfile, Sources

PROFILE = SiteProfile(
    key="paper",
    hosts=("paper.example",),
    home="http://paper.example/",
    sources=Sources(article_url=("/bai/{slug}-{id}.html",)),
)
NOW = datetime(2026, 11, 1, tzinfo=UTC)
SPELLINGS = (*LITERALS, *NAMES, *FLIPPING, *WITH_CREDENTIALS)


class Threads:
    """Runs what the resolver would give to a thread."""

    def getThreadPool(self):  # noqa: N802 - Twisted's name
        return self

    def callInThreadWithCallback(self, done, function, *arguments):  # noqa: N802 - as above
        try:
            is_ok, result = True, function(*arguments)
        except OSError as error:
            is_ok, result = False, Failure(error)
        done(is_ok, result)

    def callFromThread(self, function, *arguments):  # noqa: N802 - as above
        function(*arguments)

    def callLater(self, _seconds, _function, *_arguments):  # noqa: N802 - as above
        return SimpleNamespace(cancel=lambda: None)


def resolve(name, *, allow_private=False):
    """The address a connection for `name` would be made to, or None."""
    found = []
    answer = GuardResolver(Threads(), 0, 5.0, allow_private=allow_private).getHostByName(name)
    answer.addCallbacks(found.append, lambda failure: failure.trap(DNSLookupError))
    return found[0] if found else None


@pytest.fixture
def names(monkeypatch):
    """A network's name server: numbers are libc's business, names are ours."""
    n_asked = {}
    dnscache.clear()

    def lookup(name):
        n_asked[name] = n_asked.get(name, 0) + 1
        if name in FLIPPING:
            return "1.2.3.4" if n_asked[name] == 1 else "127.0.0.1"
        if name.lower() in NAMES:
            return NAMES[name.lower()]
        return real(name)

    real = socket.gethostbyname
    monkeypatch.setattr(socket, "gethostbyname", lookup)


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("spelling", [*LITERALS, *NAMES])
def test_no_spelling_of_an_address_inside_is_connected_to(spelling):
    name = spelling.strip("[]").replace("%25", "%")
    if not name.isascii():
        name = canonicalize(f"http://{name}/", PROFILE).removeprefix("http://").rstrip("/")
    assert resolve(name) is None


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("name", FLIPPING)
def test_the_address_that_is_checked_is_the_one_that_is_connected_to(name):
    assert resolve(name) == "1.2.3.4"
    assert resolve(name) is None, "the second answer is checked as well"


@pytest.mark.usefixtures("names")
def test_a_public_address_and_a_test_on_this_machine_pass():
    assert resolve("1.2.3.4") == "1.2.3.4"
    assert resolve("localhost", allow_private=True) == "127.0.0.1"
    assert resolve("127.0.0.1", allow_private=True) == "127.0.0.1"


@pytest.mark.usefixtures("names")
def test_the_reason_is_told():
    assert resolve("::1") is None
    error = CannotResolveHostError("x")
    assert failure_code(error, "http://[::1]/a") == "private_address"
    assert "::1" in PRIVATE_NAMES
    assert failure_code(error, "http://1.2.3.5/a") == "unknown_host"


@given(st.ip_addresses(v=4))
def test_every_way_to_write_an_ipv4_address_is_judged_alike(ip):
    number = int(ip)
    forms = [f"::ffff:{ip}", f"64:ff9b::{ip}", f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1", f"::{ip}"]
    forms.append(str(ipaddress.IPv6Address((0x20010000 << 96) | (0x01010101 << 64) | (number ^ 0xFFFFFFFF))))
    assert {is_public(form) for form in forms} == {is_public(str(ip))}
    if not ip.is_global:
        assert not is_public(str(ip))


@given(st.ip_addresses(v=6))
def test_ipv6_is_unicast_or_refused(ip):
    if is_public(str(ip)) and ip.ipv4_mapped is None and int(ip) >> 32 not in (0, 0x64FF9B << 64):
        assert int(ip) >> 125 == 1


@pytest.mark.parametrize("text", ["", "paper.example", "1.2.3", "1.2.3.4.5", "１.2.3.4", "::g", "1.2.3.4 ", "[::1]"])
def test_what_is_no_address_is_not_public(text):
    assert not is_public(text)


# --- ways in: what a page of a newspaper makes the frontier do --------------------------------------------------------


def page(body, url="http://paper.example/"):
    return Page(
        url=url, final_url=url, status=200, headers=(), body=body.encode(), fetched_at=NOW, site="paper",
        found_via="seed", pointer=Pointer("x", 0, 1),
    )  # fmt: skip


@pytest.fixture
def trail():
    leftovers = SimpleNamespace(take=lambda *_: [])
    frontier = SimpleNamespace(leftovers=leftovers)
    nothing = SimpleNamespace(is_known=lambda _, **__: set(), visit_again=lambda _: None, frontier=frontier)
    return Trail(PROFILE, nothing)


def target(kind):
    return stand_in("http://paper.example/", kind, NOW)


def by_link(trail, url):
    return trail.from_listing(
        page(f"<a href='{url}'>Một bài viết dài về chuyện làng</a>"), target("home"), is_full=True
    )


def by_meta_refresh(trail, url):
    return trail.from_listing(page(f"<meta http-equiv=refresh content='0;url={url}'>"), target("home"), is_full=True)


def by_canonical(trail, url):
    markup = f"<link rel=canonical href='{url}'><link rel=next href='{url}'><link rel=amphtml href='{url}'>"
    return trail.from_listing(page(markup), target("home"), is_full=True)


def by_redirect(trail, url):
    return trail.from_redirect(page(""), target("article"), url)


def by_feed(trail, url):
    body = f"<rss><channel><item><title>a</title><link><![CDATA[{url}]]></link></item></channel></rss>"
    return trail.from_feed(page(body), target("feed"))


def by_sitemap(trail, url):
    body = f"<urlset><url><loc><![CDATA[{url}]]></loc></url></urlset>"
    return list(trail.from_sitemap(page(body), target("sitemap")))


def by_sitemap_index(trail, url):
    body = f"<sitemapindex><sitemap><loc><![CDATA[{url}]]></loc></sitemap></sitemapindex>"
    return list(trail.from_sitemap(page(body), target("sitemap")))


def by_robots(trail, url):
    policy = RobotsPolicy.from_response(200, f"Sitemap: {url}\n".encode(), "http://paper.example/robots.txt")
    return trail.from_robots(policy)


WAYS = [by_link, by_meta_refresh, by_canonical, by_redirect, by_feed, by_sitemap, by_sitemap_index, by_robots]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_no_way_in_leads_off_the_site(trail, way):
    for spelling in SPELLINGS:
        waiting = [new.url for new in way(trail, f"http://{spelling}/bai/mot-hai-ba-12345.html") if not new.reason]
        assert not [url for url in waiting if not is_on_site(url, PROFILE)], spelling


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_no_way_in_leads_to_another_scheme(trail, way):
    for scheme in SCHEMES:
        for url in (address(scheme), address(scheme).upper(), f" {address(scheme)}", f"\t{scheme}\n:x"):
            waiting = [new.url for new in way(trail, url) if not new.reason]
            assert not [url for url in waiting if not url.startswith("http://paper.example/")], (scheme, waiting)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_ways_lead_on_where_they_may(trail, way):
    found = [new.url for new in way(trail, "http://paper.example/bai/mot-hai-ba-12345.html") if not new.reason]
    assert found == (
        [] if way in (by_meta_refresh, by_canonical) else ["http://paper.example/bai/mot-hai-ba-12345.html"]
    )


def test_credentials_are_no_part_of_an_address():
    assert (
        canonicalize("http://someone:secret@paper.example/bai/a-1.html", PROFILE) == "http://paper.example/bai/a-1.html"
    )
    assert not is_on_site("http://paper.example:80@127.0.0.1/", PROFILE)


def test_other_schemes_have_no_handler():
    handlers = get_project_settings().getwithbase("DOWNLOAD_HANDLERS")
    spoken = DownloadHandlers(SimpleNamespace(settings=Settings({"DOWNLOAD_HANDLERS_BASE": {}}), signals=Mock()))
    spoken._schemes = without_none_values(handlers)
    assert set(spoken._schemes) == {"http", "https"}
    assert len(SCHEMES) >= 25
    assert [scheme for scheme in SCHEMES if spoken._get_handler(scheme) is not None] == []


# --- the real command, in a network where every address answers -------------------------------------------------------


@pytest.fixture(scope="module")
def walled(tmp_path_factory):
    """What was connected to; SSRF_FORMS=60 tries them all (20 s)."""
    folder = tmp_path_factory.mktemp("walled")
    program = [sys.executable, ROOT / "tests" / "crawl" / "walled.py", folder, os.environ.get("SSRF_FORMS", "9")]
    apart = ["unshare", "-rnm"]
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        pytest.skip("no unshare or no ip command here: a network namespace cannot be made")
    if subprocess.run([*apart, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system lets nobody but root make a network namespace")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*map(str, [*apart, *program])], env=env, capture_output=True, text=True, timeout=300, check=False
    )
    if CANNOT in done.stderr:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_command_connects_to_nobody_but_the_newspaper(walled):
    assert walled["is_counting"], "the counter sees a connection that is made on purpose"
    assert walled["code"] == 0, walled["err"]
    assert set(walled["tried"]) == {"9.9.9.1"}
    asked = {name for name in walled["hosts"] if not name.startswith("r")}
    assert asked <= {"paper.example", *FLIPPING}
    n_redirects = sum(n for name, n in walled["hosts"].items() if name.startswith("r"))
    assert n_redirects >= walled["n_forms"], "every robots.txt that redirects was asked for"
    assert walled["hosts"]["paper.example"] > 2 * walled["n_forms"]
