"""The page of changed pages: a publisher's markup is text there, whatever it is."""

from collections.abc import Iterator
from datetime import UTC, datetime

import attrs
import pytest
from fastapi.testclient import TestClient

from newsbot.archive import redesigns, sources
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.fetching.captures import Capture, Provenance
from newsbot.fetching.raw_files import RawFiles
from newsbot.items import Raw
from newsbot.redesign import Shown, Witness
from newsbot.web.app import create_app
from newsbot.web.live import Live

HOSTILE = "<html><script>document.title = 'owned'</script><h1 onclick=alert(1)>A & B</h1></html>"
NOW = datetime(2026, 3, 23, tzinfo=UTC)


@pytest.fixture
def page(settings: Config, database: Database) -> Iterator[TestClient]:
    with TestClient(create_app(settings, database, Live(settings, database))) as client:
        yield client


@pytest.fixture
def changed(settings: Config, database: Database) -> redesigns.ChangedPage:
    sources.add(database, Source(id="s", name="s", homepage="https://news.example/", added_at=NOW))
    files = RawFiles(
        settings.data_dir, user_agent="t", file_bytes=10**9, keep_bytes=0, keep_days=0, spare=0
    )
    raw = files.write(
        Capture(
            url="https://news.example/a",
            headers=((b"Content-Type", b"text/html; charset=utf-8"),),
            body=HOSTILE.encode(),
            at=NOW,
            provenance=Provenance(source="s"),
        )
    )
    files.close()
    shown = Shown(title=HOSTILE, begins=HOSTILE, at=NOW, raw=raw)
    gone = attrs.evolve(shown, raw=Raw(file="newsbot-20260101000000-00001-x.warc.gz", offset=0))
    said = Witness(
        article="a",
        url="https://news.example/a",
        landed="news.example/a",
        had=("text",),
        lost={"text": HOSTILE},
        before=gone,
        after=shown,
    )
    redesigns.keep(database, "s", "run", [said], now=NOW)
    (found,) = redesigns.of(database, "s")
    return found


def test_what_was_read_is_shown_as_text(page: TestClient, changed: redesigns.ChangedPage) -> None:
    told = page.get("/sources/s/redesign")
    assert told.status_code == 200
    assert "<script>document" not in told.text
    assert "&lt;script&gt;" in told.text


def test_markup_is_plain_text_in_a_sandbox(
    page: TestClient, changed: redesigns.ChangedPage
) -> None:
    told = page.get(f"/sources/s/redesign/{changed.id}/after")
    assert told.text == HOSTILE
    assert told.headers["content-type"] == "text/plain; charset=utf-8"
    assert told.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert told.headers["x-content-type-options"] == "nosniff"


def test_markup_that_is_not_kept_any_more_is_said_to_be_gone(
    page: TestClient, changed: redesigns.ChangedPage
) -> None:
    told = page.get(f"/sources/s/redesign/{changed.id}/before")
    assert told.status_code == 410
    assert "any more" in told.text
    assert page.get("/sources/s/redesign/other/after").status_code == 404
    assert page.get(f"/sources/s/redesign/{changed.id}/else").status_code in (404, 422)
