"""How credit lines are written: labels, roles, breaks between names. Patterns over NFC text, case ignored."""

from __future__ import annotations

import re

_TEXT = r"bài viết|bài|tin|nội dung|lời|chùm ảnh và bài"
_PICTURE = (
    r"ảnh minh họa|ảnh minh hoạ|ảnh tư liệu|ảnh|hình ảnh|hình|video clip|video|clip|đồ họa|đồ hoạ|infographic|minh họa"
    r"|minh hoạ|photos?|graphic"
)
_STAFF = r"thiết kế|trình bày|kỹ thuật|biên tập|hiệu đính|đọc bài|giọng đọc|dẫn chương trình|dựng phim|quay phim"
_JOIN = r"\s*[,&/+–-]\s*|\s+và\s+|\s+"
_WORKS = rf"(?:{_TEXT}|{_PICTURE})(?:(?:{_JOIN})(?:{_TEXT}|{_PICTURE})){{0,3}}"
_ROLES = (
    r"tác giả bài viết|tác giả|bút danh|người viết|người thực hiện|nhóm thực hiện|nhóm tác giả|nhóm phóng viên|nhóm pv"
    r"|thực hiện|biên soạn|biên dịch|lược dịch|lược ghi|tổng hợp|phóng viên|ghi chép|tản văn|truyện ngắn|thơ|phóng sự"
    r"|bút ký|tùy bút|tuỳ bút|ký sự|written by|author|by"
)
_SOURCES = r"nguồn tin|nguồn bài viết|nguồn tham khảo|nguồn|dẫn nguồn|source|xuất xứ"
_OPENING = r"^[(\[\s*•|-]*"

LABEL = re.compile(
    rf"{_OPENING}(?:(?P<role>{_ROLES})|(?P<staff>{_STAFF})|(?P<source>{_SOURCES})|(?P<works>{_WORKS}))\s*[:：]\s*",
    re.IGNORECASE,
)
"""`Tác giả: `, `Bài và ảnh: `, `Ảnh: `, `Nguồn tin: `."""
LABEL_OF = re.compile(rf"{_OPENING}(?P<works>{_WORKS}|{_ROLES})(?P<of>\s+của)?\s+(?=\w)", re.IGNORECASE)
"""`Bút ký của `; `Bài và ảnh ` before a name in capitals."""
WRITTEN = re.compile(rf"\b(?:{_TEXT})\b", re.IGNORECASE)
ACCORDING = re.compile(r"^[(\[\s*•|-]*(?:Theo|THEO|theo|Nguồn|NGUỒN|Dẫn theo)\s*[:：]?\s+(?=\S)")
_DONE = (
    r"tổng hợp|biên dịch|lược dịch|dịch|thực hiện và ghi|thực hiện|lược ghi|lược thuật|ghi|biên tập|biên soạn|sưu tầm"
    r"|tuyển chọn"
)
WHAT = re.compile(
    rf"\s*[(\[]\s*(?:{_DONE}|th|t/h|t\.h|st|s\.t|bài và ảnh|bài, ảnh|tin, ảnh|ảnh|từ [\w\s]{{2,30}})\s*[)\]]"
    r"|\s+(?:phóng viên|pv|ctv|p\.v)\s+(?:[^()]{0,60}\s)?(?:thường trú|tại|từ)\s[^()]{2,40}$"
    rf"|\s+(?:{_DONE})\)?$",
    re.IGNORECASE,
)
"""What somebody did, after the name: `(thực hiện)`, `lược ghi`, `phóng viên … thường trú tại …`."""
INSIDE = re.compile(
    rf"\s*[(\[]\s*(?:(?:(?:{_DONE}|t/h|th)\s+)?(?:theo|nguồn)\s*:?\s+)?([^()\[\]]{{2,60}})[)\]]\s*\.?$", re.IGNORECASE
)
FOLLOWS = re.compile(r"\s*[-–—,|/]?\s*\b(?:Theo|theo|THEO|Nguồn|nguồn)\s*[:：]?\s+(?=\S)")
PIECES = re.compile(r"\s+[-–—|•]+\s+|\s*[;/]\s*")
PARTS = re.compile(r"\s+[-–—|•]+\s+|\s*[;,&]\s*|\s+\+\s+|\s+(?:và|VÀ|and|AND)\s+|(?<=\w)-(?=VOV|TTXVN|VTV)")
BUTTONS = re.compile(
    r"\s*(?:copy link|sao chép liên kết|in trang|in bài|chia sẻ|facebook|zalo|gửi email)(?=\s|$|/)", re.IGNORECASE
)
NEXT_LABEL = re.compile(
    rf"\s*[-–—;,.|(]*\s*(?=\b(?:{_PICTURE}|{_STAFF}|nguồn|theo)\s*:)",
    re.IGNORECASE,
)
DOCUMENT = re.compile(
    r"^(?:nghị quyết|nghị định|quyết định|chỉ thị|kế hoạch|thông tư|kết luận|công văn|luật|điều|khoản|báo cáo|đề án"
    r"|dự báo|thống kê|số liệu|quy định|hướng dẫn|văn bản)\b",
    re.IGNORECASE,
)
"""What news are "according to" without its being their paper."""
EDGES = " \t.,;:*•|/()[]-–—\"“”'"
BY = re.compile(r"^(?:by|von|par|por|di|door|av|af)\s*:?\s+", re.IGNORECASE)
LIST = re.compile(r"\s*[;|]\s*|,\s+|\s+(?:and|und|et|y|e|og|och|ve|&)\s+")
DATED = re.compile(r",?\s+(?:[^\W\d_]{3,10}\.?\s+)?\d.*$")
ADDRESS = re.compile(r"^(?:https?://)?(?:www\.)?((?:[\w-]+\.)+([a-z]{2,12}))(?:/\S*)?$", re.IGNORECASE)
_ENDINGS = frozenset({"vn", "com", "net", "org", "info", "gov", "edu", "example", "tv", "asia", "io", "co", "uk", "cn"})


def host_of(text: str) -> str | None:
    """The host that `text` names, in lower case; None for initials such as `Q.VY`, which only look like one."""
    match = ADDRESS.match(text)
    if match is None or (not text.islower() and match[2].lower() not in _ENDINGS):
        return None
    return match[1].lower()
