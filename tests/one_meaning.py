"""Random queries and articles of eight languages, and whether all that decides a match agrees on them."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import attrs
import tantivy

from newsbot.archive.naming import Names
from newsbot.query import Document, Percolator, Query, QuerySyntaxError, evaluate, parse
from newsbot.search.index import entry, schema
from newsbot.search.lower import lower
from newsbot.text import repair

NOW = datetime(2026, 3, 1, 12, 0, 0, 123_456, tzinfo=UTC)

# Few words, so that they meet: plain ones, and such as have several readings or take several positions.
WORDS = {
    "ar": "إطلاق النار إطـ.ـلاق النـ.ـار وقف ووقف حماس ح.ماس بحرية حرية والد للوزير الوزير وزير قصف "
    "ٯصڡ الٮار ق-ص-ف أسد اسد كَتَبَ",
    "fa": "می‌شود میشود کتاب‌ها کتاب ها ایران جنگ صلح",
    "tr": "İstanbul istanbul Ankara'da Ankara savaş barış ılık",
    "de": "Straße strasse Zürich E-Mail Haus-tür Haus tür über",
    "zh": "北京 北京大学 大学 京 学 停火 東京 京都",
    "th": "ก็ ก ไทย ประเทศไทย น้ำ",
    "he": "צה\"ל צהל ארה״ב ארהב ג'ורג' שלום",
    "en": "who WHO e-mail email mail e U.S. us U.S.A. don't dont k1lled killed 3,500 3500 co-op coop "
    "storm storms stormy the a-b-c abc state-of-the-art rock'n'roll",
}
SIGNS = ("", "", "", "", ".", ",", "\n", " — ", "…", '"')


def text(rng: random.Random, language: str, most: int = 12) -> str:
    """Return a text of a few words of a language, some of another."""
    words = []
    for _ in range(rng.randint(1, most)):
        own = language if rng.random() < 0.9 else rng.choice(list(WORDS))
        words.append(rng.choice(WORDS[own].split()) + rng.choice(SIGNS))
    return " ".join(words)


def document(rng: random.Random) -> Document:
    """Return an article."""
    language = rng.choice(list(WORDS))
    seen = NOW - timedelta(hours=rng.randint(0, 240), microseconds=rng.randint(0, 2))
    host = rng.choice(("one.example", "www.two.example", "news.two.example"))
    return Document.of(
        title=repair(text(rng, language, 5)),
        body=repair(text(rng, language)),
        authors=[text(rng, language, 3) for _ in range(rng.randint(0, 2))],
        tags=[text(rng, language, 2) for _ in range(rng.randint(0, 2))],
        site=host.removeprefix("www."),
        language=rng.choice((language, f"{language}-XX", "")),
        section=rng.choice(("World", "Local  news", "")),
        url=f"https://{host}/{rng.choice(('news', 'sport'))}/{rng.randint(1, 3)}?q=1",
        published_day=None
        if rng.random() < 0.2
        else date(2026, 3, 1) - timedelta(days=rng.randint(-1, 9)),
        seen=seen,
    )


def word(rng: random.Random, language: str) -> str:
    """Return a word as a query asks for it: plain, only as written, or a beginning."""
    chosen = rng.choice(WORDS[language].split())
    kind = rng.random()
    if kind < 0.1:
        return f"={chosen}"
    if kind < 0.25:
        return f"{chosen[: rng.randint(2, 4)].rstrip('.-')}*"
    return chosen


def phrase(rng: random.Random, language: str) -> str:
    """Return a phrase, now and then in any order."""
    words = [rng.choice(WORDS[language].split()) for _ in range(rng.randint(1, 4))]
    if rng.random() < 0.2:
        place = rng.randrange(len(words))
        words[place] = f"{words[place][:2]}*"
    slop = f"~{rng.randint(0, 4)}" if rng.random() < 0.4 else ""
    return f'"{" ".join(words)}"{slop}'


def placed(rng: random.Random, language: str, depth: int) -> str:
    """Return what may stand beside NEAR."""
    kind = rng.random()
    if depth and kind < 0.3:
        return f"({placed(rng, language, depth - 1)} OR {placed(rng, language, depth - 1)})"
    if kind < 0.6:
        return phrase(rng, language)
    return rng.choice(WORDS[language].split())


def query(rng: random.Random, language: str, depth: int = 3) -> str:
    """Return a query; now and then one that is none."""
    kind = rng.random()
    if not depth or kind < 0.2:
        field = rng.choice(("", "", "", "title:", "body:", "author:", "tag:"))
        return field + (word if rng.random() < 0.5 else phrase)(rng, language)
    inner = (query(rng, language, depth - 1) for _ in range(2))
    if kind < 0.4:
        near = f"{rng.choice(('NEAR', 'ONEAR'))}/{rng.choice((1, 2, 3, 4, 5, 6, 150))}"
        return f"({placed(rng, language, 1)} {near} {placed(rng, language, 1)})"
    if kind < 0.55:
        return f"({next(inner)} AND {next(inner)})"
    if kind < 0.7:
        return f"({next(inner)} OR {next(inner)})"
    if kind < 0.8:
        return f"({next(inner)} NOT {next(inner)})"
    return rng.choice(
        (
            f"lang:{language}",
            "has:date",
            f"date:2026-02-{rng.randint(20, 28)}",
            "date:[* TO 2026-02-25]",
            f"date:<{rng.randint(1, 9)}d",
            f"seen:>{rng.randint(1, 200)}h",
            "seen:2026-02-27",
            "url:two.example/news",
            "source:one.example",
            'section:"local news"',
        )
    )


@attrs.frozen
class Disagreement:
    """A query on which the evaluator and another differ, and an article of which they do."""

    query: str
    who: str
    article: Document


class Room:
    """Articles, in an index of their own."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = documents
        self._schema = schema()
        self._index = tantivy.Index(self._schema)
        writer = self._index.writer(30_000_000, 1)
        for number, each in enumerate(documents):
            writer.add_json(entry(str(number), each))
        writer.commit()
        self._index.reload()
        self._searcher = self._index.searcher()

    def found(self, tree: Query) -> tuple[set[int], bool]:
        """Return the articles that the index finds, and whether it says these are the ones."""
        plan = lower(tree, self._searcher, self._schema, NOW, Names(()))
        hits = self._searcher.search(plan.query, limit=len(self.documents)).hits
        return {int(self._searcher.doc(address)["id"][0]) for _, address in hits}, plan.exact

    def judge(self, queries: Sequence[str]) -> tuple[int, list[Disagreement]]:
        """Return how many pairs of a query and an article were decided, and where not alike."""
        trees: dict[str, Query] = {}
        for each in queries:
            try:
                trees[each] = parse(each)
            except QuerySyntaxError:
                continue
        meant = {
            each: {
                number
                for number, article in enumerate(self.documents)
                if evaluate(tree, article, now=NOW)
            }
            for each, tree in trees.items()
        }
        wrong = []
        for each, tree in trees.items():
            found, exact = self.found(tree)
            differing = found ^ meant[each] if exact else meant[each] - found
            wrong += [Disagreement(each, "index", self.documents[number]) for number in differing]
        fixed = {
            each: tree for each, tree in trees.items() if ":<" not in each and ":>" not in each
        }
        percolator = Percolator(fixed)
        for number, article in enumerate(self.documents):
            matched = set(percolator.match(article))
            wrong += [
                Disagreement(each, "percolator", article)
                for each in fixed
                if (each in matched) != (number in meant[each])
            ]
        return len(trees) * len(self.documents), wrong


def judged(seed: int, *, articles: int = 100, queries: int = 100) -> tuple[int, list[Disagreement]]:
    """Draw so many articles and queries, and return what ``Room.judge`` says of them."""
    rng = random.Random(seed)
    room = Room([document(rng) for _ in range(articles)])
    return room.judge([query(rng, rng.choice(list(WORDS))) for _ in range(queries)])
