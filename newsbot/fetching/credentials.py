"""What an operator has sent with the requests of one source: headers, cookies, a proxy.

They go to the source's own hosts and to no other, whatever redirects or pages say: a header is put
on each request by its own address, and taken off again where a redirect carries it elsewhere.
"""

import re
from collections.abc import Iterable
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import attrs

from newsbot.archive.sources import Pair, Source
from newsbot.fetching.addresses import DEFAULT_PORTS, normal_host

# Names of the headers that a request carries for its source's sake; they are not written down.
PRIVATE = "private_headers"

# Headers whose values are no secret by what they are for; any other's is shown to nobody.
_OPEN = frozenset(
    {"accept", "accept-language", "cache-control", "dnt", "from", "origin", "pragma", "referer"}
    | {"sec-gpc", "upgrade-insecure-requests", "user-agent", "via", "x-requested-with"}
)
# A header's name (RFC 9110, 5.1) and value (5.5): no control characters, so no second header.
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
# A cookie's value (RFC 6265, 4.1.1), taken a little more widely, as browsers do.
_COOKIE = re.compile(r"[^\x00-\x20\x7f;,\"\\]*|\"[^\x00-\x20\x7f;,\"\\]*\"")
# Headers that belong to the connection or the message, not to the operator.
_NOT_OURS = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "te", "trailer", "upgrade"}
    | {"keep-alive", "expect", "proxy-connection", "proxy-authorization", "cookie"}
)
HIDDEN = "••••"

Origin = tuple[str, str, int]


@attrs.frozen(kw_only=True)
class Access:
    """What an operator says of how a site is reached; each as in its ``Source``."""

    allowed_hosts: tuple[str, ...] = ()
    headers: tuple[Pair, ...] = ()
    cookies: tuple[Pair, ...] = ()
    proxy: str = attrs.field(default="", repr=False)


@attrs.frozen
class Credentials:
    """What goes with the requests to a source's own hosts, given as ``origins``."""

    origins: frozenset[Origin] = frozenset()
    headers: tuple[Pair, ...] = ()
    cookies: tuple[Pair, ...] = ()
    proxy: str = attrs.field(default="", repr=False)

    @classmethod
    def of(cls, source: Source) -> Self:
        """Return what a source's record says."""
        urls = [source.homepage, *(way.url for way in source.entry_points)]
        return cls.on(urls, headers=source.headers, cookies=source.cookies, proxy=source.proxy)

    @classmethod
    def on(
        cls,
        urls: Iterable[str],
        *,
        headers: tuple[Pair, ...] = (),
        cookies: tuple[Pair, ...] = (),
        proxy: str = "",
    ) -> Self:
        """Return what goes with requests to the sites of these URLs.

        ``http://`` counts for ``https://`` too, and ``www.`` for the bare host; never the reverse
        of the first: what is meant for an encrypted site is not sent in the clear.
        """
        origins: set[Origin] = set()
        for url in urls:
            origin = _origin(url)
            if origin is None:
                continue
            scheme, host, port = origin
            bare = host.removeprefix("www.")
            for each in (bare, f"www.{bare}") if port == DEFAULT_PORTS[scheme] else (host,):
                origins.add((scheme, each, port))
                if origin[0] == "http" and port == DEFAULT_PORTS["http"]:
                    origins.add(("https", each, DEFAULT_PORTS["https"]))
        return cls(frozenset(origins), headers, cookies, proxy)

    def belong_to(self, url: str) -> bool:
        """Say whether a URL is on one of the source's own hosts."""
        return _origin(url) in self.origins

    def all_headers(self) -> dict[str, str]:
        """Return the headers, cookies among them, by name."""
        headers = {pair.name: pair.value for pair in self.headers}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{pair.name}={pair.value}" for pair in self.cookies)
        return headers


def header(text: str) -> Pair:
    """Return a header from ``Name: value``.

    Raises:
        ValueError: saying what would be right.
    """
    name, colon, value = text.partition(":")
    name, value = name.strip(), value.strip()
    if not colon or not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
        raise ValueError(f"{name!r} is no header; give one as 'Name: value'")
    if name.lower() in _NOT_OURS:
        how = "with --cookie" if name.lower() == "cookie" else "by newsbot itself"
        raise ValueError(f"the header {name} is set {how}")
    return Pair(name=name, value=value)


def cookie(text: str) -> Pair:
    """Return a cookie from ``name=value``.

    Raises:
        ValueError: saying what would be right.
    """
    name, equals, value = text.strip().partition("=")
    if not equals or not _NAME.fullmatch(name) or not _COOKIE.fullmatch(value):
        raise ValueError(f"{name!r} is no cookie; give one as 'name=value'")
    return Pair(name=name, value=value)


def proxy(text: str) -> str:
    """Return the URL of a proxy as it is kept.

    Raises:
        ValueError: saying what would be right.
    """
    wrong = (
        "a proxy is given as http://proxy.example:3128 or http://user:password@proxy.example:3128"
    )
    try:
        parts = urlsplit(text.strip())
        normal_host(parts.hostname or "")
        _ = parts.port
    except ValueError:
        raise ValueError(wrong) from None
    if parts.scheme != "http" or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError(wrong)
    return urlunsplit((parts.scheme, parts.netloc, "", "", ""))


def is_secret(name: str) -> bool:
    """Say whether a header's value may be a secret, by the header's name."""
    return name.lower() not in _OPEN


def masked(source: Source) -> Source:
    """Return a source as it may be shown: cookies, headers and the proxy's password hidden."""
    return attrs.evolve(
        source,
        headers=tuple(
            attrs.evolve(pair, value=HIDDEN) if is_secret(pair.name) else pair
            for pair in source.headers
        ),
        cookies=tuple(attrs.evolve(pair, value=HIDDEN) for pair in source.cookies),
        proxy=_without_password(source.proxy),
    )


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    user, at, where = parts.netloc.rpartition("@")
    if not at:
        return url
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}:{HIDDEN}@{where}"))


def _origin(url: str) -> Origin | None:
    try:
        parts = urlsplit(url)
        host, port = normal_host(parts.hostname or ""), parts.port
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS:
        return None
    return parts.scheme, host, DEFAULT_PORTS[parts.scheme] if port is None else port
