"""What is wrong with newsbot itself, read out of the archive, the index and the disk."""

import shutil
from datetime import datetime

from newsbot.alerts import health
from newsbot.alerts.health import Ill
from newsbot.archive import lag
from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.search.follow import reached
from newsbot.search.index import current


def ills(config: Config, database: Database, now: datetime) -> list[Ill]:
    """Return what is wrong with newsbot itself now."""
    config.data_dir.mkdir(parents=True, exist_ok=True)
    waiting, since = lag.queue(database)
    return health.of_newsbot(
        now=now,
        waiting=waiting,
        waiting_since=since,
        undelivered_since=lag.undelivered_since(database),
        unindexed_since=_unindexed_since(config, database, now),
        free=shutil.disk_usage(config.data_dir).free,
        reserve=config.disk_reserve,
        late=config.trouble_late,
    )


def _unindexed_since(config: Config, database: Database, now: datetime) -> datetime | None:
    """Return up to when the index follows the archive, if that is long ago and there is more in it."""
    folder = current(config.index_dir)
    if folder is None:
        return None
    at = reached(folder)
    late = (now - at).total_seconds() > config.trouble_late
    return at if late and at.timestamp() and lag.changed_since(database, at) else None


def dead_channels(database: Database, now: datetime) -> list[Ill]:
    """Return the channels of which a message was given up, and none arrived since."""
    return [
        Ill(
            kind="channel",
            subject=each.channel,
            since=each.at,
            says=f"a message was given up: {each.failure}; `newsbot doctor` says how many",
        )
        for each in lag.dead_channels(database, now)
    ]
