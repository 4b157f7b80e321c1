"""Labelled pages in the shape of Common Crawl's news archive (CC-NEWS), for tests and benchmarks.

What that archive's files are like: WARC/1.0, gzip per record, a ``warcinfo`` first, then a request and a
response a page (from May 2019 on; before, responses alone). Bodies stand there unpacked and unchunked.
Since May 2019 the headers that no longer hold are renamed (``X-Crawl-Content-Encoding``); before that
they were left as they had been. Written by warcio, so that what reads it is not what wrote it.
"""

import gzip
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Literal

import attrs
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from benchmarks.site import CASES, build

Era = Literal["2017", "2020"]
FETCHED = datetime(2025, 9, 1, tzinfo=UTC)


@attrs.frozen
class Crawled:
    """A page as a crawler met it."""

    url: str
    html: bytes
    status: str = "200 OK"
    content_type: str = "text/html; charset=UTF-8"
    # How it was sent: in chunks, packed.
    chunked: bool = False
    packed: bool = False


def labelled(*sets: str) -> Iterator[Crawled]:
    """Yield the labelled pages of these sets, at their own addresses."""
    for name in sets:
        for line in (CASES / name / "labels.jsonl").open(encoding="utf8"):
            case = json.loads(line)
            html = gzip.decompress((CASES / name / "pages" / case["page"]).read_bytes())
            yield Crawled(case["url"], html, content_type="text/html")


def stories(scratch: Path, *sets: str, copies: int) -> Iterator[Crawled]:
    """Yield the labelled pages in several copies, each another story on the same template."""
    build(scratch, "http://copies.invalid", *sets, copies=copies)
    urls = {}
    for name in sets:
        for line in (CASES / name / "labels.jsonl").open(encoding="utf8"):
            case = json.loads(line)
            urls[case["id"]] = case["url"]
    for line in (scratch / "truth.jsonl").open(encoding="utf8"):
        row = json.loads(line)
        url = urls[row["id"]]
        yield Crawled(
            f"{url}{'&' if '?' in url else '?'}story={row['copy']}" if row["copy"] else url,
            (scratch / "a" / f"{row['n']}.html").read_bytes(),
            content_type="text/html",
        )


def write(path: Path, pages: Iterable[Crawled], *, era: Era = "2020") -> int:
    """Write pages to a file; returns how many."""
    count = 0
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True, warc_version="1.0")
        about = {
            "software": "StormCrawler",
            "format": "WARC File Format 1.0",
            "isPartOf": "CC-NEWS",
        }
        writer.write_record(writer.create_warcinfo_record(path.name, about))
        for count, page in enumerate(pages, 1):
            moment = FETCHED + timedelta(seconds=count)
            for record in _records(writer, page, f"{moment:%Y-%m-%dT%H:%M:%SZ}", era):
                writer.write_record(record)
    return count


def _records(writer: WARCWriter, page: Crawled, moment: str, era: Era) -> Iterator[object]:
    fields = {"WARC-Date": moment}
    if era == "2020":
        fields["WARC-IP-Address"] = "192.0.2.1"
        request = [("User-Agent", "CCBot/2.0"), ("Accept-Encoding", "gzip"), ("Host", "x")]
        yield writer.create_warc_record(
            page.url,
            "request",
            payload=BytesIO(b""),
            http_headers=StatusAndHeaders("GET / HTTP/1.1", request, is_http_request=True),
            warc_headers_dict=fields,
        )
    sent = [("Content-Encoding", "gzip")] if page.packed else []
    sent += [("Transfer-Encoding", "chunked")] if page.chunked else []
    if era == "2020":
        sent = [(f"X-Crawl-{name}", value) for name, value in sent]
        sent.append(("Content-Length", str(len(page.html))))
    headers = [("Server", "nginx"), ("Content-Type", page.content_type), *sent]
    yield writer.create_warc_record(
        page.url,
        "response",
        payload=BytesIO(page.html),
        http_headers=StatusAndHeaders(page.status, headers, protocol="HTTP/1.1"),
        warc_headers_dict=fields,
    )
