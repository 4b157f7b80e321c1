"""``newsbot alert add``, ``change``, ``preview`` and ``undo``: a rule written, with what it makes of the past."""

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsbot.alerts import changing, fields
from newsbot.alerts.checking import RuleFieldError
from newsbot.archive import audit, rules
from newsbot.archive.connection import Database
from newsbot.archive.rules import Rule
from newsbot.cli import context
from newsbot.cli.alert_options import OPTIONS, TAKING, Given, Name, Quiet, Yes, existing, taking
from newsbot.cli.alert_past import print_backtest, print_preview
from newsbot.cli.output import FAILURE, USAGE, Json, errors, fail, plain, print_json, say
from newsbot.config import Config
from newsbot.query import QuerySyntaxError

if TYPE_CHECKING:
    from newsbot.alerts.previewing import Preview


def add_to(app: typer.Typer) -> None:
    """Add these commands to those of alerts."""
    app.command("add")(add)
    app.command("change")(change)
    app.command("preview")(preview)
    app.command("undo")(undo)


@taking(OPTIONS)
def add(
    name: Annotated[str, typer.Argument(help="A name for the alert.")],
    query: Annotated[str, typer.Argument(help="What it looks for, as in `newsbot search`.")],
    given: Given,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Do not show what it would have sent in 30 days.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Add an alert: each story that meets it from now on is told once.

    It shows what it would have sent in the last 30 days.
    """
    moment = datetime.now(UTC)
    config = context.config()
    webhooks = given.webhooks
    with context.archive(config) as database:
        blank = Rule(id="", name="", query="", created_at=moment)
        values = {"name": name, "query": query, **given.values(blank, {})}
        try:
            changing.new(database, values, by="", now=moment)
            values["channels"] = (
                *values.get("channels", ()),
                *_hooked(config, database, webhooks),
            )
            rule = changing.add(database, values, by=audit.acting_user(), now=moment)
        except RuleFieldError as error:
            fail(_refusal(error), code=USAGE)
        except rules.RuleExistsError as error:
            fail(f"{error}; nothing was changed")
        shown = changing.channels_shown(database)
        made = None
        if not quiet:
            made = tested(config, database, rule, moment)
    if as_json:
        print_json(plain(rule) | ({"backtest": plain(made)} if made else {}))
        return
    say(f"Alert {rule.name!r} is in force: {rule.query}")
    if rule.channels:
        say(f"It tells {', '.join(shown.get(each, each) for each in rule.channels)}.")
    else:
        say("It has nobody to tell; its matches are listed by: newsbot alert matches " + rule.name)
    if made:
        say()
        print_backtest(made)


@taking(OPTIONS, TAKING)
def change(
    name: Name, given: Given, yes: Yes = False, quiet: Quiet = False, as_json: Json = False
) -> None:
    """Change an alert; what is not named stays as it is.

    It shows which stories of the last 30 days the change adds and which it drops, and asks, before it is in
    force. Nothing of the past is told. Options of lists add to them; --no-… takes out of them.
    """
    config = context.config()
    webhooks = given.webhooks
    with context.archive(config) as database:
        rule = existing(database, name)
        values = given.values(rule, changing.channels_shown(database))
        if not values and not webhooks:
            fail(
                "nothing to change; give an option, as --query 'storm OR flood' or --how daily "
                "(all of them: newsbot alert change --help)",
                code=USAGE,
            )
        _checked(database, rule, values)
        if webhooks:
            there = values.get("channels", rule.channels)
            values["channels"] = (*there, *_hooked(config, database, webhooks))
        _change(config, database, rule, values, yes=yes, quiet=quiet, as_json=as_json)


@taking(OPTIONS, TAKING)
def preview(name: Name, given: Given, as_json: Json = False) -> None:
    """Show what a change would add and drop, and change nothing.

    It takes the options of `newsbot alert change`.
    """
    from newsbot.alerts.previewing import preview as previewed

    config = context.config()
    with context.archive(config) as database:
        rule = existing(database, name)
        values = given.values(rule, changing.channels_shown(database))
        wanted = _checked(database, rule, values)
        said = fields.in_words(rule, wanted, changing.channels_shown(database))
        moment = datetime.now(UTC)
        reader = reading(config, database)
        try:
            made = previewed(database, reader, rule, wanted, now=moment)
        except QuerySyntaxError as error:
            fail(error.explain(), code=USAGE)
    if as_json:
        print_json({"said": said, "preview": made})
        return
    _say_all(said)
    print_preview(made)


def undo(
    name: Name,
    to: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="To what it was at this version; else the last."),
    ] = None,
    yes: Yes = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Bring back what an alert was, or one that was removed.

    It is what it was before its last change, as a version of its own. `newsbot alert history` lists those there are.
    """
    config = context.config()
    moment = datetime.now(UTC)
    with context.archive(config) as database:
        try:
            if rules.find(database, name) is None:
                back = changing.bring_back(database, name, by=audit.acting_user(), now=moment)
                if as_json:
                    print_json(back)
                else:
                    say(f"Alert {back.name!r} is back, with its matches (version {back.version}).")
                return
            rule = existing(database, name)
            values = changing.earlier(database, rule, to or 0)
        except (changing.NothingToUndoError, rules.RuleExistsError) as error:
            fail(str(error))
        _change(config, database, rule, values, yes=yes, quiet=quiet, as_json=as_json)


def reading(config: Config, database: Database) -> Any:
    """Return what searches the archive as it is now."""
    from newsbot.search.follow import catch_up
    from newsbot.search.results import Reader

    catch_up(config, database)
    return Reader(config, database)


def tested(config: Config, database: Database, rule: Rule, now: datetime) -> Any:
    """Return what a rule would have sent; None where that cannot be told, which is said."""
    from newsbot.alerts.backtest import backtest

    try:
        return backtest(database, reading(config, database), rule, now=now)
    except QuerySyntaxError as error:
        say(f"What it would have sent cannot be told: {error.message}")
        return None


def _change(
    config: Config,
    database: Database,
    rule: Rule,
    values: dict[str, Any],
    *,
    yes: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    wanted = _checked(database, rule, values)
    said = fields.in_words(rule, wanted, changing.channels_shown(database))
    made = None
    if said and not quiet:
        made = _previewed(config, database, rule, wanted)
        if not as_json:
            _say_all(said)
            if made:
                print_preview(made)
        if not yes:
            _ask(quiet=as_json)
    try:
        changed = changing.change(
            database, rule, values, by=audit.acting_user(), now=datetime.now(UTC)
        )
    except (changing.ChangedMeanwhileError, rules.RuleExistsError) as error:
        fail(f"{error}; nothing was changed")
    if as_json:
        print_json(plain(changed) | {"said": said} | ({"preview": plain(made)} if made else {}))
    elif not said:
        say(f"Nothing to change: alert {rule.name!r} is so already.")
    else:
        say(f"Alert {changed.name!r} is changed (version {changed.version}).")


def _previewed(config: Config, database: Database, rule: Rule, wanted: Rule) -> "Preview | None":
    from newsbot.alerts.previewing import preview as previewed

    try:
        return previewed(database, reading(config, database), rule, wanted, now=datetime.now(UTC))
    except QuerySyntaxError as error:
        say(f"What it adds and drops cannot be told: {error.message}")
        return None


def _ask(*, quiet: bool) -> None:
    if quiet or not sys.stdin.isatty():
        fail(
            "nothing was changed: give --yes to change it without being asked "
            "(to look alone: newsbot alert preview)",
            code=USAGE,
        )
    if not typer.confirm("Change it?"):
        say("Nothing was changed.")
        raise typer.Exit(FAILURE)


def _checked(database: Database, rule: Rule, values: dict[str, Any]) -> Rule:
    try:
        return changing.wished(database, rule, values)
    except RuleFieldError as error:
        fail(f"{_refusal(error)}\nNothing was changed.", code=USAGE)


def _refusal(error: RuleFieldError) -> str:
    if list(error.problems) == ["query"]:
        return f"the query of this alert cannot be used:\n{error.problems['query'].partition(chr(10))[2]}"
    return f"this alert cannot be:\n{error}"


def _hooked(config: Config, database: Database, webhooks: tuple[str, ...]) -> list[str]:
    from newsbot.alerts.sending import adding

    try:
        # All are looked at before any is kept.
        for each in webhooks:
            adding.shown_of(config, "webhook", each.strip())
        made = [adding.add(config, database, each, kind="webhook") for each in webhooks]
    except adding.ChannelError as error:
        fail(str(error), code=USAGE)
    for added in made:
        if added.signing:
            errors.print(
                f"Messages to {added.channel.shown} are signed with {added.signing}\n"
                "Give this to the receiver now: it is not shown again.",
                markup=False,
            )
    return [added.channel.id for added in made]


def _say_all(said: tuple[str, ...]) -> None:
    for each in said:
        say(f"  {each}")
    say()
