"""``newsbot alert held`` and ``newsbot alert release``: what alerts found and nobody was told of."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from newsbot.cli import context
from newsbot.cli.alert_options import Name, existing
from newsbot.cli.output import USAGE, Json, ago, fail, print_json, print_table, say


def add_to(app: typer.Typer) -> None:
    """Add these commands to those of alerts."""
    app.command("held")(held)
    app.command("release")(release)


def held(name: Name, as_json: Json = False) -> None:
    """Count what an alert found and nobody was told of, with the reasons."""
    from newsbot.alerts import releasing
    from newsbot.alerts.holding import REASONS

    with context.archive(context.config()) as database:
        found = releasing.held(database, existing(database, name))
    if as_json:
        print_json(found)
        return
    print_table(
        ("held as", "matches", "why"),
        ((reason, str(count), REASONS[reason]) for reason, count in found.items()),  # type: ignore[index]
        empty="Nothing is held: people were told of all that this alert found.",
    )


def release(
    name: Name,
    why: Annotated[
        list[str] | None,
        typer.Option(
            help="Only what is held for this reason (may be given several times); "
            "else all that is held because it is old, and nothing that the alert leaves out."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Tell of matches that are held, in one digest."""
    from newsbot.alerts import releasing
    from newsbot.alerts.holding import OLD

    with context.archive(context.config()) as database:
        rule = existing(database, name)
        try:
            done = releasing.release(database, rule, why or OLD, datetime.now(UTC))
        except releasing.ReleaseError as error:
            fail(str(error), code=USAGE)
    if as_json:
        print_json(done)
        return
    if not done.matches:
        say(f"Nothing is held that could be released; see: newsbot alert held {name}")
        return
    say(
        f"{done.matches} matches are released: {done.messages} messages, in the digest that goes out "
        f"{ago(done.at)}."
    )
    if rule.state == "paused":
        say("The alert is paused: it goes out when it is resumed.")
