"""Requests that are answered only where something changed (RFC 9110, section 13).

A server names a version of what it sends by an ETag or by the time of its last change; sent back,
they ask for the body only if it is another. Where a server sends the same body all the same, its
digest tells.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b

from scrapy.http import Response
from scrapy.http.headers import Headers

from newsbot.archive.pages import Version
from newsbot.fetching.http_dates import http_date, seconds

# A last change so near the moment of sending may stand for two versions (RFC 9110, 8.8.2.2), in
# seconds. One that lies ahead of it stands for none: such servers answer 304 for ever.
_SETTLED = 2.0
# Longer ones are no validators but somebody's state.
_LONGEST = 512
# Servers that compress mark the ETag on the way out and forget to take the mark off on the way in,
# so that it never matches (Apache bugs 39727 and 45023; Jetty writes two hyphens). The unmarked one
# is sent as well.
_PACKED = re.compile(r'--?(?:gzip|br|zstd|deflate)(?="$)')
# A list is compared by its tags; a comma or a quote within one would make two of it.
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')


def conditions(version: Version) -> dict[str, str]:
    """Return the headers that ask for a body only if it is another than this version.

    Both are sent: a server that knows ETags passes the time over (13.1.3), and some old caches know the
    time alone. It goes back as it was written, since some servers compare the text.
    """
    headers = {}
    if version.etag:
        plain = _PACKED.sub("", version.etag)
        marked = plain != version.etag
        headers["If-None-Match"] = f"{version.etag}, {plain}" if marked else version.etag
    if version.last_modified:
        headers["If-Modified-Since"] = version.last_modified
    return headers


def same_name(one: Version, other: Version) -> bool:
    """Say whether a server holds both for one version."""
    if one.etag or other.etag:
        return one.etag.removeprefix("W/") == other.etag.removeprefix("W/")
    return bool(one.last_modified) and one.last_modified == other.last_modified


def version_of(response: Response, *, now: datetime) -> Version:
    """Return what names this version of a response, as far as it can be relied on."""
    headers = response.headers
    etag = _text(headers, "ETag")
    if len(etag) > _LONGEST or not _ETAG.fullmatch(etag):
        etag = ""
    modified = _text(headers, "Last-Modified")
    changed, sent = http_date(modified), http_date(_text(headers, "Date")) or now
    if changed is None or (sent - changed).total_seconds() < _SETTLED:
        modified = ""
    return Version(etag=etag, last_modified=modified, digest=digest(response.body))


def digest(body: bytes) -> str:
    """Return what stands for a body: 24 hexadecimal digits."""
    return blake2b(body, digest_size=12).hexdigest()


def fresh_for(headers: Headers) -> float:
    """Return for how many seconds a cache may give the same answer again (RFC 9111, 4.2)."""
    return stated_lifetime(headers) or 0.0


def stated_lifetime(headers: Headers) -> float | None:
    """Return for how many seconds an answer may be given again; None where nothing is said of it."""
    control = _directives(_text(headers, "Cache-Control"))
    if "no-cache" in control or "no-store" in control:
        return 0.0
    for name in ("s-maxage", "max-age"):
        lifetime = seconds(control.get(name, ""))
        if lifetime is not None:
            return max(0.0, lifetime - (seconds(_text(headers, "Age")) or 0.0))
    expires, sent = http_date(_text(headers, "Expires")), http_date(_text(headers, "Date"))
    return max(0.0, (expires - sent).total_seconds()) if expires and sent else None


def _directives(text: str) -> Mapping[str, str]:
    pairs = (each.partition("=") for each in text.lower().split(","))
    return {name.strip(): value.strip().strip('"') for name, _, value in pairs}


def _text(headers: Headers, name: str) -> str:
    return (headers.get(name) or b"").decode("latin-1").strip()
