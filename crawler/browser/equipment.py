"""Settings of a crawl whose profile asks for a browser. What it needs is looked for before anything is fetched."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from typing import TYPE_CHECKING

from crawler.errors import OptionError

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

STRONGEST = "cmdline"
HANDLER = "crawler.browser.rendering.BrowserHandler"
NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = "crawl.browser needs the extra: pip install 'news-corpus-collector[browser]' (in a checkout: '.[browser]')"
NOWHERE = "http://127.0.0.1:1"
"""Every connection of the browser's own would go through this proxy, and there is none."""
ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # the only way past a proxy
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--js-flags=--max-old-space-size=512",
)


def equip(settings: BaseSettings) -> None:
    """Let pages be rendered. Raises OptionError when the extra is not installed.

    PLAYWRIGHT_LAUNCH_OPTIONS goes before what is set here; without a Chromium on the path Playwright's own is taken.
    """
    if find_spec("scrapy_playwright") is None:
        raise OptionError(MISSING)
    handlers = {**settings.getdict("DOWNLOAD_HANDLERS"), "http": HANDLER, "https": HANDLER}
    settings.set("DOWNLOAD_HANDLERS", handlers, STRONGEST)
    options = launch_options() | settings.getdict("PLAYWRIGHT_LAUNCH_OPTIONS")
    settings.set("PLAYWRIGHT_LAUNCH_OPTIONS", options, STRONGEST)
    settings.set("PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT", settings.getfloat("BROWSER_TIMEOUT") * 1000, STRONGEST)


def launch_options() -> dict[str, object]:
    """For Playwright: signals are the crawl's business, and root alone goes without Chromium's sandbox."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    return {
        **({"executable_path": path} if path else {}),
        "args": list(ARGUMENTS),
        "chromium_sandbox": os.geteuid() != 0,
        "handle_sigint": False,
        "handle_sigterm": False,
        "handle_sighup": False,
        "proxy": {"server": NOWHERE, "bypass": "<-loopback>"},
    }
