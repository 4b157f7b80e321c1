"""``newsbot channel``: where messages go."""

import asyncio
import sys
from typing import Annotated, Literal

import typer

from newsbot.archive import channels, rules
from newsbot.archive.channels import Channel
from newsbot.archive.connection import Database
from newsbot.cli import context
from newsbot.cli.output import USAGE, Json, ago, fail, print_json, print_table, say

app = typer.Typer(help="Where messages go: webhooks, e-mail, services.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The channel's name or id.")]


def add_to(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="channel")


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="What people call it.")],
    target: Annotated[
        str,
        typer.Argument(
            help="A web address, an e-mail address, or an Apprise URL (tgram://…); - reads it from what is "
            "piped or typed in, so that no shell keeps it."
        ),
    ],
    kind: Annotated[
        Literal["webhook", "email", "apprise"] | None,
        typer.Option(help="What it is, where the target does not show it."),
    ] = None,
    signing: Annotated[
        str, typer.Option(help="What a webhook is signed with (whsec_…); made where not given.")
    ] = "",
    operators: Annotated[
        bool,
        typer.Option(
            "--operators", help="Tell it when something is wrong with newsbot or a source."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Add a channel. What is secret of it is sealed and never shown again."""
    from newsbot.alerts.sending import adding

    if not name.strip():
        fail("the channel has no name; give it one", code=USAGE)
    config = context.config()
    with context.archive(config) as database:
        try:
            added = adding.add(
                config,
                database,
                _typed() if target == "-" else target,
                kind=kind or "",
                name=name,
                signing=signing,
                operators=operators,
            )
        except adding.ChannelError as error:
            fail(str(error), code=USAGE)
    if as_json:
        print_json(_shown(added.channel) | ({"signing": added.signing} if added.signing else {}))
        return
    called = added.channel.name or added.channel.id
    if not added.new:
        say(
            f"There is this channel already: {called} ({added.channel.shown}). Nothing was changed."
        )
        return
    say(f"Channel {called!r} is there: {added.channel.shown}")
    if added.signing:
        say(
            f"Its messages are signed with {added.signing}\n"
            "Give this to the receiver now: it is not shown again."
        )
    say(f"Try it: newsbot channel test {called}")


def _typed() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Target", hide_input=True))
    return sys.stdin.readline().strip()


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the channels; of their targets only what anybody may see."""
    with context.archive(context.config()) as database:
        found = channels.everything(database)
        lost = {each.id for each in channels.unreadable(database)}
        told = rules.telling(database)
    if as_json:
        print_json(
            [
                _shown(each) | {"alerts": told.get(each.id, []), "readable": each.id not in lost}
                for each in found
            ]
        )
        return
    print_table(
        ("name", "kind", "to", "told by", "added"),
        (
            (
                each.name or each.id,
                each.kind,
                each.shown + (" (sealed with another key)" if each.id in lost else ""),
                ", ".join([*told.get(each.id, []), *(["what is wrong"] if each.operators else [])])
                or "-",
                ago(each.created_at),
            )
            for each in found
        ),
        empty="There are no channels. Add one: newsbot channel add NAME TARGET",
    )
    if lost:
        say(
            "What was sealed with another key cannot be sent to: put that key into NEWSBOT_SECRET_KEY, or "
            "remove the channel and add it again."
        )


@app.command("test")
def try_out(name: Name, as_json: Json = False) -> None:
    """Send a real message, of an article in the archive, and say whether it was taken."""
    from newsbot.alerts.sending import trying
    from newsbot.alerts.sending.failure import SendError

    config = context.config()
    with context.archive(config) as database:
        channel = existing(database, name)
        try:
            said = asyncio.run(trying.try_out(config, database, channel))
        except SendError as error:
            fail(f"{channel.name or channel.shown} did not take it: {error}")
    if as_json:
        print_json({"id": said.id, "headline": said.headline, "taken": True})
        return
    say(f"{channel.name or channel.shown} took it: {said.headline}")


@app.command("rename")
def rename(name: Name, to: Annotated[str, typer.Argument(help="Its new name.")]) -> None:
    """Give a channel another name."""
    with context.archive(context.config()) as database:
        channel, other = existing(database, name), channels.find(database, to.strip())
        if not to.strip():
            fail("the channel would have no name; give it one", code=USAGE)
        if other is not None and other.id != channel.id:
            fail(f"there is a channel {to!r} already; choose another name")
        channels.rename(database, channel.id, to.strip())
    say(f"Channel {name!r} is now {to.strip()!r}.")


@app.command("operators")
def operators(
    name: Name,
    off: Annotated[bool, typer.Option("--off", help="Tell it no more.")] = False,
) -> None:
    """Tell a channel when something is wrong with newsbot or a source."""
    with context.archive(context.config()) as database:
        channels.tell_operators(database, existing(database, name).id, told=not off)
    say(f"Channel {name!r} is told {'no more ' if off else ''}when something is wrong.")


@app.command("remove")
def remove(
    name: Name,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Even if alerts tell it; what waits for it is dropped.")
    ] = False,
) -> None:
    """Remove a channel."""
    with context.archive(context.config()) as database:
        channel = existing(database, name)
        telling = rules.telling(database).get(channel.id, [])
        if telling and not anyway:
            fail(
                f"{name!r} is told by {', '.join(telling)}; give those another channel first, or remove it "
                "with --anyway"
            )
        channels.remove(database, channel.id)
    say(f"Channel {name!r} is removed.")


@app.command("key")
def key() -> None:
    """Print a new key to seal secrets with, for NEWSBOT_SECRET_KEY. It changes nothing by itself."""
    from cryptography.fernet import Fernet

    typer.echo(Fernet.generate_key().decode())


def existing(database: Database, name: str) -> Channel:
    """Return a channel by its name or id; where there is none the command ends."""
    channel = channels.find(database, name)
    if channel is None:
        fail(f"there is no channel {name!r}; `newsbot channel list` shows those there are")
    return channel


def _shown(channel: Channel) -> dict[str, object]:
    """Return a channel without what is sealed of it."""
    return {
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind,
        "shown": channel.shown,
        "operators": channel.operators,
        "silenced": channel.silenced,
        "created_at": channel.created_at,
    }
