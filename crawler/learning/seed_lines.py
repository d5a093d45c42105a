"""What one line of a seed's text is, by its words alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.extraction.bylines import read_byline
from crawler.extraction.furniture_lines import is_furniture_text

if TYPE_CHECKING:
    from collections.abc import Sequence

MIN_PROSE_WORDS = 40
"""A line of so many words is a paragraph even without a full stop; headlines and captions are shorter."""

MIN_LONG_WORDS = 28
"""A paragraph of so many words is no weather forecast, poll or slogan below the article."""

MIN_SENTENCE_WORDS = 16
"""So are shorter lines that end as a sentence does."""

MAX_KICKER_WORDS = 12
MIN_CAPTION_WORDS = 15
"""A line without a full stop and of so many words is no heading."""

MAX_DATE_CHARS = 90

_DATE = re.compile(
    r"(?:\d{1,2}[:hg]\d{0,2}[^\d/]{0,12})?\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?\d{4}|ngày\s+\d{1,2}\s+tháng\s+\d{1,2}",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:ngày đăng|ngày xuất bản|đăng ngày|đăng lúc|cập nhật(?: lúc| ngày)?|ngày cập nhật|xuất bản)\s*:?", re.IGNORECASE
)
_DAY_NAME = re.compile(r"(?:thứ\s+(?:hai|ba|tư|năm|sáu|bảy|\d)|chủ\s+nhật)[\s,.-]*", re.IGNORECASE)
_TOOLS = re.compile(
    r"\s*\b(In trang|In bài|Bản in|Gửi email|Gửi mail|Chia sẻ|Copy link|Lưu bài viết)\s*$", re.IGNORECASE
)
_BANNER = re.compile(
    r"\s{5,}|nhiệt liệt|chào mừng.{0,60}(?:kỷ niệm|đại hội)|\d{4}\s?[-–]\s?\d{1,2}/\d{1,2}/\d{4}", re.IGNORECASE
)
_PICTURE = re.compile(r"(?:\bẢnh|\bNguồn ảnh|\bĐồ họa|\bPhoto)\s*:", re.IGNORECASE)
_HOST = re.compile(r"(?:https?://)?(?:www\.)?((?:[a-z0-9-]+\.){1,3}(?:vn|com|net|org|info))/?", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…][”\"')\]]*$")
_OPEN_END = re.compile(r"[:;,][”\"')\]]*$")
_STRIP = re.compile(
    r"^[A-Za-z][+-]?(?:\s+[A-Za-z][+-]?)+\s*(?:\||$)|tương phản|đánh giá|bình luận|thăm dò|truy cập", re.IGNORECASE
)


def is_prose(line: str) -> bool:
    """True for a paragraph: long, or shorter and ending as a sentence does."""
    n_words = len(line.split())
    if _BANNER.search(line) or _PICTURE.search(line[-60:]):
        return False
    ends = bool(_SENTENCE_END.search(line))
    return n_words >= MIN_PROSE_WORDS if not ends else n_words >= MIN_SENTENCE_WORDS


def is_long_prose(line: str) -> bool:
    """True for a paragraph that no box beside an article has."""
    return is_prose(line) and len(line.split()) >= MIN_LONG_WORDS


def is_junk(line: str) -> bool:
    """True for tool strips, counters, banners and other furniture of the page."""
    if is_prose(line):
        return False
    return is_furniture_text(line) or bool(_BANNER.search(line)) or bool(_STRIP.search(line[:200]))


def is_dateline(line: str) -> bool:
    """True for a short line with a date in it that is no event's."""
    return len(line) <= MAX_DATE_CHARS and bool(_DATE.search(line)) and not _BANNER.search(line)


def split_dateline(line: str) -> tuple[str | None, str, str]:
    """(section, label, date) of `Chính trị - Ngày đăng : 05:40, 02/06/2023`; section None and label "" where absent."""
    label = _LABEL.search(line)
    start = label or _DAY_NAME.search(line) or _DATE.search(line)
    before = line[: start.start()].strip(" -–|•,") if start else ""
    section = before if before and not any(map(str.isdigit, before)) else None
    if label:
        return section, label.group().strip(), line[label.end() :].strip()
    return section, "", line[start.start() :] if start else line


def split_tools(line: str) -> tuple[str, list[str]]:
    """`line` without the tool links glued to its end, and those."""
    tools: list[str] = []
    while match := _TOOLS.search(line):
        tools.insert(0, match.group(1))
        line = line[: match.start()].rstrip()
    return line, tools


def is_kicker(line: str) -> bool:
    """True for a short line above the title without an end of sentence."""
    return 1 < len(line.split()) <= MAX_KICKER_WORDS and not _SENTENCE_END.search(line)


def is_caption(line: str, following: Sequence[str], previous: str, *, is_second: bool) -> bool:
    """True for a picture's caption: it says so, stands there twice (alt and caption), or is too long for a heading.

    `is_second`: the line right below the first paragraph, where the main picture stands.
    """
    if is_prose(line) and not _PICTURE.search(line[-60:]):
        return False
    if _PICTURE.search(line) or line in following or line == previous:
        return True
    n_words = len(line.split())
    if _SENTENCE_END.search(line) or _OPEN_END.search(line):
        return False
    return n_words >= (MIN_CAPTION_WORDS // 2 if is_second else MIN_CAPTION_WORDS)


def is_credit(line: str) -> bool:
    """True for a signature, an author's or a source's line."""
    byline = read_byline(split_tools(line)[0])
    return bool(byline.authors or byline.source or byline.is_credit)


def is_closing(line: str) -> bool:
    """True for a line after the last long paragraph that still is a sentence of the article."""
    return bool(_SENTENCE_END.search(line)) and not is_junk(line) and not line.endswith("?")


def read_host(line: str) -> str | None:
    """The site's own name when the line is nothing but that."""
    match = _HOST.fullmatch(" ".join(line.split()))
    return match.group(1).lower() if match else None
