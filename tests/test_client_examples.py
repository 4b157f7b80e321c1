"""The examples in the docstrings of the Python API, run against a real archive."""

import doctest
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import newsbot.client
from newsbot.archive import articles, rules, sources
from newsbot.archive.connection import Database, connect
from newsbot.archive.rules import Rule
from newsbot.archive.sources import Source
from newsbot.client import Archive, MissingLibraryError
from newsbot.config import Config
from newsbot.items import Article, derived_id
from newsbot.reading import read
from newsbot.text.dates import ParsedDate

WIRE = "The ministers of all countries of the coast met in the capital on Monday to speak of fishing, of the sea, of ships, and of what is to be done."  # fmt: skip
STORIES = (
    ("وزير الدفاع الروسي في دمشق", "وصل وزير الدفـ.ـاع الروسي اليوم إلى دمشق.", "ar"),
    ("الأسواق مفتوحة", "فتحت الأسواق صباح اليوم أبوابها.", "ar"),
    ("Storm nears the harbour", "The storm is near the coast.", "en"),
    ("Ministers meet", WIRE, "en"),
    ("Coast countries speak of fishing", WIRE, "en"),
)


def _article(number: int, title: str, body: str, language: str) -> Article:
    url = f"https://paper{number}.example/story"
    return Article(
        id=derived_id("article", url),
        url=url,
        fetched_url=url,
        source=derived_id("source", f"https://paper{number}.example/"),
        fetched_at=datetime(2020, 3, 23 + number, tzinfo=UTC),
        title=title,
        body=body,
        published=ParsedDate(date(2020, 3, 23 + number)),
        language=language,
    )


def _fill(database: Database) -> None:
    made = [_article(number, *story) for number, story in enumerate(STORIES)]
    for each in made:
        home = each.url.removesuffix("story")
        name = each.url.split("/")[2]
        sources.add(
            database, Source(id=each.source, name=name, homepage=home, added_at=each.fetched_at)
        )
    rules.add(
        database,
        Rule(id="storms", name="storms", query="storm OR عاصفة", created_at=datetime.now(UTC)),
    )
    edit = _article(
        2,
        "Storm shuts the harbour",
        "The storm reached the coast at noon. The harbour is shut until Friday.",
        "en",
    )
    for each in (*made, edit):
        judged = articles.judge(database, [read(each)])
        articles.keep(database, judged, now=each.fetched_at, pending=False)


@pytest.fixture(scope="module")
def filled(server: Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    config = server.model_copy(
        update={
            "database": "newsbot_test_client",
            "data_dir": tmp_path_factory.mktemp("client"),
        }
    )
    with connect(config) as database:
        _fill(database)
        yield {
            "NEWSBOT_DATABASE": config.database,
            "NEWSBOT_DATA_DIR": str(config.data_dir),
            "NEWSBOT_MONGODB_URI": str(config.mongodb_uri),
        }
        database.client.drop_database(database.name)


EXAMPLES = [
    each for each in doctest.DocTestFinder().find(newsbot.client, "client") if each.examples
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_is_true(
    example: doctest.DocTest,
    filled: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in filled.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    assert "SKIP" not in (example.docstring or "")
    with Archive() as archive:
        example.globs = {"Archive": Archive, "archive": archive}
        result = doctest.DocTestRunner().run(example)
    assert result.attempted
    assert not result.failed, capsys.readouterr().out


def test_every_public_name_has_an_example() -> None:
    named = {each.name for each in EXAMPLES}
    public = {name for name in vars(Archive) if not name.startswith("_")}
    assert {f"client.Archive.{name}" for name in public} <= named


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_a_missing_library_is_named_with_what_to_install(
    name: str, filled: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for setting, value in filled.items():
        monkeypatch.setenv(setting, value)
    monkeypatch.setitem(__import__("sys").modules, name, None)
    with Archive() as archive, pytest.raises(MissingLibraryError, match=rf"newsbot\[{name}\]"):
        getattr(archive, f"to_{name}")()
