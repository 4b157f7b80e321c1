"""Whether a rule can be, field by field: each value that cannot is named, with what would be right."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, get_args

import attrs

from newsbot.alerts import fields
from newsbot.alerts.rules import RuleError, understand, whole_query
from newsbot.alerts.timing import TimingError
from newsbot.alerts.timing import check as check_timing
from newsbot.archive import channels, naming
from newsbot.archive.channels import Channel
from newsbot.archive.connection import Database
from newsbot.archive.rules import Rule, RuleState
from newsbot.archive.searches import SearchNameError, checked_name
from newsbot.edits.version import KINDS
from newsbot.query.repairs import nearest
from newsbot.query.syntax import LANGUAGE
from newsbot.search.documents import Documents
from newsbot.search.lists import Lists

if TYPE_CHECKING:
    from newsbot.archive.naming import Names

# A rule that names more than this is a query about all there is.
MOST_NAMED = 200
# Days after which nothing is news by anybody's reckoning.
LONGEST_AGE = 36_525.0
MOST_MENTIONS, MOST_WORDS, MOST_PUBLISHERS = 1_000, 100_000, 10_000


class RuleFieldError(RuleError):
    """A rule with values that cannot be: ``problems`` says of each field why, by its name."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("\n".join(f"{name}: {why}" for name, why in self.problems.items()))


@attrs.frozen
class Coming:
    """What is not there yet, and will be when a rule is: lists, and names of sources and of groups."""

    lists: Mapping[str, Sequence[str]] = attrs.Factory(dict)
    names: frozenset[str] = frozenset()


def check(
    database: Database,
    before: Rule,
    wanted: Rule,
    coming: Coming = Coming(),
) -> Rule:
    """Return a rule that is wished for as it is kept: channels by their ids, names without spaces around.

    What is as it was ``before`` is not asked about again: a source that a rule names may be gone since.

    Raises:
        RuleFieldError: with every field that cannot be.
    """
    checking = _Checking(database, before, wanted, coming)
    changed = [name for name in fields.NAMES if checking.changed(name)]
    for name in changed:
        checking.see(name)
    if any(name.startswith("timing.") for name in changed):
        checking.see_timing()
    if not checking.problems:
        checking.see_whole()
    if checking.problems:
        raise RuleFieldError({name: checking.problems[name] for name in checking.problems})
    return fields.evolved(wanted, checking.kept)


class _Checking:
    def __init__(self, database: Database, before: Rule, wanted: Rule, coming: Coming) -> None:
        self._database = database
        self._coming = coming
        self._before = before
        self._wanted = wanted
        self.problems: dict[str, str] = {}
        self.kept: dict[str, object] = {}
        self._checks: dict[str, Callable[[], None]] = {
            "name": self._name,
            "query": self._query,
            "sources": lambda: self._named("sources"),
            "languages": self._languages,
            "channels": self._channels,
            "each": lambda: self._one_of("each", ("story", "article")),
            "max_age": lambda: self._number("max_age", 0, LONGEST_AGE, "days, 0 for always"),
            "state": lambda: self._one_of("state", get_args(RuleState)),
            "edits.kinds": lambda: self._all_of("edits.kinds", KINDS),
            "edits.least": lambda: self._number("edits.least", 0, MOST_WORDS, "words"),
            "noise.mentions": lambda: self._number("noise.mentions", 1, MOST_MENTIONS, "passages"),
            "noise.without": lambda: self._named("noise.without"),
            "spread.publishers": lambda: self._threshold("spread.publishers", "publishers"),
            "spread.groups": lambda: self._threshold("spread.groups", "groups"),
            "spread.surge": lambda: self._one_of("spread.surge", ("", "hour", "day")),
        }

    def changed(self, name: str) -> bool:
        """Say whether a field is other than it was, or has to be said at all."""
        old, new = fields.value_of(self._before, name), fields.value_of(self._wanted, name)
        return bool(old != new) or (name in ("name", "query") and not new)

    def see(self, name: str) -> None:
        if name in self._checks:
            self._checks[name]()

    def see_timing(self) -> None:
        try:
            check_timing(self._wanted.timing)
        except TimingError as error:
            self.problems["timing"] = str(error)

    def see_whole(self) -> None:
        """See that the query can be had together with what narrows it."""
        narrowing = ("query", "sources", "languages")
        if not any(map(self.changed, narrowing)):
            return
        rule = fields.evolved(self._wanted, self.kept)
        if rule.sources or rule.languages:
            self._understood(whole_query(rule))

    # Field by field

    def _name(self) -> None:
        if not self._wanted.name.strip():
            self.problems["name"] = "the alert has no name; give it one"
            return
        try:
            self.kept["name"] = checked_name(self._wanted.name, "an alert")
        except SearchNameError as error:
            self.problems["name"] = str(error)

    def _query(self) -> None:
        self._understood(self._wanted.query)

    def _understood(self, query: str) -> None:
        try:
            there = Lists.of(self._database).now().entries
            understand(query, {**there, **self._coming.lists} if self._coming.lists else there)
        except RuleError as error:
            self.problems["query"] = f"it cannot be used:\n{error}"

    def _named(self, name: str) -> None:
        given = self._list(name)
        known = Documents.of(self._database).names()
        before = {each.casefold() for each in fields.value_of(self._before, name)}
        before |= self._coming.names
        for each in given:
            if each.casefold() in before or _is_known(known, each):
                continue
            known = naming.read(self._database)  # one may have been added just now
            if not _is_known(known, each):
                self.problems[name] = _unknown(each, known)
                return

    def _languages(self) -> None:
        from babel import Locale

        called = Locale("en").languages
        for each in self._list("languages"):
            primary = each.casefold().partition("-")[0].partition("_")[0]
            if LANGUAGE.match(each) and primary in called:
                continue
            meant = _language_called(each, called)
            self.problems["languages"] = f"{each!r} is no language; " + (
                f"did you mean {meant}?" if meant else "give its code, as ar or pt-BR"
            )
            return

    def _channels(self) -> None:
        known = channels.everything(self._database)
        found: dict[str, None] = {}
        for each in self._wanted.channels:
            channel = _channel(known, each)
            if channel is None:
                shown = [one.name or one.shown for one in known]
                meant = nearest(each, shown)
                self.problems["channels"] = f"there is no channel {each!r}; " + (
                    f"did you mean {meant!r}?"
                    if meant
                    else f"there are {', '.join(shown)}"
                    if shown
                    else "there is none yet: newsbot channel add makes one"
                )
                return
            found[channel.id] = None
        self.kept["channels"] = tuple(found)

    def _list(self, name: str) -> tuple[str, ...]:
        """Return the values of a field, each once; what is no value is a problem."""
        given = [" ".join(each.split()) for each in fields.value_of(self._wanted, name)]
        if not all(given):
            self.problems[name] = "there is an empty value among them; leave it out"
            return ()
        if len(given) > MOST_NAMED:
            self.problems[name] = (
                f"{len(given)} are more than {MOST_NAMED}; put sources into groups and name those"
            )
            return ()
        once: dict[str, str] = {}
        for each in given:
            once.setdefault(each.casefold(), each)
        self.kept[name] = kept = tuple(once.values())
        return kept

    def _one_of(self, name: str, known: Iterable[str]) -> None:
        value, known = fields.value_of(self._wanted, name), tuple(known)
        if value not in known:
            self.problems[name] = f"{value!r} is not one of {', '.join(filter(None, known))}"

    def _all_of(self, name: str, known: Iterable[str]) -> None:
        for each in fields.value_of(self._wanted, name):
            if each not in known:
                meant = nearest(each, known)
                self.problems[name] = f"there is no kind {each!r}; " + (
                    f"did you mean {meant!r}?" if meant else f"there are {', '.join(known)}"
                )

    def _number(self, name: str, low: float, high: float, of: str) -> None:
        value = fields.value_of(self._wanted, name)
        if not math.isfinite(value) or not low <= value <= high:
            self.problems[name] = f"{value:g} is not between {low:g} and {high:g} ({of})"

    def _threshold(self, name: str, of: str) -> None:
        value = fields.value_of(self._wanted, name)
        if value == 1:
            self.problems[name] = f"every story has one already; give 2 {of} or more, or 0 for none"
        elif not 0 <= value <= MOST_PUBLISHERS:
            self.problems[name] = f"{value} is not between 2 and {MOST_PUBLISHERS:,}, or 0 for none"


def _is_known(known: "Names", name: str) -> bool:
    return bool(known.grouped(name)) or any(map(known.family, known.called(name)))


def _unknown(name: str, known: "Names") -> str:
    families = {family.id: family for each in known.everyone() if (family := known.family(each))}
    there = [family.name for family in families.values()]
    groups = {group for family in families.values() for group in family.groups}
    meant = nearest(name, [*there, *groups])
    if meant:
        what = "source" if meant in there else "group"
        return f"there is no source or group {name!r}; did you mean the {what} {meant!r}?"
    return f"there is no source or group {name!r}; `newsbot source list` shows those there are"


def _channel(known: Iterable[Channel], name: str) -> Channel | None:
    by = {each.id: each for each in known}
    return by.get(name) or next((each for each in by.values() if each.name == name), None)


def _language_called(name: str, called: Mapping[str, str]) -> str:
    """Return the code of a language that somebody wrote out, "" where none is called so."""
    codes = {language.casefold(): code for code, language in called.items()}
    meant = nearest(name, codes)
    return codes[meant] if meant else ""
