"""One spelling for every address of a page. The rules, one by one: docs/urls.md."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, quote, unquote, urlsplit

from w3lib.url import canonicalize_url, safe_url_string

from crawler.discovery.parameters import is_noise

if TYPE_CHECKING:
    from crawler.sites.profile import SiteProfile

MAX_URL_CHARS = 2000
"""Longer addresses are left as they are; no article of a newspaper has one."""

_MAX_ROUNDS = 5
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028\u2029\ufeff]+")
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_TWIN = re.compile(r"(?:www\d?|m|mobile|amp|wap)\.(?=[^.]+\.)")
_SESSION_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;?]*|/\([A-Z]\([0-9a-z]{10,60}\)\)(?=/)", re.IGNORECASE)
_SLASHES = re.compile(r"/{2,}")
_SLUG = r"[^/]*[^/-]-[^/-]+-[^/-]+[^/]*"
_VIEW_SUFFIX = re.compile(rf"(?<=/)({_SLUG}?)(?:/(?:amp|print)/?$|\.amp(?=\.html?$|$))", re.IGNORECASE)
_VIEW_PREFIX = re.compile(rf"/(?:amp|print|in-bai-viet)(?=/(?:[^/]+/){{0,3}}{_SLUG}$)", re.IGNORECASE)
_ENCODED_RUN = re.compile(r"(?:[A-Za-z0-9._~-]|%[89A-Fa-f][0-9A-Fa-f])+")
_PLAIN = re.compile(r"(https?://[a-z0-9.-]+)(/[A-Za-z0-9/._~-]*)")
"""What most addresses look like: nothing to encode, decode, sort or leave out."""
_INDEX = re.compile(r"/(?:index|default|home|trang-chu)(?:\.\w{3,5})?/?$", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443}


class _Hosts(NamedTuple):
    """What a profile says about addresses, worked out once."""

    spelling: dict[str, str]
    """Host without www or m., to the spelling the site uses."""
    ports: dict[str, frozenset[int]]
    scheme: str
    has_print_articles: bool
    origins: frozenset[str]
    """Scheme and host as the site spells them."""


@lru_cache(maxsize=1024)
def _site(profile: SiteProfile) -> _Hosts:
    split = urlsplit(profile.home_url)
    spelling: dict[str, str] = {}
    ports: dict[str, frozenset[int]] = {}
    is_home_listed = _bare(split.hostname or "") in map(_bare, profile.hosts)
    for entry in (split.netloc, *profile.hosts) if is_home_listed else profile.hosts:
        name, _, port = entry.lower().partition(":")
        spelling.setdefault(_bare(name), name)
        if port.isdigit():
            ports[_bare(name)] = ports.get(_bare(name), frozenset()) | {int(port)}
    scheme = split.scheme if split.scheme in _DEFAULT_PORTS else "https"
    has_print_articles = any("print" in form for form in profile.sources.article_url)
    origins = frozenset(f"{scheme}://{name}" for name in spelling.values())
    return _Hosts(spelling, ports, scheme, has_print_articles, origins)


def _bare(host: str) -> str:
    host = host.lower().partition(":")[0].rstrip(".")
    return _TWIN.sub("", host, count=1) if _TWIN.match(host) else host


@lru_cache(maxsize=4096)
def split_url(url: str) -> SplitResult | None:
    """The parts of an http or https address with a host, or None for anything else."""
    if not _SCHEME.match(url):
        return None
    try:
        split = urlsplit(url)
        split.port  # noqa: B018 - reading it checks it
    except ValueError:
        return None
    return split if split.hostname else None


def is_on_site(url: str, profile: SiteProfile) -> bool:
    """Whether `url` is http or https and on one of the profile's hosts, their www, m. and amp. twins included."""
    split = split_url(url)
    if split is None:
        return False
    site, bare = _site(profile), _bare(split.hostname or "")
    if bare not in site.spelling:
        return False
    port = split.port
    return port is None or port in (80, 443) or port in site.ports.get(bare, ())


def is_home(url: str, profile: SiteProfile) -> bool:
    """Whether `url` is the home page under any of its usual names."""
    given, home = split_url(url), _home(profile)
    if given is None or home is None or len(given.path.split("/")) > len(home.path.split("/")) + 2:
        return False
    split = split_url(canonicalize(url, profile))
    if split is None or split.netloc != home.netloc or split.query:
        return False
    return _INDEX.sub("/", split.path).rstrip("/") == home.path.rstrip("/")


@lru_cache(maxsize=1024)
def _home(profile: SiteProfile) -> SplitResult | None:
    return split_url(canonicalize(profile.home_url, profile))


def source_urls(profile: SiteProfile) -> frozenset[str]:
    """Home page, feeds, sitemaps and sections of the profile, in canonical spelling."""
    sources = profile.sources
    named = (profile.home_url, *sources.feeds, *sources.sitemaps, *sources.sections)
    return frozenset(canonicalize(url, profile) for url in named)


def canonicalize(url: str, profile: SiteProfile) -> str:
    """The one spelling of `url`; never raises, and applied twice changes nothing more.

    What is not http or https, has no host, or is longer than MAX_URL_CHARS comes back as it is, spaces stripped.
    """
    url = _INVISIBLE.sub("", url).strip()
    if len(url) > MAX_URL_CHARS:
        return url
    site = _site(profile)
    plain = _PLAIN.fullmatch(url)
    if plain and plain[1] in site.origins and "/." not in plain[2] and plain[2] == _path(plain[2], site):
        return url
    for _ in range(_MAX_ROUNDS):
        spelled = _canonicalize_once(url, site)
        if spelled == url:
            break
        url = spelled
    return url


def as_given(url: str) -> str | None:
    """An address as a server spelled it, fit to be asked for; None when it is none, or carries credentials."""
    given = safe_url_string(_INVISIBLE.sub("", url).strip()).partition("#")[0]
    split = split_url(given)
    return given if split and split.username is None and len(given) <= MAX_URL_CHARS else None


def _canonicalize_once(url: str, site: _Hosts) -> str:
    try:
        split = split_url(canonicalize_url(url.replace("\\", "/")))
    except ValueError:
        return url
    if split is None:
        return url
    scheme, netloc = _origin(split, site)
    query = _query(split.query)
    return f"{scheme}://{netloc}{_path(split.path, site)}{'?' if query else ''}{query}"


def _origin(split: SplitResult, site: _Hosts) -> tuple[str, str]:
    host, port = (split.hostname or "").rstrip("."), split.port
    is_default = port is None or port == _DEFAULT_PORTS[split.scheme]
    known = site.spelling.get(_bare(host))
    name = known or (f"[{host}]" if ":" in host else host)
    scheme = site.scheme if known and is_default else split.scheme
    return scheme, name if is_default else f"{name}:{port}"


def _path(path: str, site: _Hosts) -> str:
    path = _SLASHES.sub("/", _SESSION_PATH.sub("", _normalise_text(path))) or "/"
    if site.has_print_articles:
        return path
    return _VIEW_PREFIX.sub("", _VIEW_SUFFIX.sub(r"\1", path, count=1), count=1)


def _normalise_text(part: str) -> str:
    """Percent-encoded UTF-8 in its composed form; what is no UTF-8, and every reserved character, stays as it is."""
    return _ENCODED_RUN.sub(_composed, part) if "%" in part else part


def _composed(found: re.Match[str]) -> str:
    try:
        text = unquote(found[0], errors="strict")
    except UnicodeDecodeError:
        return found[0]
    composed = unicodedata.normalize("NFC", text)
    return found[0] if composed == text else quote(composed, safe="-._~")


def _query(query: str) -> str:
    kept: dict[str, None] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        name = re.sub(r"^(?:amp;|amp%3B)+", "", name)
        if name and not is_noise(unquote(name), unquote(value)):
            kept[f"{name}={_normalise_text(value)}" if "=" in pair else name] = None
    return "&".join(sorted(kept))
