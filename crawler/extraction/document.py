"""A page parsed once: the tree that template, text and metadata all read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import html
from resiliparse.parse.encoding import detect_encoding

if TYPE_CHECKING:
    from lxml.html import HtmlElement


@dataclass(frozen=True, slots=True)
class Document:
    """A decoded, parsed page. The tree is shared: whoever changes it works on a copy."""

    url: str
    tree: HtmlElement
    text: str
    """The decoded source."""


def parse(body: bytes, url: str, content_type: str | None = None) -> Document:
    """Decode and parse `body`; never raises on hostile markup."""
    del content_type
    text = body.decode(detect_encoding(body), errors="replace")
    return Document(url=url, tree=html.document_fromstring(text), text=text)
