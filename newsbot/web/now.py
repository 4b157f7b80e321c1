"""What the first page shows: articles by story, what fired, what ran, how sources are."""

from datetime import UTC, datetime, timedelta

import attrs

from newsbot.alerts import trouble_words
from newsbot.alerts.occasions import name_of
from newsbot.archive import articles, matches, outbox, pauses, rules, runs, troubles
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.archive.matches import Match
from newsbot.archive.outbox import Message
from newsbot.archive.reader_marks import Reader as Person
from newsbot.archive.rules import Rule
from newsbot.archive.runs import Run
from newsbot.archive.troubles import SUBSCRIBERS, Trouble
from newsbot.search.desk import Desk, Told
from newsbot.search.documents import Documents
from newsbot.search.results import Reader
from newsbot.web.first_steps import Beginning, FirstSteps

STORIES, FIRED, RUNS = 30, 12, 12
# How far back the side columns look.
RECENT = timedelta(days=7)


@attrs.frozen
class Fired:
    """An alert that fired: the match, its rule, its article, and the message that went out."""

    match: Match
    rule: Rule | None
    kept: Kept | None
    message: Message | None


@attrs.frozen
class Now:
    """Everything on the first page."""

    stories: tuple[Told, ...]
    fired: list[Fired]
    runs: list[tuple[Run, str]]
    articles: int
    rules: bool
    wrong: tuple[str, ...] = ()
    first: FirstSteps | None = None


def look(reader: Reader, database: Database, person: Person, beginning: Beginning) -> Now:
    """Return what the first page shows to somebody now."""
    moment = datetime.now(UTC)
    since = moment - RECENT
    found = reader.newest(STORIES)
    documents = Documents.of(database)
    wrong = [each for each in troubles.standing(database) if _is_told(each)]
    of_those = {member for each in wrong for member in each.members}
    names = {each: name for each in of_those if (name := documents.source_name(each))}
    latest = runs.latest(database, since=since, at_most=RUNS)
    told = fired(database, since=since, at_most=FIRED)
    return Now(
        stories=Desk(database, reader, person).told(found.hits),
        fired=told,
        runs=[(run, documents.source_name(run.source) or "(removed)") for run in latest],
        articles=found.total,
        rules=rules.are_any(database),
        wrong=(
            *_pause(database),
            *(trouble_words.title(each, names) for each in wrong),
        ),
        first=beginning.steps(articles=bool(found.total), now=moment),
    )


def _pause(database: Database) -> tuple[str, ...]:
    paused = pauses.standing(database)
    return (f"Everything is paused {paused.sentence}",) if paused else ()


def _is_told(trouble: Trouble) -> bool:
    return trouble.state == "open" and trouble.told > 0 and trouble.kind not in SUBSCRIBERS


def fired(
    database: Database, *, since: datetime, at_most: int, alert: str | None = None
) -> list[Fired]:
    """Return the newest matches, each with what goes with it."""
    found = matches.latest(database, since=since, alert=alert, at_most=at_most)
    known = rules.many(database, {match.alert for match in found})
    kept = articles.many(database, [match.article for match in found])
    wanted = {
        match.id: outbox.message_id(
            match.alert,
            match.told_as or match.story,
            name_of(known[match.alert], match.article),
            known[match.alert].channels[0],
        )
        for match in found
        if match.alert in known and known[match.alert].channels
    }
    messages = outbox.many(database, wanted.values())
    return [
        Fired(
            match=match,
            rule=known.get(match.alert),
            kept=kept.get(match.article),
            message=messages.get(wanted.get(match.id, "")),
        )
        for match in found
    ]
