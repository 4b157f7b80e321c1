"""Files of captures as they are found: of others, packed in every way, chosen from, and damaged."""

import gzip
import io
import os
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import attrs
import brotli
import pytest

from benchmarks import ccnews
from benchmarks.ccnews import Crawled
from newsbot.archive import sources
from newsbot.archive.connection import Database
from newsbot.extraction import extract
from newsbot.replay.decoding import TooLargeError, unpack
from newsbot.replay.reader import UnreadableFileError
from newsbot.replay.wanted import Wanted
from tests.test_replay import into, read, story, warc
from tests.test_several_pages import page as page_of_several


@pytest.mark.parametrize("era", ["2017", "2020"])
def test_common_crawls_news_archive_gives_what_the_pages_give(
    era: ccnews.Era, shared: Path, tmp_path: Path, database: Database
) -> None:
    pages = list(ccnews.labelled("fundus_pub"))[:40]
    odd = [
        attrs.evolve(page, packed=place % 2 == 0, chunked=place % 3 == 0)
        for place, page in enumerate(pages)
    ]
    others = [
        Crawled("https://a.example/gone", story("Gone"), status="404 Not Found"),
        Crawled("https://a.example/x.pdf", b"%PDF-1.7 harbour", content_type="application/pdf"),
    ]
    path = tmp_path / "CC-NEWS-20200101000000-00001.warc.gz"
    ccnews.write(path, [*odd, *others], era=era)

    tally = into(database, path)

    expected = {}
    for place, page in enumerate(pages):
        moment = ccnews.FETCHED + timedelta(seconds=place + 1)
        found = extract(page.html, page.url, reference=moment)
        if found.is_article:
            expected[found.canonical_url] = found.published and found.published.day.isoformat()
    stored = {
        each["url"]: each["published"] and each["published"]["day"]
        for each in database.articles.find({})
    }
    assert stored == expected
    assert (tally["other_status"], tally["no_page"], tally["pages"]) == (1, 1, 40)
    # A source a host, which nobody polls.
    assert {each.state for each in sources.everything(database)} == {"paused"}
    assert len(sources.everything(database)) > 5


def test_pages_are_chosen_by_host_language_and_day(tmp_path: Path, database: Database) -> None:
    def dated(day: str) -> str:
        return f'<meta property="article:published_time" content="{day}T10:00:00Z">'

    german = "<p>Der Hafen wurde am Morgen wieder geöffnet, und die Schiffe kamen herein.</p>" * 9
    path = warc(
        tmp_path / "x.warc.gz",
        [
            (
                "https://www.a.example/1",
                story("One of the first of March", more=dated("2025-03-01")),
            ),
            (
                "https://sub.a.example/2",
                story("Two of the fifth of March", more=dated("2025-03-05")),
            ),
            ("https://nota.example/3", story("Three of another host", more=dated("2025-03-05"))),
            ("https://a.example/4", f"<html lang=de><title>Vier</title>{german}".encode()),
        ],
    )
    chosen = Wanted(
        hosts=frozenset({"a.example"}),
        languages=frozenset({"en"}),
        since=date(2025, 3, 2),
        until=date(2025, 3, 5),
    )
    tally = into(database, path, wanted=chosen)
    assert [each["url"] for each in database.articles.find()] == ["https://sub.a.example/2"]
    assert (tally["other_host"], tally["other_day"]) == (1, 2)
    assert into(database, path, wanted=Wanted(languages=frozenset({"de"})))["new"] == 1
    # What was fetched before the first day that is wanted is not even read.
    assert into(database, path, wanted=Wanted(since=date(2025, 9, 3)))["pages"] == 0


def test_articles_over_several_pages_are_joined(tmp_path: Path, database: Database) -> None:
    base = "https://bay.example"
    pages = [
        (f"{base}/ferry.html", page_of_several(1, 3)),
        (f"{base}/other.html", story("Something else").decode()),
        (f"{base}/ferry-2.html", page_of_several(2, 3)),
        (f"{base}/ferry-3.html", page_of_several(3, 3)),
        (f"{base}/b/ferry.html", page_of_several(1, 2).replace("/ferry-2", "/never")),
    ]
    path = warc(tmp_path / "x.warc.gz", [(url, html.encode()) for url, html in pages])
    assert into(database, path)["later_pages"] == 2
    bodies = {each["url"]: each["body"] for each in database.articles.find()}
    assert set(bodies) == {pages[0][0], pages[1][0], pages[4][0]}
    assert "In part 3" in bodies[pages[0][0]]


@pytest.mark.parametrize("suffix", [".warc", ".warc.gz", ".warc.zst"])
def test_plain_and_packed_files_are_read(suffix: str, tmp_path: Path) -> None:
    from fastwarc.stream_io import ZstdWriter

    packed = warc(
        tmp_path / "a.warc.gz", [(f"https://a.example/{n}", story(f"No. {n}")) for n in range(5)]
    )
    path = tmp_path / f"b{suffix}"
    records = split(packed.read_bytes())
    if suffix == ".warc":
        path.write_bytes(b"".join(map(gzip.decompress, records)))
    elif suffix == ".warc.zst":
        frames = io.BytesIO()
        for record in records:
            writer = ZstdWriter(frames)
            writer.write(gzip.decompress(record))
            writer.close()
        path.write_bytes(frames.getvalue())
    else:
        path.write_bytes(packed.read_bytes())
    pages, damage, _ = read(path)
    assert [page.url[-1] for page in pages] == list("01234")
    assert damage == []
    # From any record on.
    assert [page.url[-1] for page in read(path, pages[3].raw.offset)[0]] == ["3", "4"]


def split(packed: bytes) -> list[bytes]:
    """Return the gzip members of a file."""
    import zlib

    members = []
    while packed:
        unpacker = zlib.decompressobj(31)
        unpacker.decompress(packed)
        members.append(packed[: len(packed) - len(unpacker.unused_data)])
        packed = unpacker.unused_data
    return members


def broken_at(records: list[bytes], place: int) -> bytes:
    record = bytearray(records[place])
    for at in range(len(record) // 2, len(record) // 2 + 20):
        record[at] ^= 0x5A
    return b"".join([*records[:place], bytes(record), *records[place + 1 :]])


def retold(records: list[bytes], place: int, old: bytes, new: bytes) -> bytes:
    block = gzip.decompress(records[place])
    assert old in block
    changed = gzip.compress(block.replace(old, new, 1), mtime=0)
    return b"".join([*records[:place], changed, *records[place + 1 :]])


def resized(records: list[bytes], place: int, more: int) -> bytes:
    block = gzip.decompress(records[place])
    stated = re.search(rb"Content-Length: (\d+)", block)
    assert stated is not None
    return retold(records, place, stated[0], b"Content-Length: %d" % (int(stated[1]) + more))


# Of records 2, 4, 6 … (0 is the warcinfo, each page a request and a response): what is done to them,
# and the pages that are still read.
DAMAGES: dict[str, tuple[Callable[[list[bytes]], bytes], str]] = {
    "a record is corrupt": (lambda r: broken_at(r, 4), "0234"),
    "the first record is corrupt": (lambda r: broken_at(r, 0), "01234"),
    "the last record is corrupt": (lambda r: broken_at(r, 10), "0123"),
    "rubbish between records": (lambda r: b"".join([*r[:5], b"rubbish\r\n" * 50, *r[5:]]), "01234"),
    "the tail is cut off": (lambda r: b"".join(r)[:-50], "0123"),
    "all but the head of the tail is cut off": (
        lambda r: b"".join(r[:-1]) + r[-1][:15],
        "0123",
    ),
    "no date": (lambda r: retold(r, 4, b"WARC-Date: 2025", b"WARC-Date: MMXX"), "0234"),
    "no HTTP": (lambda r: retold(r, 4, b"HTTP/1.1 200 OK", b"ICY 200 and more"), "0234"),
    "its length is too short": (lambda r: resized(r, 4, -500), "01234"),
    "its length is too long": (lambda r: resized(r, 4, 50), "01234"),
}


@pytest.mark.parametrize("damage", DAMAGES, ids=str)
def test_what_is_damaged_is_told_and_passed_over(damage: str, tmp_path: Path) -> None:
    path = warc(
        tmp_path / "a.warc.gz",
        [(f"https://a.example/{n}", story(f"No. {n}", "x" * 30)) for n in range(5)],
    )
    spoil, left = DAMAGES[damage]
    path.write_bytes(spoil(split(path.read_bytes())))
    pages, told, tally = read(path)
    assert "".join(page.url[-1] for page in pages) == left
    assert told
    assert tally["damaged"] == len(told)
    assert all(str(each).startswith("a.warc.gz, from byte ") for each in told)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"<html>no archive</html>" * 100, "is no WARC file"),
        (gzip.compress(b"<html>no archive</html>" * 100, mtime=0), "is no WARC file"),
        (os.urandom(100_000), "is no WARC file"),
    ],
)
def test_what_is_no_archive_says_so(content: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=says):
        read(path)
    with pytest.raises(UnreadableFileError, match="is a folder"):
        read(tmp_path)
    with pytest.raises(UnreadableFileError, match="No such file"):
        read(tmp_path / "none")


TEXT = b"<p>The harbour opened at dawn.</p>" * 99
CHUNKED = b"".join(b"%x;ext=1\r\n%s\r\n" % (len(part), part) for part in (TEXT[:99], TEXT[99:]))


@pytest.mark.parametrize(
    ("transfer", "content", "body"),
    [
        ("", "gzip", gzip.compress(TEXT, mtime=0)),
        ("", "gzip", TEXT),  # unpacked by a crawler that left the header
        ("chunked", "", CHUNKED + b"0\r\n\r\n"),
        ("chunked", "", CHUNKED),  # without its end
        ("chunked", "", TEXT),
        ("chunked", "gzip", b"%x\r\n%s\r\n0\r\n\r\n" % (len(g := gzip.compress(TEXT, mtime=0)), g)),
        ("", "br", brotli.compress(TEXT)),
        ("", "br", TEXT),
        ("", "deflate", __import__("zlib").compress(TEXT)),
        ("", "deflate", __import__("zlib").compress(TEXT)[2:-4]),
        ("", "gzip, gzip", gzip.compress(gzip.compress(TEXT, mtime=0), mtime=0)),
        ("", "identity", TEXT),
        ("", "UTF-8", TEXT),
    ],
)
def test_a_body_is_unpacked_as_far_as_it_is_packed(
    transfer: str, content: str, body: bytes
) -> None:
    assert unpack(body, transfer=transfer, content=content, most=10_000) == TEXT


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate"])
def test_a_body_that_unpacks_to_too_much_is_not_unpacked(coding: str) -> None:
    import zlib

    bomb = b"\0" * 50_000_000
    packed = {"gzip": gzip.compress, "br": brotli.compress, "deflate": zlib.compress}[coding](bomb)
    with pytest.raises(TooLargeError):
        unpack(packed, transfer="", content=coding, most=100_000)
