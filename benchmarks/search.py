"""Search over up to a million articles: size, build time, memory and latency, beside bare Tantivy.

The articles are made of the paragraphs of the labelled pages: of two texts of a language, some words
exchanged for others of that language. Both indexes hold the same texts; the bare one takes them through
Tantivy's own tokenizer, with a day and a source as fast fields, and is asked the nearest that it has:
its own terms, phrases (a slop in place of a proximity), prefixes, ranges and counts by source.

Measured is what the index does: from the query as typed to the ids of a page, the exact count and the
number of undated. What a page loads from the archive afterwards is the same for any number of articles.
"""

import argparse
import gzip
import json
import random
import resource
import shutil
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import attrs
import tantivy
from tantivy import Occur
from tantivy import Query as Bare

from benchmarks.site import CASES
from newsbot.archive.naming import Names
from newsbot.extraction import extract
from newsbot.query import Document, parse
from newsbot.search.index import COUNTED, entry, ordinal, schema
from newsbot.search.lower import lower
from newsbot.search.results import counted
from newsbot.text import repair
from newsbot.text.lexicon import zipf
from newsbot.text.rarity import knows
from newsbot.text.tokens import words

NOW, EPOCH = datetime(2026, 3, 1, tzinfo=UTC), date(1970, 1, 1)
DAYS = 700
SOURCES = 500
SIZES = (100_000, 1_000_000)
QUERIES = 500
PAGE = 20
# Words this frequent (Zipf scale: in a thousand million words, ten to this power) begin no query.
FREQUENT = 5.7
_HEAP = 64_000_000


@attrs.frozen
class Made:
    """An article of the benchmark."""

    title: str
    paragraphs: tuple[str, ...]
    language: str
    source: str
    day: int
    section: str

    @property
    def body(self) -> str:
        """The text."""
        return "\n".join(self.paragraphs)


class Articles:
    """Makes articles, the same at every run."""

    def __init__(self) -> None:
        self._rng = random.Random(11)
        self._texts: dict[str, list[tuple[str, list[str]]]] = defaultdict(list)
        for label in sorted(CASES.glob("*/labels.jsonl")):
            for line in label.open(encoding="utf8"):
                case = json.loads(line)
                found = extract(
                    gzip.decompress((label.parent / "pages" / case["page"]).read_bytes()),
                    case["url"],
                )
                paragraphs = [each for each in found.body.splitlines() if len(each) > 40]
                if len(paragraphs) >= 4:
                    language = (found.language or "und").partition("-")[0]
                    self._texts[language].append((repair(found.title), paragraphs))
        self._words = {
            language: [word for _, some in texts for one in some for word in one.split()]
            for language, texts in self._texts.items()
        }
        sizes = {language: len(texts) for language, texts in self._texts.items()}
        self._languages, self._weights = list(sizes), list(sizes.values())

    def at(self, number: int) -> Made:
        """Return the one of this number, the same whatever was made before."""
        self._rng = random.Random(number)
        return self.next()

    def next(self) -> Made:
        """Return one more."""
        rng = self._rng
        language = rng.choices(self._languages, self._weights)[0]
        (title, one), (_, other) = rng.choices(self._texts[language], k=2)
        most = rng.randint(3, 9)
        paragraphs = [
            self._varied(each, language)
            for each in (*rng.sample(one, min(most, len(one))), *rng.sample(other, 2))
        ]
        return Made(
            title=self._varied(title, language),
            paragraphs=tuple(paragraphs),
            language=language,
            source=f"s{int(rng.paretovariate(1)) % SOURCES}",
            day=ordinal(NOW.date()) - rng.randrange(DAYS),
            section=rng.choice(("Politics", "Sport", "World", "Culture", "")),
        )

    def _varied(self, text: str, language: str) -> str:
        rng, found = self._rng, text.split()
        for _ in range(len(found) // 8):
            found[rng.randrange(len(found))] = rng.choice(self._words[language])
        return " ".join(found)


def _bare_schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for field in ("title", "body"):
        builder.add_text_field(field, tokenizer_name="default", index_option="position")
    for field in COUNTED:
        builder.add_text_field(field, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("day", indexed=True, fast=True)
    builder.add_integer_field("seen", indexed=True, fast=True)
    return builder.build()


class Side:
    """One of the two indexes, and what it costs."""

    def __init__(self, name: str, folder: Path, fields: tantivy.Schema) -> None:
        self.name, self.folder, self.schema = name, folder / name, fields
        self.folder.mkdir(parents=True, exist_ok=True)
        # An index that an earlier run kept is opened.
        self._index = tantivy.Index(fields, path=str(self.folder))
        self._writer = self._index.writer(_HEAP, 1)
        self.seconds = 0.0

    def put(self, entries: Iterator[str]) -> None:
        """Write entries."""
        started = time.perf_counter()
        for each in entries:
            self._writer.add_json(each)
        self.seconds += time.perf_counter() - started

    def searcher(self) -> tantivy.Searcher:
        """Commit, and return what is there."""
        started = time.perf_counter()
        self._writer.commit()
        self._writer.wait_merging_threads()
        self.seconds += time.perf_counter() - started
        self._index = tantivy.Index.open(str(self.folder))
        searcher = self._index.searcher()
        self._writer = self._index.writer(_HEAP, 1)
        return searcher

    def size(self) -> int:
        """Return the bytes on disk."""
        return sum(each.stat().st_size for each in self.folder.iterdir())


@attrs.frozen
class Asked:
    """One query: as it is typed, as bare Tantivy is asked, and whether facets are wanted."""

    kind: str
    typed: str
    bare: Callable[[tantivy.Schema], Bare]
    facets: bool = False


def _either(make: Callable[[str], Bare]) -> Bare:
    return Bare.boolean_query([(Occur.Should, make(field)) for field in ("title", "body")])


def _term(fields: tantivy.Schema, word: str) -> Bare:
    return _either(lambda field: Bare.term_query(fields, field, word))


def _phrase(fields: tantivy.Schema, row: list[str], slop: int = 0) -> Bare:
    def make(field: str) -> Bare:
        return Bare.phrase_query(fields, field, [*row], slop)

    return _either(make)


def _all(*parts: Bare) -> Bare:
    return Bare.boolean_query([(Occur.Must, part) for part in parts])


def _queries(made: Articles, rng: random.Random) -> list[Asked]:
    asked: list[Asked] = []
    while len(asked) < QUERIES:
        article = made.next()
        row = [
            word
            for word in words(rng.choice(article.paragraphs))
            if word.isalpha() and len(word) > 1
        ]
        if len(row) < 8:
            continue
        at = rng.randrange(len(row) - 6)
        one, two, three, _, far = row[at : at + 5]
        # Nobody asks for articles that say "the"; inside a phrase it may stand.
        if knows(article.language) and any(
            zipf(word, article.language) > FREQUENT for word in (one, far)
        ):
            continue
        first = article.day - 30
        day = EPOCH + timedelta(days=first)
        kinds: list[tuple[str, str, Callable[[tantivy.Schema], Bare]]] = [
            ("term", one, lambda f, a=one: _term(f, a)),
            ("two terms", f"{one} {far}", lambda f, a=one, b=far: _all(_term(f, a), _term(f, b))),
            ("phrase", f'"{one} {two}"', lambda f, a=one, b=two: _phrase(f, [a, b])),
            (
                "longer phrase",
                f'"{one} {two} {three}"',
                lambda f, a=one, b=two, c=three: _phrase(f, [a, b, c]),
            ),
            (
                "proximity",
                f"{one} NEAR/5 {far}",
                lambda f, a=one, b=far: Bare.boolean_query(
                    [(Occur.Should, _phrase(f, pair, 4)) for pair in ([a, b], [b, a])]
                ),
            ),
            ("in any order", f'"{one} {two}"~3', lambda f, a=one, b=two: _phrase(f, [a, b], 3)),
            (
                "prefix",
                f"{far[:5]}*",
                lambda f, a=far[:5]: _either(lambda field: Bare.regex_query(f, field, f"{a}.*")),
            ),
            (
                "term in a month",
                f"{one} date:[{day} TO {day + timedelta(days=30)}]",
                lambda f, a=one, low=first: _all(
                    _term(f, a),
                    Bare.range_query(f, "day", tantivy.FieldType.Integer, low, low + 30),
                ),
            ),
        ]
        kind, typed, bare = kinds[len(asked) % len(kinds)]
        asked.append(Asked(kind, typed, bare, facets=len(asked) % 10 == 0))
    return asked


_COUNTS = {
    **{field: {"terms": {"field": field, "size": 10}} for field in COUNTED if field != "by_story"},
    "day": {"histogram": {"field": "day", "interval": 30}},
}


def _ids(searcher: tantivy.Searcher, query: Bare, order: str) -> None:
    for _, address in searcher.search(query, limit=PAGE, order_by_field=order).hits:
        searcher.doc(address)


def _ours(searcher: tantivy.Searcher, fields: tantivy.Schema, asked: Asked) -> None:
    plan = lower(parse(asked.typed), searcher, fields, NOW, Names(()))
    assert plan.exact, asked.typed
    counted(searcher, plan.query)
    _ids(searcher, plan.query, "place")
    if asked.facets:
        searcher.aggregate(plan.query, _COUNTS)


def _bare(searcher: tantivy.Searcher, fields: tantivy.Schema, asked: Asked) -> None:
    query = asked.bare(fields)
    _ids(searcher, query, "seen")
    if asked.facets:
        searcher.aggregate(query, _COUNTS)


def _latencies(
    ours: tuple[tantivy.Searcher, tantivy.Schema],
    bare: tuple[tantivy.Searcher, tantivy.Schema],
    asked: list[Asked],
) -> dict[str, list[tuple[float, float]]]:
    """Return the milliseconds of each query by kind, ours and bare, each the better of two."""
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for each in asked:
        taken = [float("inf"), float("inf")]
        for _ in range(2):
            for place, (ask, (searcher, fields)) in enumerate(((_ours, ours), (_bare, bare))):
                started = time.perf_counter()
                ask(searcher, fields, each)
                taken[place] = min(taken[place], (time.perf_counter() - started) * 1e3)
        found["all"].append((taken[0], taken[1]))
        found["with facets" if each.facets else each.kind].append((taken[0], taken[1]))
    return found


def _at(values: list[float], share: float) -> float:
    return statistics.quantiles(values, n=100)[round(share * 100) - 1]


def _report(size: int, ours: Side, bare: Side, asked: list[Asked], *, built: bool) -> None:
    searchers = [(side.searcher(), side.schema) for side in (ours, bare)]
    print(f"{size:,} articles")
    for side in (ours, bare):
        speed = f"built at {size / side.seconds:,.0f} articles/s" if built else "built before"
        print(f"  {side.name:8} {side.size() / size / 1e3:6.2f} kB an article on disk, {speed}")
    _latencies(searchers[0], searchers[1], asked[:50])
    for kind, pairs in _latencies(searchers[0], searchers[1], asked).items():
        mine, other = ([pair[place] for pair in pairs] for place in (0, 1))
        print(
            f"  {kind:16} p50 {_at(mine, 0.5):7.2f} ms, bare {_at(other, 0.5):7.2f}; "
            f"p99 {_at(mine, 0.99):7.2f} ms, bare {_at(other, 0.99):7.2f} "
            f"({_at(mine, 0.99) / _at(other, 0.99):.2f} times)"
        )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(
        f"  at most {memory:,.0f} MB of memory, both writers and the mapped files among it",
        flush=True,
    )


def run(sizes: tuple[int, ...] = SIZES, keep: Path | None = None) -> None:
    """Build both indexes up to these sizes, and print what each costs.

    With ``keep`` the indexes stay in that folder, and those that an earlier run left there are asked
    as they are: a build takes long, and only the questions need a quiet machine.
    """
    asked = _queries(Articles(), random.Random(5))
    folder = keep or Path(tempfile.mkdtemp(prefix="newsbot-search-"))
    try:
        if keep and (keep / "size").exists():
            size = int((keep / "size").read_text())
            kept = Side("newsbot", keep, schema()), Side("bare", keep, _bare_schema())
            _report(size, *kept, asked, built=False)
            return
        made = Articles()
        ours = Side("newsbot", folder, schema())
        bare = Side("bare", folder, _bare_schema())
        count = 0
        for size in sizes:
            while count < size:
                some = [made.next() for _ in range(1_000)]
                ours.put(_entry(count + at, each) for at, each in enumerate(some))
                bare.put(_bare_entry(count + at, each) for at, each in enumerate(some))
                count += len(some)
            if keep:
                (keep / "size").write_text(str(count))
            _report(size, ours, bare, asked, built=True)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _entry(number: int, made: Made) -> str:
    document = Document.of(
        title=made.title,
        body=made.body,
        authors=("A. Writer",),
        source_ids=(made.source,),
        site=f"{made.source}.example",
        language=made.language,
        section=made.section,
        url=f"https://{made.source}.example/{number}",
        published_day=EPOCH + timedelta(days=made.day),
        seen=NOW + timedelta(seconds=number),
    )
    return entry(str(number), document, story=str(number // 2))


def _bare_entry(number: int, made: Made) -> str:
    fields = {
        "id": str(number),
        "title": made.title,
        "body": made.body,
        "by_source": made.source,
        "by_language": made.language,
        "by_section": made.section,
        "by_author": "A. Writer",
        "by_story": str(number // 2),
        "day": made.day,
        "seen": number,
    }
    return json.dumps(fields, ensure_ascii=False)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=list(SIZES))
    parser.add_argument("--keep", type=Path, help="leave the indexes here, or ask those that are")
    given = parser.parse_args()
    run(tuple(given.sizes), given.keep)
