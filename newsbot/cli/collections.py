"""``newsbot collection``: articles put aside, in an order, with notes."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from newsbot.archive import articles, audit, collections
from newsbot.archive.articles import article_id
from newsbot.archive.collections import SHARINGS, Collection, CollectionError, Sharing
from newsbot.archive.connection import Database
from newsbot.cli import context
from newsbot.cli.output import USAGE, Json, ago, fail, print_json, print_table, say

app = typer.Typer(help="Articles put aside, in an order, with notes.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The collection's name or id.")]
Note = Annotated[str, typer.Option(help="A note on each of the articles.")]


def add_to(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="collection")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the collections, the last changed first."""
    with context.archive(context.config()) as database:
        found = collections.everything(database)
    if as_json:
        print_json(
            [
                {
                    "id": each.id,
                    "name": each.name,
                    "owner": each.owner,
                    "sharing": each.sharing,
                    "tags": each.tags,
                    "articles": len(each.entries),
                    "at": each.at,
                    "by": each.by,
                }
                for each in found
            ]
        )
        return
    rows = [
        (
            each.name,
            str(len(each.entries)),
            each.owner,
            each.sharing,
            f"{ago(each.at)} ago",
            each.id,
        )
        for each in found
    ]
    print_table(
        ("name", "articles", "owner", "sharing", "changed", "id"),
        rows,
        empty="There are no collections yet; newsbot collection add NAME ARTICLE makes one.",
    )


@app.command("show")
def show(name: Name, as_json: Json = False) -> None:
    """Show what is in a collection."""
    with context.archive(context.config()) as database:
        found = _existing(database, name)
        kept = {
            name: each
            for at in range(0, len(found.articles), 50)
            for name, each in articles.many(database, found.articles[at : at + 50]).items()
        }
    if as_json:
        titles = {name: each.article.title for name, each in kept.items()}
        told = [
            {
                "article": each.article,
                "title": titles.get(each.article),
                "note": each.note,
                "tags": each.tags,
                "by": each.by,
                "at": each.at,
                "gone_at": each.gone_at,
            }
            for each in found.entries
        ]
        print_json({"id": found.id, "name": found.name, "about": found.about, "entries": told})
        return
    say(found.name)
    if found.about:
        say(found.about)
    rows = [
        (
            str(place),
            each.article,
            kept[each.article].article.title if each.article in kept else "(removed)",
            " ".join(each.note.split()),
        )
        for place, each in enumerate(found.entries, 1)
    ]
    print_table(("", "article", "headline", "note"), rows, empty="There is nothing in it yet.")


@app.command("add")
def add(
    name: Name,
    ids: Annotated[list[str], typer.Argument(help="Ids or addresses of articles.")],
    note: Note = "",
    tags: Annotated[str, typer.Option(help="Tags, with commas between.")] = "",
    share: Annotated[
        str, typer.Option(help=f"Of a new one, who sees it: {', '.join(SHARINGS)}.")
    ] = "private",
    as_json: Json = False,
) -> None:
    """Put articles into a collection; one that there is not yet is made."""
    sharing: Sharing | None = next((each for each in SHARINGS if each == share), None)
    if sharing is None:
        fail(f"nothing is shared as {share!r}; give one of {', '.join(SHARINGS)}", code=USAGE)
    by, now = audit.acting_user(), datetime.now(UTC)
    with context.archive(context.config()) as database:
        wanted = [article_id(each) if "://" in each else each for each in ids]
        known = {
            name
            for at in range(0, len(wanted), 50)
            for name in articles.many(database, wanted[at : at + 50])
        }
        for asked, each in zip(ids, wanted, strict=True):
            if each not in known:
                fail(f"there is no article {asked}; newsbot search finds those that there are")
        try:
            found = _find(database, name)
            if found is None:
                found = collections.new(name, by=by, now=now, sharing=sharing)
                collections.add(database, found)
            changed = collections.put_in(
                database, found.id, wanted, by=by, now=now, note=note, tags=tags.split(",")
            )
        except CollectionError as error:
            fail(str(error), code=USAGE)
    more = len(changed.entries) - len(found.entries)
    if as_json:
        print_json({"id": changed.id, "name": changed.name, "added": more})
    else:
        say(f"{changed.name}: {more} added, {len(changed.entries)} in it now.")


@app.command("export")
def export(
    name: Name,
    to: Annotated[
        Path, typer.Option(help="The file: found.csv, found.jsonl or found.parquet.")
    ] = ...,  # type: ignore[assignment]  # typer's way of saying that it is required
    columns: Annotated[
        str, typer.Option(help="Only these columns behind its own, as id,url,title.")
    ] = "",
    bom: Annotated[
        bool,
        typer.Option(help="Begin CSV with a byte order mark, which Excel needs to read UTF-8."),
    ] = True,
    as_json: Json = False,
) -> None:
    """Write a collection to a file: CSV, JSON Lines or Parquet, with what was noted."""
    from newsbot.export import collected, formats
    from newsbot.export.columns import UnknownColumnError

    try:
        form, packed = formats.of_file(to)
    except formats.FormatError as error:
        fail(str(error), code=USAGE)
    if packed:
        fail(f"a collection is not packed; let {to.name} end in {form}", code=USAGE)
    names = columns.replace(",", " ").split()
    with context.archive(context.config()) as database:
        found = _existing(database, name)
        draft = to.with_name(f"{to.name}.part")
        try:
            data = collected.stream(database, found, form, columns=names, bom=bom)
            with draft.open("wb") as file:
                for part in data:
                    file.write(part)
            draft.replace(to)
        except UnknownColumnError as error:
            fail(str(error), code=USAGE)
        except OSError as error:
            fail(f"{to} cannot be written ({error.strerror}); name another file with --to")
    if as_json:
        print_json({"file": str(to), "articles": len(found.articles)})
    else:
        say(f"{len(found.articles)} articles in {to}.")


def _find(database: Database, name: str) -> Collection | None:
    there = collections.find(database, name)
    if there is not None:
        return there
    folded = " ".join(name.split()).casefold()
    called = [each for each in collections.everything(database) if each.name.casefold() == folded]
    if len(called) > 1:
        ids = ", ".join(f"{each.id} of {each.owner}" for each in called)
        fail(f"several collections are called so: {ids}; name one by its id", code=USAGE)
    return called[0] if called else None


def _existing(database: Database, name: str) -> Collection:
    found = _find(database, name)
    if found is None:
        fail(f"there is no collection {name!r}; newsbot collection list shows them")
    return found
