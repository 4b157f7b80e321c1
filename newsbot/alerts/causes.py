"""Why a rule never met an article: the likely cause, part by part, each with its own count.

What is found at once is asked of the index alone: each part of the query by itself, loosened where it may be
too tight, and the nearest spelling that articles have where a word is in none.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import tantivy
from rapidfuzz.distance import OSA

from newsbot.alerts.rules import RuleError, understand
from newsbot.archive import articles
from newsbot.archive.connection import Database
from newsbot.archive.rules import Rule
from newsbot.query import Query, QuerySyntaxError, quoted, shown
from newsbot.query.analysis import words_of
from newsbot.query.evaluate import names_of
from newsbot.query.repairs import nearest
from newsbot.query.terms import UNORDERED
from newsbot.query.tree import And, Days, Equal, Near, Not, Or, Phrase, Word
from newsbot.search.documents import Documents
from newsbot.search.facets import Facet
from newsbot.search.lists import Lists
from newsbot.search.results import Reader
from newsbot.text.tokens import SKELETON, tokenize

# Causes that are told, and parts of one query that are looked at.
MOST_TOLD, MOST_PARTS = 5, 12
# How a phrase is loosened, and a proximity: positions between its words; times its distance.
LOOSER, WIDER = 3, 5
# Articles that are read for how a word is spelt in them; a word of fewer letters has no near spelling.
_READ, _SHORTEST = 8, 4


@attrs.frozen(kw_only=True)
class Cause:
    """A likely cause: the part of the query, in its own words, and what is to be said of it.

    ``instead`` is what might stand there, "" where nothing is known, and ``finds`` how many articles that
    is in, by itself.
    """

    part: str
    said: str
    instead: str = ""
    finds: int = 0


def causes(database: Database, reader: Reader, rule: Rule, *, now: datetime) -> tuple[Cause, ...]:
    """Return why nothing in the archive meets a rule, the likeliest first; () where that is not known.

    Raises:
        RuleError: when its query is none.
    """
    if not reader.count():
        return (Cause(part="", said="the archive has no article yet"),)
    tree = understand(rule.query, Lists.of(database).now().entries)
    looking = _Looking(database, reader, now)
    alone = looking.count(tree)
    if alone:
        return tuple(looking.narrowed(rule, tree, alone))
    return tuple(looking.of(tree))[:MOST_TOLD]


def never_again(database: Database, rule: Rule, now: datetime) -> Iterator[str]:
    """Yield why nothing that is stored from now on can meet a rule, or be told, by its dates."""
    try:
        tree = understand(rule.query, Lists.of(database).now().entries)
    except RuleError:
        return
    today = now.astimezone(UTC).date()
    for each in tree.children if isinstance(tree, And) else (tree,):
        if isinstance(each, Days) and each.last is not None:
            if each.field == "seen" and each.last < today:
                yield f"{shown(each)} is past: nothing that is stored from now on meets it"
            elif (
                each.field == "date"
                and rule.max_age
                and each.last + timedelta(days=rule.max_age + 1) < today
            ):
                yield (
                    f"{shown(each)} is past: what is found of those days is older than "
                    f"{rule.max_age:g} days, so nobody is told of it"
                )


class _Looking:
    def __init__(self, database: Database, reader: Reader, now: datetime) -> None:
        self._database = database
        self._reader = reader
        self._now = now

    def count(self, tree: Query) -> int:
        """Return how many articles meet a query; 0 for one that takes too long to tell."""
        try:
            (found,) = self._reader.of_trees([tree], now=self._now, query=shown(tree))
        except QuerySyntaxError:
            return 0
        return found.total

    # What narrows the query

    def narrowed(self, rule: Rule, tree: Query, alone: int) -> Iterator[Cause]:
        of_sources = Or(
            tuple(Equal(field, each) for each in rule.sources for field in ("source", "group"))
        )
        of_languages = Or(tuple(Equal("lang", each) for each in rule.languages))
        sources = self.count(And((tree, of_sources))) if rule.sources else alone
        languages = self.count(And((tree, of_languages))) if rule.languages else alone
        meets = f"its query alone is met by {_articles(alone)}"
        if rule.sources and not sources:
            theirs = _articles(self.count(of_sources))
            yield Cause(
                part=", ".join(rule.sources),
                said=f"{meets}, and none of them is of its sources, which have {theirs} in all",
            )
        if rule.languages and not languages:
            there = self._languages(tree)
            yield Cause(
                part=", ".join(rule.languages),
                said=f"{meets}, and none of them is in its languages; they are in {there}",
            )
        if sources and languages:
            yield Cause(
                part="",
                said=f"{meets}: {sources:,} are of its sources, {languages:,} in its languages, none is both",
            )

    def _languages(self, tree: Query) -> str:
        facet: Facet = self._reader.facets(shown(tree)).facet("language")
        return ", ".join(f"{each.name} ({each.count:,})" for each in facet.values[:3]) or "none"

    # Part by part

    def of(self, tree: Query) -> Iterator[Cause]:
        """Yield why nothing meets a part that nothing meets."""
        match tree:
            case And(children):
                yield from self._all(children)
            case Or(children):
                for each in children[:MOST_PARTS]:
                    yield from self.of(each)
            case Near():
                yield from self._near(tree)
            case Phrase():
                yield from self._phrase(tree)
            case Word():
                yield from self._word(tree)
            case Equal():
                yield self._equal(tree)
            case Days():
                yield Cause(part=shown(tree), said="no article is of those days")
            case _:
                yield Cause(part=shown(tree), said="no article meets it")

    def _all(self, children: Sequence[Query]) -> Iterator[Cause]:
        wanted = [each for each in children if not isinstance(each, Not)]
        without = [each for each in children if isinstance(each, Not)]
        counts = {each: self.count(each) for each in wanted[:MOST_PARTS]}
        if not all(counts.values()):
            for each, count in counts.items():
                if not count:
                    yield from self.of(each)
            return
        met = self.count(And(tuple(wanted)))
        if met:
            yield self._excluded(wanted, without, met)
            return
        listed = ", ".join(f"{shown(each)}: {count:,}" for each, count in counts.items())
        said = f"each part is met ({listed}), never all in one article"
        without_one = [*self._without_one(wanted, counts, said)] if len(wanted) > 2 else []
        yield from sorted(without_one, key=lambda cause: -cause.finds)
        if not without_one:
            yield Cause(part=shown(And(tuple(wanted))), said=said)

    def _without_one(
        self, wanted: Sequence[Query], parts: Iterable[Query], said: str
    ) -> Iterator[Cause]:
        for each in parts:
            others = And(tuple(other for other in wanted if other != each))
            found = self.count(others)
            if found:
                yield Cause(
                    part=shown(each),
                    said=f"{said}; without this one {_articles(found)} would be",
                    instead=shown(others),
                    finds=found,
                )

    def _excluded(self, wanted: Sequence[Query], without: Sequence[Not], met: int) -> Cause:
        for each in without:
            others = tuple(other for other in without if other != each)
            found = self.count(And((*wanted, *others)))
            if found:
                return Cause(
                    part=shown(each),
                    said=f"it excludes all {met:,} that meet the rest; without it {found:,} would",
                    finds=found,
                )
        return Cause(
            part=" ".join(map(shown, without)),
            said=f"what it excludes leaves none of the {met:,} that meet the rest",
        )

    def _near(self, near: Near) -> Iterator[Cause]:
        sides = (near.left, near.right)
        unmet = [each for each in sides if not self.count(each)]
        for each in unmet:
            yield from self.of(each)
        if unmet:
            return
        both = self.count(And(sides))
        wider = attrs.evolve(near, distance=min(near.distance * WIDER, 999), ordered=False)
        found = self.count(wider)
        if found:
            yield Cause(
                part=shown(near),
                said=f"they are in one article {both:,} times, never so near; within {wider.distance} "
                f"positions, in either order, {found:,} times",
                instead=shown(wider),
                finds=found,
            )
        else:
            yield Cause(
                part=shown(near),
                said=f"they are in {_articles(both)} together, never near each other"
                if both
                else "each is met, never both in one article",
            )

    def _phrase(self, phrase: Phrase) -> Iterator[Cause]:
        words = [
            Word(each.rstrip("*"), phrase.field, prefix=each.endswith("*"))
            for each in phrase.text.split()
            if words_of(each.rstrip("*"))
        ]
        if len(words) == 1:
            yield from self._word(words[0])
            return
        unmet = [each for each in words[:MOST_PARTS] if not self.count(each)]
        for each in unmet:
            yield from self._word(each)
        if unmet:
            return
        anywhere = self.count(And(tuple(words)))
        looser = attrs.evolve(phrase, slop=max(LOOSER, (phrase.slop or 0) * 2))
        found = self.count(looser) if len(words_of(phrase.text)) <= UNORDERED else 0
        if found:
            yield Cause(
                part=shown(phrase),
                said=f"its words never stand so; with up to {looser.slop} others between them, in any "
                f"order, they do in {_articles(found)}, and anywhere in {anywhere:,}",
                instead=shown(looser),
                finds=found,
            )
        elif anywhere:
            yield Cause(
                part=shown(phrase),
                said=f"its words never stand so, nor near each other; {_articles(anywhere)} have them all",
                instead=" ".join(map(shown, words)),
                finds=anywhere,
            )
        else:
            counts = ", ".join(
                f"{shown(each)}: {self.count(each):,}" for each in words[:MOST_PARTS]
            )
            yield Cause(part=shown(phrase), said=f"no article has all its words ({counts})")

    def _word(self, word: Word) -> Iterator[Cause]:
        if word.exact:
            plain = attrs.evolve(word, exact=False)
            found = self.count(plain)
            if found:
                yield Cause(
                    part=shown(word),
                    said=f"letter for letter it is in no article; without the = (whatever its case, accents "
                    f"and hamza) it is in {found:,}",
                    instead=shown(plain),
                    finds=found,
                )
                return
        if word.field:
            anywhere = attrs.evolve(word, field="")
            found = self.count(anywhere)
            if found:
                where = {"author": "an author", "tag": "a tag"}.get(word.field, f"the {word.field}")
                yield Cause(
                    part=shown(word),
                    said=f"as {where} no article has it; in title or body {found:,} do",
                    instead=shown(anywhere),
                    finds=found,
                )
                return
        near = self._spelt(word)
        if near:
            instead = attrs.evolve(word, text=near, exact=False)
            found = self.count(instead)
            yield Cause(
                part=shown(word),
                said=f"no article has it; did you mean {near}, which is in {found:,}?",
                instead=shown(instead),
                finds=found,
            )
        else:
            yield Cause(part=shown(word), said="no article has it, nor a word spelt much like it")

    def _equal(self, equal: Equal) -> Cause:
        part = shown(equal)
        names = Documents.of(self._database).names()
        families = [family for each in names.everyone() if (family := names.family(each))]
        if equal.field in ("source", "group"):
            known = (
                [family.name for family in families]
                if equal.field == "source"
                else [group for family in families for group in family.groups]
            )
            if equal.value.casefold() in {each.casefold() for each in known}:
                return Cause(part=part, said=f"the archive has no article of this {equal.field}")
            meant = nearest(equal.value, known)
            if meant:
                instead = Equal(equal.field, meant)
                return Cause(
                    part=part,
                    said=f"there is no such {equal.field}; did you mean {meant}?",
                    instead=f"{equal.field}:{quoted(meant)}",
                    finds=self.count(instead),
                )
            return Cause(part=part, said=f"there is no such {equal.field}")
        if equal.field == "lang":
            facet = self._reader.facets().facet("language")
            there = ", ".join(f"{each.name} ({each.count:,})" for each in facet.values[:5])
            return Cause(part=part, said=f"no article is in it; there are {there}")
        return Cause(part=part, said="no article has it")

    # How articles spell a word

    def _spelt(self, word: Word) -> str:
        """Return the spelling that articles have nearest to a word that none has; "" for none."""
        terms = words_of(word.text)
        if len(terms) != 1 or len(terms[0]) < _SHORTEST:
            return ""
        (there,) = self._reader.of_trees([None], now=self._now, query="")
        for distance in (1, 2) if len(terms[0]) > _SHORTEST else (1,):
            found: dict[str, tuple[int, str]] = {}
            for field in names_of(word):
                fuzzy = tantivy.Query.fuzzy_term_query(
                    there.schema, field, terms[0], distance, prefix=word.prefix
                )
                ids = there.narrowed(fuzzy).newest(_READ)
                for kept in articles.many(self._database, ids).values():
                    text = self._text(Documents.of(self._database).document(kept), field)
                    for token in _near(text, terms[0], distance, prefix=word.prefix):
                        how_often = there.doc_freq(field, token.text)
                        if how_often > found.get(token.text, (0, ""))[0]:
                            found[token.text] = (how_often, text[token.start : token.end])
            if found:
                return max(found.values())[1]
        return ""

    def _text(self, document: Any, field: str) -> str:
        return "\n".join(each.text for each in document.fields[field])


def _near(text: str, term: str, distance: int, *, prefix: bool) -> Iterator[Any]:
    for token in tokenize(text):
        if token.text.startswith(SKELETON):
            continue
        other = token.text[: len(term)] if prefix else token.text
        if OSA.distance(other, term, score_cutoff=distance) <= distance:
            yield token


def _articles(count: int) -> str:
    return f"{count:,} article" if count == 1 else f"{count:,} articles"
