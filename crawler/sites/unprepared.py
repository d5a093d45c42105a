"""A profile for a site that nobody prepared: its address is all that is known."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from crawler.errors import ProfileError
from crawler.sites.profile import SiteProfile

NOTES = "Made from an address; what stands here was learned from the site's own pages. Check it before you rely on it."


def profile_for_url(url: str) -> SiteProfile:
    """The profile of the site that `url` is on: host, home page, any language, nothing else.

    Raises ProfileError when `url` is no http or https address.
    """
    parts = urlsplit(url if "://" in url else f"https://{url}")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ProfileError(f"{url}: no http or https address")
    host = parts.netloc.rpartition("@")[2].lower().removeprefix("www.")
    return SiteProfile(
        key=site_key(host),
        name=host,
        hosts=(host,),
        home=f"{parts.scheme}://{host}/",
        languages=(),
        notes=NOTES,
    )


def site_key(host: str) -> str:
    """A folder name for a host: `bao.example.vn` becomes `bao_example_vn`."""
    return re.sub(r"[^a-z0-9]+", "_", host.lower()).strip("_")[:80] or "site"
