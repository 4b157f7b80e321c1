"""Rules written and changed by people: checked field by field, every version kept, nobody's change lost.

A change names the version that it was made from. Where somebody else was faster it is refused, and who
made it is told what the other changed. Undoing brings back what a rule was, as a version of its own. A rule
looks at articles when they are stored, so no change announces anything of the past.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from newsbot.alerts import fields
from newsbot.alerts.checking import check
from newsbot.archive import channels, rule_versions, rules
from newsbot.archive.connection import Database
from newsbot.archive.file_marks import FileMark
from newsbot.archive.rule_versions import RuleVersion
from newsbot.archive.rules import Rule, RuleState
from newsbot.items import derived_id


class ChangedMeanwhileError(Exception):
    """A change of a rule that is another by now: the text says who changed what.

    ``there`` is the rule as it is, None where it was removed.
    """

    def __init__(self, sentence: str, there: Rule | None) -> None:
        super().__init__(sentence)
        self.there = there


class NothingToUndoError(Exception):
    """There is no older version to bring back; the text says why."""


@attrs.frozen(kw_only=True)
class Version:
    """A version of a rule for people: what it has otherwise than the one before, in words.

    ``again`` is the number of the older version that it is the same as, 0 for none; ``removed`` says that
    with it the rule was removed.
    """

    number: int
    at: datetime
    by: str
    said: tuple[str, ...]
    again: int
    removed: bool
    rule: Rule


def new(database: Database, values: Mapping[str, Any], *, by: str, now: datetime) -> Rule:
    """Return a rule with these values, by their names (:mod:`newsbot.alerts.fields`), not yet kept.

    What is not among them is as unsaid.

    Raises:
        RuleFieldError: for each value that cannot be.
    """
    now = _kept(now)
    key = derived_id("alert", values.get("name", ""), now.isoformat())
    blank = Rule(id=key, name="", query="", created_at=now)
    rule = check(database, blank, fields.evolved(blank, values))
    return attrs.evolve(rule, by=by, changed_at=now)


def add(
    database: Database,
    values: Mapping[str, Any],
    *,
    by: str,
    now: datetime,
    mark: FileMark | None = None,
) -> Rule:
    """Add a rule with these values, by their names. ``mark`` is what files have to do with it.

    Raises:
        RuleFieldError: for each value that cannot be.
        RuleExistsError: when the name is taken.
    """
    rule = attrs.evolve(new(database, values, by=by, now=now), kept_by_file=mark)
    rules.add(database, rule)
    rule_versions.keep(database, rule)
    return rule


def change(
    database: Database,
    before: Rule,
    values: Mapping[str, Any],
    *,
    by: str,
    now: datetime,
    mark: FileMark | None = None,
) -> Rule:
    """Give a rule, as it was read, these values, by their names. Returns it as it is then.

    What changes nothing makes no version. ``mark`` is what files have to do with it from now on; without
    one that stays as it is.

    Raises:
        RuleFieldError: for each value that cannot be.
        RuleExistsError: when the name is another's.
        ChangedMeanwhileError: when it is another version by now, or was removed.
    """
    kept = mark or before.kept_by_file
    wanted = attrs.evolve(wished(database, before, values), kept_by_file=kept)
    if not fields.same(before, wanted):
        return _replace(database, before, wanted, by=by, now=now)
    if kept != before.kept_by_file:
        rules.mark(database, before.id, kept)
    return wanted


def wished(database: Database, before: Rule, values: Mapping[str, Any]) -> Rule:
    """Return a rule with these values, by their names, checked and not yet written.

    Raises:
        RuleFieldError: for each value that cannot be.
    """
    return check(database, before, fields.evolved(before, values))


def edit(
    database: Database, rule: str, made: Callable[[Rule], Rule], *, by: str, now: datetime
) -> Rule:
    """Change a rule, named by its id, as it is at that moment: for what goes well with any other change.

    Raises:
        ChangedMeanwhileError: when it was removed.
    """
    while True:
        there = rules.many(database, [rule]).get(rule)
        if there is None:
            raise ChangedMeanwhileError("the alert was removed meanwhile", None)
        wanted = made(there)
        if fields.same(there, wanted):
            return there
        try:
            return _replace(database, there, wanted, by=by, now=now)
        except ChangedMeanwhileError as error:
            if error.there is None:
                raise


def set_state(database: Database, rule: str, state: RuleState, *, by: str, now: datetime) -> Rule:
    """Pause a rule, named by its id, or put it in force again. Raises ChangedMeanwhileError."""
    return edit(database, rule, lambda it: attrs.evolve(it, state=state), by=by, now=now)


def mute(database: Database, rule: str, stories: Sequence[str], *, by: str, now: datetime) -> Rule:
    """Tell nothing more of these stories by this rule. Raises ChangedMeanwhileError."""

    def muted(it: Rule) -> Rule:
        return attrs.evolve(it, muted=tuple(dict.fromkeys((*it.muted, *stories))))

    return edit(database, rule, muted, by=by, now=now)


def unmute(
    database: Database, rule: str, stories: Sequence[str], *, by: str, now: datetime
) -> Rule:
    """Tell of these stories again. Raises ChangedMeanwhileError."""

    def heard(it: Rule) -> Rule:
        return attrs.evolve(it, muted=tuple(each for each in it.muted if each not in stories))

    return edit(database, rule, heard, by=by, now=now)


def remove(database: Database, rule: Rule, *, by: str, now: datetime) -> None:
    """Remove a rule and what it has not sent; its matches and its versions stay, so that it can come back."""
    rule_versions.keep(database, rule)
    rule_versions.note_removal(database, rule, by=by, now=_kept(now))
    rules.remove(database, rule.id)


# What was


def history(database: Database, rule: Rule) -> list[Version]:
    """Return what a rule was, the first version first."""
    kept = {each.number: each for each in rule_versions.of_rule(database, rule.id)}
    # A process that died between the two left the last version unwritten; the rule has it.
    kept.setdefault(rule.version, rule_versions.version_of(rule))
    return _told(database, [kept[number] for number in sorted(kept)])


def history_of_removed(database: Database, name: str) -> list[Version]:
    """Return what the rule of that name was that was removed last; [] where none was."""
    gone = rule_versions.removed(database, name)
    return _told(database, rule_versions.of_rule(database, gone.alert)) if gone else []


def earlier(database: Database, rule: Rule, to: int = 0) -> dict[str, Any]:
    """Return what a rule's values were before its last change, or at version ``to``: what undoing changes it to.

    Stories that were muted meanwhile stay so.

    Raises:
        NothingToUndoError: when there is no such version.
    """
    others = [
        each for each in history(database, rule) if not each.removed and each.number != rule.version
    ]
    wanted = to or max((each.number for each in others), default=0)
    found = next((each.rule for each in others if each.number == wanted), None)
    if found is None:
        there = ", ".join(str(each.number) for each in others)
        raise NothingToUndoError(
            f"alert {rule.name!r} has no other version {wanted}; there are {there}"
            if there
            else f"alert {rule.name!r} was never changed: it is its first version"
        )
    return fields.values(found) | {"muted": tuple(dict.fromkeys((*found.muted, *rule.muted)))}


def undo(database: Database, rule: Rule, *, to: int = 0, by: str, now: datetime) -> Rule:
    """Bring back what a rule was before its last change, or at version ``to``, as a new version.

    Raises:
        NothingToUndoError: when there is no such version.
        RuleFieldError: when it cannot be so any more (a source it names is gone).
        RuleExistsError: when the name that it had is another's.
        ChangedMeanwhileError: as by ``change``.
    """
    return change(database, rule, earlier(database, rule, to), by=by, now=now)


def bring_back(database: Database, name: str, *, by: str, now: datetime) -> Rule:
    """Bring back the rule of that name that was removed last, under its own id: its matches are its again.

    What it had not sent when it was removed is gone, and what was stored since is not told.

    Raises:
        NothingToUndoError: when none of that name was removed.
        RuleExistsError: when the name is another's by now.
    """
    gone = rule_versions.removed(database, name)
    if gone is None:
        raise NothingToUndoError(f"there is no alert {name!r}, and none of that name was removed")
    if rules.find(database, gone.rule.name) is not None:
        raise rules.RuleExistsError(f"there is an alert {gone.rule.name!r} again already")
    back = attrs.evolve(
        gone.rule, version=gone.number + 1, by=by, changed_at=_kept(now), kept_by_file=None
    )
    rules.add(database, back)
    rule_versions.keep(database, back)
    return back


def _told(database: Database, versions: Sequence[RuleVersion]) -> list[Version]:
    shown = channels_shown(database)
    told: list[Version] = []
    for each in versions:
        before = told[-1].rule if told else None
        said = fields.in_words(before, each.rule, shown) if before else ("added",)
        if each.removed:
            said = ("removed",)
        elif told and told[-1].removed:
            said = ("brought back", *said)
        again = next(
            (old.number for old in told[:-1] if said and fields.same(old.rule, each.rule)), 0
        )
        told.append(
            Version(
                number=each.number,
                at=each.at,
                by=each.by,
                said=said,
                again=0 if each.removed else again,
                removed=each.removed,
                rule=each.rule,
            )
        )
    return told


def channels_shown(database: Database) -> dict[str, str]:
    """Return what people see of each channel, by id: its name, or else as much of its target as is shown."""
    return {each.id: each.name or each.shown for each in channels.everything(database)}


def _replace(database: Database, before: Rule, wanted: Rule, *, by: str, now: datetime) -> Rule:
    changed = attrs.evolve(wanted, version=before.version + 1, by=by, changed_at=_kept(now))
    rule_versions.keep(database, before)
    if not rules.replace(database, changed):
        there = rules.many(database, [before.id]).get(before.id)
        if there is None:
            raise ChangedMeanwhileError(f"alert {before.name!r} was removed meanwhile", None)
        said = "; ".join(fields.in_words(before, there, channels_shown(database)))
        raise ChangedMeanwhileError(
            f"alert {before.name!r} was changed meanwhile: it is version {there.version} now, by "
            f"{there.by or 'somebody'} ({said or 'the same as before'}); look at it, and change that",
            there,
        )
    rule_versions.keep(database, changed)
    return changed


def _kept(now: datetime) -> datetime:
    return now.replace(microsecond=now.microsecond // 1_000 * 1_000)  # as MongoDB keeps it
