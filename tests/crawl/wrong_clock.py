"""The command, on a machine whose clock is set to another time while it runs.

    python tests/crawl/wrong_clock.py N_ANSWERS SECONDS_AHEAD crawl SITE …

Every module of the collector reads a clock that shows the right time until so many answers came, and `SECONDS_AHEAD`
(or back) from then on.
The workers keep theirs: pages are dated by the process that fetched them.
"""

import datetime as dt
import pkgutil
import sys
import time
from importlib import import_module

import crawler

REAL_DATETIME, REAL_TIME = dt.datetime, time.time
n_answers = 0


def ahead():
    return float(sys.argv[2]) if n_answers > int(sys.argv[1]) else 0.0


class Wrong(type):
    """A class that is datetime to whoever asks, but for the time of day."""

    def __call__(cls, *values, **named):
        return REAL_DATETIME(*values, **named)

    def __instancecheck__(cls, value):
        return isinstance(value, REAL_DATETIME)

    def __getattr__(cls, name):
        return getattr(REAL_DATETIME, name)

    def now(cls, tz=None):
        global n_answers  # noqa: PLW0603 - one clock
        n_answers += sys._getframe(1).f_code.co_name == "_exchange"
        return REAL_DATETIME.now(tz) + dt.timedelta(seconds=ahead())


class WrongDatetime(metaclass=Wrong):
    """See above."""


def main():
    for module in pkgutil.walk_packages(crawler.__path__, "crawler."):
        if module.name.split(".")[1] not in {"viewer", "commands", "cluster", "storage", "publishing"}:
            import_module(module.name)
    n_set = 0
    for name, module in sys.modules.items():
        if name.startswith("crawler.") and vars(module).get("datetime") is REAL_DATETIME:
            module.datetime = WrongDatetime
            n_set += 1
    assert n_set > 10
    time.time = lambda: REAL_TIME() + ahead()
    from scrapy.cmdline import execute

    execute(["scrapy", *sys.argv[3:]])


if __name__ == "__main__":
    main()
