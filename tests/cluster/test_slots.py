"""One slot for each host: one at a time, the delay held, given back by whoever dies."""

import asyncio
import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from rows import rows
from workshop import ROOT, Workshop

from crawler.cluster import crawls
from crawler.cluster.collection import ClusterCollection
from crawler.cluster.slots import HostSlots, SlotServer
from crawler.corpus.checks import check_corpus
from crawler.dedup.relations import Thresholds
from crawler.sites.profile import read_profiles

DELAY = 0.05


async def use(slots, host, spans, seconds=0.01):
    token = await slots.take(host, DELAY)
    began = time.monotonic()
    await asyncio.sleep(seconds)
    spans.append((began, time.monotonic()))
    await slots.give(host, token)


def test_one_at_a_time_with_the_delay_between_them():
    async def main():
        slots, spans, other = HostSlots(), [], []
        await asyncio.gather(*(use(slots, "a", spans) for _ in range(5)), *(use(slots, "b", other) for _ in range(2)))
        assert all(after[0] - before[1] >= DELAY * 0.99 for before, after in pairwise(spans))
        assert other[0][0] < spans[1][0], "another host does not wait"

    asyncio.run(main())


def test_who_does_not_give_it_back_loses_it():
    async def main():
        slots = HostSlots(hold_seconds=0.1)
        lost = await slots.take("a", 0)
        token = await slots.take("a", 0)
        await slots.give("a", lost)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(slots.take("a", 0), 0.05)
        await slots.give("a", token)

    asyncio.run(main())


class Slots:
    """HostSlots on a loop of its own, as an actor is."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.slots = asyncio.run_coroutine_threadsafe(self.make(), self.loop).result()

    async def make(self):
        return HostSlots()

    async def call(self, name, *arguments):
        running = asyncio.run_coroutine_threadsafe(getattr(self.slots, name)(*arguments), self.loop)
        return await asyncio.wrap_future(running)

    def close(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


@pytest.fixture
def slots():
    made = Slots()
    yield made
    made.close()


def test_a_connection_that_ends_gives_it_back(slots):
    async def ask(path):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"paper.example 0\n")
        return await asyncio.wait_for(reader.readline(), 5), writer

    async def main(path):
        answer, first = await ask(path)
        assert answer == b"ok\n"
        first.transport.abort()
        answer, second = await ask(path)
        assert answer == b"ok\n"
        second.close()

    with SlotServer(slots.call) as server:
        asyncio.run(main(server.path))


class Threads:
    """Makes calls side by side in this process."""

    def __init__(self):
        self.pool = ThreadPoolExecutor(4)

    def start(self, function, *arguments, after=()):
        assert not after
        return self.pool.submit(function, *arguments)

    def actor(self, name, kind):
        return name, kind

    def is_done(self, reference, _=0.0):
        return reference.done()

    def get(self, reference):
        return reference.result()

    def cancel(self, reference, **_):
        reference.cancel()


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("CLUSTER") != "full", reason="two live crawls, half a minute; CLUSTER=full")
def test_parts_find_what_one_crawl_finds_and_ask_one_after_the_other(tmp_path, newspapers, slots, monkeypatch):
    site, delay = "bao_ngaydang", 0.2
    monkeypatch.chdir(ROOT)
    alone = Workshop(tmp_path / "alone", newspapers.ports[site], site)
    alone.scrapy("crawl", site)
    parts = Workshop(tmp_path / "parts", newspapers.ports[site], site)
    monkeypatch.setattr(crawls, "call_actor", lambda _, name, *arguments: slots.call(name, *arguments))
    newspapers.log.write_text("", encoding="utf-8")
    words = parts.command(DOWNLOAD_DELAY=delay)[3:]
    settings = [word for word in words if word != "-s"]
    profiles, _ = read_profiles(parts.seeds)
    collection = ClusterCollection(Threads(), profiles, Thresholds(), 2, parts.output, settings, {}, is_quiet=True)
    (run,) = collection.run([site])
    assert run.exit_code == 0, run.complaint
    assert texts(parts.output) == texts(alone.output)
    assert check_corpus(parts.output, is_thorough=True) == []
    entries = [json.loads(line) for line in newspapers.log.read_text(encoding="utf-8").splitlines()]
    times = sorted(entry["time"] for entry in entries if entry["site"] == site)
    assert len(times) > 20
    assert min(after - before for before, after in pairwise(times)) >= delay * 0.95
    epochs = {file.split("-")[-2] for (file,) in parts.ask("SELECT DISTINCT file FROM records")}
    assert len({int(epoch) // 100 for epoch in epochs}) == 2, "both parts fetched something"


def texts(output):
    return rows(output, "articles"), rows(output, "rejected")
