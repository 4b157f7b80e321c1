"""How many stories an answer tells of: exactly, however many articles it finds."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import tantivy

from newsbot.archive import reader_marks, stories
from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.query import Document
from newsbot.search.follow import catch_up
from newsbot.search.index import Generation, entry, key_of, switch
from newsbot.search.linked import Linked
from newsbot.search.listing import Listing
from newsbot.search.results import Reader
from newsbot.web import now
from newsbot.web.first_steps import Beginning
from tests.constructed import keep, made

NOW = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)


def index(root: Path, told: list[str], *, commits: int = 3) -> Generation:
    """Put an index in place that has an article of each of these stories, in several segments."""
    generation = Generation.create(root)
    writer = generation.index.writer(32_000_000, 1)
    for number, story in enumerate(told):
        document = Document.of(title="Storm", body="", seen=NOW + timedelta(seconds=number))
        writer.add_json(entry(f"{number:08}", document, story=story))
        if number % (len(told) // commits) == 0:
            writer.commit()
    writer.commit()
    generation.index.reload()
    switch(root, generation)
    return generation


def link(database: Database, *pairs: tuple[str, str]) -> None:
    """Make stories one, the first of each pair the one that stands for both."""
    for number, name in enumerate(dict.fromkeys(each for pair in pairs for each in pair)):
        seen = NOW + timedelta(minutes=number)
        article = {"_id": f"article-{name}", "story": name, "first_seen": seen}
        database.articles.replace_one({"_id": article["_id"]}, article, upsert=True)
    for first, later in pairs:
        stories.link(database, later, first, how="copy")


def test_stories_are_counted_among_more_than_a_thousand_articles(
    settings: Config, database: Database
) -> None:
    told = [f"story {number // 2}" for number in range(3_000)]
    index(settings.index_dir, told)
    reader = Reader(settings, database)
    found = reader.stories("storm")
    assert (found.total, found.stories) == (3_000, 1_500)
    # What is found to be one meanwhile counts as one at once.
    link(database, ("story 7", "story 1200"), ("story 1200", "story 3"))
    assert reader.stories("storm").stories == 1_498
    assert Reader(settings, database).stories("storm").stories == 1_498


def test_the_count_is_that_of_the_heads_in_whatever_parts_it_is_made(
    settings: Config, database: Database
) -> None:
    rng = random.Random(7)
    names = [f"s{number}" for number in range(300)]
    told = [rng.choice(names) for _ in range(900)]
    generation = index(settings.index_dir, told)
    link(database, *((names[n], names[rng.randrange(n + 1, 300)]) for n in range(0, 200, 3)))
    linked = Linked(database, generation.folder)
    listing = Listing(
        database,
        generation.index.searcher(),
        generation.index.schema,
        tantivy.Query.all_query(),
    )
    expected = len(set(stories.heads(database, set(told)).values()))
    for at_once in (1, 7, 100, 1_000):
        assert listing.count_stories(900, linked, at_once=at_once) == expected


def test_links_are_kept_for_the_next_process_beside_the_index(
    settings: Config, database: Database
) -> None:
    generation = index(settings.index_dir, ["a", "b", "c"], commits=1)
    database.stories.insert_many(
        {"_id": f"x{n}", "head": "x", "how": "copy", "linked_at": NOW} for n in range(1_000)
    )
    Linked(database, generation.folder).refresh()
    link(database, ("a", "b"))
    database.stories.delete_many({"head": "x"})
    later = Linked(database, generation.folder)
    later.refresh()
    assert later.apart(map(key_of, ("a", "b", "c", "x1", "x2", "x999"))) == (
        1,
        {key_of("a"), key_of("x")},
    )
    # One that is no such file is passed over.
    (generation.folder / "links").write_bytes(b"torn")
    anew = Linked(database, generation.folder)
    anew.refresh()
    assert anew.apart(map(key_of, ("a", "b", "c"))) == (1, {key_of("a")})


def test_the_first_page_counts_all_of_a_story_however_long_ago(
    settings: Config, database: Database
) -> None:
    wire = (
        "The storm took the roof off the old harbour hall and nobody was hurt, said the mayor. " * 3
    )
    day = NOW.date()
    keep(database, [made("one", "wire", day, "Storm takes roof", wire)], NOW)
    others = [made("one", f"n{n}", day, f"Report {n}", f"Word{n} of day {n}.") for n in range(90)]
    keep(database, others, NOW + timedelta(hours=1))
    late = [made(name, "wire", day, "Storm takes roof", wire) for name in ("two", "three")]
    keep(database, late, NOW + timedelta(hours=2))
    catch_up(settings, database)
    person = reader_marks.reader(database, "ada")
    told = now.look(Reader(settings, database), database, person, Beginning(database))
    first, *rest = told.stories
    assert (first.hit.kept.article.title, first.hit.more) == ("Storm takes roof", 2)
    assert len(rest) == now.STORIES - 1
    assert not any(each.hit.more for each in rest)
