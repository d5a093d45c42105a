"""A wire story that three sites publish, two of them with another paragraph cut: one row stays."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path

import pytest
from labelled import Writer
from newsdesk import commit, duplicates, kept

GOLD = Path(__file__).parents[1] / "newspapers" / "gold.jsonl"
ROWS = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
WIRE = [row for row in ROWS if row["url"] in {other.get("of") for other in ROWS if other["kind"] == "reprint"}]
STORIES = [[source, *(row for row in ROWS if row.get("of") == source["url"] and "body" in row)] for source in WIRE]


def article_of(writer, row):
    article = writer.article([row["lede"], *row["body"]], row["site"], row["title"])
    published_at = datetime.fromisoformat(row["published_at"]).astimezone(UTC)
    return replace(article, source=row["source"], published_at=published_at)


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=lambda order: "".join(map(str, order)))
def test_three_sites_one_row_in_any_order(tmp_path, order):
    (story,) = [story for story in STORIES if len({row["site"] for row in story}) == 3]
    writer = Writer(1)
    articles = [article_of(writer, row) for row in story]
    first, *others = [articles[place] for place in order]
    commit(tmp_path, [first, *others])
    assert list(kept(tmp_path)) == [first.id]
    rows = duplicates(tmp_path)
    assert {(row["id"], row["kept_id"], row["relation"]) for row in rows} == {
        (other.id, first.id, "near_duplicate") for other in others
    }
