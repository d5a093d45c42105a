"""Pages to read: the corpus at a glance, search, one article, what repeats it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from crawler.corpus.manifest import all_manifests
from crawler.errors import OptionError
from crawler.health.history import latest_verdicts
from crawler.inspection.facts import QUERIES
from crawler.inspection.repeats import find_cluster, side_by_side
from crawler.inspection.search import pattern, snippet
from crawler.viewer.archived import archived_page
from crawler.viewer.finding import Hit, Wanted, phrases_of
from crawler.viewer.guard import ARCHIVED_POLICY
from crawler.viewer.indexing import FACETS
from crawler.viewer.judgements import judgements
from crawler.viewer.rendering import language_of
from crawler.viewer.words import say

if TYPE_CHECKING:
    import re

    from starlette.requests import Request
    from starlette.responses import Response

    from crawler.inspection.search import Snippet
    from crawler.items import Article
    from crawler.viewer.desk import Desk
    from crawler.viewer.rendering import Renderer

N_HITS = 20
MAX_COUNT = 1_000
"""Up to where hits are counted."""
N_CLUSTERS = 50
FILTERS = (*FACETS, "since", "until")
FACTS = (
    "published_at", "modified_at", "authors", "source", "section", "tags", "kicker", "language", "licence", "robots",
    "opt_outs", "extraction", "changes", "nearest_seed", "n_words", "fetched_at", "run_id", "profile_version",
    "extractor_version", "id",
)  # fmt: skip
_OVERVIEW = ("growth", "sites", "languages", "reasons")
"""Those of the report's questions that read no text."""
_TOTALS = ("articles", "words", "duplicates", "rejected")
_CLUSTERS = f"""
SELECT d.kept_id AS id, any_value(d.kept_site) AS site, count(*) AS n, count(DISTINCT d.site) AS n_sites,
  any_value(d.title) AS title, max(d.fetched_at) AS last_at, list(DISTINCT d.relation ORDER BY d.relation) AS relations
FROM duplicates AS d GROUP BY d.kept_id ORDER BY n_sites DESC, n DESC, id LIMIT {N_CLUSTERS}"""  # noqa: S608 - a constant


class Reading:
    """Endpoints; each runs in a thread of its own."""

    def __init__(self, desk: Desk, renderer: Renderer) -> None:
        self._desk = desk
        self._page = renderer.page
        self._overview: tuple[Any, dict[str, Any]] | None = None

    def overview(self, request: Request) -> Response:
        """How much of what there is, how it grows, how the sites do."""
        if not self._desk.is_begun:
            return self._page(request, "empty.html")
        stamp = self._desk.stamp()
        if self._overview is None or self._overview[0] != stamp:
            with self._desk.warehouse() as warehouse:
                rows = {name: warehouse.rows(QUERIES[name].replace("{where}", "")) for name in _OVERVIEW}
            n_runs = len(all_manifests(self._desk.output))
            totals = {name: sum(row[name] for row in rows["sites"]) for name in _TOTALS}
            totals = {"articles": totals.pop("articles"), "sites": len(rows["sites"]), **totals, "runs": n_runs}
            verdicts = {verdict.site: verdict for verdict in latest_verdicts(self._desk.output)}
            self._overview = stamp, {"rows": rows, "totals": totals, "verdicts": verdicts}
        is_empty = not any(self._overview[1]["totals"].values())
        return self._page(request, "empty.html" if is_empty else "overview.html", **self._overview[1])

    def search(self, request: Request) -> Response:
        """Articles that fit, the newest first, each with the places of the phrases."""
        asked = asked_for(request)
        wanted = wanted_of(asked)
        finder = self._desk.finder()
        older_than = _number(request.query_params.get("before"))
        found = finder.find(wanted, N_HITS + 1, older_than=older_than)
        if not found.hits and found.looked_until is None and wanted.phrases and older_than is None:
            wanted = replace(wanted, is_loose=True)
            found = finder.find(wanted, N_HITS + 1)
        places, hits = _patterns(wanted), found.hits
        n_found, is_all = finder.count(wanted, MAX_COUNT)
        return self._page(
            request, "search.html", asked=asked, facets=finder.facets(), n_found=n_found, is_all=is_all,
            hits=[(hit, _snippets(hit, places)) for hit in hits[:N_HITS]], is_loose=wanted.is_loose,
            more=hits[N_HITS - 1].n if len(hits) > N_HITS else found.looked_until, is_first=older_than is None,
            judgements=judgements(self._desk.output), n_indexed=finder.n_articles(), progress=self._desk.progress,
        )  # fmt: skip

    def article(self, request: Request) -> Response:
        """One article beside the page it was read from."""
        article, judged = self.found(request), judgements(self._desk.output)
        asked = asked_for(request)
        newer, older = self._desk.finder().neighbours(wanted_of(asked), article.id)
        with self._desk.store() as store:
            query = "SELECT count(*) FROM records WHERE outcome = 'duplicate' AND article_id = ?"
            n_repeats = store.rows(query, (article.id,))[0][0]
        return self._page(
            request, "article.html", article=article, asked=asked, newer=newer, older=older, n_repeats=n_repeats,
            facts=_facts(article), sources={one.field: one.source for one in article.provenance},
            judgement=judged.get(article.id), paragraphs=article.text.split("\n\n"),
        )  # fmt: skip

    def found(self, request: Request) -> Article:
        """The article that the address names. Raises HTTPException when there is none."""
        with self._desk.reader() as reader:
            article = reader.article(request.path_params["id"])
        if article is None:
            raise HTTPException(404, "no article of this id")
        return article

    def archived(self, request: Request) -> Response:
        """The page of an article, for the frame."""
        article, language = self.found(request), language_of(request)
        names = ("title", "kicker", "lede", "text", "captions", "authors", "source", "section", "tags", "published",
                 "modified", "picture")  # fmt: skip
        labels = {name: say(language, f"field.{name}") for name in names}
        text = self._desk.aside.call(archived_page, self._desk.output, article.pointer, article.site, article, labels)
        return HTMLResponse(text, headers={"content-security-policy": ARCHIVED_POLICY})

    def clusters(self, request: Request) -> Response:
        """Articles that are repeated most."""
        with self._desk.warehouse() as warehouse:
            clusters = warehouse.rows(_CLUSTERS)
            relations = warehouse.rows(QUERIES["relations"].replace("{where}", ""))
        return self._page(request, "clusters.html", clusters=clusters, relations=relations)

    def cluster(self, request: Request) -> Response:
        """An article beside each that repeats it."""
        with self._desk.reader() as reader:
            cluster = find_cluster(reader, request.path_params["id"])
        if cluster is None:
            raise HTTPException(404, "neither an article nor a duplicate has this id")
        place = min(_number(request.query_params.get("with")) or 0, max(len(cluster.repeats) - 1, 0))
        repeat = cluster.repeats[place] if cluster.repeats else None
        kept = cluster.kept
        rows = []
        if repeat is not None:
            other = repeat.article
            rows = side_by_side(kept.title, other.title) + side_by_side(kept.text, other.text)
        return self._page(request, "cluster.html", cluster=cluster, repeat=repeat, place=place, rows=rows)


def asked_for(request: Request) -> dict[str, str]:
    """What the search form said; it goes with the visitor from page to page."""
    return {name: request.query_params.get(name, "").strip()[:500] for name in ("q", *FILTERS)}


def wanted_of(asked: dict[str, str]) -> Wanted:
    """For the finder. Raises OptionError for a day that is none."""
    facets = {name: asked[name] for name in FACETS if asked[name]}
    return Wanted(phrases_of(asked["q"]), facets, _day(asked["since"]), _day(asked["until"]))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise OptionError(f"{text!r} is no day; write it as 2026-03-31") from None


def _number(text: str | None) -> int | None:
    try:
        return int(text) if text and len(text) < 20 else None  # noqa: PLR2004 - digits of 64 bits
    except ValueError:
        return None


def _patterns(wanted: Wanted) -> list[re.Pattern[str]]:
    import re

    pieces = [word for phrase in wanted.phrases for word in (phrase.split() if wanted.is_loose else [phrase])]
    return [re.compile(pattern(piece)) for piece in pieces[:8]]


def _snippets(hit: Hit, places: list[re.Pattern[str]]) -> list[Snippet]:
    row = {"title": hit.title, "text": hit.text}
    return [found for place in places if (found := snippet(row, place)) is not None]


def _facts(article: Article) -> list[tuple[str, Any]]:
    return [(name, value) for name in FACTS if (value := getattr(article, name))]
