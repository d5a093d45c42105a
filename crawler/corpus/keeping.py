"""What the state holds of each article of the corpus."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from crawler.state.instants import opt_micros

if TYPE_CHECKING:
    from collections.abc import Iterable
    from sqlite3 import Connection

    from crawler.items import Article

_KEEP = "INSERT INTO kept (id, site, url, content_hash, version, published_at, part) VALUES (?, ?, ?, ?, ?, ?, ?)"
_PART = """
SELECT part FROM kept WHERE id = :id AND site = :site
AND (content_hash <> :content_hash OR substr(:version, 1, length(version)) <> version)
"""
_YEAR = re.compile(r"\d{4}")


def version_of(article: Article) -> str:
    """Hash of what a reader sees of an article, to the letter: headline, lede and text; and of its byline and date.

    A date without a year on the page ("2 giờ trước") counts back from the visit, and says nothing of a correction.
    `content_hash` is for finding duplicates: it is of the folded text alone, the same with other marks or headline.
    """
    date = article.published_at if _YEAR.search(article.published_raw or "") else None
    return f"{_hash(article.title, article.lede or '', article.text)}-{_hash(*article.authors, str(date or ''))}"


def _hash(*seen: str) -> str:
    return hashlib.blake2b("\x1f".join(seen).encode(errors="surrogatepass"), digest_size=16).hexdigest()


def keep(connection: Connection, article: Article, site: str, part: str) -> None:
    """Note that the row of `article` in `part` is the corpus' text of its page."""
    hashes = (article.content_hash, version_of(article))
    connection.execute(_KEEP, (article.id, site, article.url, *hashes, opt_micros(article.published_at), part))


def is_same_version(article: Article, content_hash: str, version: str) -> bool:
    """Whether `article` is as the kept one; of those of older releases `version` says less, or nothing."""
    return article.content_hash == content_hash and version_of(article).startswith(version)


def revised_parts(connection: Connection, site: str, articles: Iterable[Article]) -> list[str]:
    """The parts with an older version of one of `articles`, which a commit of them may have to write anew."""
    wanted = (
        {"id": one.id, "site": site, "content_hash": one.content_hash, "version": version_of(one)} for one in articles
    )
    found = (connection.execute(_PART, values).fetchone() for values in wanted)
    return sorted({row[0] for row in found if row})
