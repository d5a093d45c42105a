"""Other systems that read the text of a page, each as it comes."""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING, Any

import trafilatura
from resiliparse.extract.html2text import extract_plain_text

from crawler.extraction.document import parse
from crawler.refinement.language import detect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.page_sets import Row


def readers() -> Iterator[tuple[str, Callable[[Row], tuple[str, str]]]]:
    """Other systems that are installed, each giving title and text."""
    yield "trafilatura", read_trafilatura
    yield "resiliparse", read_resiliparse
    for name, reader in (("newspaper", read_newspaper), ("readability", read_readability), ("justext", read_justext)):
        if importlib.util.find_spec(name):
            yield name, reader


def read_trafilatura(row: Row) -> tuple[str, str]:
    """Trafilatura as it comes."""
    metadata: Any = trafilatura.extract_metadata(row.body)
    return (metadata.title if metadata else "") or "", trafilatura.extract(row.body) or ""


def read_resiliparse(row: Row) -> tuple[str, str]:
    """Take resiliparse's main content."""
    document = parse(row.body, row.url)
    return document.tree.findtext(".//title") or "", extract_plain_text(document.text, main_content=True)


def read_newspaper(row: Row) -> tuple[str, str]:
    """newspaper4k."""
    article = importlib.import_module("newspaper").Article(row.url, fetch_images=False)
    article.download(input_html=parse(row.body, row.url).text)
    article.parse()
    return article.title or "", article.text or ""


def read_readability(row: Row) -> tuple[str, str]:
    """readability-lxml."""
    document = importlib.import_module("readability").Document(parse(row.body, row.url).text)
    return document.short_title(), parse(document.summary().encode(), row.url).tree.text_content()


def read_justext(row: Row) -> tuple[str, str]:
    """Take jusText with the stop words of the language."""
    justext = importlib.import_module("justext")
    language = "Vietnamese" if detect(row.text)[0] == "vi" else "English"
    parts = justext.justext(row.body, justext.get_stoplist(language))
    return "", "\n".join(part.text for part in parts if not part.is_boilerplate)
