"""Seeds are saved whole, loaded back, and tell whether their page still gives them."""

import gzip
from errno import ENOSPC

import pytest
from cms_pages import modern, page

from crawler import disk
from crawler.errors import LearningError
from crawler.learning.gold import SeedPage, load_gold
from crawler.learning.seeds import Seed, check_seed, load_seeds, next_number, save_seed
from crawler.learning.template import learn_template
from crawler.sites.profile import SiteProfile


def make_seed(number=0, name="01"):
    story, _ = page("modern", number)
    gold = story.gold(url=f"https://baolang.example/doi-song/bai-{number}.html")
    return Seed("bao_lang", name, gold, text=gold.text, page=modern(story).encode())


def make_profile(seed_number=0):
    story, document = page("modern", seed_number)
    return SiteProfile(
        hosts=("baolang.example",), templates=learn_template([SeedPage(document, story.gold())]).templates
    )


def test_saved_seeds_are_loaded_back(tmp_path):
    folder = tmp_path / "bao_lang"
    seeds = [make_seed(0, "01"), make_seed(1, "02")]
    for seed in seeds:
        save_seed(folder, seed)
    assert load_seeds(folder) == seeds
    assert next_number(folder) == "03"
    assert next_number(tmp_path / "absent") == "01"


def test_every_field_of_a_seed_passes_under_what_it_taught():
    checks = check_seed(make_seed(0), make_profile(0))
    assert [check.field for check in checks if not check.is_right] == []
    assert {check.field for check in checks} >= {
        "title",
        "lede",
        "author",
        "section",
        "published_at",
        "captions",
        "text",
    }


def test_a_field_that_fails_says_what_was_wanted_and_found():
    seed = make_seed(0)
    wrong = Seed("bao_lang", "01", page("modern", 0)[0].gold(url=seed.gold.url, section="Khoa học"), page=seed.page)
    failed = [check for check in check_seed(wrong, make_profile(0)) if not check.is_right]
    assert [(check.field, check.wanted, check.found) for check in failed] == [("section", "Khoa học", "Đời sống")]


def test_a_seed_without_a_page_has_nothing_to_check():
    assert check_seed(Seed("bao_lang", "01", make_seed().gold), make_profile()) == []


def test_a_page_that_is_no_article_fails_with_the_reason():
    checks = check_seed(Seed("bao_lang", "01", make_seed().gold, page=b"<html><body></body></html>"), make_profile())
    assert [(check.field, check.is_right) for check in checks] == [("text", False)]
    assert checks[0].found.startswith("no_text")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("01.json", b"{", "01.json"),
        ("01.json", b'{"title": 7}', "title"),
        ("01.html.gz", b"no gzip", r"01\.\*"),
        ("01.html.gz", gzip.compress(b"x" * 9000, mtime=0)[:-12], r"01\.\*"),
        ("01.txt", b"\xff\xfe\xff", r"01\.\*"),
    ],
)
def test_a_damaged_file_is_named(tmp_path, name, data, message):
    save_seed(tmp_path, make_seed())
    (tmp_path / name).write_bytes(data)
    with pytest.raises(LearningError, match=message):
        load_seeds(tmp_path)


def test_a_full_disk_leaves_the_old_seed(tmp_path):
    save_seed(tmp_path, make_seed(0))

    def full(step, path):
        if step == "write" and path.name.startswith("01.json"):
            raise OSError(ENOSPC, "No space left on device", str(path))

    with disk.hooked(full), pytest.raises(LearningError, match=r"01\.json"):
        save_seed(tmp_path, make_seed(1))
    assert load_gold(tmp_path / "01.json") == make_seed(0).gold
    assert not list(tmp_path.glob("*.tmp"))
