"""The desk's lists, changed so that whoever uses one can go on: alerts, holds, searches."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import attrs

from newsbot.archive import holds, lists, rules, searches
from newsbot.archive.connection import Database
from newsbot.archive.file_marks import FileMark
from newsbot.archive.lists import TermList
from newsbot.query import LIST_NAME, QuerySyntaxError, entry_of, lists_of, parse
from newsbot.search.lists import Lists, in_force

# More than that in one list is a table, not a list; a query takes 1,000 clauses.
MOST_ENTRIES = 1_000


class ListError(Exception):
    """A list that cannot be as it was wished; the text says why and what to do."""


def list_name(name: str) -> str:
    """Return the name of a list as it is kept, whether it was typed with the @ or not.

    Raises:
        ListError: when nothing can be called so.
    """
    bare = name.removeprefix("@")
    if not LIST_NAME.match(bare):
        raise ListError(
            f"{name!r} is no name for a list: it is of letters, digits, - and _, as in @navy-ships"
        )
    return bare.casefold()


def entries_in(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the entries that stand in lines, each once; empty lines and what a # begins are none.

    Raises:
        ListError: when a line is no term and no phrase, with the number of each such line.
    """
    found: dict[str, None] = {}
    wrong = []
    for number, line in enumerate(lines, 1):
        entry = " ".join(line.removeprefix("\ufeff").split())
        if not entry or entry.startswith("#"):
            continue
        try:
            entry_of(entry)
        except QuerySyntaxError as error:
            wrong.append(f"line {number}:\n{error.explain()}")
        else:
            found[entry] = None
    if wrong:
        more = f"\n… and {len(wrong) - 10} more" if len(wrong) > 10 else ""
        raise ListError("\n".join(wrong[:10]) + more)
    return tuple(found)


def users(database: Database) -> dict[str, list[str]]:
    """Return who uses each list that there is, as people call them: alerts, holds and saved searches."""
    return _users(database, in_force(lists.everything(database)).entries)


def _users(database: Database, known: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {name: [] for name in known}
    for who, query in _queries(database).items():
        for name in _used(query, known):
            found[name].append(who)
    return found


def _queries(database: Database) -> dict[str, str]:
    alerts = {f"alert {rule.name!r}": rule.query for rule in rules.everything(database)}
    held = {f"hold {h.id}": h.what for h in holds.everything(database) if h.kind == "query"}
    saved = {f"saved search {each.name!r}": each.query for each in searches.everything(database)}
    return alerts | held | saved


def _used(query: str, known: Mapping[str, Sequence[str]]) -> frozenset[str]:
    if "@" not in query:
        return frozenset()
    try:
        return lists_of(parse(query, known))
    except QuerySyntaxError:  # it names a list that there is not, or was broken otherwise
        return frozenset()


def change(
    database: Database,
    name: str,
    made: Callable[[tuple[str, ...]], tuple[str, ...]],
    *,
    by: str,
    now: datetime,
    mark: FileMark | None = None,
) -> TermList:
    """Change a list (which need not be there yet) to what ``made`` makes of its entries.

    Where that is what it has already, nothing is changed, its version neither. ``mark`` is what files
    have to do with it from now on; without one that stays as it is.

    Raises:
        ListError: when it would be empty or too long, or a query that uses it would be none.
    """
    for _ in range(100):
        before = lists.find(database, name)
        entries = made(before.entries if before else ())
        kept = mark or (before.kept_by_file if before else None)
        if before and not before.removed and before.entries == entries:
            if kept != before.kept_by_file:
                lists.mark(database, name, kept)
            return attrs.evolve(before, kept_by_file=kept)
        if not entries:
            raise ListError(
                f"@{name} would be empty; to be rid of it give: newsbot list remove {name}"
            )
        if len(entries) > MOST_ENTRIES:
            raise ListError(
                f"@{name} would have {len(entries)} entries; {MOST_ENTRIES} are allowed"
            )
        see_that_users_can(database, name, entries)
        changed = TermList(
            id=name,
            entries=entries,
            version=before.version + 1 if before else 1,
            by=by,
            at=now,
            kept_by_file=kept,
        )
        if lists.replace(database, changed):
            Lists.of(database).forget()
            return changed
    raise ListError(f"@{name} is changed by others all the time; try again")


def see_that_users_can(database: Database, name: str, entries: tuple[str, ...]) -> None:
    """Refuse what would make of a working query one that is none.

    Raises:
        ListError: saying whose.
    """
    known = dict(in_force(lists.everything(database)).entries)
    after = known | {name: entries}
    for who, query in _queries(database).items():
        if name in _used(query, known):
            try:
                parse(query, after)
            except QuerySyntaxError as error:
                raise ListError(
                    f"{who} uses @{name}, and could not be understood with it:\n{error.explain()}"
                ) from None


def remove(database: Database, name: str, *, by: str, now: datetime) -> TermList:
    """Remove a list that nobody uses; returns what stands for it.

    Raises:
        ListError: when there is none, or somebody uses it.
    """
    there = lists.find(database, name)
    if there is None or there.removed:
        raise ListError(f"there is no list @{name}; `newsbot list list` shows those there are")
    see_that_nobody_uses(database, name)
    gone = attrs.evolve(
        there,
        entries=(),
        version=there.version + 1,
        by=by,
        at=now,
        removed=True,
        kept_by_file=None,
    )
    if not lists.replace(database, gone):
        raise ListError(f"@{name} was changed meanwhile; look at it, and try again")
    try:
        # An alert that was added meanwhile was understood with the list: it keeps it.
        see_that_nobody_uses(database, name, there)
    except ListError:
        lists.replace(database, attrs.evolve(there, version=gone.version + 1))
        raise
    finally:
        Lists.of(database).forget()
    return gone


def see_that_nobody_uses(database: Database, name: str, gone: TermList | None = None) -> None:
    """Refuse to remove what a query uses; ``gone`` is the list where it is removed already.

    Raises:
        ListError: saying who uses it.
    """
    known = dict(in_force(lists.everything(database)).entries)
    if gone is not None:
        known[name] = gone.entries
    if using := _users(database, known).get(name):
        raise ListError(
            f"@{name} is used by {', '.join(using)}; change or remove "
            f"{'it' if len(using) == 1 else 'them'} first"
        )
