"""Which of many queries an article matches.

Each query is filed under what an article must have to match it (:mod:`newsbot.query.required`): of all that
it demands under the rarest by :mod:`newsbot.query.rarity`, a term, a pair of terms in a row, the beginning
of a word, a value of a field. An article's own terms lead to what is filed under them; those of which it
has the rest, too, are candidates, and candidates are evaluated. So an article costs about as much as the
queries that it comes near to, however many others there are.
"""

from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, count

import attrs

from newsbot.query.analysis import spellings
from newsbot.query.document import BOTH, Document
from newsbot.query.evaluate import evaluate
from newsbot.query.rarity import Rarity
from newsbot.query.required import (
    BEGINS,
    FIELDS,
    RUN,
    Demand,
    Need,
    Pair,
    bare,
    demands,
    has,
    of_field,
)
from newsbot.query.tree import Query
from newsbot.text.tokens import SKELETON

Judge = Callable[[Query, Document], bool]

# A word that fewer articles have is not improved upon by a pair.
_RARE = 0.002
# Of all else that a query demands so many are looked at before it is evaluated.
_LOOKED_AT = 4
# One article in so many teaches what is rare.
_TAUGHT_BY = 8
# Beginnings are looked for once for each word, and so many words are remembered.
_REMEMBERED = 1 << 17
# What is no term of title or body comes before this.
_PLAIN = "\x03"


@attrs.frozen(eq=False)
class _Filed:
    """A query, and all under which it is filed."""

    query: Query
    under: tuple[Need, ...] = ()
    # What of an article is looked at for it besides its text and values: fields of words, runs of letters.
    looks_at: tuple[str, ...] = ()


# A query under one of its demands, with the rest of that.
_Entry = tuple[tuple[str, ...], _Filed]


@attrs.define
class _Files:
    """All queries, by what leads to them. Changed while a percolator is made, and then no more."""

    by_term: dict[Need, tuple[_Entry, ...]] = attrs.Factory(dict)
    by_pair: dict[Need, tuple[_Entry, ...]] = attrs.Factory(dict)
    by_beginning: dict[Need, tuple[_Entry, ...]] = attrs.Factory(dict)
    always: dict[_Filed, None] = attrs.Factory(dict)
    queries: dict[Query, _Filed] = attrs.Factory(dict)
    # The rules that share a query, each with its place in the order of all.
    rules: dict[_Filed, tuple[tuple[int, str], ...]] = attrs.Factory(dict)
    of_rule: dict[str, _Filed] = attrs.Factory(dict)
    # How many queries look at a field of words, or at a run of letters.
    looked_at: dict[str, int] = attrs.Factory(dict)

    def copy(self) -> "_Files":
        return _Files(**{field.name: getattr(self, field.name).copy() for field in _PARTS})

    def holding(self, need: Need) -> dict[Need, tuple[_Entry, ...]]:
        """Return where a need is filed."""
        if isinstance(need, tuple):
            return self.by_pair
        return self.by_beginning if need.startswith(BEGINS) else self.by_term


_PARTS = attrs.fields(_Files)


class Percolator:
    """A filed set of queries, by the ids of the rules that ask them. Immutable, and safe for threads."""

    # The beginnings of terms met lately under which something is filed.
    _known: dict[str, tuple[str, ...]]

    def __init__(self, rules: Mapping[str, Query], rarity: Rarity | None = None) -> None:
        self._rarity = rarity or Rarity()
        self._files = _Files()
        self._next = 0
        self._articles = count()
        self._change(rules, ())

    def changed(self, rules: Mapping[str, Query], without: Iterable[str] = ()) -> "Percolator":
        """Return one in which these rules are new, or ask other queries, and some others are not.

        It costs a copy of the tables, and filing what changed; this one stays as it is.
        """
        other = Percolator.__new__(Percolator)
        other._rarity, other._articles = self._rarity, self._articles
        other._files, other._next = self._files.copy(), self._next
        other._change(rules, without)
        return other

    def __len__(self) -> int:
        """Return how many rules there are."""
        return len(self._files.of_rule)

    @property
    def always(self) -> int:
        """How many queries are evaluated for every article, for they demand nothing of it."""
        return len(self._files.always)

    def sharing(self, query: Query) -> list[str]:
        """Return the rules that ask a query, in their order."""
        return [rule for _, rule in self._files.rules[self._files.queries[query]]]

    def match(self, document: Document, judge: Judge = evaluate) -> list[str]:
        """Return the ids of the rules that the article matches, in the order they were given.

        ``judge`` decides of each candidate whether it does.
        """
        rules = self._files.rules
        matched = [
            rule
            for filed in self._candidates(document)
            if judge(filed.query, document)
            for rule in rules[filed]
        ]
        return [rule for _, rule in sorted(matched)]

    def candidates(self, document: Document) -> list[Query]:
        """Return the queries that are evaluated for an article, in no order."""
        return [filed.query for filed in self._candidates(document)]

    def _candidates(self, document: Document) -> set[_Filed]:
        files = self._files
        found = has(document, fields=self._fields, written=self._written)
        if next(self._articles) % _TAUGHT_BY == 0:
            self._rarity.see(document.body, found)
        undotted = SKELETON in "".join(found)
        if undotted:
            found.update([_undotted_name(term) for term in found])
        candidates = set(files.always)
        met: Iterator[tuple[_Entry, ...]] = map(
            files.by_term.__getitem__, filter(files.by_term.__contains__, found)
        )
        if files.by_pair:
            pairs: Iterable[Need] = chain.from_iterable(
                _pairs(document, name, undotted=undotted) for name in BOTH
            )
            there = set(filter(files.by_pair.__contains__, pairs))
            met = chain(met, map(files.by_pair.__getitem__, there))
        if files.by_beginning:
            met = chain(met, self._beginnings(found))
        for entries in met:
            for rest, filed in entries:
                # In a text without dots a term may be there in another spelling.
                if undotted or found.issuperset(rest):
                    candidates.add(filed)
        return candidates

    def _beginnings(self, terms: set[str]) -> Iterator[tuple[_Entry, ...]]:
        """Return what is filed under beginnings of these terms."""
        known = self._known
        new = terms.difference(known)
        if len(known) + len(new) > _REMEMBERED:
            known = self._known = {}
            new = terms
        for term in new:
            if term >= _PLAIN or self._fields:
                known[term] = tuple(self._begun(term))
        begun = set(chain.from_iterable(filter(None, map(known.get, terms))))
        return map(self._files.by_beginning.__getitem__, begun)

    def _begun(self, term: str) -> Iterator[str]:
        """Yield the beginnings of a term that something is filed under, the longest first."""
        place = bisect_right(self._begins, term)
        at = self._begins[place - 1] if place else ""
        while at:
            if term.startswith(at):
                yield BEGINS + at
            at = self._shorter[at]

    def _change(self, rules: Mapping[str, Query], without: Iterable[str]) -> None:
        numbers = {}
        for rule in (*without, *rules):
            if rule in self._files.of_rule:
                numbers[rule] = self._take_out(rule)
        for rule, query in rules.items():
            number = numbers.get(rule)
            if number is None:
                number = self._next
                self._next += 1
            self._put_in(rule, query, number)
        looked_at = self._files.looked_at.keys()
        self._fields = tuple(name for name in FIELDS if name in looked_at)
        self._written = frozenset(bare(each)[1] for each in looked_at if bare(each)[0] == RUN)
        begun = sorted(str(key)[len(BEGINS) :] for key in self._files.by_beginning)
        # Of each beginning the longest that is one of it: whatever begins so is behind it in their order.
        self._begins, self._shorter = begun, dict[str, str]()
        row = [""]
        for each in begun:
            while not each.startswith(row[-1]):
                row.pop()
            self._shorter[each] = row[-1]
            row.append(each)
        self._known = {}

    def _take_out(self, rule: str) -> int:
        """Take a rule out; returns its place in the order."""
        files = self._files
        filed = files.of_rule.pop(rule)
        number = next(at for at, each in files.rules[filed] if each == rule)
        others = tuple(each for each in files.rules[filed] if each[1] != rule)
        if others:
            files.rules[filed] = others
            return number
        del files.rules[filed], files.queries[filed.query]
        files.always.pop(filed, None)
        for each in filed.looks_at:
            files.looked_at[each] -= 1
            if not files.looked_at[each]:
                del files.looked_at[each]
        for need in filed.under:
            holding = files.holding(need)
            left = tuple(entry for entry in holding.get(need, ()) if entry[1] is not filed)
            if left:
                holding[need] = left
            else:
                holding.pop(need, None)
        return number

    def _put_in(self, rule: str, query: Query, number: int) -> None:
        files = self._files
        filed = files.queries.get(query)
        if filed is None:
            filed = self._file(query)
            files.queries[query] = filed
            files.rules[filed] = ((number, rule),)
        else:
            there = list(files.rules[filed])
            insort(there, (number, rule))
            files.rules[filed] = tuple(there)
        files.of_rule[rule] = filed

    def _file(self, query: Query) -> _Filed:
        found = demands(query, self._rarity.share)
        if found is None or not all(found):
            filed = _Filed(query)
            self._files.always[filed] = None
            return filed
        places = [self._place(demand) for demand in found]
        looks_at = tuple(
            {each for demand in found for need in demand if (each := _looked_at(need))}
        )
        under = tuple(dict.fromkeys(key for keys, _ in places for key in keys))
        filed = _Filed(query, under, looks_at)
        for keys, rest in places:
            for key in keys:
                holding = self._files.holding(key)
                holding[key] = (*holding.get(key, ()), (rest, filed))
        for each in looks_at:
            self._files.looked_at[each] = self._files.looked_at.get(each, 0) + 1
        return filed

    def _place(self, demand: Demand) -> tuple[list[Need], tuple[str, ...]]:
        """Return under what a demand is filed, in all its spellings, and what else is looked at."""
        shares = {need: self._share(need) for need in demand}
        plain = [need for need in demand if isinstance(need, str)]
        rarest: Need = min(plain, key=lambda need: (shares[need], need))
        if shares[rarest] > _RARE:
            rarest = min(demand, key=lambda need: (shares[need], str(need)))
        said = rarest if isinstance(rarest, tuple) else (rarest,)
        others = [need for need in plain if need not in said and not need.startswith(BEGINS)]
        others.sort(key=lambda need: (shares[need], need))
        undotted = _undotted(rarest)
        keys = [rarest] if undotted == rarest else [rarest, undotted]
        return keys, tuple(others[:_LOOKED_AT])

    def _share(self, need: Need) -> float:
        return self._rarity.share(need, len(self._files.holding(need).get(need, ())))


def _looked_at(need: Need) -> str:
    """Return the field of words that a demand looks at, or the run of letters; "" for all else."""
    if isinstance(need, tuple):
        return ""
    field, value = bare(need.removeprefix(BEGINS))
    if field == RUN:
        return of_field(RUN, value)
    return field if field in FIELDS else ""


def _undotted(need: Need) -> Need:
    """Return how a text without dots has something; the same where that makes no difference."""
    if isinstance(need, tuple):
        return _undotted_term(need[0]), _undotted_term(need[1])
    return need if need.startswith(BEGINS) else _undotted_name(need)


def _undotted_name(need: str) -> str:
    field, term = bare(need)
    if not field:
        return _undotted_term(term)
    return of_field(field, _undotted_term(term)) if field in FIELDS else need


def _undotted_term(term: str) -> str:
    return term if term.startswith(SKELETON) else spellings(term)[-1]


def _pairs(document: Document, name: str, *, undotted: bool) -> Iterable[Pair]:
    for sketch in document.sketches[name]:
        if not undotted:
            return sketch.pairs()
        found = list(sketch.pairs())
        return [*found, *((_undotted_term(one), _undotted_term(two)) for one, two in found)]
    return ()
