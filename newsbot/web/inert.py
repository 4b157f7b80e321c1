"""A publisher's page made inert: it may be looked at, and does nothing and asks for nothing. Pure.

What runs, loads, embeds or sends is taken out, contents and all, by a parser that knows HTML (nh3); what
is left is served under :data:`POLICY`, which forbids the same once more. Pictures are named by what they
are described with; links lead nowhere in the frame, and say where they would.
"""

from collections.abc import Mapping
from html import escape

import nh3

from newsbot.text.urls import absolute

# The page stands in a frame of ours and in nobody else's. ``sandbox`` with nothing allowed: no script, no
# form, no window, an origin of its own.
POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
HEADERS: Mapping[str, str] = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    # Names of what is linked are not looked up either; no policy forbids that.
    "x-dns-prefetch-control": "off",
    "x-frame-options": "SAMEORIGIN",
}

# Characters of a page that are shown.
MOST = 2_000_000

_EMPTIED = frozenset(
    "script noscript template title svg math iframe object embed applet frame frameset noframes noembed "
    "audio video canvas map select textarea datalist".split()
)
_TAGS = frozenset(
    "a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd "
    "del details dfn dir div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hgroup hr i "
    "img ins kbd li main mark menu nav ol p pre q rp rt ruby s samp section small span strike strong "
    "style sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr".split()
)
_ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "*": frozenset({"dir", "lang", "title", "class", "id", "style", "align", "hidden", "datetime"}),
    "a": frozenset({"href"}),
    "img": frozenset({"alt"}),
    "td": frozenset({"colspan", "rowspan"}),
    "th": frozenset({"colspan", "rowspan"}),
    "ol": frozenset({"start", "type"}),
    "font": frozenset({"color", "size"}),
}
_STYLE = "body{font:1rem/1.5 system-ui,sans-serif;margin:1rem;overflow-wrap:anywhere}"


def inert(markup: str, url: str, *, language: str = "", direction: str = "auto") -> str:
    """Return a page's markup as a page that does nothing; ``url`` is where it was read.

    ``language`` (BCP 47, "" where it is not known) and ``direction`` are those of its text.
    """
    cleaned = nh3.clean(
        markup[:MOST].replace("\0", ""),
        tags=set(_TAGS),
        clean_content_tags=set(_EMPTIED),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=lambda tag, name, value: _kept(url, tag, name, value),
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer nofollow",
    )
    return (
        f'<!doctype html><html lang="{escape(language or "und")}" dir="{escape(direction)}">'
        f'<meta charset="utf-8"><title>{escape(url)}</title><style>{_STYLE}</style>'
        f"<body>{cleaned}</body></html>"
    )


def _kept(url: str, tag: str, name: str, value: str) -> str | None:
    return (absolute(url, value) or None) if (tag, name) == ("a", "href") else value
