"""The policy says who stays."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.dedup.clusters import Member, Policy, Sites, choose_kept

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SITES = Sites({"ttx": "TTXVN", "bao1": "Báo Núi Chè", "bao2": "Báo Sông Lam Hạ"}, preferred=("bao2", "bao1"))


def member(name, site, hours, source=None, n_words=100):
    return Member(name, site, NOON, NOON + timedelta(hours=hours), source, n_words)


@pytest.mark.parametrize(
    ("policy", "kept"),
    [(Policy.EARLIEST, "a"), (Policy.LONGEST, "c"), (Policy.OWN_SITE, "b"), (Policy.ORIGINAL, "d")],
)
def test_each_policy_keeps_its_own(policy, kept):
    members = [
        member("a", "bao3", 0, "Theo TTXVN"),
        member("b", "bao2", 1, "(TTXVN)"),
        member("c", "bao3", 2, "Theo TTXVN", n_words=300),
        member("d", "ttx", 3),
    ]
    assert choose_kept(members, policy, SITES).id == kept
    assert choose_kept(members[::-1], policy, SITES).id == kept


def test_without_the_credited_site_the_one_without_credit_is_the_original():
    members = [member("a", "bao1", 0, "TTXVN"), member("b", "bao2", 1), member("c", "bao1", 2, "Báo Núi Chè")]
    assert choose_kept(members, Policy.ORIGINAL, SITES).id == "b"


def test_a_site_that_credits_itself_is_no_reprint():
    members = [member("a", "bao2", 0, "TTXVN"), member("b", "bao1", 1, "BÁO NÚI CHÈ")]
    assert choose_kept(members, Policy.ORIGINAL, SITES).id == "b"


def test_a_name_is_credited_as_whole_words():
    sites = Sites({"bao1": "Báo Núi", "bao2": "Báo Đồi"})
    members = [member("a", "bao2", 0), member("b", "bao1", 1), member("c", "bao3", 2, "Báo Núiển")]
    assert choose_kept(members, Policy.ORIGINAL, sites).id == "a"


def test_time_of_fetching_stands_in_for_an_unknown_publication_time():
    early = Member("b", "bao1", NOON)
    assert choose_kept([member("a", "bao1", 1), early], Policy.EARLIEST, SITES) is early
