"""Which articles join the corpus and which repeat one of it, decided inside the transaction that commits them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from sqlite3 import Connection
from typing import TYPE_CHECKING, Any, Protocol

from crawler.corpus.decided import Decided, Successor
from crawler.corpus.keeping import is_same_version, keep
from crawler.corpus.outcomes import UNCHANGED
from crawler.corpus.rows import (
    DuplicateArticle,
    article_row,
    duplicate_of,
    duplicate_row,
    plain_row,
    rejected_of,
)
from crawler.corpus.schema import Dataset
from crawler.dedup.paragraphs import MAX_SHARE
from crawler.errors import CorpusError
from crawler.items import Reason
from crawler.state.forgotten import Forgotten
from crawler.state.instants import opt_moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crawler.corpus.outcomes import Outcome
    from crawler.corpus.rows import RejectedPage
    from crawler.items import Article

SAME_PAGE = "same_page"
"""Relation of an article that another address of the same page brought, unchanged."""
REVISION = "revision"
"""Relation of an article's text to a newer one that was read from the same page."""


class Repeat(Protocol):
    """An article of the corpus that another one repeats."""

    @property
    def article_id(self) -> str:
        """Id of the kept article."""

    @property
    def relation(self) -> str:
        """Stable code."""

    @property
    def likeness(self) -> float:
        """0 to 1."""


class Index(Protocol):
    """What the commit asks; its tables lie in the state file and change only inside the commit's transaction."""

    def find(self, article: Article, /) -> Repeat | None:
        """The kept article that `article` repeats, or None."""

    def add(self, article: Article, /) -> None:
        """Remember a kept article."""

    def repeated_share(self, article: Article, /) -> float:
        """Share of the article's words that stand in paragraphs its site repeats, 0 to 1."""

    def remove_site(self, site: str, /) -> Any:
        """Forget all kept articles of a site."""


MakeIndex = Callable[[Connection], Index]


class Decider:
    """Decides batches inside one open transaction."""

    def __init__(self, connection: Connection, index: Index, site: str, run_id: str) -> None:
        self._connection = connection
        self._index = index
        self._site = site
        self._run_id = run_id
        self._forgotten = Forgotten(connection, site)
        self._seqs: dict[str, int] = {}
        """Records of the articles that this batch kept so far."""

    def decide(self, outcomes: Iterable[Outcome], paths: Mapping[Dataset, str]) -> Decided:
        """Decide `outcomes` in the order of their records and note them there; rows are for the files at `paths`.

        Records that have an outcome already are passed over: nothing is written twice. Raises CorpusError for a
        record that the state does not know.
        """
        batch = sorted(outcomes, key=lambda outcome: outcome.seq)
        still_open = self._still_open([outcome.seq for outcome in batch])
        decided = Decided()
        for outcome in batch:
            if outcome.seq in still_open:
                self._decide(outcome, paths, decided)
        self._connection.executemany(
            "UPDATE records SET outcome = ?, reason = ?, part = ?, article_id = ?, outcome_run_id = ? WHERE seq = ?",
            decided.notes,
        )
        return decided

    def _still_open(self, seqs: Sequence[int]) -> set[int]:
        rows = self._connection.execute(
            "SELECT seq, outcome IS NULL FROM records WHERE site = ? AND seq IN (SELECT value FROM json_each(?))",
            (self._site, json.dumps(seqs)),
        ).fetchall()
        unknown = set(seqs) - {seq for seq, _ in rows}
        if unknown:
            raise CorpusError(f"{self._site}: record {min(unknown)} is not in the state; append it before its outcome")
        return {seq for seq, is_open in rows if is_open}

    def _decide(self, outcome: Outcome, paths: Mapping[Dataset, str], decided: Decided) -> None:
        if outcome.article is not None:
            self._decide_article(outcome.seq, outcome.article, paths, decided)
        elif outcome.rejected is not None:
            rejected = outcome.rejected
            if self._forgotten.is_url(rejected.url):
                rejected = dataclasses.replace(rejected, reason=Reason.FORGOTTEN.value, detail="", title=None)
            self._reject(outcome.seq, rejected, paths, decided)
        else:
            decided.note("not_an_article", self._run_id, outcome.seq)

    def _decide_article(self, seq: int, article: Article, paths: Mapping[Dataset, str], decided: Decided) -> None:
        if self._forgotten.holds(article):
            rejected = rejected_of(article, Reason.FORGOTTEN, "", self._site, self._run_id)
            self._reject(seq, dataclasses.replace(rejected, title=None), paths, decided)
            return
        earlier = self._kept(article.id)
        share = 0.0 if earlier else self._index.repeated_share(article)
        if share >= MAX_SHARE:  # asked first: what is left without its box stands in every article with the box
            detail = f"{share:.2f} of its words stand in paragraphs that the site repeats"
            rejected = rejected_of(article, Reason.BOILERPLATE, detail, self._site, self._run_id)
            self._reject(seq, rejected, paths, decided)
        elif earlier is not None and self._is_unchanged(article, earlier):
            decided.note("not_an_article", self._run_id, seq, UNCHANGED)
        elif earlier is not None and self._is_newer(seq, article, earlier):
            self._supersede(seq, article, earlier, paths=paths, decided=decided)
        elif (duplicate := self._duplicate(article, earlier)) is not None:
            decided.rows[Dataset.DUPLICATES].append(duplicate_row(duplicate))
            what = (duplicate.relation, paths[Dataset.DUPLICATES], duplicate.kept_id)
            decided.note("duplicate", self._run_id, seq, *what)
        else:
            self._keep(seq, article, paths[Dataset.ARTICLES], decided)

    def _reject(self, seq: int, rejected: RejectedPage, paths: Mapping[Dataset, str], decided: Decided) -> None:
        decided.rows[Dataset.REJECTED].append(plain_row(rejected))
        decided.note("rejected", self._run_id, seq, rejected.reason, paths[Dataset.REJECTED])

    def _is_newer(self, seq: int, article: Article, earlier: Any) -> bool:
        """Whether `article` is a later text of the very page whose text is kept."""
        is_other = not is_same_version(article, earlier[2], earlier[5])
        return self._is_same_page(article, earlier) and is_other and seq > self._kept_seq(article.id)

    def _is_unchanged(self, article: Article, earlier: Any) -> bool:
        return self._is_same_page(article, earlier) and is_same_version(article, earlier[2], earlier[5])

    def _is_same_page(self, article: Article, earlier: Any) -> bool:
        return bool(earlier[:2] == (self._site, article.url))

    def _kept_seq(self, article_id: str) -> int:
        if article_id not in self._seqs:
            query = "SELECT seq FROM records WHERE article_id = ? AND outcome = 'kept'"
            (self._seqs[article_id],) = self._connection.execute(query, (article_id,)).fetchone()
        return self._seqs[article_id]

    def _supersede(
        self, seq: int, article: Article, earlier: Any, *, paths: Mapping[Dataset, str], decided: Decided
    ) -> None:
        """Keep `article` in the place of the text before it, which moves to `duplicates/`."""
        found = self._index.find(article)
        likeness = found.likeness if found is not None and found.article_id == article.id else None
        successor = Successor(article.id, article.url, self._site, REVISION, likeness, article.published_at)
        part, here = earlier[4], decided.rows[Dataset.ARTICLES]
        old_row = (
            next((row for row in here if row["id"] == article.id), None) if part == paths[Dataset.ARTICLES] else None
        )
        if old_row is None:
            decided.superseded.setdefault(part, {})[article.id] = successor
        else:
            here.remove(old_row)
            decided.rows[Dataset.DUPLICATES].append(successor.duplicate(old_row))
            decided.outcomes["kept"] -= 1
        old_seq = self._kept_seq(article.id)
        decided.note("duplicate", self._run_id, old_seq, REVISION, paths[Dataset.DUPLICATES], article.id)
        self._connection.execute("DELETE FROM kept WHERE id = ?", (article.id,))
        self._keep(seq, article, paths[Dataset.ARTICLES], decided)

    def _keep(self, seq: int, article: Article, path: str, decided: Decided) -> None:
        self._seqs[article.id] = seq
        self._index.add(article)
        keep(self._connection, article, self._site, path)
        decided.rows[Dataset.ARTICLES].append(article_row(article))
        decided.note("kept", self._run_id, seq, None, path, article.id)

    def _duplicate(self, article: Article, earlier: Any) -> DuplicateArticle | None:
        if earlier is not None and earlier[2] == article.content_hash:
            return self._row(article, article.id, SAME_PAGE, 1.0)
        found = self._index.find(article)
        if earlier is not None:
            likeness = found.likeness if found is not None and found.article_id == article.id else None
            return self._row(article, article.id, REVISION, likeness)
        return None if found is None else self._row(article, found.article_id, str(found.relation), found.likeness)

    def _kept(self, article_id: str) -> Any:
        return self._connection.execute(
            "SELECT site, url, content_hash, published_at, part, version FROM kept WHERE id = ?", (article_id,)
        ).fetchone()

    def _row(self, article: Article, kept_id: str, relation: str, likeness: float | None) -> DuplicateArticle:
        kept = self._kept(kept_id)
        if kept is None:
            raise CorpusError(
                f"{self._site}: the index knows article {kept_id}, the corpus does not; rebuild the state"
            )
        return duplicate_of(
            dataclasses.replace(article, site=self._site, run_id=self._run_id),
            kept_id=kept_id,
            kept_url=kept[1],
            kept_site=kept[0],
            relation=relation,
            likeness=likeness,
            kept_published_at=opt_moment(kept[3]),
        )
