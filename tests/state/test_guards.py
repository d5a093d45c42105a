from __future__ import annotations

import pytest

from crawler.discovery.traps import TrapGuard
from crawler.sites.profile import SiteProfile
from crawler.state.guards import GuardState
from crawler.state.locks import SiteLock
from crawler.state.store import Store

PAGE = "https://bao.example/tin-tuc?page={}"


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path) as opened, SiteLock(opened, "a", "r"):
        yield opened


def guard_of(state):
    return TrapGuard(SiteProfile(key="a", hosts=("bao.example",)), state.load())


def test_a_run_that_goes_on_does_not_walk_into_the_same_trap_again(store):
    state = GuardState(store, "a", "r")
    traps = guard_of(state)
    for number in range(2, 16):
        traps.learned(PAGE.format(number), 0, "listing")
    assert traps.allows(PAGE.format(20), "listing")
    state.learned = traps.state
    state.keep(is_over=False)
    assert guard_of(GuardState(store, "a", "next")).allows(PAGE.format(20), "listing")
    state.keep(is_over=True)
    assert guard_of(GuardState(store, "a", "new")).allows(PAGE.format(20), "listing") is None


@pytest.mark.parametrize("text", ["", "[]", "{", '{"spent": 3}'])
def test_a_damaged_state_is_as_none(store, text):
    with store.transaction() as connection:
        connection.execute("INSERT INTO guards VALUES ('a', 'r', ?)", (text,))
    assert guard_of(GuardState(store, "a", "r")).allows(PAGE.format(1), "listing") is None
