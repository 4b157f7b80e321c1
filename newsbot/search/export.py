"""Takes what a query finds away, as JSON Lines."""

import json
from datetime import date, datetime
from pathlib import Path

import attrs

from newsbot.search.results import Reader

# Articles read at a time.
PAGE = 500


def export_lines(reader: Reader, query: str, path: Path) -> int:
    """Write every article that a query finds to a file, newest first; returns how many.

    The file is put in place when it is complete.

    Raises:
        QuerySyntaxError: when it is no query.
        OSError: when the file cannot be written.
    """
    draft = path.with_name(path.name + ".part")
    count = 0
    with draft.open("w", encoding="utf8") as file:
        while True:
            hits = reader.search(query, order="newest", limit=PAGE, offset=count).hits
            for hit in hits:
                line = attrs.asdict(hit.kept.article) | {
                    "source": hit.source,
                    "story": hit.kept.record.story,
                    "revision": hit.kept.record.revision,
                    "first_seen": hit.kept.record.first_seen,
                }
                file.write(json.dumps(line, ensure_ascii=False, default=_plain) + "\n")
            count += len(hits)
            if len(hits) < PAGE:
                break
    draft.replace(path)
    return count


def _plain(value: object) -> str:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in an export")
