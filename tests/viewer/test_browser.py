"""A day with the corpus in a real browser: a crawl watched, articles found, compared, judged, made a seed."""

import json
import re

import pytest
from reading_room import FAULTS, LEAVING
from served import SITE, Server, hostile_page, plain, until

from crawler.learning.seeds import check_seed, load_seeds
from crawler.sites.profile import load_profile
from crawler.viewer.judgements import judgements
from tests.dedup.newsdesk import commit

PHONE = {"width": 360, "height": 740}


class Visitor:
    """A window on the pages; whatever it asks of others is noted, and so is what goes wrong in it."""

    def __init__(self, browser, server, **options):
        self.context = browser.new_context(base_url=server.url, **options)
        self.page = self.context.new_page()
        self.asked, self.wrong = [], []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", lambda line: self.wrong.append(line.text) if line.type == "error" else None)
        self.server = server

    def go(self, path):
        self.page.goto(path)
        return self.page

    def faults(self, path):
        self.go(path)
        return self.page.evaluate(FAULTS)

    def titles(self):
        return self.page.locator("[data-hit]").all_inner_texts()

    def focused(self):
        return self.page.evaluate("document.activeElement.id || document.activeElement.innerText")

    def close(self):
        self.context.close()
        foreign = [url for url in self.asked if not url.startswith(self.server.url)]
        assert foreign == []


@pytest.fixture(scope="module")
def crawled(workshop, browser):
    """The crawl of the local newspaper, watched on the live page while it runs; then a few articles beside it."""
    with workshop.start("crawl", SITE, "-a", "max_pages=40") as crawl:
        until((workshop.output / "state.sqlite").is_file)
        server = Server(workshop.output, workshop.seeds)
        visitor = Visitor(browser, server, locale="en-US", viewport={"width": 1100, "height": 800})
        watch(visitor.go("/live"), crawl, workshop)
        visitor.close()
    commit(workshop.output, plain())
    server.hostile = hostile_page(workshop.output)
    until(lambda: server.ask("/search?q=ra+khoi+khung")[2].count("data-hit") == 1)
    yield server
    server.close()


def watch(page, crawl, workshop):
    page.evaluate("window.isSamePage = true")
    n_fetched = page.locator("#live .figures div:nth-child(3) dd")
    until(lambda: re.search("[1-9]", n_fetched.inner_text()))
    assert page.locator("#live tbody .level").all_inner_texts() == ["running"]
    assert page.locator("#live .chart rect").count() > 0
    assert crawl.wait(60) == 0
    until(lambda: page.locator("#live tbody .level").all_inner_texts() == ["ended"])
    assert page.evaluate("window.isSamePage") is True  # it did not load itself anew
    (manifest,) = workshop.manifests()
    shown = page.locator("#live tbody tr").first.locator("td").all_inner_texts()
    assert [int(shown[place]) for place in (2, 4, 6)] == [
        manifest["counts"][name] for name in ("fetched", "kept", "rejected")
    ]


@pytest.fixture
def visitor(browser, crawled):
    visitor = Visitor(browser, crawled, locale="en-US", viewport={"width": 1100, "height": 800})
    yield visitor
    visitor.close()


def test_find_filter_open_judge_and_make_a_seed(visitor, workshop):
    page = visitor.go("/")
    page.locator("#q").fill("nông dân")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=*")
    found = visitor.titles()
    assert found
    assert {text.lower() for text in page.locator(".hits mark").all_inner_texts()} <= {"nông dân", "nông dân,"}
    page.goto("/search?q=NONG+DAN")
    assert visitor.titles() == found
    page.locator("summary").click()
    page.locator("#section").select_option(index=1)
    section = page.locator("#section").input_value()
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**section=*")
    assert len(visitor.titles()) <= len(found)
    page.goto(f"/search?section={section}&site={SITE}")
    n_found = len(visitor.titles())
    assert n_found
    page.locator("[data-hit]").first.click()
    page.wait_for_url("**/articles/**")
    title = page.locator("h1").inner_text()
    frame = page.frame_locator("iframe[name=archived]")
    assert frame.locator("#field-title").first.inner_text().split() == title.split()
    paragraphs = page.locator(".prose p").all_inner_texts()
    marked = " ".join(" ".join(frame.locator(".is-text, .is-lede").all_inner_texts()).split())
    assert all(" ".join(paragraph.split()) in marked for paragraph in paragraphs)
    assert frame.locator(".is-junk").count() > 10
    page.keyboard.press("g")
    until(lambda: page.locator("h1").inner_text() != title)
    page.wait_for_load_state()
    assert [one.verdict for one in judgements(workshop.output).values()] == ["good"]
    page.keyboard.press("f")
    page.wait_for_url("**/fix")
    page.locator("#section").fill("Chuyên mục đúng")
    page.get_by_role("button", name="Make it a seed").click()
    page.wait_for_url(f"**/sites/{SITE}#seed-*")
    seed = page.locator("li:target")
    assert "fails" in seed.inner_text()  # the page says another section: what a person wrote is the measure
    gold = json.loads((workshop.seeds / SITE / "02.json").read_text(encoding="utf-8"))
    assert gold["section"] == "Chuyên mục đúng"
    assert gold["title"] in seed.inner_text()
    assert len(gold["body"]) > 2
    profile = load_profile(workshop.seeds / SITE)  # what `scrapy seeds` and `scrapy learn --relearn` read
    seed = next(seed for seed in load_seeds(workshop.seeds / SITE) if seed.number == "02")
    wrong = {one.field for one in check_seed(seed, profile) if not one.is_right}
    assert wrong == {"section"}
    assert visitor.wrong == []


def test_compare_and_ask_why(visitor):
    page = visitor.go("/clusters")
    page.get_by_role("link", name="Bản sau").click()
    assert "Câu này chỉ có ở bản sau" in " ".join(page.locator(".pairs mark").all_inner_texts())
    assert page.locator(".pairs tbody tr").count() > 5
    page.goto("/rejects")
    page.locator(".rejects a").first.click()
    page.wait_for_url("**/why?url=*")
    assert page.locator(".stages .failed").count() == 1
    assert page.locator(".stages .outcome").inner_text()
    assert visitor.wrong == []


def test_a_page_does_not_leave_its_frame(visitor, crawled):
    page = visitor.go(f"/articles/{crawled.hostile}")
    frame = page.frame_locator("iframe[name=archived]")
    assert frame.locator(".is-text").first.inner_text() == LEAVING
    assert frame.locator("script, style, img, form, a, iframe, object, svg, [onclick], [style]").count() == 0
    assert frame.locator("head > *").count() == 4
    assert page.url.endswith(crawled.hostile)
    assert len(page.frames) == 2
    page.goto(f"/articles/{'f' * 32}")
    assert "document.title='taken'" in page.locator("h1").inner_text()
    assert page.title().startswith("<script>")
    assert not [url for url in visitor.asked if re.search(r"/(x|y\.css|z\.css|p\.png|w\.png|o\.swf)$", url)]


def test_a_page_of_the_web_cannot_act(browser, crawled, workshop):
    before = judgements(workshop.output)
    context = browser.new_context()
    page = context.new_page()
    page.route("http://evil.test/", lambda route: route.fulfill(
        content_type="text/html", body=f"<form method=post action='{crawled.url}/articles/{crawled.hostile}/judgement'>"
        f"<input name=verdict value=bad><input name=csrf value={crawled.desk.csrf}></form>"
        f"<iframe src='{crawled.url}/'></iframe><img src='{crawled.url}/live/state'>"))  # fmt: skip
    page.goto("http://evil.test/")
    answer = page.evaluate(f"fetch('{crawled.url}/').then(() => 'read', () => 'refused')")
    with page.expect_navigation() as navigation:
        page.evaluate("document.forms[0].submit()")
    context.close()
    assert answer == "refused"
    assert navigation.value.status == 403
    assert judgements(workshop.output) == before


def test_keyboard_alone(visitor):
    page = visitor.go("/search")
    page.keyboard.press("Tab")
    assert visitor.focused() == "Skip to the content"
    page.keyboard.press("Enter")
    assert visitor.focused() == "main"
    page.keyboard.press("/")
    assert visitor.focused() == "q"
    page.keyboard.type("nong dan")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=nong*")
    page.keyboard.press("j")
    first = visitor.focused()
    page.keyboard.press("j")
    assert visitor.focused() != first
    page.keyboard.press("k")
    assert visitor.focused() == first
    page.keyboard.press("Enter")
    page.wait_for_url("**/articles/**")
    assert page.locator("h1").inner_text() == first
    page.wait_for_load_state()
    page.keyboard.press("?")
    assert page.locator("dialog").is_visible()
    page.keyboard.press("Escape")
    until(lambda: visitor.focused() not in {"keys", "keys-on"} and not page.locator("dialog").is_visible())
    page.keyboard.press("n")
    until(lambda: page.locator("h1").inner_text() != first)
    page.wait_for_load_state()
    page.keyboard.press("p")
    until(lambda: page.locator("h1").inner_text() == first)


def test_the_checks_find_faults(browser):
    page = browser.new_page()
    page.set_content("<h3>x</h3><p style='color:#999'>blass</p><input><a href=/><svg></svg></a><p id=a></p><p id=a></p>"
                     "<button style='height:9px;width:9px;padding:0;overflow:hidden'>x</button><div tabindex=3>x</div>"
                     "<table><tr><td>1</table><p style='width:4000px'>x</p><label for=none>x</label>")  # fmt: skip
    found = {fault.partition(":")[0].rstrip(" .0123456789") for fault in page.evaluate(FAULTS)}
    page.close()
    assert found == {
        "no name", "not one main", "not one h", "no language or no title", "no way past the menu", "id twice",
        "contrast", "small to touch", "own order of focus", "table without headings", "wider than the window by",
        "refers to nothing",
    }  # fmt: skip


@pytest.mark.parametrize("options", [
    {"locale": "vi-VN", "color_scheme": "dark", "viewport": PHONE, "has_touch": True, "is_mobile": True},
    {"locale": "en-US", "color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
], ids=("phone", "desk"))  # fmt: skip
def test_everybody_can_use_every_page(browser, crawled, options):
    visitor = Visitor(browser, crawled, **options)
    visitor.go("/search")
    article = visitor.page.locator("[data-hit]").last.get_attribute("href").partition("?")[0]
    visitor.go("/clusters")
    cluster = visitor.page.locator("tbody th a").first.get_attribute("href")
    paths = ("/", "/search?q=nong+dan", article, f"{article}/fix", "/clusters", cluster, "/rejects", "/why?url=https://x/",
             "/live", "/schedule", "/sites", f"/sites/{SITE}", "/enter", "/nowhere")  # fmt: skip
    if not options.get("is_mobile"):  # all pages have the same parts; the narrow ones are the harder ones
        paths = ("/", "/search?q=nong+dan", article, cluster, f"/sites/{SITE}")
    faults = {path: found for path in paths if (found := visitor.faults(path))}
    assert faults == {}
    words = {"vi-VN": "Tìm kiếm", "en-US": "Search"}[options["locale"]]
    assert words in visitor.page.locator(".top nav").inner_text()
    visitor.page.locator(".languages a").click()
    assert words not in visitor.page.locator(".top nav").inner_text()
    visitor.close()
