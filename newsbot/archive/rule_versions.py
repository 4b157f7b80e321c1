"""What rules were before each change: every version, whole, and the rules that were removed.

A version is written beside its rule, under an id that follows from rule and number, so that writing it
again is writing nothing. What changed, in words, is the difference of two of them.
"""

from datetime import datetime

import attrs

from newsbot.archive.connection import Database, insert_missing, patiently
from newsbot.archive.records import from_document, to_document
from newsbot.archive.rules import Rule
from newsbot.items import derived_id


@attrs.frozen(kw_only=True)
class RuleVersion:
    """A rule as it was from one change to the next: ``by`` whom and ``at`` when that version was made.

    One that was ``removed`` says who removed the rule, and what it was then.
    """

    id: str
    alert: str
    number: int
    by: str
    at: datetime
    rule: Rule
    removed: bool = False


def version_of(rule: Rule) -> RuleVersion:
    """Return the version that a rule is now."""
    return RuleVersion(
        id=derived_id("rule version", rule.id, str(rule.version)),
        alert=rule.id,
        number=rule.version,
        by=rule.by,
        at=rule.changed_at or rule.created_at,
        rule=rule,
    )


@patiently
def keep(database: Database, *rules: Rule) -> None:
    """Write down what rules are now; versions that are there already stay."""
    insert_missing(database.rule_versions, [to_document(version_of(each)) for each in rules])


@patiently
def note_removal(database: Database, rule: Rule, *, by: str, now: datetime) -> None:
    """Write down that a rule is removed, before it is. Of one name the last is found again."""
    gone = attrs.evolve(
        version_of(rule),
        id=_tombstone(rule.name),
        number=rule.version + 1,
        by=by,
        at=now,
        removed=True,
    )
    database.rule_versions.replace_one({"_id": gone.id}, to_document(gone), upsert=True)


@patiently
def removed(database: Database, name: str) -> RuleVersion | None:
    """Return what the rule of a name was that was removed last."""
    found = database.rule_versions.find_one({"_id": _tombstone(name)})
    return from_document(RuleVersion, found) if found else None


@patiently
def of_rule(database: Database, rule: str) -> list[RuleVersion]:
    """Return all versions of a rule, named by its id, first to last."""
    found = database.rule_versions.find({"alert": rule})
    return sorted((from_document(RuleVersion, each) for each in found), key=lambda v: v.number)


def _tombstone(name: str) -> str:
    return derived_id("removed rule", name)
