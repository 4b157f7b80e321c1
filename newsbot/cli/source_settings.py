"""``newsbot source set``: what may be set of a source."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import attrs
import typer

from newsbot.archive import sources
from newsbot.archive.sources import Changes, Source, Way
from newsbot.cli import context
from newsbot.cli.output import USAGE, Json, fail, print_json
from newsbot.cli.source_access import (
    AllowHost,
    Cookie,
    Header,
    NoAllowHost,
    Proxy,
    access_changed,
    access_of,
)
from newsbot.cli.sources import existing, print_source
from newsbot.extraction import OverrideError, Overrides, check_overrides
from newsbot.text.urls import canonical_url, is_web_url

_OVERRIDABLE = tuple(field.name for field in attrs.fields(Overrides))


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("set")(set_)


def set_(
    name: str,
    title: Annotated[str | None, typer.Option(help="What the site is called.")] = None,
    group: Annotated[
        list[str] | None, typer.Option(help="A group it belongs to from now on.")
    ] = None,
    no_group: Annotated[
        list[str] | None, typer.Option(help="A group it belongs to no longer.")
    ] = None,
    delay: Annotated[
        float | None, typer.Option(min=0, help="Seconds between two requests.")
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option(min=1, max=64, help="Requests at a time.")
    ] = None,
    javascript: Annotated[
        bool | None, typer.Option(help="Whether its pages need a browser.")
    ] = None,
    poll: Annotated[
        bool | None,
        typer.Option(help="Crawl it by its own rhythm, or on request and by schedules alone."),
    ] = None,
    feed: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="A feed to read from now on.")
    ] = None,
    sitemap: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="A sitemap to read from now on.")
    ] = None,
    page: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="A page of links to read from now on.")
    ] = None,
    no_entry_point: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="A feed, sitemap or page to read no longer."),
    ] = None,
    override: Annotated[
        list[str] | None,
        typer.Option(
            help="Where its pages show a field, as FIELD=SELECTOR: title, authors, date, body, or "
            "drop for what is no text (may be given several times). FIELD= takes it back.",
            metavar="FIELD=SELECTOR",
        ),
    ] = None,
    allow_host: AllowHost = None,
    no_allow_host: NoAllowHost = None,
    header: Header = None,
    cookie: Cookie = None,
    proxy: Proxy = None,
    as_json: Json = False,
) -> None:
    """Change a source's settings; what is not named stays as it is."""
    with context.archive(context.config()) as database:
        source = existing(database, name)
        changes: Changes = {}
        if title is not None:
            changes["title"] = title.strip()
        if group or no_group:
            changes["groups"] = _regrouped(source.groups, group or [], no_group or [])
        if delay is not None:
            changes["delay"] = delay
        if concurrency is not None:
            changes["concurrency"] = concurrency
        if javascript is not None:
            changes["javascript"] = javascript
        if poll is not None and poll != (source.next_due is not None):
            changes["next_due"] = datetime.now(UTC) if poll else None
        more = {"feed": feed, "sitemap": sitemap, "page": page}
        if no_entry_point or any(more.values()):
            changes["entry_points"] = _redirected(source, more, no_entry_point or [])
        if override:
            changes["overrides"] = _changed(source.overrides, override)
        if allow_host or no_allow_host or header or cookie or proxy is not None:
            access = access_changed(
                access_of(source),
                allow_host=allow_host,
                no_allow_host=no_allow_host,
                header_=header,
                cookie_=cookie,
                proxy_=proxy,
            )
            changes |= Changes(
                allowed_hosts=access.allowed_hosts,
                headers=access.headers,
                cookies=access.cookies,
                proxy=access.proxy,
            )
        if not changes and poll is None:
            fail(
                "nothing to set; give an option, as --group europe or --delay 2 "
                "(all of them: newsbot source set --help)",
                code=USAGE,
            )
        sources.change(database, source.id, **changes)
    changed = attrs.evolve(source, **changes)
    if as_json:
        print_json(changed)
    else:
        print_source(changed)


def _regrouped(groups: tuple[str, ...], more: list[str], less: list[str]) -> tuple[str, ...]:
    """Return the groups with some more and some less. Case tells no two groups apart."""
    gone = {each.strip().casefold() for each in less}
    kept = {each.casefold(): each for each in groups if each.casefold() not in gone}
    for each in more:
        if each.strip() and each.strip().casefold() not in gone:
            kept.setdefault(each.strip().casefold(), each.strip())
    return tuple(kept.values())


def _redirected(
    source: Source, more: Mapping[str, list[str] | None], less: list[str]
) -> tuple[Way, ...]:
    """Return a source's entry points with some more and some less; at least one is left."""
    given = [(url.strip(), kind) for kind, urls in more.items() for url in urls or ()]
    wrong = next((url for url in (*(url for url, _ in given), *less) if not is_web_url(url)), None)
    if wrong is not None:
        fail(f"{wrong!r} is no web address; give one as https://news.example/feed", code=USAGE)
    gone = {canonical_url(url) for url in less}
    there = {canonical_url(way.url): way for way in source.entry_points}
    if unknown := next((url for url in less if canonical_url(url) not in there), None):
        fail(f"{unknown} is no entry point of {source.name}; nothing was changed", code=USAGE)
    ways = {key: way for key, way in there.items() if key not in gone}
    ways |= {canonical_url(url): Way(url=url, kind=kind) for url, kind in given}
    if not ways:
        fail(f"{source.name} would have no entry point left; nothing was changed", code=USAGE)
    return tuple(ways.values())


def _changed(overrides: Overrides, given: list[str]) -> Overrides:
    """Return overrides with those given in place; what cannot be read ends the command."""
    changes: dict[str, str] = {}
    drop: list[str] = []
    for each in given:
        field, equals, selector = each.partition("=")
        field, selector = field.strip(), selector.strip()
        if not equals or field not in _OVERRIDABLE:
            fail(
                f"{each!r} names no field; give FIELD=SELECTOR with one of "
                f"{', '.join(_OVERRIDABLE)}, as title='h1.head'",
                code=USAGE,
            )
        if field == "drop":
            drop += [selector] if selector else []
        else:
            changes[field] = selector
    keeps = not any(each.partition("=")[0].strip() == "drop" for each in given)
    changed = attrs.evolve(overrides, **changes, drop=overrides.drop if keeps else tuple(drop))
    try:
        check_overrides(changed)
    except OverrideError as error:
        fail(f"{error}; nothing was changed", code=USAGE)
    return changed
