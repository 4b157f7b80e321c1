"""What tells the stories that were of no use from those that were: a word, or a source. Pure.

Candidates are words and sources that stand in all articles of a story by which it was met. They are ranked
by the log-likelihood ratio of their share among one kind against that among the other (Dunning, "Accurate
methods for the statistics of surprise and coincidence", 1993), which, unlike a plain ratio of shares, trusts
no rare word; as Elasticsearch's significant terms by default, none that stands in fewer than three
stories is looked at. What each would keep out, and what it would cost, is then decided by the evaluator of
queries, for the very query that it would make of the alert's.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

import attrs

from newsbot.query import Document, Query, evaluate
from newsbot.search.facets import clause_of
from newsbot.search.surprise import log_likelihood
from newsbot.text.common import common, script_of
from newsbot.text.tokens import SKELETON

# Stories of each kind below which nothing is told apart, and in how many of no use a word has to stand.
FEWEST, IN_FEWEST = 3, 3
# One in so many useful stories may be lost at most.
MAY_COST = 50
# A ratio that chance alone exceeds once in a thousand candidates (chi-squared, one degree of freedom).
_SURE = 10.83
# Candidates that are decided exactly, and those that are proposed.
_DECIDED, PROPOSED = 24, 5
_LONGEST = 40
# Words that are one in a thousand of what is written tell of no matter, whatever chance makes of them.
_EVERYDAY = 1e-3


@attrs.frozen(kw_only=True)
class Story:
    """A story that an alert met: whether it was of use, and its articles by which it did.

    ``sources`` are the names of the sources that have it.
    """

    useful: bool
    articles: tuple[Document, ...]
    sources: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Exclusion:
    """What could be written behind an alert's query: what it would have kept out, and what it would have cost.

    ``clause`` is it (``-word``, ``-source:"name"``), ``query`` what the query would be then; ``keeps_out`` and
    ``loses`` count stories of no use and of use.
    """

    clause: str
    query: str
    keeps_out: int
    loses: int


def exclusions(
    told: Sequence[Story],
    query: str,
    understood: Callable[[str], Query | None],
    *,
    narrowed: Callable[[str, str], str],
) -> tuple[Exclusion, ...]:
    """Return what would have kept out most of what was of no use and hardly anything else, the best first.

    ``understood`` parses a query, None for what is none; ``narrowed`` puts a clause behind one. Only stories
    that the query still meets count.
    """
    now = understood(query)
    if now is None:
        return ()
    there = [each for each in (_met(each, now) for each in told) if each.articles]
    useful = [each for each in there if each.useful]
    useless = [each for each in there if not each.useful]
    if min(len(useful), len(useless)) < FEWEST:
        return ()
    found: list[tuple[float, Exclusion, frozenset[int]]] = []
    for clause in _candidates(useful, useless):
        wanted = narrowed(query, f"-{clause}")
        tree = understood(wanted)
        if tree is None:
            continue
        out = frozenset(at for at, each in enumerate(useless) if not _met(each, tree).articles)
        lost = sum(not _met(each, tree).articles for each in useful)
        ratio = _ratio(len(out), len(useless), lost, len(useful))
        if len(out) >= IN_FEWEST and lost * MAY_COST <= len(useful) and ratio >= _SURE:
            proposed = Exclusion(clause=f"-{clause}", query=wanted, keeps_out=len(out), loses=lost)
            found.append((ratio, proposed, out))
    found.sort(key=lambda each: (-each[0], len(each[1].clause), each[1].clause))
    kept: dict[frozenset[int], Exclusion] = {}
    for _, proposed, out in found:  # of those that keep out the very same, one is enough
        kept.setdefault(out, proposed)
    return tuple(kept.values())[:PROPOSED]


def _met(story: Story, query: Query) -> Story:
    met = tuple(each for each in story.articles if evaluate(query, each))
    return attrs.evolve(story, articles=met)


def _ratio(count: int, of: int, past: int, past_of: int) -> float:
    return log_likelihood(count, of, past, past_of) if count * past_of > past * of else 0.0


def _candidates(useful: Sequence[Story], useless: Sequence[Story]) -> Sequence[str]:
    """Return clauses that may tell one kind from the other, the most promising first."""
    written: defaultdict[str, Counter[str]] = defaultdict(Counter)
    out = Counter(term for each in useless for term in _terms(each, written))
    lost = Counter(term for each in useful for term in _terms(each, {}) if out[term] >= IN_FEWEST)
    rated = {
        term: _ratio(count, len(useless), lost[term], len(useful))
        for term, count in out.items()
        if count >= IN_FEWEST and not (term[0] == "word" and _is_everyday(term[1]))
    }
    clauses = {
        _clause(term, written): ratio
        for term, ratio in sorted(rated.items(), key=lambda each: each[1])
        if ratio >= _SURE
    }
    clauses.pop("", None)
    return sorted(clauses, key=lambda each: (-clauses[each], each))[:_DECIDED]


def _is_everyday(word: str) -> bool:
    script = script_of(word)
    return bool(script) and common(script).words.get(word, 0.0) >= _EVERYDAY


_Term = tuple[str, str]


def _terms(
    story: Story, written: defaultdict[str, Counter[str]] | Mapping[str, Counter[str]]
) -> Iterable[_Term]:
    """Return the words that stand in all articles of a story, and its sources.

    How the words were ``written`` is counted, where that is asked for.
    """
    common: set[str] | None = None
    for document in story.articles:
        here: set[str] = set()
        for field in (*document.fields["title"], *document.fields["body"]):
            for token in field.tokens:
                if token.text.startswith(SKELETON) or len(token.text) < 2 or token.text.isdigit():
                    continue
                here.add(token.text)
                if isinstance(written, defaultdict):
                    written[token.text][field.text[token.start : token.end].lower()] += 1
        common = here if common is None else common & here
    yield from (("word", each) for each in common or ())
    if len(story.sources) == 1:
        yield "source", story.sources[0]


def _clause(term: _Term, written: Mapping[str, Counter[str]]) -> str:
    """Return what asks for a word, as it is mostly written, or for a source; "" for what cannot be asked for."""
    kind, name = term
    if kind == "source":
        return clause_of("source", name)
    counted = written.get(name)
    word = min(counted, key=lambda each: (-counted[each], each)) if counted else name
    if not word or len(word) > _LONGEST or '"' in word:
        return ""
    return word if word.isalnum() else f'"{word}"'
