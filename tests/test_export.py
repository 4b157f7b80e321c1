"""Articles taken away: the same in every format and by every reader, and the same if it was killed."""

import csv
import gzip
import hashlib
import io
import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from newsbot.archive import naming
from newsbot.archive.articles import Kept
from newsbot.archive.changes import scan
from newsbot.archive.connection import Database, connect
from newsbot.cli import app
from newsbot.config import Config
from newsbot.export import formats
from newsbot.export.cells import settled
from newsbot.export.columns import COLUMNS, NAMES
from newsbot.export.making import Exported, Wanted, export
from newsbot.export.sampling import Draw, Sample
from newsbot.search.follow import catch_up
from newsbot.search.results import Reader
from tests.conftest import Command
from tests.export_corpus import articles, fill, sources
from tests.export_readers import READERS, canonical

COUNT = 2_000


@attrs.frozen
class Archived:
    """An archive of 2,000 articles, indexed."""

    config: Config
    database: Database
    reader: Reader

    def export(self, path: Path, query: str = "", **more: Any) -> Exported:
        form, packed = formats.of_file(path)
        wanted = Wanted(query=query, path=path, format=form, packed=packed, **more)
        return export(self.database, self.reader, wanted)


@pytest.fixture(scope="module")
def archived(server: Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archived]:
    config = server.model_copy(
        update={
            "data_dir": tmp_path_factory.mktemp("export"),
            "database": "newsbot_test_export",
            "lease_seconds": 10.0,
        }
    )
    with connect(config) as database:
        fill(database, COUNT, words=40)
        catch_up(config, database)
        yield Archived(config, database, Reader(config, database))
        database.client.drop_database(database.name)


@pytest.fixture
def command(archived: Archived) -> Command:
    return Command(archived.config)


# What is true of an article, said without the exporter's own code.


def _expected(kept: Kept, names: naming.Names, first: bool) -> dict[str, Any]:
    article, record = kept.article, kept.record

    def moment(value: Any) -> str | None:
        return value and value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03}Z"

    def name(source: str) -> str:
        family = names.family(source)
        return family.name if family else source

    def date(field: str) -> dict[str, Any]:
        found = getattr(article, field)
        return {
            f"{field}_day": found and found.day.isoformat(),
            f"{field}_at": found and moment(found.instant),
            f"{field}_from": found and found.source,
        }

    published = article.published
    return {
        **{each: getattr(article, each) for each in ("id", "url", "title", "body", "free")},
        **{
            each: getattr(article, each) or None
            for each in (
                *("publisher", "title_as_published", "body_as_published", "description"),
                *("language", "section", "partial", "found_by", "fetched_url"),
            )
        },
        **{each: list(getattr(article, each)) for each in ("authors", "tags")},
        **date("published"),
        **date("modified"),
        "published_precision": published and ("instant" if published.instant else "day"),
        # The corpus has no date that is not believed; tests/test_dates_not_believed.py has.
        "published_printed": None,
        "published_doubt": None,
        "source": name(article.source),
        "source_id": article.source,
        "sources": [name(each) for each in record.sources],
        "first_seen": moment(record.first_seen),
        "changed_at": moment(record.changed_at),
        "fetched_at": moment(article.fetched_at),
        "revision": record.revision,
        "kinds": list(record.kinds),
        "deleted_at": moment(record.deleted_at),
        "text_expired_at": moment(record.text_expired_at),
        "story": record.story,
        "first_of_story": first,
        "also_at": list(record.also_at),
        "images": [{"url": each.url, "caption": each.caption} for each in article.images],
    }


@pytest.fixture(scope="module")
def expected(archived: Archived) -> list[dict[str, Any]]:
    there = sorted(
        scan(archived.database, since=None),
        key=lambda kept: (kept.record.first_seen, kept.article.id),
    )
    names, told, rows = naming.read(archived.database), set[str](), []
    for kept in there:
        rows.append(_expected(kept, names, kept.record.story not in told))
        told.add(kept.record.story)
    return rows


@pytest.mark.parametrize(
    "name", ["all.jsonl", "all.csv", "all.parquet", "all.jsonl.gz", "all.csv.gz"]
)
def test_every_reader_reads_the_very_articles(
    archived: Archived, expected: list[dict[str, Any]], tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    assert archived.export(path).articles == COUNT
    cells = ".csv" in name
    wanted = expected
    if cells:  # a spreadsheet's cells close what texts leave open
        wanted = [
            {
                key: settled(value) if isinstance(value, str) else json.loads(settled(json.dumps(value, ensure_ascii=False)))
                for key, value in row.items()
            }
            for row in expected
        ]  # fmt: skip
    for reader, read in READERS.items():
        found = [canonical(row, cells=cells) for row in read(path)]
        assert len(found) == COUNT, reader
        for row, truth in zip(found, wanted, strict=True):
            assert row == truth, reader


def test_the_file_is_what_its_manifest_says(
    archived: Archived, expected: list[dict[str, Any]], tmp_path: Path
) -> None:
    path = tmp_path / "found.jsonl"
    done = archived.export(path, 'lang:ar has:date -"nothing of the kind"')
    manifest = json.loads((tmp_path / "found.jsonl.manifest.json").read_text(encoding="utf8"))
    assert manifest == done.manifest
    there = [row for row in expected if row["language"] == "ar" and row["published_day"]]
    assert len(there) > 100
    assert manifest["file"]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert manifest["file"]["bytes"] == path.stat().st_size
    assert manifest["query"] == {
        "typed": 'lang:ar has:date -"nothing of the kind"',
        "understood": 'lang:"ar" AND has:date AND NOT "nothing of the kind"',
    }
    counts = manifest["counts"]
    assert counts["found"] == counts["articles"] == len(there)
    assert counts["stories"] == len({row["story"] for row in there})
    assert counts["undated"] == 0
    assert counts["partial"] == sum(row["partial"] is not None for row in there)
    assert counts["by_source"] == dict(sorted(Counter(row["source"] for row in there).items()))
    assert manifest["archive"]["articles"] == COUNT
    assert manifest["archive"]["position"]
    assert manifest["archive"]["complete"] is True
    assert [each["name"] for each in manifest["columns"]] == list(NAMES)
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "found.jsonl",
        "found.jsonl.manifest.json",
    ]


def test_columns_can_be_chosen(archived: Archived, tmp_path: Path) -> None:
    archived.export(tmp_path / "few.csv", "lang:en", columns=("title", "id"), bom=False)
    assert (tmp_path / "few.csv").read_bytes().startswith(b"id,title\r\n")


# Killed

KILLED = """
import os, signal, sys
from pathlib import Path
from newsbot.archive.connection import connect
from newsbot.config import load_config
from newsbot.export import formats, making, telling
from newsbot.search.results import Reader

telling.CHUNK, making.NOTE_SECONDS = 100, 0.0
path, last = Path(sys.argv[1]), int(sys.argv[2])
form, packed = formats.of_file(path)

def progress(done, total):
    if last >= 0 and done >= last:
        os.kill(os.getpid(), signal.SIGKILL)

if last < 0:  # killed as the whole file is put in place
    from newsbot.export.draft import Draft
    before = Draft.remove
    Draft.remove = lambda self: os.kill(os.getpid(), signal.SIGKILL)

config = load_config()
with connect(config) as database:
    wanted = making.Wanted(query="", path=path, format=form, packed=packed)
    making.export(database, Reader(config, database), wanted, progress=progress)
"""


@pytest.mark.parametrize("name", ["all.csv.gz", "all.jsonl", "all.parquet"])
def test_an_export_that_was_killed_goes_on_and_is_the_same(
    archived: Archived,
    command: Command,
    tmp_path: Path,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("newsbot.export.telling.CHUNK", 100)
    whole = tmp_path / "whole" / name
    whole.parent.mkdir()
    archived.export(whole)
    path = tmp_path / name
    path.write_bytes(b"as it was")
    for last in (700, 1_500):
        killed = subprocess.run(
            [sys.executable, "-c", KILLED, str(path), str(last)], env=command.environment
        )
        assert killed.returncode == -signal.SIGKILL
        assert path.read_bytes() == b"as it was"
    with (tmp_path / f"{name}.part" / "data").open("ab") as data:
        data.write(b"torn")  # what a kill leaves between two words on how far it is
    done = archived.export(path)
    assert 1_300 < done.resumed_at <= 1_500
    assert path.read_bytes() == whole.read_bytes()
    truth = json.loads((whole.parent / f"{name}.manifest.json").read_text(encoding="utf8"))
    for told in ("asked_at", "finished_at"):
        del truth[told]
    assert {key: done.manifest[key] for key in truth} == truth
    assert not (tmp_path / f"{name}.part").exists()


def test_an_export_that_was_killed_at_its_very_end_is_put_in_place(
    archived: Archived, command: Command, tmp_path: Path
) -> None:
    path = tmp_path / "all.parquet"
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), "-1"], env=command.environment
    )
    assert killed.returncode == -signal.SIGKILL
    archived.export(path)
    assert pl.read_parquet(path).height == COUNT
    assert not (tmp_path / "all.parquet.part").exists()


def test_what_another_export_left_is_not_gone_on_with(
    archived: Archived, command: Command, tmp_path: Path
) -> None:
    path = tmp_path / "all.jsonl"
    subprocess.run([sys.executable, "-c", KILLED, str(path), "500"], env=command.environment)
    refused = command("export", "lang:ar", "--to", str(path))
    assert refused.returncode == 1
    assert "--from-start" in refused.stderr
    again = command("export", "lang:ar", "--to", str(path), "--from-start")
    assert again.returncode == 0, again.stderr
    assert all('"language":"ar"' in line for line in path.read_text("utf8").splitlines())


def test_an_article_that_is_removed_meanwhile_is_left_out_and_counted(
    server: Config, config: Config, database: Database, settings: Config, tmp_path: Path
) -> None:
    fill(database, 30)
    catch_up(settings, database)
    gone = next(articles(1, sources(12)))[0].id
    database.articles.delete_one({"_id": gone})
    wanted = Wanted(query="", path=tmp_path / "all.jsonl", format="jsonl")
    counts = export(database, Reader(settings, database), wanted).manifest["counts"]
    assert (counts["found"], counts["articles"], counts["removed_since"]) == (30, 29, 1)


# Samples


def _ids(path: Path) -> list[str]:
    return [json.loads(line)["id"] for line in path.read_text(encoding="utf8").splitlines()]


def test_the_same_seed_draws_the_same_sample_in_any_process(
    archived: Archived, command: Command, tmp_path: Path
) -> None:
    first, again, other = (tmp_path / f"{name}.jsonl" for name in ("first", "again", "other"))
    archived.export(first, sample=Sample(size=400, seed=7))
    done = command("export", "--all", "--to", str(again), "--sample", "400", "--seed", "7")
    assert "400 articles of 2000" in done.stdout, done.stderr
    archived.export(other, sample=Sample(size=400, seed=8))
    assert len(_ids(first)) == 400
    assert first.read_bytes() == again.read_bytes()
    # Two samples of a fifth have a fifth in common.
    assert 40 < len({*_ids(first)} & {*_ids(other)}) < 120


@pytest.mark.parametrize("by", ["day", "source"])
def test_a_sample_is_spread_as_its_strata_are_many(
    archived: Archived, expected: list[dict[str, Any]], tmp_path: Path, by: str
) -> None:
    path = tmp_path / "sample.jsonl"
    done = archived.export(path, sample=Sample(size=300, seed=3, by=by))  # type: ignore[arg-type]
    key = "published_day" if by == "day" else "source"
    rows = [json.loads(line) for line in path.read_text(encoding="utf8").splitlines()]
    assert len(rows) == 300
    drawn = Counter(row[key] or "undated" for row in rows)
    there = Counter(row[key] or "undated" for row in expected)
    for stratum, count in there.items():
        assert abs(drawn[stratum] - 300 * count / COUNT) < 1
    told = done.manifest["sample"]["strata"]
    assert told == {each: {"found": there[each], "drawn": drawn[each]} for each in sorted(there)}


def test_a_sample_changes_little_as_the_archive_grows() -> None:
    before, after = Draw(Sample(size=50, seed=1)), Draw(Sample(size=50, seed=1))
    for number in range(1_000):
        before.offer(f"{number:024x}")
        after.offer(f"{number:024x}")
    for number in range(1_000, 1_010):
        after.offer(f"{number:024x}")
    (one,), (other,) = before.drawn().values(), after.drawn().values()
    new = {f"{number:024x}" for number in range(1_000, 1_010)}
    assert len(one) == len(other) == 50
    assert other - one <= new


@given(st.dictionaries(st.text(max_size=3), st.integers(1, 40), min_size=1), st.integers(1, 200))
def test_a_sample_is_as_large_as_asked_and_each_stratum_gives_its_share(
    strata: dict[str, int], size: int
) -> None:
    draw = Draw(Sample(size=size, by="day"))
    for stratum, count in strata.items():
        for number in range(count):
            draw.offer(f"{stratum}{number}", stratum)
    drawn = {stratum: len(ids) for stratum, ids in draw.drawn().items()}
    total = sum(strata.values())
    assert sum(drawn.values()) == min(size, total)
    for stratum, count in strata.items():
        assert abs(drawn[stratum] - min(size, total) * count / total) < 1


def test_a_spreadsheet_meets_no_formula_and_no_lost_line(
    archived: Archived, tmp_path: Path
) -> None:
    path = tmp_path / "all.csv"
    archived.export(path)
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfid,url,")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert {len(row) for row in rows} == {len(NAMES)}
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert sum(cell.startswith("'=") for cell in cells) > 20


def test_packed_files_are_the_unpacked_ones(archived: Archived, tmp_path: Path) -> None:
    archived.export(tmp_path / "all.jsonl", "lang:ar")
    archived.export(tmp_path / "all.jsonl.gz", "lang:ar")
    assert gzip.decompress((tmp_path / "all.jsonl.gz").read_bytes()) == (tmp_path / "all.jsonl").read_bytes()  # fmt: skip


# The command


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["export", "--to", "x.csv"], "give a query, or --all"),
        (["export", "a", "--all", "--to", "x.csv"], "give a query, or --all"),
        (["export", "a", "--to", "x.xlsx"], "--format"),
        (["export", "a", "--to", "x.parquet.gz"], "packed in itself"),
        (["export", "a", "--to", "x.csv", "--columns", "id,colour"], "no column 'colour'"),
        (["export", "a", "--to", "x.csv", "--by", "day"], "--sample"),
    ],
)
def test_bad_usage_says_what_would_be_right(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_two_exports_to_one_file_do_not_mix(archived: Archived, tmp_path: Path) -> None:
    from newsbot.export.draft import Draft, DraftBusyError

    path = tmp_path / "all.jsonl"
    with Draft(path), pytest.raises(DraftBusyError, match="another export"):
        archived.export(path)
    assert archived.export(path, "lang:ar").articles == 200


def test_the_documentation_lists_the_columns() -> None:
    text = (Path(__file__).parents[1] / "docs" / "export.md").read_text(encoding="utf8")
    for column in COLUMNS:
        assert f"| `{column.name}` | {column.kind} | {column.meaning} |" in text
