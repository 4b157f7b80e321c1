"""Who is meant: from the names and groups in queries to sources, and back.

The one place where ``source:`` and ``group:`` get their meaning, for search and alerts alike. A
source is named by its name, by each name it had, and by those of the sources that were merged into
it; all of these, and its articles under any of their ids, are one *family*. Both ways follow from the
same families: ``called(name)`` has an id in common with an article's sources just where
``names(sources)`` has the name.
"""

from collections.abc import Iterable

import attrs

from newsbot.archive.connection import Database, patiently


@attrs.frozen(kw_only=True)
class Family:
    """A source as articles and queries know it: the ids that stand for it, and what it is called.

    ``ids`` are its own and those of the sources that were merged into it; ``known_as`` are all names
    that these have or had, case-folded.
    """

    id: str
    name: str
    ids: frozenset[str]
    known_as: frozenset[str]
    groups: tuple[str, ...]


class Names:
    """The families of all sources, at one moment. Immutable."""

    def __init__(self, families: Iterable[Family]) -> None:
        self._by_id: dict[str, Family] = {}
        self._by_name: dict[str, Family] = {}
        self._by_group: dict[str, frozenset[str]] = {}
        for family in families:
            self._by_id.update(dict.fromkeys(family.ids, family))
            self._by_name.update(dict.fromkeys(family.known_as, family))
            for group in family.groups:
                key = group.casefold()
                self._by_group[key] = self._by_group.get(key, frozenset()) | family.ids

    def family(self, source: str) -> Family | None:
        """Return whom an id stands for; None when that source was removed."""
        return self._by_id.get(source)

    def everyone(self) -> frozenset[str]:
        """Return the ids of all sources that stand for themselves."""
        return frozenset(family.id for family in self._by_id.values())

    def names(self, sources: Iterable[str]) -> tuple[str, ...]:
        """Return all that these sources, given by their ids, may be called: their ids, too."""
        found: dict[str, None] = {}
        for source in sources:
            family = self._by_id.get(source)
            ids, known_as = (family.ids, family.known_as) if family else ({source}, ())
            found.update(dict.fromkeys((*ids, *known_as)))
        return tuple(found)

    def groups(self, sources: Iterable[str]) -> tuple[str, ...]:
        """Return the groups that these sources belong to."""
        families = filter(None, map(self._by_id.get, sources))
        return tuple(dict.fromkeys(group for family in families for group in family.groups))

    def called(self, name: str) -> frozenset[str]:
        """Return the ids that a name stands for. An id stands for its family; any other for itself."""
        key = name.casefold()
        family = self._by_name.get(key)
        other = self._by_id.get(key)
        of_name = family.ids if family else frozenset()
        return of_name | (other.ids if other else frozenset({key}))

    def grouped(self, group: str) -> frozenset[str]:
        """Return the ids that belong to a group."""
        return self._by_group.get(group.casefold(), frozenset())


@patiently
def version(database: Database) -> int:
    """Return a number that is another one after each change of who is called what."""
    found = database.meta.find_one({"_id": "names"})
    return int(found["version"]) if found else 0


@patiently
def changed(database: Database) -> None:
    """Say that who is called what has changed; whoever changed it says so, after it did."""
    database.meta.update_one({"_id": "names"}, {"$inc": {"version": 1}}, upsert=True)


@patiently
def read(database: Database) -> Names:
    """Return the names that hold now."""
    wanted = {"name": 1, "known_as": 1, "groups": 1, "merged_into": 1, "merging": 1}
    found = {each["_id"]: each for each in database.sources.find({}, wanted)}
    members: dict[str, list[str]] = {}
    for source in found:
        head = source
        passed = {source}
        while (into := found[head].get("merged_into")) in found and into not in passed:
            head = into
            passed.add(head)
        members.setdefault(head, []).append(source)
    return Names(
        Family(
            id=head,
            name=found[head]["name"],
            ids=frozenset(ids),
            known_as=frozenset(key for each in ids for key in found[each].get("known_as", ())),
            # A merge that was just decided has yet to write down that the groups are the other's.
            groups=tuple(
                group
                for each in ids
                if each == head or found[each].get("merging")
                for group in found[each].get("groups", ())
            ),
        )
        for head, ids in members.items()
    )
