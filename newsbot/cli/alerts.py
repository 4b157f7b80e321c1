"""``newsbot alert``: queries that tell people when a new article meets them."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from newsbot.alerts.rules import RuleError, understand
from newsbot.archive import channels, rules
from newsbot.archive import matches as found_by
from newsbot.archive.connection import Database
from newsbot.archive.rules import Rule
from newsbot.cli import context
from newsbot.cli.lists import lists_for
from newsbot.cli.output import USAGE, Json, ago, fail, print_json, print_table, say
from newsbot.items import derived_id
from newsbot.search.lists import Lists
from newsbot.text.urls import is_web_url

app = typer.Typer(help="Queries that tell people of new articles.", no_args_is_help=True)


def add_to(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="alert")


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="A name for the alert.")],
    query: Annotated[str, typer.Argument(help="What it looks for, as in `newsbot search`.")],
    webhook: Annotated[
        list[str] | None, typer.Option(help="An address that each message is posted to, as JSON.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Add an alert. Each story that meets it from now on is told once."""
    if not name.strip():
        fail("the alert has no name; give it one", code=USAGE)
    for address in webhook or ():
        if not is_web_url(address):
            fail(
                f"{address!r} is no web address; give one as https://desk.example/hook", code=USAGE
            )
    moment = datetime.now(UTC)
    with context.archive(context.config()) as database:
        try:
            understand(query, Lists.of(database).now().entries)
            told = [
                channels.add(database, kind="webhook", target=each, now=moment)
                for each in webhook or ()
            ]
            rule = Rule(
                id=derived_id("alert", name, moment.isoformat()),
                name=name,
                query=query,
                channels=tuple(each.id for each in told),
                created_at=moment,
            )
            rules.add(database, rule)
        except RuleError as error:
            fail(f"the query of this alert cannot be used:\n{error}", code=USAGE)
        except rules.RuleExistsError as error:
            fail(f"{error}; nothing was changed")
    if as_json:
        print_json(rule)
        return
    say(f"Alert {name!r} is in force: {query}")
    if not rule.channels:
        say("It has nobody to tell; its matches are listed by: newsbot alert matches " + name)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the alerts."""
    with context.archive(context.config()) as database:
        found = rules.everything(database)
        known = {each.id: each.shown for each in channels.everything(database)}
    if as_json:
        print_json(found)
        return
    print_table(
        ("name", "state", "query", "told"),
        (
            (
                each.name,
                each.state,
                each.query,
                ", ".join(known.get(c, "(removed)") for c in each.channels) or "-",
            )
            for each in found
        ),
        empty="There are no alerts. Add one: newsbot alert add NAME QUERY --webhook URL",
    )


@app.command("matches")
def matches(
    name: Annotated[str, typer.Argument(help="Only this alert's.")] = "",
    days: Annotated[float, typer.Option(min=0, help="How far back, in days.")] = 7,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 20,
    as_json: Json = False,
) -> None:
    """List what alerts found, newest first."""
    with context.archive(context.config()) as database:
        only = _existing(database, name).id if name else None
        since = datetime.now(UTC) - timedelta(days=days)
        found = found_by.latest(database, since=since, alert=only, at_most=limit)
        names = {rule.id: rule.name for rule in rules.everything(database)}
    if as_json:
        print_json(found)
        return
    print_table(
        ("alert", "when", "article", "passage"),
        (
            (
                names.get(each.alert, "(removed)"),
                ago(each.matched_at),
                each.article,
                each.passage.text,
            )
            for each in found
        ),
        empty="No match in that time.",
    )


@app.command("test")
def try_out(
    query: Annotated[str, typer.Argument(help="The query.")],
    text: Annotated[str, typer.Argument(help="A text to try it on.")],
) -> None:
    """Say whether an alert with this query would fire for a text. Exit code 1: it would not."""
    from newsbot.query import Document, evaluate

    try:
        parsed = understand(query, lists_for(query).entries)
    except RuleError as error:
        fail(f"the query cannot be used:\n{error}", code=USAGE)
    if evaluate(parsed, Document.of(title="", body=text)):
        say("It would fire.")
    else:
        say("It would not fire.")
        raise typer.Exit(1)


@app.command("pause")
def pause(name: str) -> None:
    """Keep an alert from firing until it is resumed."""
    with context.archive(context.config()) as database:
        rules.set_state(database, _existing(database, name).id, "paused")
    say(f"Alert {name!r} is paused.")


@app.command("resume")
def resume(name: str) -> None:
    """Put a paused alert in force again."""
    with context.archive(context.config()) as database:
        rules.set_state(database, _existing(database, name).id, "active")
    say(f"Alert {name!r} is in force again.")


@app.command("remove")
def remove(name: str) -> None:
    """Remove an alert and what it has not sent yet; its matches stay."""
    with context.archive(context.config()) as database:
        rules.remove(database, _existing(database, name).id)
    say(f"Alert {name!r} is removed.")


def _existing(database: Database, name: str) -> Rule:
    rule = rules.find(database, name)
    if rule is None:
        fail(f"there is no alert {name!r}; `newsbot alert list` shows those there are")
    return rule
