"""A site of our own changes its layout: learning again adds a template, and each layout keeps its days."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from cms_pages import SYSTEMS, Story

from crawler.archive import Exchange
from crawler.extraction.article import extract
from crawler.folding import fold
from crawler.items import Page, Pointer
from crawler.learning.corrections import merge_profiles
from crawler.learning.site import Example, learn_site
from crawler.sites.profile import SiteProfile

HOME = "https://baolang.example/"
BEFORE, AFTER = datetime(2025, 12, 1, 8, tzinfo=UTC), datetime(2026, 3, 9, 8, tzinfo=UTC)
PROFILE = SiteProfile(key="baolang", hosts=("baolang.example",))


def address(number):
    return f"{HOME}doi-song/{fold(Story(number).title).replace(' ', '-')}-{70000 + number}.html"


class Archive:
    """What the site answered on one day."""

    def __init__(self, system, at, numbers=range(6)):
        links = "".join(f'<li><a href="{address(n)}">{Story(n).title}</a></li>' for n in numbers)
        bodies = {address(n): SYSTEMS[system](Story(n)) for n in numbers}
        bodies[HOME] = f"<html><body><h1>Báo Làng</h1><ul>{links}</ul></body></html>"
        headers = (("content-type", "text/html; charset=utf-8"),)
        self.answers = {url: Exchange(url, 200, headers, body.encode(), at) for url, body in bodies.items()}

    def get(self, url):
        return self.answers.get(url)


def as_page(system, number, at):
    body = SYSTEMS[system](Story(number)).encode()
    url = address(number)
    return Page(url, url, 200, (), body, at, "baolang", "replay", Pointer("", 0, 0))


def learned_before():
    story = Story(0)
    text = "\n\n".join([story.title, story.lede, *story.body])
    return learn_site([Example(url=address(0), text=text, name="01.txt")], [], Archive("old", BEFORE), PROFILE)


def learned_after(lesson, archive=None):
    """The profile that `--relearn` writes."""
    again = learn_site([], lesson.seeds, archive or Archive("modern", AFTER), lesson.profile)
    return merge_profiles(again.profile, lesson.profile, lesson.profile)


@pytest.fixture(scope="module")
def before():
    return learned_before()


def test_a_changed_layout_gets_a_template_and_both_get_their_days(before):
    new, old = learned_after(before).templates
    assert (new.valid_from, new.valid_until) == (date(2026, 3, 9), None)
    assert (old.valid_from, old.valid_until) == (None, date(2026, 3, 8))
    assert old.body == before.profile.templates[0].body != new.body


@pytest.mark.parametrize(("system", "at"), [("old", BEFORE), ("modern", AFTER)])
def test_old_archives_and_new_pages_are_read_by_their_own_template(before, system, at):
    profile = learned_after(before)
    for number in (1, 2, 4):
        article = extract(as_page(system, number, at), profile)
        story = Story(number)
        assert article.extraction == "template"
        assert article.text.split("\n\n") == [story.lede, *story.body]


def test_a_further_lesson_keeps_templates_and_days(before):
    once = learned_after(before)
    again = learned_after(replace(before, profile=once), Archive("modern", AFTER + timedelta(days=30)))
    assert [(one.body, one.valid_from, one.valid_until) for one in again.templates] == [
        (one.body, one.valid_from, one.valid_until) for one in once.templates
    ]


def test_without_the_seeds_own_page_later_pages_teach_the_new_layout(before):
    new, _ = learned_after(before, Archive("modern", AFTER, range(1, 6))).templates
    assert new.valid_from == date(2026, 3, 9)


def test_an_unchanged_site_gets_no_days(before):
    profile = learned_after(before, Archive("old", AFTER))
    assert [(one.valid_from, one.valid_until) for one in profile.templates] == [(None, None)]
