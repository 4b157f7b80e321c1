"""Stories on a real MongoDB: what is linked stays one, whoever links it and in whatever order."""

import itertools
import random
import threading
from datetime import UTC, datetime, timedelta

from newsbot.archive import stories
from newsbot.archive.connection import Database

NOW = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)


def tell(database: Database, *names: str) -> None:
    """Store an article of each story, seen one after the other."""
    database.articles.insert_many(
        {"_id": f"article-{name}", "story": name, "first_seen": NOW + timedelta(minutes=number)}
        for number, name in enumerate(names)
    )


def test_a_story_stands_for_itself_until_it_is_linked(database: Database) -> None:
    tell(database, "b", "a")
    assert stories.heads(database, ["a", "b", "c"]) == {"a": "a", "b": "b", "c": "c"}
    assert stories.members(database, "a") == ["a"]
    assert stories.link(database, "a", "b", how="copy") == "b", "the first seen stands for both"
    assert stories.link(database, "b", "a", how="copy") == "b"
    assert stories.heads(database, ["a", "b"]) == {"a": "b", "b": "b"}
    assert stories.members(database, "a") == stories.members(database, "b") == ["a", "b"]
    assert database.stories.find_one({"_id": "b"})["first"] == "article-b"


def test_stories_linked_in_any_order_are_one(database: Database) -> None:
    for number, order in enumerate(itertools.permutations([(0, 1), (1, 2), (3, 4), (2, 4)])):
        names = [f"{number:02}-{each}" for each in (2, 0, 3, 1, 4)]
        database.articles.delete_many({})
        tell(database, *names)
        for one, other in order:
            stories.link(database, names[one], names[other], how="copy")
        assert set(stories.heads(database, names).values()) == {names[0]}
        assert stories.members(database, names[3]) == sorted(names)


def test_workers_that_link_at_once_agree(database: Database) -> None:
    names = [f"s{number:02}" for number in range(24)]
    tell(database, *names)
    pairs = list(itertools.pairwise(names[:12])) + list(itertools.pairwise(names[12:]))

    def work(seed: int) -> None:
        mine = list(pairs)
        random.Random(seed).shuffle(mine)
        for one, other in mine:
            stories.link(database, one, other, how="copy")

    workers = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    found = stories.heads(database, names)
    assert found == {name: names[0] if name in names[:12] else names[12] for name in names}
