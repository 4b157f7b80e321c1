"""Twins of an address: the AMP page, the mobile page and the cached copy of the same article.

An address is turned into that of the article's own page only where its form says so; *amp* as the
name of a section, or ``m.`` in front of a homepage, is no twin. Sources: the URL formats of
https://amp.dev/documentation/guides-and-tutorials/learn/amp-caches-and-cors/amp-cache-urls and
https://developers.google.com/amp/cache/overview; rel=amphtml links of publishers' pages.
"""

import re
from urllib.parse import parse_qsl

# An AMP cache: /c/s/ is a document over https, /c/ one over http; v is the viewer's, wp a signed one.
_CACHES = (".cdn.ampproject.org", ".ampproject.org", ".bing-amp.com", ".ampproject.net")
_CACHED = re.compile(r"/(?:c|v|wp|a)/(?P<tls>s/)?(?P<rest>[^/?]+\.[^/?]+(?:[/?].*)?)", re.DOTALL)
# Google's AMP viewer: google.com/amp/s/example.com/…
_VIEWED = re.compile(r"/amp/(?P<tls>s/)?(?P<rest>[^/?]+\.[^/?]+(?:[/?].*)?)", re.DOTALL)
_GOOGLE = re.compile(r"(?:www\.)?google\.[a-z]{2,3}(?:\.[a-z]{2})?")

# Addresses that only send on: host, path, and the parameter that holds where to.
_REDIRECTORS: dict[tuple[str, str], tuple[str, ...]] = {
    ("google", "/url"): ("q", "url"),
    ("l.facebook.com", "/l.php"): ("u",),
    ("lm.facebook.com", "/l.php"): ("u",),
    ("l.instagram.com", "/"): ("u",),
    ("www.youtube.com", "/redirect"): ("q",),
    ("t.umblr.com", "/redirect"): ("z",),
    ("out.reddit.com", "/"): ("url",),
    ("getpocket.com", "/redirect"): ("url",),
}

_TWIN_HOST = re.compile(r"(?:m|mobile|mobil|touch|wap|amp|amphtml)\.(?P<site>.+)")
# Second-level domains under which sites register, as far as news uses them (Public Suffix List).
_SECOND_LEVEL = frozenset(
    "co com net org gov gob gouv govt ac edu or ne go in id web gen mil".split()
)
# The last part of an article's address: words joined by hyphens, or a number.
_ARTICLE = re.compile(r".*(?:[-_%].*[-_%]|\d{3,}|[-_].*\d|\.html?$|\.php$|\.aspx?$).*|.{30,}")


def page_of(host: str, target: str) -> str | None:
    """Return the address that a cache, a viewer or a redirector holds, or None.

    ``target`` is path and query.
    """
    if host.endswith(_CACHES) or host == "cdn.ampproject.org":
        return _inner(_CACHED.match(target))
    if _GOOGLE.fullmatch(host):
        found = _inner(_VIEWED.match(target))
        if found:
            return found
    path, _, query = target.partition("?")
    name = "google" if _GOOGLE.fullmatch(host) else host
    wanted = _REDIRECTORS.get((name, path), ())
    for key, value in parse_qsl(query) if wanted else ():
        if key in wanted and value.startswith(("http://", "https://")):
            return value
    return None


def _inner(match: re.Match[str] | None) -> str | None:
    if match is None:
        return None
    return f"{'https' if match['tls'] else 'http'}://{match['rest']}"


def without_twin_host(host: str) -> str:
    """Return the host of the site's full pages: m.example.com is www.example.com."""
    match = _TWIN_HOST.fullmatch(host)
    if match is None or "." not in match["site"]:
        return host
    site = match["site"]
    labels = site.split(".")
    registered = len(labels) == 2 or (
        len(labels) == 3 and len(labels[2]) == 2 and labels[1] in _SECOND_LEVEL
    )
    return f"www.{site}" if registered else site


def without_amp(path: str) -> str:
    """Return a path without what makes it that of an AMP page.

    /world/a-story-1/amp/, /amp/world/a-story-1, /a-story.amp.html and /news/amp/world-123 are; /amp/,
    /tag/amp and /amp/guitars are not.
    """
    # A segment named amp in front of or behind what looks like an article's own name.
    segments = path.split("/")
    filled = [number for number, segment in enumerate(segments) if segment]
    lowered = [segment.lower() for segment in segments]
    if (
        len(filled) >= 2
        and lowered[filled[-1]] == "amp"
        and _ARTICLE.fullmatch(segments[filled[-2]])
    ):
        del segments[filled[-1]]
        return "/".join(segments)
    if len(filled) >= 2 and _ARTICLE.fullmatch(segments[filled[-1]]):
        places = [number for number in filled[:-1] if lowered[number] == "amp"]
        if places:
            del segments[places[0]]
            return "/".join(segments)
        segments[filled[-1]] = re.sub(
            r"(?i)\.amp(?=$|\.html?$|\.php$)|(?<=\.html)\.amp$", "", segments[filled[-1]]
        )
    elif filled:
        last = segments[filled[-1]]
        segments[filled[-1]] = re.sub(r"(?i)(?<=\w)\.amp(\.html?)$", r"\1", last)
    return "/".join(segments)
