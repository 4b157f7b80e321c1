"""``newsbot source list``, ``show``, ``pause``, ``resume`` and ``remove``."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from newsbot.alerts.health import Ill
from newsbot.archive import coverage, entry_points, runs, sources, standings
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source
from newsbot.cli import context
from newsbot.cli.entry_points import print_entry_points
from newsbot.cli.output import Json, ago, fail, plain, print_json, print_table, say
from newsbot.cli.tallies import not_read
from newsbot.standing import Standing


class StateChoice(StrEnum):
    """The states of a source."""

    ACTIVE = "active"
    PAUSED = "paused"


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("list")(list_)
    app.command("show")(show)
    app.command("pause")(pause)
    app.command("resume")(resume)
    app.command("remove")(remove)


def list_(
    text: Annotated[
        str,
        typer.Argument(help="What a name, title or address has in it, those of before as well."),
    ] = "",
    group: Annotated[str, typer.Option(help="Those of this group alone.")] = "",
    state: Annotated[StateChoice | None, typer.Option(help="Those in this state alone.")] = None,
    ill: Annotated[
        bool, typer.Option("--ill", help="Those alone with which something is wrong.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the sources, or some of them, with what is wrong with them."""
    from newsbot.alerts.vitals import ills_of

    config, now = context.config(), datetime.now(UTC)
    with context.archive(config) as database:
        listed = sources.everything(database)
        stand = standings.everything(database, now)
    found = [each for each in listed if _is_wanted(each, text, group, state)]
    ills = {each.id: ills_of(stand.get(each.id), each, config, now) for each in found}
    if ill:
        found = [each for each in found if ills[each.id]]
    if as_json:
        print_json(
            [
                plain(each) | {"ills": plain(ills[each.id])} | _last(stand.get(each.id))
                for each in found
            ]
        )
        return
    print_table(
        ("name", "health", "last found", "last stored", "next crawl", "homepage"),
        (
            (
                each.name,
                _health(each, ills[each.id], known=each.id in stand),
                *map(ago, _last(stand.get(each.id)).values()),
                ago(each.next_due) if each.state == "active" else "-",
                each.homepage.partition("://")[2].rstrip("/"),
            )
            for each in found
        ),
        empty=f"None of the {len(listed)} sources is like that."
        if listed
        else "There are no sources yet. Add one: newsbot source add https://news.example/",
    )


def _health(source: Source, ills: list[Ill], *, known: bool) -> str:
    from newsbot.alerts.vitals import in_short

    if source.state == "paused":
        return "paused"
    return in_short(ills) if known else "not crawled yet"


def _last(standing: Standing | None) -> dict[str, datetime | None]:
    """Return when a source's links and articles came last."""
    return {
        "last_found": standing.last_found if standing else None,
        "last_stored": standing.last_stored if standing else None,
    }


def _is_wanted(source: Source, text: str, group: str, state: StateChoice | None) -> bool:
    words = (source.name, source.title, source.homepage, *source.former_names, *source.addresses)
    return (
        any(text.casefold() in word.casefold() for word in words)
        and (not group or group.casefold() in map(str.casefold, source.groups))
        and state in (None, source.state)
    )


def show(name: str, as_json: Json = False) -> None:
    """Show a source: how it fares, its addresses and names, its entry points, limits, last runs."""
    from newsbot.alerts.vitals import lines, vitals

    config, now = context.config(), datetime.now(UTC)
    with context.archive(config) as database:
        source = existing(database, name)
        merged = [each for each in sources.records(database) if each.merged_into == source.id]
        last = runs.latest(
            database, since=datetime.fromtimestamp(0, UTC), source=source.id, at_most=5
        )
        learnt = entry_points.load(database, source)
        week_ago = (now - timedelta(days=7)).date()
        ledger = coverage.of(database, source.id, week_ago, now.date())
        stands = standings.of(database, source.id)
        fares = vitals(stands, source, ledger, config=config, now=now)
    came = _last(stands)
    if as_json:
        print_json(
            {
                "source": source,
                "health": fares,
                "merged": merged,
                "runs": last,
                "entry_points": learnt,
            }
            | came
        )
        return
    print_source(source, ways=False)
    for label, words in lines(fares, now):
        say(f"  {label:<12}  {words}")
    say(f"  last found    {ago(came['last_found'])}; last stored {ago(came['last_stored'])}")
    print_entry_points(learnt, source.homepage, datetime.now(UTC))
    for each in merged:
        say(f"  part of it    {', '.join((each.name, *each.former_names))}  {each.homepage}")
    for run in last:
        counted = [f"{run.counters.get(name, 0)} {name}" for name in ("new", "edited", "requests")]
        said = ", ".join(counted + not_read(run.counters))
        say(f"  run {run.id[:8]}  {run.state}  {ago(run.requested_at)}  {said} {run.reason}")


def pause(name: str) -> None:
    """Stop crawling a source by its rhythm, until it is resumed."""
    with context.archive(context.config()) as database:
        source = existing(database, name)
        sources.change(database, source.id, state="paused")
    say(f"{source.name} is paused.")


def resume(name: str) -> None:
    """Crawl a paused source again, beginning now."""
    with context.archive(context.config()) as database:
        source = existing(database, name)
        sources.change(database, source.id, state="active", next_due=datetime.now(UTC))
    say(f"{source.name} is crawled again, beginning now.")


def remove(
    name: str,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget a source; its articles stay in the archive."""
    with context.archive(context.config()) as database:
        source = existing(database, name)
        if not yes and not typer.confirm(f"Forget {source.name}? Its articles stay."):
            raise typer.Exit(1)
        sources.remove(database, source.id)
    say(f"{source.name} is removed; its articles stay.")


def existing(database: Database, name: str) -> Source:
    """Return the source of that name; one that is not there ends the command."""
    source = sources.find(database, name)
    if source is None:
        fail(
            f"there is no source {name!r}; `newsbot source list` shows those there are, "
            "`newsbot source add URL` adds one"
        )
    return source


def print_source(source: Source, *, ways: bool = True) -> None:
    from newsbot.cli.source_access import print_access

    say(f"{source.name}  {source.title}")
    say(f"  homepage      {source.homepage}")
    for way in source.entry_points if ways else ():
        say(f"  {way.kind:<12}  {way.url}")
    if source.groups:
        say(f"  groups        {', '.join(source.groups)}")
    if source.state == "paused":
        say("  paused        newsbot source resume makes it crawled again")
    elif source.next_due is None:
        say("  rhythm        none: it is crawled on request and by schedules")
    if source.delay is not None or source.concurrency is not None:
        delay = "the usual time" if source.delay is None else f"{source.delay:g} s"
        most = "as many as usual" if source.concurrency is None else f"{source.concurrency}"
        say(f"  limits        {delay} between two requests, {most} at a time")
    if source.javascript:
        say("  javascript    its pages are read in a browser")
    if source.former_names:
        say(f"  was called    {', '.join(source.former_names)}")
    for address in source.addresses:
        say(f"  known by      {address}")
    for field, selector in source.overrides.selectors():
        say(f"  override      {field} = {selector}")
    if source.kept_by_file:
        stated = ", ".join(source.kept_by_file.fields)
        say(f"  kept by file  {source.kept_by_file.by} ({stated}): newsbot apply changes it back")
    print_access(source)
