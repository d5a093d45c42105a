"""What the published test suites of two well-known robots.txt readers ask, in our own words."""

import pytest

from crawler.discovery.robots import RobotsPolicy

ALL = "user-agent: *\n"
ME = "user-agent: KhoBao\n"
CASES = [
    # what is asked, file, path, allowed
    ("nothing said", "", "/", True),
    ("nothing for anybody", "foo: bar\n", "/x", True),
    ("a rule before any agent", "disallow: /\n" + ME, "/x", True),
    ("colon missing", "user-agent KhoBao\ndisallow /\n", "/x", False),
    ("unknown words between", "foo: a\n" + ME + "bar: b\ndisallow: /\n", "/x", False),
    ("agent in capitals", "USER-AGENT: KHOBAO\nDISALLOW: /\n", "/x", False),
    ("two agents for one group", ME + "user-agent: other\ndisallow: /\n", "/x", False),
    ("group of another", "user-agent: other\ndisallow: /\n", "/x", True),
    ("own group first", ME + "allow: /\n" + ALL + "disallow: /\n", "/x", True),
    ("own group last", ALL + "disallow: /\n" + ME + "allow: /\n", "/x", True),
    ("own group empty", ALL + "disallow: /\n" + ME + "disallow:\n", "/x", True),
    ("own groups joined", ME + "disallow: /a\n\n" + ALL + "allow: /\n\n" + ME + "disallow: /b\n", "/b", False),
    ("blank lines in a group", ME + "\n\n\ndisallow: /\n", "/x", False),
    ("path in other case", ME + "disallow: /X\n", "/x", True),
    ("path in the same case", ME + "disallow: /X\n", "/X", False),
    ("longest disallows", ME + "allow: /x\ndisallow: /x/page.html\n", "/x/page.html", False),
    ("longest allows", ME + "allow: /x/page.html\ndisallow: /x/\n", "/x/page.html", True),
    ("longest allows nothing beside", ME + "allow: /x/page.html\ndisallow: /x/\n", "/x/", False),
    ("as long: allowed", ME + "disallow: /\nallow: /\n", "/x", True),
    ("both empty", ME + "disallow:\nallow:\n", "/x", True),
    ("prefix with a slash", ME + "disallow: /x\nallow: /x/\n", "/x", False),
    ("prefix with a slash, inside", ME + "disallow: /x\nallow: /x/\n", "/x/", True),
    ("star and short prefix", ME + "disallow: /*.html\nallow: /x.\n", "/x.html", False),
    ("star against longer word", ME + "disallow: /*.html\nallow: /x.html\n", "/x.html", True),
    ("star in the middle", ME + "disallow: /foo/bar/*/baz\n", "/foo/bar/a/baz", False),
    ("star for nothing", ME + "disallow: /foo/bar*qux\n", "/foo/barqux", False),
    ("stars without end", ME + "disallow: /a****b\n", "/axxb", False),
    ("end mark", ME + "disallow: /foo/bar$\n", "/foo/bar", False),
    ("end mark, more follows", ME + "disallow: /foo/bar$\n", "/foo/bar/qux", True),
    ("end mark and query", ME + "disallow: /*.php$\n", "/filename.php?parameters", True),
    ("end mark and slash", ME + "disallow: /*.php$\n", "/filename.php/", True),
    ("end mark in the middle is a letter", ME + "disallow: /a$b\n", "/a", True),
    ("comment behind a rule", ME + "disallow: /foo/bar # allow: /foo/bar/qux\n", "/foo/bar/qux", False),
    ("comment line between", ME + "# nothing\ndisallow: /\n", "/x", False),
    ("only the home page", ME + "disallow: /\nallow: /$\n", "/", True),
    ("only the home page, others", ME + "disallow: /\nallow: /$\n", "/page.htm", False),
    ("documented: /fish", ME + "disallow: /fish\n", "/fishheads/yummy.html", False),
    ("documented: /fish, other place", ME + "disallow: /fish\n", "/desert/fish", True),
    ("documented: /fish*", ME + "disallow: /fish*\n", "/fish.php?id=anything", False),
    ("documented: /fish/", ME + "disallow: /fish/\n", "/fish", True),
    ("documented: /fish/, inside", ME + "disallow: /fish/\n", "/fish/salmon.htm", False),
    ("documented: /*.php", ME + "disallow: /*.php\n", "/folder/any.php.file.html", False),
    ("documented: /*.php, capitals", ME + "disallow: /*.php\n", "/windows.PHP", True),
    ("documented: /fish*.php", ME + "disallow: /fish*.php\n", "/fishheads/catfish.php?parameters", False),
    ("documented: /fish*.php, capital", ME + "disallow: /fish*.php\n", "/Fish.PHP", True),
    ("documented: /p against /", ME + "allow: /p\ndisallow: /\n", "/page", True),
    ("documented: folder against folder", ME + "allow: /folder\ndisallow: /folder\n", "/folder/page", True),
    ("documented: /page against /*.htm", ME + "allow: /page\ndisallow: /*.htm\n", "/page.htm", False),
    ("documented: /page against /*.ph", ME + "allow: /page\ndisallow: /*.ph\n", "/page.php5", True),
    ("query in a rule", ME + "disallow: /foo/bar?qux=taz\n", "/foo/bar?qux=taz&baz=http://foo.bar", False),
    ("unencoded letters in the file", ME + "disallow: /foo/bar/ツ\n", "/foo/bar/%E3%83%84", False),
    ("encoded letters in both", ME + "disallow: /foo/bar/%E3%83%84\n", "/foo/bar/%E3%83%84", False),
    ("encoded plain letters", ME + "disallow: /foo/bar/%62%61%7A\n", "/foo/bar/baz", False),
    ("encoded slash stays", ME + "disallow: /foo%2Fbar\n", "/foo/bar", True),
    ("byte order mark", "\ufeff" + ME + "disallow: /\n", "/x", False),
    ("half a byte order mark is no word", "\udcef\udcbb" + ME + "disallow: /\n", "/x", True),
    ("carriage returns", ME.replace("\n", "\r") + "disallow: /x\r", "/x", False),
    ("no end of the last line", ME + "disallow: /x", "/x", False),
    ("spaces around all", "  user-agent \t:  KhoBao  \n  disallow :  /x  \n", "/x", False),
    ("sitemap belongs to nobody", ME + "sitemap: https://a.example/s.xml\ndisallow: /x\n", "/x", False),
    ("misspelt disallow", ME + "dissallow: /x\n", "/x", False),
    ("misspelt agent", "useragent: KhoBao\ndisallow: /x\n", "/x", False),
    ("part of the name is another", "user-agent: Kho\ndisallow: /\n", "/x", True),
    ("version in the name", "user-agent: KhoBao/1.2\ndisallow: /\n", "/x", False),
    ("star with words after it", "user-agent: * every one\ndisallow: /\n", "/x", False),
    ("delay closes no group", ME + "crawl-delay: 2\nuser-agent: other\ndisallow: /x\n", "/x", False),
    ("robots.txt itself", ME + "disallow: /\n", "/robots.txt", True),
    ("empty disallow allows", ALL + "disallow:\n", "/x", True),
    ("html is no file", "<!DOCTYPE html><title>404</title><p>user-agent: *</p><p>disallow: /</p>", "/x", True),
    # on purpose not as the first of them: docs/discovery.md says why
    ("index.html is no folder", ME + "allow: /x/index.html\ndisallow: /\n", "/x/", False),
]


@pytest.mark.parametrize(("asked", "text", "path", "allowed"), CASES, ids=[case[0] for case in CASES])
def test_published_case(asked, text, path, allowed):
    policy = RobotsPolicy.from_response(200, text.encode("utf-8", "surrogateescape"))
    assert policy.allows(f"https://bao.example{path}", "khobao") is allowed, asked
