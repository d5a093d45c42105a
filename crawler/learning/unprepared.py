"""Learning from a site's own pages, when there is no seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from crawler.discovery.learned_forms import learn_forms
from crawler.extraction.document import parse
from crawler.extraction.template import is_fit
from crawler.learning.gold import SeedPage
from crawler.learning.template import learn_template
from crawler.sites.families import inherit
from crawler.sites.families.detection import SHARE, detect_family

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.extraction.document import Document
    from crawler.items import Page
    from crawler.sites.profile import SiteProfile


def learn_from_pages(pages: Sequence[Page], profile: SiteProfile) -> SiteProfile:
    """`profile` with the templates and address forms that `pages`, all of them articles, have in common.

    Where they belong to a family whose templates read them, the family is named instead, and in `notes` why.
    Raises LearningError when no block of any page can be selected.
    """
    documents = [parse(page.body, page.final_url, page.header("content-type")) for page in pages]
    if related := join_family(documents, profile):
        return related
    learned = learn_template([SeedPage(document) for document in documents])
    forms = learn_forms(page.url for page in pages) if len(pages) > 1 else ()
    sources = msgspec.structs.replace(profile.sources, article_url=profile.sources.article_url or forms)
    return msgspec.structs.replace(profile, templates=learned.templates, sources=sources)


def join_family(documents: Sequence[Document], profile: SiteProfile) -> SiteProfile | None:
    """`profile` in the family that most of `documents` show, if its templates fit as many of them; else None."""
    found = detect_family([(document.url, document.tree) for document in documents])
    if found is None:
        return None
    forms = learn_forms(document.url for document in documents) if len(documents) > 1 else ()
    sources = msgspec.structs.replace(profile.sources, article_url=profile.sources.article_url or forms)
    notes = f"{profile.notes.rstrip()}\nFamily {found.family}, {found.why}.".lstrip()
    related = inherit(msgspec.structs.replace(profile, family=found.family, sources=sources, notes=notes))
    n_read = sum(any(is_fit(document, template) for template in related.templates) for document in documents)
    return related if n_read >= SHARE * len(documents) else None
