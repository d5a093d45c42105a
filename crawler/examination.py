"""A page, parsed once and looked at from all sides: is it one, what does it reserve, which article is on it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.discovery.opt_outs import read_opt_outs
from crawler.discovery.soft404 import looks_like_missing
from crawler.extraction.article import extract_from, open_page
from crawler.items import Reason, Reject

if TYPE_CHECKING:
    from crawler.items import Article, Page
    from crawler.sites.profile import SiteProfile


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
