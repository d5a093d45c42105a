"""What one host is told about us, or tells us to send, no other host hears."""

import json
from base64 import b64encode

import pytest
from faulty import write_profile
from scripted import Scripted
from workshop import Workshop

from tests.newspaper.prose import answer, article, listing

OURS = "Bearer toa-soan-cho-rieng-minh"
THEIRS = "ten:mat-khau"
COOKIE = "Set-Cookie: phien=bi-mat; Path=/; Domain=127.0.0.1"
CHALLENGE = 'WWW-Authenticate: Basic realm="phong"'


class Host(Scripted):
    """Sets cookies with all it says, asks for a password, and sends the crawler on with one."""

    rules_password = ""

    def __init__(self):
        self.others = []
        super().__init__(self.say)

    def to_others(self, path, password=f"{THEIRS}@"):
        return [f"http://{password}127.0.0.1:{other.port}{path}" for other in self.others]

    def say(self, _, path):
        if path in {"/robots.txt", "/luat.txt"}:
            return self.say_rules(path)
        if path.startswith("/bai/di-cho-"):
            url = self.to_others("/bai/theo-chan-9.html")[int(path[-6])]
            return answer("", "302 Found", f"Location: {url}", COOKIE)
        said = {"/": self.front_page(), "/bai/hoi-mat-khau-8.html": answer("", "401 Unauthorized", CHALLENGE, COOKIE)}
        return said.get(path) or answer(article(f"{path} {self.port}"), "200 OK", COOKIE)

    def say_rules(self, path):
        if path == "/luat.txt" or not self.others:
            return answer("User-agent: *\nDisallow: /cam/", "200 OK", COOKIE, kind="text/plain")
        url = self.to_others("/luat.txt", self.rules_password)[0]
        return answer("", "302 Found", f"Location: {url}", COOKIE)

    def front_page(self):
        links = [f"{self.base}/bai/di-cho-{n}.html" for n in range(len(self.others))]
        links += [*self.to_others("/bai/den-tham-7.html"), f"{self.base}/bai/hoi-mat-khau-8.html"]
        return answer(listing("Trang chủ", [(url, f"Chuyện ở {url}") for url in links]), "200 OK", COOKIE)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """Home, two other hosts of the profile, and one that is not of it."""
    home, sister, cousin, stranger = Host(), Host(), Host(), Host()
    home.others = [sister, stranger, cousin]
    cousin.others, cousin.rules_password = [sister], f"{THEIRS}@"
    shop = Workshop(tmp_path_factory.mktemp("credentials"))
    shop.site = "loopback"
    write_profile(shop.seeds, home.port, hosts=[f"127.0.0.1:{one.port}" for one in (sister, cousin)])
    headers = json.dumps({"Authorization": OURS, "Cookie": "cua=toi", "Accept": "text/html"})
    shop.scrapy("crawl", "loopback", DEFAULT_REQUEST_HEADERS=headers, FETCH_ATTEMPTS=1)
    yield shop, home, sister, cousin, stranger
    for host in (home, sister, cousin, stranger):
        host.close()


def heads(host):
    return "\n".join(host.heads).lower()


def test_both_hosts_of_the_site_were_read(crawled):
    shop, home, sister, *_ = crawled
    asked = {path for _, path in (*home.asked, *sister.asked)}
    assert {"/robots.txt", "/luat.txt", "/bai/den-tham-7.html", "/bai/theo-chan-9.html"} <= asked
    assert shop.manifests()[0]["counts"]["kept"] == 2


def test_only_the_home_page_s_host_hears_what_we_were_given_for_it(crawled):
    _, home, sister, *_ = crawled
    assert heads(home).count(f"authorization: {OURS}".lower()) == len(home.heads)
    assert heads(home).count("cookie: cua=toi") == len(home.heads)
    assert "authorization" not in heads(sister)
    assert "cookie" not in heads(sister)
    assert "accept: text/html" in heads(sister)


def test_nobody_hears_what_another_host_said(crawled):
    secrets = ("bi-mat", "mat-khau@", b64encode(THEIRS.encode()).decode().lower(), "referer")
    for host in crawled[1:]:
        assert [secret for secret in secrets if secret in heads(host)] == []


def test_a_host_that_is_not_the_site_s_is_not_asked_at_all(crawled):
    shop, *_, stranger = crawled
    assert stranger.heads == []
    traffic = shop.manifests()[0]["traffic"]
    assert traffic["linked_to"] == traffic["moved_to"] == {f"127.0.0.1:{stranger.port}": 1}
    assert traffic["n_linked_to"] == 1


def test_rules_behind_a_password_forbid_all(crawled):
    shop, _, sister, cousin, _ = crawled
    assert {path for _, path in cousin.asked} == {"/robots.txt"}
    url = f"http://127.0.0.1:{cousin.port}/bai/den-tham-7.html"
    assert shop.ask("SELECT reason FROM urls WHERE url = ?", url) == [("robots_unreachable",)]
    assert sum(n for (_, path), n in sister.asked.items() if path == "/luat.txt") == 1


def test_no_password_is_kept(crawled):
    shop = crawled[0]
    assert not shop.ask("SELECT url FROM urls WHERE url LIKE '%mat-khau@%' OR spelling LIKE '%mat-khau@%'")
