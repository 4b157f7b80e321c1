"""Takes what a query finds away, as JSON Lines."""

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO

import attrs

from newsbot.search.results import Hit, Reader

# Articles read at a time.
PAGE = 500


def export_lines(
    reader: Reader, query: str, path: Path, progress: Callable[[int], None] = lambda _: None
) -> int:
    """Write every article that a query finds to a file, newest first; returns how many.

    The file is put in place when it is complete; until then, or when that fails, it is as it was.
    An article that arrives in the meantime moves others to a later page: each is written once.
    ``progress`` is told now and then how many there are.

    Raises:
        QuerySyntaxError: when it is no query.
        OSError: when the file cannot be written.
    """
    draft = path.with_name(path.name + ".part")
    try:
        with draft.open("w", encoding="utf8") as file:
            count = _write(reader, query, file, progress)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return count


def _write(reader: Reader, query: str, file: TextIO, progress: Callable[[int], None]) -> int:
    written: set[str] = set()
    offset = 0
    while True:
        hits = reader.search(query, order="newest", limit=PAGE, offset=offset).hits
        for hit in hits:
            if hit.kept.article.id not in written:
                written.add(hit.kept.article.id)
                line = json.dumps(_line(hit), ensure_ascii=False, default=_plain)
                file.write(line + "\n")
        offset += len(hits)
        progress(len(written))
        if len(hits) < PAGE:
            return len(written)


def _line(hit: Hit) -> dict[str, Any]:
    return attrs.asdict(hit.kept.article) | {
        "source": hit.source,
        "story": hit.kept.record.story,
        "revision": hit.kept.record.revision,
        "first_seen": hit.kept.record.first_seen,
    }


def _plain(value: object) -> str:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in an export")
