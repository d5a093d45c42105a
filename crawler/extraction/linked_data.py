"""JSON-LD of a page: every node of every block, bounded and tolerant of the usual damage."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Node = dict[str, Any]

MAX_BLOCKS = 40
MAX_BLOCK = 500_000
"""Characters of one block; larger ones are product lists and traps."""
MAX_NODES = 400
_MAX_NESTING = 60
_CLUTTER = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*.{0,40}?\*/)+|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$")
_TRAILING_COMMA = re.compile(r",(?=\s{0,100}[}\]])")
_ARTICLE = re.compile(r"(?:Article|Posting|Report|Blog|Review|Analysis)$|^(?:Article|NewsArticle)$")


def read_nodes(blocks: Iterable[str]) -> tuple[Node, ...]:
    """All objects with a type in `blocks` of JSON-LD, outer before inner, at most `MAX_NODES`. Never raises."""
    nodes: list[Node] = []
    for _, block in zip(range(MAX_BLOCKS), blocks, strict=False):
        for node in _walk(_load(block)):
            nodes.append(node)
            if len(nodes) >= MAX_NODES:
                return tuple(nodes)
    return tuple(nodes)


def article_nodes(nodes: Iterable[Node]) -> list[Node]:
    """The nodes that describe an article, in page order."""
    return [node for node in nodes if any(_ARTICLE.search(kind) for kind in types(node))]


def types(node: Node) -> list[str]:
    """Type names of `node`, without their vocabulary."""
    return [kind.rsplit("/", 1)[-1].rsplit(":", 1)[-1] for kind in strings(node.get("@type"))]


def people(value: Any) -> list[str]:
    """Names in an `author` value: of persons where there are any, else of organisations."""
    entries = value if isinstance(value, list) else [value]
    persons = [entry for entry in entries if isinstance(entry, dict) and "Person" in types(entry)]
    return strings(persons or value)


def strings(value: Any) -> list[str]:
    """The text values in `value`: a string, a list of them, or objects with a name. HTML entities are undone."""
    if isinstance(value, str):
        return [text] if (text := html.unescape(html.unescape(value)).strip()) else []
    if isinstance(value, dict):
        return strings(value.get("name") or value.get("@value"))
    if isinstance(value, list):
        return [text for item in value[:50] for text in (strings(item) if not isinstance(item, list) else [])]
    return []


def _load(block: str) -> Any:
    """The JSON value of `block`, or None. Line breaks in strings, CDATA marks and trailing commas are forgiven."""
    if len(block) > MAX_BLOCK:
        return None
    for text in (block, _TRAILING_COMMA.sub("", _CLUTTER.sub("", block))):
        try:
            return json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _walk(value: Any) -> Iterator[Node]:
    """Objects in `value`, outer before inner, without recursion."""
    queue = [(value, 0)]
    for item, depth in queue:
        if isinstance(item, dict) and "@type" in item:
            yield item
        children = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
        if depth < _MAX_NESTING:
            queue.extend((child, depth + 1) for child in children if isinstance(child, (dict, list)))
