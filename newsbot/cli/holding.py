"""``newsbot hold``: what neither retention nor removal may touch."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from newsbot.archive import audit, holds
from newsbot.archive.holds import Hold, Kind, hold_id
from newsbot.cli import context
from newsbot.cli.output import USAGE, Json, ago, fail, print_json, print_table, say
from newsbot.cli.sources import existing
from newsbot.keeping.holding import HoldError, Holds, understand
from newsbot.keeping.removing import find
from newsbot.keeping.warc_holds import protect
from newsbot.search.lists import Lists

app = typer.Typer(
    help="Legal holds: what neither retention nor removal may touch.", no_args_is_help=True
)


def add_to(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="hold")


@app.command("add")
def add(
    what: Annotated[
        str, typer.Argument(help="An article's id or address, or a query for all that it finds.")
    ] = "",
    source: Annotated[str, typer.Option(help="Hold all of this source instead.")] = "",
    reason: Annotated[str, typer.Option(help="Why, as the order or file number says.")] = "",
    as_json: Json = False,
) -> None:
    """Hold an article, all that a query finds now and later, or all of a source."""
    if bool(what) == bool(source):
        fail("name an article or a query, or a source with --source", code=USAGE)
    if not reason.strip():
        fail("say why with --reason; whoever meets the hold later will ask", code=USAGE)
    config = context.config()
    with context.archive(config) as database:
        kind: Kind
        if source:
            found = existing(database, source)
            kind, key, said = "source", found.id, f"all of {found.name}"
        elif (kept := find(database, what)) is not None:
            kind, key, said = "article", kept.article.id, f"article {kept.article.id}"
        else:
            if "://" in what:
                fail(
                    f"there is no article at {what!r}; `newsbot search QUERY` lists ids", code=USAGE
                )
            try:
                understand(what, Lists.of(database).now().entries)
            except HoldError as error:
                fail(f"this is no article's id, and no query that can hold:\n{error}", code=USAGE)
            kind, key, said = "query", what, f"all that {what!r} finds, now and later"
        now = datetime.now(UTC)
        hold = Hold(
            id=hold_id(kind, key),
            kind=kind,
            what=key,
            reason=reason.strip(),
            by=audit.acting_user(),
            at=now,
        )
        if not holds.add(database, hold):
            fail(f"there is a hold on {said} already: newsbot hold list")
        protect(config.data_dir, database)
        audit.note(database, "hold add", why=hold.reason, ids=[hold.id, key])
    if as_json:
        print_json(hold)
    else:
        say(f"Held: {said}. Lift it with: newsbot hold remove {hold.id} --reason …")


@app.command("list")
def list_(
    article: Annotated[str, typer.Option(help="Only what holds this article.")] = "",
    as_json: Json = False,
) -> None:
    """List the holds, or those on one article."""
    with context.archive(context.config()) as database:
        found = holds.everything(database)
        if article:
            kept = find(database, article)
            if kept is None:
                fail(f"there is no article {article!r}; `newsbot search QUERY` lists ids")
            try:
                found = Holds.read(database).on(kept)
            except HoldError as error:
                fail(str(error))
    if as_json:
        print_json(found)
        return
    print_table(
        ("id", "on", "what", "since", "by", "reason"),
        ((h.id, h.kind, h.what, ago(h.at), h.by, h.reason) for h in found),
        empty="Nothing is held.",
    )


@app.command("remove")
def remove(
    hold: Annotated[str, typer.Argument(help="The hold's id.")],
    reason: Annotated[str, typer.Option(help="Why it is lifted.")] = "",
) -> None:
    """Lift a hold. Retention that was held back takes place within the hour."""
    if not reason.strip():
        fail("say why with --reason", code=USAGE)
    config = context.config()
    with context.archive(config) as database:
        lifted = holds.remove(database, hold)
        if lifted is None:
            fail(f"there is no hold {hold!r}; `newsbot hold list` shows those there are")
        protect(config.data_dir, database)
        audit.note(
            database,
            "hold remove",
            why=reason.strip(),
            ids=[lifted.id, lifted.what],
        )
    say(f"The hold on {lifted.kind} {lifted.what} is lifted.")
