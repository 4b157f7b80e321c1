"""``newsbot source redesign``: pages of a source before and after it changed them."""

import sys
from typing import Annotated

import typer

from newsbot.archive import redesigns, standings
from newsbot.archive.redesigns import ChangedPage
from newsbot.cli import context
from newsbot.cli.output import Json, console, fail, print_json, safe, say
from newsbot.cli.sources import existing
from newsbot.redesign import Shown


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command("redesign")(redesign)


def redesign(
    name: Annotated[str, typer.Argument(help="The source's name or address.")],
    page: Annotated[
        int, typer.Option(min=0, help="Of this page alone, by its number in the list.")
    ] = 0,
    before: Annotated[
        bool, typer.Option("--before", help="Print the page's markup as it was (with --page).")
    ] = False,
    after: Annotated[
        bool, typer.Option("--after", help="Print the page's markup as it is now (with --page).")
    ] = False,
    as_json: Json = False,
) -> None:
    """Compare known articles' pages before and after a source changed them.

    newsbot keeps them when a run finds that known articles are not read any more as they were.
    """
    config = context.config()
    with context.archive(config) as database:
        source = existing(database, name)
        standing = standings.of(database, source.id)
        found = redesigns.of(database, source.id)
    if page > len(found):
        fail(f"there are {len(found)} pages of {source.name}; newsbot source redesign lists them")
    if before or after:
        if not page or (before and after):
            fail("one page's markup is printed at a time: --page 1 --before, or --page 1 --after")
        _print_markup(found[page - 1], before=before)
        return
    redesigned = standing.redesigned if standing else None
    if as_json:
        print_json({"redesigned": redesigned, "pages": found[page - 1 : page] if page else found})
        return
    if not found:
        say(f"No run has found the pages of {source.name} changed.")
        return
    state = (
        f"since {redesigned.since:%Y-%m-%d %H:%M} UTC" if redesigned else "read as they were again"
    )
    say(f"{source.name}: pages have changed, {state}; found at {found[0].at:%Y-%m-%d %H:%M} UTC")
    if redesigned:
        say(f"  {redesigned.says}")
    for number, each in enumerate(found, 1):
        if page in (0, number):
            _print(number, each)
    say()
    say("Markup: newsbot source redesign NAME --page 1 --before > before.html, and --after.")
    say("Where it shows a field now: newsbot source set NAME --override 'body = main .story'.")


def _print(number: int, changed: ChangedPage) -> None:
    seen = changed.page
    say()
    console.print(safe(f"{number}. {seen.url}"), style="bold")
    verdict = "; ".join(f"{part}: {why}" for part, why in seen.lost.items()) or "is read as it was"
    say(f"   {verdict}")
    for label, shown in (("before", seen.before), ("after", seen.after)):
        say(f"   {label:<7} {_fields(shown)}")
        if shown.begins:
            say(f"           {' '.join(shown.begins.split())[:160]}")


def _fields(shown: Shown) -> str:
    kind = "" if shown.kind == "article" else f"{shown.kind}, "
    kept = "" if shown.raw else ", not kept as it came"
    by = ", ".join(shown.authors) or "no author"
    return f"{kind}{shown.title or '(no title)'} | {shown.day or 'no date'} | {by} | {shown.words} words{kept}"


def _print_markup(changed: ChangedPage, *, before: bool) -> None:
    from newsbot.fetching.raw_files import RawNotKeptError
    from newsbot.fetching.raw_page import markup

    place = (changed.page.before if before else changed.page.after).raw
    if place is None:
        fail("this page was not kept as it came; the setting warc keeps pages")
    try:
        text = markup(context.config().data_dir, place)
    except RawNotKeptError as error:
        fail(str(error))
    sys.stdout.buffer.write(text.encode("utf8", "replace"))
