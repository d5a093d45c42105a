"""Which one of the articles that repeat each other stays."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.folding import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime


class Policy(enum.StrEnum):
    """Which member of a cluster is kept; setting DEDUP_POLICY."""

    ORIGINAL = "original_source"
    """The one whose site the others credit, else the one that credits nobody, else the earliest."""
    EARLIEST = "earliest"
    """The one published first."""
    LONGEST = "longest"
    """The one with most words."""
    OWN_SITE = "own_site_first"
    """The one of the site named first in DEDUP_OWN_SITES."""


@dataclass(frozen=True, slots=True)
class Member:
    """What a policy needs to know of an article."""

    id: str
    site: str
    fetched_at: datetime
    """Aware, UTC."""
    published_at: datetime | None = None
    source: str | None = None
    """Whom the article credits for its text."""
    n_words: int = 0


@dataclass(frozen=True, slots=True)
class Sites:
    """What a policy needs to know of the sites."""

    names: Mapping[str, str]
    """Site key to the name by which others credit it."""
    preferred: Sequence[str] = ()
    """Site keys in the order in which OWN_SITE prefers them; those not named come last."""


def choose_kept(members: Collection[Member], policy: Policy, sites: Sites) -> Member:
    """The member that stays: the first of `ranked` (at least one member)."""
    return ranked(members, policy, sites)[0]


def ranked(members: Collection[Member], policy: Policy, sites: Sites) -> list[Member]:
    """Members in the order of preference, the same for any order of `members`.

    Ties go to the earlier, then the longer article, then the lesser id.
    """
    credited = _credited_sites(members, sites) if policy is Policy.ORIGINAL else frozenset()
    rank = {site: place for place, site in enumerate(sites.preferred)}

    def preference(member: Member) -> tuple[int, int]:
        if policy is Policy.ORIGINAL:
            own_name = fold(sites.names.get(member.site, ""))
            is_credit_to_others = bool(member.source) and fold(member.source or "") != own_name
            return int(member.site not in credited), int(is_credit_to_others)
        if policy is Policy.LONGEST:
            return -member.n_words, 0
        return (rank.get(member.site, len(rank)), 0) if policy is Policy.OWN_SITE else (0, 0)

    return sorted(members, key=lambda one: (preference(one), _published(one), -one.n_words, one.id))


def _published(member: Member) -> datetime:
    return member.published_at or member.fetched_at


def _credited_sites(members: Collection[Member], sites: Sites) -> frozenset[str]:
    """Sites among the members that another member credits by name, as whole words."""
    credits_given = [(member.site, f" {fold(member.source)} ") for member in members if member.source]
    names = {member.site: fold(sites.names.get(member.site, "")) for member in members}
    return frozenset(
        site
        for site, name in names.items()
        if name and any(giver != site and f" {name} " in credit for giver, credit in credits_given)
    )
