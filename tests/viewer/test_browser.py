"""A day with the corpus in a real browser: a crawl watched, articles found, compared, judged, made a seed."""

import json
import re
import shutil

import pytest
from reading_room import AXE, AXE_FAULTS, FAULTS, LEAVING
from served import SITE, until
from visiting import WINDOWS, Visitor, report_of

from crawler.learning.seeds import check_seed, load_seeds
from crawler.sites.profile import load_profile
from crawler.viewer.judgements import judgements


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


def test_learning_takes_up_what_was_fixed(visitor, workshop, tmp_path):
    page = visitor.go("/search?q=nong+dan")
    page.locator("[data-hit]").last.click()
    page.wait_for_url("**/articles/**")
    address, title = page.url, page.locator("h1").inner_text()
    with page.expect_navigation():
        page.keyboard.press("b")
    assert "bad" in {one.verdict for one in judgements(workshop.output).values()}
    page.goto(address)
    page.keyboard.press("f")
    page.wait_for_url("**/fix")
    page.get_by_role("button", name="Make it a seed").click()
    page.wait_for_url(f"**/sites/{SITE}#seed-*")
    assert "passes" in page.locator("li:target").inner_text()
    number = page.url.rpartition("-")[2]
    folder = tmp_path / SITE  # a site that knows nothing but this seed
    folder.mkdir()
    for path in (workshop.seeds / SITE).glob(f"{number}.*"):
        shutil.copy(path, folder)
    known = (workshop.seeds / SITE / "profile.toml").read_text(encoding="utf-8")
    (folder / "profile.toml").write_text(known.partition("[[templates]]")[0], encoding="utf-8")
    files = ",".join(map(str, (workshop.output / "archive" / SITE).glob("*.warc.gz")))
    done = workshop.scrapy("learn", SITE, "--relearn", "--yes", "-a", f"archive={files}", SEEDS_DIR=tmp_path)
    assert f"seed {SITE}/{number}" in done.stdout
    profile = load_profile(folder)
    assert profile.templates
    (seed,) = load_seeds(folder)
    assert seed.gold.title == title
    assert [one.field for one in check_seed(seed, profile) if not one.is_right] == []


def test_schedule_pause_and_crawl_now(visitor, workshop):
    path = workshop.seeds / SITE / "profile.toml"
    known = path.read_text(encoding="utf-8")
    path.write_text(f'schedule = "every 6h"\n{known}', encoding="utf-8")
    page = visitor.go("/schedule")
    n_runs = page.locator("#runs + .scroll tbody tr").count()
    assert n_runs == 1
    row = page.locator("tbody tr", has_text="every 6h")
    for verb, state in (("Pause", "paused"), ("Resume", "waiting")):
        row.get_by_role("button", name=verb).click()
        until(lambda state=state: row.locator(".level").inner_text() == state)
    row.get_by_role("button", name="Crawl now").click()
    page.wait_for_url("**/live")
    until(lambda: len(workshop.manifests()) > n_runs)
    page.goto("/schedule")
    until(lambda: page.reload() and page.locator("#history + .scroll tbody tr").count() == 1)
    assert page.locator("#runs + .scroll tbody tr").count() == n_runs + 1
    path.write_text(known, encoding="utf-8")
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


def every_page(visitor):
    visitor.go("/search")
    article = visitor.page.locator("[data-hit]").last.get_attribute("href").partition("?")[0]
    visitor.go("/clusters")
    cluster = visitor.page.locator("tbody th a").first.get_attribute("href")
    visitor.go("/rejects")
    why = visitor.page.locator(".rejects a").first.get_attribute("href")
    return ("/", "/search?q=nong+dan", article, f"{article}/fix", "/clusters", cluster, "/rejects", why, "/live",
            "/schedule", "/sites", f"/sites/{SITE}", "/enter", "/nowhere", "/search?q=zzz")  # fmt: skip


@pytest.mark.parametrize("options", WINDOWS, ids=("phone", "desk"))
def test_everybody_can_use_every_page(browser, crawled, options):
    visitor = Visitor(browser, crawled, **options)
    paths = every_page(visitor)
    if not options.get("is_mobile"):  # all pages have the same parts; the narrow ones are the harder ones
        paths = (*paths[:3], paths[5], paths[11])
    faults = {path: found for path in paths if (found := visitor.faults(path))}
    assert faults == {}
    words = {"vi-VN": "Tìm kiếm", "en-US": "Search"}[options["locale"]]
    assert words in visitor.page.locator(".top nav").inner_text()
    visitor.page.locator(".languages a").click()
    assert words not in visitor.page.locator(".top nav").inner_text()
    visitor.close()


@pytest.mark.skipif(not AXE.is_file(), reason="there is no axe-core here; AXE_CORE may name its axe.min.js")
@pytest.mark.parametrize("options", WINDOWS, ids=("phone", "desk"))
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_core_finds_no_serious_fault(browser, crawled, options, scheme):
    visitor = Visitor(browser, crawled, **(options | {"color_scheme": scheme}))
    program, faults = AXE.read_text(encoding="utf-8"), {}
    for path in (*every_page(visitor), "report"):
        page = visitor.go(path if path != "report" else "about:blank")
        if path == "report":  # a file, that nobody serves
            page.set_content(report_of(crawled.desk.output))
        page.evaluate(program)
        if found := page.evaluate(AXE_FAULTS):
            faults[path] = found
    visitor.close()
    assert faults == {}
