"""From facts to pages: templates that escape everything, in the visitor's language."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from crawler.inspection.lookup import printable
from crawler.inspection.report import line_of
from crawler.inspection.zones import local
from crawler.viewer.words import LANGUAGES, choose, has_word, number, say

if TYPE_CHECKING:
    from starlette.requests import Request

    from crawler.viewer.desk import Desk

LANGUAGE_COOKIE = "language"
SECTIONS = (
    ("/", "overview"), ("/search", "search"), ("/clusters", "clusters"), ("/rejects", "rejects"), ("/live", "live"),
    ("/schedule", "schedule"), ("/sites", "sites"),
)  # fmt: skip
"""The menu."""


class Renderer:
    """Makes pages."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._environment = Environment(
            loader=PackageLoader("crawler.viewer", "pages"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self._environment.filters |= {
            "printable": printable, "web_address": web_address, "moment": self._moment, "day": self._day,
            "segment": lambda text: quote(str(text), safe=""), "query": query,
        }  # fmt: skip
        self._environment.globals |= {"line_of": line_of, "sections": SECTIONS, "languages": LANGUAGES}

    def page(self, request: Request, name: str, status: int = 200, **values: Any) -> HTMLResponse:
        """The template `name` with what all pages have."""
        return HTMLResponse(self.text(request, name, **values), status)

    def text(self, request: Request, name: str, **values: Any) -> str:
        """The same, as text."""
        language = language_of(request)
        common = {
            "t": lambda key, **fills: say(language, key, **fills),
            "label": lambda kind, code: label(language, kind, code),
            "number": lambda value: "–" if value is None else number(language, value),
            "language": language, "csrf": self._desk.csrf, "path": request.url.path, "here": here(request),
            "now": datetime.now(UTC),
        }  # fmt: skip
        return self._environment.get_template(name).render(common | values)

    def _moment(self, at: datetime | None) -> str:
        return f"{local(at, self._desk.zone):%Y-%m-%d %H:%M}" if at else "–"

    def _day(self, at: datetime | None) -> str:
        return f"{local(at, self._desk.zone):%Y-%m-%d}" if at else "–"


def language_of(request: Request) -> str:
    """The language of the visitor's pages."""
    return choose(request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language", ""))


def label(language: str, kind: str, code: str) -> str:
    """A code in words where there are any: `reason.too_short`."""
    key = f"{kind}.{code}"
    return say(language, key) if has_word(key) else code.replace("_", " ")


def web_address(url: str) -> str:
    """`url` when a browser may be sent there, else nothing: no page of a site says `javascript:` here."""
    try:
        return url if urlsplit(url).scheme in {"http", "https"} else ""
    except ValueError:
        return ""


def query(values: dict[str, Any], **more: Any) -> str:
    """`?name=value…` of what is not empty, `more` put over `values`."""
    found = {name: value for name, value in (values | more).items() if value not in {None, ""}}
    return f"?{urlencode(found)}" if found else ""


def here(request: Request) -> str:
    """Path and query of this page, for the way back."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def local_path(path: str) -> str:
    """`path` when it leads to these pages, else the first of them."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"
