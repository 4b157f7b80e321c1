"""``newsbot alert feed``: where what an alert told is read as a feed."""

import typer

from newsbot.cli import context
from newsbot.cli.alert_options import Name, existing
from newsbot.cli.output import Json
from newsbot.cli.saved import Renew, print_feed


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("feed")(feed)


def feed(name: Name, renew: Renew = False, as_json: Json = False) -> None:
    """Print where what an alert told is read as a feed of full texts. Whoever has the address reads it."""
    config = context.config()
    with context.archive(config) as database:
        rule = existing(database, name)
        print_feed(config, database, "alert", rule.id, renew=renew, as_json=as_json)
