"""``newsbot saved``: searches under names, and the feeds that they are read by."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from newsbot.archive import audit, feeds, searches
from newsbot.archive.connection import Database
from newsbot.archive.feeds import Subject
from newsbot.archive.searches import SavedOrder, SavedSearch
from newsbot.cli import context
from newsbot.cli.lists import lists_for
from newsbot.cli.output import USAGE, Json, ago, fail, print_json, print_table, say
from newsbot.config import Config
from newsbot.query import QuerySyntaxError, parse

app = typer.Typer(help="Saved searches and their feeds.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The saved search's name.")]
Renew = Annotated[
    bool, typer.Option("--renew", help="Make another address; the one before ends at once.")
]


def add_to(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="saved")


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="A name for the search.")],
    query: Annotated[str, typer.Argument(help="What it looks for, as in `newsbot search`.")],
    order: Annotated[str, typer.Option(help="newest or relevance.")] = "newest",
    as_json: Json = False,
) -> None:
    """Save a search under a name."""
    if order not in ("newest", "relevance"):
        fail(f"there is no order {order!r}; give newest or relevance", code=USAGE)
    try:
        parse(query, lists_for(query).entries)
        saved = searches.new(
            name,
            query,
            order=_order(order),
            by=audit.acting_user(),
            now=datetime.now(UTC),
        )
    except QuerySyntaxError as error:
        fail(f"the query cannot be understood:\n{error.explain()}", code=USAGE)
    except searches.SearchNameError as error:
        fail(str(error), code=USAGE)
    with context.archive(context.config()) as database:
        try:
            searches.add(database, saved)
        except searches.SearchExistsError as error:
            fail(f"{error}; nothing was changed")
    if as_json:
        print_json(saved)
    else:
        say(f"Saved as {saved.name!r}. Its feed: newsbot saved feed {saved.name!r}")


def _order(order: str) -> SavedOrder:
    return "relevance" if order == "relevance" else "newest"


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the saved searches."""
    with context.archive(context.config()) as database:
        found = searches.everything(database)
    if as_json:
        print_json(found)
        return
    print_table(
        ("name", "query", "order", "by", "saved"),
        ((s.name, s.query, s.order, s.by, ago(s.created_at)) for s in found),
        empty="No search is saved. Save one: newsbot saved add NAME QUERY",
    )


@app.command("show")
def show(name: Name, as_json: Json = False) -> None:
    """Show a saved search."""
    with context.archive(context.config()) as database:
        saved = _existing(database, name)
    if as_json:
        print_json(saved)
        return
    for label, value in (
        ("name", saved.name),
        ("query", saved.query),
        ("order", saved.order),
        ("saved", f"{saved.created_at:%Y-%m-%d %H:%M} UTC by {saved.by}"),
    ):
        say(f"{label:<6} {value}")


@app.command("run")
def run(
    name: Name,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
    as_json: Json = False,
) -> None:
    """Find what a saved search finds now, as `newsbot search` does."""
    from newsbot.cli.searching import search

    with context.archive(context.config()) as database:
        saved = _existing(database, name)
        search(saved.query, order=saved.order, limit=limit, as_json=as_json)


@app.command("rename")
def rename(name: Name, new_name: str, as_json: Json = False) -> None:
    """Give a saved search another name; its feed goes on at the same address."""
    with context.archive(context.config()) as database:
        saved = _existing(database, name)
        try:
            searches.rename(database, saved.id, new_name)
        except searches.SearchNameError as error:
            fail(f"{error}; nothing was changed", code=USAGE)
        except searches.SearchExistsError as error:
            fail(f"{error}; nothing was changed")
        renamed = _existing(database, new_name)
    if as_json:
        print_json(renamed)
    else:
        say(f"{saved.name!r} is called {renamed.name!r} from now on.")


@app.command("remove")
def remove(name: Name) -> None:
    """Remove a saved search; its feed ends."""
    with context.archive(context.config()) as database:
        saved = _existing(database, name)
        searches.remove(database, saved.id)
    say(f"The saved search {saved.name!r} is removed, and its feed has ended.")


@app.command("feed")
def feed(name: Name, renew: Renew = False, as_json: Json = False) -> None:
    """Print where a saved search is read as a feed. Whoever has the address reads it: it is a secret."""
    config = context.config()
    with context.archive(config) as database:
        saved = _existing(database, name)
        print_feed(config, database, "search", saved.id, renew=renew, as_json=as_json)


def print_feed(
    config: Config, database: Database, kind: Subject, of: str, *, renew: bool, as_json: bool
) -> None:
    """Print where a feed is read, at another address than before if it is to be renewed."""
    if renew:
        given = feeds.renew(database, kind, of)
        audit.note(database, "feed renew", ids=[of])
    else:
        given = feeds.address(database, kind, of)
    told = {each: f"{config.web_address}/feed/{given.token}.{each}" for each in ("atom", "json")}
    if as_json:
        print_json(told | {"made_at": given.made_at})
        return
    say(f"Atom       {told['atom']}")
    say(f"JSON Feed  {told['json']}")
    if renew:
        say("The address before this one leads nowhere from now on.")
    say("Whoever has the address can read the feed; --renew makes another.")


def _existing(database: Database, name: str) -> SavedSearch:
    saved = searches.find(database, name)
    if saved is None:
        fail(f"there is no saved search {name!r}; `newsbot saved list` shows those there are")
    return saved
