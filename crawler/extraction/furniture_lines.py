"""Lines that say by their words that they are furniture: related links, counters, share strips, datelines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.folding import fold

if TYPE_CHECKING:
    from crawler.extraction.blocks import Block

_STARTS = (
    "xem them|doc them|tin lien quan|bai lien quan|tin bai lien quan|tin tuc lien quan|"
    "tin cung chuyen muc|cung chuyen muc|tin khac|cac tin khac|tin moi nhat|tin noi bat|"
    "bai viet lien quan|co the ban quan tam|moi ban doc|moi quy doc gia|moi doc gia|doc tiep|tin moi hon|"
    "tin cu hon|click de danh gia|tong so diem cua bai viet|viet binh luan|gui binh luan|y kien ban doc|"
    "luot xem|truy cap noi dung luon|tang tuong phan|giam tuong phan|copy link|sao chep lien ket|"
    "in trang|chia se bai viet|theo doi chung toi|dang ky nhan tin|powered by|read more|see also|"
    "related articles|related stories|also read|share this|follow us|sign up for|subscribe to|"
    "advertisement|recommended for you|more from|skip to main content|most popular"
)
_LINE_STARTS = tuple(_STARTS.split("|"))
"""Folded beginnings of furniture lines."""

_WHOLE = (
    "quang cao|chia se|binh luan|tu khoa|tags|tag|video|anh|infographic|dong su kien|tim kiem|"
    "dang nhap|tro lai|ve trang truoc|dau trang|a a a|share|tweet|print|email|comments|comment|"
    "related|topics|facebook|twitter|zalo|linkedin|whatsapp|copy|nghe doc bai|toc do doc|co chu|"
    "mac dinh|luu bai viet|bo luu|thich|phan hoi|0 binh luan|story continues below|continue reading|"
    "read full article|loading|tai ung dung|in bai viet|in bai|gui email|e mail"
)
_LINES = frozenset(_WHOLE.split("|"))
"""Folded lines that are furniture when they stand alone."""

_YEAR = re.compile(r"(?:19|20)\d\d")
_DATE_WORDS_LIST = (
    "thu hai ba tu nam sau bay chu nhat ngay thang cap luc dang gio phut gmt sa ch am pm xuat ban bai viet sang "
    "chieu toi trua monday tuesday wednesday thursday friday saturday sunday published updated posted on at page last "
    "january february march april may june july august september october november december bst est edt utc uk et"
)
_DATE_WORDS = frozenset(_DATE_WORDS_LIST.split())
MIN_DATE_NUMBERS = 2
MAX_LINE_WORDS = 14
"""A line that begins like furniture and is longer may be a sentence."""

_SIGNS = re.compile(
    r"(?:e-?mail\s*:?\s*)?[\w.+-]{1,64}\s?@\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}\W*"
    r"|@\w{1,30}\W*"
    r"|(?:copyright|©|\(c\) copyright)[^\w\n]{0,3}(?:19|20)\d\d\b[^\n]{0,70}"
    r"|(?:copyright\W{0,3}(?:©|\(c\))|©)[^\n]{0,30}?\b(?:19|20)\d\d\b[^\n]{0,70}"
    r"|(?:©|\(c\)|copyright)[^\n]{0,90}\ball rights reserved\b[^\n]*"
    r"|follow (?:@\w{1,30}|[^\n]{2,60}) on (?:twitter|facebook|instagram)\W{1,3}@\w[^\n]*"
    r"|follow @\w{1,30} on (?:twitter|facebook|instagram)\b[^\n]*"
    r"|follow [^\n]{2,60} on (?:twitter|facebook|instagram)\b(?:[^\w\n]{1,4}\w{1,30}){0,5}\W{0,4}"
    r"|a post shared by [^\n]{1,80}"
    r"|[^\n]{0,300}\bclick (?:here )?to subscribe\W{0,3}",
    re.IGNORECASE,
)
"""Whole lines: an address to write to, a copyright, an invitation to follow. What says more is a sentence."""

_BYLINE = re.compile(
    r"(?:By\s+)?([^\W\d_][^\d\n]{1,50}?)\s*[,|–-]\s*\d{1,2}[./-]\d{1,2}[./-]\d{2,4},?\s+\d{1,2}:\d\d"
    r"(?:\s?[APap]\.?[Mm]\.?)?(?:\s?[A-Z]{2,4})?"
)
MAX_NAME_WORDS = 5
MIN_BUTTONS = 3
MAX_BUTTON_WORDS = 3

_DATED_LINK = re.compile(
    r"[^\n]{10,200}\(\d{1,2}/\d{1,2}(?:/\d{2,4})?\)|[^\n]{10,200}[^\s.,;:]\s+Ngày \d{1,2}/\d{1,2}/\d{4}"
)
"""Another article in a list, with its day: `Title (26/12)`, `Title Ngày 26/11/2012`."""

MIN_TITLE_LINK = 0.5
MAX_LINE_CHARS = 400
LINK_LINE_SHARE = 0.8
_ARROWS = (">>", "»", "=>", "->", "►", "▶", "⇒")


def is_furniture_line(block: Block) -> bool:
    """True for a line that says what it is: `Xem thêm: …`, `Tin liên quan`, `Share`, a counter, a read-more link."""
    if block.n_chars > MAX_LINE_CHARS:
        return False
    is_link = block.link_share > LINK_LINE_SHARE
    if is_link and block.text.startswith(_ARROWS):
        return True
    if block.link_share > MIN_TITLE_LINK and _DATED_LINK.fullmatch(block.text):
        return True
    return is_furniture_text(block.text) or (is_link and fold(block.text).startswith(_LINE_STARTS))


def is_furniture_text(line: str) -> bool:
    """True for a short line that is furniture by its words alone."""
    if len(line) > MAX_LINE_CHARS:
        return False
    folded = fold(line)
    if not folded:
        return not any(map(str.isalnum, line))
    return (
        folded in _LINES
        or _is_dateline(folded)
        or _is_strip(line)
        or bool(_SIGNS.fullmatch(line.strip()))
        or (folded.startswith(_LINE_STARTS) and folded.count(" ") < MAX_LINE_WORDS)
    )


def _is_strip(line: str) -> bool:
    """True for a row of buttons: short parts between bars, at least one of them known."""
    parts = list(map(fold, line.split("|")))
    is_row = len(parts) >= MIN_BUTTONS and all(part.count(" ") < MAX_BUTTON_WORDS for part in parts)
    return is_row and not _LINES.isdisjoint(parts)


def is_dated_byline(line: str) -> bool:
    """True for a name with date and time behind it and nothing else: `By A Name, 09.18.09, 10:09 AM EDT`.

    A line of a timetable looks alike: whoever drops such lines looks where they stand and whether there are several.
    """
    match = _BYLINE.fullmatch(line.strip())
    names = match[1].split() if match else []
    return 0 < len(names) <= MAX_NAME_WORDS and all(name[0].isupper() for name in names)


def _is_dateline(folded: str) -> bool:
    """True for a line of a date, a time and their labels, and nothing else."""
    words = folded.split()
    if len(words) > MAX_LINE_WORDS or not any(_YEAR.fullmatch(word) for word in words):
        return False
    return sum(word.isdigit() for word in words) > MIN_DATE_NUMBERS and all(
        word in _DATE_WORDS or word[0].isdigit() for word in words
    )
