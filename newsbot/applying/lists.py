"""Lists of terms, kept as files: ``lists:``, by name, an entry a line."""

from collections.abc import Sequence
from typing import Any

from newsbot.alerts import lists as desk
from newsbot.applying.kind import Declared, Kind, Record, Step, StepError, refused
from newsbot.applying.stated import Problems, Stated
from newsbot.archive import audit, lists
from newsbot.query import QuerySyntaxError, entry_of


class Lists(Kind):
    """The desk's lists."""

    key = "lists"
    one = "list"
    stays = frozenset({"entries"})

    @classmethod
    def declare(cls, stated: Stated, problems: Problems) -> list[Declared]:
        """Return the lists that a file states."""
        found = []
        for given, key, value in stated.pairs(problems):
            with problems.caught():
                try:
                    name = desk.list_name(given)
                except desk.ListError as error:
                    raise key.wrong(str(error)) from None
                entries: tuple[str, ...] = ()
                with problems.caught():
                    entries = _entries(name, value, problems)
                values = {"entries": entries}
                found.append(Declared(name=f"@{name}", place=key.place, values=values))
        return found

    def records(self) -> list[Record]:
        """Return the lists that there are."""
        return [
            Record(
                name=f"@{each.id}",
                values={"entries": each.entries},
                mark=each.kept_by_file,
                kept=each,
            )
            for each in lists.everything(self.scene.database)
        ]

    def check_one(self, step: Step, problems: Problems) -> list[Step]:
        """See that whoever uses a list can go on."""
        name = step.name.removeprefix("@")
        with problems.caught():
            try:
                if step.what == "remove":
                    desk.see_that_nobody_uses(self.scene.database, name)
                elif step.what == "change" and step.declared and step.declared.values["entries"]:
                    entries = step.declared.values["entries"]
                    desk.see_that_users_can(self.scene.database, name, entries)
            except desk.ListError as error:
                what = "the files no longer have the list: " if step.what == "remove" else ""
                raise refused(step, f"{what}{error}") from None
        return [step]

    def apply(self, step: Step) -> None:
        """Change, remove or release a list."""
        database, now, by = self.scene.database, self.scene.now, audit.acting_user()
        name = step.name.removeprefix("@")
        try:
            if step.what == "remove":
                desk.remove(database, name, by=by, now=now)
            elif step.what == "release":
                lists.mark(database, name, None)
            elif step.declared:
                entries = step.declared.values["entries"]
                desk.change(database, name, lambda _: entries, by=by, now=now, mark=step.mark)
        except desk.ListError as error:
            raise StepError(str(error)) from None

    @classmethod
    def written(cls, records: Sequence[Record]) -> tuple[Any, list[str]]:
        """Return lists as a file states them."""
        return {each.name.removeprefix("@"): list(each.values["entries"]) for each in records}, []


def _entries(name: str, value: Stated, problems: Problems) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for each in value.each():
        with problems.caught():
            entry = each.text()
            try:
                entry_of(entry)
            except QuerySyntaxError as error:
                raise each.wrong(f"{entry!r} is no entry of a list: {error.message}") from None
            found[entry] = None
    if len(found) > desk.MOST_ENTRIES:
        raise value.wrong(f"@{name} has {len(found)} entries; {desk.MOST_ENTRIES} are allowed")
    if not value.node.value:
        raise value.wrong(f"@{name} is empty; take it out to be rid of it")
    return tuple(found)
