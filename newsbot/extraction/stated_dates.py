"""The dates that a page states for machines: JSON-LD, meta tags, microdata, its own address.

``trust`` of a statement is its place in the order that was measured on labelled pages; see
``docs/extraction-dates.md``.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from urllib.parse import urlsplit

from newsbot.extraction.page_tree import PageTree
from newsbot.extraction.statements import Node, Statements, plain
from newsbot.extraction.told_dates import Of, Told, kind_of_name
from newsbot.text.folding import fold

_LONGEST = 80
_MOST = 400

# schema.org's names, and what each is believed in an article's node and in one of another type.
_KEYS: tuple[tuple[str, Of, int, int], ...] = (
    ("datePublished", "published", 90, 78),
    ("dateCreated", "published", 64, 55),
    ("uploadDate", "published", 60, 40),
    ("dateModified", "modified", 90, 78),
)
_META = {"published": 88, "created": 43, "modified": 88}

# Year, month and day in an address, set apart alike or in eight digits that stand alone; day, month
# and year; and the moment at which a number was given, as news agencies of East Asia number articles.
_IN_ADDRESS = (
    (72, re.compile(
        r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<sep>[/_.-])(?P<month>0?[1-9]|1[0-2])(?P=sep)"
        r"(?P<day>0?[1-9]|[12]\d|3[01])(?!\d)"
    )),
    (66, re.compile(
        r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?!\d)"
    )),
    (46, re.compile(
        r"(?<!\d)(?P<day>0[1-9]|[12]\d|3[01])(?P<sep>[_.-])(?P<month>0[1-9]|1[0-2])(?P=sep)"
        r"(?P<year>20\d\d)(?!\d)"
    )),
    (38, re.compile(
        r"(?<!\d)(?P<year>20\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])"
        r"(?:[01]\d|2[0-3])[0-5]\d"
    )),
)  # fmt: skip
_LONGEST_ADDRESS = 2000


def stated_dates(statements: Statements, headline: str) -> Iterator[Told]:
    """Yield the dates of the JSON-LD and of the meta tags."""
    for node, is_article in _own_nodes(statements, headline):
        for key, of, as_article, otherwise in _KEYS:
            for text in _texts(node.get(key)):
                yield Told(of, f"json-ld {key}", text, as_article if is_article else otherwise)
    for name, content in statements.all_meta[:_MOST]:
        if len(content) <= _LONGEST and any(map(str.isdigit, content)):
            kind = kind_of_name(name)
            if kind:
                of_meta: Of = "modified" if kind == "modified" else "published"
                yield Told(of_meta, f"meta {name}", content, _META[kind])


def address_dates(url: str, statements: Statements) -> Iterator[Told]:
    """Yield the dates in the address that a page was read at, and in those it states for itself."""
    for address in dict.fromkeys((url, *statements.canonical)):
        for trust, day in _days_in(address):
            yield Told("published", "url", day, trust)
            break


def address_days(url: str) -> frozenset[date]:
    """Return the days that an address tells."""
    found = set()
    for _, day in _days_in(url):
        with suppress(ValueError):
            found.add(date.fromisoformat(day))
    return frozenset(found)


def _days_in(address: str) -> Iterator[tuple[int, str]]:
    for trust, pattern in _IN_ADDRESS:
        match = pattern.search(_path(address))
        if match:
            yield trust, f"{match['year']}-{int(match['month']):02}-{int(match['day']):02}"


def _path(address: str) -> str:
    try:
        return urlsplit(address[:_LONGEST_ADDRESS]).path
    except ValueError:
        return ""


# A date in a script: the value of a key that is named for one, or the argument of a function.
_IN_SCRIPT = re.compile(
    r"""["'](?P<date>(?:19|20)\d\d[-/.]?[01]?\d[-/.]?[0-3]?\d(?![\d.])[^"'\\]{0,24})"""
)
_BEFORE_IT = re.compile(r"""(?P<name>[A-Za-z_]{2,40})\\?["']?\s{0,3}[:=(,]\s{0,3}\\?$""")
_SCRIPTS = 60
_LONGEST_SCRIPT = 200_000
_MOST_IN_SCRIPTS = 20
_SCRIPT_TRUST = {"published": 39, "created": 35, "modified": 37, "": 24}


def script_dates(tree: PageTree) -> Iterator[Told]:
    """Yield the dates in scripts that are no JSON-LD, or broken: states of pages, calls, analytics."""
    found = 0
    for script in tree.css("script:not([src])")[:_SCRIPTS]:
        text = (script.text(deep=True) or "")[:_LONGEST_SCRIPT]
        for match in _IN_SCRIPT.finditer(text):
            named = _BEFORE_IT.search(text, max(0, match.start() - 50), match.start())
            kind = kind_of_name(named["name"]) if named else ""
            if named and (kind or named["name"].lower().endswith("date")):
                of: Of = "modified" if kind == "modified" else "published"
                yield Told(of, f"script {named['name']}", match["date"], _SCRIPT_TRUST[kind])
                found += 1
            if found >= _MOST_IN_SCRIPTS:
                return


def _own_nodes(statements: Statements, headline: str) -> Iterator[tuple[Node, bool]]:
    """Yield the nodes of JSON-LD that speak of the page, those of its article first."""
    articles = [
        node for node in statements.articles[:200] if any(node.get(key) for key, *_ in _KEYS)
    ]
    if len(articles) > 1:
        titles = {fold(plain(title)) for title in (headline, statements.said("og:title"))} - {""}
        own = [node for node in articles if fold(plain(node.get("headline"))) in titles]
        articles = own or articles[:1]
    yield from ((node, True) for node in articles)
    if not articles:
        known = set(map(id, statements.articles))
        yield from ((node, False) for node in statements.nodes if id(node) not in known)


def _texts(value: object) -> Iterator[str]:
    """Yield the dates that a key holds, in whichever form."""
    for each in value[:3] if isinstance(value, list) else (value,):
        if isinstance(each, dict):
            each = each.get("@value")
        if isinstance(each, int) and not isinstance(each, bool):
            each = str(each)[:20]
        text = plain(each[:_LONGEST]) if isinstance(each, str) else ""
        if text:
            yield text
