"""A person at a browser: what the window shows, what it asks for, and what goes wrong in it."""

import re

from reading_room import FAULTS
from served import until

from crawler.corpus.reader import CorpusReader
from crawler.inspection.facts import gather
from crawler.inspection.report import render
from crawler.inspection.warehouse import Warehouse

WINDOWS = (
    {"locale": "vi-VN", "color_scheme": "dark", "viewport": {"width": 360, "height": 740}, "has_touch": True,
     "is_mobile": True},
    {"locale": "en-US", "color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
)  # fmt: skip


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


def report_of(output):
    with CorpusReader(output) as reader, Warehouse(output) as warehouse:
        return render(gather(warehouse, reader, seed=1))
