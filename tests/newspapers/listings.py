"""Home page, section pages and their pagination; related articles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from press import Article, Site

Listing = tuple[str, str, dict[str, Any]]
"""Path, template, values."""


def listing_pages(site: Site) -> Iterator[Listing]:
    """The home page and every section page of a site."""
    yield site.config.get("home_path", "/"), "home.html", {"articles": site.listed[: site.config["home_size"]]}
    for section in site.config["sections"]:
        yield from section_pages(site, section)


def section_pages(site: Site, section: dict[str, Any]) -> Iterator[Listing]:
    """The pages of one section; an `endless` one repeats its last page up to that number."""
    size = site.config["page_size"]
    articles = site.in_section(section["key"])
    n_pages = max(1, -(-len(articles) // size))
    for page in range(1, max(n_pages, section.get("endless", 0)) + 1):
        yield section_page(site, section, page, n_pages)


def section_page(site: Site, section: dict[str, Any], page: int, n_pages: int) -> Listing:
    """One page of a section."""
    size = site.config["page_size"]
    shown = min(page, n_pages) - 1
    values = {
        "section": section,
        "articles": site.in_section(section["key"])[shown * size : (shown + 1) * size],
        "page": page,
        "n_pages": n_pages,
        "next_path": page_path(site, section, page + 1) if page < n_pages or "endless" in section else None,
        "paths": {number: page_path(site, section, number) for number in range(1, n_pages + 1)},
    }
    return page_path(site, section, page), "section.html", values


def page_path(site: Site, section: dict[str, Any], page: int) -> str:
    """Address of the n-th page of a section."""
    form = site.config["section_path"] if page == 1 else site.config["page_path"]
    return str(form).format(section=section["key"], section_id=site.section_id(section["key"]), page=page)


def section_path(site: Site, key: str) -> str:
    """Address of a section's first page."""
    return page_path(site, {"key": key}, 1)


def take_related(site: Site, article: Article) -> list[Article]:
    """Other articles of the section first, then of the site: what the related box shows."""
    others = [other for other in site.listed if other is not article]
    others.sort(key=lambda other: other.section != article.section)
    return others[: site.config["n_related"]]
