"""Publishing systems that papers share: their files, what a profile inherits, and how a site's family is told."""

from pathlib import Path

import pytest
from lxml import html

from crawler.errors import ProfileError
from crawler.sites.catalogue import find_paper, load_catalogue
from crawler.sites.checks import problems
from crawler.sites.families import families, inherit, own_part
from crawler.sites.families.detection import detect_family
from crawler.sites.profile import SiteProfile, Sources, Template, load_profile
from crawler.sites.saving import save_profile
from crawler.sites.selectors import check_selector

CATALOGUE = Path(__file__).parents[2] / "seeds" / "catalogue.toml"
OWN = Template(body=("#own",))
VNPT = """<html><body><div id="page_info" style="display:none"><span id="article_id">7</span></div>
<div id="content" class="content-detail"><div class="td-post-content"><p>Chữ</p></div></div></body></html>"""


@pytest.mark.parametrize("key", families())
def test_what_a_family_says_can_be_used(key):
    family = families()[key]
    assert family.papers
    assert not list(problems(SiteProfile(hosts=("a.example",), sources=family.sources, templates=family.templates)))
    assert all(template.fit for template in family.templates)
    for mark in family.marks:
        check_selector(mark)


def test_a_profile_gets_the_familys_templates_behind_its_own_and_its_forms_where_it_has_none():
    family = families()["vnpt"]
    profile = inherit(SiteProfile(hosts=("a.example",), family="vnpt", templates=(OWN,)))
    assert profile.templates == (OWN, *family.templates)
    assert profile.sources.article_url == family.sources.article_url
    own_forms = Sources(article_url=("/{slug}.htm",))
    assert inherit(SiteProfile(hosts=("a.example",), family="vnpt", sources=own_forms)).sources == own_forms


def test_a_file_holds_what_is_the_sites_own_and_reads_back_the_same(tmp_path):
    profile = inherit(SiteProfile(key=tmp_path.name, hosts=("a.example",), family="neko", templates=(OWN,)))
    text = save_profile(profile, tmp_path).read_text(encoding="utf-8")
    assert 'family = "neko"' in text
    assert "#own" in text
    assert "entry" not in text
    assert load_profile(tmp_path) == profile
    assert own_part(profile).templates == (OWN,)


def test_an_unknown_family_is_named_with_those_that_are_known(tmp_path):
    (tmp_path / "profile.toml").write_text('hosts = ["a.example"]\nfamily = "vmpt"\n', encoding="utf-8")
    with pytest.raises(ProfileError, match=r"profile\.toml: family: no 'vmpt'; known: epi, .*vnpt"):
        load_profile(tmp_path)


def test_a_family_is_told_by_its_marks_and_says_why():
    pages = [(f"https://a.example/thoi-su/202405/bai-{n}-3ac6d79/", html.fromstring(VNPT)) for n in range(3)]
    found = detect_family([*pages, ("https://a.example/khac", html.fromstring("<p>khác</p>"))])
    assert found.family == "vnpt"
    assert "3 of 4 pages have #page_info #article_id" in found.why
    assert "3 addresses have its form" in found.why


def test_no_family_when_fewer_than_half_of_the_pages_show_one():
    others = [("https://a.example/khac", html.fromstring("<p>khác</p>"))] * 2
    assert detect_family([("https://a.example/bai", html.fromstring(VNPT)), *others]) is None
    assert detect_family([]) is None


def test_the_catalogue_has_a_paper_for_each_of_the_34_provinces_and_nothing_is_verified():
    papers = load_catalogue(CATALOGUE).values()
    provinces = [paper.place for paper in papers if paper.place]
    merged = [name for paper in papers for name in paper.merged]
    assert len(provinces) == len(set(provinces)) == 34
    assert len(set(provinces) | set(merged)) == 63  # provinces before July 2025
    assert not any(paper.verified for paper in papers)
    for family in families().values():
        in_family = {host for paper in papers if paper.family == family.key for host in paper.hosts}
        listed = {host for paper in papers for host in (*paper.hosts, *paper.old_hosts)}
        assert set(family.papers) & listed <= in_family | {"baobinhduong.vn"}  # an old host of another paper


def test_a_host_old_or_new_finds_its_paper(tmp_path):
    assert find_paper(CATALOGUE, "baohaiduong.vn").key == "baohaiphong"
    assert find_paper(CATALOGUE, "nobody.example") is None
    assert find_paper(tmp_path / "none.toml", "nobody.example") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("papers = 1", "must be a list"),
        ('[[papers]]\nkey = "a b"\nname = "A"\nhosts = ["a.example"]', "letters, digits and _ only"),
        ('[[papers]]\nkey = "a"\nname = "A"\nhosts = ["https://a.example"]', "is no host name"),
        ('[[papers]]\nkey = "a"\nname = "A"\nhosts = ["a.example"]\nfamily = "x"', "no 'x'; known"),
        ('[[papers]]\nkey = "a"\nname = "A"\nhosts = ["a.example"]\nold_hosts = ["a.example"]', "stands there twice"),
    ],
)
def test_a_wrong_catalogue_is_told_in_one_line(tmp_path, text, said):
    (tmp_path / "catalogue.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ProfileError, match=said):
        load_catalogue(tmp_path / "catalogue.toml")
