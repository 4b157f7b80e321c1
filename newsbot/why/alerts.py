"""What alerts made of an article: met or not and for want of what, held and why, told to whom and when."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from newsbot.alerts.holding import REASONS
from newsbot.alerts.matches import LEFT_AFTER
from newsbot.alerts.occasions import FIRST
from newsbot.alerts.rules import RuleError, understand, whole_query
from newsbot.archive import channels, matches, outbox, rules
from newsbot.archive.articles import Kept
from newsbot.archive.channels import Channel
from newsbot.archive.connection import Database
from newsbot.archive.matches import Match
from newsbot.archive.outbox import Message
from newsbot.archive.rules import Rule
from newsbot.query.clauses import unmet
from newsbot.search.documents import Documents
from newsbot.search.lists import Lists
from newsbot.why.steps import Path, Step, farthest

# Of an article's edits so many of the last are looked for in the outbox.
_EDITS = 20


def paths(database: Database, kept: Kept, rule: Rule | None, *, now: datetime) -> tuple[Path, ...]:
    """Return what an alert made of an article; of none given, all that it met."""
    if rule is not None:
        match = matches.many(database, [matches.match_id(rule.id, kept.article.id)])
        found = next(iter(match.values()), None)
        if found is not None:
            return (_met(database, kept, found, rule, now),)
        return (Path(alert=rule.id, name=rule.name, steps=(_without(database, kept, rule, now),)),)
    met = matches.of_articles(database, [kept.article.id])
    known = rules.many(database, {each.alert for each in met})
    return tuple(_met(database, kept, each, known.get(each.alert), now) for each in met)


def _without(database: Database, kept: Kept, rule: Rule, now: datetime) -> Step:
    """Return why there is no match of an alert and an article."""
    record = kept.record
    if record.pending:
        late = now - record.changed_at > timedelta(seconds=LEFT_AFTER)
        words = "its alerts are not looked through yet" + (
            "; who was to do it died, and a worker that runs does it" if late else ""
        )
        return Step(name="alert", outcome="unknown", words=words)
    try:
        query = understand(whole_query(rule), Lists.of(database).now().entries)
    except RuleError as error:
        return Step(name="alert", outcome="unknown", words=f"the alert is broken: {error}")
    missing = unmet(query, Documents.of(database).document(kept))
    if missing:
        gone = "; its text is gone, for its time was over" if record.text_expired_at else ""
        words = f"as it reads now it does not meet {_listed(missing)}{gone}"
        return Step(name="alert", outcome="not met", words=words)
    met = "as it reads now it meets the query, and no match is on record: "
    since = rule.changed_at or rule.created_at
    if rule.state == "paused":
        return Step(
            name="alert", outcome="paused", words=f"{met}the alert is paused", at=rule.changed_at
        )
    if since > record.changed_at:
        what = (
            "changed last" if rule.changed_at and rule.created_at <= record.changed_at else "added"
        )
        words = f"{met}the alert was {what} after that; `newsbot alert backtest` tells what it would have sent"
        return Step(name="alert", outcome="too late", words=words, at=since)
    words = f"{met}why is not known; a list that its query uses may have changed since"
    return Step(name="alert", outcome="unknown", words=words)


def _listed(parts: Iterable[str]) -> str:
    return " nor ".join(parts)


def _met(database: Database, kept: Kept, match: Match, rule: Rule | None, now: datetime) -> Path:
    name = rule.name if rule else "(removed alert)"
    clause = f": {match.clause}" if match.clause else ""
    words = f"it met the query{clause}"
    if match.revision > 1:
        words += f", as version {match.revision}"
    about = {"match": match.id, "alert": match.alert, "clause": match.clause}
    met = Step(name="alert", outcome="met", words=words, at=match.matched_at, of=about)
    if match.held:
        because = REASONS.get(match.held, match.held)  # type: ignore[call-overload]
        words = f"nobody is told: {because}; `newsbot alert release` tells of such after all"
        held = Step(
            name="told", outcome="held", words=words, at=match.matched_at, of={"held": match.held}
        )
        return Path(alert=match.alert, name=name, steps=(met, held))
    return Path(alert=match.alert, name=name, steps=(met, *_told(database, kept, match, rule, now)))


def _told(
    database: Database, kept: Kept, match: Match, rule: Rule | None, now: datetime
) -> tuple[Step, ...]:
    """Return what became of the messages of a match, the one that came farthest last."""
    told_to = match.channels if match.channels is not None else rule.channels if rule else ()
    if not told_to:
        words = "the alert has no channel: its matches are listed alone"
        return (Step(name="told", outcome="no channel", words=words),)
    story, article = match.told_as or match.story, kept.article.id
    last = kept.record.revision
    edits = (f"edit:{article}:{each}" for each in range(max(2, last - _EDITS), last + 1))
    ids = {
        outbox.message_id(match.alert, story, occasion, channel): (occasion, channel)
        for occasion in (FIRST, f"article:{article}", *edits)
        for channel in told_to
    }
    there = outbox.many(database, ids)
    known = channels.many(database, told_to)
    digests = outbox.many(database, {each.digest for each in there.values() if each.digest})
    found = [
        _message(each, known.get(each.channel), digests.get(each.digest), article, now)
        for each in there.values()
    ]
    if not found:
        words = "no message of it is on record" + (
            " yet" if now - match.matched_at < timedelta(seconds=LEFT_AFTER) else ""
        )
        return (Step(name="told", outcome="unknown", words=words),)
    far = farthest(found)
    return (*(each for each in found if each is not far), *([far] if far else []))


def _message(
    message: Message, channel: Channel | None, digest: Message | None, article: str, now: datetime
) -> Step:
    to = f"{channel.name or channel.shown}" if channel else "a removed channel"
    what = "of its edit, " if message.kind == "edit" else ""
    if message.article != article:
        what += f"as the story of the article {message.article}, "
    about = {"message": message.id, "channel": message.channel}
    if digest is not None:
        about["digest"] = digest.id
    carrier = digest or message
    within = " in a digest" if digest is not None else ""
    if message.state == "waiting":
        slot = f" of {message.slot:%Y-%m-%d %H:%M} UTC" if message.slot else ""
        words = f"{what}waits for the digest{slot}, to {to}"
        return Step(name="told", outcome="in a digest", words=words, at=message.slot, of=about)
    if carrier.state == "sent":
        words = f"{what}sent to {to}{within}"
        return Step(name="told", outcome="sent", words=words, at=carrier.sent_at, of=about)
    if carrier.state == "dead":
        words = (
            f"{what}set aside{within} after {carrier.attempts} tries to reach {to}: {carrier.failure}; "
            f"`newsbot outbox resend {carrier.id[:8]}` tries it again"
        )
        return Step(
            name="told", outcome="dead-lettered", words=words, at=carrier.next_attempt, of=about
        )
    if carrier.state == "dropped":
        words = f"{what}not sent to {to}: {carrier.failure or 'it was dropped'}"
        return Step(name="told", outcome="dropped", words=words, of=about)
    words = f"{what}to be sent to {to}{within}"
    if carrier.attempts:
        words += f"; tried {carrier.attempts} times: {carrier.failure}"
    elif carrier.next_attempt < now:
        words += ", since then: `newsbot up` delivers"
    return Step(name="told", outcome="to be sent", words=words, at=carrier.next_attempt, of=about)
