"""Queries that nobody would write: whether any raises what is no answer, and how long the slowest takes.

For 60 seconds random and mutated queries (all scripts, quotes, operators, nesting, lists) are parsed,
explained, written out and parsed again, asked of real articles one by one, and searched for in a real
archive of them. What is understood must be understood the same when it is written out.
"""

import gzip
import json
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from benchmarks.site import CASES, SHARED
from newsbot.alerts import lists as desk
from newsbot.archive import articles
from newsbot.archive.connection import Database, connect
from newsbot.config import Config
from newsbot.extraction import extract
from newsbot.items import Article
from newsbot.query import (
    Document,
    Percolator,
    Query,
    QuerySyntaxError,
    evaluate,
    parse,
    shown,
    spans,
)
from newsbot.query.explain import explain
from newsbot.query.terms import Lists
from newsbot.reading import Candidate
from newsbot.search.documents import Documents
from newsbot.search.follow import catch_up
from newsbot.search.lists import Lists as KnownLists
from newsbot.search.results import Reader
from newsbot.text import repair

SECONDS = 60.0
# No answer may take so long (seconds); one that does is asked twice more, and its best time counts.
SLOW = 1.0
# How many articles each query is asked of, one by one.
ASKED = 8
# Pages that are read for their articles, of each set.
PAGES = 60

T = TypeVar("T")

SIGNS = (
    *'()()"“”„«»「」（）-−–=*~@:/[]{}<>^?!|&+\\،؛　\'\u200f\u2066\n\x00\ud800￾',
    *("AND", "OR", "NOT", "NEAR/3", "ONEAR/20", "NEAR/999", "NEAR", "TO", "or", "near/2", "//", ".."),
    *("~3", "~999", "~1000", "*", "@names", "@forms", "@nobody", "@", ">7d", "<99999y", "2026-02-30"),
    *("title:", "body:", "author:", "tag:", "source:", "group:", "url:", "lang:ar", "has:date", "x:"),
    *("date:", "seen:", "date:>7d", "seen:<2h", "date:[2020-01-01 TO *]", "date:0000-00-00"),
)  # fmt: skip
SHAPES = (
    'storm AND ("{0} {1}" OR {2}*) -{3}',
    "({0} OR {1}) NEAR/5 ({2} OR {3})",
    '"{0} {1} {2} {3}"~20',
    "title:({0} OR @names) ONEAR/9 {1}",
    "@forms NEAR/9 {0}",
    '=x{0} date:[2001-01-01 TO 2026-12-31] lang:en "{1}* {2}*"',
    "NOT ({0} {1}) {2}",
    'url:{0} OR source:"{1}" OR author:{2} OR tag:{3}',
)


def run(seconds: float = SECONDS) -> None:
    """Ask for so many seconds; ends with an error where something was raised or took too long."""
    print(f"\nQueries that nobody would write, {seconds:.0f} seconds of them")
    with tempfile.TemporaryDirectory() as folder:
        config = Config(data_dir=Path(folder))
        with connect(config) as database:
            bodies = _fill(config, database)
            asking = _Asking(config, database)
            queries = _Queries(bodies)
            began = time.monotonic()
            while time.monotonic() - began < seconds:
                asking.ask(next(queries))
    asking.tell()
    if asking.raised or asking.slowest > SLOW:
        raise SystemExit("an answer was an exception, or too slow")


class _Asking:
    """Asks queries in every way, and keeps what went wrong and how long each way took at most."""

    def __init__(self, config: Config, database: Database) -> None:
        self._reader = Reader(config, database)
        self._lists: Lists = KnownLists.of(database).now().entries
        self._documents = _documents(database)
        self._chance = random.Random(3)
        self.asked = Counter[str]()
        self.raised: list[tuple[str, str]] = []
        self.longest: dict[str, tuple[float, str]] = {}

    @property
    def slowest(self) -> float:
        """Seconds of the slowest answer."""
        return max((took for took, _ in self.longest.values()), default=0.0)

    def ask(self, query: str) -> None:
        """Ask a query in every way."""
        now = datetime.now(UTC)
        self.asked["queries"] += 1
        tree: Query | None = self._timed("parse", query, partial(parse, query, self._lists))
        if tree is None:
            return
        self.asked["understood"] += 1
        self._timed("explain", query, partial(explain, tree, now=now))
        again = self._timed("written out", query, lambda: parse(shown(tree), self._lists))
        if again != tree:
            self.raised.append((query, f"is written out as {shown(tree)!r}, which means another"))
        for document in self._chance.sample(self._documents, ASKED):
            evaluating = partial(evaluate, tree, document, now=now)
            self.asked["hits"] += bool(self._timed("evaluate", query, evaluating))
            self._timed("spans", query, partial(spans, tree, document))
        self._timed("percolator", query, partial(Percolator, {"rule": tree}))
        if self._timed("search", query, partial(self._reader.search, query)) is None:
            self.asked["refused by the search"] += 1

    def _timed(self, what: str, query: str, does: Callable[[], T]) -> T | None:
        found, took = self._once(query, does)
        for _ in range(2):  # a machine that is busy may hold one up
            if took > SLOW:
                self.asked["asked again for their time"] += 1
                took = min(took, self._once(query, does)[1])
        if took > self.longest.get(what, (0.0, ""))[0]:
            self.longest[what] = (took, query)
        return found

    def _once(self, query: str, does: Callable[[], T]) -> tuple[T | None, float]:
        began = time.perf_counter()
        found: T | None = None
        try:
            found = does()
        except QuerySyntaxError as error:
            if not error.message or "^" not in error.explain():
                self.raised.append((query, "an error without a reason or a place"))
        except Exception:
            self.raised.append((query, traceback.format_exc()))
        return found, time.perf_counter() - began

    def tell(self) -> None:
        """Print what was asked and found."""
        print("  " + ", ".join(f"{count:,} {what}" for what, count in self.asked.items()))
        for what, (took, query) in self.longest.items():
            print(f"  slowest {what:12} {took * 1000:8.1f} ms  {query[:90]!r}")
        print(f"  exceptions: {len(self.raised)}")
        for query, why in self.raised[:5]:
            print(f"    {query!r}\n{why}")


class _Queries(Iterator[str]):
    """Queries without end, the same at every run."""

    def __init__(self, bodies: list[str]) -> None:
        self._chance = random.Random(8)
        self._bodies = [body.split() for body in bodies if body.split()]
        told = Path(__file__).parents[1] / "tests" / "data" / "malformed_queries.txt"
        blocks = told.read_text(encoding="utf8").split("\n\n")
        self._malformed = [block.split("\n")[0].strip() for block in blocks]
        self._made = (self._random, self._shaped, self._mutated, self._nested, self._long)

    def __next__(self) -> str:
        return self._chance.choices(self._made, weights=(30, 30, 25, 10, 5))[0]()

    def _word(self) -> str:
        words = self._chance.choice(self._bodies)
        return self._chance.choice(words)

    def _row(self, most: int) -> str:
        words = self._chance.choice(self._bodies)
        start = self._chance.randrange(len(words))
        return " ".join(words[start : start + self._chance.randint(1, most)])

    def _random(self) -> str:
        pieces = [
            self._word() if self._chance.random() < 0.4 else self._chance.choice(SIGNS)
            for _ in range(self._chance.randint(1, 20))
        ]
        return self._chance.choice(("", " ")).join(pieces)

    def _shaped(self) -> str:
        words = [self._word().strip("().,:?\"'“”؟«»") or "storm" for _ in range(4)]
        return self._chance.choice(SHAPES).format(*words)

    def _mutated(self) -> str:
        base = self._chance.choice((self._shaped, lambda: self._chance.choice(self._malformed)))()
        letters = list(base)
        for _ in range(self._chance.randint(1, 4)):
            at = self._chance.randrange(len(letters) + 1)
            kind = self._chance.randrange(4)
            if kind == 0 or not letters:
                letters.insert(at, self._chance.choice(SIGNS))
            elif kind == 1:
                letters.pop(at - 1)
            elif kind == 2:
                letters.insert(at, letters[at - 1])
            else:
                letters[at - 1 : at - 1] = letters[: self._chance.randint(0, 30)]
        return "".join(letters)

    def _nested(self) -> str:
        query = self._shaped()
        for _ in range(self._chance.randint(1, 36)):
            wrapped = ("({})", "title:({})", "NOT ({}) x", "-({})", "({}) OR {}", "{} AND ({})")
            shape = self._chance.choice(wrapped)
            query = shape.replace("{}", "\0", 1).replace("{}", self._word()).replace("\0", query)
        return query

    def _long(self) -> str:
        """Return one that takes as much as it can: rows, ranges of places, beginnings, alternatives."""
        row, many = self._row(400), self._chance.randint(2, 120)
        kind = self._chance.randrange(6)
        quoted = row.replace('"', "")
        if kind == 0:
            return f'"{quoted}"{self._chance.choice(("", "~5", "~999"))}'
        if kind == 1:
            near = f" {self._chance.choice(('NEAR/999', 'ONEAR/50'))} "
            sides = [" OR ".join(self._row(many).split()) for _ in range(2)]
            return near.join(f"({side})" for side in sides)
        if kind == 2:
            return " OR ".join(f"{self._word()[:2]}*" for _ in range(many))
        if kind == 3:
            return " ".join(self._word() for _ in range(many * 8))
        if kind == 4:
            return self._chance.choice(('"', "(", "-", "*", "~", "@", "ا", 'א"')) * many * 100
        return " OR ".join(f'"{self._row(8)}"~{many}' for _ in range(many))


def _documents(database: Database) -> list[Document]:
    made = Documents.of(database)
    ids = [each["_id"] for each in database.articles.find({}, {"_id": 1})]
    return [made.document(kept) for kept in articles.many(database, ids).values()]


def _fill(config: Config, database: Database) -> list[str]:
    """Store the articles of real pages and the labelled texts; returns the texts."""
    found = [*_pages(), *(_article(n, text) for n, text in enumerate(_labelled()))]
    now = datetime.now(UTC)
    for start in range(0, len(found), 200):
        batch = [Candidate.of(each) for each in found[start : start + 200]]
        articles.keep(database, articles.judge(database, batch), now=now, pending=False)
    desk.change(database, "names", lambda _: ("Putin", "بوتين", "Angela Merkel"), by="x", now=now)
    forms = ("the*", "وزير*", '"prime minister*"', "e-mail", "北京")
    desk.change(database, "forms", lambda _: forms, by="x", now=now)
    catch_up(config, database)
    print(f"  {Reader(config, database).count()} articles in the index")
    return [each.body for each in found]


def _pages() -> Iterator[Article]:
    for folder in sorted(CASES.iterdir()):
        labels = folder / "labels.jsonl"
        for line in labels.read_text(encoding="utf8").splitlines()[:PAGES]:
            label = json.loads(line)
            html = gzip.decompress((folder / "pages" / label["page"]).read_bytes())
            url = label.get("url") or f"https://{folder.name}.example/{label['page']}"
            read = extract(html, url)
            if read.body:
                yield Article(
                    id=articles.article_id(url),
                    url=url,
                    fetched_url=url,
                    source=folder.name,
                    fetched_at=datetime.now(UTC),
                    title=read.title or "",
                    body=read.body,
                    language=read.language or "",
                    published=read.published,
                    authors=tuple(read.authors),
                    tags=tuple(read.tags),
                )


def _labelled() -> list[str]:
    lines = (SHARED / "gold" / "matching.jsonl").read_text(encoding="utf8").splitlines()
    return [repair(json.loads(line)["text"]) for line in lines]


def _article(number: int, text: str) -> Article:
    url = f"https://labelled.example/{number}"
    return Article(
        id=articles.article_id(url),
        url=url,
        fetched_url=url,
        source="labelled",
        fetched_at=datetime.now(UTC),
        title=text[:60],
        body=text,
    )


if __name__ == "__main__":
    run(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS)
