"""``newsbot source``: the sites that are crawled."""

import typer

from newsbot.cli.loading import loaded_from

# The commands, in the order of the help, and the module that has each.
COMMANDS = {
    "add": "source_adding",
    "test": "source_adding",
    "list": "sources",
    "show": "sources",
    "redesign": "redesigns",
    "pause": "sources",
    "resume": "sources",
    "remove": "sources",
    "set": "source_settings",
    "rename": "source_identity",
    "merge": "source_identity",
    "move": "source_identity",
    "feed": "source_feed",
    "import": "source_lists",
    "export": "source_lists",
}


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    group = typer.Typer(
        cls=loaded_from(COMMANDS), help="The sites that are crawled.", no_args_is_help=True
    )
    app.add_typer(group, name="source")
