"""Which alerts an article meets, and the messages that follow.

An article is announced in steps that may be repeated: its matches are written, then the messages that
follow from them (all their ids are derived), then it is finished. Whoever starts sweeps what a crash left
between them. What was decided of a match when it was first written (whether it is held, whom it is told
to, as which story) stands, whatever has become of the alert since.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, partial

import attrs

from newsbot.alerts import holding, occasions, spread
from newsbot.alerts.holding import NOISE, PASSING, Arrivals
from newsbot.alerts.occasions import Occasion, is_edit
from newsbot.alerts.rules import InForce, RuleBook
from newsbot.archive import articles, desk_marks, events, matches, outbox, revisions
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database
from newsbot.archive.emptying import sink
from newsbot.archive.matches import NO_PASSAGE, Match
from newsbot.archive.rules import Rule
from newsbot.archive.spool import Sink
from newsbot.edits.size import size
from newsbot.query import Document, Query, evaluate
from newsbot.query.clauses import met as clause_met
from newsbot.reading import Candidate
from newsbot.search.documents import Documents
from newsbot.search.passages import passage
from newsbot.text.doubts import believed

# An article that is pending for longer than this (seconds) was left by a process that died.
LEFT_AFTER = 30.0


@attrs.frozen
class _Version:
    """An article as it was from a moment on."""

    document: Document
    since: datetime


@attrs.frozen(kw_only=True)
class _Met:
    """An article that meets an alert: the match as it would be written, and as it is on record.

    ``anew`` is whether it does since its last edit.
    """

    kept: Kept
    rule: Rule
    match: Match
    anew: bool = False
    recorded: Match | None = None

    @property
    def on_record(self) -> Match:
        return self.recorded or self.match

    @property
    def earlier(self) -> bool:
        """Whether the article had met the alert at an earlier revision."""
        return self.on_record.revision < self.match.revision

    @property
    def passes(self) -> bool:
        """Whether nothing holds back any more what was held by how the article was."""
        was, now = self.on_record, self.match
        return was.held in PASSING and not now.held and was.version == now.version


def announce(database: Database, kept: Sequence[Kept], *, now: datetime) -> list[int]:
    """Write the matches and messages of stored articles and finish them.

    Matches of which nobody is told (:mod:`newsbot.alerts.holding`) say why.

    Returns how many alerts each of them met, in their order.
    """
    _join_events(database, kept, now)
    book = RuleBook.of(database).in_force()
    counts = [0] * len(kept)
    if book.rules:
        batch = _Batch(database, book, kept, now)
        found = batch.recorded(batch.met())
        places = {id(each): place for place, each in enumerate(kept)}
        for each in found:
            counts[places[id(each.kept)]] += 1
        batch.tell(found)
    desk_marks.bring_back(database, kept)
    articles.finish(database, kept)
    return counts


def _join_events(database: Database, kept: Sequence[Kept], now: datetime) -> None:
    """Have news that tells of the same event as other news be of one story, before it is announced."""
    told = []
    for each in kept:
        if (
            each.verdict != "new"
            or each.article.partial
            or each.record.quiet
            or each.article.found_by
        ):
            continue
        event = each.event or Candidate.of(each.article).prints.event  # left by a process that died
        if event is not None:
            stated = believed(each.article.published)
            told.append(
                events.Told(
                    article=each.article.id,
                    story=each.record.story,
                    source=each.article.source,
                    day=stated.day if stated else each.article.fetched_at.date(),
                    facts=event,
                )
            )
    events.join(database, told, now=now)


class _Batch:
    """One batch of stored articles and the alerts that it meets."""

    def __init__(
        self, database: Database, book: InForce, kept: Sequence[Kept], now: datetime
    ) -> None:
        self._database = database
        self._book = book
        self._kept = kept
        self._now = now
        self._documents = Documents.of(database)
        self._arrivals = Arrivals(database, (each.article for each in kept))
        edited = [each.article.id for each in kept if is_edit(each)]
        self._before = (
            {each.id: each for each in matches.of_articles(database, edited)} if edited else {}
        )

    # Matches

    def met(self) -> list[_Met]:
        """Return which alerts the articles meet, each with the match as it would be written now."""
        found: list[_Met] = []
        for kept in self._kept:
            document = self._documents.document(kept)
            before = cache(partial(self._version_before, kept))
            found += [
                self._met(kept, document, self._book.rules[rule], before)
                for rule in self._book.met(document)
            ]
        told = [(each.rule, each.match) for each in found if not each.match.held]
        told_as = occasions.told_as(self._database, told)
        return [
            attrs.evolve(
                each, match=attrs.evolve(each.match, told_as=told_as.get(each.match.id, ""))
            )
            for each in found
        ]

    def _met(
        self, kept: Kept, document: Document, rule: Rule, before: Callable[[], _Version | None]
    ) -> _Met:
        query = self._book.queries[rule.id]
        name = matches.match_id(rule.id, kept.article.id)
        # Of an article that was edited, and had not met the alert as far as is known.
        earlier = before() if is_edit(kept) and self._is_new(name, kept) else None
        spared = partial(self._book.spared, rule)
        had_met = earlier is not None and spared(lambda: evaluate(query, earlier.document), False)
        held = self._held(kept, document, rule, query, earlier if had_met else None)
        match = Match(
            id=name,
            alert=rule.id,
            article=kept.article.id,
            story=kept.record.story,
            revision=kept.record.revision,
            matched_at=self._now,
            passage=spared(lambda: passage(query, document, kept.article), NO_PASSAGE),
            held=held,
            channels=() if held else rule.channels,
            version=rule.version,
            lists=self._book.lists[rule.id],
            clause=spared(lambda: clause_met(query, document), ""),
        )
        anew = earlier is not None and not had_met
        return _Met(kept=kept, rule=rule, match=match, anew=anew)

    def _is_new(self, match: str, kept: Kept) -> bool:
        """Say whether a match is not on record of an earlier revision."""
        recorded = self._before.get(match)
        return recorded is None or recorded.revision == kept.record.revision

    def _held(
        self,
        kept: Kept,
        document: Document,
        rule: Rule,
        query: Query,
        had_met: _Version | None,
    ) -> str:
        """Return why nobody is told of an article that meets an alert; "" where they are.

        ``had_met`` is its version before, where that would have met the alert and it is not on record.
        """
        database, article = self._database, kept.article
        if holding.left_out(rule, self._documents.names(article.source), article.source):
            return "left out"
        if holding.is_muted(database, rule, kept.record.story):
            return "muted"
        text: str = self._book.spared(rule, lambda: holding.by_text(rule, query, document), "")
        if text:
            return text
        edited = is_edit(kept)
        # Where the alert was in force then, who was to announce it died: it is news still.
        if had_met is not None and had_met.since <= (rule.changed_at or rule.created_at):
            return "known"
        if edited and not rule.edits.meets:
            return "edited"
        return holding.by_age(rule, kept, self._arrivals, edited=edited)

    def _version_before(self, kept: Kept) -> _Version | None:
        """Return an article as it was before its last edit."""
        earlier = revisions.before(self._database, kept)
        if earlier is None:
            return None
        article = attrs.evolve(
            kept.article,
            title=earlier.title,
            body=earlier.body,
            authors=earlier.authors,
            published=earlier.published,
        )
        document = self._documents.document(attrs.evolve(kept, article=article))
        return _Version(document, earlier.seen_from)

    def recorded(self, met: Sequence[_Met]) -> list[_Met]:
        """Write the matches; returns them, those with what is on record that were written before."""
        if matches.record(self._database, [each.match for each in met]) == len(met):
            return list(met)
        there = matches.many(self._database, [each.match.id for each in met])
        return [attrs.evolve(each, recorded=there.get(each.match.id)) for each in met]

    # Messages

    def tell(self, met: Sequence[_Met]) -> None:
        """Write the messages that follow from matches, and from edits of articles that had met alerts."""
        told: list[Occasion] = []
        let_go: list[tuple[Match, Match]] = []
        for each in met:
            match = each.on_record
            if each.passes:
                let_go.append((match, each.match))
                match = each.match
            if not match.held:
                again = each.recorded is not None
                told.append(occasions.of_match(each.rule, match, anew=each.anew, again=again))
        told += self._edits(met)
        told += spread.reached(
            self._database,
            self._book,
            self._kept,
            [each.match for each in met if each.passes or not each.on_record.held],
        )
        outbox.put(self._database, occasions.messages(self._database, told, now=self._now))
        # After the messages: who is killed in between tells them again, which changes nothing.
        matches.let_go(self._database, let_go)

    def _edits(self, met: Iterable[_Met]) -> list[Occasion]:
        now_met = {each.match.id: each for each in met}
        edited = {each.article.id: each for each in self._kept if is_edit(each)}
        told = []
        words = cache(lambda article: self._size(edited[article]))
        for match in {**self._before, **_known(met)}.values():
            rule, kept = self._book.rules.get(match.alert), edited[match.article]
            if rule is None or not rule.edits.kinds or match.revision > kept.record.revision:
                continue
            meets = now_met.get(match.id)
            if meets is not None:
                if meets.passes or meets.match.held in NOISE or not _had_met(meets):
                    continue
            elif match.held in NOISE or self._is_noise(rule, match, kept):
                continue
            count = words(match.article) if rule.edits.least > 1 else None
            if occasions.asks_for(rule, kept, count):
                now_is = meets.match.passage if meets else None
                told.append(occasions.of_edit(rule, match, kept, now_is))
        return told

    def _is_noise(self, rule: Rule, match: Match, kept: Kept) -> bool:
        source = kept.article.source
        names = self._documents.names(source)
        return holding.left_out(rule, names, source) or holding.is_muted(
            self._database, rule, match.story
        )

    def _size(self, kept: Kept) -> int | None:
        earlier = revisions.before(self._database, kept)
        return None if earlier is None else size(earlier.body, kept.article.body)


def _known(met: Iterable[_Met]) -> dict[str, Match]:
    """Return the matches with what met its alert before the alert was there."""
    return {each.match.id: each.on_record for each in met if each.on_record.held == "known"}


def _had_met(met: _Met) -> bool:
    return met.earlier or met.on_record.held == "known"


def from_spool(database: Database) -> Sink:
    """Return the way of spooled articles into the archive, announced as any others."""
    return sink(database, lambda there, kept: announce(there, kept, now=datetime.now(UTC)))


def sweep(database: Database, *, now: datetime, left_after: float = LEFT_AFTER) -> int:
    """Announce what a process that died had stored and not announced. Returns how many."""
    total = 0
    while left := articles.unfinished(database, before=now - timedelta(seconds=left_after)):
        announce(database, left, now=now)
        total += len(left)
    return total
