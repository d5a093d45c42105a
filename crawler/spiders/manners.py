"""How a site wants to be visited, as settings of its crawl: a profile can only ask for more patience."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from crawler.sites.profile import Crawl

STRONGEST = "cmdline"
"""Priority of what `-s` gives: by now that was read."""


def mind_manners(settings: BaseSettings, crawl: Crawl) -> None:
    """Name CONTACT in the User-Agent, and take over the profile's `delay` where it is larger, and its `verify_tls`."""
    if contact := " ".join(settings["CONTACT"].split()):
        settings.set("USER_AGENT", f"{settings['USER_AGENT']} (+{contact})", STRONGEST)
    if crawl.delay is not None and crawl.delay > settings.getfloat("DOWNLOAD_DELAY"):
        settings.set("DOWNLOAD_DELAY", crawl.delay, STRONGEST)
    if not crawl.verify_tls:
        settings.set("DOWNLOAD_VERIFY_CERTIFICATES", "False", STRONGEST)
