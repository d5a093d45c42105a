"""SiteProfile: everything the collector knows about one site, as a person can read and mend it."""

from __future__ import annotations

import hashlib
from datetime import date  # noqa: TC003 - msgspec reads the annotation at run time
from typing import TYPE_CHECKING

import msgspec

from crawler.errors import ProfileError
from crawler.sites.checks import describe, problems
from crawler.sites.folders import PROFILE_FILE, site_folders

if TYPE_CHECKING:
    from pathlib import Path


class Template(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which blocks of a page hold which field. A selector starting with `/` or `(` is XPath, any other CSS.

    Selectors of one field are tried in order; the first that finds text wins, except `body`, `captions`, `authors`
    and `tags`, which take everything that all their selectors find, in page order.
    """

    valid_from: date | None = None
    """First day of the layout this template describes; empty: always."""
    valid_until: date | None = None
    """Last day of it; empty: until now."""
    fit: tuple[str, ...] = ()
    """Selectors that must all match for the template to be tried; empty: judge by `body`."""
    title: tuple[str, ...] = ()
    """Headline."""
    kicker: tuple[str, ...] = ()
    """Short line above the headline."""
    lede: tuple[str, ...] = ()
    """Opening summary, where the page sets it apart."""
    body: tuple[str, ...] = ()
    """Containers of the article's text blocks."""
    captions: tuple[str, ...] = ()
    """Picture captions with their credits."""
    authors: tuple[str, ...] = ()
    """Byline; several names in one line are taken apart."""
    source: tuple[str, ...] = ()
    """Whom the page credits for the text."""
    section: tuple[str, ...] = ()
    """Section as the page names it: the last crumb, not the whole path."""
    tags: tuple[str, ...] = ()
    """Key words."""
    published: tuple[str, ...] = ()
    """Time of publication, as printed or in an attribute (`//time/@datetime`)."""
    modified: tuple[str, ...] = ()
    """Time of the last update."""
    drop: tuple[str, ...] = ()
    """Blocks taken out of `body` before its text is read."""
    drop_lines: tuple[str, ...] = ()
    """Lines that are never article text on this site; compared folded, whole line."""
    drop_blocks: tuple[str, ...] = ()
    """Class paths of blocks inside `body` that are never article text, as learning found them."""
    keep_blocks: tuple[str, ...] = ()
    """Class paths of blocks inside `body` that held article text; paths in neither list are judged by trafilatura."""


class Sources(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where addresses of articles are found. All empty: robots.txt, /sitemap.xml and the home page are tried."""

    feeds: tuple[str, ...] = ()
    """Addresses of RSS, Atom or JSON feeds."""
    sitemaps: tuple[str, ...] = ()
    """Addresses of sitemaps and sitemap indexes; empty: /sitemap.xml."""
    sections: tuple[str, ...] = ()
    """Addresses of section pages; the home page is always one."""
    article_url: tuple[str, ...] = ()
    """Forms of article addresses, `/{section}/{yyyymm}/{slug}-{hex}/`; empty: judged by the generic rules."""
    listing_url: tuple[str, ...] = ()
    """Forms of addresses that list articles beyond `sections`, pagination included."""
    ignore_url: tuple[str, ...] = ()
    """Forms of addresses never to be fetched."""


class Crawl(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How this site wants to be visited, where it differs from the settings."""

    delay: float | None = None
    """Seconds between two requests; the larger of this, robots.txt's Crawl-delay and DOWNLOAD_DELAY wins."""
    night_only: bool = False
    """The site wants to be fetched between 22:00 and 06:00 of `time_zone` only;
    a crawl at another hour asks for nothing and says when the same command goes on."""
    verify_tls: bool = True
    """False only with the reason in `notes`."""
    max_pages: int = 0
    """Most pages per run, 0: no limit."""
    browser: tuple[str, ...] = ()
    """Forms of addresses whose pages are built by scripts and opened in Chromium first: `/{section}`, `/{any}` for all;
    needs the extra `browser`."""
    since: date | None = None
    """Articles published before this day are left out, `2021-06-01`; `-a since=` goes before it."""


class SiteProfile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """`seeds/<site>/profile.toml`. `key` is the folder's name and stands in no file."""

    key: str = ""
    """The folder's name."""
    name: str = ""
    """The site's own name."""
    hosts: tuple[str, ...]
    """Host names, the canonical one first; `www.` twins need no entry."""
    verified: bool = False
    """True once a person has seen a live run of it."""
    notes: str = ""
    """For people: where the facts come from, what is not known."""
    languages: tuple[str, ...] = ("vi",)
    """Languages to keep."""
    time_zone: str = "Asia/Ho_Chi_Minh"
    """Zone of times the site prints without one."""
    home: str = ""
    """Address of the home page; empty: `https://<first host>/`."""
    family: str = ""
    """Publishing system it shares with other papers: templates behind its own, address forms where it has none."""
    schedule: str = ""
    """When `scrapy schedule` crawls it: `every 6h`, a cron line or `adaptive`; empty: not scheduled."""
    sources: Sources = Sources()
    """Where addresses come from."""
    crawl: Crawl = Crawl()
    """How the site wants to be visited."""
    templates: tuple[Template, ...] = ()
    """Layouts of article pages, newest first; the first that fits a page reads it."""

    @property
    def home_url(self) -> str:
        """Address of the home page."""
        return self.home or f"https://{self.hosts[0]}/"

    @property
    def version(self) -> str:
        """12 hex digits that change whenever the profile does."""
        return hashlib.blake2b(msgspec.json.encode(self), digest_size=6).hexdigest()


def load_profile(folder: Path) -> SiteProfile:
    """Read `folder`/profile.toml; addresses' forms and selectors are compiled, so that none fails on the way.

    Raises ProfileError naming file, key and what is allowed.
    """
    from crawler.sites.families import inherit  # whose files hold templates of the kind above

    path = folder / PROFILE_FILE
    try:
        profile = msgspec.toml.decode(path.read_bytes(), type=SiteProfile)
    except FileNotFoundError:
        raise ProfileError(f"{path}: no such file; `scrapy learn URL --site {folder.name}` writes one") from None
    except OSError as error:
        raise ProfileError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise ProfileError(f"{path}: not in UTF-8 (byte {error.start}); save it as UTF-8") from None
    except msgspec.DecodeError as error:
        raise ProfileError(f"{path}: {describe(error, SiteProfile)}") from None
    if problem := next(problems(profile), None):
        raise ProfileError(f"{path}: {problem}")
    try:
        return inherit(msgspec.structs.replace(profile, key=folder.name))
    except ProfileError as error:
        raise ProfileError(f"{path}: {error}") from None


def load_profiles(seeds_dir: Path) -> dict[str, SiteProfile]:
    """All profiles of `site_folders` that can be used, by key, in alphabetical order."""
    return read_profiles(seeds_dir)[0]


def read_profiles(seeds_dir: Path) -> tuple[dict[str, SiteProfile], dict[str, ProfileError]]:
    """All profiles of `site_folders` by key, and what is wrong with the others: one broken file stops no other site."""
    profiles: dict[str, SiteProfile] = {}
    broken: dict[str, ProfileError] = {}
    for key, folder in site_folders(seeds_dir).items():
        try:
            profiles[key] = load_profile(folder)
        except ProfileError as error:
            broken[key] = error
    return profiles, broken
