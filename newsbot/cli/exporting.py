"""``newsbot export``: articles to a file, all of a query or a sample of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from newsbot.cli import context
from newsbot.cli.output import USAGE, Json, errors, fail, print_json, say
from newsbot.export import formats
from newsbot.export.columns import UnknownColumnError, chosen
from newsbot.export.draft import DraftBusyError, DraftOfAnotherError, manifest_path
from newsbot.export.making import Exported, Wanted, export
from newsbot.export.sampling import Sample
from newsbot.query import Lists as Entries
from newsbot.query import QuerySyntaxError, parse
from newsbot.search.follow import catch_up
from newsbot.search.lists import Lists
from newsbot.search.results import Reader


class Form(StrEnum):
    """The formats of an export."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


class By(StrEnum):
    """What a sample may be spread over."""

    DAY = "day"
    SOURCE = "source"


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command("export")(export_)


def export_(
    query: Annotated[
        str, typer.Argument(help='What to take away; "" with --all takes everything.')
    ] = "",
    to: Annotated[
        Path,
        typer.Option(
            help="The file: found.csv, found.jsonl (either may end in .gz) or found.parquet."
        ),
    ] = ...,  # type: ignore[assignment]  # typer's way of saying that it is required
    everything: Annotated[
        bool, typer.Option("--all", help="Every article of the archive; give no query then.")
    ] = False,
    form: Annotated[
        Form | None, typer.Option("--format", help="By default told by the file's ending.")
    ] = None,
    columns: Annotated[
        str, typer.Option(help="Only these columns, as id,url,title; docs/export.md lists them.")
    ] = "",
    sample: Annotated[
        int | None, typer.Option(min=1, help="A random sample of so many articles.")
    ] = None,
    seed: Annotated[
        int, typer.Option(help="The same seed draws the same sample; give another for another.")
    ] = 0,
    by: Annotated[
        By | None, typer.Option(help="Spread the sample over days or sources, as they are many.")
    ] = None,
    bom: Annotated[
        bool,
        typer.Option(help="Begin CSV with a byte order mark, which Excel needs to read UTF-8."),
    ] = True,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Begin anew what was stopped before its end.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write the articles that a query finds to a file: CSV, JSON Lines or Parquet.

    Beside it stands FILE.manifest.json: the query as understood, the archive's state, counts, columns
    and the file's digest. An export that was stopped goes on where it was when the same command is
    given again. --json prints the manifest.
    """
    if to.is_dir():
        fail(f"{to} cannot be written (it is a folder); name a file in it with --to")
    wanted = _wanted(query, to, everything, form, columns, bom=bom)
    if sample is not None:
        wanted = _sampled(wanted, sample, seed, by)
    elif by is not None:
        fail("--by says what a sample is spread over; give --sample, too", code=USAGE)
    config = context.config()
    with context.archive(config) as database:
        if "@" in query:
            _see_that_it_is_one(query, Lists.of(database).now().entries)
        complete = catch_up(config, database)
        if not complete:
            errors.print(
                "newsbot: the search index lags behind the archive; the newest articles may be "
                "missing, and the manifest says so"
            )
        try:
            with _showing(quiet=as_json) as progress:
                done = export(
                    database,
                    Reader(config, database),
                    wanted,
                    complete=complete,
                    from_start=from_start,
                    progress=progress,
                )
        except (DraftBusyError, DraftOfAnotherError) as error:
            fail(str(error))
        except OSError as error:
            fail(
                f"{to} cannot be written ({error.strerror}); name another file with --to, or give "
                "the same command again to go on once it can"
            )
    if as_json:
        print_json(done.manifest)
    else:
        _tell(done, to, wanted)


def _wanted(
    query: str, to: Path, everything: bool, form: Form | None, columns: str, *, bom: bool
) -> Wanted:
    if everything == bool(query.strip()):
        fail("give a query, or --all for every article", code=USAGE)
    try:
        if query and "@" not in query:  # lists are in the archive, which is not open yet
            parse(query)  # a query that is none starts nothing
        kind, packed = formats.of_file(to, form or "")
        names = tuple(name for name in columns.replace(",", " ").split())
        chosen(names)
    except QuerySyntaxError as error:
        fail(f"the query cannot be understood:\n{error.explain()}", code=USAGE)
    except (formats.FormatError, UnknownColumnError) as error:
        fail(str(error), code=USAGE)
    return Wanted(query=query, path=to, format=kind, packed=packed, columns=names, bom=bom)


def _see_that_it_is_one(query: str, lists: Entries) -> None:
    try:
        parse(query, lists)
    except QuerySyntaxError as error:
        fail(f"the query cannot be understood:\n{error.explain()}", code=USAGE)


def _sampled(wanted: Wanted, size: int, seed: int, by: By | None) -> Wanted:
    import attrs

    sample = Sample(size=size, seed=seed, by=by.value if by else "")
    return attrs.evolve(wanted, sample=sample)


@contextmanager
def _showing(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Show how far the export is, where somebody looks on."""
    with Progress(
        TextColumn("writing articles"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=errors,
        disable=quiet or not errors.is_terminal,
        transient=True,
    ) as shown:
        task = shown.add_task("writing", total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)


def _tell(done: Exported, to: Path, wanted: Wanted) -> None:
    counts = done.manifest["counts"]
    if done.resumed_at:
        say(
            f"It went on at article {done.resumed_at + 1}, with what was found on "
            f"{done.manifest['asked_at'][:16].replace('T', ' ')} UTC; --from-start begins anew."
        )
    notes = [
        f"{counts[name]} {words}"
        for name, words in (
            ("undated", "without a known day"),
            ("partial", "in part"),
            ("removed_since", "left out, for they were removed meanwhile"),
        )
        if counts[name]
    ]
    if wanted.format == "csv" and counts["longer_than_a_cell"]:
        notes.append(
            f"{counts['longer_than_a_cell']} with texts longer than a cell of Excel holds "
            f"({formats.CELL} characters)"
        )
    of = f" of {counts['found']}" if wanted.sample else ""
    say(
        f"{counts['articles']} articles{of} ({counts['stories']} stories) are in {to}"
        f"{': ' if notes else '.'}{', '.join(notes)}{'.' if notes else ''}"
    )
    say(f"What it is stands in {manifest_path(to).name}.")
