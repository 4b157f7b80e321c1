"""``newsbot outbox``: messages on their way, and dead letters."""

from datetime import UTC, datetime
from typing import Annotated, Literal, NoReturn

import typer

from newsbot.archive import channels, outbox, rules
from newsbot.archive.connection import Database
from newsbot.archive.outbox import Message, MessageState
from newsbot.cli import context
from newsbot.cli.channels import existing
from newsbot.cli.output import USAGE, Json, ago, fail, print_json, print_table, say

app = typer.Typer(
    help="Messages on their way, and those that were set aside.", no_args_is_help=True
)

Ids = Annotated[list[str] | None, typer.Argument(help="Ids of messages, or their beginnings.")]
To = Annotated[str, typer.Option("--channel", help="All of this channel's dead letters.")]
# So many are listed, or changed by one command, at most.
_MOST = 10_000


def add_to(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="outbox")


@app.command("list")
def list_(
    state: Annotated[
        Literal["dead", "due", "sent", "waiting", "gathered", "dropped"],
        typer.Option(help="Which: dead letters unless said."),
    ] = "dead",
    alert: Annotated[str, typer.Option(help="Only this alert's.")] = "",
    channel: Annotated[str, typer.Option(help="Only those to this channel.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=_MOST, help="How many at most.")] = 50,
    as_json: Json = False,
) -> None:
    """List messages, the newest first."""
    with context.archive(context.config()) as database:
        only = ""
        if alert:
            rule = rules.find(database, alert)
            if rule is None:
                fail(f"there is no alert {alert!r}; `newsbot alert list` shows those there are")
            only = rule.id
        to = existing(database, channel).id if channel else ""
        found = outbox.in_state(database, state, alert=only, channel=to, at_most=limit)
        names = {each.id: each.name for each in rules.everything(database)}
        shown = {each.id: each.name or each.shown for each in channels.everything(database)}
    if as_json:
        print_json(found)
        return
    print_table(
        ("id", "alert", "kind", "to", "made", "tries", "why"),
        (
            (
                each.id[:12],
                names.get(each.alert, "(removed)") if each.alert else "-",
                each.kind,
                shown.get(each.channel, "(removed)"),
                ago(each.created_at),
                str(each.attempts),
                each.failure or "-",
            )
            for each in found
        ),
        empty="No message was set aside." if state == "dead" else f"No message is {state}.",
    )


@app.command("show")
def show(
    message: Annotated[str, typer.Argument(help="The message's id, or its beginning.")],
    as_json: Json = False,
) -> None:
    """Show a message: what it says, and what became of it."""
    from newsbot.alerts import gathering
    from newsbot.alerts.sending.letter import letter

    config = context.config()
    with context.archive(config) as database:
        (found,) = _named(database, [message])
        said = gathering.one(database, found, base=config.web_address)
        channel = channels.find(database, found.channel)
    if as_json:
        print_json({"message": found, "says": said})
        return
    to = channel.name or channel.shown if channel else "(removed)"
    say(f"{found.id}: {found.kind}, to {to}, {found.state}, made {ago(found.created_at)}")
    say(f"{found.attempts} tries" + (f"; {found.failure}" if found.failure else ""))
    if found.state == "due":
        say(f"Next try {ago(found.next_attempt)}.")
    say()
    say(letter(said).text if said else "What it tells of was removed.")


@app.command("resend")
def resend(messages: Ids = None, channel: To = "", as_json: Json = False) -> None:
    """Have dead letters (or dropped messages) be delivered after all."""
    with context.archive(context.config()) as database:
        ids = _chosen(database, messages, channel, ("dead",))
        count = outbox.send_again(database, ids, now=datetime.now(UTC))
    _tell(count, "due again", as_json=as_json)


@app.command("drop")
def drop(messages: Ids = None, channel: To = "", as_json: Json = False) -> None:
    """Have messages not be delivered."""
    with context.archive(context.config()) as database:
        ids = _chosen(database, messages, channel, ("dead",))
        count = outbox.drop(database, ids, why="an operator dropped it")
    _tell(count, "dropped", as_json=as_json)


def _tell(count: int, what: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"messages": count})
        return
    say(f"{count} message{' is' if count == 1 else 's are'} {what}.")


def _chosen(
    database: Database, messages: list[str] | None, channel: str, states: tuple[MessageState, ...]
) -> list[str]:
    if bool(messages) == bool(channel):
        fail("say which: ids of messages, or --channel with its name", code=USAGE)
    if messages:
        return [each.id for each in _named(database, messages)]
    to = existing(database, channel).id
    return [
        each.id
        for state in states
        for each in outbox.in_state(database, state, channel=to, at_most=_MOST)
    ]


def _named(database: Database, names: list[str]) -> list[Message]:
    found = []
    for name in names:
        some = outbox.beginning(database, name)
        if len(some) != 1:
            _no_one(name, len(some))
        found += some
    return found


def _no_one(name: str, count: int) -> NoReturn:
    if count:
        fail(f"several messages begin with {name!r}; give more of the id")
    fail(f"there is no message {name!r}; `newsbot outbox list` shows the dead letters")
