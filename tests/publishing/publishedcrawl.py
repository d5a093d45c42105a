"""The small collector of tests/corpus, whose corpus is published as it grows; and a storage that can fail anywhere."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "corpus"))

from smallcrawl import (
    SmallCrawl,
    options,
)

from crawler.corpus.committer import Committer
from crawler.corpus.opening import open_state
from crawler.corpus.recovery import recover
from crawler.crawling.intake import Intake
from crawler.publishing.publisher import Publisher
from crawler.state.locks import SiteLock
from crawler.storage.objects import Objects

__all__ = ["DiedError", "FailingObjects", "PublishedCrawl", "options"]


class DiedError(BaseException):
    """The process is gone; no handler of the code under test may catch it."""


class FailingObjects(Objects):
    """Dies at request `at`: before it has any effect, or after it when `is_late`."""

    def __init__(self, url, at=0, *, is_late=False):
        super().__init__(url)
        self.at = at
        self.is_late = is_late
        self.n = 0

    def _count(self, request):
        self.n += 1
        if self.at and (self.n > self.at or (self.n == self.at and not self.is_late)):
            raise DiedError
        result = request()
        if self.n == self.at:
            raise DiedError
        return result

    def put(self, key, data):
        return self._count(lambda: super(FailingObjects, self).put(key, data))

    def create(self, key, data):
        return self._count(lambda: super(FailingObjects, self).create(key, data))

    def get(self, key):
        return self._count(lambda: super(FailingObjects, self).get(key))

    def list(self, prefix, after=""):
        return self._count(lambda: iter(list(super(FailingObjects, self).list(prefix, after))))

    def delete(self, keys):
        return self._count(lambda: super(FailingObjects, self).delete(keys))


class PublishedCrawl(SmallCrawl):
    """SmallCrawl.run with a publisher: it publishes after every commit."""

    def __init__(self, output, objects, site="a", run_id="run", **more):
        super().__init__(output, site, run_id, **more)
        self.objects = objects
        self.has_neighbours = True
        self.publisher = None

    def run(self):
        self.publisher = Publisher(self.output, self.objects, has_neighbours=self.has_neighbours)
        with open_state(self.output, []) as store, SiteLock(store, self.site, self.run_id) as lock:
            self.publisher.take(store, lock)
            recover(store, lock, kind_of=self.kind_of)
            self.intake = Intake(store, self.site, self.run_id, lock.epoch, options(self.output))
            self.committer = Committer(store, self.site, self.run_id, max_rows=self.group + 1)
            self.process_pending()
            self.crawl()
            self.intake.close()
            self.committer.flush()
            self.publisher.publish(is_over=True)

    def settle(self, in_hand):
        n_waiting = self.committer.n_waiting + len(in_hand)
        super().settle(in_hand)
        if self.committer.n_waiting < n_waiting:
            self.publisher.publish()
