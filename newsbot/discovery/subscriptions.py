"""What a list of subscriptions says of one site, whatever format the list has."""

import attrs

from newsbot.discovery.entries import EntryPoint, Kind

KINDS: dict[str, Kind] = {"feed": "feed", "sitemap": "sitemap", "page": "page"}


@attrs.frozen(kw_only=True)
class Subscription:
    """One site on a list, as far as the list says.

    ``line`` is where it stands. ``homepage`` is the address of a site, ``entry_points`` what leads to
    its articles; where there are none, the site has to be looked at. ``name`` is the short name that
    newsbot itself gave it, ``title`` what people call it. None is what the list does not say.
    ``problem`` says why a line can be no site; the rest is then of no use.
    """

    line: int
    homepage: str = ""
    entry_points: tuple[EntryPoint, ...] = ()
    name: str = ""
    title: str = ""
    groups: tuple[str, ...] = ()
    delay: float | None = None
    concurrency: int | None = None
    javascript: bool | None = None
    poll: bool | None = None
    problem: str = ""


class ListError(Exception):
    """A file that is no list of subscriptions; the text says why and what would be."""
