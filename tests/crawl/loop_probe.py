"""A Scrapy extension that measures how long the event loop is held at a time, in CPU time of its thread.

CPU, not wall time: on a loaded machine other processes hold it up, and that says nothing of the crawl.
"""

import asyncio
import json
import sys
import threading
import time
import traceback
from collections import Counter
from pathlib import Path

from scrapy import signals

STEP = 0.002
LOOK = 0.01


class LoopProbe:
    """Writes to LOOP_PROBE, as JSON, the longest holds in seconds and what ran in them."""

    def __init__(self, crawler):
        self.path = Path(crawler.settings["LOOP_PROBE"])
        self.holds = []
        self.stacks = Counter()
        self.thread = threading.get_ident()
        self.tick_at = 0.0
        self.cpu = 0.0
        self.is_on = True
        crawler.signals.connect(self.opened, signals.spider_opened)
        crawler.signals.connect(self.closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler):
        return cls(crawler)

    def opened(self):
        self.loop = asyncio.get_running_loop()
        self.cpu = time.thread_time()
        self.tick()
        threading.Thread(target=self.look, daemon=True).start()

    def tick(self):
        now = time.thread_time()
        if now - self.cpu > LOOK:
            self.holds.append((now - self.cpu, self.stacks.most_common(3)))
        self.stacks = Counter()
        self.cpu = now
        if self.is_on:
            self.loop.call_later(STEP, self.tick)

    def look(self):
        """Note where the loop's thread is."""
        while self.is_on:
            time.sleep(LOOK)
            frame = sys._current_frames().get(self.thread)
            own = [one for one in traceback.extract_stack(frame) if "/crawler/" in one.filename]
            if own:
                self.stacks[" < ".join(f"{Path(one.filename).name}:{one.lineno}" for one in own[::-1][:4])] += 1

    def closed(self):
        self.is_on = False
        self.path.write_text(json.dumps(sorted(self.holds, reverse=True)[:20]), encoding="utf-8")
