"""Address forms, learned forms, and what an address seems to be."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.kinds import judge_url, url_kind
from crawler.discovery.learned_forms import learn_forms
from crawler.discovery.paging import is_paging_text, page_number
from crawler.errors import ProfileError
from crawler.sites.forms import PLACEHOLDERS, compile_form
from crawler.sites.profile import SiteProfile, Sources

HOST = "https://baoque.example"
PLAIN = SiteProfile(hosts=("baoque.example",))
KNOWN = SiteProfile(
    hosts=("baoque.example",),
    sources=Sources(
        sections=("http://www.baoque.example/thoi-su/",),
        feeds=("https://baoque.example/tin-moi",),
        article_url=("/{section}/{yyyymm}/{slug}-{hex}/",),
        listing_url=("/lich-su/{yyyy}-{mm}-{dd}",),
        ignore_url=("/quang-ba/{any}",),
    ),
)

FITS = [
    ("/{section}/{yyyymm}/{slug}-{hex}/", "/thoi-su/202604/cau-moi-qua-song-3ac6d79/", True),
    ("/{section}/{yyyymm}/{slug}-{hex}/", "/thoi-su/202604/cau-moi-qua-song-3ac6d79", True),
    ("/{section}/{yyyymm}/{slug}-{hex}/", "/thoi-su/202613/cau-moi-qua-song-3ac6d79/", False),
    ("/{section}/{yyyymm}/{slug}-{hex}/", "/thoi-su/tinh/202604/cau-moi-3ac6d79/", False),
    ("/{slug}-post{id}.html", "/cau-moi-post5.html", True),
    ("/{slug}-post{id}.html", "/cau-moi-post5.html?page=2", True),
    ("/{slug}-post{id}.html", "/cau-moi-post.html", False),
    ("/{slug}-post{id}.html", "/cau-moi-post5_html", False),
    ("/tin/{any}.html", "/tin/a/b/c.html", True),
    ("/{long_slug}.html", "/mot-hai-ba-bon.html", False),
    ("/{long_slug}.html", "/mot-hai-ba-bon-nam.html", True),
    ("/Default.aspx?catid={id}&id={id}", "/default.aspx?id=7&sid=1&catid=3", True),
    ("/Default.aspx?catid={id}&id={id}", "/Default.aspx?catid=3", False),
    ("https://baoque.example/{id}", "/12", True),
    ("https://khac.example/{id}", "/12", False),
    ("/tin-tức/{id}", "/tin-t%E1%BB%A9c/12", True),
    ("/", "", True),
]
BAD_FORMS = ["tin/{id}", "/{khong}", "/{}", "/{id", "/id}", "/{any}/{any}", "/{slug}-{slug}-{slug}", "/" + "a" * 600]
KINDS = [
    ("/thoi-su-thai-nguyen/202604/day-nhanh-tien-do-cau-moi-3ac6d79/", "article"),
    ("/2/45678/day-nhanh-tien-do/", "article"),
    ("/day-nhanh-tien-do-cau-moi-post123456.html", "article"),
    ("/day-nhanh-tien-do-cau-moi-a98765.html", "article"),
    ("/xa-hoi/day-nhanh-tien-do-cau-moi-10293847.html", "article"),
    ("/day-nhanh-tien-do---id12345", "article"),
    ("/day-nhanh-tien-do-cau-moi-20260401083012345.htm", "article"),
    ("/tin/ban-doc/20150323/don-tet-som/715757.html", "article"),
    ("/Default.aspx?sid=1295&pageid=473&catid=57421&id=57483", "article"),
    ("/Pages/chi-tiet-tin.aspx?ItemID=123", "article"),
    ("/index.php?option=com_content&view=article&id=12:le-hoi", "article"),
    ("/tin-tuc/hoi-nghi-trien-khai-nhiem-vu-nam.html", "article"),
    ("/bai-viet/don-tet-som-ben-song-12345", "article"),
    ("/su-kien/day-nhanh-tien-do-cau-moi-qua-song-774351.htm", "article"),
    ("/", "listing"),
    ("/thoi-su", "listing"),
    ("/chinh-tri/xay-dung-dang/", "listing"),
    ("/kinh-te.html", "listing"),
    ("/kinh-te/trang-2.html", "listing"),
    ("/kinh-te?page=3", "listing"),
    ("/chuyen-muc/thoi-su-1234.htm", "listing"),
    ("/bau-cu-dai-bieu-quoc-hoi-va-hoi-dong-nhan-dan-e2031.htm", "listing"),
    ("/tin-trong-tinh?ngay=2026-04-01", "listing"),
    ("/Default.aspx?sid=1295&pageid=473", "listing"),
    ("/anh/cau.jpg", "ignore"),
    ("/file/bao-in-2026.pdf", "ignore"),
    ("/rss/thoi-su.rss", "ignore"),
    ("/tim-kiem?q=cau", "ignore"),
    ("/tag/cau-moi", "ignore"),
    ("/dang-nhap", "ignore"),
    ("/lich-cong-tac/tuan-14", "ignore"),
    ("/print/234.html", "ignore"),
    ("/kinh-te?sort=desc", "ignore"),
    ("/day-nhanh-tien-do-cau-moi-post123456.html?replytocom=9", "ignore"),
    ("/quay-lai/12345678", "unknown"),
]
LEARNED = [
    ("/thoi-su/202604/cau-moi-qua-song-3ac6d79/", "/{section}/{yyyymm}/{slug}-{hex}/"),
    ("/2/45678/day-nhanh-tien-do/", "/{id}/{id}/{slug}/"),
    ("/cau-moi-qua-song-post123456.html", "/{slug}-post{id}.html"),
    ("/cau-moi-qua-song-a98765.html", "/{slug}-a{id}.html"),
    ("/xa-hoi/cau-moi-qua-song-12345.html", "/{section}/{slug}-{id}.html"),
    ("/Default.aspx?sid=12&pageid=47&catid=57&id=83", "/Default.aspx?catid={id}&id={id}&pageid={id}&sid={id}"),
    ("/2026/04/01/cau-moi", "/{yyyy}/{m}/{d}/{slug}"),
    ("/print/23456.html", "/print/{id}.html"),
    ("/tin-tuc/hoi-nghi-trien-khai-nhiem-vu-nam.html", "/{section}/{long_slug}.html"),
    ("/web/guest/-/hoi-nghi-trien-khai-nhiem-vu?p_p_id=56", "/web/guest/-/{long_slug}"),
    ("/index.php?id=12%3Ale-hoi&option=tin", "/index.php?id={id}{any}"),
]


@pytest.mark.parametrize(("form", "path", "expected"), FITS)
def test_form_fits(form, path, expected):
    assert compile_form(form).fits(HOST + path) is expected


def test_form_reads_what_its_placeholders_stand_for():
    found = compile_form("/{section}/{yyyymm}/{slug}-{hex}/").read(f"{HOST}/thoi-su/202604/cau-moi-3ac6d79/")
    assert found == {"section": "thoi-su", "yyyymm": "202604", "slug": "cau-moi", "hex": "3ac6d79"}


@pytest.mark.parametrize("form", BAD_FORMS)
def test_bad_form_is_named(form):
    with pytest.raises(ProfileError) as error:
        compile_form(form)
    assert form[:20] in str(error.value)


@pytest.mark.parametrize("form", ["/{slug}-{slug}-{id}.html", "/{any}-{slug}{id}.html", "/{section}/{long_slug}x{id}"])
@pytest.mark.parametrize("path", ["/" + "-1" * 1000, "/" + "a-" * 1000, "/" + "a/" * 1000])
def test_matching_the_worst_address_is_quick(form, path):
    started = time.process_time()
    compile_form(form).fits(HOST + path)
    assert time.process_time() - started < 0.5


@given(st.text(alphabet="/{}?=&.-ab1" + "".join(PLACEHOLDERS), max_size=60), st.text(max_size=60))
def test_any_form_compiles_or_is_refused(form, path):
    try:
        compiled = compile_form(form)
    except ProfileError:
        return
    values = compiled.read(f"{HOST}/{path}")
    assert compiled.fits(f"{HOST}/{path}") is (values is not None)


@pytest.mark.parametrize(("path", "expected"), KINDS)
def test_kind_without_forms(path, expected):
    assert url_kind(HOST + path, PLAIN) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/thoi-su/202604/cau-moi-3ac6d79/", ("article", "article_form")),
        ("/thoi-su/", ("listing", "profile_section")),
        ("/tin-moi", ("ignore", "feed")),
        ("/lich-su/2026-04-01", ("listing", "listing_form")),
        ("/quang-ba/202604/cau-moi-3ac6d79/", ("ignore", "ignored_form")),
        ("/day-nhanh-tien-do-cau-moi-post123456.html", ("unknown", "no_rule")),
        ("/kinh-te", ("listing", "short_path")),
    ],
)
def test_the_profiles_forms_decide_first(path, expected):
    assert judge_url(HOST + path, KNOWN) == expected


@pytest.mark.parametrize(("path", "form"), LEARNED)
def test_one_example_teaches_a_form_that_fits_it(path, form):
    assert learn_forms([HOST + path]) == (form,)
    assert compile_form(form).fits(HOST + path)


def test_forms_come_by_frequency_and_a_letterless_hash_joins_the_others():
    urls = [f"{HOST}/tin/202604/cau-so-{number}-{number:06x}a/" for number in range(1, 9)]
    urls += [
        f"{HOST}/tin/202604/cau-moi-1234567/",
        f"{HOST}/tin/202604/cau-moi-a234567/",
        f"{HOST}/e-9-x/cau-post99.html",
    ]
    assert learn_forms(urls) == ("/{section}/{yyyymm}/{slug}-{hex}/",) or learn_forms(urls)[0].endswith("{hex}/")
    assert not any(form.endswith("-{id}/") for form in learn_forms(urls))


@pytest.mark.parametrize("path", ["/tin-tuc", "/", "/kinh-te/nong-nghiep", "/kinh-te?page=2"])
def test_sections_teach_nothing(path):
    assert learn_forms([HOST + path]) == ()


@given(st.lists(st.text(max_size=80).map(f"{HOST}/".__add__), max_size=5))
def test_learned_forms_always_compile_or_are_not_made(urls):
    for form in learn_forms(urls):
        assert form.startswith("/")
        if len(form) < 400:
            compile_form(form)


@pytest.mark.parametrize(
    ("url", "expected"),
    [("/a?page=3", 3), ("/a?x=1&p=12", 12), ("/a/trang-2.html", 2), ("/a/page/7", 7), ("/a/p2", 2), ("/a-p4", 4),
     ("/a/trang2.html", 2), ("/a-post12", None), ("/a?pageid=3", None), ("/2026", None)],
)  # fmt: skip
def test_page_number(url, expected):
    assert page_number(HOST + url) == expected


@pytest.mark.parametrize(
    "text", ["Trang sau", "Tiếp »", "»", ">>", "2", "Xem thêm", "XEM THÊM TIN", "Tải thêm", "Next", "Tiếp theo"]
)
def test_paging_text(text):
    assert is_paging_text(text)


@pytest.mark.parametrize(
    "text", ["", "Tiếp tục đổi mới phương thức lãnh đạo", "Xem thêm về lễ hội", "Trang nhất", "2026-2030"]
)
def test_other_text(text):
    assert not is_paging_text(text)
