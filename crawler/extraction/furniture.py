"""What is furniture on any news page, Vietnamese ones first: rules that need no knowledge of the site."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from crawler.extraction.blocks import Block, ancestors
from crawler.folding import fold

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_FURNITURE_NAME = re.compile(
    r"(?:^|[-_ ])(?:relat\w*|lien-?quan|tin-?lien-?quan|tinlienquan|bai-?lien-?quan|similar|recommend\w*|read-?more|"
    r"see-?also|also-?read|xem-?them|doc-?them|tin-?khac|cung-?chuyen-?muc|most-?read|popular|trending|tin-?moi|"
    r"share\w*|sharing|social\w*|follow-?us|addthis\w*|zalo-?share|like-?box|"
    r"comment\w*|binh-?luan|disqus|rating|danh-?gia|vote|poll|tham-?do|survey|"
    r"tags?|tag-?list|keywords?|tu-?khoa|breadcrumbs?|pagination|pager|print(?=$)|toolbar|tools?(?=$)|"
    r"ads?|adv|advert\w*|quang-?cao|banner|sponsor\w*|promo\w*|taboola|outbrain|newsletter\w*|subscri\w*|signup|"
    r"footer|copyright|ban-?quyen|cookie\w*|gdpr|paywall|skip-?link|accessib\w*|sr-only|visually-?hidden|"
    r"widget|sidebar|nav|navbar|menu)(?:$|[-_ ])",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_FURNITURE_ATTRIBUTE = {
    "type": frozenset({"RelatedOneNews", "RelatedNewsBox", "SimpleQuiz", "insertembedcode", "Poll"}),
    "role": frozenset({"navigation", "complementary", "search", "banner", "contentinfo", "toolbar", "dialog"}),
}
_FURNITURE_TAGS = frozenset({"nav", "footer", "form", "menu"})

_CAPTION_NAME = re.compile(
    r"(?:^|[-_ ])(?:caption|captions|image-?desc|img-?desc|photo-?desc|desc-?img|photocms-caption|pcaption|credits?|"
    r"imagecaption|img-?caption|"
    r"photo-?caption|photo-?credit|wp-caption-text|chu-?thich|note-?img|avatar-?desc)(?:$|[-_ ])",
    re.IGNORECASE,
)

_LINE_STARTS = (
    "xem them",
    "doc them",
    "tin lien quan",
    "bai lien quan",
    "tin bai lien quan",
    "tin tuc lien quan",
    "tin cung chuyen muc",
    "cung chuyen muc",
    "tin khac",
    "cac tin khac",
    "tin moi nhat",
    "tin noi bat",
    "bai viet lien quan",
    "co the ban quan tam",
    "moi ban doc",
    "moi quy doc gia",
    "moi doc gia",
    "doc tiep",
    "tin moi hon",
    "tin cu hon",
    "click de danh gia",
    "tong so diem cua bai viet",
    "viet binh luan",
    "gui binh luan",
    "y kien ban doc",
    "luot xem",
    "truy cap noi dung luon",
    "tang tuong phan",
    "giam tuong phan",
    "copy link",
    "sao chep lien ket",
    "in trang",
    "chia se bai viet",
    "theo doi chung toi",
    "dang ky nhan tin",
    "powered by",
    "read more",
    "see also",
    "related articles",
    "related stories",
    "also read",
    "share this",
    "follow us",
    "sign up for",
    "subscribe to",
    "advertisement",
    "recommended for you",
    "more from",
    "skip to main content",
    "most popular",
)
_LINES = frozenset(
    [
        "quang cao",
        "chia se",
        "binh luan",
        "tu khoa",
        "tags",
        "tag",
        "video",
        "anh",
        "infographic",
        "dong su kien",
        "tim kiem",
        "dang nhap",
        "tro lai",
        "ve trang truoc",
        "dau trang",
        "a a a",
        "share",
        "tweet",
        "print",
        "email",
        "comments",
        "comment",
        "related",
        "topics",
        "facebook",
        "twitter",
        "zalo",
        "linkedin",
        "whatsapp",
        "copy",
        "nghe doc bai",
        "toc do doc",
        "co chu",
        "mac dinh",
        "luu bai viet",
        "bo luu",
        "thich",
        "phan hoi",
        "0 binh luan",
        "story continues below",
        "continue reading",
        "read full article",
        "loading",
        "tai ung dung",
        "in bai viet",
        "in bai",
        "gui email",
        "e mail",
    ]
)
MAX_CAPTION_WORDS = 80
"""A table with a picture and no more words than this holds the picture's caption, not the article."""

_YEAR = re.compile(r"(?:19|20)\d\d")
_DATE_WORDS = frozenset(
    "thu hai ba tu nam sau bay chu nhat ngay thang cap luc dang gio phut gmt sa ch am pm xuat ban bai viet sang chieu "
    "toi trua monday tuesday wednesday thursday friday saturday sunday published updated posted on at".split()
)
MIN_DATE_NUMBERS = 2
MAX_LINE_WORDS = 14
"""A line that begins like furniture and is longer may be a sentence."""

MAX_LINE_CHARS = 400
LINK_LINE_SHARE = 0.8
_ARROWS = (">>", "»", "=>", "->", "►", "▶", "⇒")


@functools.lru_cache(maxsize=8192)
def is_furniture_name(names: str) -> bool:
    """True when an id or class attribute names a related box, a share strip, an advert or the like."""
    return any(_FURNITURE_NAME.search(_CAMEL.sub("-", name.rpartition("__")[2])) for name in names[:500].split())


def is_furniture(element: HtmlElement) -> bool:
    """True when tag, id, class, role or type say that an element is furniture."""
    if element.tag in _FURNITURE_TAGS:
        return True
    names = f"{element.get('id') or ''} {element.get('class') or ''}"
    if is_furniture_name(names):
        return True
    return any((element.get(name) or "") in values for name, values in _FURNITURE_ATTRIBUTE.items())


@functools.lru_cache(maxsize=8192)
def is_caption_name(names: str) -> bool:
    """True when a class attribute names a picture caption."""
    return any(_CAPTION_NAME.search(_CAMEL.sub("-", name).replace("_", "-")) for name in names[:500].split())


def is_caption(block: Block, top: HtmlElement) -> bool:
    """True for a block in a figure, in an element that its class calls a caption, or in a table around a picture."""
    if block.element is not top and _is_set_apart(block) and _has_picture(block.element) and is_short(block.element):
        return True
    for element in ancestors(block.element, top):
        if element is top:
            return False
        if element.tag in {"figcaption", "figure"} or is_caption_name(element.get("class") or ""):
            return is_short(element)
        if element.tag == "table":
            return next(element.iter("img"), None) is not None and is_short(element)
    return False


def follows_picture(block: Block) -> bool:
    """True for a short centred or slanted block right below a picture: a caption that nothing names.

    In photo stories such blocks are the story; whoever drops them looks first at how much of the text they are.
    """
    if block.text.count(" ") >= MAX_CAPTION_WORDS or not _is_set_apart(block):
        return False
    above = block.element.getprevious()
    while above is not None and not _has_picture(above) and not (above.text_content() or "").strip():
        above = above.getprevious()
    return above is not None and _has_picture(above) and not (above.text_content() or "").strip()


def _is_set_apart(block: Block) -> bool:
    element = block.element
    look = f"{element.get('style') or ''} {element.get('align') or ''} {element.get('class') or ''}".lower()
    return "center" in look or block.path[-1:] == ("(i)",) or element.tag == "center"


def _has_picture(element: HtmlElement) -> bool:
    return element.tag == "img" or (isinstance(element.tag, str) and next(element.iter("img"), None) is not None)


def is_short(element: HtmlElement, n_words: int = MAX_CAPTION_WORDS) -> bool:
    """True when `element` holds no more than `n_words` words."""
    n_left = n_words
    for text in element.itertext():
        n_left -= len(text.split())
        if n_left < 0:
            return False
    return True


def is_furniture_line(block: Block) -> bool:
    """True for a line that says what it is: `Xem thêm: …`, `Tin liên quan`, `Share`, a counter, a read-more link."""
    if block.n_chars > MAX_LINE_CHARS:
        return False
    is_link = block.link_share > LINK_LINE_SHARE
    if is_link and block.text.startswith(_ARROWS):
        return True
    return is_furniture_text(block.text) or (is_link and fold(block.text).startswith(_LINE_STARTS))


def is_furniture_text(line: str) -> bool:
    """True for a short line that is furniture by its words alone."""
    if len(line) > MAX_LINE_CHARS:
        return False
    folded = fold(line)
    if not folded:
        return not any(map(str.isalnum, line))
    return folded in _LINES or _is_dateline(folded) or (folded.startswith(_LINE_STARTS) and folded.count(" ") < MAX_LINE_WORDS)


def _is_dateline(folded: str) -> bool:
    """True for a line of a date, a time and their labels, and nothing else."""
    words = folded.split()
    if len(words) > MAX_LINE_WORDS or not any(_YEAR.fullmatch(word) for word in words):
        return False
    return sum(word.isdigit() for word in words) > MIN_DATE_NUMBERS and all(
        word in _DATE_WORDS or word[0].isdigit() for word in words
    )
