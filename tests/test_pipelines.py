"""The stages that an article goes through, each by itself."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import attrs
import pytest
from itemadapter import ItemAdapter, is_item
from scrapy.exceptions import DropItem

from newsbot.items import Article
from newsbot.reading import normalize
from newsbot.spiders.extractors import Extractors
from pipelines.batching import Batcher
from pipelines.normalize import Normalize

ARTICLE = Article(
    id="x",
    url="HTTPS://News.example:443/a?utm_source=feed#top",
    fetched_url="https://news.example/a",
    source="s",
    fetched_at=datetime(2026, 3, 1, tzinfo=UTC),
    title="وقف  إطـ.ـلاق النـ.ـار",
    body="السطر\u200b الأول\n\n  السطر   الثاني ",
    authors=("Desk", "Desk", " "),
)


def test_an_article_is_an_item_that_itemadapter_understands() -> None:
    assert is_item(ARTICLE)
    adapter = ItemAdapter(ARTICLE)
    assert adapter["source"] == "s"
    assert set(adapter.field_names()) == {field.name for field in attrs.fields(Article)}
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        adapter["title"] = "changed"


def test_normalizing_makes_it_readable_and_keeps_what_was_published() -> None:
    done = normalize(ARTICLE)
    assert done.url == "https://news.example/a"
    assert done.title == "وقف إطلاق النار"
    assert done.title_as_published == "وقف إطـ.ـلاق النـ.ـار"
    assert done.body == "السطر الأول\nالسطر الثاني"
    assert done.body_as_published == "السطر\u200b الأول\nالسطر الثاني"
    assert done.authors == ("Desk",)
    assert normalize(done) == attrs.evolve(done, title_as_published=None, body_as_published=None)


def test_an_article_that_says_nothing_is_dropped() -> None:
    extractors = Extractors(0, timeout=10)
    empty = attrs.evolve(ARTICLE, title=" ", body="\n")
    with pytest.raises(DropItem, match="neither title nor text"):
        asyncio.run(Normalize(extractors).process_item(empty))
    extractors.close()


def test_items_that_come_together_are_worked_on_together() -> None:
    batches: list[Sequence[int]] = []

    def double(batch: Sequence[int]) -> list[int]:
        batches.append(batch)
        return [2 * number for number in batch]

    async def main() -> list[int]:
        batcher = Batcher(double, size=10, seconds=0.01)
        return await asyncio.gather(*(batcher.put(number) for number in range(25)))

    assert asyncio.run(main()) == [2 * number for number in range(25)]
    assert [len(batch) for batch in batches] == [10, 10, 5]


def test_what_goes_wrong_with_a_batch_is_told_to_each_of_its_items() -> None:
    def refuse(batch: Sequence[int]) -> list[int]:
        raise OSError(f"no room for {len(batch)}")

    async def main() -> list[BaseException | int]:
        batcher = Batcher(refuse, size=10, seconds=0.01)
        return await asyncio.gather(*(batcher.put(n) for n in range(3)), return_exceptions=True)

    assert [str(error) for error in asyncio.run(main())] == ["no room for 3"] * 3
