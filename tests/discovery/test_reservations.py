"""What a tdmrep.json reserves, whatever is in it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.reservations import MAX_TDM_RULES, TDM_PATH, Reservations, tdm_rules
from crawler.items import Page, Pointer

HOST = "https://bao.example"
RESERVED = frozenset({"tdm-reservation"})


def page(path, body, status=200, host=HOST):
    return Page(
        url=f"{host}{path}", final_url=f"{host}{path}", status=status, headers=(), body=body,
        fetched_at=datetime(2026, 3, 1, tzinfo=UTC), site="bao", found_via="robots", pointer=Pointer("x", 0, 1),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "reserved", "free"),
    [
        (b'[{"location": "/", "tdm-reservation": 1}]', ["/", "/a/b.html"], []),
        (b'[{"location": "/tin/*.html", "tdm-reservation": 1}]', ["/tin/a.html"], ["/tin/a", "/anh/a.html"]),
        (b'[{"location": "/a$", "tdm-reservation": 1}]', ["/a"], ["/ab"]),
        (b'[{"location": "/a", "tdm-reservation": 0}]', [], ["/a"]),
        (b'[{"location": "/a/", "tdm-reservation": 0}, {"location": "/", "tdm-reservation": 1}]', ["/a/", "/b"], []),
        (b'{"location": "/a", "tdm-reservation": "1"}', ["/a"], ["/b"]),
        (b'[{"tdm-reservation": 1}]', ["/a"], []),
        (b'[1, null, "x", {"location": ["/a"], "tdm-reservation": 2}]', [], ["/a"]),
        (b"<html>khong co</html>", [], ["/a"]),
        (b"", [], ["/a"]),
        (b"[" * 100_000, [], ["/a"]),
        (b"[" + b'{"location": "/x%d", "tdm-reservation": 1},' * 3 + b"{}]", [], ["/a"]),
    ],
)
def test_tdm_file(body, reserved, free):
    known = Reservations("khobao")
    known.read(page(TDM_PATH, body))
    assert {path: known.of(HOST + path) for path in reserved} == dict.fromkeys(reserved, RESERVED)
    assert {path: known.of(HOST + path) for path in free} == dict.fromkeys(free, frozenset())


def test_each_host_speaks_for_itself_and_the_newest_file_counts():
    known = Reservations("khobao")
    known.read(page("/robots.txt", b"User-agent: *\nContent-Signal: ai-train=no"))
    assert known.of("https://www.bao.example/a") == {"content-signal:ai-train=no"}
    assert known.of("https://khac.example/a") == frozenset()
    known.read(page("/robots.txt", b"", status=503))
    assert known.of(f"{HOST}/a")
    known.read(page("/robots.txt", b"User-agent: *\n"))
    assert known.of(f"{HOST}/a") == frozenset()
    known.read(page(TDM_PATH, b'[{"location": "/", "tdm-reservation": 1}]'))
    known.read(page(TDM_PATH, b"", status=404))
    assert known.of(f"{HOST}/a") == frozenset()


def test_more_rules_than_the_cap_reserve_everything():
    entries = ",".join(f'{{"location": "/{n}/", "tdm-reservation": 1}}' for n in range(MAX_TDM_RULES + 1))
    assert not tdm_rules(f"[{entries}]".encode()).allows("/a")


@given(
    st.binary(max_size=300) | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(repr).map(str.encode)
)
def test_never_raises(body):
    tdm_rules(body).allows("/a")
