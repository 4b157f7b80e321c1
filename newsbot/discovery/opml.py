"""OPML: the subscription lists that feed readers export and import.

Source: the OPML 2.0 specification (http://opml.org/spec2.opml), and what readers write: Feedly,
Inoreader, NewsBlur, FreshRSS, Miniflux, NetNewsWire and Thunderbird. Folders are outlines around
outlines; some readers repeat a feed in each of its folders, some name folders by ``title`` alone,
Thunderbird puts each feed into a folder of its own name.

What OPML has no word for stands in one attribute of a namespace, as the specification asks:
``newsbot:source``, the source's settings as JSON. Other readers pass over it.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from email.utils import format_datetime
from html import unescape
from html.entities import html5
from typing import Any
from xml.sax.saxutils import quoteattr

from lxml import etree

from newsbot.discovery.entries import EntryPoint
from newsbot.discovery.subscriptions import KINDS, ListError, Subscription

NAMESPACE = "urn:newsbot:source"
_SOURCE = f"{{{NAMESPACE}}}source"

# What is not well-formed and stands in lists all the same: a bare ampersand, and HTML's entities.
_BARE = re.compile(r"&(?!(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});)")
_NAMED = re.compile(r"&([a-zA-Z][a-zA-Z0-9]{1,31});")
_XML = frozenset(("amp", "lt", "gt", "quot", "apos"))
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

# Folders that mean "in no folder": FreshRSS and Miniflux name theirs so by default.
_NO_FOLDER = frozenset(("uncategorized", "uncategorised", "all"))
_INCLUDED = frozenset(("include", "opml"))
# An outline of these types without a feed's address is broken; of others it is an empty folder.
_FEEDS = frozenset(("rss", "atom", "rdf"))
_DEEPEST = 64


def read_opml(text: str) -> list[Subscription]:
    """Return the sites of an OPML list, in its order; as much as can be read of a broken one.

    Raises:
        ListError: when it is none.
    """
    text = _DOCTYPE.sub("", _DECLARATION.sub("", _CONTROL.sub(" ", text)), count=1)
    text = _NAMED.sub(_character, _BARE.sub("&amp;", text))
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    root = etree.fromstring(text.encode("utf8", "replace"), parser)
    if root is None or etree.QName(root).localname.lower() != "opml":
        raise ListError("it is no OPML: its first element is not <opml>")
    return list(_sites(root, (), 0))


def _character(entity: re.Match[str]) -> str:
    return entity.group() if entity[1] in _XML else html5.get(f"{entity[1]};", "&amp;" + entity[1])


def _sites(parent: Any, folders: tuple[str, ...], depth: int) -> Iterator[Subscription]:
    for node in parent:
        tag = etree.QName(node).localname.lower()
        if tag == "body":
            yield from _sites(node, folders, depth)
        if tag != "outline":
            continue
        said = _said(node)
        if said.get("iscomment", "").strip().lower() == "true":
            continue
        site = _site(node, said, folders)
        if site is not None:
            yield site
        if depth < _DEEPEST:
            inner = folders if site is not None else (*folders, *_folder(node, said))
            yield from _sites(node, inner, depth + 1)


def _said(node: Any) -> dict[str, str]:
    """Return an outline's attributes. Their names are written in any case."""
    return {name.lower(): value for name, value in node.items()}


def _site(node: Any, said: dict[str, str], folders: tuple[str, ...]) -> Subscription | None:
    """Return the site of an outline; None when it is a folder."""
    line = int(node.sourceline or 0)
    kind = said.get("type", "").strip().lower()
    title = _words(said.get("title") or said.get("text") or "")
    feed, page = _address(said.get("xmlurl", "")), _address(said.get("htmlurl", ""))
    other = _address(said.get("url", ""))
    if kind in _INCLUDED:
        return Subscription(
            line=line,
            title=title,
            problem=f"it is another list ({other or feed or 'without an address'}); import that by itself",
        )
    if not feed and not page and not other:
        if kind in _FEEDS:
            return Subscription(line=line, title=title, problem="it has no address (xmlUrl)")
        return None
    own = _own(node.get(_SOURCE))
    if own is not None:
        return own_subscription(own, line=line, title=title)
    ways: tuple[EntryPoint, ...] = ()
    if feed and kind.startswith("html"):  # FreshRSS, on pages that it reads by a selector
        page = page or feed
    elif feed:
        ways = (EntryPoint(url=feed, kind="feed"),)
    return Subscription(
        line=line,
        homepage=page or other,
        entry_points=ways,
        title=title,
        groups=_groups((*folders, *_categories(said.get("category", "")))),
    )


def _own(attribute: str | None) -> dict[str, Any] | None:
    try:
        own = json.loads(attribute or "")
    except ValueError:
        return None
    return own if isinstance(own, dict) and isinstance(own.get("homepage"), str) else None


def own_subscription(own: dict[str, Any], *, line: int, title: str) -> Subscription:
    """Return the site that newsbot's own words describe; what has the wrong type is left out."""

    def of(name: str, *kinds: type) -> Any:
        value = own.get(name)
        return value if type(value) in kinds else None

    ways = [
        EntryPoint(url=way[1], kind=KINDS[way[0]])
        for way in of("entry_points", list) or ()
        if isinstance(way, list) and len(way) == 2 and isinstance(way[1], str)
        if way[0] in tuple(KINDS)
    ]
    return Subscription(
        line=line,
        homepage=own["homepage"].strip(),
        entry_points=tuple(ways),
        name=_words(of("name", str) or ""),
        title=title if of("title", str) is None else _words(own["title"]),
        groups=_groups(each for each in of("groups", list) or () if isinstance(each, str)),
        delay=of("delay", int, float),
        concurrency=of("concurrency", int),
        javascript=of("javascript", bool),
        poll=of("poll", bool),
    )


def _folder(node: Any, said: dict[str, str]) -> tuple[str, ...]:
    """Return the group that a folder stands for, if any."""
    name = _words(said.get("text") or said.get("title") or "")
    inner = [_said(child) for child in node]
    own = len(inner) == 1 and "xmlurl" in inner[0]
    if own and name == _words(inner[0].get("title") or inner[0].get("text") or ""):
        return ()
    return (name,)


def _categories(text: str) -> list[str]:
    """Return the tags of OPML's category attribute: "/Boston/Weather,/Harvard"."""
    return [part for each in text.split(",") for part in each.strip().strip("/").split("/")]


def _groups(names: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for name in map(_words, names):
        if name and name.casefold() not in _NO_FOLDER:
            found.setdefault(name.casefold(), name)
    return tuple(found.values())


def _words(text: str) -> str:
    # Some readers escape what they got escaped.
    return " ".join(unescape(text).split())[:200]


def _address(text: str) -> str:
    """Return an address as a list states it; feed://host and feed:https://host are a reader's own."""
    address = text.strip()
    if address.lower().startswith("feed:"):
        rest = address[len("feed:") :]
        address = f"http:{rest}" if rest.startswith("//") else rest
    return address


def write_opml(sites: Iterable[Subscription], *, now: datetime) -> str:
    """Return the list of these sites: a folder for each first group, and each feed once in it.

    The first outline of a site says all of it to newsbot; the others are for the readers that know
    feeds alone.
    """
    folders: dict[str, list[str]] = {}
    for site in sites:
        folder = folders.setdefault(site.groups[0] if site.groups else "", [])
        folder.extend(_outlines(site))
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<opml version="2.0" xmlns:newsbot="{NAMESPACE}">',
        "  <head>",
        "    <title>Sources of newsbot</title>",
        f"    <dateCreated>{format_datetime(now)}</dateCreated>",
        "  </head>",
        "  <body>",
    ]
    for name, outlines in sorted(folders.items()):
        if name:
            lines.append(f"    <outline text={_quoted(name)} title={_quoted(name)}>")
            lines += [f"      {each}" for each in outlines]
            lines.append("    </outline>")
        else:
            lines += [f"    {each}" for each in outlines]
    return "\n".join([*lines, "  </body>", "</opml>", ""])


def _outlines(site: Subscription) -> list[str]:
    own = {
        "name": site.name,
        "title": site.title,
        "homepage": site.homepage,
        "groups": site.groups,
        "entry_points": [(way.kind, way.url) for way in site.entry_points],
        "delay": site.delay,
        "concurrency": site.concurrency,
        "javascript": site.javascript,
        "poll": site.poll,
    }
    said = {name: value for name, value in own.items() if value is not None}
    title = site.title or site.name
    common = f"text={_quoted(title)} title={_quoted(title)}"
    tags = ",".join(f"/{each}" for each in site.groups if not set(each) & set(",/"))
    category = f" category={_quoted(tags)}" if tags else ""
    mine = f" newsbot:source={_quoted(json.dumps(said, ensure_ascii=False))}"
    home = f" htmlUrl={_quoted(site.homepage)}{category}{mine}/>"
    feeds = [way.url for way in site.entry_points if way.kind == "feed"]
    if not feeds:
        return [f'<outline type="link" {common} url={_quoted(site.homepage)}{home}']
    return [f'<outline type="rss" {common} xmlUrl={_quoted(feed)}{home}' for feed in feeds]


def _quoted(text: str) -> str:
    return quoteattr(_CONTROL.sub(" ", text), {"\n": "&#10;", "\t": "&#9;"})
