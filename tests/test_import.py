"""Articles brought in: the same ones come out again, and bad records are told and left out."""

import gzip
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from newsbot.archive import articles, sources
from newsbot.archive.connection import Database, connect
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.export import formats
from newsbot.export.cells import settled
from newsbot.export.making import Wanted, export
from newsbot.importing.files import records
from newsbot.importing.records import incoming
from newsbot.search.follow import catch_up
from newsbot.search.results import Reader
from newsbot.text.dates import ParsedDate
from tests.conftest import Command
from tests.export_corpus import articles as made_up
from tests.export_corpus import sources as papers
from tests.here import Here

COUNT = 300
# What an archive decides for itself: when it stored an article, as which revision and of which story.
ITS_OWN = {"first_seen", "changed_at", "revision", "kinds", "story", "first_of_story"}


@pytest.fixture
def here(settings: Config) -> Here:
    return Here(settings)


def _export(
    config: Config, database: Database, path: Path, query: str = ""
) -> list[dict[str, Any]]:
    catch_up(config, database)
    form, packed = formats.of_file(path)
    wanted = Wanted(query=query, path=path, format=form, packed=packed)
    export(database, Reader(config, database), wanted)
    if form != "jsonl":
        return []
    text = gzip.decompress(path.read_bytes()) if packed else path.read_bytes()
    return [json.loads(line) for line in text.decode().splitlines()]


@pytest.fixture(scope="module")
def exported(
    server: Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Config, Database, Path]]:
    """An archive as crawls fill it, and what was exported of it in each format."""
    from newsbot.archive import imported
    from newsbot.archive.imported import Brought
    from newsbot.reading import read

    folder = tmp_path_factory.mktemp("import")
    config = server.model_copy(
        update={"data_dir": folder / "data", "database": "newsbot_test_import_from"}
    )
    with connect(config) as database:
        of = papers(12)
        sources.add_many(database, of)
        brought = [
            Brought(
                candidate=read(article),
                sources=record.sources,
                also_at=record.also_at,
                dated=True,
                deleted_at=record.deleted_at,
                text_expired_at=record.text_expired_at,
            )
            for article, record in made_up(COUNT, of, words=30)
        ]
        imported.keep(database, brought, now=datetime.now(UTC), watched=False)
        rows = _export(config, database, folder / "all.jsonl")
        assert len(rows) > COUNT * 0.9
        for name in ("all.csv", "all.parquet", "all.jsonl.gz"):
            _export(config, database, folder / name)
        yield config, database, folder
        database.client.drop_database(database.name)


@pytest.mark.parametrize("name", ["all.jsonl", "all.jsonl.gz", "all.csv", "all.parquet"])
def test_what_is_exported_imported_and_exported_is_the_same(
    exported: tuple[Config, Database, Path],
    here: Here,
    settings: Config,
    database: Database,
    tmp_path: Path,
    name: str,
) -> None:
    _, _, folder = exported
    done = here("import", str(folder / name), "--processes", "0")
    assert done.exit_code == 0, done.stderr
    before = [json.loads(line) for line in (folder / "all.jsonl").open(encoding="utf8")]
    after = _export(settings, database, tmp_path / "again.jsonl")
    assert len(after) == len(before)
    by_id = {row["id"]: row for row in after}
    for row in before:
        other = by_id[row["id"]]
        for column, value in row.items():
            if column in ITS_OWN:
                continue
            if name == "all.csv" and isinstance(value, str):
                value = settled(value)  # a cell closes what its text leaves open
            if column in ("sources", "also_at"):
                assert sorted(other[column]) == sorted(value), column
            else:
                assert other[column] == value, column


def test_an_import_of_the_same_file_changes_nothing(
    exported: tuple[Config, Database, Path], here: Here
) -> None:
    config, database, folder = exported
    before = list(database.articles.find({}))
    again = Here(config).json("import", str(folder / "all.jsonl"), "--processes", "0")
    assert again["counters"] == {"records": len(before), "known": len(before)}
    assert list(database.articles.find({})) == before
    assert database.revisions.count_documents({}) == 0


KILLED = """
import os, signal, sys
from newsbot.archive import replays
from newsbot.cli import main

save, last = replays.save, int(sys.argv[1])

def killed(database, progress):
    save(database, progress)
    if progress.offset >= last:
        os.kill(os.getpid(), signal.SIGKILL)

replays.save = killed
sys.argv = ["newsbot", *sys.argv[2:]]
main()
"""


def test_an_import_that_was_killed_goes_on(
    exported: tuple[Config, Database, Path], here: Here, database: Database
) -> None:
    file = str(exported[2] / "all.jsonl")
    total = exported[1].articles.count_documents({})
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, "200", "import", file, "--processes", "0"],
        env=Command(here.config).environment,
    )
    assert killed.returncode == -signal.SIGKILL
    assert database.articles.count_documents({}) == 200
    done = here("import", file, "--processes", "1")
    assert "Going on after record 200" in done.stdout
    assert f"{total - 200} new articles" in done.stdout
    assert database.articles.count_documents({}) == total


def _write(path: Path, *lines: object) -> Path:
    path.write_text(
        "".join(f"{each if isinstance(each, str) else json.dumps(each)}\n" for each in lines),
        encoding="utf8",
    )
    return path


def test_the_least_that_a_line_may_hold(here: Here, database: Database, tmp_path: Path) -> None:
    file = _write(
        tmp_path / "few.jsonl",
        {
            "url": "https://www.news.example/a?utm_source=x",
            "title": "A title",
            "body": "First paragraph.\nقال وزير الدفـ.ـاع.",
            "published": "2020-03-23T23:30:00-05:00",
            "author": "By Jane Doe and John Roe",
            "colour": "red",
        },
        {"url": "https://news.example/b", "title": "Only a title", "published": "2020-03-23"},
    )
    done = here("import", str(file))
    assert done.exit_code == 0, done.stderr
    assert "2 new articles" in done.stdout
    assert "colour (1)" in done.stdout
    kept = articles.at(database, "https://news.example/b")
    assert kept is not None
    assert kept.article.published == ParsedDate(date(2020, 3, 23), None, "import")
    (source,) = sources.everything(database)
    assert (source.name, source.state, source.next_due) == ("news.example", "paused", None)
    (first,) = (each for each in database.articles.find({}) if each["title"] == "A title")
    assert first["body"] == "First paragraph.\nقال وزير الدفاع."
    assert first["authors"] == ["Jane Doe", "John Roe"]
    assert first["published"]["day"] == "2020-03-23"
    assert first["published"]["instant"] == datetime(2020, 3, 24, 4, 30, tzinfo=UTC)


def test_bad_lines_are_told_with_their_place_and_the_others_taken(
    here: Here, database: Database, tmp_path: Path
) -> None:
    file = _write(
        tmp_path / "bad.jsonl",
        {"url": "https://news.example/a", "title": "good"},
        '{"url": "https://news.example/b", "title": ',
        "",
        {"title": "nowhere"},
        {"url": "news.example/c", "title": "no scheme"},
        {"url": "https://news.example/d"},
        {"url": "https://news.example/e", "title": "x", "published": "23 March"},
        {"url": "https://news.example/f", "title": "x", "published": "2020-03-23T10:00:00"},
        {"url": "https://news.example/g", "title": 7},
        ["a", "list"],
        {"url": "https://news.example/h", "title": "\u200b"},
        {"url": "https://news.example/i", "title": "good, too", "authors": {"a": 1}},
    )
    dry = here("import", str(file), "--dry-run")
    assert dry.exit_code == 1
    assert database.articles.count_documents({}) == 0
    done = here("import", str(file))
    assert done.exit_code == 1
    assert "1 new articles, 10 left out" in done.stdout
    for said in (
        "bad.jsonl, line 2: it is no JSON",
        "line 4: it has no `url`",
        "line 5: `url` is no web address: 'news.example/c'; write it as https://",
        "line 6: it has neither `title` nor `body`",
        "line 7: `published` is '23 March'; write a day as 2020-03-23",
        "line 8: `published` is '2020-03-23T10:00:00'; write a moment with its offset",
        "line 9: `title` is a number; give a text",
        "line 10: it is no JSON object",
        "line 11: neither its title nor its body has anything that can be read",
        "line 12: `authors` is an object; give a list of texts",
    ):
        assert said in done.stderr
    assert database.articles.count_documents({}) == 1


def test_what_the_archive_read_itself_stays(here: Here, database: Database, tmp_path: Path) -> None:
    line = {"url": "https://news.example/a", "title": "Title", "body": "As crawled. " * 30}
    fetched = {"fetched_at": "2026-03-02T10:00:00Z"}
    assert here("import", str(_write(tmp_path / "1.jsonl", line | fetched))).exit_code == 0
    # Without a word on when it was read, or read earlier, another text changes nothing.
    other = line | {"body": "Of somebody else. " * 30}
    earlier = other | {"fetched_at": "2026-03-01T10:00:00Z"}
    again = here.json("import", str(_write(tmp_path / "2.jsonl", other, earlier)))
    assert again["counters"] == {"records": 2, "known": 2}
    # Read later, it is an edit.
    later = other | {"fetched_at": "2026-03-03T10:00:00Z"}
    edited = here.json("import", str(_write(tmp_path / "3.jsonl", later)))
    assert edited["counters"]["edited"] == 1
    assert database.revisions.count_documents({}) == 1


def test_nobody_is_told_and_matches_are_on_record(
    here: Here, database: Database, tmp_path: Path
) -> None:
    assert here("alert", "add", "harbour", "harbour", "--webhook", "http://127.0.0.1:9/x").exit_code == 0  # fmt: skip
    file = _write(tmp_path / "a.jsonl", {"url": "https://news.example/a", "title": "The harbour"})
    done = here("import", str(file))
    assert "1 alert matches, of which nobody was told" in done.stdout, done.stderr
    assert database.outbox.count_documents({}) == 0
    assert [each["held"] for each in database.matches.find({})] == ["imported"]
    assert database.articles.count_documents({"pending": True}) == 0


def test_articles_are_those_of_the_source_that_is_named(
    here: Here, database: Database, tmp_path: Path
) -> None:
    home = "https://coast.example/"
    sources.add(
        database,
        Source(id=sources.source_id(home), name="Coast", homepage=home, added_at=datetime.now(UTC)),
    )
    file = _write(
        tmp_path / "a.jsonl",
        {"url": "https://coast.example/a", "title": "One"},
        {"url": "https://wire.example/b", "title": "Two", "source": "coast"},
        {"url": "https://wire.example/c", "title": "Three", "source": "The Wire"},
    )
    assert here("import", str(file)).exit_code == 0
    found = {each["title"]: each["source"] for each in database.articles.find({})}
    assert found["One"] == found["Two"] == sources.source_id(home)
    assert found["Three"] == sources.source_id("https://wire.example/")
    assert {each.name for each in sources.everything(database)} == {"Coast", "The Wire"}
    refused = here("import", str(file), "--source", "nobody")
    assert refused.exit_code == 1
    assert "there is no source 'nobody'" in refused.stderr


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_spreadsheets_own_separator_is_told(tmp_path: Path, separator: str) -> None:
    file = tmp_path / "a.csv"
    rows = (("title", "url"), ('"a, b; c"', "https://a.example/"))
    file.write_text("".join(f"{separator.join(row)}\r\n" for row in rows), encoding="utf-8-sig")
    (found,) = records(file, "csv", packed=False)
    assert found.fields == {"title": "a, b; c", "url": "https://a.example/"}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("torn.jsonl.gz", gzip.compress(b'{"url": "https://a.example/1", "title": "x"}\n' * 9, mtime=0)[:-12], "cut off"),
        ("no.jsonl.gz", b"plain", "damaged or cut off"),
        ("no.parquet", b"plain", "cannot be read"),
        ("bare.csv", b"address,title\r\nhttps://a.example/1,x\r\n", "no column `url`"),
        ("latin.csv", "url,title\r\nhttps://a.example/1,caf\xe9\r\n".encode("latin-1"), "not UTF-8"),
    ],
)  # fmt: skip
def test_a_file_that_breaks_says_so(
    here: Here, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    done = here("import", str(tmp_path / name))
    assert done.exit_code == 1
    assert said in done.stderr


def test_a_spreadsheets_rows_are_taken_too(here: Here, database: Database, tmp_path: Path) -> None:
    file = tmp_path / "few.csv"
    file.write_text(
        "url,title,body,authors\n"
        'https://news.example/a,\'=1+1,"First\nsecond",Jane Doe\n'
        "https://news.example/b,short\n",
        encoding="utf-8-sig",
    )
    done = here("import", str(file))
    assert "row 2 (line 4): it has 2 cells where the header has 4" in done.stderr
    (stored,) = database.articles.find({})
    assert (stored["title"], stored["body"]) == ("=1+1", "First\nsecond")
    assert stored["authors"] == ["Jane Doe"]


def test_a_line_too_long_to_be_read_costs_that_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsbot.importing.files.LONGEST", 100)
    file = _write(tmp_path / "a.jsonl", {"url": "1"}, {"url": "x" * 350}, {"url": "3"})
    found = list(records(file, "jsonl", packed=False))
    assert [(each.number, each.fields and each.fields["url"]) for each in found] == [
        (1, "1"),
        (2, None),
        (3, "3"),
    ]
    assert "longer than 100 bytes" in found[1].wrong
    assert [each.number for each in records(file, "jsonl", packed=False, skip=2)] == [3]


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        (
            "a.jsonl",
            b'{"url": "https://news.example/a", "title": "a", "n": ' + b"1" * 5_000 + b"}\n",
        ),
        ("a.csv", b"https://news.example/a,a," + b"[" * 200_000 + b"\n"),
    ],
    ids=["a number of 5,000 digits", "a cell nested too deeply"],
)
def test_a_record_that_json_does_not_read_holds_up_no_other(
    tmp_path: Path, name: str, bad: bytes
) -> None:
    file = tmp_path / name
    if name.endswith(".csv"):
        good = b"https://news.example/b,b,\n"
        file.write_bytes(b"url,title,tags\n" + bad + good)
    else:
        good = b'{"url": "https://news.example/b", "title": "b"}\n'
        file.write_bytes(bad + good)
    found = list(records(file, formats.of_file(file)[0], packed=False))
    assert [each.number for each in found] == [1, 2]
    assert found[1].fields is not None
    assert found[1].fields["title"] == "b"


@pytest.mark.parametrize(
    "moments",
    [
        pa.array([2**62, 0], pa.timestamp("us", tz="UTC")),
        pa.array([2**30, 0], pa.date32()),
    ],
    ids=["a moment", "a day"],
)
def test_a_row_with_a_day_that_no_calendar_has_holds_up_no_other(
    tmp_path: Path, moments: pa.Array
) -> None:
    file = tmp_path / "a.parquet"
    urls = ["https://news.example/a", "https://news.example/b"]
    pq.write_table(pa.table({"url": urls, "published": moments}), file)
    bad, good = records(file, "parquet", packed=False)
    assert "one of its cells is not understood" in bad.wrong
    assert good.fields is not None
    assert good.fields["url"] == urls[1]


@pytest.mark.parametrize(
    "field",
    [
        *("source", "sources", "authors", "tags", "section", "publisher", "language", "partial"),
        *("title", "body", "title_as_published", "body_as_published", "description"),
        *("fetched_url", "also_at", "images"),
    ],
)
def test_half_a_character_holds_up_no_record(
    here: Here, database: Database, tmp_path: Path, field: str
) -> None:
    half = "https://news.example/x\ud83d"
    told = [half] if field in ("sources", "authors", "tags", "also_at") else half
    bad = {"url": "https://news.example/a", "title": "a storm", "body": "rain"}
    bad[field] = [{"url": half, "caption": half}] if field == "images" else told  # type: ignore[assignment]
    file = _write(tmp_path / "a.jsonl", bad, {"url": "https://news.example/b", "title": "b"})
    here("import", str(file))
    assert database.articles.find_one({"url": "https://news.example/b"}) is not None


@pytest.mark.parametrize(
    ("column", "instant"),
    [
        (pa.array([1_584_925_200_000_000], pa.timestamp("us", tz="Asia/Baghdad")), True),
        (pa.array([1_584_921_600_000_000], pa.timestamp("us")), False),
        (pa.array([18_344], pa.date32()), False),
    ],
    ids=["a moment", "a day as a moment without a zone", "a day"],
)
def test_a_parquet_files_own_moments_and_days_are_taken(
    tmp_path: Path, column: pa.Array, instant: bool
) -> None:
    file = tmp_path / "a.parquet"
    table = {"url": ["https://news.example/a"], "title": ["a"], "published": column}
    pq.write_table(pa.table(table), file)
    (found,) = records(file, "parquet", packed=False)
    assert found.fields is not None
    published = incoming(found.fields, now=datetime.now(UTC)).article.published
    at = datetime(2020, 3, 23, 1, tzinfo=UTC) if instant else None
    assert published == ParsedDate(date(2020, 3, 23), at, "import")
    assert published is not None
    assert type(published.day) is date
