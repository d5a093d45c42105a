"""What a profile's quick checks let through works: three hundred profiles are checked without compiling each form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import ProfileError
from crawler.sites.forms import PLACEHOLDERS, check_form, compile_form
from crawler.sites.selectors import check_selector, compile_selector

PIECES = st.sampled_from([f"{{{name}}}" for name in PLACEHOLDERS] + list("/?&=-.()[]*+\\^$|{}é đ:"))
STARTS = st.sampled_from(["/", "http://a.b", "https://"])
SELECTORS = st.text("abH1_-.#: >[]='", min_size=1, max_size=12)


@given(STARTS, st.lists(PIECES, max_size=9))
def test_every_form_that_passes_compiles(start, pieces):
    form = start + "".join(pieces)
    try:
        check_form(form)
    except ProfileError:
        return
    assert compile_form(form).text == form


@given(SELECTORS)
def test_every_selector_that_passes_compiles(selector):
    try:
        check_selector(selector)
    except ProfileError:
        with pytest.raises(ProfileError):
            compile_selector(selector)
    else:
        assert compile_selector(selector).path


@pytest.mark.parametrize("selector", ["h1.", "div..b", "a >", "p:nope(", "1a", "#", ".-", "a > > b"])
def test_a_broken_selector_is_named(selector):
    with pytest.raises(ProfileError, match="selector"):
        check_selector(selector)
