"""A hundred thousand alerts: what an article costs, beside a thousand and beside a bare automaton.

Rules of all ordinary shapes (words, phrases, booleans, proximities, beginnings, fields) in seven scripts,
half drawn from the texts of the labelled pages, half made of words of the package wordfreq. The articles
are those pages as newsbot reads them. The automaton (Aho-Corasick, ahocorasick-rs) holds every word and
phrase that the rules ask for, and finds all that stand in an article's casefolded text, overlapping ones
too; it knows no words, spellings, operators or fields, and decides no rule. Times are of CPU, on one core.

    python -m benchmarks.percolate          # all of it
    python -m benchmarks.percolate 20000    # with fewer rules
"""

import gc
import gzip
import json
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import ahocorasick_rs
import attrs
import wordfreq

from benchmarks.site import CASES
from newsbot.alerts.rules import REFRESH, RuleBook
from newsbot.archive import rules
from newsbot.archive.connection import connect
from newsbot.archive.records import to_document
from newsbot.archive.rules import Rule
from newsbot.config import Config
from newsbot.extraction import extract
from newsbot.query import Document, Percolator, Query, QuerySyntaxError, parse
from newsbot.query.tree import And, Near, Or, Phrase, Word
from newsbot.text import repair
from newsbot.text.common import common, script_of
from newsbot.text.folding import fold
from newsbot.text.urls import site_of

RULES, FEW = 100_000, 1_000
# How many rules of a hundred are in a script, and the languages whose word lists make half of them.
SCRIPTS = {
    "latin": (52, ("en", "de", "es", "fr")),
    "arabic": (10, ("ar", "fa")),
    "cyrillic": (10, ("ru", "uk")),
    "han": (10, ("zh", "ja")),
    "hangul": (6, ("ko",)),
    "bengali": (6, ("bn",)),
    "greek": (6, ("el",)),
}
_UNSPACED = frozenset({"han"})
_WORD = re.compile(r"[^\W\d_]{3,}")
_HAN = re.compile("[\u3041-\u30ff\u3400-\u9fff]")
_SHORTEST = 300
# Words that occur oftener than this are nothing that one asks for by themselves: it is once in a hundred
# articles, about.
_COMMON = 2e-5
UPDATES = 50
# One article in so many is timed.
TIMED = 3


@attrs.frozen
class Room:
    """What rules are drawn from, by script: runs of words of real texts, and words of lists."""

    runs: dict[str, list[list[str]]]
    listed: dict[str, list[str]]


def articles() -> list[Document]:
    """Return the labelled pages as newsbot reads them."""
    found = []
    for labels in sorted(CASES.glob("*/labels.jsonl")):
        for line in labels.read_text("utf8").splitlines():
            case = json.loads(line)
            html = gzip.decompress((labels.parent / "pages" / case["page"]).read_bytes())
            read = extract(html, case["url"])
            if len(read.body) >= _SHORTEST:
                found.append(
                    Document.of(
                        title=repair(read.title),
                        body=repair(read.body),
                        authors=read.authors,
                        language=read.language,
                        url=case["url"],
                        site=site_of(case["url"]),
                    )
                )
    return found


def room(documents: Sequence[Document]) -> Room:
    """Return what rules are drawn from."""
    runs: dict[str, list[list[str]]] = {script: [] for script in SCRIPTS}
    for each in documents:
        for line in each.body.splitlines():
            words = _HAN.findall(line) if _HAN.match(line) else _WORD.findall(line)
            script = script_of(words[0].casefold()) if words else ""
            if script in runs and len(words) > 4:
                runs[script].append(words)
    listed = {}
    for script, (_, languages) in SCRIPTS.items():
        frequencies = [wordfreq.get_frequency_dict(each, "small") for each in languages]
        listed[script] = sorted(
            word
            for known in frequencies
            for word, frequency in known.items()
            if frequency < _COMMON
            and script_of(word) == script
            and word.isalpha()
            and len(word) > 1
        )
    return Room(runs, listed)


class Drawing:
    """Draws rules."""

    def __init__(self, of: Room, seed: int = 1) -> None:
        self._room = of
        self._rng = random.Random(seed)
        self._scripts = [script for script, (share, _) in SCRIPTS.items() for _ in range(share)]

    def rule(self) -> str:
        """Return a rule's query."""
        rng, script = self._rng, self._rng.choice(self._scripts)
        kind = rng.random()
        if kind < 0.5:
            return self._phrase(script)
        if kind < 0.62:
            return self._word(script)
        if kind < 0.72:
            return f"{self._beginning(script)}*"
        if kind < 0.78:
            return f"{self._word(script)} {self._word(script)}"
        if kind < 0.84:
            return f"({self._word(script)} OR {self._phrase(script)}) {self._word(script)}"
        if kind < 0.88:
            return f"{self._phrase(script)} OR {self._phrase(script)} OR {self._beginning(script)}*"
        if kind < 0.91:
            return f"{self._word(script)} -{self._word(script)}"
        if kind < 0.94:
            return f"{self._word(script)} NEAR/5 {self._phrase(script)}"
        if kind < 0.96:
            return f"title:{self._word(script)}"
        if kind < 0.98:
            return f"{self._phrase(script)} (lang:de OR lang:en OR lang:ar) -source:example.org"
        return f"={self._word(script)} {self._word(script)}"

    def _run(self, script: str, length: int) -> list[str]:
        rng, runs = self._rng, self._room.runs[script]
        if runs and rng.random() < 0.5:
            run = rng.choice(runs)
            at = rng.randrange(len(run))
            return run[at : at + length]
        return [rng.choice(self._room.listed[script]) for _ in range(length)]

    def _phrase(self, script: str) -> str:
        while True:
            words = self._run(script, self._rng.randint(2, 4))
            if len(words) > 1 and (script in _UNSPACED or any(map(_is_telling, words))):
                return f'"{("" if script in _UNSPACED else " ").join(words)}"'

    def _word(self, script: str) -> str:
        runs = self._room.runs[script]
        if script not in _UNSPACED and runs and self._rng.random() < 0.5:
            word = self._rng.choice(self._rng.choice(runs))
            if _is_telling(word):
                return word
        return self._rng.choice(self._room.listed[script])

    def _beginning(self, script: str) -> str:
        if script in ("han", "hangul"):
            return self._word(script)
        while True:
            word = self._word(script)
            beginning = word[: self._rng.randint(4, max(4, len(word) - 1))]
            if common(script).beginning(fold(beginning)) < _COMMON:
                return beginning


def _is_telling(word: str) -> bool:
    folded = fold(word)
    script = script_of(folded)
    return len(word) > 2 and common(script).words.get(folded, 0.0) < _COMMON if script else False


def drawn(of: Room, number: int) -> dict[str, str]:
    """Return so many different rules that are queries, by id."""
    drawing, found = Drawing(of), dict[str, None]()
    while len(found) < number:
        query = drawing.rule()
        if query in found:
            continue
        try:
            parse(query)
        except QuerySyntaxError:
            continue
        found[query] = None
    return {f"{place:032x}": query for place, query in enumerate(found)}


def asked(tree: Query) -> Iterator[str]:
    """Yield the words and phrases of a query that an article may have."""
    if isinstance(tree, (Word, Phrase)):
        yield tree.text
    elif isinstance(tree, (And, Or)):
        for child in tree.children:
            yield from asked(child)
    elif isinstance(tree, Near):
        yield from asked(tree.left)
        yield from asked(tree.right)


@attrs.frozen
class Timed:
    """What is timed: a call for an article, and what is done to the article before, untimed."""

    call: Callable[[Document], object]
    before: Callable[[Document], object]


def seconds(timed: dict[str, Timed], documents: Sequence[Document]) -> dict[str, float]:
    """Return the CPU seconds that an article costs each: in turn for each article, the best of three times.

    So a machine that does much else is as slow for one as for the other.
    """
    sums = dict.fromkeys(timed, 0.0)
    for document in documents:
        for name, each in timed.items():
            best = float("inf")
            for _ in range(3):
                fresh = attrs.evolve(document)
                each.before(fresh)
                start = time.process_time()
                each.call(fresh)
                best = min(best, time.process_time() - start)
            sums[name] += best
    return {name: total / len(documents) for name, total in sums.items()}


def analyse(document: Document) -> None:
    """Have the terms of an article known before it is matched."""
    for name in ("title", "body", "author"):
        for sketch in document.sketches[name]:
            len(sketch.terms)


def _nothing(document: Document) -> None:
    """Leave an article as it came."""


def resident() -> float:
    """Return the memory of this process in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4 / 1024


def run(number: int = RULES) -> None:
    """Print all figures."""
    documents = articles()
    queries = drawn(room(documents), number)
    kept(queries)  # first, while no memory is left over from anything
    gc.unfreeze()
    matched(documents, queries)


def matched(documents: Sequence[Document], queries: dict[str, str]) -> None:
    """Print what an article costs, and what a change of the rules does."""
    few = dict(list(queries.items())[:: max(1, len(queries) // FEW)][:FEW])
    gc.collect()
    start = time.process_time()
    trees = {rule: parse(query) for rule, query in queries.items()}
    parsed = time.process_time() - start
    start = time.process_time()
    many = Percolator(trees)
    filed = time.process_time() - start
    gc.collect()
    gc.freeze()  # as in a worker: what stays is not looked through again and again
    some = Percolator({rule: parse(query) for rule, query in few.items()})

    phrases = sorted({text.casefold() for tree in trees.values() for text in asked(tree)})
    start = time.process_time()
    automaton = ahocorasick_rs.AhoCorasick(phrases)
    built = time.process_time() - start

    hits = [len(many.match(each)) for each in documents]
    candidates = [len(many.candidates(each)) for each in documents]
    characters = sum(len(each.body) + len(each.title) for each in documents) / len(documents)
    print(
        f"{len(documents):,} articles of {characters:,.0f} characters; {len(many):,} rules, "
        f"{many.always} of them evaluated for every article; {sum(candidates) / len(hits):.1f} candidates and "
        f"{sum(hits) / len(hits):.1f} matches an article"
    )
    print(
        f"  parsed in {parsed:.1f} s, filed in {filed:.1f} s; the automaton of "
        f"{len(phrases):,} words and phrases built in {built:.1f} s"
    )

    def text(each: Document) -> str:
        return f"{each.title}\n{each.body}".casefold()

    cost = seconds(
        {
            "many": Timed(many.match, _nothing),
            "few": Timed(some.match, _nothing),
            "many, analysed": Timed(many.match, analyse),
            "few, analysed": Timed(some.match, analyse),
            "all": Timed(
                lambda each: automaton.find_matches_as_indexes(text(each), overlapping=True),
                _nothing,
            ),
            "leftmost": Timed(lambda each: automaton.find_matches_as_indexes(text(each)), _nothing),
        },
        documents[::TIMED],
    )
    for how, which in (("with", ""), ("without", ", analysed")):
        whole, thousand = cost[f"many{which}"], cost[f"few{which}"]
        print(
            f"  {how} the analysis of the article: {1 / whole:,.0f} articles/s, {whole / thousand:.2f} times "
            f"as dear as with {FEW:,} rules ({1 / thousand:,.0f} articles/s; at most 2 times); "
            f"{cost['all'] / whole:.2f} times as fast as the automaton (at least 0.3), "
            f"{cost['leftmost'] / whole:.2f} where that passes over what overlaps"
        )
    print(
        f"  the automaton: {1 / cost['all']:,.0f} articles/s for all that stands there, "
        f"{1 / cost['leftmost']:,.0f} where it passes over what overlaps"
    )
    _updates(many, trees)


def _updates(many: Percolator, trees: dict[str, Query]) -> None:
    rng, times = random.Random(2), []
    ids = list(trees)
    for place in range(UPDATES):
        start = time.process_time()
        other = many.changed({"new": trees[rng.choice(ids)]}, [ids[place]])
        times.append(time.process_time() - start)
        assert len(other) == len(many)
    print(f"  a rule added and one removed: {sorted(times)[len(times) // 2] * 1000:.0f} ms")


def kept(queries: dict[str, str]) -> None:
    """Print what the rules cost a worker that reads them from the archive, and what a change does."""
    now = datetime.now(UTC)
    with (
        tempfile.TemporaryDirectory() as folder,
        connect(Config(data_dir=Path(folder))) as database,
    ):
        made = [
            Rule(id=rule, name=rule, query=query, created_at=now) for rule, query in queries.items()
        ]
        for place in range(0, len(made), 2_000):
            database.alerts.insert_many([to_document(each) for each in made[place : place + 2_000]])
        del made
        gc.collect()
        before, start, cpu = resident(), time.perf_counter(), time.process_time()
        book = RuleBook.of(database)
        assert len(book.in_force().rules) == len(queries)
        took, cpu = time.perf_counter() - start, time.process_time() - cpu
        gc.collect()
        print(
            f"  a worker that starts: {took:.0f} s ({cpu:.0f} s of its CPU), "
            f"{resident() - before:.0f} MB for the rules and their files"
        )
        times, cpus = [], []
        for place in range(10):
            rules.add(
                database, Rule(id=f"n{place}", name=f"n{place}", query="storm", created_at=now)
            )
            time.sleep(REFRESH)
            start, cpu = time.perf_counter(), time.process_time()
            assert f"n{place}" in book.in_force().rules
            times.append(time.perf_counter() - start)
            cpus.append(time.process_time() - cpu)
        print(
            f"  a rule that was added: {sorted(times)[5] * 1000:.0f} ms to read and file it, "
            f"{max(times) * 1000:.0f} at most ({sorted(cpus)[5] * 1000:.0f} of CPU), after {REFRESH} s at most"
        )


if __name__ == "__main__":
    run(*map(int, sys.argv[1:2]))
