"""Sources that have been there for long, so that what a crawl of them finds is no newcomer's past."""

from datetime import UTC, datetime, timedelta

from newsbot.archive import runs, sources
from newsbot.archive.connection import Database


def long_known(database: Database) -> None:
    """Have each source been added a year ago, and crawled then.

    An alert that tells of articles however old they are (``--max-age 0``) is told of what it brings.
    """
    then = datetime.now(UTC) - timedelta(days=365)
    for source in sources.everything(database):
        database.sources.update_one({"_id": source.id}, {"$set": {"added_at": then}})
        run = runs.request(database, source.id, trigger="poll", occasion="long ago", now=then)
        assert run is not None
        mine = runs.take(database, run, owner="test", seconds=60, now=then)
        assert mine is not None
        assert runs.finish(database, mine, state="done", now=then, counters={})
