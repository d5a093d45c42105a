"""Hostile XML made fit to parse: unpacked under a cap, decoded, repaired, read as a stream without entities."""

from __future__ import annotations

import codecs
import re
import sys
import zlib
from html.entities import html5
from typing import TYPE_CHECKING

from lxml import etree
from resiliparse.parse.encoding import detect_encoding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

CHUNK_BYTES = 65_536
_PACKED_BYTES = 16_384
_MAX_MEMBERS = 1_000
_MAX_BARREN_BYTES = 4_000_000
MAX_FIELD_CHARS = 4096
"""Most characters of one field that are looked at."""

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}encoding\s*=\s*["']([\w.:-]{1,40})""")
_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,500}\?>|\s+")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]+")
_BARE_AMPERSAND = re.compile(r"&(?!(?:#\d{1,8}|#[xX][0-9a-fA-F]{1,7}|[a-zA-Z][a-zA-Z0-9]{1,31});)")
_OPEN_TAG = re.compile(r"<(?![!?])(?=[^<>]*(?:<|\Z))")
"""A tag that does not end before the next begins; for thousands of them libxml2 needs quadratic time."""
_ENTITY = re.compile(r"&(#?\w{2,32});", re.ASCII)
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_MAX_HELD_CHARS = 1_000_000


def chunks(body: bytes, max_bytes: int) -> Iterator[bytes]:
    """`body`, unpacked when its first bytes say gzip, in pieces, `max_bytes` at most; a torn end is left off."""
    pieces = _unpacked(body) if body.startswith(b"\x1f\x8b") else _sliced(body)
    for piece in pieces:
        yield piece[:max_bytes]
        max_bytes -= len(piece)
        if max_bytes <= 0:
            return


def _sliced(body: bytes) -> Iterator[bytes]:
    return (body[at : at + CHUNK_BYTES] for at in range(0, len(body), CHUNK_BYTES))


def _unpacked(body: bytes) -> Iterator[bytes]:
    """What the gzip members of `body` hold; gzip.GzipFile takes seconds for 250,000 empty members, this stops."""
    at = 0
    for _ in range(_MAX_MEMBERS):
        machine = zlib.decompressobj(wbits=31)
        while not machine.eof:
            packed = body[at : at + _PACKED_BYTES]
            try:
                piece = machine.decompress(packed, CHUNK_BYTES)
            except zlib.error:
                return
            n_used = len(packed) - len(machine.unconsumed_tail) - len(machine.unused_data)
            at += n_used
            if piece:
                yield piece
            elif not n_used:
                return


def sniff_encoding(head: bytes) -> str:
    """Encoding of XML or text by byte order mark, declaration, or its bytes; always one that Python knows."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    declared = _DECLARED.search(head[:300])
    if declared is None:
        return _known(detect_encoding(head))
    name = declared[1].decode("ascii", "replace").lower()
    return "utf-8" if name.startswith("utf") or name == "us-ascii" else _known(name)


def _known(name: str | None) -> str:
    try:
        info = codecs.lookup(name or "utf-8")
    except LookupError:
        return "utf-8"
    return info.name if info._is_text_encoding else "utf-8"  # noqa: SLF001 - the only way to tell hex and zip codecs apart


def text_pieces(body: bytes, max_bytes: int) -> Iterator[str]:
    """`body` unpacked and decoded, piece by piece; what cannot be decoded is replaced."""
    decoder: codecs.IncrementalDecoder | None = None
    for piece in chunks(body, max_bytes):
        if decoder is None:
            decoder = codecs.getincrementaldecoder(sniff_encoding(piece))(errors="replace")
        yield decoder.decode(piece)


def repaired_pieces(body: bytes, max_bytes: int) -> Iterator[bytes]:
    """XML of `body` as UTF-8: no declaration, no forbidden characters, no entity but XML's own five, no bare ampersand.

    Pieces end before a tag, so that no entity and, but for tags inside it, no CDATA section is cut in two.
    """
    held, is_first = "", True
    for piece in text_pieces(body, max_bytes):
        held += _NOT_XML.sub("", piece)
        if is_first:
            held, is_first = _DECLARATION.sub("", held, count=1) if _DECLARATION.match(held) else held, False
        cut = held.rfind("<")
        if cut > 0:
            yield _repair(held[:cut]).encode()
            held = held[cut:]
        if len(held) > _MAX_HELD_CHARS:
            break
    yield _repair(held[:_MAX_HELD_CHARS]).encode()


def _repair(text: str) -> str:
    out, start = [], 0
    while (opening := text.find("<![CDATA[", start)) >= 0 and (closing := text.find("]]>", opening)) >= 0:
        out.append(_repair_entities(text[start:opening]))
        out.append(text[opening : closing + 3])
        start = closing + 3
    out.append(_repair_entities(text[start:]))
    return "".join(out)


def _repair_entities(text: str) -> str:
    if text.count("<") > text.count(">"):
        text = _OPEN_TAG.sub("&lt;", text)
    return _ENTITY.sub(_entity, _BARE_AMPERSAND.sub("&amp;", text)) if "&" in text else text


def _entity(found: re.Match[str]) -> str:
    name = found[1]
    if name.startswith("#"):
        code = int(f"0{name[1:]}", base=16) if name[1] in "xX" else int(name[1:])
        return found[0] if code <= sys.maxunicode and not _NOT_XML.match(chr(code)) else ""
    return found[0] if name in _XML_ENTITIES else html5.get(f"{name};", f"&amp;{name};")


def elements(pieces: Iterator[bytes], tags: tuple[str, ...]) -> Iterator[_Element]:
    """Every element called one of `tags` in any namespace, as soon as it has ended; it is emptied afterwards.

    Ends, without an error, where the parser can make no more of the document, and where megabytes bring no element.
    """
    parser = etree.XMLPullParser(
        events=("end",),
        tag=tuple(f"{{*}}{tag}" for tag in tags),
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    try:
        n_barren = 0
        for piece in pieces:
            parser.feed(piece)
            n_barren += len(piece)
            for element in _emptied(parser):
                n_barren = 0
                yield element
            if n_barren > _MAX_BARREN_BYTES:
                break
        parser.close()
    except etree.LxmlError:
        pass
    yield from _emptied(parser)


def _emptied(parser: etree.XMLPullParser) -> Iterator[_Element]:
    for _, element in parser.read_events():
        yield element
        parent = element.getparent()
        element.clear()
        if parent is not None:
            del parent[: parent.index(element)]


def local_name(element: _Element) -> str:
    """Tag without its namespace, lower case; an empty string for what is no element."""
    return element.tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(element.tag, str) else ""


def field_text(element: _Element) -> str:
    """All text of `element`, spaces collapsed, at most MAX_FIELD_CHARS."""
    return " ".join("".join(element.itertext())[:MAX_FIELD_CHARS].split())
