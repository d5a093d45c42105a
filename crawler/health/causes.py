"""The named causes of trouble, each with the next step to take."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """How a site does."""

    OK = "ok"
    WATCH = "watch"
    """Something changed; it may mend itself."""
    BROKEN = "broken"
    """Articles are being missed; somebody has to look."""


class Cause(StrEnum):
    """Stable codes; `advice` is the next step."""

    DNS_GONE = "dns_gone"
    """The host's name no longer leads to an address."""
    CERTIFICATE = "certificate"
    """Its certificate is not valid."""
    UNREACHABLE = "unreachable"
    """It does not answer, or breaks connections off."""
    WALL = "wall"
    """It turns the collector away: 401, 403, 429, a page that asks for a login or a captcha."""
    SERVER_ERRORS = "server_errors"
    """It answers with 5xx."""
    ROBOTS_CHANGED = "robots_changed"
    """robots.txt now forbids what it allowed, or cannot be read."""
    LAYOUT_CHANGED = "layout_changed"
    """The template fits fewer pages, or fields are suddenly empty."""
    SOURCE_DEAD = "source_dead"
    """A feed, a sitemap or a section that used to answer does not."""
    MOVED = "moved"
    """It redirects to a host that the profile does not name."""
    ONLY_OLD = "only_old"
    """No new article for much longer than usual."""
    ALL_DUPLICATES = "all_duplicates"
    """Nearly everything that came repeats other articles."""
    SOFT_404 = "soft_404"
    """Articles' addresses lead to pages that say "not found", or to the home page."""
    REJECTS = "rejects"
    """Many more pages are rejected than before."""
    SLOW = "slow"
    """It answers much more slowly than before, or often not in time."""
    ASKED_TO_WAIT = "asked_to_wait"
    """It asked to be left alone for a while (Retry-After)."""
    NO_DISK = "no_disk"
    """This machine had no space left, or could not write."""
    CRAWL_DIED = "crawl_died"
    """The crawl ended without its last word."""

    def advice(self, site: str = "SITE") -> str:
        """What to do next about `site`."""
        return _ADVICE[self].replace("SITE", site)


_ADVICE = {
    Cause.DNS_GONE: "look whether the paper has a new host (provinces were merged in 2025) and write it into hosts",
    Cause.CERTIFICATE: "open the site in a browser; if it stays so, verify_tls = false with the reason in notes",
    Cause.UNREACHABLE: "wait a day; if a browser reaches it, the site may block this machine's address",
    Cause.WALL: "slow down (crawl.delay), check USER_AGENT names a contact, or ask the paper for access",
    Cause.SERVER_ERRORS: "wait a day; the next run goes on where this one stopped",
    Cause.ROBOTS_CHANGED: "read its robots.txt; what it forbids is not fetched",
    Cause.LAYOUT_CHANGED: "scrapy learn SITE --relearn shows what learning would now propose",
    Cause.SOURCE_DEAD: "scrapy frontier SITE --urls --state failed names it; scrapy learn SITE --relearn finds others",
    Cause.MOVED: "add the new host to hosts in the profile, first in the list if the site moved for good",
    Cause.ONLY_OLD: "look at the site: has it stopped, or do its listings no longer show what is new?",
    Cause.ALL_DUPLICATES: "scrapy inspect SITE --duplicates shows of whom; the site may only reprint, or show one text",
    Cause.SOFT_404: "scrapy explain URL of a rejected page; has the form of article addresses changed?",
    Cause.REJECTS: "scrapy inspect SITE shows the reasons, scrapy explain URL one page",
    Cause.SLOW: "raise crawl.delay or crawl at night (night_only)",
    Cause.ASKED_TO_WAIT: "nothing: the next run after that moment goes on",
    Cause.NO_DISK: "free some space and run again; what was committed is whole",
    Cause.CRAWL_DIED: "look into the run's log; the next run takes up what was archived",
}
