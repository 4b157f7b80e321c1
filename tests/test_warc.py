"""Pages kept as they came: WARC files that others read, whatever happens to their writer."""

import errno
import gzip
import json
import os
import signal
import subprocess
import sys
import threading
from argparse import Namespace
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from newsbot.archive import articles
from newsbot.archive.connection import Database
from newsbot.discovery import Entry
from newsbot.fetching.captures import METADATA_TYPE, Capture, Provenance, read_provenance
from newsbot.fetching.raw_files import (
    NoRoomError,
    RawFiles,
    RawNotKeptError,
    closed_files,
    mend,
    path_of,
)
from newsbot.fetching.recorder import Recorder
from newsbot.text.dates import ParsedDate
from tests.conftest import Command, Site

NOW = datetime(2026, 3, 4, 5, 6, 7, 89_000, UTC)


def capture(number: int = 1, body: bytes = b"", **about: object) -> Capture:
    given = {
        "url": f"https://news.example/{number}?q=ä",
        "body": body or f"<p>Page {number}</p>".encode() * 50,
        "at": NOW,
        "headers": ((b"Content-Type", b"text/html; charset=utf-8"), (b"Set-Cookie", b"key=1")),
        "request_headers": ((b"User-Agent", b"newsbot"), (b"Cookie", b"key=1")),
        "ip": "192.0.2.7",
        "provenance": Provenance(
            source="s", name="news", entry=Entry(url="https://news.example/1")
        ),
    }
    return Capture(**{**given, **about})


def raw_files(folder: Path, **about: object) -> RawFiles:
    given = {"file_bytes": 10**9, "keep_bytes": 0, "keep_days": 0.0, "spare": 0}
    return RawFiles(folder, user_agent="newsbot/0.1", **{**given, **about})


def records(path: Path) -> list[tuple[str, dict[str, str], bytes]]:
    """Return type, header fields and block of a file's records, as warcio reads them."""
    with path.open("rb") as file:
        return [
            (each.rec_type, dict(each.rec_headers.headers), each.raw_stream.read())
            for each in ArchiveIterator(file, no_record_parse=True)
        ]


def check(*paths: Path) -> None:
    """Have warcio verify every record and every digest."""

    inputs = [str(path) for path in paths]
    checker = Checker(Namespace(inputs=inputs, verbose=False))
    for path in inputs:
        checker.process_one(path)
    assert checker.exit_value == 0


def test_a_page_is_a_request_a_metadata_and_a_response_record(tmp_path: Path) -> None:
    files = raw_files(tmp_path)
    packed = gzip.compress(b"<p>packed by the server</p>")
    encoding = ((b"Content-Encoding", b"gzip"), (b"Transfer-Encoding", b"chunked"))
    raw = files.write(capture(body=packed, headers=encoding))
    files.close()

    (path,) = closed_files(tmp_path)
    check(path)
    found = records(path)
    assert [kind for kind, _, _ in found] == ["warcinfo", "request", "metadata", "response"]
    _, fields, block = found[3]
    assert fields["WARC-Date"] == "2026-03-04T05:06:07.089Z"
    assert fields["WARC-IP-Address"] == "192.0.2.7"
    assert block.endswith(b"\r\n\r\n" + packed)
    assert b"Content-Encoding: gzip\r\n" in block
    assert b"chunked" not in block
    assert b"cookie" not in (block + found[1][2]).lower()
    with path.open("rb") as file:
        file.seek(raw.offset)
        assert next(iter(ArchiveIterator(file))).rec_type == "response"
    assert path_of(tmp_path, raw.file) == path


def test_metadata_says_with_which_link_a_page_came() -> None:
    from newsbot.fetching.captures import provenance_json

    entry = Entry(
        url="https://news.example/1",
        title="إطـ.ـلاق",
        published=ParsedDate(NOW.date(), NOW, "feed"),
        content="<p>The whole text</p>",
    )
    provenance = Provenance(source="s", run="r", entry=entry, part=2)
    block = provenance_json(provenance)
    back = read_provenance(block)
    assert back is not None
    assert back.entry is not None
    assert (back.entry.title, back.entry.published) == (entry.title, entry.published)
    assert (back.part, back.entry.content) == (2, "")
    assert b"whole text" not in block
    for broken in (b"", b"[]", b'{"part": "x"}', b"\xff"):
        assert read_provenance(broken) is None
    assert METADATA_TYPE.endswith("+json")


def test_the_same_answer_again_is_a_revisit(tmp_path: Path) -> None:
    files = raw_files(tmp_path)
    first = files.write(capture())
    again = files.write(capture(at=NOW + timedelta(hours=1)))
    changed = files.write(capture(body=b"<p>edited</p>"))
    files.close()

    (path,) = closed_files(tmp_path)
    check(path)
    kinds = [kind for kind, _, _ in records(path)]
    assert kinds.count("response") == 2
    fields = next(fields for kind, fields, _ in records(path) if kind == "revisit")
    assert fields["WARC-Profile"].endswith("identical-payload-digest")
    assert fields["WARC-Refers-To-Date"] == "2026-03-04T05:06:07.089Z"
    assert again == first != changed


def test_a_rendered_page_is_a_resource(tmp_path: Path) -> None:
    files = raw_files(tmp_path)
    files.write(capture(rendered=True))
    files.close()
    (path,) = closed_files(tmp_path)
    check(path)
    assert [kind for kind, _, _ in records(path)] == ["warcinfo", "metadata", "resource"]
    assert records(path)[2][1]["Content-Type"] == "text/html; charset=utf-8"


def test_files_are_begun_anew_by_size_and_by_day(tmp_path: Path) -> None:
    files = raw_files(tmp_path, file_bytes=5_000)
    for number in range(20):
        files.write(capture(number, body=os.urandom(1_000)))
    files.write(capture(99, at=NOW + timedelta(days=1)))
    files.close()
    paths = closed_files(tmp_path)
    check(*paths)
    assert {path.parent.name for path in paths} == {"2026-03-04", "2026-03-05"}
    assert len(paths) >= 5
    assert all(path.stat().st_size < 8_000 for path in paths)
    assert len({path.name for path in paths}) == len(paths)


def test_the_oldest_files_go_first(tmp_path: Path) -> None:
    files = raw_files(tmp_path, file_bytes=5_000, keep_bytes=12_000)
    for number in range(40):
        files.write(capture(number, body=os.urandom(1_000)))
    last = files.write(capture(99, body=os.urandom(1_000)))
    files.close()
    kept = closed_files(tmp_path)
    assert sum(path.stat().st_size for path in kept) < 25_000
    assert kept[-1].name == last.file
    files = raw_files(tmp_path, keep_days=1)
    files.write(capture())
    files.close()
    assert len(closed_files(tmp_path)) == 1


_WRITER = """
import sys
from pathlib import Path
from tests.test_warc import capture, raw_files
files = raw_files(Path(sys.argv[1]))
number = 0
while True:
    files.write(capture(number, body=bytes(str(number), "ascii") * 5_000))
    print(number, flush=True)
    number += 1
"""


def test_a_writer_that_is_killed_leaves_every_whole_page(tmp_path: Path) -> None:
    root = Path(__file__).parents[1]
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(tmp_path)], cwd=root, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    written = [int(writer.stdout.readline()) for _ in range(50)]
    (open_file,) = (tmp_path / "warc").glob("*/*.open")
    assert mend(tmp_path) == []  # it is another's, and alive
    os.kill(writer.pid, signal.SIGKILL)
    written += [int(line) for line in writer.stdout.read().split()]
    writer.wait()
    # A torn tail, as of a machine that went down in a write.
    with open_file.open("ab") as file:
        file.write(gzip.compress(b"WARC/1.1\r\nWARC-Type: response\r\n" * 90)[:60])

    (said,) = mend(tmp_path)

    assert "60 bytes" in said
    (path,) = closed_files(tmp_path)
    check(path)
    kinds = [kind for kind, _, _ in records(path)]
    assert kinds.count("response") >= len(written)
    assert mend(tmp_path) == []


class FullDisk:
    """Stands for a file on a disk that takes so many bytes and no more."""

    def __init__(self, file: object, room: int) -> None:
        self._file, self._room = file, room

    def write(self, data: bytes) -> int:
        if self._room <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = self._file.write(data[: self._room])
        self._room -= written
        return written

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)


def test_a_full_disk_leaves_the_file_whole_and_is_said(tmp_path: Path) -> None:
    files = raw_files(tmp_path)
    files.write(capture(1))
    files._file = FullDisk(files._file, 300)  # too little for the next page
    recorder = Recorder(files, tmp_path)
    with pytest.raises(RawNotKeptError, match="No space left"):
        recorder.keep(capture(2)).result(10)
    with pytest.raises(RawNotKeptError, match="No space left"):
        recorder.keep(capture(3)).result(10)
    recorder.close()
    (path,) = closed_files(tmp_path)
    check(path)
    assert [kind for kind, _, _ in records(path)].count("response") == 1


def test_the_last_of_the_disk_is_left_to_the_archive(tmp_path: Path) -> None:
    files = raw_files(tmp_path, spare=10**18)
    with pytest.raises(NoRoomError, match="GB left"):
        files.write(capture())
    assert closed_files(tmp_path) == []


def test_what_the_disk_does_not_keep_up_with_is_let_go_and_said(tmp_path: Path) -> None:
    files, wait = raw_files(tmp_path), threading.Event()
    write = files.write
    files.write = lambda capture: (wait.wait(10), write(capture))[1]  # type: ignore[method-assign]
    recorder = Recorder(files, tmp_path, waiting=3_000)
    kept = [recorder.keep(capture(n, body=b"x" * 1_000)) for n in range(10)]
    assert sum(each.done() and each.exception() is not None for each in kept) == 7
    wait.set()
    assert all(each.result(10) for each in kept[:3])
    recorder.close()


def test_a_crawl_keeps_its_pages_as_they_came_and_says_where(
    make_site: Callable[[], Site], newsbot: Command, database: Database
) -> None:
    site = make_site()
    site.write("index.html", '<a href="/a/1.html">A first story of the day</a>')
    text = "<p>The harbour opened at dawn, and ships that had waited for days came in.</p>" * 9
    site.write("a/1.html", f"<html><title>A first story of the day</title><body>{text}</body>")
    assert newsbot("crawl", site.base).returncode == 0

    data = Path(newsbot.environment["NEWSBOT_DATA_DIR"])
    (path,) = closed_files(data)
    check(path)
    kept = articles.at(database, f"{site.base}/a/1.html")
    assert kept is not None
    assert kept.article.raw is not None
    with (path_of(data, kept.article.raw.file) or Path()).open("rb") as file:
        file.seek(kept.article.raw.offset)
        record = next(iter(ArchiveIterator(file)))
        assert record.content_stream().read() == (site.root / "a/1.html").read_bytes()
    stamp = json.loads(records(path)[2][2])
    assert (stamp["source"], stamp["run"]) == (kept.article.source, kept.article.run)
