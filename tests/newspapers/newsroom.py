"""From a site's files to every response its server gives, and what a collector should make of each."""

from __future__ import annotations

import gzip
import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from listings import listing_pages, take_related
from press import load_site
from typeset import encode, environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    import jinja2
    from press import Article, Site

FETCHED_AT = datetime(2026, 11, 15, 1, 0, tzinfo=UTC)
SITES = ("baobaclieu", "baothainguyen", "bantochuc_lamdong", "bao_ngaydang", "congthongtin_bacgiang")
REASONS = {200: "OK", 301: "Moved Permanently", 302: "Found", 404: "Not Found"}
HTML = "text/html"
SPELLING = ("charset", "unicode", "d_stroke")
"""Options of an article that change its bytes, not its words."""


@dataclass(frozen=True, slots=True)
class Response:
    """What the server of a site answers to one address."""

    url: str
    body: bytes
    """Before content-encoding."""
    content_type: str = HTML
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    is_gzipped: bool = False

    @property
    def sent_body(self) -> bytes:
        """The body as it goes over the wire."""
        return gzip.compress(self.body, 9, mtime=0) if self.is_gzipped else self.body

    @property
    def etag(self) -> str:
        """Validator made of the body."""
        return f'"{hashlib.blake2b(self.body, digest_size=6).hexdigest()}"'


@dataclass(frozen=True, slots=True)
class Sheet:
    """A response together with what is expected of it (a line of gold.jsonl), or None for listings and the like."""

    response: Response
    expected: dict[str, Any] | None = None


class Newsroom:
    """Renders one site."""

    def __init__(self, key: str) -> None:
        self.site: Site = load_site(key)
        self.env: jinja2.Environment = environment(key)
        self.env.globals.update(site=self.site, urlencode=urlencode)

    def sheets(self) -> Iterator[Sheet]:
        """Every response of the site; robots.txt and the home page first."""
        for extra in self.site.config.get("extra", ()):
            yield from self.extra_sheets(extra)
        for path, template, values in listing_pages(self.site):
            yield Sheet(self.render(path, template, values))
        for article in self.site.articles:
            yield from self.article_sheets(article)

    def render(self, path: str, template: str, values: dict[str, Any], **options: Any) -> Response:
        """Fill a template; `options`: charset, unicode, d_stroke, type, status, is_plain (no content-encoding)."""
        config = self.site.config
        url = self.site.base + path
        text = self.env.get_template(template).render(url=url, path=path, **values)
        if options.get("d_stroke") == "eth":
            text = text.replace("Đ", "Ð")
        text = unicodedata.normalize(options.get("unicode", "NFC"), text)
        body = encode(text, options.get("charset", "utf-8"))
        content_type = options.get("type", HTML)
        if content_type == HTML and "charset" not in options and config.get("declares_charset", True):
            content_type = config.get("html_type", "text/html; charset=utf-8")
        if content_type == "application/gzip":
            body = gzip.compress(body, 9, mtime=0)
        return Response(
            url,
            body,
            content_type,
            options.get("status", 200),
            tuple(config.get("headers", {}).items()),
            is_gzipped=config.get("gzip", False) and content_type != "application/gzip",
        )

    def article_sheets(self, article: Article) -> Iterator[Sheet]:
        """The page of an article, then its print view, tracking twins and the like."""
        values = {"article": article, "related": take_related(self.site, article)}
        options = {
            name: article.options[name] for name in ("charset", "unicode", "d_stroke") if name in article.options
        }
        response = self.render(article.path, article.options.get("template", "article.html"), values, **options)
        if article.published and self.site.config.get("dates_pages"):
            changed = f"{article.published.astimezone(UTC) + timedelta(minutes=5):%a, %d %b %Y %H:%M:%S GMT}"
            validators = (("last-modified", changed), ("etag", response.etag))
            response = Response(
                response.url,
                response.body,
                response.content_type,
                headers=(*response.headers, *validators),
                is_gzipped=response.is_gzipped,
            )
        yield Sheet(response, self.gold(article, response))
        for twin in article.options.get("twins", ()):
            path = self.twin_path(article, twin)
            kind = {"url": self.site.base + path, "site": self.site.key, "kind": twin["kind"], "of": response.url}
            yield Sheet(self.render(path, twin.get("template", "article.html"), values, **options), kind)

    def twin_path(self, article: Article, twin: dict[str, Any]) -> str:
        """Address of another view of an article."""
        if "suffix" in twin:
            return article.path + str(twin["suffix"])
        number = self.site.config["first_id"] + article.number * 37
        return str(twin["path"]).format(id=number, section_id=self.site.section_id(article.section))

    def gold(self, article: Article, response: Response) -> dict[str, Any]:
        """The line of gold.jsonl for an article."""
        says_section = article.options.get("says_section", True) and self.site.config.get("says_section", True)
        return {
            "url": response.url,
            "site": self.site.key,
            "kind": article.options.get("kind", "article"),
            **({"of": article.options["of"]} if "of" in article.options else {}),
            "is_seed": article.is_seed,
            "title": article.title,
            "kicker": article.kicker,
            "lede": article.lede,
            "body": article.body,
            "captions": article.captions,
            "authors": list(article.authors),
            "source": article.source,
            "section": self.site.section_name(article.section) if says_section else None,
            "published_at": article.published.isoformat() if article.published else None,
            "boilerplate": self.site.config["junk"],
        }

    def extra_sheets(self, extra: dict[str, Any]) -> Iterator[Sheet]:
        """robots.txt, feeds, sitemaps, missing pages, redirects, traps: an `[[extra]]` of site.toml."""
        for number in range(extra.get("count", 1)):
            values = self.extra_values(extra, number)
            path = str(extra["path"]).format(**values)
            yield Sheet(self.extra_response(extra, path, values), self.extra_kind(extra, path))

    def extra_response(self, extra: dict[str, Any], path: str, values: dict[str, Any]) -> Response:
        """Answer to the address of an `[[extra]]`."""
        if "redirect" in extra:
            location = self.find_target(str(extra["redirect"]))
            return Response(
                str(extra.get("base", self.site.base)) + path,
                b"",
                status=extra.get("status", 301),
                headers=(("location", location),),
            )
        if "file" in extra:
            body = bytes.fromhex(extra["file"])
            return Response(self.site.base + path, body, extra["type"])
        options = {name: extra[name] for name in ("type", "status") if name in extra}
        return self.render(path, extra["template"], values | {"extra": extra}, **options)

    def find_target(self, redirect: str) -> str:
        """Where a redirect leads: `#7` is the article with that number."""
        if not redirect.startswith("#"):
            return redirect
        number = int(redirect[1:])
        return self.site.base + next(article.path for article in self.site.articles if article.number == number)

    def extra_kind(self, extra: dict[str, Any], path: str) -> dict[str, Any] | None:
        """What is expected of an `[[extra]]`, when anything is."""
        if "kind" not in extra:
            return None
        kind = {"url": str(extra.get("base", self.site.base)) + path, "site": self.site.key, "kind": extra["kind"]}
        return kind | {name: extra[name] for name in ("trap",) if name in extra}

    @staticmethod
    def extra_values(extra: dict[str, Any], number: int) -> dict[str, Any]:
        """What the path and the template of the n-th page of a series print."""
        day = extra.get("start", datetime(2022, 10, 3).date()) + timedelta(days=7 * number)  # noqa: DTZ001
        return {"n": number, "day": day, "next_day": day + timedelta(days=7), "last_day": day - timedelta(days=7)}
