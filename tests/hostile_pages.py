"""Pages that nobody means well with, or that a broken system made; each grows with ``scale``.

``scale`` 1 is what the tests hold extraction to; twice as large has to take about twice as long.
"""

import gzip
from collections.abc import Callable

_SENTENCE = "The harbour of Ellerton opened at dawn, nine days after the storm had closed it. "
_STORY = f"<h1>Harbour opens</h1><p>{_SENTENCE * 3}</p><p>{_SENTENCE * 4}</p>"


def _many(markup: str, count: int) -> Callable[[float], bytes]:
    return lambda scale: f"<title>Harbour</title>{_STORY}{markup * int(count * scale)}".encode()


def _head(markup: str, count: int) -> Callable[[float], bytes]:
    return lambda scale: f"<head>{markup * int(count * scale)}</head>{_STORY}".encode()


def _nested(*tags: str) -> Callable[[float], bytes]:
    def page(scale: float) -> bytes:
        opening = "".join(f"<{tag}>" for tag in tags)
        depth = int(100_000 * scale / len(tags))
        return f"{_STORY}{opening * depth}{_SENTENCE}".encode()

    return page


def _run(before: str, unit: str, after: str, size: int = 1_000_000) -> Callable[[float], bytes]:
    """One long run of a thing where a rule reads: bait for expressions that start over and over."""

    def page(scale: float) -> bytes:
        return f"{before}{unit * int(size * scale / len(unit.encode()))}{after}".encode()

    return page


def _where(place: str, unit: str, size: int = 300_000) -> Callable[[float], bytes]:
    before, after = _PLACES[place]
    return _run(before, unit, after, size)


def _distinct(template: str, count: int) -> Callable[[float], bytes]:
    def page(scale: float) -> bytes:
        return (_STORY + "".join(template % (n,) for n in range(int(count * scale)))).encode()

    return page


def _nested_json(opening: str, closing: str) -> Callable[[float], bytes]:
    def page(scale: float) -> bytes:
        depth = int(100_000 * scale)
        data = opening * depth + "1" + closing * depth
        return f'<script type="application/ld+json">{data}</script>{_STORY}'.encode()

    return page


_PLACES = {
    "title": ("<title>", f"</title>{_STORY}"),
    "headline": ("<title>Harbour</title><h1>", f"</h1>{_STORY}"),
    "og title": ('<meta property="og:title" content="', f'">{_STORY}'),
    "description": ('<meta name="description" content="', f'">{_STORY}'),
    "keywords": ('<meta name="keywords" content="', f'">{_STORY}'),
    "author": ('<meta name="author" content="', f'">{_STORY}'),
    "published": ('<meta property="article:published_time" content="', f'">{_STORY}'),
    "canonical": ('<link rel="canonical" href="https://news.example/', f'">{_STORY}'),
    "site name": ('<meta property="og:site_name" content="', f'">{_STORY}'),
    "paragraph": (f"{_STORY}<p>", "</p>"),
    "byline": ('<h1>Harbour opens</h1><p class="byline">', f"</p>{_STORY}"),
    "date": ('<h1>Harbour opens</h1><p class="date">', f"</p>{_STORY}"),
    "time": ("<h1>Harbour opens</h1><time>", f"</time>{_STORY}"),
    "bare line": ("<h1>Harbour opens</h1><div>", f"</div>{_STORY}"),
    "class": ('<div class="', f'">{_STORY}</div>'),
    "style": ('<div style="', f'">{_STORY}</div>'),
    "json-ld": ('<script type="application/ld+json">{"@type":"NewsArticle","headline":"Harbour","articleBody":"', f'"}}</script>{_STORY}'),
    "json-ld author": ('<script type="application/ld+json">{"@type":"NewsArticle","headline":"Harbour","author":"', f'"}}</script>{_STORY}'),
    "json-ld broken": ('<script type="application/ld+json">{"@type":"NewsArticle","headline":"Harbour" ', f'</script>{_STORY}'),
    "script": ("<p>Little</p><script>", "</script>"),
    "script string": ('<p>Little</p><script>x = "', '"</script>'),
    "comment": ("<!--", f"-->{_STORY}"),
    "meta charset": ("<meta ", f" charset=x>{_STORY}"),
    "html lang": ('<html lang="', f'">{_STORY}'),
}  # fmt: skip
_UNITS = {
    "spaces": " ",
    "line ends": "\n",
    "digits": "1",
    "separators": " | ",
    "dashes": " - ",
    "by": "by ",
    "and": " and ",
    "quotes": "'",
    "backslashes": "\\",
    "commas": ", ",
    "colons": ": ",
    "brackets": "(",
    "square": "[",
    "braces": "{",
    "comments": "<!--",
    "stars": "/*",
    "dates": "12 March 2026 ",
    "numbers": "12.03.",
    "clock": "12:30 ",
    "capitals": "Abc Def ",
    "letters": "a",
    "hyphens": "a-",
    "camel": "aB",
    "entities": "&amp;",
    "arabic": "كتب محمد ",
    "han": "作者",
    "combining": "e\u0301\u0302",
    "right to left": "\u202e\u202b",
    "slashes": "/",
    "dots": ".",
    "at": "a@b.",
    "percent": "%41",
    "zero width": "\u200b",
    "tags": "<p>",
}

PAGES: dict[str, Callable[[float], bytes]] = {
    **{f"nested {tag}": _nested(tag) for tag in "div b a p span table font blockquote ul li section form nav aside h1 select svg template button noscript figure object ruby".split()},
    "nested mix": _nested("div", "b", "table", "tr", "td", "font", "blockquote", "ul", "li", "a"),
    "nested inline": _nested("b", "i", "font", "a", "u"),
    "nested text": lambda scale: ("".join(f"<div>{n} words of the harbour at dawn. " for n in range(int(50_000 * scale)))).encode(),
    "nested closed": lambda scale: (_STORY + "<div>" * int(100_000 * scale) + "x" + "</div>" * int(100_000 * scale)).encode(),
    "misnested": lambda scale: (_STORY + "<b><p></b>" * int(50_000 * scale)).encode(),
    "formatting opened again": lambda scale: (
        _STORY + "<p>" + "".join(f"<b x={n}>" for n in range(int(1_400 * scale)))
        + "</p>" + "<p>x</p>" * int(9_000 * scale)
    ).encode(),
    "formatting": lambda scale: (_STORY + "<p>" + "<b><i><u><a href=x>" * int(5_000 * scale) + "</p><p>x" * int(300 * scale)).encode(),
    "template": lambda scale: (_STORY + "<template>" * int(20_000 * scale)).encode(),
    "paragraphs": _many(f"<p>{_SENTENCE}</p>", 100_000),
    "short paragraphs": _many("<p>x</p>", 300_000),
    "headings": _many("<h2>The harbour</h2>", 100_000),
    "h1": _many("<h1>The harbour</h1>", 100_000),
    "equal h1": _many("<h1>Harbour opens</h1>", 100_000),
    "breaks": _many("<br>", 1_000_000),
    "words and breaks": _many("harbour<br>", 300_000),
    "sentences and breaks": _many(f"{_SENTENCE}<br>", 50_000),
    "links": _many('<a href="/a">The harbour of Ellerton</a> ', 100_000),
    "list": lambda scale: (_STORY + "<ul>" + "<li>The harbour</li>" * int(100_000 * scale)).encode(),
    "table": lambda scale: (_STORY + "<table>" + "<tr><td>1</td><td>2</td></tr>" * int(50_000 * scale)).encode(),
    "one row": lambda scale: (_STORY + "<table><tr>" + "<td>The harbour opened.</td>" * int(100_000 * scale)).encode(),
    "nested lists": lambda scale: (_STORY + "<ul><li>The harbour" * int(30_000 * scale)).encode(),
    "times": _many('<time datetime="2026-03-01">1 March 2026</time>', 100_000),
    "times in the text": _many('<p>Text <time>12 hours ago</time></p>', 100_000),
    "bylines": _many('<p class="byline">By Amara Nwosu</p>', 100_000),
    "rel author": _many('<a rel="author" href="/a">Amara Nwosu</a>', 100_000),
    "figures": _many('<figure><img src="/a.jpg"><figcaption>A ferry</figcaption></figure>', 50_000),
    "images": _many('<img src="/a.jpg">', 200_000),
    "iframes": _many('<iframe src="x"></iframe>', 100_000),
    "metas": _head('<meta name="description" content="The harbour">', 100_000),
    "date metas": _head('<meta property="article:published_time" content="2026-03-01">', 100_000),
    "author metas": _head('<meta name="author" content="Amara Nwosu">', 100_000),
    "link elements": _head('<link rel="alternate" href="/a">', 100_000),
    "scripts": _head('<script type="application/ld+json">{"@type":"NewsArticle","headline":"x"}</script>', 50_000),
    "scripts bad": _head('<script type="application/ld+json">{"@type":"NewsArticle",,"headline":"x"</script>', 50_000),
    "itemprops": _many('<span itemprop="author" itemscope><b itemprop="name">Amara</b></span>', 50_000),
    "attributes": lambda scale: ("<div " + "".join(f"a{n}=1 " for n in range(int(1_000_000 * scale))) + f">{_STORY}").encode(),
    "body attributes": lambda scale: ("<body " + "".join(f"a{n}=1 " for n in range(int(200_000 * scale))) + f">{_STORY}").encode(),
    "class names": _distinct('<div class="related-%d">The harbour of Ellerton.</div>', 50_000),
    "nested class names": lambda scale: (_STORY + "".join(f'<div class="c{n} article-body">The harbour opened.' for n in range(int(30_000 * scale)))).encode(),
    "many classes": lambda scale: ('<div class="' + " ".join(f"c{n}-x" for n in range(int(300_000 * scale))) + f'">{_STORY}</div>').encode(),
    "entity bomb": _many("&CounterClockwiseContourIntegral;", 100_000),
    "broken entities": _many("&#xD800;&#0;&#99999999;&amp", 100_000),
    "unclosed comment": lambda scale: (_STORY + "<!-- " + "x" * int(5_000_000 * scale)).encode(),
    "unclosed script": lambda scale: (_STORY + "<script>" + "x" * int(5_000_000 * scale)).encode(),
    "unclosed attribute": lambda scale: (_STORY + '<a href="' + "x" * int(5_000_000 * scale)).encode(),
    "one line": lambda scale: (_STORY + "<p>" + _SENTENCE * int(62_000 * scale)).encode(),
    "one word": lambda scale: (_STORY + "<p>" + "a" * int(5_000_000 * scale)).encode(),
    "no markup": lambda scale: (_SENTENCE * int(62_000 * scale)).encode(),
    "nul bytes": lambda scale: b"\0" * int(5_000_000 * scale),
    "nul bytes within": lambda scale: (_STORY.encode() + b"<p>\0a\0b" * int(500_000 * scale)),
    "high bytes": lambda scale: b"<p>" + b"\xff\xfe\x80" * int(1_000_000 * scale),
    "windows-1256": lambda scale: ("<p>" + "الميناء يفتح أبوابه. " * int(100_000 * scale)).encode("cp1256"),
    "less than": lambda scale: b"<" * int(3_000_000 * scale),
    "open tags": lambda scale: b"<a" * int(1_000_000 * scale),
    "end tags": lambda scale: b"</p>" * int(500_000 * scale),
    "script openings": lambda scale: b"<p>Little</p>" + b"<script " * int(100_000 * scale),
    "script strings": lambda scale: b"<p>Little</p>" + b"<script>\"" * int(100_000 * scale),
    "scripts empty": lambda scale: b"<p>Little</p>" + b"<script>x</script>" * int(100_000 * scale),
    "script markup": lambda scale: b"<p>Little</p><script>a=[" + (b'"' + b"<p>The harbour.</p>" * 40 + b'",') * int(2_000 * scale) + b"]</script>",
    "json strings": lambda scale: b'<p>Little</p><script>"' + b'\\"' * int(1_000_000 * scale) + b"</script>",
    "nested lists in json": _nested_json("[", "]"),
    "nested objects in json": _nested_json('{"@graph":', "}"),
    "wide json": lambda scale: ('<script type="application/ld+json">[' + '{"@type":"NewsArticle","author":[{"name":"A B"}]},' * int(40_000 * scale) + "{}]</script>" + _STORY).encode(),
    "many authors": lambda scale: ('<script type="application/ld+json">{"@type":"NewsArticle","author":[' + '{"name":"Amara Nwosu"},' * int(40_000 * scale) + "{}]}</script>" + _STORY).encode(),
    "distinct authors": lambda scale: ('<script type="application/ld+json">{"@type":"NewsArticle","author":[' + "".join(f'{{"name":"Amara Nwosu{n}"}},' for n in range(int(20_000 * scale))) + "{}]}</script>" + _STORY).encode(),
    "big number in json": lambda scale: ('<script type="application/ld+json">{"@type":"NewsArticle","datePublished":' + "9" * int(1_000_000 * scale) + "}</script>" + _STORY).encode(),
    "json escapes": lambda scale: ('<script type="application/ld+json">{"@type":"NewsArticle","headline":"' + "\\ud800" * int(100_000 * scale) + '"}</script>' + _STORY).encode(),
    "deep and wide": lambda scale: (_STORY + ("<div>" * 200 + "<p>The harbour opened again at dawn.</p>" + "</div>" * 200) * int(1_000 * scale)).encode(),
    "forms": _many("<form><input><select><option>a</select></form>", 50_000),
    "live entries": _many('<article class="live-entry"><time datetime="2026-03-01T10:00">10:00</time><p>The harbour opened.</p></article>', 30_000),
    "twenty megabytes": lambda scale: (_STORY + f'<div class="a"><p>{_SENTENCE}</p></div>' * int(186_000 * scale)).encode(),
    **{f"{unit} in {place}": _where(place, text) for place in _PLACES for unit, text in _UNITS.items() if not (text in ("<p>", "<!--") and "<p" not in _PLACES[place][0])},
}  # fmt: skip


def packed() -> int:
    """Return how many bytes all pages have when compressed (they are made, not kept)."""
    return sum(len(gzip.compress(page(0.01))) for page in PAGES.values())
