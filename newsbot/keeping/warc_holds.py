"""Which WARC files the recorder may not remove to make room, because held pages stand in them.

The recorder knows no database; it reads a list beside its files. A hold on an article names the file of
its page. A hold on a source or a query may meet pages in any file, so it keeps all of them.
"""

from pathlib import Path

from newsbot.archive import articles, holds
from newsbot.archive.connection import Database
from newsbot.fetching.raw_files import keep_files


def protect(data_dir: Path, database: Database) -> None:
    """Write the list anew from the holds in force."""
    found = holds.everything(database)
    if any(hold.kind != "article" for hold in found):
        keep_files(data_dir, None)
        return
    held = articles.many(database, [hold.what for hold in found]).values()
    keep_files(data_dir, {kept.article.raw.file for kept in held if kept.article.raw})
