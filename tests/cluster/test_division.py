"""Addresses of a site in parts: a section keeps together, each part has its own, what it finds of others goes there."""

import sqlite3
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from crawler.cluster.division import OTHER_PART, Part, hand_over, part_of, triggers
from crawler.state.frontier import Frontier
from crawler.state.store import Store
from crawler.state.urls import NewUrl

HOME = "https://paper.example"


def owner(url, n_parts):

    with sqlite3.connect(":memory:") as connection:
        return connection.execute(f"SELECT {part_of('?1', n_parts)}", (url,)).fetchone()[0]


@given(st.text(max_size=60), st.integers(1, 9))
def test_every_address_belongs_to_one_part(text, n_parts):
    assert owner(f"https://{text}".replace("\0", ""), n_parts) in range(n_parts)


def test_a_folder_keeps_together_whatever_is_asked_of_it():
    urls = [f"{HOME}/the-thao/{name}" for name in ("", "tran-dau-1.html", "tran-dau-2.html", "?page=3&from=/a/b")]
    assert len({owner(url, 7) for url in urls}) == 1


def test_pages_in_no_folder_and_days_are_spread():
    for form in ("/bai-viet-so-{}.html", "/2024/05/{:02d}/tin.html"):
        counts = Counter(owner(HOME + form.format(number), 3) for number in range(1, 200))
        assert min(counts.values()) > 30


def test_parts_hand_over_what_is_not_theirs(tmp_path):
    n_parts = 2
    folders = [tmp_path / f"site~{number}" for number in range(n_parts)]
    for number, folder in enumerate(folders):
        with Store(folder) as store, store.transaction() as connection:
            for statement in triggers(Part(number, n_parts)):
                connection.execute(statement)
    urls = [NewUrl(f"{HOME}/bai-{number}.html", "article", "link", 5, 2, title="Tựa") for number in range(40)]
    with Store(folders[0]) as store:
        frontier = Frontier(store, "site")
        frontier.add(urls)
        frontier.revisit(urls[:3])
        own = {url for (url,) in store.rows("SELECT url FROM urls WHERE state = 'pending'")}
        assert {url for (url,) in store.rows("SELECT url FROM urls WHERE reason = ?", (OTHER_PART,))}.isdisjoint(own)
        assert sum(key.state == "pending" and n for key, n in frontier.counts().items()) == len(own)
        counted = store.rows("SELECT state, sum(n) FROM url_counts WHERE n GROUP BY state ORDER BY state")
        assert counted == store.rows("SELECT state, count(*) FROM urls GROUP BY state ORDER BY state")
    assert own == {new.url for new in urls if owner(new.url, n_parts) == 0}
    seen = {}
    assert hand_over(folders, "site", seen) == [True, True]
    assert hand_over(folders, "site", seen) == [True, True]
    with Store(folders[1]) as store:
        rows = store.rows("SELECT url, state, priority, depth, found_via, title FROM urls")
    assert {row[0] for row in rows} == {new.url for new in urls} - own
    assert {row[1:] for row in rows} == {("pending", 5, 2, "link", "Tựa")}
