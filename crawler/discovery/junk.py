"""Addresses that never lead to an article on any site: files, feeds, searches, log-ins, tags, comments, print views."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from urllib.parse import SplitResult

_FILE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|bmp|ico|svgz?|tiff?|mp[34]|m4[av]|ogg|wav|flac|webm|avi|mov|wmv|flv|mkv|m3u8?|ts|"
    r"pdf|docx?|xlsx?|pptx?|odt|ods|csv|rtf|epub|zip|rar|7z|gz|tgz|tar|exe|apk|ipa|dmg|iso|jar|"
    r"css|js|mjs|map|json|woff2?|ttf|eot|otf|swf|ics|vcf|asx|torrent)$",
    re.IGNORECASE,
)
_FEED = re.compile(r"(?:\.(?:rss|atom|xml)|/(?:rss|feeds?|atom|rss-feed)(?:/.*)?)$", re.IGNORECASE)
_SEGMENTS: dict[str, str] = {
    "search_page": "search|tim-kiem|timkiem|tim_kiem|ket-qua-tim-kiem|tra-cuu",
    "login_page": (
        "log-?in|log-?out|sign-?in|sign-?up|register|dang-nhap|dang-ky|dang-xuat|account|users?|tai-khoan|thanh-vien|"
        "wp-login|wp-admin|admin|administrator|forgot-password|quen-mat-khau"
    ),
    "tag_page": "tags?|tu-khoa|keywords?|hashtag",
    "comment_page": r"comments?|binh-luan|reply|trackback|gui-binh-luan|comment-page-\d+",
    "calendar_page": "calendar|lich|lich-(?:cong-tac|lam-viec|tuan|cong-tac-tuan|su-kien|phat-song|hop|tiep-dan)",
    "print_view": "print|in-bai|in-bai-viet|in-trang|printpreview|print-preview|ban-in",
    "service_page": (
        "cdn-cgi|wp-json|wp-content|wp-includes|xmlrpc|cgi-bin|captcha|share|send-?mail|gui-email|gui-mail|gop-y|lien-he|"
        "contact-?(?:us)?|quang-cao|gioi-thieu|about(?:-us)?|sitemap|site-map|so-do-site|so-do-trang|"
        "dieu-khoan(?:-su-dung)?|chinh-sach(?:-bao-mat)?|privacy(?:-policy)?"
    ),
    "poll_page": "polls?|vote|binh-chon|tham-do|tham-do-y-kien|rating",
}
_PARAMETERS: dict[str, str] = {
    "search_page": "q|s|query|keywords?|search|tu_?khoa|tim|timkiem|searchword|txtsearch|kw",
    "comment_page": "replytocom|comment_?id|cid_comment|cmt",
    "tag_page": "tags?|hashtag",
    "sorted_view": "sort|sort_?by|order|order_?by|orderdir|filter_order|filter_order_dir|sap_?xep",
    "print_view": "print|in_?bai",
}
_RULES = tuple(
    (code, re.compile(rf"/(?:{words})(?:\.\w{{2,5}})?(?=/|$)", re.IGNORECASE)) for code, words in _SEGMENTS.items()
)
_QUERY_RULES = tuple((code, re.compile(rf"(?:^|&)(?:{names})=", re.IGNORECASE)) for code, names in _PARAMETERS.items())


def junk_code(split: SplitResult) -> str | None:
    """Why the address cannot be an article or a list of them (`search_page`, `file`, ...), or None."""
    if _FILE.search(split.path):
        return "file"
    if _FEED.search(split.path):
        return "feed"
    return _first(_QUERY_RULES, split.query) or _first(_RULES, split.path)


def _first(rules: tuple[tuple[str, re.Pattern[str]], ...], text: str) -> str | None:
    return next((code for code, pattern in rules if pattern.search(text)), None)
