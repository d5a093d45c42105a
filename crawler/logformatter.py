"""Log lines without what pages could put into them: an item's address in place of its text, no control characters."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from scrapy.logformatter import LogFormatter

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.logformatter import LogFormatterResult
    from twisted.python.failure import Failure


MAX_CHARS = 2000
"""Of an address in a log line."""


def one_line(text: str) -> str:
    """`text` without line ends, and without the characters that a terminal would obey or turn the line round with."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


class LineFormatter(logging.Formatter):
    """Formats as another formatter does; no message can forge a second line or write to the terminal."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self.inner = inner

    def format(self, record: logging.LogRecord) -> str:
        """Tracebacks keep their lines."""
        plain = logging.makeLogRecord({**record.__dict__, "msg": one_line(record.getMessage()), "args": None})
        return "\n".join(map(one_line, self.inner.format(plain).split("\n")))


@dataclass(frozen=True, slots=True)
class Brief:
    """Stands in for an item: prints as its address, without control characters."""

    item: Any

    def __str__(self) -> str:
        address = str(getattr(self.item, "url", type(self.item).__name__))
        return one_line(address)[:MAX_CHARS]


class ShortLogFormatter(LogFormatter):
    """Scraped text is megabytes long and can hold terminal escapes and forged lines; its address says enough."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Called by Scrapy once its log is open."""
        del crawler
        for handler in logging.root.handlers:
            if handler.formatter is not None and not isinstance(handler.formatter, LineFormatter):
                handler.setFormatter(LineFormatter(handler.formatter))
        return cls()

    def scraped(self, item: Any, response: Response | Failure | None, spider: Spider) -> LogFormatterResult:
        """Log line of an item that came through."""
        return super().scraped(Brief(item), response, spider)

    def dropped(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        """Log line of a rejected item."""
        return super().dropped(Brief(item), exception, response, spider)

    def item_error(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        """Log line of an item that broke a stage."""
        return super().item_error(Brief(item), exception, response, spider)
