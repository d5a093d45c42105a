"""What stands behind `scrapy learn`: addresses, files of text, and the site they belong to."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from crawler.discovery.urls import is_on_site
from crawler.errors import CollectorError, LearningError, OptionError, ProfileError
from crawler.learning.seed_text import MAX_CHARS
from crawler.learning.site import Example
from crawler.sites.folders import PROFILE_FILE
from crawler.sites.profile import load_profile
from crawler.sites.unprepared import profile_for_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.sites.profile import SiteProfile

_TEXT_FILES = (".txt", ".text", ".md")
_KEY = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
_HOST = re.compile(r"(?<![\w@.])(?:[a-z0-9-]+\.)+(?:vn|com|net|org|info|example)\b")
_BOM = "\ufeff"


def read_examples(args: Sequence[str], seeds: Sequence[str]) -> list[Example]:
    """Examples of the words on the command line, addresses or files of text, and of the files named by `--seed`.

    Raises OptionError for a word that is neither, or where addresses and texts do not pair; LearningError for a file
    that cannot be read.
    """
    urls = [_checked(arg) for arg in args if not _is_file(arg)]
    names = [*seeds, *(arg for arg in args if _is_file(arg))]
    if urls and names and len(urls) != len(names):
        raise OptionError(f"{len(urls)} addresses and {len(names)} texts: give one text per address")
    texts = [(name, read_text(Path(name))) for name in names]
    pairs = itertools.zip_longest(urls, texts, fillvalue=None)
    return [Example(url, text[1] if text else None, text[0] if text else "") for url, text in pairs]


def _is_file(arg: str) -> bool:
    return "://" not in arg and (Path(arg).exists() or arg.lower().endswith(_TEXT_FILES))


def _checked(arg: str) -> str:
    """`arg` with its scheme: `paper.example/a.html` is an address over https."""
    if "://" not in arg and "." not in arg.partition("/")[0]:
        raise OptionError(f"{arg}: neither an address (https://…) nor a file; for a known site: {arg} --relearn")
    profile_for_url(arg)
    return arg if "://" in arg else f"https://{arg}"


def read_text(path: Path) -> str:
    """A seed's text. Raises LearningError naming the file that cannot be read as UTF-8."""
    try:
        with path.open("rb") as file:
            data = file.read(4 * MAX_CHARS + 1)
    except OSError as error:
        raise LearningError(f"{path}: {error.strerror}; give the file that holds the article's text") from None
    if len(data) > 4 * MAX_CHARS:
        raise LearningError(
            f"{path}: more than {4 * MAX_CHARS:,} bytes; one article has at most {MAX_CHARS:,} characters"
        )
    try:
        return data.decode().removeprefix(_BOM)
    except UnicodeDecodeError as error:
        raise LearningError(f"{path}: is no UTF-8 text (byte {error.start}); save it as UTF-8") from None


def choose_site(seeds_dir: Path, examples: Sequence[Example], home: str, key: str) -> tuple[Path, SiteProfile]:
    """Folder and profile of the examples' site: the one called `key`, a known one on their host, or a new one.

    Raises OptionError for a key that is no folder name, or for addresses of two sites; LearningError where nothing
    names the site.
    """
    if key and not _KEY.fullmatch(key):
        raise OptionError(f"--site {key}: letters a-z, digits, . _ - only; it names a folder")
    folder = seeds_dir / key if key else None
    if folder is None or not (folder / PROFILE_FILE).is_file():
        address = (
            (home and _checked(home)) or next((one.url for one in examples if one.url), None) or _host_of(examples[0])
        )
        fresh = profile_for_url(address)
        folder = folder or _known_folder(seeds_dir, fresh.home_url) or seeds_dir / fresh.key
    is_known = (folder / PROFILE_FILE).is_file()
    profile = load_profile(folder) if is_known else msgspec.structs.replace(fresh, key=folder.name)
    for one in examples:
        if one.url and not is_on_site(one.url, profile):
            raise OptionError(f"{one.url}: is not on {', '.join(profile.hosts)}; learn each site by itself")
    return folder, profile


def known_site(seeds_dir: Path, names: Sequence[str]) -> tuple[Path, SiteProfile]:
    """Folder and profile of the one site in `names`. Raises ProfileError where it is none, or not one."""
    if len(names) != 1:
        raise ProfileError(f"--relearn needs the key of one site; {len(names)} were given")
    if not (seeds_dir / names[0] / PROFILE_FILE).is_file():
        raise ProfileError(f"{names[0]}: no known site in {seeds_dir}; `scrapy list` shows those there are")
    return seeds_dir / names[0], load_profile(seeds_dir / names[0])


def _known_folder(seeds_dir: Path, url: str) -> Path | None:
    """The folder of the site in `seeds_dir` that `url` is on, if any; broken profiles are passed over."""
    for path in sorted(seeds_dir.glob(f"*/{PROFILE_FILE}")):
        try:
            if is_on_site(url, load_profile(path.parent)):
                return path.parent
        except CollectorError:
            continue
    return None


def _host_of(example: Example) -> str:
    """The host that a seed's text names. Raises LearningError when it names none."""
    found = _HOST.findall((example.text or "").lower())
    if not found:
        raise LearningError(f"{example.name}: names no site; say which: --home https://paper.example/, or give the URL")
    return str(found[-1])
