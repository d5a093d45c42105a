"""What a site is told of us, and how patient a crawl of it is."""

import gzip
import re

import pytest
from scrapy.settings import Settings

from crawler.sites.profile import Crawl
from crawler.spiders.manners import mind_manners

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


def test_every_request_names_the_contact(workshop):
    workshop.scrapy("crawl", "baobaclieu", "-a", "max_pages=3", CONTACT=CONTACT)
    written = b"".join(gzip.decompress(path.read_bytes()) for path in workshop.output.glob("archive/*/*.warc.gz"))
    agents = re.findall(rb"(?im)^user-agent: (.*?)\r?$", written)
    assert len(agents) > 3  # robots.txt counts beside the pages
    assert set(agents) == {f"news-corpus-collector/0.1 (+{CONTACT})".encode()}
