"""What travels through the collector: a Page comes in, an Article or a Reject goes out."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

SCHEMA_VERSION = 1
"""Raised by one whenever a column of `Article` is added, removed or changes its meaning."""


class Reason(enum.StrEnum):
    """Why a page did not become a row of the corpus. Codes are API: once in data, for ever."""

    HTTP_ERROR = "http_error"
    """The server answered an article address with a status of 400 or more, or with a redirect that leads nowhere."""
    NOT_HTML = "not_html"
    """The answer is an image, a PDF, or another thing that is no HTML page."""
    TOO_LARGE = "too_large"
    """Page or text exceed the size that one article can have."""
    TRUNCATED = "truncated"
    """The connection ended before the page did."""
    EXTRACTION_TIMEOUT = "extraction_timeout"
    """Extraction took longer than EXTRACTION_TIMEOUT and was ended."""
    EXTRACTION_CRASHED = "extraction_crashed"
    """The worker process died on this page."""
    EXTRACTION_ERROR = "extraction_error"
    """Extraction raised an error; the detail names it."""
    NO_TEXT = "no_text"
    """No article text was found on the page."""
    NO_TITLE = "no_title"
    """No headline was found on the page."""
    SOFT_404 = "soft_404"
    """A page that says "not found", or the home page, answered with status 200."""
    LIST_PAGE = "list_page"
    """Mostly links to other articles: a section, a topic or a search page."""
    LOGIN_WALL = "login_wall"
    """The text is behind a login or a subscription."""
    TEASER = "teaser"
    """Only the beginning of the article is on the page."""
    TOO_SHORT = "too_short"
    """Fewer words or paragraphs than an article has."""
    WRONG_LANGUAGE = "wrong_language"
    """Not in a language that the profile asks for."""
    FEW_DIACRITICS = "few_diacritics"
    """Vietnamese written without its marks, or damaged text."""
    REPEATED_LINES = "repeated_lines"
    """Too many lines or paragraphs stand in the text more than once."""
    REPEATED_NGRAMS = "repeated_ngrams"
    """Too much of the text is the same few phrases over and over."""
    LINK_TEXT = "link_text"
    """Too much of the text is link text."""
    UPPERCASE = "uppercase"
    """Too much of the text is in capitals."""
    SYMBOLS = "symbols"
    """Too many words have no letter, or are implausibly long or short."""
    MENU = "menu"
    """Lines without sentence endings: a menu or a table of contents."""
    BOILERPLATE = "boilerplate"
    """Mostly paragraphs that the site repeats on other pages."""
    OPTED_OUT = "opted_out"
    """The page reserves its rights against text and data mining, and OBEY_OPT_OUTS is on."""
    FORGOTTEN = "forgotten"
    """Taken out of the corpus on request, and kept out."""
    SCHEMA = "schema"
    """A field does not fit the schema of the corpus; the detail names it."""
    BEFORE_SINCE = "before_since"
    """The article was published before the day that `-a since=` or the profile's `since` names."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where a response lies in the archive."""

    file: str
    """Path of the WARC file, relative to the output folder, with forward slashes."""
    offset: int
    """First byte of the record's gzip member."""
    length: int
    """Length of the gzip member in bytes."""


@dataclass(frozen=True, slots=True)
class Page:
    """One response as bytes, from the network or from an archive: the seam between both and the stages."""

    url: str
    """The address that was asked for, canonical."""
    final_url: str
    """The address that answered, after redirects."""
    status: int
    """HTTP status."""
    headers: tuple[tuple[str, str], ...]
    """Response headers, names in lower case, in order."""
    body: bytes
    """The entity, content-encoding undone, never decoded to text."""
    fetched_at: datetime
    """When the response arrived, aware, UTC."""
    site: str
    """Key of the site: folder under `seeds/`, spider name, corpus partition."""
    found_via: str
    """How the address was found: feed, sitemap, news_sitemap, section, link, seed, replay."""
    pointer: Pointer
    """Where the response lies in the archive."""
    run_id: str = ""
    """The run that processes the page."""
    robots: str = "allowed"
    """What robots.txt said of the address: allowed, disallowed or unknown."""

    def header(self, name: str) -> str | None:
        """Value of the first header called `name` (lower case), or None."""
        return next((value for key, value in self.headers if key == name), None)


@dataclass(frozen=True, slots=True)
class Reject:
    """A page that does not become an article, and why."""

    reason: Reason
    """Stable code."""
    detail: str = ""
    """The figure, field or message behind it, for people; never parsed."""


@dataclass(frozen=True, slots=True)
class FieldSource:
    """Where one field of an article was read."""

    field: str
    """Name of the field."""
    source: str
    """`template:<selector>`, `json-ld:<key>`, `meta:<name>`, `text:<rule>`, `url`, `trafilatura`, `body:<rule>`."""


@dataclass(frozen=True, slots=True)
class SeedSimilarity:
    """How much an article is about what a seed is about."""

    seed: str
    """`<site>/<number>` of the seed."""
    similarity: float
    """Cosine of the two folded-syllable vectors, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Article:
    """One row of the corpus."""

    id: str
    """32 hex digits: BLAKE2b-128 of `canonical_url`. The same article keeps it over runs and replays."""
    url: str
    """Address that was asked for."""
    canonical_url: str
    """One spelling for all addresses of the page: see docs/urls.md."""
    site: str
    """Key of the site; also the Hive partition."""
    title: str
    """Headline as published."""
    text: str
    """Lede, then body: paragraphs separated by one blank line, headings as paragraphs of their own, NFC."""
    fetched_at: datetime
    """When the response arrived. UTC, microseconds."""
    run_id: str
    """Run that wrote the row."""
    archive_file: str
    """WARC file of the response, relative to the output folder."""
    archive_offset: int
    """First byte of the record in that file."""
    archive_length: int
    """Length of the record in bytes, compressed."""
    kicker: str | None = None
    """Short line above the headline (rubric), or null."""
    lede: str | None = None
    """Opening summary (sapo) when the page sets it apart, or null; it is also the first paragraph of `text`."""
    captions: tuple[str, ...] = ()
    """Picture captions with their credits, in page order; never in `text`."""
    authors: tuple[str, ...] = ()
    """Names in Name Case, in the order of the byline."""
    source: str | None = None
    """Whom the page credits for the text (TTXVN, Báo Lâm Đồng), or null."""
    section: str | None = None
    """Section as the page names it, or null."""
    tags: tuple[str, ...] = ()
    """Key words as the page names them."""
    language: str | None = None
    """ISO 639-1 code (639-3 where there is none), by the language detector."""
    language_score: float | None = None
    """Certainty of the detector, 0 to 1."""
    published_at: datetime | None = None
    """Publication time. UTC, microseconds. Null when the page does not say; never guessed from the text."""
    published_raw: str | None = None
    """The string `published_at` was read from, as it stood on the page."""
    modified_at: datetime | None = None
    """Last update the page states, UTC, or null."""
    modified_raw: str | None = None
    """The string `modified_at` was read from."""
    content_hash: str = ""
    """64 hex digits: BLAKE2b-256 of the folded text. Equal for exact duplicates."""
    signature: bytes = b""
    """MinHash of the folded syllable shingles, little-endian uint32; parameters in the file's metadata."""
    n_shingles: int = 0
    """Number of distinct shingles the signature was made of."""
    nearest_seed: str | None = None
    """`<site>/<number>` of the seed whose topic is nearest."""
    nearest_seed_similarity: float | None = None
    """Cosine of folded-syllable vectors to that seed, 0 to 1."""
    seed_similarities: tuple[SeedSimilarity, ...] = ()
    """The same to every seed, nearest first."""
    extraction: str = "generic"
    """`template` where the site's template fitted, `generic` where trafilatura judged the whole page."""
    provenance: tuple[FieldSource, ...] = ()
    """Where each filled field was read."""
    changes: tuple[str, ...] = ()
    """What normalisation changed: nfc, d_stroke, spaces, zero_width, entities, mojibake, tcvn3, vni, viscii."""
    link_share: float = 0.0
    """Share of the selected block's characters that stand inside links, 0 to 1."""
    n_words: int = 0
    """Space-separated words (syllables in Vietnamese) of `text`."""
    n_paragraphs: int = 0
    """Paragraphs of `text`."""
    robots: str = "allowed"
    """robots.txt verdict when the page was fetched: allowed, disallowed, unknown."""
    licence: str | None = None
    """Licence the page states (link rel=license, JSON-LD), or null."""
    opt_outs: tuple[str, ...] = ()
    """Signals against indexing or mining found: noindex, noarchive, noai, tdm-reservation, …"""
    profile_version: str = ""
    """12 hex digits: hash of the profile that was used."""
    extractor_version: str = ""
    """Version of the extraction code and of trafilatura."""
    schema_version: int = SCHEMA_VERSION
    """Version of this schema."""

    @property
    def pointer(self) -> Pointer:
        """Where the response behind the article lies."""
        return Pointer(self.archive_file, self.archive_offset, self.archive_length)
