"""``newsbot crawl``."""

import asyncio
from datetime import UTC, date, datetime
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from newsbot.archive import backfills, runs, sources
from newsbot.archive.connection import Database
from newsbot.archive.runs import Run
from newsbot.cli import backfilling, context
from newsbot.cli.output import (
    FAILURE,
    USAGE,
    Json,
    console,
    fail,
    print_json,
    say,
)
from newsbot.cli.tallies import found, not_read
from newsbot.config import Config
from newsbot.spiders.session import CrawlError, CrawlSession
from newsbot.text.urls import is_web_url


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command("crawl")(crawl)


def crawl(
    source: Annotated[str, typer.Argument(help="A source's name, or the homepage of a site.")],
    since: Annotated[
        str, typer.Option(metavar="DAY", help="All that was published since then, as 2020-01-31.")
    ] = "",
    until: Annotated[
        str, typer.Option(metavar="DAY", help="With --since: nothing published after that day.")
    ] = "",
    pages: Annotated[
        int, typer.Option(min=1, help="With --since: how many lists of links to read at most.")
    ] = backfilling.MOST_LISTS,
    as_json: Json = False,
) -> None:
    """Crawl a source now, in this process. A homepage that is no source yet is added first.

    With --since, sitemaps, older pages and archives are walked back to that day; a walk that was
    stopped goes on where it was, and news has its turn every minute.
    """
    if until and not since:
        fail("--until is for a walk back in time; give --since as well", code=USAGE)
    days = backfilling.days_of(since, until) if since else None
    config = context.config()
    with context.archive(config) as database:
        if ("://" in source or is_web_url(source)) and sources.find(database, source) is None:
            source = _add(config, database, source, quiet=as_json)
        if days is not None:
            _walk(config, database, source, *days, pages, as_json=as_json)
            return
        try:
            session = CrawlSession.begin(config, database, source)
        except CrawlError as error:
            fail(str(error))
        _run(config, session, quiet=as_json)
        run = runs.get(database, session.run.id)
    if run is None:
        fail("the run is gone from the archive")
    if as_json:
        print_json(run)
    else:
        say(_result(session, run))
    if run.state != "done" or run.reason:
        raise typer.Exit(1)


def _add(config: Config, database: Database, url: str, *, quiet: bool) -> str:
    from newsbot.cli.source_access import print_access
    from newsbot.fetching.survey import SurveyError, survey
    from newsbot.spiders.adding import NothingFoundError, Wishes, add_site

    try:
        seen = survey(url, config)
        made = add_site(database, url, seen, Wishes(poll=False), now=datetime.now(UTC))
    except SurveyError as error:
        fail(str(error), code=USAGE if error.bad_address else FAILURE)
    except NothingFoundError as error:
        fail(f"{error}; nothing was changed")
    except sources.SourceExistsError as error:
        return error.source.name
    if not quiet:
        say(f"Added {made.homepage} as {made.name!r}, to be crawled on request.")
        print_access(made)
    return made.name


def _walk(
    config: Config,
    database: Database,
    name: str,
    since: date,
    until: date | None,
    most: int,
    *,
    as_json: bool,
) -> None:
    from schedules import reactor
    from schedules.worker import crawl_here

    found = sources.find(database, name)
    if found is None:
        fail(
            f"there is no source {name!r}; `newsbot source list` shows those there are, "
            "`newsbot source add URL` adds one"
        )
    record, goes_on = backfilling.begin(database, found.id, since, until, most)
    if goes_on and not as_json:
        say(f"Goes on where it was: {record.lists} lists read, {len(record.steps)} to read.")
    progress = _progress(quiet=as_json)
    ended = [""]

    async def main(stop: asyncio.Event) -> None:
        shown = progress.add_task(found.name)

        async def slice_of(session: CrawlSession) -> None:
            work = asyncio.ensure_future(crawl_here(config, session, stop))
            while not work.done():
                now = await asyncio.to_thread(backfilling.progress_of, database, found.id)
                progress.update(shown, description=f"{found.name}: {now}")
                await asyncio.wait([work], timeout=1.0)
            await work

        ended[0] = await backfilling.walk(config, database, found.name, stop, slice_of)

    _quiet_scrapy(config)
    with progress:
        reactor.run(main)
    record = backfills.get(database, found.id) or record
    if as_json:
        print_json(backfilling.as_json(record, ended[0]))
    else:
        backfilling.print_result(database, found.name, record, ended[0])
    if record.state == "going":
        raise typer.Exit(1)


def _progress(*, quiet: bool) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=console,
        disable=quiet or not console.is_terminal,
        transient=True,
    )


def _run(config: Config, session: CrawlSession, *, quiet: bool) -> None:
    """Crawl, showing how far it is where somebody looks on."""
    from schedules import reactor
    from schedules.worker import crawl_here

    progress = _progress(quiet=quiet)

    async def main(stop: asyncio.Event) -> None:
        shown = progress.add_task(session.source.name)
        work = asyncio.ensure_future(crawl_here(config, session, stop))
        while not work.done():
            counters = session.counters
            progress.update(
                shown,
                description=f"{session.source.name}: {counters['requests']} fetched, "
                f"{counters['new']} new, {counters['edited']} edited",
            )
            await asyncio.wait([work], timeout=0.2)
        await work

    _quiet_scrapy(config)
    with progress:
        reactor.run(main)


def _quiet_scrapy(config: Config) -> None:
    import logging

    logging.basicConfig(level=logging.ERROR, format="%(name)s: %(message)s")
    logging.getLogger("scrapy").setLevel(
        logging.DEBUG if config.log_level == "DEBUG" else logging.CRITICAL
    )


def _result(session: CrawlSession, run: Run) -> str:
    name, counters = session.source.name, run.counters
    look = f"newsbot source test {session.source.homepage}"
    if run.state == "failed":
        return f"{name}: failed: {run.reason}. Check the address with: {look}"
    if run.state == "cancelled" and run.reason:
        return f"{name}: not crawled: {run.reason}."
    if run.state == "done" and run.reason:
        return f"{name}: {run.reason}. See what is found with: {look}"
    if run.state in ("queued", "running"):
        why = session.log[-1] if session.log else "its lease ran out"
        return f"{name}: not finished: {why}. What was read is kept; crawl it again to go on"
    parts = [
        f"{counters.get('new', 0)} new",
        f"{counters.get('edited', 0)} edited",
        f"{counters.get('requests', 0)} requests",
    ]
    parts += found(counters) + not_read(counters)
    hint = ""
    if counters.get("refused_address"):
        hint = f" What is yours to be read: newsbot source set {name} --allow-host HOST"
    return f"{name}: {run.state}: {', '.join(parts)}.{hint}"
