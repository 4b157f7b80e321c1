"""Web addresses: one form for each page.

The canonical form follows RFC 3986 (syntax-based normalization) and drops what says how a reader
came rather than which page is meant; the parameters dropped are the table ``tracking.tsv``, with
their sources. The order of the parameters that stay is kept: to some servers it matters.
"""

import re
from functools import lru_cache
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import idna

from newsbot.text.tracking import is_tracking
from newsbot.text.url_twins import is_mobile_blog, page_of, without_amp, without_twin_host

_DEFAULT_PORTS = {"http": 80, "https": 443}
_STRIPPED = "".join(map(chr, range(33)))
# A browser drops tabs and line ends inside an address (WHATWG URL, basic parser).
_DROPPED = re.compile(r"[\t\r\n]")
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})")
_STRAY_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
_SAFE_IN_PATH = "%/:@!$&'()*+,;=~"
_SAFE_IN_QUERY = _SAFE_IN_PATH + "?[]|"
# Java's session ids behind a semicolon, and ASP.NET's in a segment of their own.
_SESSION = re.compile(
    r";(?:jsessionid|phpsessid|sid)=[^/?#;]*|/\((?:[A-Z]\([0-9a-zA-Z_-]+\))+\)(?=/)", re.IGNORECASE
)
# The file that Apache, nginx and IIS show for a folder, under its usual names.
_INDEX = re.compile(r"/(?:index\.(?:html?|php)|default\.aspx?)$", re.IGNORECASE)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?")
# What begins otherwise needs no parsing; a browser drops tabs and line ends in a scheme, too.
_WEB = re.compile(r"[\t\r\n]*h[\t\r\n]*t[\t\r\n]*t[\t\r\n]*p", re.IGNORECASE)
_ADDRESS_V4 = re.compile(r"[0-9.]+")
_LONGEST_HOST = 253


@lru_cache(maxsize=4096)  # a crawl asks for the address of a page at every step
def canonical_url(url: str) -> str:
    """Return the one form of an address; what is no http(s) address comes back stripped.

    Scheme and host in lower case, international host names in ASCII, no user, no default port, no
    fragment (but ``#!`` and ``#/``, which name pages), no tracking parameters or session ids,
    percent-encoding in its shortest form, dot segments resolved, ``/`` for an empty path. The AMP,
    mobile and cached twins of a page have the page's address. Idempotent; never raises.
    """
    form = _canonical(url)
    # A twin may hold an address that is a twin itself.
    for _ in range(_MOST_ROUNDS):
        before, form = form, _canonical(form)
        if form == before:
            break
    return form


_MOST_ROUNDS = 12


def _canonical(url: str) -> str:
    stripped = url.strip(_STRIPPED)
    parsed = _split(stripped)
    if parsed is None:
        return stripped
    split, authority = parsed
    held = page_of(authority, f"{split.path}?{split.query}" if split.query else split.path)
    if held is not None and _split(held) is not None:
        return held
    path = _normal(_SESSION.sub("", split.path), _SAFE_IN_PATH)
    path = _without_index(_without_dots(path), split.query)
    if path != "/":
        path, authority = without_amp(path), without_twin_host(authority)
    query = _kept_query(split.query, split.hostname or "", path)
    named = split.fragment.startswith(("!", "/"))
    fragment = _normal(split.fragment, _SAFE_IN_QUERY) if named else ""
    return (
        f"{split.scheme}://{authority}{path}"
        + (f"?{query}" if query else "")
        + (f"#{fragment}" if fragment else "")
    )


def page_key(url: str) -> str:
    """Return what the addresses of one page share: they differ by convention, not in what they show.

    Two addresses that differ in http or https, in ``www.`` or in a slash at the end are one page's on
    nearly every site, and feeds, sitemaps and pages of a site seldom agree on which they give. It is
    no address: it says which page is meant, not where it is.
    """
    form = canonical_url(url)
    scheme, mark, rest = form.partition("://")
    if not mark or scheme not in _DEFAULT_PORTS:
        return form
    end = next((at for at, letter in enumerate(rest) if letter in "?#"), len(rest))
    return rest[:end].rstrip("/").removeprefix("www.") + rest[end:]


def site_of(url: str) -> str:
    """Return the host that an address is on, without ``www.``, with its port where it is unusual.

    An address that is no http(s) address is on no site: ``""``.
    """
    parsed = _split(url.strip(_STRIPPED))
    return parsed[1].removeprefix("www.") if parsed else ""


def is_web_url(url: str) -> bool:
    """Say whether a text is an absolute http(s) address with a host that can be."""
    return _split(url.strip(_STRIPPED)) is not None


def absolute(base: str, link: str) -> str:
    """Return the http(s) address that a link leads to from an address; "" where it leads to none."""
    link = link.strip()
    if not link:
        return ""
    try:
        address = urljoin(base, link)
    except ValueError:
        return ""
    return address if is_web_url(address) else ""


def _split(url: str) -> tuple[SplitResult, str] | None:
    """Return the parts of an http(s) address and its normal authority; None when it is none."""
    if not _WEB.match(url):
        return None
    try:
        split = urlsplit(_DROPPED.sub("", url))
        port = split.port
        host = split.hostname or ""
    except ValueError:
        return None
    if split.scheme not in _DEFAULT_PORTS:
        return None
    ascii_host = _ascii_host(host)
    if not ascii_host:
        return None
    if port is None or port == _DEFAULT_PORTS[split.scheme]:
        return split, ascii_host
    return split, f"{ascii_host}:{port}"


def _ascii_host(host: str) -> str:
    """Return a host name in lower-case ASCII (IDNA 2008, UTS 46); "" when it can be none."""
    if ":" in host:  # urlsplit has taken the brackets off an IPv6 address, and checked it
        return f"[{host}]"
    host = host.rstrip(".")
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return ""
    host = host.lower()
    if len(host) > _LONGEST_HOST:
        return ""
    if _ADDRESS_V4.fullmatch(host):
        numbers = host.split(".")
        fits = len(numbers) == 4 and all(n.isdigit() and int(n) < 256 for n in numbers)
        return host if fits else ""
    return host if all(map(_LABEL.fullmatch, host.split("."))) else ""


def _normal(part: str, safe: str) -> str:
    """Return a part with the characters escaped that must be, in upper case, and no others."""
    if part.isascii() and "%" not in part and not _needs_quoting(part, safe):
        return part
    part = _STRAY_PERCENT.sub("%25", part)
    part = _ESCAPE.sub(_shortest, part)
    return quote(part.encode("utf8", "replace"), safe=safe)


def _needs_quoting(part: str, safe: str) -> bool:
    return not _UNRESERVED.issuperset(part) and not _UNRESERVED.union(safe).issuperset(part)


def _shortest(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if character in _UNRESERVED else escape.group().upper()


def _kept_query(query: str, host: str, path: str) -> str:
    if not query:
        return ""
    # Pages print &amp; where a browser reads &, and some writers copy it.
    pairs = query.replace("&amp;", "&").split("&")
    return "&".join(
        _normal(pair, _SAFE_IN_QUERY)
        for pair in pairs
        if pair and not is_tracking(pair, host) and not is_mobile_blog(path, pair)
    )


def _without_index(path: str, query: str) -> str:
    """Return a folder for the page that servers show for it; with a query it may be any page."""
    return path if query else _INDEX.sub("/", path)


def _without_dots(path: str) -> str:
    """Resolve ``.`` and ``..`` (RFC 3986, 5.2.4); an empty path is ``/``."""
    if "/." not in path:
        return path if path.startswith("/") else "/" + path
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)
