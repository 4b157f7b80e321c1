"""The archive of a newsbot elsewhere, from Python: as one's own, asked over a real connection."""

import gzip
import http.server
import json
import threading
import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import attrs
import httpx
import pytest

from newsbot.alerts.checking import RuleFieldError
from newsbot.archive.articles import Kept
from newsbot.archive.connection import Database, connect
from newsbot.client import Archive
from newsbot.client.asking import Desk, RemoteError
from newsbot.client.remote import RemoteArchive
from newsbot.config import Config
from newsbot.export.columns import UnknownColumnError
from newsbot.export.streaming import stream
from newsbot.query import QuerySyntaxError
from newsbot.search.follow import catch_up
from newsbot.search.results import Reader
from tests.conftest import free_port
from tests.desks import desk
from tests.export_corpus import fill
from tests.test_client_examples import _fill
from tests.test_kills import wait_until


@pytest.fixture(scope="module")
def both(
    server: Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Archive, Archive]]:
    """The same archive twice: opened here, and asked at its desk."""
    config = server.model_copy(
        update={
            "database": "newsbot_test_remote",
            "data_dir": tmp_path_factory.mktemp("remote"),
        }
    )
    with connect(config) as database, pytest.MonkeyPatch.context() as patch:
        _fill(database)
        catch_up(config, database)
        patch.setenv("NEWSBOT_DATABASE", config.database)
        with (
            desk(config, database) as address,
            Archive(config.mongodb_uri, data_dir=config.data_dir) as here,
            Archive(address) as there,
        ):
            assert isinstance(there, RemoteArchive)
            assert not isinstance(here, RemoteArchive)
            yield here, there
        database.client.drop_database(database.name)


def told(kept: Kept) -> Kept:
    """Return what can be had from elsewhere of an article."""
    record = attrs.evolve(kept.record, content_hash="", body_hash="")
    return attrs.evolve(kept, article=attrs.evolve(kept.article, raw=None), record=record)


def test_what_is_read_there_is_what_is_read_here(both: tuple[Archive, Archive]) -> None:
    here, there = both
    everything = list(there)
    assert everything == [told(each) for each in here]
    assert len(everything) == 5
    for order in ("newest", "relevance"):
        found = list(there.search("storm OR عاصفة OR lang:en", order=order, limit=2))  # type: ignore[arg-type]
        assert found == [
            told(each)
            for each in here.search("storm OR عاصفة OR lang:en", order=order, limit=2)  # type: ignore[arg-type]
        ]
    edited = next(each for each in everything if each.record.revision == 2).article
    assert there.article(edited.id) == here.article(edited.id)
    assert there.article("0" * 24) is None
    assert there.history(edited.id) == here.history(edited.id)
    assert there.history("nix") == []
    assert there.facets("lang:en", by="month") == here.facets("lang:en", by="month")
    assert there.timeline("lang:ar", by="week") == here.timeline("lang:ar", by="week")


def test_alerts_there_are_those_here(both: tuple[Archive, Archive]) -> None:
    here, there = both
    assert there.alerts() == here.alerts()
    assert list(there.matches("storms", days=1)) == []
    with pytest.raises(KeyError, match="there is no alert 'nix'"):
        there.matches("nix")
    mine, theirs = (each.backtest("strom", noise__title_only=True) for each in both)
    assert (theirs.messages, theirs.ever, theirs.causes) == (0, 0, mine.causes)
    assert there.backtest("storms", timing__how="daily", timing__even_empty=True).digests == 30


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet", "jsonl.gz"])
def test_an_export_from_there_is_that_from_here(
    both: tuple[Archive, Archive], ending: str, tmp_path: Path
) -> None:
    files = [tmp_path / f"{name}.{ending}" for name in ("here", "there")]
    counts = [
        archive.export("lang:en", file, columns=["id", "title", "published_day"])
        for archive, file in zip(both, files, strict=True)
    ]
    assert counts == [3, 3]
    if ending == "parquet":
        assert both[1].to_arrow("lang:en") == both[0].to_arrow("lang:en")
    else:
        opened = gzip.open if ending.endswith("gz") else open
        read = [opened(file, "rb").read() for file in files]  # type: ignore[operator]
        assert read[0] == read[1]
    assert both[1].export("", tmp_path / "sample.csv", sample=2, seed=7) == 2


def test_what_cannot_be_is_raised_as_here(both: tuple[Archive, Archive], tmp_path: Path) -> None:
    there = both[1]
    with pytest.raises(QuerySyntaxError) as wrong:
        list(there.search('"never closed'))
    assert wrong.value.position == 0
    assert wrong.value.explain().splitlines()[1].strip() == "^"
    with pytest.raises(UnknownColumnError, match="no column 'nix'"):
        there.to_arrow(columns=["nix"])
    with pytest.raises(RuleFieldError) as field:
        there.backtest("storms", timing__zone="No/Where")
    assert list(field.value.problems) == ["timing"]
    with pytest.raises(ValueError, match="data folder"):
        Archive("https://desk.example", data_dir=tmp_path)
    with pytest.raises(ValueError, match="a token is for a desk's address"):
        Archive(token="t")
    with pytest.warns(UserWarning, match="in the open"):
        Archive("http://desk.example", token="t").close()


def test_an_address_where_no_newsbot_is_says_so() -> None:
    nobody = Desk(f"http://127.0.0.1:{free_port()}", None, patience=0.1)
    with pytest.raises(RemoteError, match="does not answer"):
        nobody.get("/articles")


class _Impatient(http.server.BaseHTTPRequestHandler):
    """Asks for patience twice, then answers; what it was sent is kept."""

    asked: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        self.asked.append(self.headers["authorization"])
        waits = len(self.asked) <= 2
        body = json.dumps({"items": [], "next": None}).encode()
        self.send_response((429, 503)[len(self.asked) - 1] if waits else 200)
        if waits:
            self.send_header("retry-after", "1")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


def test_who_is_asked_for_patience_waits_and_asks_again() -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), _Impatient) as slow:
        threading.Thread(target=slow.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{slow.server_port}"
        began = time.monotonic()
        with Archive(address, token="secret") as archive:
            assert archive.alerts() == []
        assert _Impatient.asked == ["Bearer secret"] * 3
        assert time.monotonic() - began >= 2
        slow.shutdown()


# Exports of many


@pytest.fixture(scope="module")
def many(own_archive: tuple[Config, Database]) -> Iterator[tuple[Config, Database, str]]:
    config, database = own_archive
    fill(database, 1_300, words=20)
    catch_up(config, database)
    with desk(config, database) as address:
        yield config, database, address


def test_a_long_export_is_never_whole_in_memory(many: tuple[Config, Database, str]) -> None:
    config, database, _ = many
    reader = Reader(config, database)
    for form in ("jsonl", "parquet"):
        tracemalloc.start()
        made = stream(database, reader, "", form, now=datetime.now(UTC))  # type: ignore[arg-type]
        sizes = [len(part) for part in made.data]
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert made.found == 1_300
        assert len(sizes) >= 2
        assert max(sizes) < sum(sizes)
        assert peak < 40_000_000


def test_an_export_ends_when_nobody_takes_it_any_more(many: tuple[Config, Database, str]) -> None:
    with httpx.stream("GET", f"{many[2]}/api/v1/export?format=csv") as answer:
        parts = answer.iter_raw()
        while sum(map(len, (next(parts), next(parts)))) < 20_000:
            pass
        assert _at_work()
    wait_until(lambda: not _at_work(), 20)


def _at_work() -> bool:
    return any(each.name.startswith("articles") for each in threading.enumerate())


def test_an_export_that_breaks_off_is_no_whole_file(
    many: tuple[Config, Database, str], tmp_path: Path
) -> None:
    _, database, address = many
    last = database.articles.find_one({}, sort=[("first_seen", -1)])
    assert last is not None
    database.articles.update_one({"_id": last["_id"]}, {"$unset": {"title": 1}})
    try:
        with Archive(address) as archive, pytest.raises(RemoteError, match="broke off"):
            archive.export("", tmp_path / "all.jsonl")
        assert list(tmp_path.iterdir()) == []
    finally:
        database.articles.update_one({"_id": last["_id"]}, {"$set": {"title": last["title"]}})
    with Archive(address) as archive:
        assert archive.export("", tmp_path / "all.jsonl") == 1_300
