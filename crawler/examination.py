"""A page, parsed once and looked at from all sides: is it one, what does it reserve, which article is on it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.discovery.opt_outs import read_opt_outs
from crawler.discovery.soft404 import looks_like_missing
from crawler.extraction.article import extract_from, open_page
from crawler.items import Reason, Reject

if TYPE_CHECKING:
    from crawler.discovery.horizon import Horizon
    from crawler.items import Article, Page
    from crawler.sites.profile import SiteProfile

MINING = frozenset(
    {"noai", "noml", "notrain", "tdm-reservation", "content-signal:ai-train=no", "content-usage:train-ai=n"}
)
"""Opt-outs that speak against text and data mining, addressed to everybody or to us."""


def examine(page: Page, profile: SiteProfile, agent: str = "") -> Article | Reject:
    """The article on `page` with its opt-outs, or why there is none. Pure; never raises.

    `agent` is our product token, for opt-outs that name it.
    """
    document = open_page(page)
    if isinstance(document, Reject):
        return document
    if missing := looks_like_missing(page.url, page.final_url, document.tree, profile):
        return Reject(Reason.SOFT_404, missing)
    opt_outs = read_opt_outs(page.headers, document.tree, agent)
    article = extract_from(document, page, profile)
    return article if isinstance(article, Reject) else replace(article, opt_outs=opt_outs)


def refuse_opted_out(article: Article) -> Article | Reject:
    """Reject an article whose page reserves it against mining: for corpora that obey such signals."""
    reserved = MINING.intersection(article.opt_outs)
    return Reject(Reason.OPTED_OUT, ", ".join(sorted(reserved))) if reserved else article


def refuse_older(article: Article, horizon: Horizon) -> Article | Reject:
    """Reject an article that is older than the crawl goes back; one without a date is kept."""
    if horizon.is_before(article.published_at):
        return Reject(Reason.BEFORE_SINCE, f"{article.published_at:%Y-%m-%d}")
    return article
