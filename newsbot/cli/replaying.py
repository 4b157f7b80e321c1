"""``newsbot replay``: articles out of WARC files, newsbot's own and those of others."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from newsbot.archive import replays
from newsbot.cli import context
from newsbot.cli.output import USAGE, Json, console, errors, fail, print_json, say
from newsbot.config import Config
from newsbot.items import derived_id
from newsbot.replay.archiving import ArchiveDestination
from newsbot.replay.engine import Destination, Engine, State, prepare
from newsbot.replay.lines import LinesDestination, LinesExistError
from newsbot.replay.reader import Damage, UnreadableFileError
from newsbot.replay.wanted import Wanted
from newsbot.text.date_words import base_language

# Damaged places that are told one by one; the rest is counted.
_TOLD = 20

# What became of the pages, in words, in this order.
_OUTCOMES = {
    "new": "new articles",
    "edited": "edited",
    "completed": "completed",
    "reread": "read anew",
    "known": "known",
    "duplicate": "duplicates",
    "removed": "taken out of the archive before, and left out",
    "not_articles": "pages that are no article",
    "other_host": "of other hosts",
    "other_language": "in other languages",
    "other_day": "of other days",
    "other_status": "answers without success",
    "no_page": "records that hold no page",
    "later_pages": "later pages of articles",
    "later_pages_missing": "articles whose later pages are missing",
    "too_large": "too large",
    "failed_extraction": "could not be extracted",
    "damaged": "damaged records",
    "matches": "alert matches, of which nobody was told",
}


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command("replay")(replay)


def replay(
    files: Annotated[
        list[Path],
        typer.Argument(help="WARC files: .warc, .warc.gz or .warc.zst.", metavar="FILE…"),
    ],
    host: Annotated[
        list[str], typer.Option("--host", help="Only pages of this domain and below; repeatable.")
    ] = [],  # noqa: B006 - typer reads it, nobody changes it
    language: Annotated[
        list[str], typer.Option("--language", help="Only articles in this language; repeatable.")
    ] = [],  # noqa: B006
    since: Annotated[
        str, typer.Option(help="Only articles published on this day or later, as 2020-03-01.")
    ] = "",
    until: Annotated[
        str, typer.Option(help="Only articles published on this day or earlier.")
    ] = "",
    processes: Annotated[
        int | None,
        typer.Option(min=1, max=256, help="Processes that extract; one a core unless given."),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(help="Write JSON Lines to this file; the archive is left alone."),
    ] = None,
    from_start: Annotated[
        bool,
        typer.Option("--from-start", help="Begin anew what was stopped before its end."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Read pages out of WARC files again and keep their articles; nothing is fetched.

    Nobody is alerted: what is replayed is no news. A replay that is stopped, however, goes on near where
    it was when the same command is given again.
    """
    config = context.config()
    wanted = Wanted(
        hosts=frozenset(_domain(each) for each in host),
        languages=frozenset(base_language(each) for each in language),
        since=_day("--since", since),
        until=_day("--until", until),
    )
    if wanted.since and wanted.until and wanted.since > wanted.until:
        fail(f"--since {since} is after --until {until}; no day is in between", code=USAGE)
    prepare()
    listed = list(dict.fromkeys(files))
    run = _Replay(config, wanted, listed, processes or os.cpu_count() or 1, quiet=as_json)
    if to is not None:
        unreadable = run.to_lines(to, from_start=from_start)
    else:
        unreadable = run.to_archive(from_start=from_start)
    if as_json:
        print_json({"files": len(listed), "seconds": run.seconds, "counters": run.tally})
    else:
        say(run.summary())
    for error in unreadable.values():
        errors.print(f"newsbot: {error}", markup=False)
    if unreadable:
        raise typer.Exit(1)


def _domain(text: str) -> str:
    from urllib.parse import urlsplit

    return ((urlsplit(text).hostname if "://" in text else text) or text).lower().strip(" ./")


def _day(option: str, text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"{option} {text!r} is no day; give one as 2020-03-01", code=USAGE)


class _Replay:
    """One replay: what is asked, and how it went."""

    def __init__(
        self, config: Config, wanted: Wanted, files: Sequence[Path], processes: int, *, quiet: bool
    ) -> None:
        self._config = config
        self._wanted = wanted
        self._files = files
        self._processes = processes
        self._quiet = quiet
        self._told = 0
        self.tally: Counter[str] = Counter()
        self.seconds = 0.0

    def to_archive(self, *, from_start: bool) -> dict[int, UnreadableFileError]:
        """Replay into the archive."""
        ids = [self._identity(path, self._config.database) for path in self._files]
        with context.archive(self._config) as database:
            if from_start:
                replays.forget(database, ids)
            there = replays.get(database, ids)
            offsets = {key: None if each.done else each.offset for key, each in there.items()}
            names = [path.name for path in self._files]
            todo = self._todo(ids, offsets)
            destination = ArchiveDestination(
                database, [(ids[place], names[place]) for place, _ in todo]
            )
            unreadable = self._run(destination, todo)
            replays.forget(database, [ids[place] for place in unreadable] or ids)
        return unreadable

    def to_lines(self, path: Path, *, from_start: bool) -> dict[int, UnreadableFileError]:
        """Replay into a file of JSON Lines."""
        ids = [self._identity(each, "") for each in self._files]
        if from_start:
            for each in (path, path.with_name(path.name + ".state")):
                each.unlink(missing_ok=True)
        try:
            destination = LinesDestination(path, derived_id(*self._wanted.key()))
        except LinesExistError as error:
            fail(str(error), code=USAGE)
        except OSError as error:
            fail(f"{path} cannot be written ({error.strerror}); name another file with --to")
        try:
            todo = self._todo(ids, destination.offsets)
            destination.replays([ids[place] for place, _ in todo])
            unreadable = self._run(destination, todo)
        except OSError as error:
            destination.close()
            fail(
                f"{path} cannot be written ({error.strerror}); "
                "give the same command again to go on once it can"
            )
        except BaseException:
            destination.close()
            raise
        if unreadable:
            destination.forget([ids[place] for place in unreadable])
            destination.close()
        else:
            destination.finish()
        return unreadable

    def _identity(self, path: Path, where: str) -> str:
        try:
            size = path.stat().st_size
        except OSError:
            size = 0
        return derived_id("replay", path.name, str(size), where, *self._wanted.key())

    def _todo(self, ids: Sequence[str], offsets: dict[str, int | None]) -> list[tuple[int, int]]:
        """Return the files that are not done, by their places, with the offsets to go on from."""
        todo = []
        for place, identity in enumerate(ids):
            offset = offsets.get(identity, 0)
            name = self._files[place].name
            if offset is None:
                self._say(f"{name} was done before.")
                continue
            if offset:
                self._say(f"{name}: going on at byte {offset}; --from-start begins anew.")
            todo.append((place, offset))
        return todo

    def _run(
        self, destination: Destination, todo: Sequence[tuple[int, int]]
    ) -> dict[int, UnreadableFileError]:
        started = datetime.now(UTC)
        files = [(self._files[place], offset) for place, offset in todo]
        with self._showing([path for path, _ in files]) as watch:
            engine = Engine(
                destination,
                self._wanted,
                processes=self._processes,
                page_bytes=self._config.page_bytes,
                page_timeout=self._config.page_timeout,
                watch=watch,
                tell=self._tell,
            )
            unreadable = {todo[number][0]: why for number, why in engine.run(files).items()}
        self.tally = engine.tally
        self.seconds = (datetime.now(UTC) - started).total_seconds()
        if self._told > _TOLD:
            self._say(f"… and {self._told - _TOLD} damaged places more.")
        return unreadable

    @contextmanager
    def _showing(self, files: Sequence[Path]) -> Iterator[Callable[[State], None]]:
        """Show how far the replay is, where somebody looks on."""
        sizes = [path.stat().st_size if path.exists() else 0 for path in files]
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=self._quiet or not console.is_terminal,
            transient=True,
        ) as progress:
            shown = progress.add_task("reading", total=sum(sizes))

            def watch(state: State) -> None:
                progress.update(
                    shown,
                    completed=sum(sizes[: state.file]) + state.at,
                    description=f"{files[state.file].name}: {state.tally['pages']} pages, "
                    f"{state.tally['new']} new",
                )

            yield watch

    def _tell(self, damage: Damage) -> None:
        self._told += 1
        if self._told <= _TOLD:
            errors.print(f"newsbot: {damage}", markup=False)

    def _say(self, line: str) -> None:
        if not self._quiet:
            say(line)

    def summary(self) -> str:
        """Return what came of the replay, in a sentence."""
        tally = self.tally
        rate = f" ({tally['pages'] / self.seconds:.0f} a second)" if self.seconds else ""
        parts = [f"{tally[name]} {words}" for name, words in _OUTCOMES.items() if tally[name]]
        return (
            f"{tally['pages']} pages of {tally['records']} records read in "
            f"{self.seconds:.0f} s{rate}: {', '.join(parts) or 'nothing in them was asked for'}."
        )
