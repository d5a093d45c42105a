"""How dates, times, zones and their labels are written: patterns over text without marks, in lower case."""

from __future__ import annotations

import re
import unicodedata

MONTHS = {
    "gieng": 1, "mot": 1, "hai": 2, "ba": 3, "tu": 4, "bon": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9,
    "muoi": 10, "muoi mot": 11, "muoi hai": 12, "chap": 12,
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
    "dec": 12,
}  # fmt: skip
WEEKDAYS = {
    "hai": 0, "ba": 1, "tu": 2, "nam": 3, "sau": 4, "bay": 5, "2": 0, "3": 1, "4": 2, "5": 3, "6": 4, "7": 5,
    "mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6,
}  # fmt: skip

_VI_MONTH = r"0?\d|1[0-2]|gieng|mot|hai|ba|tu|bon|nam|sau|bay|tam|chin|muoi(?: (?:mot|hai))?|chap"
_EN_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]{0,6}"
_YEAR = r"(?P<{0}>(?:19|20)\d\d)"

YMD = re.compile(r"(?<![\d/.-])(?P<y>(?:19|20)\d\d)([-/.])(?P<m>\d{1,2})\2(?P<d>\d{1,2})(?!\d|[/.-]\d)")
DMY = re.compile(
    r"(?<![\d/.-])(?P<d>\d{1,2})\s?([-/.])\s?(?P<m>\d{1,2})\s?\2\s?(?P<y>(?:19|20)\d\d|\d\d)"
    r"(?!\d|[/.]\d|-\d(?!\d?:\d))"
)
DAY_WORDS = re.compile(
    rf"(?<!\d)(?P<d>\d{{1,2}})\s*(?:,|-|/)?\s*(?:thang|thg|th(?=\.?\s?\d))\.?\s*(?P<m>{_VI_MONTH})\b\s*(?:,|/|-"
    rf"|nam)?\s*{_YEAR.format('y')}\b"
)
MONTH_FIRST_WORDS = re.compile(rf"\bthang\s*(?P<m>{_VI_MONTH})\s+(?P<d>\d{{1,2}}),?\s+{_YEAR.format('y')}\b")
EN_DAY_FIRST = re.compile(
    rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s.-]{{0,2}}(?P<m>{_EN_MONTH})[\s.,-]{{0,2}}(?P<y>(?:19|20)\d\d"
    rf"|\d\d)\b(?!:)"
)
EN_MONTH_FIRST = re.compile(rf"\b(?P<m>{_EN_MONTH})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR.format('y')}\b")
DATES = (YMD, DMY, DAY_WORDS, MONTH_FIRST_WORDS, EN_DAY_FIRST, EN_MONTH_FIRST)

TIME = re.compile(
    r"(?<![\d:/.])(?P<h>\d{1,2})\s?(?:(?::"
    r"|(?<=\d)[hg](?=\d))\s?(?P<m>\d\d?)(?!\d)(?::(?P<s>\d\d)(?!\d))?(?:[.,]\d{1,9})?"
    r"(?:\s?(?:phut|ph|p(?!\.))\b)?"
    r"|\s?(?:gio|h)(?![a-z])(?:\s?(?P<m2>\d{1,2})(?!\d)(?:\s?(?:phut|ph|p(?!\.))\b)?)?)"
    r"['’]?(?:\s?\(?\s?(?P<half>sa|ch|am|pm|a\.m\.?|p\.m\.?|sang|trua|chieu|toi|dem)(?![a-z])\)?)?"
)
ZONE = re.compile(
    r"\(?\b(?:gmt|utc)\s?(?P<sign>[+-])\s?(?P<h>\d{1,2})(?::?(?P<m>\d\d))?\s?\)?"
    r"|(?<=[\d:])\s?(?P<sign2>[+-])(?P<h2>\d\d):?(?P<m2>\d\d)(?![\d:/])|(?<=\d)(?P<z>z)\b|\(?\b(?P<utc>utc|gmt)\b\)?"
    r"|\(?\b(?P<ict>ict|gio viet nam|gio ha noi)\b\)?"
)
WEEKDAY = re.compile(
    r"\bthu\s?(?P<vi>hai|ba|tu|nam|sau|bay|[2-7])\b|\bt(?P<t>[2-7])\b|\b(?P<sunday>chu nhat|cn)\b"
    r"|\b(?P<en>mon|tue|wed|thu|fri|sat|sun)(?:day|sday|nesday|rsday|urday|s|rs)?\b(?!\s?\d{1,2}\s?:)"
)
RELATIVE = re.compile(
    r"(?P<since>\bcach day\s*(?:khoang\s*)?)?\b(?P<n>\d{1,3}|mot|vai|may)\s*"
    r"(?P<unit>giay|phut|ph|p|gio|h|tieng|ngay|tuan|thang|nam)"
    r"(?:\s*(?P<n2>\d{1,2})\s*(?P<unit2>giay|phut|ph|p|gio|h))?(?:\s*(?:truoc|qua)\b|(?(since)\b|(?!)))"
    r"|\b(?P<en_n>\d{1,3}|an?)\s*(?P<en>second|minute|min|hour|day|week)s?\s+ago\b"
)
DAY_NAME = re.compile(r"\b(?P<today>hom nay|today)\b|\b(?P<yesterday>hom qua|yesterday)\b|\b(?P<before>hom kia)\b")
JUST_NOW = re.compile(r"\b(?:vua xong|just now)\b")

LABEL = re.compile(
    r"\b(?:(?P<modified>(?:ngay |lan |thoi gian |gio )?(?:cap nhat|sua doi|chinh sua|sua)(?: (?:lan )?cuoi)?"
    r"(?: luc| ngay)?|(?:last )?(?:updated?|modified)(?: on| at)?)"
    r"|(?P<published>(?:ngay |thoi gian |gio |duoc )?(?:dang|xuat ban|dua tin|dang tin|dang tai|phat hanh|tao)"
    r"(?: (?:bai|tin|tai))?(?: luc| ngay| vao)?|(?:first )?(?:posted|published)(?: on| at)?|pub ?date))"
    r"\s?(?=[:,|\d(-]|thu |luc |ngay |vao |chu )"
)
STOP = re.compile(
    r"cap ngay|giay phep|\bgp(?:xb|-|\b)|©|\(c\)|copyright|het han|hieu luc|sinh ngay|ban hanh|ky ngay|khai mac|be mac"
    r"|tu ngay|den ngay|(?<!thang )(?<!thu )\btu (?=\d)|(?<=\d) den (?=\d)|han chot|deadline|so\s?:?\s?\d+/|nhiem ky"
    r"|lich phat|quyet dinh|nghi dinh|thong tu|dien ra|mo cua|dong cua|xet xu|truy cap|tel|dien thoai|hotline|cong van"
    r"|giay chung nhan|expires|sinh nhat|ngay (?:sinh|thi|mat|hop|nop|cuoi)\b|am lich\s?:|het ngay"
)
"""Words of licences, events, documents and counters: a date beside one of them is not the article's."""
FILLER = re.compile(r"\b(?:luc|vao|ngay|gio|phut|hom nay|nam|thang|on|at|the|by|gmt|date|time|thoi gian)\b")
_DASHES = {"–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "đ": "d", "ð": "d", "’": "'", "：": ":"}
_LAST_USUAL = 0xFFFF
_BETWEEN = re.compile(r"(?<=\d)t(?=\d\d:?\d\d)")


class _Bare(dict[int, str]):
    """For `str.translate`: a character of lower case without marks."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        decomposed = unicodedata.normalize("NFKD", _DASHES.get(char, char))
        bare = "".join(part for part in decomposed if not unicodedata.combining(part))
        if code <= _LAST_USUAL:
            self[code] = bare
        return bare


_BARE = _Bare()


def plain(text: str) -> str:
    """`text` in lower case, without marks, dashes and spaces of one kind each."""
    return _BETWEEN.sub(" ", " ".join(text.lower().translate(_BARE).split()))
