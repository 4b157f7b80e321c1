"""The next page of an article that stands on several, told from the next article by its number."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

# What sites call the page in a query or in a path's last segment.
_WORDS = (
    "page|pagenum|pageno|page_no|paged|pg|p|s|seite|teil|part|pag|pagina|side|sida|strona|sayfa"
)
_QUERY = re.compile(rf"(?:{_WORDS})", re.IGNORECASE)
_SEGMENT = re.compile(rf"(.+)/(?:{_WORDS})[-_/]?(\d{{1,2}})", re.IGNORECASE)
# A segment that is a number alone follows one that is an article's: a slug, not a year or a section.
_BARE = re.compile(r"(.+/(?:\d{5,}|(?=[^/]*[^\W\d])[^/]*(?:[-_.%]|\d{4}|[^/]{12})[^/]*))/(\d{1,2})")
_SUFFIX = re.compile(rf"(.+[^/])[-_,.](?:{_WORDS})?[-_]?(\d{{1,2}})", re.IGNORECASE)
_EXTENSION = re.compile(r"\.(?:s?html?|php|aspx?|jsp|cms|ece)$", re.IGNORECASE)


def next_page(stated: str, url: str) -> str:
    """Return the address that a page states for its next, where that is of the same article; else "".

    ``stated`` is the address and ``url`` the page's own. The two have to be the same but for a number,
    which grows by one.
    """
    try:
        here, there = urlsplit(url), urlsplit(stated)
    except ValueError:
        return ""
    if not stated or here.netloc != there.netloc or here.path in ("", "/"):
        return ""
    following = {(base, number + 1) for base, number in _numbered(here.path, here.query)}
    fits = following.intersection(_numbered(there.path, there.query))
    return stated if fits else ""


def _numbered(path: str, query: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield what an address may be: the article's own, and the number of the page.

    One without a number is the first; that is 1 for most and 0 for Drupal.
    """
    plain = _EXTENSION.sub("", path.rstrip("/"))
    asked = parse_qsl(query, keep_blank_values=True)
    rest = tuple(sorted(f"{name}={value}" for name, value in asked))
    yield (plain, *rest), 1
    yield (plain, *rest, "from 0"), 0
    for name, value in asked:
        if _QUERY.fullmatch(name) and value.isdecimal() and len(value) <= 2:
            others = tuple(each for each in rest if each != f"{name}={value}")
            yield (plain, *others), int(value)
            yield (plain, *others, "from 0"), int(value)
    for form in (_SEGMENT, _BARE, _SUFFIX):
        found = form.fullmatch(plain)
        if found:
            yield (_EXTENSION.sub("", found[1]), *rest), int(found[2])
