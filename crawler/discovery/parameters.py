"""Query parameters that say how a page is shown or who came to it, never which page it is."""

from __future__ import annotations

import re

TRACKING = re.compile(
    r"(?:utm_.*|hsa_.*|_hs\w+|mc_[ce]id|fb_(?:action_ids|action_types|ref|source)|fbclid|igshid|igsh|"
    r"gclid|gclsrc|gbraid|wbraid|dclid|gad_\w+|_ga|_gl|_gac|msclkid|yclid|ysclid|twclid|ttclid|zarsrc|gidzl|zalo_src|"
    r"at_(?:medium|campaign|custom\d)|cmpid|icid|ocid|ncid|vero_id|wt_mc|mkt_tok|_openstat|oly_\w+_id|"
    r"__tn__|__cft__.*|__twitter_impression|__?_cf_chl_\w+|ref_src|ref_url|share(?:d|_from)?|doing_wp_cron)",
    re.IGNORECASE,
)
"""Names that advertising, mail and social networks add."""
SESSION = re.compile(
    r"(?:jsessionid|phpsessid|aspsessionid\w*|asp\.net_sessionid|sessionid|session_id|sessid|cfid|cftoken|zenid|oscsid)",
    re.IGNORECASE,
)
"""Names that carry nothing but a session."""
SHORT_SESSION = re.compile(r"(?:sid|s|session|token)", re.IGNORECASE)
"""Names that carry a session when their value is a long hash, and an identity when it is short."""
LONG_HASH = re.compile(r"(?=[0-9a-z]*[a-z])(?=[0-9a-z]*\d)[0-9a-z]{20,128}", re.IGNORECASE)
RETURN = re.compile(
    r"(?:\w*_)?(?:redirect|returnurl|return_url|backurl|back_url|p_p_auth|referer|referrer)", re.IGNORECASE
)
"""Names of the way back; Liferay portals hang them on every article."""
FONT = re.compile(r"(?:font|font_?size|textsize|text_size|co_chu|cochu|contrast|tuongphan)", re.IGNORECASE)
PRINT_FLAG = re.compile(r"(?:print|printable|inan|ban-?in|isprint|forprint|print_?view|printmode)", re.IGNORECASE)
MOBILE_FLAG = re.compile(r"(?:amp|mobile|ismobile|is_mobile|noamp|outputtype)", re.IGNORECASE)
VIEW = re.compile(r"(?:view|mode|output|layout|display|format|tmpl|device|theme)", re.IGNORECASE)
VIEW_VALUE = re.compile(r"(?:print|printable|print_?view|amp|mobile|desktop|component)", re.IGNORECASE)
ACTION = re.compile(r"(?:type|action|style|version|do|task|op)", re.IGNORECASE)
PRINT_VALUE = re.compile(r"(?:print|printable|print_?view|in_?bai|in)", re.IGNORECASE)
_FLAG_VALUE = re.compile(r"(?:1|true|yes|on|y|amp|print)?", re.IGNORECASE)
_WORD = re.compile(r"[a-z_.-]{1,40}", re.IGNORECASE)
_DIGITS = re.compile(r"\d{0,20}")


def is_noise(name: str, value: str) -> bool:
    """Whether `name`=`value` can be left out without asking for another article."""
    return _is_visitor(name, value) or _is_view(name, value)


def _is_visitor(name: str, value: str) -> bool:
    if TRACKING.fullmatch(name) or SESSION.fullmatch(name):
        return True
    if SHORT_SESSION.fullmatch(name):
        return LONG_HASH.fullmatch(value) is not None
    if RETURN.fullmatch(name):
        return not value.isdigit()
    if name.lower() == "ref":
        return _WORD.fullmatch(value) is not None
    return name == "_" and _DIGITS.fullmatch(value) is not None


def _is_view(name: str, value: str) -> bool:
    if FONT.fullmatch(name):
        return True
    if PRINT_FLAG.fullmatch(name) or MOBILE_FLAG.fullmatch(name):
        return _FLAG_VALUE.fullmatch(value) is not None
    if ACTION.fullmatch(name):
        return PRINT_VALUE.fullmatch(value) is not None
    return VIEW.fullmatch(name) is not None and VIEW_VALUE.fullmatch(value) is not None
