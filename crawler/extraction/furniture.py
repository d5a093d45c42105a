"""What is furniture on any news page, Vietnamese ones first: rules that need no knowledge of the site."""

from __future__ import annotations

import functools
import itertools
import re
from collections import Counter
from typing import TYPE_CHECKING

from crawler.extraction.blocks import SENTENCE_END, Block, ancestors
from crawler.extraction.pictures import is_icon
from crawler.folding import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement

_FURNITURE_NAME = re.compile(
    r"(?:^|[-_ ])(?:relat\w*|lien-?quan|tin-?lien-?quan|tinlienquan|bai-?lien-?quan|similar|recommend\w*|read-?more|"
    r"see-?also|also-?read|xem-?them|doc-?them|tin-?khac|cung-?chuyen-?muc|most-?read|popular|trending|tin-?moi|"
    r"share\w*|sharing|social\w*|follow-?us|addthis\w*|zalo-?share|like-?box|"
    r"comments?|comment-?box|binh-?luan|disqus|rating|danh-?gia|vote|poll|tham-?do|survey|"
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

_EMBED_NAME = re.compile(
    r"(?:^|\s)(?:twitter-(?:tweet|video)|instagram-media|fb-(?:post|video)|tiktok-embed|reddit-(?:card|embed)\S*|"
    r"bluesky-embed|mastodon-embed|text-post-media|telegram-post)(?:$|\s)"
)
_CAPTION_NAME = re.compile(
    r"(?:^|[-_ ])(?:caption|captions|image-?desc|img-?desc|photo-?desc|desc-?img|photocms-caption|pcaption|credits?|"
    r"imagecaption|img-?caption|"
    r"photo-?caption|photo-?credit|wp-caption-text|chu-?thich|note-?img|avatar-?desc)(?:$|[-_ ])",
    re.IGNORECASE,
)

MAX_PICTURE_SHARE = 0.5
"""Where more of the text stands below pictures, the captions are the story."""

MIN_PARAGRAPH_WORDS = 12
"""Where as many paragraphs of so many words look like the captions, that is how the article is set."""

MAX_CAPTION_WORDS = 80
"""A table with a picture and no more words than this holds the picture's caption, not the article."""

_CAPTION_START = re.compile(
    r"(?:anh|hinh) (?:chup|minh hoa|tu lieu)\b|trong anh\b|(?:file |handout )?photo (?:by|credit|courtesy)\b|pictured\b"
)
MAX_CAPTION_LINE = 40
"""Words of a caption that only its own words give away."""

MAX_LOOK_UP = 2
"""Elements around a line that may centre it; further out the whole page is."""


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


def is_embed(element: HtmlElement) -> bool:
    """True for a post of another site shown on the page: who posted it and when are lines of their own there."""
    return bool(_EMBED_NAME.search((element.get("class") or "")[:500]))


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
            return _has_picture(element) and is_short(element)
    return False


def follows_picture(block: Block) -> bool:
    """True for a short centred or slanted block right below a picture: a caption that nothing names.

    In photo stories such blocks are the story; whoever drops them looks first at how much of the text they are.
    """
    return block.is_below_picture and block.text.count(" ") < MAX_CAPTION_WORDS and _is_set_apart(block)


def says_caption(block: Block) -> bool:
    """True for a line that opens as captions do (`Ảnh chụp …`, `Trong ảnh: …`), below a picture or no full sentence."""
    if block.text.count(" ") >= MAX_CAPTION_LINE or not _CAPTION_START.match(fold(block.text[:60])):
        return False
    return block.is_below_picture or not block.text.endswith(SENTENCE_END)


def _is_set_apart(block: Block) -> bool:
    return block.path[-1:] == ("(i)",) or _is_centred(block.element)


def _is_centred(element: HtmlElement) -> bool:
    """True when the element or, where it says nothing of its own, one around it centres its text."""
    for around in (element, *itertools.islice(element.iterancestors(), MAX_LOOK_UP)):
        if around.tag == "center" or "center" in (around.get("class") or "").lower():
            return True
        look = f"{around.get('style') or ''} {around.get('align') or ''}".lower()
        if "center" in look:
            return True
        if "text-align" in look or around.get("align"):
            return False
    return False


def _has_picture(element: HtmlElement) -> bool:
    return isinstance(element.tag, str) and any(not is_icon(picture) for picture in element.iter("img"))


def below_pictures(blocks: Sequence[Block]) -> set[Block]:
    """Captions that only their place gives away; none where they are the story."""
    placed = [block for block in blocks if follows_picture(block)]
    own = Counter(block.path for block in placed)
    rest = Counter(block.path for block in blocks if block.path in own and _looks_alike(block))
    found = {block for block in placed if rest[block.path] < own[block.path]} | set(filter(says_caption, blocks))
    is_story = sum(block.n_chars for block in found) > MAX_PICTURE_SHARE * sum(block.n_chars for block in blocks)
    return set() if is_story else found


def _looks_alike(block: Block) -> bool:
    """True for a paragraph that is set as a caption would be, but stands below no picture."""
    return not block.is_below_picture and block.text.count(" ") + 1 >= MIN_PARAGRAPH_WORDS and _is_set_apart(block)


def is_short(element: HtmlElement, n_words: int = MAX_CAPTION_WORDS) -> bool:
    """True when `element` holds no more than `n_words` words."""
    n_left = n_words
    for text in element.itertext():
        n_left -= len(text.split())
        if n_left < 0:
            return False
    return True
