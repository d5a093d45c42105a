"""Scrapy's log lines about items, with the item's address in place of its text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scrapy.logformatter import LogFormatter

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.http import Response
    from scrapy.logformatter import LogFormatterResult
    from twisted.python.failure import Failure


@dataclass(frozen=True, slots=True)
class Brief:
    """Stands in for an item: prints as its address, without control characters."""

    item: Any

    def __str__(self) -> str:
        address = str(getattr(self.item, "url", type(self.item).__name__))
        return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in address)[:2000]


class ShortLogFormatter(LogFormatter):
    """Scraped text is megabytes long and can hold terminal escapes and forged lines; its address says enough."""

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
