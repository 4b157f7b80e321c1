"""The way through the desk: its areas, the pages beneath each, and the key that leads to it.

A page is offered where it exists and to whom it answers: :data:`newsbot.web.access.TABLE` says both.
"""

import attrs

from newsbot.web.access import TABLE, Visitor


def _(message: str) -> str:
    """Mark a message for the catalogues."""
    return message


@attrs.frozen
class Place:
    """A page that the way leads to: its address, its name as a message, and the letter that follows ``g``."""

    address: str
    name: str
    key: str = ""


@attrs.frozen
class Area:
    """An area: the page that it begins with, and all of its pages, that one among them."""

    first: Place
    pages: tuple[Place, ...]
    current: bool = False


_AREAS: tuple[tuple[str, tuple[Place, ...]], ...] = (
    (_("Now"), (Place("/", _("Now"), "n"),)),
    (
        _("Search"),
        (
            Place("/search", _("Search"), "s"),
            Place("/attention", _("Attention"), "o"),
            Place("/rising", _("Rising"), "i"),
            Place("/saved", _("Saved"), "v"),
            Place("/lists", _("Lists"), "l"),
            Place("/why", _("Why"), "w"),
        ),
    ),
    (_("Triage"), (Place("/triage", _("Triage"), "t"), Place("/triage/value", _("Use of alerts")))),
    (_("Collections"), (Place("/collections", _("Collections"), "c"),)),
    (
        _("Alerts"),
        (
            Place("/alerts", _("Alerts"), "a"),
            Place("/channels", _("Channels"), "h"),
            Place("/outbox", _("Set aside")),
        ),
    ),
    (
        _("Sources"),
        (Place("/sources", _("Sources"), "u"), Place("/sources/add", _("Add a site"))),
    ),
    (_("Runs"), (Place("/runs", _("Runs"), "r"), Place("/schedules", _("Schedules"), "e"))),
    (
        _("Admin"),
        (
            Place("/admin", _("Admin"), "d"),
            Place("/admin/people", _("People"), "p"),
            Place("/admin/tokens", _("Tokens")),
            Place("/admin/audit", _("Audit")),
            Place("/admin/storage", _("Storage")),
            Place("/admin/settings", _("Settings")),
            Place("/api", _("API")),
        ),
    ),
)


def way(path: str, visitor: Visitor) -> list[tuple[str, Area]]:
    """Return the areas with the pages that a visitor may open, each by its name; where he is, is marked."""
    offered = []
    for name, pages in _AREAS:
        there = tuple(each for each in pages if open_to(each.address, visitor))
        if there:
            current = any(each.address == place(path) for each in pages)
            offered.append((name, Area(there[0], there, current)))
    return offered


def place(path: str) -> str:
    """Return the page of the way that a path stands at or beneath; "" for none."""
    if path == "/":
        return "/"
    addresses = [each.address for _, pages in _AREAS for each in pages if each.address != "/"]
    if path == "/article" or path.startswith("/article/"):
        return "/search"
    at = [each for each in addresses if path == each or path.startswith(f"{each}/")]
    return max(at, key=len, default="")


def open_to(address: str, visitor: Visitor) -> bool:
    """Say whether there is such a page, and whether this visitor may see it."""
    needed = TABLE.get(f"GET {address}")
    return needed is not None and visitor.role >= needed
