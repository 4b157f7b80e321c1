"""The shape of an address: what kind of page it may lead to, by its form among those of its site.

Sites name their articles by one rule: a slug, a number, a date, in one place of the address. Two
articles of a site differ there and are alike elsewhere, in whatever language the words are.
"""

import re
from functools import lru_cache
from urllib.parse import unquote, urlsplit

import attrs

from newsbot.text.urls import canonical_url

# Files that are no pages.
_MEDIA = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|svg|ico|css|js|json|xml|rss|atom|pdf|zip|gz|mp[34]|m4a|ogg|webm"
    r"|mov|avi|docx?|xlsx?|pptx?|apk|exe|dmg|woff2?)$",
    re.IGNORECASE,
)
# Pages about the site and its readers. Words of URL vocabulary, which sites of all languages share.
_SERVICE = frozenset(
    "tag tags author authors autor autoren auteur autore login logout signin signup signup register "
    "account user users profile profiles privacy terms contact about imprint impressum kontakt "
    "datenschutz newsletter newsletters subscribe subscription abo cart shop feed feeds rss "
    "wp-admin wp-login.php wp-content cookie cookies help faq jobs advertise advertising sitemap "
    "print share comments comment cdn-cgi search suche buscar recherche members member my mailto "
    "legal careers accessibility permalink oauth auth sso redirect goto go out".split()
)
# Lists of articles; what stands below one may be an article all the same.
_LISTS = frozenset(
    "category categories cat topic topics section sections kategorie rubrik rubrique categoria "
    "seccion thema themen theme themes tema keyword label labels page archive archives".split()
)
_EXTENSION = re.compile(r"\.(?:s?html?|php\d?|aspx?|jsp|cfm|ece|cms|story|amp)$", re.IGNORECASE)
_DATED = re.compile(
    r"/(?:19|20)\d\d([/_-]?)(?:0?[1-9]|1[0-2])(?:\1(?:0?[1-9]|[12]\d|3[01]))?(?=[/_-]|\d|$)"
    r"|/(?:0?[1-9]|[12]\d|3[01])[-/](?:0?[1-9]|1[0-2])[-/](?:19|20)\d\d(?=[/_-]|$)"
    r"|/(?:19|20)\d\d/(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w{0,6}(?=/)",
    re.IGNORECASE,
)
_PARTS = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
# A universally unique id, or a hash: hex digits and letters mixed.
_HEX = re.compile(r"(?=[^\d]*\d)(?=[^a-f]*[a-f])[0-9a-f]{8,}", re.IGNORECASE)
_PAGED = re.compile(
    r"/(?:page|p|seite|pagina)[/=-]?\d{1,4}/?$|[?&](?:page|paged|p|start|offset)=\d{1,4}(?:&|$)|[_-]archive(?:\.html?)?$"
)


@attrs.frozen
class Shape:
    """What an address shows of itself.

    ``template`` is the address with its varying parts generalized: equal for articles of one site.
    ``words`` counts the words of its longest slug, ``number`` the digits of its longest number that is
    no date, ``dated`` says that a day or month stands in it with something behind, ``depth`` counts
    its segments.
    ``service`` is a page about the site or its readers, ``listing`` one of a list, ``media`` a file.
    """

    template: str
    words: int
    number: int
    dated: bool
    depth: int
    service: bool
    listing: bool
    media: bool
    paged: bool


@lru_cache(maxsize=8192)
def shape_of(url: str) -> Shape:
    """Return the shape of an address."""
    parts = urlsplit(canonical_url(url))
    path = unquote(parts.path)
    segments = [segment for segment in path.split("/") if segment]
    last = _EXTENSION.sub("", segments[-1]) if segments else ""
    date = _DATED.search(path)
    behind = path[date.end() :].strip("/-_") if date else ""
    outside = path[: date.start()] + "/" + path[date.end() :] if date else path
    lower = [_EXTENSION.sub("", segment).lower() for segment in segments]
    template = "/".join(_general(segment) for segment in lower)
    asked = sorted(pair.partition("=") for pair in parts.query.split("&")) if parts.query else []
    template += "".join(f"?{name}={_general(unquote(value).lower())}" for name, _, value in asked)
    slugs = [*lower[-2:], *(unquote(value) for _, _, value in asked)]
    values = [value for _, _, value in asked]
    return Shape(
        template=template,
        words=max(map(_words, slugs), default=0),
        number=max(map(_digits, [*outside.split("/"), *values]), default=0),
        dated=bool(behind),
        depth=len(segments),
        # An address that carries another leads through the site, or to a form about the page.
        service=_is_service(lower) or any("%3a%2f%2f" in each.lower() for each in values),
        listing=any(segment in _LISTS for segment in lower),
        media=bool(_MEDIA.search(last if not segments else segments[-1])),
        paged=bool(_PAGED.search(f"{path}?{parts.query}" if parts.query else path)),
    )


def _is_service(segments: list[str]) -> bool:
    """Say whether an address is one of the site's own affairs: by its beginning or its end."""
    return any(segment in _SERVICE for segment in [*segments[:2], *segments[-2:]])


def _general(segment: str) -> str:
    """Return a segment with what varies among articles generalized."""
    if segment.isdecimal():
        return "#" if len(segment) < 5 else "##"
    if _words(segment) >= 3:
        return "~#" if _digits(segment) >= 4 else "~"
    if _digits(segment) >= 4 or _HEX.search(segment):
        return "*#"
    return "*"


def _words(segment: str) -> int:
    """Return the words of a slug; scripts that do not part words are counted by characters."""
    count = 0
    for word in _PARTS.findall(segment):
        if word.isdecimal():
            continue
        dense = sum("\u2e80" <= each <= "\uffdc" or "\u0e00" <= each <= "\u0eff" for each in word)
        count += 1 + dense // 3
    return count


def _digits(segment: str) -> int:
    runs = re.findall(r"\d+", segment)
    longest = max(map(len, runs), default=0)
    return max(longest, 8) if _HEX.search(segment) else longest
