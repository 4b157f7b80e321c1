"""``newsbot source rename|merge|move``: a source under another name, in another, at another address."""

import time
from datetime import UTC, datetime
from typing import Annotated

import typer

from newsbot.archive import merging, sources
from newsbot.archive.connection import Database
from newsbot.archive.merging import Merge, MergeError
from newsbot.archive.sources import SourceExistsError, SourceNameError
from newsbot.cli import context
from newsbot.cli.output import FAILURE, USAGE, Json, counting, fail, print_json, say
from newsbot.cli.source_access import access_of
from newsbot.cli.sources import existing, print_source
from newsbot.fetching.survey import SurveyError, survey
from newsbot.spiders.adding import NothingFoundError, moved
from newsbot.spiders.recognition import KnownSiteError, KnownSites


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("rename")(rename)
    app.command("merge")(merge)
    app.command("move")(move)


def rename(name: str, new_name: str, as_json: Json = False) -> None:
    """Give a source another name; queries and alerts that name the old one go on working."""
    with context.archive(context.config()) as database:
        source = existing(database, name)
        try:
            renamed = sources.rename(database, source, new_name)
        except SourceNameError as error:
            fail(f"{error}; nothing was changed", code=USAGE)
        except SourceExistsError as error:
            fail(f"{error}; nothing was changed")
    if as_json:
        print_json(renamed)
    else:
        say(
            f"{source.name} is called {renamed.name} from now on; its former names go on naming it."
        )


def merge(
    name: Annotated[str, typer.Argument(help="The source that becomes part of the other.")],
    into: Annotated[str, typer.Argument(help="The source that goes on.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Make two sources one: articles, runs, schedules, entry points, groups and names go over.

    Killed on the way it loses nothing: the same command goes on with it, and so does `newsbot up`.
    """
    with context.archive(context.config()) as database:
        begun = _begun(database, name, into, yes=yes)
        with counting(
            f"Articles of {begun.source.name} carried over to {begun.into.name}:"
        ) as tell:
            while (until := merging.carry_over(database, begun, tell)) is not None:
                time.sleep(max((until - datetime.now(UTC)).total_seconds(), 0) + 0.1)
        merged = existing(database, begun.into.id)
    if as_json:
        print_json(merged)
    else:
        say(
            f"{begun.source.name} is part of {merged.name} now; its names and addresses lead there."
        )


def _begun(database: Database, name: str, into: str, *, yes: bool) -> Merge:
    """Return the merge that is asked for: one that was begun before, or a new one."""
    other = existing(database, into)
    for left in merging.unfinished(database):
        if left.into.id == other.id and name in (left.source.name, left.source.id):
            return left
    source = existing(database, name)
    if source.id == other.id:
        fail(f"{name} and {into} are the same source, {other.name}; nothing was changed")
    question = (
        f"Make {source.name} ({source.homepage}) part of {other.name} ({other.homepage})? "
        "This cannot be undone."
    )
    if not yes and not typer.confirm(question):
        raise typer.Exit(1)
    try:
        return merging.begin(database, source, other)
    except MergeError as error:
        fail(f"{error}; nothing was changed")


def move(
    name: str,
    url: Annotated[str, typer.Argument(help="Where the site is now.")],
    as_json: Json = False,
) -> None:
    """Have a source crawled at its new address; it keeps its articles, and its old address known."""
    config = context.config()
    with context.archive(config) as database:
        source = existing(database, name)
        try:
            found = survey(url, config, access_of(source))
            there = KnownSites(sources.records(database)).recognise(url, found)
            if there is not None and there.source.id != source.id:
                fail(
                    f"{KnownSiteError(url, there)}; nothing was changed. If they are one site: "
                    f"newsbot source merge {source.name} {there.source.name}"
                )
            changed = moved(source, found)
        except SurveyError as error:
            fail(f"{error}; nothing was changed", code=USAGE if error.bad_address else FAILURE)
        except NothingFoundError as error:
            fail(f"{error}; nothing was changed")
        sources.move(database, changed)
    if as_json:
        print_json(changed)
    else:
        print_source(changed)
        say("Moved. Its old addresses go on leading to it.")
