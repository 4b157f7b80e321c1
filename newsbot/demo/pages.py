"""The sites' pages, filled in from templates; each site has markup of its own, as real sites do."""

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Final

import attrs
import cattrs
from jinja2 import Environment, PackageLoader, StrictUndefined

from newsbot.demo import dates
from newsbot.demo.addresses import path_of
from newsbot.demo.feeds import picture_path, schema_org
from newsbot.demo.newsroom import Post
from newsbot.demo.sites import Site

_TEMPLATES: Final = Environment(
    loader=PackageLoader("newsbot.demo"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@attrs.frozen
class Note:
    """A page that is no news: who we are, privacy, thanks for a letter."""

    path: str
    title: str
    text: str


@attrs.frozen(kw_only=True)
class Card:
    """A post as the templates show it: with its address, its date in words and its picture."""

    post: Post
    path: str
    date: str
    iso: str
    modified_date: str
    modified_iso: str
    section: str
    section_path: str
    picture: str


@attrs.frozen(kw_only=True)
class Listing:
    """A page of a list: its title ("" on the home page), its posts, and where older ones are."""

    title: str
    cards: tuple[Card, ...]
    path: str
    older: str = ""


@cache
def notes(language: str) -> dict[str, Note]:
    """Return the pages of a language's sites that are no news, by path."""
    text = files(__package__).joinpath("stock", "notes.toml").read_text(encoding="utf8")
    listed = cattrs.structure(tomllib.loads(text)[language], tuple[Note, ...])
    return {note.path: note for note in listed}


def card(site: Site, post: Post) -> Card:
    """Return what the templates need to show ``post``."""
    return Card(
        post=post,
        path=path_of(post),
        date=dates.printed(site, post.published),
        iso=dates.iso(site, post.published),
        modified_date=dates.printed(site, post.modified),
        modified_iso=dates.iso(site, post.modified),
        section=site.section_title(post.section),
        section_path=site.section_path.format(section=post.section),
        picture=picture_path(post),
    )


def front(site: Site, base: str, listing: Listing, aside: Iterable[Card]) -> str:
    """Return the home page or a page of a section, a tag or an author."""
    return _render(site, "front.html", base=base, listing=listing, aside=tuple(aside))


def article(site: Site, base: str, shown: Card, aside: Iterable[Card]) -> str:
    """Return an article's page; ``aside`` are the posts offered beside it."""
    record = schema_org(site, base, shown.post) if shown.post.story.metadata == "json-ld" else ""
    return _render(
        site, "article.html", base=base, shown=shown, aside=tuple(aside), schema_org=record
    )


def note(site: Site, base: str, shown: Note) -> str:
    """Return a page that is no news."""
    return _render(site, "note.html", base=base, note=shown)


def shell(site: Site, base: str) -> str:
    """Return the empty page of a site that a script fills."""
    return _render(site, "shell.html", base=base)


def _render(site: Site, template: str, **context: object) -> str:
    name = template if template == "note.html" else f"{site.name}/{template}"
    return _TEMPLATES.get_template(name).render(
        site=site, notes=tuple(notes(site.language).values()), **context
    )
