"""What a person changed by hand wins over every later lesson."""

from msgspec.structs import replace

from crawler.learning.corrections import merge_profiles
from crawler.sites.profile import SiteProfile, Sources, Template

OLD = Template(fit=("div.cu",), title=("h1.cu",), body=("div.cu",))
NEW = Template(fit=("div.moi",), title=("h1.moi",), body=("div.moi",), drop_lines=("Tin liên quan",))
SOURCES = Sources(sections=("https://bao.example/a",))
BASE = SiteProfile(key="bao", hosts=("bao.example",), sources=SOURCES, templates=(OLD,))


def test_what_nobody_touched_follows_the_lesson():
    new = replace(BASE, templates=(replace(OLD, title=("h1.tieu-de",)),))
    assert merge_profiles(new, BASE, BASE) == new


def test_a_corrected_selector_stays():
    mine = replace(BASE, templates=(replace(OLD, title=("h1.dung",)),), notes="checked")
    new = replace(BASE, templates=(replace(OLD, title=("h1.sai",), drop=("div.qc",)),))
    merged = merge_profiles(new, mine, BASE)
    assert merged.notes == "checked"
    assert merged.templates[0].title == ("h1.dung",)
    assert merged.templates[0].drop == ("div.qc",)


def test_a_second_layout_joins_and_corrections_stay_with_theirs():
    mine = replace(BASE, templates=(replace(OLD, title=("h1.dung",)),))
    merged = merge_profiles(replace(BASE, templates=(NEW, OLD)), mine, BASE)
    assert merged.templates == (NEW, replace(OLD, title=("h1.dung",)))


def test_a_layout_that_no_seed_teaches_any_more_stays():
    assert merge_profiles(replace(BASE, templates=(NEW, OLD)), replace(BASE, templates=(NEW, OLD)), BASE).templates
    both = replace(BASE, templates=(NEW, OLD))
    assert merge_profiles(replace(BASE, templates=(NEW,)), both, both).templates == (NEW, OLD)


def test_a_profile_written_by_hand_is_only_filled():
    mine = replace(BASE, templates=(Template(body=("div.cu",), title=("h1.tay",)),))
    new = replace(BASE, sources=Sources(sections=("https://bao.example/b",), feeds=("https://bao.example/rss",)))
    merged = merge_profiles(new, mine, None)
    assert merged.sources.sections == ("https://bao.example/a",)
    assert merged.sources.feeds == ("https://bao.example/rss",)
    assert merged.templates[0].title == ("h1.tay",)
    assert merged.templates[0].fit == ("div.cu",)
