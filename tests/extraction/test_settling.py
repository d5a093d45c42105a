"""Day and month where the string leaves their order open: the rest of the page decides, or nobody does."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from crawler.extraction.dates import Clock, read_moment
from crawler.extraction.document import parse
from crawler.extraction.headline import read_headline
from crawler.extraction.published import read_times

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
CLOCK = Clock(datetime(2026, 11, 20, 5, 0, tzinfo=UTC))
OPEN = "10/11/2023 10:40 PM"
"""10 November or October 11: two digits everywhere."""


def published(head="", line="", url="https://baomay.example/tin/1.html", clock=CLOCK):
    body = f"<h1>Phiên chợ đầu mùa họp bên bờ suối</h1><div class=date>{line}</div><p>Chợ họp mỗi tuần một phiên.</p>"
    title = "<title>Phiên chợ đầu mùa họp bên bờ suối</title>"
    document = parse(f"<html lang=vi><head>{title}{head}</head><body>{body}</body></html>".encode(), url)
    headline = read_headline(document, None)
    found = read_times(document, None, headline.element if headline else None, clock).published
    return found and found.at.astimezone(HANOI).strftime("%Y-%m-%d %H:%M")


def meta(value, name="article:published_time"):
    return f'<meta property="{name}" content="{value}">'


@pytest.mark.parametrize(
    ("head", "line", "url", "expected"),
    [
        ("", OPEN, "1.html", None),
        (meta(OPEN), "", "1.html", None),
        (meta(OPEN), OPEN, "1.html", None),
        (meta("2023-10-11", "article:modified_time"), OPEN, "1.html", "2023-10-11 22:40"),
        (meta("2023-11-10T23:00:00+07:00", "article:modified_time"), OPEN, "1.html", "2023-11-10 22:40"),
        (meta(OPEN), "Thứ Tư, 11/10/2023", "1.html", "2023-10-11 22:40"),
        (meta(OPEN), "Ngày đăng : 22:40, 13/10/2023", "1.html", "2023-10-13 22:40"),
        ("", OPEN, "2023/10/11/cho-phien.html", "2023-10-11 22:40"),
        ("", OPEN, "202310/cho-phien.html", "2023-10-11 22:40"),
        ("", OPEN, "202311/cho-phien.html", "2023-11-10 22:40"),
        (meta(OPEN), "", "202310/cho-phien.html", "2023-10-11 22:40"),
        ("", "02/06/2023 05:40", "202302/cho-phien.html", "2023-02-06 05:40"),
        ("", "02/06/2023 05:40", "202306/cho-phien.html", "2023-06-02 05:40"),
        ("", "02/06/2023 05:40", "201912/cho-phien.html", None),
        (meta("6/2/2023 5:40:07 AM"), "Ngày đăng : 05:40, 02/06/2023", "1.html", "2023-06-02 05:40"),
        (meta("6/2/2023 5:40:07 AM"), "", "1.html", "2023-06-02 05:40"),
        ("", "6/2/2023 5:40 PM", "1.html", "2023-06-02 17:40"),
        ("", "6/2/2023 5:40 PM", "202302/cho-phien.html", "2023-02-06 17:40"),
    ],
)
def test_the_page_decides(head, line, url, expected):
    assert published(head, line, f"https://baomay.example/{url}") == expected


def test_the_future_is_never_meant():
    early = Clock(datetime(2023, 10, 20, tzinfo=UTC))
    assert published(line=OPEN, clock=early) == "2023-10-11 22:40"
    assert published(line="2/11/2023 5:40 PM", clock=early) == "2023-02-11 17:40"
    assert published(line="11/2/2023 5:40 PM", clock=early) == "2023-02-11 17:40"
    assert published(line="11/12/2023 5:40 PM", clock=early) is None


def test_a_string_alone_says_that_it_is_open():
    moment = read_moment(OPEN, CLOCK)
    assert moment is not None
    assert moment.is_undecided
    assert read_moment("10/10/2023 10:40 PM", CLOCK).is_undecided is False
