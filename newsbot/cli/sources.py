"""``newsbot source``: the sites that are crawled."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import attrs
import typer

from newsbot.archive import entry_points, runs, sources
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source, SourceNameError
from newsbot.cli import context
from newsbot.cli.entry_points import print_entry_points
from newsbot.cli.output import FAILURE, USAGE, ago, fail, print_json, print_table, say
from newsbot.cli.source_access import (
    AllowHost,
    Cookie,
    Header,
    Proxy,
    access_changed,
    print_access,
)
from newsbot.cli.source_report import print_survey, print_trial, report
from newsbot.cli.tallies import not_read
from newsbot.fetching.credentials import Access
from newsbot.fetching.survey import Survey, SurveyError, survey
from newsbot.fetching.trial import try_site
from newsbot.spiders.adding import NothingFoundError, Wishes, add_site
from newsbot.spiders.recognition import KnownSiteError
from newsbot.text.site_key import site_key

app = typer.Typer(help="The sites that are crawled.", no_args_is_help=True)


class StateChoice(StrEnum):
    """The states of a source."""

    ACTIVE = "active"
    PAUSED = "paused"


Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("add")
def add(
    url: Annotated[str, typer.Argument(help="The site's homepage, as https://news.example/.")],
    name: Annotated[str, typer.Option(help="A short name; by default from the address.")] = "",
    group: Annotated[list[str] | None, typer.Option(help="A group it belongs to.")] = None,
    javascript: Annotated[
        bool | None, typer.Option(help="Whether its pages need a browser; by default found out.")
    ] = None,
    delay: Annotated[
        float | None, typer.Option(min=0, help="Seconds between two requests.")
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option(min=1, max=64, help="Requests at a time.")
    ] = None,
    poll: Annotated[
        bool, typer.Option(help="Crawl it by its own rhythm while `newsbot up` runs.")
    ] = True,
    allow_host: AllowHost = None,
    header: Header = None,
    cookie: Cookie = None,
    proxy: Proxy = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Add it although it looks like a source that is there.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Add a site by its homepage: its feeds, sitemaps and sections are found there."""
    config = context.config()
    access = access_changed(
        Access(), allow_host=allow_host, header_=header, cookie_=cookie, proxy_=proxy
    )
    try:
        found = survey(url, config, access)
        with context.archive(config) as database:
            made = add_site(
                database,
                url,
                found,
                Wishes(
                    name=name,
                    groups=tuple(group or ()),
                    javascript=javascript,
                    delay=delay,
                    concurrency=concurrency,
                    poll=poll,
                    access=access,
                ),
                now=datetime.now(UTC),
                anyway=anyway,
            )
    except SourceNameError as error:
        fail(f"{error}; nothing was changed", code=USAGE)
    except SurveyError as error:
        fail(str(error), code=USAGE if error.bad_address else FAILURE)
    except KnownSiteError as error:
        fail(f"{error}; nothing was changed{_instead(error.source, found, anyway=anyway)}")
    except (sources.SourceExistsError, NothingFoundError) as error:
        fail(f"{error}; nothing was changed")
    if as_json:
        print_json(made)
        return
    kept = {way.url for way in made.entry_points}
    taken = tuple(each for each in found.findings if each.url in kept)
    print_survey(attrs.evolve(found, findings=taken))
    print_access(made)
    say(f"Added as {made.name}. Crawl it now with: newsbot crawl {made.name}")


def _instead(source: Source, found: Survey, *, anyway: bool) -> str:
    """Return what else may be done with a site that is a source already."""
    there = {way.url for way in source.entry_points}
    more = [way for way in found.entry_points if way.kind == "feed" and way.url not in there]
    feed = (
        f". To have {source.name} read it as well: "
        f"newsbot source set {source.name!r} --feed {more[0].url}"
        if len(found.entry_points) == 1 and more
        else ""
    )
    twice = anyway or site_key(found.homepage) == site_key(source.homepage)
    return f"{'' if twice else '; --anyway adds it as a source of its own'}{feed}"


@app.command("test")
def try_out(
    url: Annotated[str, typer.Argument(help="The site's homepage, as https://news.example/.")],
    allow_host: AllowHost = None,
    header: Header = None,
    cookie: Cookie = None,
    proxy: Proxy = None,
    as_json: Json = False,
) -> None:
    """Try a site: what leads to its articles, a few of them as they are read, and how to crawl it.

    Makes some forty requests at most, and changes nothing.
    """
    access = access_changed(
        Access(), allow_host=allow_host, header_=header, cookie_=cookie, proxy_=proxy
    )
    try:
        trial = try_site(url, context.config(), access)
    except SurveyError as error:
        fail(str(error), code=USAGE if error.bad_address else FAILURE)
    if as_json:
        print_json(report(trial))
    else:
        print_trial(trial)


@app.command("list")
def list_(
    text: Annotated[
        str,
        typer.Argument(help="What a name, title or address has in it, those of before as well."),
    ] = "",
    group: Annotated[str, typer.Option(help="Those of this group alone.")] = "",
    state: Annotated[StateChoice | None, typer.Option(help="Those in this state alone.")] = None,
    as_json: Json = False,
) -> None:
    """List the sources, or some of them."""
    with context.archive(context.config()) as database:
        listed = sources.everything(database)
    found = [each for each in listed if _is_wanted(each, text, group, state)]
    if as_json:
        print_json(found)
        return
    print_table(
        ("name", "state", "homepage", "groups", "entry points", "next crawl"),
        (
            (
                each.name,
                each.state,
                each.homepage,
                ", ".join(each.groups),
                str(len(each.entry_points)),
                ago(each.next_due) if each.state == "active" else "-",
            )
            for each in found
        ),
        empty=f"None of the {len(listed)} sources is like that."
        if listed
        else "There are no sources yet. Add one: newsbot source add https://news.example/",
    )


def _is_wanted(source: Source, text: str, group: str, state: StateChoice | None) -> bool:
    words = (source.name, source.title, source.homepage, *source.former_names, *source.addresses)
    return (
        any(text.casefold() in word.casefold() for word in words)
        and (not group or group.casefold() in map(str.casefold, source.groups))
        and state in (None, source.state)
    )


@app.command("show")
def show(name: str, as_json: Json = False) -> None:
    """Show a source: its addresses and names, what its entry points bring, limits, last runs."""
    with context.archive(context.config()) as database:
        source = existing(database, name)
        merged = [each for each in sources.records(database) if each.merged_into == source.id]
        last = runs.latest(
            database, since=datetime.fromtimestamp(0, UTC), source=source.id, at_most=5
        )
        learnt = entry_points.load(database, source)
    if as_json:
        print_json({"source": source, "merged": merged, "runs": last, "entry_points": learnt})
        return
    print_source(source, ways=False)
    print_entry_points(learnt, datetime.now(UTC))
    for each in merged:
        say(f"  part of it    {', '.join((each.name, *each.former_names))}  {each.homepage}")
    for run in last:
        counted = [f"{run.counters.get(name, 0)} {name}" for name in ("new", "edited", "requests")]
        said = ", ".join(counted + not_read(run.counters))
        say(f"  run {run.id[:8]}  {run.state}  {ago(run.requested_at)}  {said} {run.reason}")


@app.command("pause")
def pause(name: str) -> None:
    """Stop crawling a source by its rhythm, until it is resumed."""
    with context.archive(context.config()) as database:
        source = existing(database, name)
        sources.change(database, source.id, state="paused")
    say(f"{source.name} is paused.")


@app.command("resume")
def resume(name: str) -> None:
    """Crawl a paused source again, beginning now."""
    with context.archive(context.config()) as database:
        source = existing(database, name)
        sources.change(database, source.id, state="active", next_due=datetime.now(UTC))
    say(f"{source.name} is crawled again, beginning now.")


@app.command("remove")
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
    print_access(source)
