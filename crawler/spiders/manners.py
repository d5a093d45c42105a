"""How a site wants to be visited, as settings of its crawl: a profile can only ask for more patience."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from crawler import disk
from crawler.errors import OptionError

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from crawler.sites.profile import Crawl

STRONGEST = "cmdline"
"""Priority of what `-s` gives: by now that was read."""

CONTACT_FILE = "contact.txt"
"""In the output folder: what the first crawl on a terminal was told; CONTACT goes before it."""
QUESTION = "Where can webmasters reach you? A mail address or a page, for the User-Agent (Enter: nowhere): "
UNREACHABLE = "scrapy: webmasters cannot reach you; name a mail address or a page of yours: -s CONTACT=you@your.example"


def introduce(settings: BaseSettings) -> None:
    """Take CONTACT from the output folder when none is set, else ask for it on a terminal, else say what is missing.

    On a crawl of this machine (ALLOW_PRIVATE_HOSTS) nobody is told. Raises OptionError when it cannot be saved.
    """
    path = Path(settings["OUTPUT_DIR"]) / CONTACT_FILE
    if not settings["CONTACT"] and path.is_file():
        settings.set("CONTACT", path.read_text(encoding="utf-8", errors="replace")[:200].strip(), STRONGEST)
    if settings["CONTACT"] or settings.getbool("ALLOW_PRIVATE_HOSTS"):
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        print(UNREACHABLE, file=sys.stderr)  # noqa: T201 - no log line: it is shown at every level
        return
    sys.stderr.write(QUESTION)
    sys.stderr.flush()
    if contact := sys.stdin.readline().strip():
        try:
            disk.make_folders(path.parent)
            disk.replace(path, f"{contact}\n".encode())
        except OSError as error:
            raise OptionError(disk.describe(error)) from error
        settings.set("CONTACT", contact, STRONGEST)


def find_browser(settings: BaseSettings, crawl: Crawl) -> None:
    """Let the pages of `crawl.browser` be rendered. Raises OptionError when the extra is not installed."""
    if crawl.browser:
        from crawler.browser.equipment import equip  # few sites need one

        equip(settings)


def mind_manners(settings: BaseSettings, crawl: Crawl) -> None:
    """Name CONTACT in the User-Agent, and take over the profile's `delay` where it is larger, and its `verify_tls`."""
    if contact := " ".join(settings["CONTACT"].split()):
        settings.set("USER_AGENT", f"{settings['USER_AGENT']} (+{contact})", STRONGEST)
    if crawl.delay is not None and crawl.delay > settings.getfloat("DOWNLOAD_DELAY"):
        settings.set("DOWNLOAD_DELAY", crawl.delay, STRONGEST)
    if not crawl.verify_tls:
        settings.set("DOWNLOAD_VERIFY_CERTIFICATES", "False", STRONGEST)
