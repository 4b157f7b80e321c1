"""The archive from Python."""

import json
from collections.abc import Callable
from pathlib import Path

from newsbot.archive.connection import Database
from newsbot.client import Archive
from newsbot.config import Config
from tests.conftest import Command, Site
from tests.test_crawl import _story


def test_an_analyst_searches_reads_and_takes_away(
    make_site: Callable[[], Site],
    newsbot: Command,
    database: Database,
    settings: Config,
    tmp_path: Path,
    monkeypatch: object,
) -> None:
    site = make_site()
    site.write("index.html", '<a href="/a/1.html">A first story of the day</a>')
    site.write("a/1.html", _story("A first story of the day", "The harbour opened at dawn."))
    assert newsbot("crawl", site.base).returncode == 0
    monkeypatch.setenv("NEWSBOT_DATABASE", database.name)  # type: ignore[attr-defined]

    with Archive(settings.mongodb_uri, data_dir=settings.data_dir) as archive:
        (kept,) = archive.search('"harbour opened"')
        assert archive.article(kept.article.id) == kept.article
        assert archive.article("0" * 24) is None
        assert archive.history(kept.article.id) == []
        assert archive.export("harbour", tmp_path / "found.jsonl") == 1

    (line,) = (tmp_path / "found.jsonl").read_text(encoding="utf8").splitlines()
    assert json.loads(line)["title"] == "A first story of the day"
    out = tmp_path / "again.jsonl"
    assert "1 articles" in newsbot("export", "harbour", "--to", str(out)).stdout
    assert out.read_text(encoding="utf8") == line + "\n"
    refused = newsbot("export", "harbour", "--to", str(tmp_path / "no" / "where.jsonl"))
    assert refused.returncode == 1
    assert "cannot be written" in refused.stderr
