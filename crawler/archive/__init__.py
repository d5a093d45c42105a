"""WARC files: every response is written here before anything else looks at it."""

from crawler.archive.exchange import Exchange, decode_body, to_page
from crawler.archive.index import ArchiveIndex
from crawler.archive.reader import read_exchange, scan_tail, truncate_torn_tail
from crawler.archive.writer import ArchiveWriter

__all__ = [
    "ArchiveIndex",
    "ArchiveWriter",
    "Exchange",
    "decode_body",
    "read_exchange",
    "scan_tail",
    "to_page",
    "truncate_torn_tail",
]
