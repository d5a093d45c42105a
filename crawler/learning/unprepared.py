"""Learning from a site's own pages, when there is no seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from crawler.discovery.learned_forms import learn_forms
from crawler.extraction.document import parse
from crawler.learning.gold import SeedPage
from crawler.learning.template import learn_template

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.items import Page
    from crawler.sites.profile import SiteProfile


def learn_from_pages(pages: Sequence[Page], profile: SiteProfile) -> SiteProfile:
    """`profile` with the templates and address forms that `pages`, all of them articles, have in common.

    Raises LearningError when no block of any page can be selected.
    """
    documents = [parse(page.body, page.final_url, page.header("content-type")) for page in pages]
    learned = learn_template([SeedPage(document) for document in documents])
    forms = learn_forms(page.url for page in pages) if len(pages) > 1 else ()
    sources = msgspec.structs.replace(profile.sources, article_url=profile.sources.article_url or forms)
    return msgspec.structs.replace(profile, templates=learned.templates, sources=sources)
