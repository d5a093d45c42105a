"""Whole pages in the encodings before Unicode, from bytes to normalised article."""

import json
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extraction.article import extract
from crawler.extraction.legacy_source import to_unicode
from crawler.items import Article, Page, Pointer
from crawler.refinement.normalise import normalise
from crawler.sites.profile import SiteProfile

URL = "https://baomay.example/tin-1.html"
ROWS = list(map(json.loads, (Path(__file__).parents[1] / "refinement/legacy.jsonl").read_text("utf-8").splitlines()))
TYPED, SHOWN = defaultdict(list), defaultdict(list)
for row in ROWS:
    TYPED[row["encoding"]].append(row["typed"])
    SHOWN[row["encoding"]].append(row["text"])
ENCODINGS = sorted(TYPED)


def source_of(typed, *, head="", emphasis=False):
    """A page of the time: font tags, a menu, a script, Word's classes."""
    texts = [text.replace(text.split()[3], f"<b>{text.split()[3]}</b>", 1) for text in typed] if emphasis else typed
    paragraphs = "".join(f'<p class="MsoNormal"><font face=".VnTime">{text}</font></p>\n' for text in texts)
    title = typed[0].partition(",")[0]
    return (
        f"<html><head>{head}<title>{title}</title><script>var a = '<p>';</script></head><body>"
        f"<table><tr><td><a href='/'>Trang nh</a></td></tr></table>"
        f"<h1>{title}</h1>\n<div>{paragraphs}</div></body></html>"
    )


def read(body, content_type="text/html"):
    page = Page(
        URL, URL, 200, (("content-type", content_type),), body, datetime(2026, 11, 1, tzinfo=UTC), "baomay", "seed",
        Pointer("", 0, 0),
    )  # fmt: skip
    article = extract(page, SiteProfile(hosts=("baomay.example",)))
    assert isinstance(article, Article), article
    return normalise(article)


@pytest.mark.parametrize("emphasis", [False, True], ids=["plain", "with bold words"])
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    ("codec", "content_type", "head"),
    [
        ("latin-1", "text/html", ""),
        ("latin-1", "text/html; charset=iso-8859-1", ""),
        ("latin-1", "text/html", '<meta charset="windows-1252">'),
        ("utf-8", "text/html; charset=utf-8", ""),
    ],
    ids=["undeclared", "header", "meta", "utf-8"],
)
def test_paragraphs_of_a_whole_page_come_out_exactly(encoding, codec, content_type, head, emphasis):
    body = source_of(TYPED[encoding], head=head, emphasis=emphasis).encode(codec)
    article = read(body, content_type)
    assert article.text.split("\n\n") == SHOWN[encoding]
    assert article.title == "Sáng nay"
    assert article.changes[0] == encoding


@pytest.mark.parametrize("encoding", ["tcvn3", "viscii"])
def test_letters_written_as_references_come_out_too(encoding):
    source = source_of(TYPED[encoding])
    body = source.encode("ascii", "xmlcharrefreplace").replace(b"&#173;", b"&shy;")
    assert read(body).text.split("\n\n") == SHOWN[encoding]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_page_in_unicode_with_a_pasted_text_keeps_its_own(encoding):
    source = source_of(TYPED[encoding]).replace("Trang nh", "Trang nhất, thời sự")
    converted, _ = to_unicode(source)
    assert "Trang nhất, thời sự" in converted
    assert read(source.encode(), "text/html; charset=utf-8").text.split("\n\n") == SHOWN[encoding]


@pytest.mark.parametrize(
    "text",
    [
        SHOWN["tcvn3"][0],
        "Après l'été, où les élèves étaient privés d'école, la rentrée a été fêtée à Orléans : « déjà », dit-on.",
        "Für die Ände\xadrung wären grö\xadßere Städ\xadte nötig, müss\xadten aber frü\xadher über Gebüh\xadren reden.",
        "The council&rsquo;s caf&eacute; reopened &mdash; na&iuml;ve hopes aside, the fa&ccedil;ade needs work.",
    ],
    ids=["vietnamese", "french", "german", "english"],
)
def test_other_pages_stay_to_the_letter(text):
    source = source_of([text] * 20)
    assert to_unicode(source) == (source, None)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_markup_stays(encoding):
    script = f"<script>say('{TYPED[encoding][0]}')</script>"
    image = f"<img alt='{TYPED[encoding][1]}'>"
    converted, name = to_unicode(source_of(TYPED[encoding]).replace("<h1>", f"{script}{image}<h1>"))
    assert name == encoding
    assert script + image in converted


@given(
    st.lists(st.sampled_from([*"<>/&;#1 \n", "<b>", "<script>", "</p>", "&shy;", "\xad", *TYPED["tcvn3"]]), max_size=40)
)
def test_anything_is_read_without_an_error(parts):
    source = "\xad" * 5 + "".join(parts)
    assert len(to_unicode(source)[0]) <= len(source)
