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

_TWIN_HOST = re.compile(r"(?:m|mobile|mobil|touch|wap|amp\d?|amphtml)\.(?P<site>.+)")
# Second-level domains under which sites register, as far as news uses them (Public Suffix List).
_SECOND_LEVEL = frozenset(
    "co com net org gov gob gouv govt ac edu or ne go in id web gen mil".split()
)
# Mobile editions by language: en.m.example.org.
_EDITION = re.compile(r"^([a-z]{2,3})\.m\.(?=[^.]+\.[^.]+)")
# What an article's address has and a section's has not: words joined by hyphens, or a number.
_ARTICLE = re.compile(r"[-_%].*[-_%]|\d{3}|[-_].*\d|\.[a-z]{3,5}$|.{30}", re.IGNORECASE)
_SLUG = re.compile(r"[-_%.]|\d\d|.{20}")
# Folders in front of amp/ that belong to it: Vox Media's Chorus, Globo.
_AMP_FOLDERS = frozenset(("platform", "google"))
# story.amp.html, story.html.amp, story!amp, story~amp.html, story_amp.shtml, story-12345-amp. What ends in .amp has
# another ending as a page, which its form does not tell (measured: .html on three sites of five).
_AMP_ENDING = re.compile(
    r"(?i)(?:(?<=\w)\.amp(?=\.\w+$)|(?<=\.html)\.amp$|[!~]amp(?=\.\w+$|$)|_amp(?=\.\w+$)|(?<=\d)-amp$)"
)
# https://support.google.com/blogger/answer/1751331
_BLOGGER_POST = re.compile(r"/\d{4}/\d{2}/[^/]+\.html")


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
        return _EDITION.sub(r"\1.", host)
    site = match["site"]
    labels = site.split(".")
    if len(labels) == 2 and labels[0] in _SECOND_LEVEL and len(labels[1]) == 2:
        return host  # amp.com.au is a company's own name
    registered = len(labels) == 2 or (
        len(labels) == 3 and len(labels[2]) == 2 and labels[1] in _SECOND_LEVEL
    )
    return f"www.{site}" if registered else site


def without_amp(path: str) -> str:
    """Return a path without what makes it that of an AMP page.

    /world/a-story-1/amp/, /amp/world/a-story-1, /a-story-1.amp.html and /news/amp/world-123 are; /amp/,
    /tag/amp and /amp/guitars are not.
    """
    segments = path.split("/")
    filled = [number for number, segment in enumerate(segments) if segment]
    if not filled:
        return path
    last = filled[-1]
    marks = [number for number in filled if segments[number].lower() == "amp"]
    if marks and marks[-1] == last:
        if len(filled) > 1 and _SLUG.search(segments[filled[-2]]):
            del segments[last]
        return "/".join(segments)
    if marks and any(_ARTICLE.search(segments[number]) for number in filled if number > marks[0]):
        first = marks[0]
        led = first > 0 and segments[first - 1].lower() in _AMP_FOLDERS
        del segments[first - led : first + 1]
        return "/".join(segments)
    segments[last] = _AMP_ENDING.sub("", segments[last])
    return "/".join(segments)


def is_mobile_blog(path: str, pair: str) -> bool:
    """Say whether a parameter asks Blogger for the mobile page of a post, on whatever host."""
    return pair in ("m=0", "m=1") and _BLOGGER_POST.fullmatch(path) is not None
