"""A crawled newspaper with a few articles beside it, served as users serve it."""

import http.client
import socket
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import uvicorn
from reading_room import HOSTILE, HOSTILE_PAGE, LEAVING

from crawler.archive import ArchiveWriter, Exchange
from crawler.corpus.committer import Committer
from crawler.corpus.recovery import recover
from crawler.dedup.signatures import sign
from crawler.scheduling.planning import Planner, scheduled_sites
from crawler.state.locks import SiteLock
from crawler.state.records import NewRecord, Records
from crawler.state.store import Store
from crawler.viewer.app import make_app
from crawler.viewer.desk import Desk
from tests.dedup.labelled import Writer

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "crawl"))
from workshop import FAST as FAST  # noqa: E402, PLC0414 - its folder is no package; for conftest
from workshop import Workshop as Workshop  # noqa: E402, PLC0414 - as above

SITE = "baobaclieu"
ZONE = "Asia/Ho_Chi_Minh"


class Server:
    """The application on a free port of loopback, in a thread."""

    def __init__(self, output, seeds, **options):
        self.desk = Desk(output, seeds, ZONE, lambda profiles: Planner(scheduled_sites(profiles)))
        app = make_app(self.desk, host="127.0.0.1", **options)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        config = uvicorn.Config(app, log_level="error", lifespan="on", timeout_graceful_shutdown=1)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=lambda: self.server.run(sockets=[self.socket]), daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def ask(self, path, method="GET", form=None, **headers):
        """Status, headers and text of an answer; underscores in names of headers stand for dashes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, None if form is None else urlencode(form), headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, text

    def post(self, path, **form):
        return self.ask(path, "POST", {"csrf": self.desk.csrf} | form, Origin=self.url)

    def close(self):
        self.server.should_exit = True
        self.thread.join(10)


def until(happens, seconds=60):
    """What `happens` gives when it is true for the first time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := happens():
            return found
        time.sleep(0.05)
    raise AssertionError(f"did not happen within {seconds} s")


def plain(site=SITE):
    """Articles that need no page: two that repeat each other, and one whose text is markup."""
    writer = Writer(5)
    long = writer.paragraphs(7)
    nasty = writer.article([*writer.paragraphs(3), HOSTILE], site, HOSTILE)
    return [
        writer.article(long, site, "Tin dài"),
        writer.article([*long[:-1], "Câu này chỉ có ở bản sau, và không ở đâu khác cả."], "baothainguyen", "Bản sau"),
        replace(nasty, id="f" * 32, source=HOSTILE, authors=(HOSTILE,), section="Thời sự", language="vi",
                published_at=datetime(2026, 3, 5, 2, tzinfo=UTC)),
    ]  # fmt: skip


def hostile_page(output, site=SITE):
    """An article whose archived page tries everything."""
    url, at = "https://ngoai.example/thoat.html", datetime(2026, 3, 6, 2, tzinfo=UTC)
    writer, run_id = Writer(9), f"{site}-hostile"
    with Store(output) as store, SiteLock(store, site, run_id) as lock:
        recover(store, lock)
        archive = ArchiveWriter(output, site, lock.epoch, 1 << 30)
        headers = (("content-type", "text/html; charset=utf-8"),)
        pointer = archive.append(Exchange(url, 200, headers, HOSTILE_PAGE.encode(), at))
        archive.sync()
        archive.close()
        article = replace(
            writer.article([LEAVING, *writer.paragraphs(3)], site, "Trang muốn ra khỏi khung"), url=url,
            canonical_url=url, run_id=run_id, archive_file=pointer.file, archive_offset=pointer.offset,
            archive_length=pointer.length, published_at=at,
        )  # fmt: skip
        record = NewRecord(url, url, "section", "article", 200, at, pointer)
        (seq,) = Records(store, site, run_id).append([record])
        committer = Committer(store, site, run_id)
        committer.keep(seq, sign(article))
        committer.flush()
    return article.id
