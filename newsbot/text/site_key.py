"""One key for the addresses of one site: what tells sites apart, however their address is typed.

Coarser than the canonical URL, which names a page: scheme, ``www.``, default ports, a mobile or AMP
host and a slash at the end make no other site. The path stays: a section is another site than the
whole.
"""

from newsbot.text.url_twins import without_twin_host
from newsbot.text.urls import canonical_url, is_web_url

_DEFAULT_PORTS = (":80", ":443")


def site_key(url: str) -> str:
    """Return the key of a site's address; "" for what is no http(s) address."""
    if not is_web_url(url):
        return ""
    authority, slash, rest = canonical_url(url).partition("://")[2].partition("/")
    host, colon, port = authority.rpartition(":")
    if f"{colon}{port}" in _DEFAULT_PORTS:
        authority = host
    authority = without_twin_host(authority).removeprefix("www.")
    path, mark, query = rest.partition("?")
    return f"{authority}{slash}{path.rstrip('/')}{mark}{query}".rstrip("/")


def host_of(key: str) -> str:
    """Return the host that a key is on."""
    return key.partition("/")[0].partition("?")[0]
