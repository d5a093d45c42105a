"""Metadata of saved pages against their gold: ours beside trafilatura, newspaper4k and news-please where installed.

    python benchmarks/metadata.py [FOLDER] [--sets vi,vi_sites] [--misses FIELD]

FOLDER holds page sets: `<set>/gold.jsonl` and `<set>/pages/<id>.html.gz`. A field counts where the gold has it:
title and lede by folded equality, date to the minute (and to the day), authors as sets of folded names, where the
gold's author stands on the page at all (in part of the semi-synthetic pages it does not). "ours, 1 seed" has learned
the site from its first page (its second, for the first); sites of one page and the set `meta` have no such line.
"""

from __future__ import annotations

import argparse
import gzip
import html
import importlib.util
import json
import re
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from trafilatura import extract_metadata

from crawler.errors import LearningError
from crawler.extraction.article import extract
from crawler.extraction.document import parse
from crawler.folding import fold
from crawler.items import Article, Page, Pointer
from crawler.learning.gold import GoldFields, SeedPage
from crawler.learning.template import learn_template
from crawler.sites.profile import SiteProfile, Template

Reader = Callable[[bytes, dict[str, Any]], dict[str, Any]]

SETS = ("vi", "vi_sites", "vi_families", "meta")
FIELDS = ("title", "date", "day", "lede", "authors")
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
PAPERS = re.compile(
    r"\([^)]*\)|/.*$|\b(?:Theo|Nguồn)\b.*$"
    r"|(?:Phóng viên|PV TTXVN).*(?:tại|trú).*$|tổng hợp$|^[^:]{2,14}:|- Ảnh:.*$|^TTXVN$|^(?:CTV|PV)\s+(?=\w)"
)
NAME_BREAKS = re.compile(r"\s*[;,/&+]\s*|\s+[-–]\s+|\s+và\s+")


def main() -> None:
    """Print the share of right fields per set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("../shared/pages"))
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--misses", default="", help="print what we read wrong of this field")
    arguments = parser.parse_args()
    print(f"{'set':12} {'who':12} " + " ".join(f"{field:>12}" for field in FIELDS) + "   ms/page")
    for name in arguments.sets.split(","):
        measure(arguments.folder / name, arguments.misses)


def measure(folder: Path, misses: str) -> None:
    """Print both readers' lines for one set."""
    rows = [json.loads(line) for line in (folder / "gold.jsonl").read_text("utf-8").splitlines()]
    pages = {row["id"]: gzip.decompress((folder / "pages" / f"{row['id']}.html.gz").read_bytes()) for row in rows}
    for who, reader in (READERS | seeded(rows, pages) if folder.name != "meta" else READERS).items():
        right: Counter[str] = Counter()
        asked: Counter[str] = Counter()
        spent = 0.0
        for row in rows:
            body = pages[row["id"]]
            start = time.process_time()
            found = reader(body, row)
            spent += time.process_time() - start
            page = " ".join(html.unescape(body.decode("utf-8", "replace")).split())
            for field, verdict in judge(row, found, page).items():
                asked[field] += 1
                right[field] += verdict
                if field == misses and who.startswith("ours") and not verdict:
                    show(row, found, field)
        shares = (f"{right[f] / asked[f]:.3f} ({asked[f]})" if asked[f] else "-" for f in FIELDS)
        line = " ".join(f"{share:>12}" for share in shares)
        print(f"{folder.name:12} {who:12} {line}   {spent / len(rows) * 1e3:.0f}")


def seeded(rows: list[dict[str, Any]], pages: dict[str, bytes]) -> dict[str, Reader]:
    """Our reader with templates, each learned from one other page of the site and its gold."""
    sites: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        sites.setdefault(row["site"], []).append(row)
    learned = {site: [learn(row, pages[row["id"]]) for row in own[:2]] for site, own in sites.items() if len(own) > 1}

    def read(body: bytes, row: dict[str, Any]) -> dict[str, Any]:
        is_first = row is sites[row["site"]][0]
        return ours(body, row, learned[row["site"]][is_first] if row["site"] in learned else ())

    return {"ours, 1 seed": read}


def learn(row: dict[str, Any], body: bytes) -> tuple[Template, ...]:
    """Templates that one page and its gold teach; none where it cannot be learned from."""
    sapo, author = row.get("sapo") or None, row.get("author") or None
    lines = [line.strip() for line in row["text"].splitlines() if line.strip()]
    at = row["date"] if len(row["date"]) > len("2020-01-01") else None
    gold = GoldFields(
        title=row["title"],
        lede=sapo,
        author=author,
        published_at=at,
        body=tuple(line for line in lines if line != sapo),
    )
    try:
        return learn_template([SeedPage(parse(body, _url(row)), gold)]).templates
    except LearningError:
        return ()


def ours(body: bytes, row: dict[str, Any], templates: tuple[Template, ...] = ()) -> dict[str, Any]:
    """What this package reads."""
    language = row.get("lang") or "vi"
    profile = SiteProfile(
        hosts=(row["site"],),
        languages=(language,),
        time_zone=str(HANOI) if language == "vi" else "UTC",
        templates=templates,
    )
    article = extract(_page(body, row), profile)
    if not isinstance(article, Article):
        return {"reject": f"{article.reason.value} {article.detail}"}
    return {
        "title": article.title, "lede": article.lede, "at": article.published_at, "authors": article.authors,
        "raw": article.published_raw, "from": {source.field: source.source for source in article.provenance},
    }  # fmt: skip


def theirs(body: bytes, row: dict[str, Any]) -> dict[str, Any]:
    """What trafilatura reads: a day, and authors in one string."""
    found = extract_metadata(body, default_url=row.get("url"))
    if found is None:
        return {}
    zone = HANOI if row.get("lang") == "vi" else UTC
    at = datetime.fromisoformat(found.date).replace(tzinfo=zone) if found.date else None
    return {
        "title": found.title,
        "lede": found.description,
        "at": at,
        "authors": tuple((found.author or "").split("; ")),
    }


def newspaper4k(body: bytes, row: dict[str, Any]) -> dict[str, Any]:
    """What newspaper4k reads, given the page's language."""
    import newspaper

    try:
        found = newspaper.Article(_url(row), language=(row.get("lang") or "vi")[:2], fetch_images=False)
        found.download(input_html=body.decode("utf-8", "replace"))
        found.parse()
    except Exception:  # noqa: BLE001 - what it raises on a page is its result for that page
        return {}
    return _found(found.title, found.meta_description, found.publish_date, found.authors, row)


def newsplease(body: bytes, row: dict[str, Any]) -> dict[str, Any]:
    """What news-please reads."""
    from newsplease import NewsPlease

    try:
        found = NewsPlease.from_html(body.decode("utf-8", "replace"), url=_url(row), fetch_images=False)
    except Exception:  # noqa: BLE001 - what it raises on a page is its result for that page
        return {}
    return _found(found.title, found.description, found.date_publish, found.authors, row)


def _found(title: Any, lede: Any, at: Any, authors: Any, row: dict[str, Any]) -> dict[str, Any]:
    zone = HANOI if row.get("lang") == "vi" else UTC
    at = at.replace(tzinfo=zone) if isinstance(at, datetime) and at.tzinfo is None else at
    return {"title": title, "lede": lede, "at": at if isinstance(at, datetime) else None, "authors": authors or ()}


READERS: dict[str, Reader] = {"ours": ours, "trafilatura": theirs} | {
    name: reader
    for name, reader in (("newspaper", newspaper4k), ("newsplease", newsplease))
    if importlib.util.find_spec(name)
}


def _url(row: dict[str, Any]) -> str:
    return row.get("url") or f"https://{row['site']}/{row['id']}"


def _page(body: bytes, row: dict[str, Any]) -> Page:
    crawled = row.get("crawl")
    at = datetime.fromisoformat(crawled).replace(tzinfo=UTC) if crawled else datetime(2026, 11, 22, tzinfo=UTC)
    url = _url(row)
    return Page(url, url, 200, (("content-type", "text/html"),), body, at, row["site"], "seed", Pointer("", 0, 0))


def people(gold: str, language: str) -> set[str]:
    """Names in a gold author; Vietnamese golds hold the credit line as it stood, with papers, labels and roles."""
    return names([PAPERS.sub("", gold)]) if language == "vi" else names([gold])


def judge(row: dict[str, Any], found: dict[str, Any], page: str) -> dict[str, bool]:
    """Verdict per field that the gold has."""
    verdicts = {"title": fold(found.get("title") or "") == fold(row["title"])}
    verdicts |= judge_date(row, found)
    if row.get("sapo"):
        verdicts["lede"] = fold(found.get("lede") or "") == fold(row["sapo"])
    if row.get("author") and row["author"] in page:
        verdicts["authors"] = names(found.get("authors") or ()) == people(row["author"], row.get("lang") or "vi")
    return verdicts


def judge_date(row: dict[str, Any], found: dict[str, Any]) -> dict[str, bool]:
    """Date to the minute where the gold has a time of day, and to the day."""
    zone = HANOI if row.get("lang") == "vi" else UTC
    gold = datetime.fromisoformat(row["date"])
    gold, has_time = (gold if gold.tzinfo else gold.replace(tzinfo=zone)), len(row["date"]) > len("2020-01-01")
    at = found.get("at")
    local = gold.tzinfo
    verdicts = {"day": at is not None and at.astimezone(local).date() == gold.date()}
    if has_time:
        verdicts["date"] = at is not None and abs(at - gold) < timedelta(minutes=1)
    return verdicts


def names(values: Any) -> set[str]:
    """Folded names in `values`."""
    parts = (part for value in values for part in NAME_BREAKS.split(value))
    return {fold(part) for part in parts} - {""}


def show(row: dict[str, Any], found: dict[str, Any], field: str) -> None:
    """One wrong reading, beside the gold's."""
    gold = {"lede": row.get("sapo"), "authors": row.get("author"), "day": row["date"]}.get(field, row.get(field))
    key = {"date": "at", "day": "at"}.get(field, field)
    origin = found.get("from", {}).get({"at": "published_at"}.get(key, key))
    why = found.get("reject") or origin
    print(f"   {row['id']}: {found.get(key)!s:.110} | gold {gold!s:.110} | {why} | {found.get('raw')!s:.60}")


if __name__ == "__main__":
    main()
