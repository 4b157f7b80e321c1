"""Articles for exports: texts made up of frequent words of many languages, and what readers trip over.

Everything follows from a number, so that each process makes the same ones.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice

from wordfreq import top_n_list

from newsbot.archive.articles import Record
from newsbot.archive.connection import Database
from newsbot.archive.records import to_document
from newsbot.archive.sources import Source, add_many
from newsbot.items import Article, Image, derived_id
from newsbot.text.dates import ParsedDate

LANGUAGES = ("ar", "en", "fa", "fr", "ru", "he", "de", "hi", "es", "zh")
BEGUN = datetime(2026, 3, 1, 6, 0, 0, 123_000, UTC)

# What a spreadsheet would calculate, what a reader would take for nothing, for a number or for a day,
# what ends a cell or a line, and what turns the direction.
TRAPS = (
    "=HYPERLINK(\"http://evil.example\",\"read on\")",
    "+49 30 1234",
    "-5 degrees",
    "@desk",
    "'=quoted",
    "''+1",
    "'tis the season",
    "＝１＋１",
    "NA",
    "NULL",
    "nan",
    "null",
    "true",
    "0012",
    "2020-03-23",
    "[]",
    "{}",
    'He said "no", twice',
    "a,b;c\td",
    "'",
    '"',
    "\\N",
    "\\",
    "emoji 👩‍👩‍👧 and \U00020bb7",
    "قال \u202eالوزير ثم",
    "ends \u2067אבג",
    "<b>bold</b> &amp; co",
)  # fmt: skip


@cache
def _words(language: str) -> list[str]:
    return [word for word in top_n_list(language, 3_000) if word.isalpha()]


def sources(count: int) -> list[Source]:
    """Return sources of distinct names and homepages."""
    return [
        Source(
            id=derived_id("source", f"https://paper{number}.example/"),
            name=f"Paper {number}" if number % 3 else f"صحيفة {number}",
            homepage=f"https://paper{number}.example/",
            added_at=BEGUN,
        )
        for number in range(count)
    ]


def articles(
    count: int, of: Sequence[Source], *, words: int = 60
) -> Iterator[tuple[Article, Record]]:
    """Yield articles with bodies of about so many words, and their records."""
    for number in range(count):
        yield _one(number, of, words)


def _one(number: int, of: Sequence[Source], words: int) -> tuple[Article, Record]:
    draw = random.Random(number)
    language = LANGUAGES[number % len(LANGUAGES)]
    vocabulary = _words(language)
    source = of[draw.randrange(len(of))]
    url = f"{source.homepage}news/{number}"
    paragraphs = [" ".join(draw.choices(vocabulary, k=max(1, words // 4))) + "." for _ in range(4)]
    title = " ".join(draw.choices(vocabulary, k=8))
    published_title = None
    trap = TRAPS[number % len(TRAPS)] if number % 5 == 0 else ""
    if trap:
        title = trap if number % 2 else f"{trap} {title}"
        published_title = f"{trap}\u202b{title}"
        paragraphs[0] = trap
    if number % 997 == 500:
        paragraphs += [paragraphs[1]] * (50_000 // len(paragraphs[1]))
    seen = BEGUN + timedelta(seconds=7 * (number // 3))
    day = (seen - timedelta(hours=number % 60)).date()
    published = None
    if number % 11:
        instant = seen - timedelta(minutes=number % 90) if number % 4 else None
        published = ParsedDate(day, instant, "json-ld" if instant else "text")
    article = Article(
        id=derived_id("article", url),
        url=url,
        fetched_url=f"{url}?from=feed",
        source=source.id,
        run="0" * 24,
        fetched_at=seen - timedelta(seconds=2),
        title=title,
        body="\n".join(paragraphs),
        title_as_published=published_title,
        body_as_published=f"{paragraphs[0]}\u200f\n…" if trap else None,
        authors=tuple(f"{draw.choice(vocabulary)} O'{draw.choice(vocabulary)}" for _ in range(number % 3)),
        published=published,
        modified=ParsedDate(seen.date()) if number % 13 == 0 else None,
        language=language,
        publisher=source.name if number % 2 else "",
        section="World, politics" if number % 7 == 0 else "",
        tags=tuple(draw.choices(vocabulary, k=number % 4)) + (("=cmd", 'a "b"') if trap else ()),
        description=paragraphs[1] if number % 6 == 0 else "",
        images=(Image(url=f"{url}.jpg", caption=trap),) if number % 9 == 0 else (),
        free=(None, True, False)[number % 3],
        partial="robots" if number % 17 == 0 else "",
        found_by="backfill" if number % 19 == 0 else "",
    )  # fmt: skip
    story = derived_id("story", str(number - number % 4 if number % 12 == 3 else number))
    record = Record(
        story=story,
        revision=1 + number % 2,
        content_hash=derived_id("content", url),
        body_hash=derived_id("body", url),
        first_seen=seen,
        changed_at=seen + timedelta(hours=number % 2),
        sources=(source.id, of[0].id) if number % 8 == 0 and source is not of[0] else (source.id,),
        kinds=("headline", "correction") if number % 2 else (),
        deleted_at=seen + timedelta(days=3) if number % 23 == 0 else None,
        text_expired_at=seen + timedelta(days=9) if number % 29 == 0 else None,
        also_at=(f"{url}?page=all",) if number % 10 == 0 else (),
    )
    return article, record


def fill(
    database: Database,
    count: int,
    *,
    words: int = 60,
    papers: int = 12,
    told: Callable[[Article, Record], object] = lambda _article, _record: None,
) -> None:
    """Put so many articles into an archive, as crawls of several sources would have.

    ``told`` is told of each.
    """
    of = sources(papers)
    assert add_many(database, of) == []
    made = articles(count, of, words=words)
    while some := list(islice(made, 500)):
        documents = [to_document(article) | to_document(record) for article, record in some]
        for each in documents:
            del each["pending"], each["quiet"]
        database.articles.insert_many(documents, ordered=False)
        for article, record in some:
            told(article, record)
