"""``newsbot source import|export``: many sources at once, from a list and to one."""

import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import attrs
import typer

from newsbot.archive import sources
from newsbot.archive.sources import Source
from newsbot.cli import context
from newsbot.cli.output import USAGE, Json, counting, fail, print_json, print_table, say
from newsbot.discovery import EntryPoint
from newsbot.discovery.lists import read_list
from newsbot.discovery.opml import write_opml
from newsbot.discovery.subscriptions import KINDS, ListError, Subscription
from newsbot.discovery.tables import write_plain, write_table
from newsbot.spiders.importing import Import, Line

_WORDS = {"new": "new", "more": "known, adds", "known": "known", "bad": "bad"}
# Lines of a plan that are shown; the counts tell of the rest.
_SHOWN = 40


class Format(StrEnum):
    """The formats of a list."""

    OPML = "opml"
    CSV = "csv"
    LIST = "list"


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import")(import_)
    app.command("export")(export)


def import_(
    file: Annotated[
        str,
        typer.Argument(help="OPML, CSV or a plain list of addresses; - reads the standard input."),
    ],
    group: Annotated[
        list[str] | None, typer.Option(help="A group that all of them belong to.")
    ] = None,
    poll: Annotated[
        bool, typer.Option(help="Crawl them by their own rhythm while `newsbot up` runs.")
    ] = True,
    private: Annotated[
        bool, typer.Option("--private", help="Take addresses that are not public, too.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Look at the sites, and add nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Add the sites of a list: the OPML of a feed reader, a table, or one address a line.

    A site that is a source already is recognised and not added again. Exits 1 where a line is bad.
    """
    try:
        wanted = read_list(_read(file))
    except ListError as error:
        fail(f"{file} cannot be imported: {error}", code=USAGE)
    if not wanted:
        fail(f"{file} cannot be imported: it names no site", code=USAGE)
    if group:
        wanted = [_grouped(each, group) for each in wanted]
    config = context.config()
    with context.archive(config) as database:
        importing = Import(
            database, config, wanted, now=datetime.now(UTC), private=private, poll=poll
        )
        plan = importing.plan()
        if not (yes or dry_run):
            _ask(plan, quiet=as_json)
        with counting("Sites done:") as tell:
            seen = Counter[str]()

            def told(line: Line) -> None:
                seen[line.outcome] += 1
                tell(seen.total())
                if not as_json:
                    say(_sentence(line))

            done = importing.carry_out(told, dry=dry_run)
    if as_json:
        print_json(done)
    else:
        say(f"{'Would be: ' if dry_run else ''}{_counts(done)}.")
    if any(line.outcome == "bad" for line in done):
        raise typer.Exit(1)


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}", code=USAGE)


def _grouped(wanted: Subscription, groups: Sequence[str]) -> Subscription:
    return attrs.evolve(wanted, groups=tuple(dict.fromkeys((*wanted.groups, *groups))))


def _ask(plan: Sequence[Line], *, quiet: bool) -> None:
    """Show what is going to be done, and ask whether it shall be."""
    if quiet or not sys.stdin.isatty():
        fail("nothing was changed: give --yes to import without being asked", code=USAGE)
    shown = sorted(plan, key=lambda line: line.outcome == "known")
    print_table(
        ("line", "", "address", "source", ""),
        (
            (
                ", ".join(map(str, line.lines)),
                _WORDS[line.outcome],
                line.address,
                line.source,
                line.why or ("looked at first" if line.unseen else ""),
            )
            for line in shown[:_SHOWN]
        ),
        empty="",
    )
    if len(shown) > _SHOWN:
        say(f"… and {len(shown) - _SHOWN} more")
    say(f"{_counts(plan)}.")
    if not any(line.outcome in ("new", "more") for line in plan):
        return
    if not typer.confirm("Import?"):
        raise typer.Exit(1)


def _sentence(line: Line) -> str:
    where = f"line{'s' if len(line.lines) > 1 else ''} {', '.join(map(str, line.lines))}"
    source = f" as {line.source!r}" if line.source else ""
    why = f": {line.why}" if line.why else ""
    return f"{where}: {line.address} {_WORDS[line.outcome]}{source}{why}"


def _counts(lines: Sequence[Line]) -> str:
    of = Counter(line.outcome for line in lines)
    words = (
        f"{of['new']} new",
        f"{of['more']} known that get more" if of["more"] else "",
        f"{of['known']} known",
        f"{of['bad']} bad",
    )
    return ", ".join(filter(None, words))


def export(
    file: Annotated[str, typer.Argument(help="Where to; - is the standard output.")] = "-",
    form: Annotated[
        Format | None, typer.Option("--format", help="By default from the file's name, else OPML.")
    ] = None,
    group: Annotated[str, typer.Option(help="Those of this group alone.")] = "",
) -> None:
    """Write the sources as a list: OPML for feed readers and for another newsbot, CSV, or plain.

    OPML and CSV give `source import` back what they were written from; a plain list has homepages.
    """
    with context.archive(context.config()) as database:
        found = sources.everything(database)
    if group:
        found = [each for each in found if group.casefold() in map(str.casefold, each.groups)]
    endings = {".csv": Format.CSV, ".txt": Format.LIST, ".list": Format.LIST}
    chosen = form or endings.get(Path(file).suffix.lower(), Format.OPML)
    listed = [_listed(each) for each in found]
    if chosen is Format.OPML:
        text = write_opml(listed, now=datetime.now(UTC))
    else:
        text = write_table(listed) if chosen is Format.CSV else write_plain(listed)
    if file == "-":
        sys.stdout.buffer.write(text.encode("utf8", "replace"))
        sys.stdout.buffer.flush()
        return
    try:
        Path(file).write_bytes(text.encode("utf8", "replace"))
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror}", code=USAGE)
    say(f"Wrote {len(listed)} sources to {file}.")


def _listed(source: Source) -> Subscription:
    return Subscription(
        line=0,
        homepage=source.homepage,
        entry_points=tuple(
            EntryPoint(url=way.url, kind=KINDS[way.kind])
            for way in source.entry_points
            if way.kind in KINDS
        ),
        name=source.name,
        title=source.title,
        groups=source.groups,
        delay=source.delay,
        concurrency=source.concurrency,
        javascript=source.javascript or None,
        poll=source.next_due is not None,
    )
