"""First crawls of papers out of a catalogue, on newspapers served from this machine."""

import shutil

import pandas as pd
import pytest

from crawler.cataloguing import chosen_papers, first_addresses
from crawler.sites.profile import load_profile

PAPER = """
[[papers]]
key = "{key}"
name = "{name}"
hosts = ["127.0.0.1:{port}"]
home = "http://127.0.0.1:{port}/"
"""


@pytest.fixture
def catalogue(workshop, newspapers):
    shutil.rmtree(workshop.seeds)
    workshop.seeds.mkdir()
    papers = [("thainguyen", "Báo A", newspapers.ports["baothainguyen"]), ("nowhere", "Báo B", 1)]
    text = "".join(PAPER.format(key=key, name=name, port=port) for key, name, port in papers)
    (workshop.seeds / "catalogue.toml").write_text(text, encoding="utf-8")
    return workshop


def test_a_catalogue_is_learned_on_its_first_run_and_told_who_worked(catalogue):
    done = catalogue.scrapy("collect", "--catalogue", "--quiet", "-j", "2", check=False)
    assert done.returncode == 1  # one paper is not there
    assert "catalogue: 1 of 2 worked" in done.stdout
    assert "worked   thainguyen: " in done.stdout
    assert "read by family vnpt" in done.stdout
    assert "did not  nowhere: " in done.stdout
    profile = load_profile(catalogue.seeds / "thainguyen")
    assert (profile.name, profile.family, profile.verified) == ("Báo A", "vnpt", False)
    assert "#page_info #article_id" in profile.notes
    assert not (catalogue.seeds / "nowhere").exists()
    articles = pd.read_parquet(catalogue.output / "articles")
    assert set(articles["site"]) == {"thainguyen"}
    assert (articles["extraction"] == "template").mean() > 0.8
    assert not articles["text"].str.contains("Tin liên quan|Ý kiến bạn đọc").any()
    papers = chosen_papers(catalogue.seeds, ())
    assert list(first_addresses(papers, catalogue.seeds)) == ["nowhere"]  # the other has a profile by now


def test_a_name_that_is_not_in_the_catalogue_is_refused(catalogue):
    done = catalogue.scrapy("collect", "--catalogue", "elsewhere", check=False)
    assert done.returncode == 2
    assert "no paper 'elsewhere'" in done.stderr
