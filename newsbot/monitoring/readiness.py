"""Whether newsbot is ready: its archive answers, its index is open, its parts run."""

from newsbot import parts
from newsbot.archive.connection import AWAY, ArchiveError, Database
from newsbot.config import Config
from newsbot.search.index import Generation, current


def lacking(config: Config, database: Database) -> list[dict[str, str]]:
    """Return what newsbot lacks to be ready, each with ``what`` and ``why``; nothing where it is.

    Where no service works on the data folder (the page is served by itself) no parts are asked for.
    """
    found: list[dict[str, str]] = []
    try:
        database.hasty.ping()
    except (ArchiveError, *AWAY) as error:
        found.append({"what": "archive", "why": f"MongoDB does not answer: {error}"})
    running = parts.running(config.data_dir)
    why = _index(config, served=running is not None)
    if why:
        found.append({"what": "index", "why": why})
    for part in running or ():
        if part.waiting:
            why = f"it died {part.deaths} times of late, and is started again soon"
            found.append({"what": part.name, "why": f"{why}; see its log"})
    return found


def _index(config: Config, *, served: bool) -> str:
    """Return why the index cannot be asked; "" where it can. Without a service none may be there yet."""
    folder = current(config.index_dir)
    if folder is None:
        return "there is none yet; the indexer makes it" if served else ""
    try:
        Generation(folder)
    except (ValueError, OSError) as error:
        return f"it cannot be opened: {error}; `newsbot reindex` builds it anew"
    return ""
