"""An export from its beginning to its end: what it takes is settled first, then written by chunks.

Settled are the articles that the query finds in the index when the export begins, in the order in which
they were first seen. An export that was killed goes on with these. Each article is written as it reads
when it is written; one that was removed meanwhile is left out, and counted.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs

from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.archive.streaming import in_order
from newsbot.export import formats, manifest
from newsbot.export.columns import Column, Told, chosen, row
from newsbot.export.draft import At, Draft, DraftOfAnotherError
from newsbot.export.finding import Finding, find
from newsbot.export.sampling import Sample
from newsbot.export.telling import Teller, chunks
from newsbot.query import parse, shown
from newsbot.search.lists import Lists
from newsbot.search.results import Reader
from newsbot.text.doubts import believed

# How far an export is, is written down at most so often (seconds): that waits for the disk.
NOTE_SECONDS = 1.0

Progress = Callable[[int, int], None]


@attrs.frozen(kw_only=True)
class Wanted:
    """What is exported, and how: a query ("" is everything), a file, its format, its columns.

    ``columns`` are names, none for all. ``bom`` has CSV begin with a byte order mark, without which
    Excel takes it for another encoding than UTF-8.
    """

    query: str
    path: Path
    format: formats.Name
    packed: bool = False
    columns: tuple[str, ...] = ()
    sample: Sample | None = None
    bom: bool = True


@attrs.frozen(kw_only=True)
class Exported:
    """How an export went: its manifest, and at which article an earlier one was taken up (0: none)."""

    manifest: Mapping[str, Any]
    resumed_at: int = 0

    @property
    def articles(self) -> int:
        """How many articles are in the file."""
        return int(self.manifest["counts"]["articles"])


def export(
    database: Database,
    reader: Reader,
    wanted: Wanted,
    *,
    complete: bool = True,
    from_start: bool = False,
    progress: Progress = lambda _done, _all: None,
) -> Exported:
    """Write the articles of a query to a file, and the file's manifest beside it.

    The file is put in place when it is whole; until then it is as it was. An export of the same to the
    same file that was stopped before its end goes on where it was, unless ``from_start``. ``complete``
    is False where the index is known to lag behind the archive, for the manifest to say so;
    ``progress`` is told now and then how many articles are done, of how many.

    Raises:
        QuerySyntaxError: when it is no query.
        UnknownColumnError: for a column that there is not.
        DraftBusyError: when another process exports to the same file.
        DraftOfAnotherError: when what was left beside the file is of another export.
        OSError: when the file cannot be written.
    """
    columns = chosen(wanted.columns)
    lists = Lists.of(database).now()
    tree = parse(wanted.query, lists.entries) if wanted.query else None
    with Draft(wanted.path) as draft:
        if from_start:
            draft.clear()
        identity = _identity(database, wanted, columns)
        asked = draft.asked()
        if asked is not None and asked["wanted"] != identity:
            raise DraftOfAnotherError(
                f"{draft.folder} is what is left of another export to this file "
                f"({asked['query']['typed'] or 'everything'}, begun {asked['asked_at'][:16]}); "
                "give --from-start to begin anew in its place, or name another file"
            )
        if asked is None:
            now = datetime.now(UTC)
            finding = find(
                database, reader, wanted.query, wanted.sample, now=now, lists=lists.entries
            )
            asked = {
                "wanted": identity,
                "asked_at": now.isoformat(),
                "query": {
                    "typed": wanted.query,
                    "understood": shown(tree) if tree else "everything",
                },
                "lists": manifest.lists_of(lists, tree),
                **_state(database, finding, complete=complete),
            }
            asked = draft.begin(asked, finding.ids)
        resumed_at = draft.at().done
        told = draft.manifest()
        if told is None:  # else it was stopped as it was put in place
            told = _write(database, draft, wanted, columns, asked, progress)
        draft.settle(told)
    return Exported(manifest=told, resumed_at=resumed_at)


def _identity(database: Database, wanted: Wanted, columns: Sequence[Column]) -> dict[str, Any]:
    """Return what two exports have in common of which one may go on for the other."""
    return {
        "database": database.name,
        "query": wanted.query,
        "format": wanted.format,
        "packed": wanted.packed,
        "bom": wanted.bom,
        "columns": [column.name for column in columns],
        "sample": attrs.asdict(wanted.sample) if wanted.sample else None,
        "manifest": manifest.FORM,
    }


def _state(database: Database, finding: Finding, *, complete: bool) -> dict[str, Any]:
    """Return what was found, and in which state of the archive."""
    selection = finding.selection
    return {
        "found": selection.total,
        "sample": finding.drawn,
        "archive": {
            "database": database.name,
            "articles": selection.articles,
            "position": selection.position,
            "up_to": selection.up_to.isoformat() if selection.up_to else None,
            "complete": complete,
        },
    }


def _write(
    database: Database,
    draft: Draft,
    wanted: Wanted,
    columns: tuple[Column, ...],
    asked: Mapping[str, Any],
    progress: Progress,
) -> dict[str, Any]:
    """Write what is still to be written and put it together; returns the manifest."""
    form = formats.make(wanted.format, columns, packed=wanted.packed, bom=wanted.bom)
    total, whole = asked["articles"], draft.whole_draft
    at = draft.at()
    if draft.data.exists() or not whole.exists():
        at = _Writing(database, draft, form, columns).run(total, progress)
        form.finish(draft.data, whole)
    return {
        "manifest": manifest.FORM,
        "file": {
            **manifest.file_of(whole, wanted.path.name),
            "format": wanted.format,
            "packed": "gzip" if wanted.packed else None,
            "byte_order_mark": wanted.bom if wanted.format == "csv" else None,
        },
        "query": asked["query"],
        "program": manifest.program(asked.get("lists", {})),
        "asked_at": asked["asked_at"],
        "finished_at": datetime.now(UTC).isoformat(),
        "archive": asked["archive"],
        "counts": {
            "found": asked["found"],
            **{name: at.counts.get(name, 0) for name in COUNTS},
            "by_source": {name: count for name, count in sorted(at.by_source.items()) if count},
        },
        "sources": manifest.sources_of(database, at.by_source),
        "sample": asked["sample"],
        "order": ["first_seen", "id"],
        "columns": manifest.columns_of(columns),
    }


# What is counted: articles and stories that are in the file; of the articles those of unknown day,
# those whose page could not be read, those for subscribers, those that a spreadsheet cannot show whole,
# and those that changed since the export began; and those that were removed since, which are not there.
COUNTS = (
    "articles",
    "stories",
    "undated",
    "partial",
    "for_subscribers",
    "longer_than_a_cell",
    "changed_since",
    "removed_since",
)


class _Writing:
    """Writes the chunks of an export, from where it is to its end."""

    def __init__(
        self,
        database: Database,
        draft: Draft,
        form: formats.Format,
        columns: Sequence[Column],
    ) -> None:
        self._database = database
        self._draft = draft
        self._form = form
        self._columns = columns
        self._began = datetime.fromisoformat((draft.asked() or {})["asked_at"])
        at = draft.at()
        self._done = at.done
        self._counts, self._by_source = Counter(at.counts), Counter(at.by_source)
        self._data = draft.open("data", at.length)
        self._stories = draft.open("stories", at.stories)

    def run(self, total: int, progress: Progress) -> At:
        """Write to the end; returns how far that is."""
        with self._data, self._stories:
            teller = Teller(self._database, self._draft.stories())
            if not self._data.tell():
                self._data.write(self._form.head())
            noted = time.monotonic()
            progress(self._done, total)
            with closing(in_order(self._database, self._draft.ids(self._done))) as articles:
                for chunk in chunks(articles):
                    self._append(teller, chunk)
                    progress(self._done, total)
                    if time.monotonic() - noted > NOTE_SECONDS:
                        self._note()
                        noted = time.monotonic()
            return self._note()

    def _append(self, teller: Teller, chunk: Sequence[Kept | None]) -> None:
        there = [each for each in chunk if each is not None]
        told = teller.tell(there)
        self._data.write(self._form.chunk([row(each, self._columns) for each in told]))
        self._stories.writelines(f"{each.story}\n".encode() for each in told if each.first)
        self._done += len(chunk)
        self._counts["removed_since"] += len(chunk) - len(there)
        for each in told:
            self._count(each)

    def _count(self, told: Told) -> None:
        article, record = told.kept.article, told.kept.record
        self._by_source[told.source[1] or told.source[0]] += 1
        for name in told.sources:  # also of those that led to it second
            self._by_source[name] += 0
        counts = self._counts
        counts["articles"] += 1
        counts["stories"] += told.first
        counts["undated"] += believed(article.published) is None
        counts["partial"] += bool(article.partial)
        counts["for_subscribers"] += article.free is False
        counts["longer_than_a_cell"] += len(article.body) > formats.CELL
        counts["changed_since"] += record.changed_at > self._began

    def _note(self) -> At:
        at = At(
            done=self._done,
            length=self._data.tell(),
            stories=self._stories.tell(),
            counts=self._counts,
            by_source=self._by_source,
        )
        self._draft.note(at, self._data, self._stories)
        return at
