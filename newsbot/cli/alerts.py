"""``newsbot alert``: queries that tell people when a new article meets them."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from newsbot.alerts import changing, fields
from newsbot.archive import articles, audit, channels, rules, stories
from newsbot.archive import matches as found_by
from newsbot.archive.connection import Database
from newsbot.archive.rules import RuleState
from newsbot.cli import (
    alert_feed,
    alert_past,
    alert_release,
    alert_sharing,
    alert_trying,
    alert_writing,
    context,
)
from newsbot.cli.alert_options import Name, existing
from newsbot.cli.output import Json, ago, console, fail, print_json, print_table, safe, say

app = typer.Typer(help="Queries that tell people of new articles.", no_args_is_help=True)
alert_writing.add_to(app)
alert_trying.add_to(app)
alert_past.add_to(app)
alert_sharing.add_to(app)
alert_feed.add_to(app)
alert_release.add_to(app)


def add_to(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="alert")


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
        only = existing(database, name).id if name else None
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


@app.command("show")
def show(name: Name, as_json: Json = False) -> None:
    """Show all that is set of an alert."""
    with context.archive(context.config()) as database:
        rule = existing(database, name)
        shown = changing.channels_shown(database)
    if as_json:
        print_json(rule)
        return
    width = max(map(len, fields.NAMES))
    for field in fields.NAMES:
        value = fields.told(field, fields.value_of(rule, field), shown)
        console.print(safe(f"{field:<{width}}  {value}"))
    changed = rule.changed_at or rule.created_at
    if rule.kept_by_file:
        say(f"Kept by the file {rule.kept_by_file.by}: newsbot apply changes it back.")
    say(f"Version {rule.version}, by {rule.by or 'somebody'}, {changed:%Y-%m-%d %H:%M} UTC.")


@app.command("history")
def history(name: Name, as_json: Json = False) -> None:
    """List the versions of an alert: who changed what, and when."""
    with context.archive(context.config()) as database:
        rule = rules.find(database, name)
        if rule is not None:
            found = changing.history(database, rule)
        else:
            found = changing.history_of_removed(database, name)
        if not found:
            existing(database, name)
    if as_json:
        print_json(found)
        return
    print_table(
        ("version", "when", "by", "what"),
        (
            (
                str(each.number),
                f"{each.at:%Y-%m-%d %H:%M}",
                each.by or "-",
                "; ".join(each.said) + (f" (as in version {each.again})" if each.again else ""),
            )
            for each in found
        ),
        empty="It has no versions.",
    )


@app.command("pause")
def pause(name: Name) -> None:
    """Keep an alert from firing until it is resumed."""
    _set_state(name, "paused")
    say(f"Alert {name!r} is paused.")


@app.command("resume")
def resume(name: Name) -> None:
    """Put a paused alert in force again. What was stored meanwhile is not told."""
    _set_state(name, "active")
    say(f"Alert {name!r} is in force again.")


Story = Annotated[str, typer.Argument(help="A story's id, or that of one of its articles.")]


@app.command("mute")
def mute(name: Name, story: Story) -> None:
    """Tell nothing more of a story."""
    with context.archive(context.config()) as database:
        rule = existing(database, name)
        found = _story(database, story)
        changing.mute(database, rule.id, [found], by=audit.acting_user(), now=datetime.now(UTC))
    say(f"Alert {name!r} tells nothing more of the story {found}.")


@app.command("unmute")
def unmute(name: Name, story: Story) -> None:
    """Tell of a story again that was muted."""
    with context.archive(context.config()) as database:
        rule = existing(database, name)
        one = (
            {story}
            if story in rule.muted
            else set(stories.members(database, _story(database, story)))
        )
        muted = [each for each in rule.muted if each in one]
        if not muted:
            fail(f"alert {name!r} has not muted {story!r}; `newsbot alert show` lists what it has")
        changing.unmute(database, rule.id, muted, by=audit.acting_user(), now=datetime.now(UTC))
    say(f"Alert {name!r} tells of the story {muted[0]} again.")


@app.command("remove")
def remove(name: Name) -> None:
    """Remove an alert and what it has not sent yet.

    Its matches and versions stay: `newsbot alert undo` brings it back.
    """
    with context.archive(context.config()) as database:
        rule = existing(database, name)
        changing.remove(database, rule, by=audit.acting_user(), now=datetime.now(UTC))
    say(f"Alert {name!r} is removed. To have it back: newsbot alert undo {name}")


def _set_state(name: str, state: RuleState) -> None:
    with context.archive(context.config()) as database:
        rule = existing(database, name)
        changing.set_state(database, rule.id, state, by=audit.acting_user(), now=datetime.now(UTC))


def _story(database: Database, name: str) -> str:
    """Return the story that an id means: a story's own, or an article's."""
    kept = articles.get(database, name)
    if kept is not None:
        return kept.record.story
    if not articles.of_story(database, name, at_most=1):
        fail(f"there is no story and no article {name!r}; `newsbot alert matches` lists articles")
    return name
