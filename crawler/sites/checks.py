"""What a person can write wrong in a profile.toml, said so that it can be mended."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec

from crawler.errors import ProfileError
from crawler.sites.forms import check_form
from crawler.sites.selectors import check_selector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.sites.profile import SiteProfile, Template

_UNKNOWN = re.compile(r"unknown field `(.*?)`")
_MISSING = re.compile(r"missing required field `(.*?)`")
_EXPECTED = re.compile(r"Expected `(.*?)`, got `(.*?)`")
_PLACE = re.compile(r" - at `\$\.?(.*?)`$")
_HOST = re.compile(r"[\w.-]+(?::\d{1,5})?|\[[0-9a-f:.]+\](?::\d{1,5})?", re.IGNORECASE)
_WORDS = {
    "array": 'a list, such as ["one", "two"]',
    "str": 'text in quotes, such as "one"',
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "object": "a table",
    "date": "a date without quotes, such as 2021-06-01",
}
_NO_SELECTORS = frozenset({"valid_from", "valid_until", "drop_lines", "drop_blocks", "keep_blocks"})


def describe(error: Exception, struct: type[msgspec.Struct]) -> str:
    """What msgspec says against a TOML file that should be a `struct`, in the words of somebody who writes one."""
    message = str(error)
    if not isinstance(error, msgspec.ValidationError):
        return f"cannot be read as TOML: {message}"
    found = _PLACE.search(message)
    place = found[1] if found else ""
    if unknown := _UNKNOWN.search(message):
        return f"unknown key {unknown[1]!r}{_in(place)}; {_allowed(unknown[1], _struct_at(struct, place))}"
    if missing := _MISSING.search(message):
        return f'{missing[1]!r} is missing{_in(place)}; write {missing[1]} = ["host.name"]'
    if expected := _EXPECTED.search(message):
        wanted = " or ".join(_WORDS.get(word, word) for word in expected[1].split(" | ") if word != "null")
        return f"{place or 'the file'}: must be {wanted}"
    return f"{place}: {message}"


def _in(place: str) -> str:
    return f" in [{place}]" if place else ""


def _allowed(name: str, struct: type[msgspec.Struct]) -> str:
    known = [field.encode_name for field in msgspec.structs.fields(struct) if field.name != "key"]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"{f'did you mean {near[0]!r}? ' if near else ''}allowed: {', '.join(known)}"


def _struct_at(struct: type[msgspec.Struct], place: str) -> type[msgspec.Struct]:
    """The type of the table at a path such as `templates[0]`."""
    for name in filter(None, re.sub(r"\[.*?\]", "", place).split(".")):
        kind: Any = next(field.type for field in msgspec.structs.fields(struct) if field.name == name)
        arguments = getattr(kind, "__args__", ())
        struct = arguments[0] if arguments else kind
    return struct


def problems(profile: SiteProfile) -> Iterator[str]:
    """What cannot work in a profile that is well-formed, one line each, naming the key."""
    yield from _host_problems(profile)
    yield from _crawl_problems(profile)
    yield from _schedule_problems(profile)
    sources = profile.sources
    addresses = {"home": (profile.home,) if profile.home else ()}
    addresses |= {f"sources.{name}": getattr(sources, name) for name in ("feeds", "sitemaps", "sections")}
    for name, urls in addresses.items():
        yield from (f"{name}: {url!r} is no http or https address" for url in urls if not _is_address(url))
    for name in ("article_url", "listing_url", "ignore_url"):
        yield from _complaints(f"sources.{name}", getattr(sources, name), check_form)
    for number, template in enumerate(profile.templates):
        yield from _template_problems(f"templates[{number}]", template)


def _host_problems(profile: SiteProfile) -> Iterator[str]:
    if not profile.hosts:
        yield 'hosts: empty; write hosts = ["host.name"]'
    for host in profile.hosts:
        if not _HOST.fullmatch(host):
            yield f"hosts: {host!r} is no host name; write it without https:// and without a path"


def _crawl_problems(profile: SiteProfile) -> Iterator[str]:
    crawl = profile.crawl
    if crawl.delay is not None and not 0 <= crawl.delay < float("inf"):
        yield f"crawl.delay: {crawl.delay} is no number of seconds from 0 on"
    if not crawl.verify_tls and not profile.notes.strip():
        yield 'crawl.verify_tls: false needs its reason in notes; write notes = "why it cannot be verified"'
    yield from _complaints("crawl.browser", crawl.browser, check_form)
    if crawl.max_pages < 0:
        yield f"crawl.max_pages: {crawl.max_pages} is below 0; 0 means no limit"
    try:
        ZoneInfo(profile.time_zone)
    except (OSError, ValueError, KeyError):
        yield f"time_zone: {profile.time_zone!r} is no known zone, such as Asia/Ho_Chi_Minh"


def _schedule_problems(profile: SiteProfile) -> Iterator[str]:
    if profile.schedule:
        from crawler.sites.schedules import parse_schedule  # whose reader of cron lines few profiles need

        try:
            parse_schedule(profile.schedule)
        except ValueError as error:
            yield f"schedule: {error}"


def _is_address(url: str) -> bool:
    return url.startswith(("http://", "https://"))


def _template_problems(place: str, template: Template) -> Iterator[str]:
    for name in template.__struct_fields__:
        if name not in _NO_SELECTORS:
            yield from _complaints(f"{place}.{name}", getattr(template, name), check_selector)


def _complaints(place: str, texts: tuple[str, ...], check: Any) -> Iterator[str]:
    for text in texts:
        try:
            check(text)
        except ProfileError as error:
            yield f"{place}: {error}"
