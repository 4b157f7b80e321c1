"""Pages are taken out of WARC files in place, and everybody goes on reading the files."""

import gzip
import json
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsbot.fetching import raw_erasure
from newsbot.fetching.raw_erasure import SMALLEST, Held, eraser, files_of, pages_in, tombstone
from newsbot.fetching.raw_files import RawNotKeptError, closed_files, raw_block
from tests.test_warc import capture, check, raw_files, records

NOW = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)


@given(st.integers(SMALLEST, 400_000))
@settings(max_examples=60, deadline=None)
def test_a_tombstone_is_a_whole_gzip_member_of_any_length(length: int) -> None:
    member, zeros = tombstone("a", length, "2027-01-02T03:04:05Z")
    assert len(member) == length
    unpacker = zlib.decompressobj(31)
    text = unpacker.decompress(member)
    assert unpacker.eof
    assert not unpacker.unused_data
    assert text.startswith(b"WARC/1.1\r\n")
    assert all(set(member[at : at + size]) == {0} for at, size in zeros)


@pytest.mark.parametrize("over", range(-10, 10))
@pytest.mark.parametrize("blocks", [1, 2])
def test_a_tombstone_is_whole_where_its_record_ends_at_the_edge_of_a_block(
    blocks: int, over: int
) -> None:
    member, zeros = tombstone("a", 18 + blocks * 65_540 + over, "2027-01-02T03:04:05Z")
    assert zlib.decompress(member, 31).endswith(b"\r\n\r\n")
    assert all(set(member[at : at + size]) == {0} for at, size in zeros)


def some_pages(folder: Path, *, close: bool = True) -> list[object]:
    files = raw_files(folder)
    found = [
        files.write(capture(number, body=f"<p>Secret {number}</p>".encode() * 4_000))
        for number in range(1, 4)
    ]
    found.append(files.write(capture(2, body=b"<p>Secret 2</p>" * 4_000)))  # a revisit of the same
    if close:
        files.close()
    return [files, *found]


def held(path: Path, number: int) -> list[Held]:
    wanted = f"https://news.example/{number}?"
    return [page for page in pages_in(path) if any(url.startswith(wanted) for url in page.urls)]


@pytest.mark.parametrize("closed", [True, False])
def test_a_page_is_erased_and_the_others_stay_where_they_are(tmp_path: Path, closed: bool) -> None:
    writer, first, second, third, _ = some_pages(tmp_path, close=closed)
    (path,) = files_of(tmp_path)
    before, size = path.read_bytes(), path.stat().st_size
    with eraser(tmp_path) as each:
        each.erase(path, held(path, 2), NOW)
    assert path.stat().st_size == size
    later = writer.write(capture(9)) if not closed else None
    writer.close()

    (path,) = closed_files(tmp_path)
    assert b"Secret 2" not in gzip.decompress(path.read_bytes())
    assert b"example/2" not in gzip.decompress(path.read_bytes())
    check(path)
    kinds = [kind for kind, _, _ in records(path)]
    assert kinds.count("response") == (2 if closed else 3)
    assert not held(path, 2)
    for raw in (first, third, *([later] if later else [])):
        assert raw_block(tmp_path, raw).startswith(b"HTTP/1.1 200")
    with pytest.raises(RawNotKeptError, match=r"removed from .* on 2027-01-02"):
        raw_block(tmp_path, second)
    after = path.read_bytes()
    assert after[: second.offset - 2_000] == before[: second.offset - 2_000]


def test_an_erasure_that_was_killed_is_carried_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some_pages(tmp_path)
    (path,) = files_of(tmp_path)
    real = raw_erasure.os.pwrite

    def torn(descriptor: int, data: bytes, offset: int) -> int:
        real(descriptor, data[:100], offset)
        raise KeyboardInterrupt

    with eraser(tmp_path) as each:
        monkeypatch.setattr(raw_erasure.os, "pwrite", torn)
        with pytest.raises(KeyboardInterrupt):
            each.erase(path, held(path, 2), NOW)
    monkeypatch.undo()
    assert json.loads((tmp_path / "warc" / "erasing.json").read_text())["file"] == path.name
    with eraser(tmp_path):
        pass
    check(path)
    assert b"Secret 2" not in gzip.decompress(path.read_bytes())
    assert not (tmp_path / "warc" / "erasing.json").exists()


def test_what_stands_behind_damage_is_found_and_the_damage_is_told(tmp_path: Path) -> None:
    _, _, second, _, _ = some_pages(tmp_path)
    (path,) = files_of(tmp_path)
    data = bytearray(path.read_bytes())
    data[second.offset + 40 : second.offset + 60] = bytes(20)
    path.write_bytes(data)
    told: list[object] = []
    found = [page.urls[0] for page in pages_in(path, told.append)]
    assert "https://news.example/3?q=%C3%A4" in found or any("/3" in url for url in found)
    assert told


def test_two_do_not_erase_at_once(tmp_path: Path) -> None:
    with eraser(tmp_path), pytest.raises(raw_erasure.BusyError), eraser(tmp_path):
        pass
