"""The real command against a newspaper on loopback."""

import pandas as pd
from workshop import Workshop


def rows(workshop, dataset="articles"):
    return pd.read_parquet(workshop.output / dataset)


def test_second_crawl_adds_nothing_and_asks_little(workshop, newspapers):
    workshop.scrapy("crawl", "baobaclieu")
    first, n_first = rows(workshop), len(newspapers.requests("baobaclieu"))
    newspapers.forget()
    workshop.scrapy("crawl", "baobaclieu")
    second = rows(workshop)
    asked = [entry["path"] for entry in newspapers.requests("baobaclieu")]
    assert len(first) > 10
    assert sorted(first["id"]) == sorted(second["id"])
    assert not [path for path in asked if path.endswith(".html")]
    assert len(asked) < n_first / 2
    for manifest in workshop.manifests():
        counts = manifest["counts"]
        outcomes = ("kept", "duplicates", "rejected", "not_an_article")
        assert counts["fetched"] + counts["carried_over"] == sum(counts[name] for name in outcomes)


def test_endless_list_and_calendar_cost_a_handful(tmp_path, newspapers):
    for site in ("baobaclieu", "bantochuc_lamdong"):
        newspapers.forget()
        shop = Workshop(tmp_path / site, newspapers.ports[site], site)
        shop.scrapy("crawl", site)
        paths = [entry["path"] for entry in newspapers.requests(site)]
        calendar = [path for path in paths if "ngay=" in path]
        pager = [path for path in paths if "page=" in path]
        assert len(calendar) <= 8, "five quiet days back, and the links of the page itself"
        assert len(pager) <= 12, pager


def test_replay_makes_the_same_rows(workshop):
    workshop.scrapy("crawl", "baobaclieu")
    before = rows(workshop).drop(columns=["run_id"]).sort_values("id").reset_index(drop=True)
    workshop.scrapy("replay", "baobaclieu")
    after = rows(workshop).drop(columns=["run_id"]).sort_values("id").reset_index(drop=True)
    pd.testing.assert_frame_equal(before, after)


def test_a_replay_leaves_to_the_next_crawl_what_waits(workshop, newspapers):
    workshop.scrapy("crawl", "baobaclieu", "-a", "max_pages=9")
    n_waiting = workshop.check_sum().pending
    newspapers.forget()
    workshop.scrapy("replay", "baobaclieu")
    assert n_waiting > 3
    assert newspapers.requests("baobaclieu") == []
    assert workshop.check_sum().pending == n_waiting
