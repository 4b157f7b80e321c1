"""A homepage is enough: every article of a site is found, by whatever entry point it has."""

from collections import Counter
from collections.abc import Iterator

import pytest

from newsbot.archive.connection import Database
from tests.conftest import Command
from tests.thousand import Thousand, today


@pytest.fixture(scope="module")
def thousand() -> Iterator[Thousand]:
    made = Thousand(today())
    yield made
    made.close()


def test_all_thousand_are_found_none_twice_and_nothing_else(
    thousand: Thousand, newsbot: Command, database: Database
) -> None:
    run = newsbot.json("crawl", thousand.base)
    assert run["state"] == "done", run
    kept = Counter(each["url"] for each in database.articles.find({}, {"url": 1}))
    older = {thousand.url(story) for story in thousand.older()}
    wanted = {thousand.url(story): story.kind for story in thousand.articles}
    missing = Counter(kind for url, kind in wanted.items() if url not in kept and url not in older)
    assert missing == {}

    source = newsbot.json("source", "list")[0]["name"]
    since = min(story.at for story in thousand.articles).date()
    walk = newsbot.json("crawl", source, "--since", str(since))
    assert walk["state"] == "done", walk
    assert walk["articles"] == len(older)

    kept = Counter(each["url"] for each in database.articles.find({}, {"url": 1}))
    assert sorted(wanted.keys() - kept.keys()) == []
    assert sorted(kept.keys() - wanted.keys()) == []
    assert max(kept.values()) == 1
    fetched = [thousand.requests[story.path] for story in thousand.articles]
    assert max(fetched) == 1
