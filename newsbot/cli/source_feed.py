"""``newsbot source feed``: where a source is read as a feed."""

import typer

from newsbot.cli import context
from newsbot.cli.output import Json
from newsbot.cli.saved import Renew, print_feed
from newsbot.cli.sources import existing


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("feed")(feed)


def feed(name: str, renew: Renew = False, as_json: Json = False) -> None:
    """Print where a source is read as a feed of full texts. Whoever has the address reads it."""
    config = context.config()
    with context.archive(config) as database:
        source = existing(database, name)
        print_feed(config, database, "source", source.id, renew=renew, as_json=as_json)
