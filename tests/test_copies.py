"""Copies in a real MongoDB: one article that moved, or another of the same story; whoever stores it."""

import multiprocessing
import random
from collections import Counter, defaultdict
from datetime import UTC, datetime

import attrs
import pytest

from newsbot.archive import articles, schema, stories
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database, connect
from newsbot.config import Config
from newsbot.items import Article
from newsbot.reading import Candidate
from newsbot.similarity import CROWD

NOW = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)
PLACES = ("Ellerton", "Oldbury", "Westport", "Kingsmere", "Holm", "Marsh", "Tarn", "Ashby", "Corby")
THINGS = ("crane", "ferry", "lighthouse", "market", "dock", "school", "bridge", "mill", "library")


def told(seed: int, sentences: int = 12) -> str:
    """Return a text of its own."""
    rng = random.Random(seed)
    words = [f"{place.lower()}{rng.randrange(10_000)}" for place in PLACES * 3]
    return "\n".join(
        f"In {rng.choice(PLACES)} the {rng.choice(THINGS)} was {rng.choice(words)} when "
        f"{' '.join(rng.choices(words, k=12))}."
        for _ in range(sentences)
    )


def article(
    path: str, body: str, *, source: str = "one", title: str = "A headline of it"
) -> Article:
    url = f"https://{source}.example/{path}"
    return Article(
        id=articles.article_id(url),
        url=url,
        fetched_url=url,
        source=source,
        fetched_at=NOW,
        title=title,
        body=body,
    )


def keep(database: Database, *found: Article) -> list[Kept]:
    judged = articles.judge(database, [*map(Candidate.of, found)])
    return articles.keep(database, judged, now=NOW)


def cut(body: str, lines: int) -> str:
    return "\n".join(body.splitlines()[:lines])


@pytest.mark.parametrize("at_once", [True, False])
def test_a_text_that_moved_is_one_article_and_the_old_address_leads_to_it(
    at_once: bool, database: Database
) -> None:
    first = article("a", told(1))
    moved = article("b", "Updated.\n" + told(1))
    kept = (
        keep(database, first, moved) if at_once else keep(database, first) + keep(database, moved)
    )
    assert [each.verdict for each in kept] == ["new", "duplicate"]
    assert kept[1].article.id == first.id
    stored = articles.get(database, first.id)
    assert stored is not None
    assert stored.record.also_at == (moved.url,)
    assert articles.count(database) == 1


@pytest.mark.parametrize("at_once", [True, False])
def test_a_copy_of_another_publisher_is_of_the_same_story_and_says_how_far_it_is(
    at_once: bool, database: Database
) -> None:
    found = [
        article("a", told(1)),
        article("a", cut(told(1), 8), source="two", title="Quite another headline"),
        article("a", "Agency. " + told(1), source="three"),
    ]
    kept = keep(database, *found) if at_once else [keep(database, each)[0] for each in found]
    assert len({each.record.story for each in kept}) == 1
    assert [each.record.copy_of for each in kept] == ["", found[0].id, found[0].id]
    assert kept[0].record.distance is None
    assert kept[1].record.distance == pytest.approx(1 / 3, abs=0.05)
    assert kept[2].record.distance == pytest.approx(0.0, abs=0.02)


def test_another_headline_at_the_same_publisher_loses_no_article(database: Database) -> None:
    kept = keep(
        database, article("a", told(1)), article("b", told(1), title="Wholly different words")
    )
    assert [each.verdict for each in kept] == ["new", "new"]
    assert len({each.record.story for each in kept}) == 1


def test_texts_that_share_little_are_stories_of_their_own(database: Database) -> None:
    kept = keep(database, *(article(str(seed), told(seed)) for seed in range(6)))
    assert len({each.record.story for each in kept}) == 6


def test_an_article_whose_text_became_another_is_found_by_what_it_says_now(
    database: Database,
) -> None:
    first = article("a", told(1))
    articles.finish(database, keep(database, first))
    keep(database, attrs.evolve(first, body=told(2)))
    stored = articles.get(database, first.id)
    assert stored is not None
    (copy,) = keep(database, article("a", stored.article.body, source="two"))
    assert copy.record.story == stored.record.story


def test_articles_stored_before_texts_were_filed_are_found(database: Database) -> None:
    first = article("a", told(1))
    keep(database, first)
    database.prints.delete_many({})
    database.meta.update_one(
        {"_id": "schema"}, {"$set": {"version": schema.MIGRATIONS.index(schema._prints)}}
    )
    schema.upgrade(database.raw, database.sealer)
    schema.upgrade(database.raw, database.sealer)
    (copy,) = keep(database, article("a", cut(told(1), 9), source="two"))
    assert copy.record.copy_of == first.id


def test_a_text_of_which_many_are_stored_costs_no_more_and_is_still_found(
    database: Database,
) -> None:
    """Sixty publishers print one agency's report."""
    kept = [
        keep(database, article("a", f"Agency {n}.\n" + told(1), source=f"s{n}"))[0]
        for n in range(60)
    ]
    assert len({each.record.story for each in kept}) == 1
    (text, *_) = {key for each in database.prints.find({}) for key in each["keys"]}
    assert database.prints.count_documents({"keys": text}) <= CROWD


def most_under_a_key(database: Database) -> int:
    """Return how many texts are filed under the key that has the most."""
    return max(Counter(key for each in database.prints.find({}) for key in each["keys"]).values())


def test_a_template_whose_articles_are_edited_costs_no_more(database: Database) -> None:
    found = [article("a", f"{told(1)}\nTail {n}.", source=f"s{n}") for n in range(40)]
    for each in found:
        keep(database, each)
    edits = [attrs.evolve(each, body=f"{each.body}\nAnd more by the desk.") for each in found]
    assert [each.verdict for each in keep(database, *edits)] == ["edited"] * 40
    assert most_under_a_key(database) <= CROWD


def test_a_template_of_an_older_archive_costs_no_more_and_is_still_found(
    database: Database,
) -> None:
    keep(database, *(article("a", told(1), source=f"s{n}") for n in range(40)))
    database.prints.delete_many({})
    database.meta.update_one(
        {"_id": "schema"}, {"$set": {"version": schema.MIGRATIONS.index(schema._prints)}}
    )
    schema.upgrade(database.raw, database.sealer)
    assert most_under_a_key(database) == CROWD
    assert keep(database, article("a", cut(told(1), 9), source="t"))[0].record.copy_of


def families(count: int) -> list[Article]:
    """Return articles of which three of ten are copies, in an order of their own."""
    rng = random.Random(4)
    own = int(count * 0.7)
    made = [article(str(number), told(number, 8), source=f"s{number % 9}") for number in range(own)]
    while len(made) < count:
        number = rng.randrange(own)
        lines = told(number, 8).splitlines()
        source = f"t{len(made)}"
        body = "\n".join(rng.choice((lines[:7], ["(Agency)", *lines], lines[3:] + lines[:3])))
        made.append(article(f"{len(made)}", body, source=source))
    rng.shuffle(made)
    return made


def store(config: Config, found: list[Article], start: object = None, batch: int = 20) -> None:
    """Store articles as a worker does."""
    with connect(config) as database:
        if start is not None:
            start.wait()  # type: ignore[attr-defined]
        for at in range(0, len(found), batch):
            keep(database, *found[at : at + batch])


def told_apart(database: Database) -> set[frozenset[str]]:
    """Return the articles of each story."""
    stored = list(database.articles.find({}, {"story": 1}))
    heads = stories.heads(database, {each["story"] for each in stored})
    groups = defaultdict(set)
    for each in stored:
        groups[heads[each["story"]]].add(each["_id"])
    return {frozenset(group) for group in groups.values()}


def by_several(config: Config, count: int, processes: int = 4) -> tuple[int, int]:
    """Store articles from several processes at once, three of ten by two of them, and by one alone.

    Returns how many articles and stories there are; they are the same.
    """
    found = families(count)
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(processes)
    parts = [found[number::processes] for number in range(processes)]
    shared = [
        part + parts[(number + 1) % processes][: int(0.3 * len(part))]
        for number, part in enumerate(parts)
    ]
    workers = [spawn.Process(target=store, args=(config, part, start)) for part in shared]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert [each.exitcode for each in workers] == [0] * processes
    alone = config.model_copy(update={"database": config.database + "_alone"})
    store(alone, found)
    with connect(config) as database, connect(alone) as single:
        assert database.articles.count_documents({}) == count
        groups = told_apart(database)
        expected = told_apart(single)
        single.client.drop_database(single.name)
    assert groups == expected
    return count, len(groups)


def test_four_processes_at_once_tell_the_stories_that_one_tells(
    settings: Config, database: Database
) -> None:
    count, told_stories = by_several(settings, 160)
    assert told_stories == pytest.approx(0.7 * count, abs=2)
