"""Hostile pages: named cases that grow to any size, and mutations of pages, from a seed."""

import random
import struct

from tests.newspaper.prose import sentences

SENTENCE = sentences("hostile")[0] + " "
ARTICLE = "".join(f"<p>{one}</p>" for one in sentences("hostile", 8))


def page(body, head="", title="Bà con xóm núi dọn dẹp con đường ven sông"):
    top = f"<html><head><title>{title}</title>{head}</head><body>"
    return f"{top}<article><h1>{title}</h1>{body}{ARTICLE}</article></body></html>".encode("utf-8", "surrogatepass")


def repeated(unit):
    """A piece of text again and again, as many bytes as asked for."""
    return lambda n: page(unit * max(1, n // len(unit.encode("utf-8", "surrogatepass"))))


def in_paragraph(unit):
    return lambda n: page(f"<p>{unit * max(1, n // len(unit.encode()))}</p>")


def in_head(before, unit, after):
    return lambda n: page("", head=before + unit * max(1, n // len(unit.encode())) + after)


def nested(tag, *, is_closed=True):
    def make(n):
        depth = n // (2 * len(tag) + 5)
        return page(f"<{tag}>" * depth + "<p>ở giữa</p>" + (f"</{tag}>" * depth if is_closed else ""))

    return make


def numbered(form):
    return lambda n: page("".join(form.format(i) for i in range(max(1, n // len(form)))))


def attributes(form):
    return lambda n: page(f"<p {' '.join(map(form.format, range(n // (len(form) + 3))))}>chữ</p>")


def bytes_of(unit):
    return lambda n: b"<html><body><p>" + unit * max(1, n // len(unit))


MARKUP = {
    **{f"nested {tag}": nested(tag) for tag in ("div", "span", "b", "font", "table", "ul", "blockquote", "a", "x-y")},
    **{f"unclosed {tag}": nested(tag, is_closed=False) for tag in ("div", "p", "b", "a", "table", "li", "select")},
    **{
        f"empty {tag}": repeated(f"<{tag}></{tag}>") for tag in ("p", "div", "span", "td", "h1", "h2", "time", "strong")
    },
    **{f"only {tag}": repeated(f"<{tag}>") for tag in ("br", "hr", "img", "input", "meta", "link", "script", "svg")},
    **{
        f"short {tag}": repeated(f"<{tag}>chữ</{tag}> ")
        for tag in ("p", "span", "li", "em", "h2", "figcaption", "time")
    },
    "spans in one paragraph": in_paragraph("<span>chữ</span>"),
    "breaks in one paragraph": in_paragraph("chữ <br>"),
    "links in one paragraph": in_paragraph("<a href=/x>chữ</a> "),
    "table of one row": lambda n: page(f"<table><tr>{'<td>chữ</td>' * (n // 14)}</tr></table>"),
    "table of many rows": lambda n: page(f"<table>{'<tr><td>chữ</td></tr>' * (n // 24)}</table>"),
    "nested tables": lambda n: page("<table><tr><td>" * (n // 30) + "</td></tr></table>" * (n // 30)),
    "crossed tags": repeated("<b><i></b></i>"),
    "close tags": repeated("</div>"),
    "close paragraphs": repeated("</p>"),
    "article in article": repeated("<article><h1>a</h1>"),
    "body in body": repeated("<html><body>"),
    "heads": repeated("<head><title>a</title></head>"),
    "frames": repeated("<iframe src=x>"),
    "forms": repeated("<form><input></form>"),
    "comments": repeated("<!-- a -->"),
    "unclosed comment": lambda n: page("<!--" + "a " * (n // 2)),
    "many unclosed comments": repeated("<!--"),
    "comment ends": repeated("-->"),
    "unclosed tag": lambda n: page("<p " + "a " * (n // 2)),
    "unclosed attribute": lambda n: page("<p a='" + "a " * (n // 2)),
    "unclosed cdata": lambda n: page("<![CDATA[" + "a " * (n // 2)),
    "many cdata": repeated("<![CDATA["),
    "declarations": repeated("<!DOCTYPE a [<!ENTITY b 'c'>"),
    "doctype without end": lambda n: b"<!DOCTYPE html [" + b"<!ENTITY a 'b'> " * (n // 16) + page(""),
    "xml declarations": lambda n: b"<?xml version='1.0'" * (n // 19) + page(""),
    "instructions": repeated("<?php a ?>"),
    "less than": repeated("<"),
    "less than letter": repeated("<a"),
    "greater than": repeated(">"),
    "ampersands": repeated("&"),
    "entities": repeated("&amp;"),
    "unknown entities": repeated("&khong;"),
    "open references": repeated("&#"),
    "long reference": lambda n: page("&#" + "9" * n + ";"),
    "bad references": repeated("&#11;chữ&#xFFFE;"),
    "quotes": repeated("\"'"),
    "script text": lambda n: page(f"<script>{'a<b;' * (n // 4)}</script>"),
    "unclosed script": lambda n: page("<script>" + "a<b;" * (n // 4)),
    "unclosed style": lambda n: page("<style>" + "a{}" * (n // 3)),
    "unclosed textarea": lambda n: page("<textarea>" + "<p>a</p>" * (n // 8)),
    "unclosed title": lambda n: b"<title>" + b"a " * (n // 2) + page(""),
    "unclosed noscript": repeated("<noscript><p>a"),
    "plaintext": repeated("<plaintext>a"),
    "one attribute, huge": lambda n: page(f"<p class='{'a' * n}'>chữ</p>"),
    "class list, huge": lambda n: page(f"<p class='{'a b-c ' * (n // 6)}'>chữ</p>"),
    "attributes of one tag": attributes("a{0}=1"),
    "attributes of a few tags": lambda n: page(f"<p {' '.join(f'a{i}=1' for i in range(4000))}>" * max(1, n // 36_000)),
    "attributes that hold tags": attributes("a{0}='<b>'"),
    "attributes that hold brackets": attributes("a{0}='<'"),
    "attributes without values": attributes("a{0}"),
    "attributes with open quotes": repeated("<p a=' b=\""),
    "open instructions": repeated("<?a"),
    "open declarations": repeated("<!a"),
    "open ends": repeated("</a"),
    "same attribute": lambda n: page(f"<p {'a=1 ' * (n // 4)}>chữ</p>"),
    "huge ids": numbered("<div id='x{0}' class='c{0} d{0}'>chữ</div>"),
    "one line": lambda n: page("chữ " * (n // 6)),
    "one word": lambda n: page("a" * n),
    "one word with marks": lambda n: page("ệ" * (n // 3)),
    "combining marks": lambda n: page("a" + "\u0301" * (n // 2)),
    "mixed combining marks": repeated("a\u0323\u0302\u0301\u0327"),
    "zero width": lambda n: page("\u200b\u200d\ufeff" * (n // 9)),
    "right to left": lambda n: page("\u202e\u2066chữ\u2069" * (n // 13)),
    "spaces": lambda n: page(" " * n),
    "no-break spaces": lambda n: page("\xa0" * (n // 2)),
    "line ends": lambda n: page("\n" * n),
    "tabs and line ends": lambda n: page("\t\r\n " * (n // 4)),
    "surrogates": lambda n: page("\ud800" * (n // 3)),
    "astral": lambda n: page("\U0001f600" * (n // 4)),
    "json-ld deep": in_head("<script type='application/ld+json'>", "[", "</script>"),
    "json-ld objects": in_head("<script type='application/ld+json'>", '{"@graph":', "</script>"),
    "json-ld many": in_head("", '<script type=\'application/ld+json\'>{"@type":"NewsArticle"}</script>', ""),
    "json-ld escapes": in_head('<script type=\'application/ld+json\'>{"headline":"', "\\u0000", '"}</script>'),
    "json-ld commas": in_head("<script type='application/ld+json'>[", ",", "]</script>"),
    "json-ld line ends": in_head('<script type=\'application/ld+json\'>{"a":"', "\n", '"}</script>'),
    "json-ld number": in_head("<script type='application/ld+json'>{\"a\":", "9", "}</script>"),
    "metas": in_head("", "<meta name=author content='Cây Bút Thử'>", ""),
    "meta huge": in_head("<meta name=description content='", "chữ ", "'>"),
    "og title huge": in_head("<meta property='og:title' content='", "chữ - ", "'>"),
    "canonical huge": in_head("<link rel=canonical href='http://bao.example/", "a/", "'>"),
    "canonicals": in_head("", "<link rel=canonical href='/'>", ""),
    "keywords": in_head("<meta name=keywords content='", "từ khóa, ", "'>"),
    "title huge": lambda n: page("", title="a - " * (n // 4)),
    "title of bars": lambda n: page("", title=" | " * (n // 3)),
    "title of spaces": lambda n: page("", title="a" + " " * n + "b"),
    "links": numbered("<a href='/muc/bai-viet-so-{0}-{0}.html'>Bài viết số {0} về chuyện làng</a>"),
    "links, far": numbered("<a href='http://h{0}.example/'>x</a>"),
    "links, relative": repeated("<a href='../../../../../..//./a?b=c&d'>chữ</a>"),
    "link huge": lambda n: page(f"<a href='/{'a/' * (n // 2)}'>chữ</a>"),
    "link of dots": lambda n: page(f"<a href='/{'../' * (n // 3)}'>chữ</a>"),
    "link query huge": lambda n: page(f"<a href='/?{'a=b&' * (n // 4)}'>chữ</a>"),
    "link text huge": lambda n: page(f"<a href='/a-1.html'>{'chữ ' * (n // 6)}</a>"),
    "base huge": in_head("<base href='http://bao.example/", "a/", "'>"),
    "nested links": repeated("<a href=/tin-1234567.html><b>"),
    "headings of links": numbered("<h3><a href='/tin-{0}.html'>Tin số {0} trong ngày hôm nay ở đây</a></h3>"),
    "same paragraph": repeated(f"<p>{SENTENCE}</p>"),
    "paragraphs, different": numbered("<p>Bài số {0} nói về việc thứ {0} của đội {0}.</p>"),
    "captions": numbered("<figure><img src=a><figcaption>Ảnh {0}: nguồn báo</figcaption></figure>"),
    "list of lists": repeated("<ul><li>a<ol><li>b"),
    "definition lists": repeated("<dl><dt>a<dd>b"),
    "options": repeated("<option>a"),
    "buttons": repeated("<button>a"),
    "math": repeated("<math><mi>a"),
    "svg in svg": repeated("<svg><foreignObject>"),
}
"""Pages by their markup."""

BAIT = {
    "date digits": "1/",
    "dates": "ngày 12/3/2026 ",
    "dates, half": "ngày 12 tháng 3 ",
    "dates, dots": "12.3.",
    "dates, words": "thứ hai, ngày ",
    "times": "12:30 ",
    "times, half": "12h",
    "iso dates": "2026-03-01T",
    "month names": "January 12, ",
    "zones": "GMT+7 ",
    "updated": "Cập nhật lúc ",
    "digits": "1",
    "digits and spaces": "1 ",
    "digits and dashes": "1-",
    "byline words": "Tác giả: ",
    "bylines": "Bài và ảnh: Cây Bút Thử - ",
    "by": "By ",
    "capitals": "Nguyên Bút ",
    "capital letters": "A. ",
    "all capitals": "CÂY BÚT ",
    "names and commas": "Bút Một, ",
    "names and dashes": "Bút - ",
    "theo": "Theo ",
    "sources": "(Theo TTXVN) ",
    "brackets": "(",
    "square brackets": "[",
    "braces": "{",
    "closing brackets": ")",
    "bracket pairs": "()",
    "dots": ".",
    "dots and spaces": ". ",
    "ellipses": "… ",
    "commas": ",",
    "colons": ":",
    "dashes": "-",
    "long dashes": " – ",
    "bars": " | ",
    "slashes": "/",
    "back slashes": "\\",
    "underscores": "_",
    "stars": "*",
    "at signs": "a@",
    "mail": "a@b.",
    "addresses": "http://a.b/",
    "address of words": "www.",
    "phones": "090 ",
    "phone words": "ĐT: 0",
    "hashes": "#a ",
    "percent": "%",
    "percent signs": "%e1",
    "percent letters": "%E1%BB%87",
    "xin loi": "xin lỗi ",
    "khong tim thay": "không tìm thấy ",
    "trang": "trang nay ",
    "rat tiec": "rất tiếc trang web này ",
    "404": "404 ",
    "see also": "Xem thêm: ",
    "tags": "Từ khóa: ",
    "photo": "Ảnh: ",
    "comments": "Bình luận ",
    "share": "Chia sẻ ",
    "mojibake": "Ã¡Â»â€¡",
    "mojibake pairs": "Ã",
    "tcvn3": "\xb5\xb8 ",
    "soft hyphens": "a\xad",
    "vni": "a\xf9o\xf8 ",
    "viscii": "\xd5\xe5 ",
    "d with stroke": "Ð",
    "d with stroke words": "Ðà ",
    "horns": "ươ",
    "tone places": "hòa hoà ",
    "question marks": "?",
    "exclamations": "!",
    "quotes in text": "“a” ",
    "open quotes": "“",
    "semicolons": ";",
    "entity words": "&nbsp",
    "entity words, twice": "&amp;amp;",
    "roman numbers": "XVIII. ",
    "bullets": "• ",
    "single letters": "a ",
    "syllables": "nghiêng ",
    "vowels": "aeiou",
    "numbers of pages": "Trang 1 2 3 ",
    "next": "trang sau ",
    "css": ".a{b:c} ",
    "script": "var a=1; ",
    "json": '{"a":1},',
    "yyyy": "2026",
}
"""Text that invites a regular expression to begin again and again."""
for _name, _unit in BAIT.items():
    MARKUP[f"bait: {_name}"] = in_paragraph(_unit)

PLACES = {
    "time": "<time datetime='{0}'>{0}</time>",
    "byline": "<div class='author byline tac-gia'>{0}</div>",
    "date": "<span class='date time ngay'>{0}</span>",
    "title": "<h1>{0}</h1>",
    "sapo": "<p class=sapo>{0}</p>",
    "credit": "<p align=right><strong>{0}</strong></p>",
    "link": "<a href='/{0}.html'>{0}</a>",
    "tag": "<div class=tags><a rel=tag>{0}</a></div>",
    "meta": "<meta property='article:published_time' content='{0}'><meta name=author content='{0}'>",
    "caption": "<figure><img><figcaption>{0}</figcaption></figure>",
    "class": "<div class='{0}' id='{0}'>chữ</div>",
    "crumbs": "<div class=breadcrumb><a>{0}</a></div>",
}
"""Where the bait is put besides a paragraph."""


def placed(form, unit):
    return lambda n: page(form.format(unit * max(1, n // max(1, 2 * len(unit.encode())))))


WIDE = {f"{place}: {name}": placed(form, unit) for place, form in PLACES.items() for name, unit in BAIT.items()}
RAW = {
    "nothing": lambda _: b"",
    "zeros": bytes,
    "zeros between": lambda n: page("chữ\0" * (n // 5)),
    "zero byte tags": bytes_of(b"<\0p\0>"),
    "all bytes": bytes_of(bytes(range(256))),
    "broken utf-8": bytes_of(b"\xe1\xbb \xc3 \xf0\x9f "),
    "high bytes": bytes_of(b"\xff"),
    "utf-16 without a mark": lambda n: page("chữ " * (n // 8)).decode().encode("utf-16-le"),
    "utf-16, other end": lambda n: page("chữ " * (n // 8)).decode().encode("utf-16-be"),
    "utf-16, cut": lambda n: page("chữ " * (n // 8)).decode().encode("utf-16")[:-1],
    "utf-32": lambda n: page("chữ " * (n // 16)).decode().encode("utf-32"),
    "mark alone": lambda _: b"\xff\xfe",
    "marks": bytes_of(b"\xef\xbb\xbf"),
    **{
        f"says {name}": lambda n, name=name: f"<meta charset={name}>".encode() + page(SENTENCE * (n // 160))
        for name in (
            "utf-7",
            "utf-16",
            "gb2312",
            "hz",
            "iso-2022-jp",
            "big5",
            "idna",
            "base64",
            "zip",
            "rot13",
            "x" * 40,
        )
    },
    "escapes": bytes_of(b"\x1b$B!!\x1b(B"),
    "windows-1258": bytes_of("a\u0301 \u01b0\u01a1 \u0111".encode("cp1258")),
    "pdf called html": lambda n: b"%PDF-1.7" + bytes(n),
    "png called html": lambda n: b"\x89PNG\r\n\x1a\n" + struct.pack(">II", 2**31 - 1, 2**31 - 1) * (n // 8),
    "json called html": lambda n: b'{"a":' * (n // 5),
    "xhtml": lambda n: (
        b"<?xml version='1.0'?><!DOCTYPE html><html xmlns='http://www.w3.org/1999/xhtml'>" + page("a" * n)
    ),
    "entities to expand": lambda n: (
        b"<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'>"
        + b"".join(b"<!ENTITY a%d '%s'>" % (i, b"&a%d;" % (i - 1) * 10) for i in range(1, 12))
        + b"]>"
        + page("&a11;" * (n // 5))
    ),
    "entities from outside": lambda n: (
        b"<!DOCTYPE a [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>" + page("&a;" * (n // 3))
    ),
}
"""Pages by their bytes."""
NAMED = {**MARKUP, **RAW}


def mutated(dice, pages):
    """A page with a few accidents: bytes turned, pieces cut, doubled, taken from another page, encoded again."""
    data = bytearray(dice.choice(pages))
    for _ in range(dice.randint(1, 12)):
        at = dice.randrange(len(data) + 1)
        end = min(len(data), at + dice.choice((1, 3, 20, 400, 5_000)))
        other = dice.choice(pages)
        start = dice.randrange(len(other))
        accident = dice.randrange(7)
        if accident == 0 and at < len(data):
            data[at] = dice.randrange(256)
        elif accident == 1:
            del data[at:end]
        elif accident == 2:
            data[at:at] = data[at:end] * dice.choice((1, 2, 50))
        elif accident == 3:
            data[at:at] = other[start : start + dice.choice((10, 300, 8_000))]
        elif accident == 4:
            data[at:at] = dice.choice((b"<", b">", b"\0", b"&#", b"'", b'"', b"<!--", b"</", b"<script>", b"\xff\xfe"))
        elif accident == 5:
            data = data[:300_000]
        else:
            data = data.replace(b">", dice.choice((b">", b" >", b"><b>", b"/>", b"\n>")), 200)
    return bytes(data[:2_000_000])


def grown(dice):
    """Pieces of named cases in one page, of sizes nobody chose."""
    made = [dice.choice(list(NAMED.values()))(int(10 ** dice.uniform(1, 4.7))) for _ in range(dice.randint(1, 4))]
    return b"".join(made)


def corpus(n, seed, size=20_000):
    """`n` pages as (name, body): the named cases first, then those in places, then mutations; the same per seed."""
    dice = random.Random(seed)  # noqa: S311 - pages, no secrets
    cases = list({**NAMED, **WIDE}.items())[:n]
    for name, make in cases:
        yield name, make(size)
    pages = [body for make in NAMED.values() if (body := make(2_000))]
    for number in range(n - len(cases)):
        yield f"{seed}/{number}", mutated(dice, pages) if number % 3 else grown(dice)


GIANTS = {
    "a line of 50 MB": lambda: page("chữ " * 10_000_000),
    "100,000 nested tags": lambda: page("<div>" * 100_000 + "<p>ở giữa</p>" + "</div>" * 100_000),
    "a million attributes": lambda: page(f"<p {' '.join(f'a{i}' for i in range(900_000))}>chữ</p>"),
    "an attribute of 7 MB": lambda: page(f"<p class='{'a' * 7_000_000}'>chữ</p>"),
    "a text node of 8 MB": lambda: page("<p>" + "chữ " * 1_300_000 + "</p>"),
    "8 MB of nothing": lambda: bytes(8_000_000),
    "a comment of 8 MB": lambda: page("<!--" + "a" * 8_000_000),
    "300,000 tags": lambda: page("<b>a</b>" * 300_000),
    "1,000,000 brackets": lambda: page("<" * 1_000_000),
}
