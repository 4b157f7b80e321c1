"""The machine itself: what takes room on its disk, and how newsbot is set."""

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.config_origins import Setting, settings_of
from newsbot.keeping.last_backup import LastBackup
from newsbot.keeping.policy import show_span
from newsbot.keeping.storage import KeptFor, Storage, Taken, storage
from newsbot.web.api.frame import Answer, area
from newsbot.web.api.records import answer_of


class RuleOf(Answer):
    """How long parts of articles are kept, as `90d`, `2y` or `never` removed; null leaves it to the wider rule."""

    scope: str
    """`all`, `group` or `source`."""
    what: str
    raw: str | None
    body: str | None
    record: str | None


class StorageOf(Answer):
    """What newsbot takes and has, in bytes."""

    folder: str
    taken: list[answer_of(Taken)]  # type: ignore[valid-type]
    free: int
    total: int
    reserve: int
    """Crawls stop where less is free."""
    elsewhere: bool
    """Whether the archive is in a MongoDB of its own, whose disk is not seen from here."""
    raw_kept: bool
    raw_most: int
    raw_days: float
    rules: list[RuleOf]
    holds: int | None
    backup: answer_of(LastBackup) | None  # type: ignore[valid-type]
    """The last backup that this machine made."""


class Settings(Answer):
    """Each setting as it is in force, and where it comes from; secrets are hidden."""

    items: list[answer_of(Setting)]  # type: ignore[valid-type]


class Machine:
    """One machine."""

    def __init__(self, config: Config, database: Database) -> None:
        self._config = config
        self._database = database
        self.router = area("machine")
        self.router.get("/storage", name="storage")(self.storage)
        self.router.get("/settings", name="settings")(self.settings)

    def storage(self) -> StorageOf:
        """Tell what takes room on the disk, how long what is kept, and the last backup."""
        found = storage(self._config, self._database)
        said = {name: getattr(found, name) for name in StorageOf.model_fields if name != "rules"}
        return StorageOf.model_validate({**said, "rules": _rules(found)})

    def settings(self) -> Settings:
        """List each setting as it is in force, and where it comes from."""
        return Settings(items=settings_of(self._config))


def _rules(found: Storage) -> list[RuleOf]:
    def shown(days: float | None) -> str | None:
        return None if days is None else show_span(days)

    def rule(each: KeptFor) -> RuleOf:
        return RuleOf(
            scope=each.scope,
            what=each.what,
            raw=shown(each.raw),
            body=shown(each.body),
            record=shown(each.record),
        )

    return [rule(each) for each in found.rules]
