"""``newsbot import``: articles out of files, those of an export and those of others."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from newsbot.archive import replays, sources
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source
from newsbot.cli import context
from newsbot.cli.exporting import Form
from newsbot.cli.output import USAGE, Json, errors, fail, print_json, say
from newsbot.config import Config
from newsbot.export import formats
from newsbot.export.draft import manifest_path
from newsbot.importing.behalf import Sources, homes_of
from newsbot.importing.files import UnreadableFileError, records
from newsbot.importing.taking import Taking
from newsbot.items import derived_id

# Records left out that are told one by one; the rest is counted.
_TOLD = 20
# A smaller file is read here: processes would take longer to start.
_SMALL = 500_000

# What became of the records, in words, in this order.
_OUTCOMES = {
    "new": "new articles",
    "edited": "edited",
    "completed": "completed",
    "known": "known",
    "duplicate": "duplicates",
    "good": "good",
    "removed": "taken out of this archive before, and left out",
    "bad": "left out",
    "matches": "alert matches, of which nobody was told",
}


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command("import")(import_)


def import_(
    file: Annotated[
        Path,
        typer.Argument(help="What `newsbot export` wrote, or JSON Lines: an article a line."),
    ],
    form: Annotated[
        Form | None, typer.Option("--format", help="By default told by the file's ending.")
    ] = None,
    source: Annotated[
        str, typer.Option(help="The source that all of them belong to, whatever the file says.")
    ] = "",
    processes: Annotated[
        int | None,
        typer.Option(min=0, max=256, help="Processes that read; one a core unless given."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check each record, and change nothing.")
    ] = False,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Begin anew what was stopped before its end.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Put articles out of a file into the archive. Nobody is alerted: they are no news.

    A record needs `url`, and `title` or `body`; docs/export.md says what else may stand there. A bad
    record is told with its place and left out; the exit code is 1 then. A file that is imported again
    changes nothing; an import that was stopped goes on where it was.
    """
    try:
        kind, packed = formats.of_file(file, form or "")
        size = file.stat().st_size
        file.open("rb").close()
    except formats.FormatError as error:
        fail(str(error), code=USAGE)
    except OSError as error:
        fail(f"{file} cannot be read ({error.strerror})", code=USAGE)
    config = context.config()
    count = (os.cpu_count() or 1) if processes is None else processes
    with context.archive(config) as database:
        run = _Run(config, database, file, quiet=as_json)
        run.prepare(source, from_start=from_start)
        broken = run.take(kind, packed=packed, processes=count if size > _SMALL else 0, dry=dry_run)
    if as_json:
        print_json({"seconds": run.seconds, "counters": run.tally, "unknown_fields": run.unknown})
    else:
        say(run.summary(dry=dry_run))
    if broken:
        errors.print(f"newsbot: {broken}", markup=False)
    if broken or run.tally["bad"]:
        raise typer.Exit(1)


class _Run:
    """One import: of which file, from where on, and how it went."""

    def __init__(self, config: Config, database: Database, file: Path, *, quiet: bool) -> None:
        self._config = config
        self._database = database
        self._file = file
        self._quiet = quiet
        self._source: Source | None = None
        self._identity = ""
        self._skip = 0
        self._told = 0
        self.seconds = 0.0
        self.tally: dict[str, int] = {}
        self.unknown: dict[str, int] = {}

    def prepare(self, source: str, *, from_start: bool) -> None:
        """Find the source that is named, and how far an import that was stopped had come."""
        if source:
            self._source = sources.find(self._database, source)
            if self._source is None:
                fail(f"there is no source {source!r}; `newsbot source list` shows those there are")
        size = self._file.stat().st_size
        self._identity = derived_id("import", self._file.name, str(size), source)
        if from_start:
            replays.forget(self._database, [self._identity])
        progress = replays.get(self._database, [self._identity]).get(self._identity)
        self._skip = progress.offset if progress else 0
        if self._skip and not self._quiet:
            say(f"Going on after record {self._skip}; --from-start begins anew.")

    def take(
        self, kind: formats.Name, *, packed: bool, processes: int, dry: bool
    ) -> UnreadableFileError | None:
        """Take the file into the archive. Returns why it could not be read to its end."""
        started = datetime.now(UTC)
        skip = 0 if dry else self._skip
        broken = None
        with self._showing() as progress:

            def save(done: int) -> None:
                progress(done)
                at = replays.Progress(
                    id=self._identity, file=self._file.name, offset=done, at=datetime.now(UTC)
                )
                replays.save(self._database, at)

            taking = Taking(
                self._database,
                Sources(self._database, self._homes(), self._source),
                processes=processes,
                timeout=self._config.page_timeout,
                tell=self._tell,
                save=save,
                dry=dry,
            )
            try:
                taking.run(records(self._file, kind, packed=packed, skip=skip))
            except UnreadableFileError as error:
                broken = error
        if not dry and broken is None:
            replays.forget(self._database, [self._identity])
        self.tally, self.unknown = taking.tally, taking.unknown
        self.seconds = (datetime.now(UTC) - started).total_seconds()
        if self._told > _TOLD:
            errors.print(f"newsbot: … and {self._told - _TOLD} records more", markup=False)
        return broken

    def _homes(self) -> dict[str, str]:
        """Return what the file's manifest tells of its sources, where it has one."""
        try:
            told = json.loads(manifest_path(self._file).read_text(encoding="utf8"))
        except (OSError, ValueError):
            return {}
        return homes_of(told) if isinstance(told, dict) else {}

    def _tell(self, place: str, why: str) -> None:
        self._told += 1
        if self._told <= _TOLD:
            errors.print(f"newsbot: {self._file.name}, {place}: {why}", markup=False)

    @contextmanager
    def _showing(self) -> Iterator[Callable[[int], None]]:
        with Progress(
            SpinnerColumn(),
            TextColumn("records done: {task.completed:.0f}"),
            TimeElapsedColumn(),
            console=errors,
            disable=self._quiet or not errors.is_terminal,
            transient=True,
        ) as shown:
            task = shown.add_task("records", total=None)
            yield lambda done: shown.update(task, completed=done)

    def summary(self, *, dry: bool) -> str:
        """Return what came of the import, in a sentence or two."""
        parts = [f"{self.tally[name]} {words}" for name, words in _OUTCOMES.items() if self.tally[name]]  # fmt: skip
        read = (
            f"{self.tally['records']} records {'checked' if dry else 'read'} in {self.seconds:.0f} s: "
            f"{', '.join(parts) or 'there was none'}."
        )
        if self.unknown:
            named = ", ".join(
                f"{name} ({count})" for name, count in sorted(self.unknown.items())[:20]
            )
            read += f"\nFields that are not understood were left out: {named}."
        return read
