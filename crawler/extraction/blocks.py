"""A page as a list of text blocks, each with the path of tags and classes it stands under."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml import etree

from crawler.extraction.pictures import is_icon
from crawler.extraction.stamps import MAX_STAMP, is_stamp

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from lxml.html import HtmlElement

MAX_BLOCKS = 20_000
"""Blocks read from one page; more is a bomb, not an article (the largest page measured has 2,900)."""

MAX_DEPTH = 40
"""Path steps kept of a block: the innermost ones. Real articles lie at most 35 deep."""

MAX_NAME = 60
"""Characters of an id or class; longer ones are made by machines."""

_IGNORED_LIST = (
    "script style noscript template svg math iframe object embed audio video canvas select option button textarea "
    "input head title meta link map datalist dialog"
)
IGNORED = frozenset(_IGNORED_LIST.split())
"""Elements whose text nobody reads as text."""

_INLINE_LIST = (
    "a abbr acronym b bdi bdo big br cite code data del dfn em font i img ins kbd label mark nobr q ruby rb rt rp "
    "s samp small span strike strong sub sup time tt u var wbr st1 o:p picture source"
)
_INLINE = frozenset(_INLINE_LIST.split())
_WRAPS = {"a": "a", "b": "b", "strong": "b", "em": "i", "i": "i", "cite": "i"}
SENTENCE_END = tuple(".!?:;…”\"'»)")
_UNSTABLE = re.compile(
    r"\d{3}|(?=[a-z]*\d[a-z]*\d)[a-z0-9]{6,}|^css-|^jsx-|^sc-[a-zA-Z]{5,6}$|__(?=[\w-]*(?:\d|[a-z][A-Z]))[\w-]{5,8}$|^\d+$"
)
_COUNT = re.compile(r"\d\d")
_NAME = re.compile(r"^-?[A-Za-z_][\w-]*$")


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text with nothing but inline markup inside."""

    element: HtmlElement
    """Innermost block-level element around the text."""
    path: tuple[str, ...]
    """Steps from the root that was read (not included) to `element`, then the inline wrap: `div.x`, `p`, `(b)`."""
    text: str
    """Text with single spaces."""
    n_link_chars: int
    """Characters of it that stand inside links, spaces left out."""
    n_chars: int
    """Characters of it, spaces left out."""
    is_below_picture: bool = False
    """True when nothing but space stands between a picture and the text."""

    @property
    def link_share(self) -> float:
        """Share of the characters that stand inside links."""
        return self.n_link_chars / self.n_chars if self.n_chars else 0.0

    @property
    def key(self) -> str:
        """The path as it is written in a profile."""
        return " > ".join(self.path) or "(text)"


def read_blocks(root: HtmlElement, skip: Collection[HtmlElement] = ()) -> list[Block]:
    """Text blocks below `root` in page order, without the subtrees in `skip`; at most MAX_BLOCKS."""
    reader = _Reader(root)
    skipped = set(skip)
    walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if event == "start":
            if element.tag in IGNORED or element in skipped:
                walk.skip_subtree()
                reader.close_at(element)
                continue
            reader.start(element)
            text = element.text
        else:
            if event == "end" and element.tag not in IGNORED and element not in skipped:
                reader.end(element)
            text = element.tail if element is not root else None
        if text and (reader.pieces or not text.isspace()):
            reader.add(text)
        if len(reader.blocks) >= MAX_BLOCKS:
            break
    reader.flush()
    return reader.blocks


@dataclass(slots=True)
class _Reader:
    """The walk's state: open elements, and the text gathered since the last boundary."""

    root: HtmlElement
    blocks: list[Block] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    stack: list[HtmlElement] = field(default_factory=list)
    opened: list[bool] = field(default_factory=list)
    """Of each open element, whether it is inline."""
    pieces: list[str] = field(default_factory=list)
    wraps: dict[str, int] = field(default_factory=lambda: {"a": 0, "b": 0, "i": 0})
    n_chars: int = 0
    covered: dict[str, int] = field(default_factory=lambda: {"a": 0, "b": 0, "i": 0})
    n_breaks: int = 0
    has_picture: bool = False
    """True when a picture came after the last text."""
    is_below: bool = False
    """True when the running block began right after a picture."""
    last: str = ""
    """The last piece that is not blank, without spaces at its end."""

    def start(self, element: HtmlElement) -> None:
        is_run_on = element is not self.root and is_inline(element)
        self.opened.append(is_run_on)
        if is_run_on:
            self._open_inline(element)
            return
        if self.pieces:
            self.flush()
        self.stack.append(element)
        if element is not self.root:
            self.steps.append(step(element))

    def _open_inline(self, element: HtmlElement) -> None:
        if element.tag == "br":
            self._break()
        elif element.tag == "img":
            self.has_picture = self.has_picture or not is_icon(element)
        elif (wrap := _WRAPS.get(str(element.tag))) is not None:
            self.wraps[wrap] += 1

    def _break(self) -> None:
        self.n_breaks += 1
        if self.n_breaks > 1 or self.last.endswith(SENTENCE_END):
            self.flush()
            self.n_breaks = 1
        elif self.pieces:
            self.pieces.append(" ")

    def end(self, element: HtmlElement) -> None:
        if self.opened.pop():
            if (wrap := _WRAPS.get(str(element.tag))) is not None:
                self.wraps[wrap] -= 1
            if self.pieces and self.n_chars <= MAX_STAMP and is_stamp(element, self.pieces):
                self.pieces.append(" ")
            return
        if self.pieces:
            self.flush()
        self.n_breaks = 0
        self.stack.pop()
        if element is not self.root:
            self.steps.pop()

    def close_at(self, element: HtmlElement) -> None:
        """End the running block where a left-out block-level element stands."""
        if element.tag not in IGNORED and (element is self.root or not is_inline(element)):
            self.flush()

    def add(self, text: str) -> None:
        self.pieces.append(text)
        if text.isspace():
            return
        n_chars = len("".join(text.split()))
        if not self.n_chars:
            self.is_below = self.has_picture
        self.has_picture = False
        self.n_breaks = 0
        self.last = text.rstrip()
        self.n_chars += n_chars
        for wrap, depth in self.wraps.items():
            if depth > 0:
                self.covered[wrap] += n_chars

    def flush(self) -> None:
        if self.n_chars and self.stack:
            wrap = "".join(name for name, n_chars in self.covered.items() if n_chars == self.n_chars)
            path = (*self.steps[-MAX_DEPTH:], f"({wrap})") if wrap else tuple(self.steps[-MAX_DEPTH:])
            text = " ".join("".join(self.pieces).split())
            self.blocks.append(Block(self.stack[-1], path, text, self.covered["a"], self.n_chars, self.is_below))
        if self.n_chars:
            self.covered = {"a": 0, "b": 0, "i": 0}
        self.pieces.clear()
        self.n_chars = self.n_breaks = 0
        self.last = ""


def is_inline(element: HtmlElement) -> bool:
    """True for markup inside a line; an inline tag around block-level ones counts as block-level."""
    return _is_inline_tag(element) and (len(element) == 0 or all(map(_is_inline_tag, element)))


def _is_inline_tag(element: HtmlElement) -> bool:
    """Word's own tags (`o:p`, `st1:place`), elements that a site made up (`x-note`) and comments are inline too."""
    tag = element.tag
    return tag in _INLINE or not isinstance(tag, str) or ":" in tag or "-" in tag


def step(element: HtmlElement) -> str:
    """`tag#id.class.class` of an element, with the names only that stay from page to page."""
    return _step(str(element.tag), element.get("id") or "", element.get("class") or "")


@functools.lru_cache(maxsize=8192)
def _step(tag: str, id_: str, classes: str) -> str:
    name = f"{tag}#{id_.strip()}" if _is_step_name(id_.strip()) else tag
    return ".".join([name, *sorted({word for word in classes[:500].split() if _is_step_name(word)})])


def _is_step_name(name: str) -> bool:
    """Numbers of two digits are sizes and counts (`mt15`, `has-19-parts`): they differ where the layout is the same."""
    return is_stable(name) and not _COUNT.search(name)


@functools.lru_cache(maxsize=8192)
def is_stable(name: str) -> bool:
    """True for an id or class that a person chose: no serial numbers, no hashes of build tools."""
    return bool(name) and len(name) <= MAX_NAME and bool(_NAME.match(name)) and not _UNSTABLE.search(name)


def ancestors(element: HtmlElement, top: HtmlElement) -> Iterator[HtmlElement]:
    """`element`, its parent and so on, `top` included as the last."""
    current: HtmlElement | None = element
    while current is not None:
        yield current
        if current is top:
            return
        current = current.getparent()
