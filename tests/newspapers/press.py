"""What a reconstructed newspaper is made of: its site.toml and its articles, read from readable files."""

from __future__ import annotations

import hashlib
import html
import json
import re
import tomllib
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SEEDS = HERE.parent.parent / "seeds"
HANOI = timezone(timedelta(hours=7))
TAG = re.compile(r"<[^>]+>")
PICTURE = re.compile(r"!\[(?P<caption>.*)\]\((?P<file>[\w.-]*)\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """One block of an article: kind `p` (paragraph), `h` (heading) or `img` (picture, its text is the caption)."""

    kind: str
    text: str
    """Inline HTML for paragraphs, plain text for headings and captions."""
    file: str = ""

    @property
    def plain(self) -> str:
        """The text as a reader sees it."""
        return html.unescape(TAG.sub("", self.text))


@dataclass(frozen=True, slots=True)
class Article:
    """One article with everything the templates print of it."""

    number: int
    title: str
    section: str
    """Key of its section in site.toml."""
    listed_at: datetime
    """Place in listings, +07:00; `published` is what the page says."""
    blocks: tuple[Block, ...]
    path: str
    published: datetime | None = None
    kicker: str | None = None
    lede: str | None = None
    authors: tuple[str, ...] = ()
    byline: str = ""
    """How the authors stand on the page."""
    source: str | None = None
    is_seed: bool = False
    options: dict[str, Any] = field(default_factory=dict)
    """Everything else of the front matter: layout, date_style, charset, …"""

    @property
    def body(self) -> list[str]:
        """Paragraphs and headings as a reader sees them, without the lede."""
        return [block.plain for block in self.blocks if block.kind != "img"]

    @property
    def captions(self) -> list[str]:
        """Picture captions in page order, each once."""
        return list(dict.fromkeys(block.plain for block in self.blocks if block.kind == "img" and block.text))


@dataclass(frozen=True, slots=True)
class Site:
    """One newspaper: what its site.toml says, and its articles, newest first."""

    key: str
    config: dict[str, Any]
    articles: tuple[Article, ...]

    @property
    def base(self) -> str:
        """Scheme and host, without a slash at the end."""
        return f"{self.config['scheme']}://{self.config['host']}"

    def section_name(self, key: str) -> str:
        """Name of a section as readers see it."""
        return next(str(section["name"]) for section in self.config["sections"] if section["key"] == key)

    def section_id(self, key: str) -> int:
        """Number of a section, as addresses with query strings carry it."""
        return 100 + [section["key"] for section in self.config["sections"]].index(key)

    def in_section(self, key: str) -> list[Article]:
        """Listed articles of a section, newest first."""
        return [a for a in self.listed if key in (a.section, *a.options.get("also_in", ()))]

    @property
    def listed(self) -> list[Article]:
        """Articles that listings show, newest first."""
        return [article for article in self.articles if not article.options.get("unlisted")]


def slugify(title: str) -> str:
    """ASCII slug of a Vietnamese headline."""
    plain = unicodedata.normalize("NFD", title.lower().replace("đ", "d"))
    return re.sub(r"[^a-z0-9]+", "-", "".join(c for c in plain if not unicodedata.combining(c))).strip("-")


def short_hash(text: str, digits: int = 7) -> str:
    """First hex digits of a hash, as addresses of these systems carry them."""
    return hashlib.blake2b(text.encode()).hexdigest()[:digits]


def load_site(key: str) -> Site:
    """Read `<key>/site.toml` and `<key>/articles/*.md`."""
    config = tomllib.loads((HERE / key / "site.toml").read_text("utf-8"))
    shell = Site(key, config, ())
    articles = [load_article(path, shell) for path in sorted((HERE / key / "articles").glob("*.md"))]
    return Site(key, config, tuple(sorted(articles, key=lambda article: article.listed_at, reverse=True)))


def load_article(path: Path, site: Site) -> Article:
    """Read one article: TOML between two `+++` lines, then paragraphs, `## headings` and `![captions](file)`."""
    _, front, text = path.read_text("utf-8").split("+++\n", 2)
    fields = tomllib.loads(front)
    blocks = tuple(read_block(part.strip()) for part in re.split(r"\n\s*\n", text.strip()) if part.strip())
    is_seed = "seed" in fields
    if is_seed:
        blocks = merge_seed(fields, site.key)
    number = int(path.stem.split("-")[0])
    published = fields.pop("published", None)
    listed_at = (published or fields.pop("listed_at")).replace(tzinfo=HANOI)
    authors = tuple(fields.pop("authors", ()))
    known = {name: fields.pop(name, None) for name in ("title", "section", "kicker", "lede", "source")}
    return Article(
        number=number,
        listed_at=listed_at,
        published=published and listed_at,
        blocks=blocks,
        path=article_path(site, number, known["title"], section=known["section"], listed_at=listed_at, options=fields),
        authors=authors,
        byline=fields.pop("byline", ", ".join(authors)),
        is_seed=is_seed,
        options=fields,
        **known,
    )


def read_block(text: str) -> Block:
    """One block of the text part of an article file."""
    if picture := PICTURE.fullmatch(text):
        return Block("img", picture["caption"], picture["file"])
    if text.startswith("## "):
        return Block("h", text[3:])
    return Block("p", " ".join(text.split()))


def merge_seed(fields: dict[str, Any], site: str) -> tuple[Block, ...]:
    """Put the gold fields of a seed into `fields`; its paragraphs and captions are the blocks."""
    gold = json.loads((SEEDS / site / f"{fields.pop('seed')}.json").read_text("utf-8"))
    fields.update({name: gold[name] for name in ("title", "kicker", "lede", "source") if gold[name]})
    fields["authors"] = [gold["author"]] if gold["author"] else []
    if gold["published_at"]:
        fields["published"] = datetime.fromisoformat(gold["published_at"])
    headings = fields.pop("headings", ())
    blocks = [Block("h" if text in headings else "p", html.escape(text, quote=False)) for text in gold["body"]]
    place = fields.pop("picture_after", 0)
    return (*blocks[:place], *(Block("img", text, "anh-1.jpg") for text in gold["captions"]), *blocks[place:])


def article_path(
    site: Site, number: int, title: str, *, section: str, listed_at: datetime, options: dict[str, Any]
) -> str:
    """Address of an article on its site."""
    slug = options.get("slug") or slugify(title)
    return str(options.get("path_form") or site.config["article_path"]).format(
        section=section,
        section_id=site.section_id(section),
        slug=slug,
        hex=short_hash(slug),
        yyyymm=f"{listed_at:%Y%m}",
        id=site.config["first_id"] + number * 37,
    )
