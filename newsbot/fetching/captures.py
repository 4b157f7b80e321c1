"""What came over the wire, as WARC records (WARC 1.1, ISO 28500:2017). Pure.

A page that was fetched becomes three records, each a gzip member of its own: the request, a
``metadata`` record that says on whose behalf and by which link it was fetched, and last the response.
The response stands last so that one that is whole has all that belongs to it before it, wherever a
file was cut off. Two things differ:

- A page that is byte for byte what its address last answered is a ``revisit`` record with the profile
  *identical-payload-digest*: the headers, and where the payload stands.
- A page that a browser rendered is no answer of a server: it is a ``resource`` record (section 6.3.3
  of the standard: a resource without full protocol response information), and has no request.

What is kept is the HTTP message's header fields and its body as it was sent, ``Content-Encoding``
included: the payload of the standard (6.3.2) is the entity, and that is what its digest is of. Only
``Transfer-Encoding`` is gone, for the connection took that off; ``Content-Length`` is the length that
is kept. Fields that are somebody's key to something (``Cookie``, ``Set-Cookie``, ``Authorization``)
are left out: these files are made to be handed on.
"""

import base64
import hashlib
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import urlsplit
from uuid import uuid4

import attrs
from cattrs.preconf.json import make_converter
from fastwarc.stream_io import GzipWriter
from fastwarc.warc import WarcRecord, WarcRecordType

from newsbot.discovery.entries import Entry
from newsbot.items import Overrides

# What packs pages best for the time: 0.9 ms and 31 kB for a page of 155 kB; 6 takes 1.3 ms for 29 kB.
LEVEL = 3
IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
METADATA_TYPE = "application/vnd.newsbot.capture+json"
# What a record is that stands where a page was removed.
REMOVED_TYPE = "application/vnd.newsbot.removed"

_SECRET = frozenset({b"cookie", b"set-cookie", b"authorization", b"proxy-authorization"})
_OF_THE_CONNECTION = frozenset({b"transfer-encoding", b"content-length", b"connection"})

Headers = tuple[tuple[bytes, bytes], ...]


@attrs.frozen(kw_only=True)
class Provenance:
    """On whose behalf a page was fetched, and by which link: what an article takes from that.

    ``source`` is the source's id, with its ``name``, ``homepage`` and ``title``; ``run`` is the crawl's
    id. ``link`` is the canonical URL of the link, ``entry`` what was said of it where it stood, its
    texts excepted. ``part`` counts the pages of one article from 1, ``visits`` the visits before.
    """

    source: str
    name: str = ""
    homepage: str = ""
    title: str = ""
    run: str = ""
    link: str = ""
    entry: Entry | None = None
    overrides: Overrides = attrs.field(factory=Overrides)
    part: int = 1
    visits: int = 0


@attrs.frozen(kw_only=True)
class Capture:
    """One page as it came over the wire. ``at`` is in UTC, to the millisecond."""

    url: str
    method: str = "GET"
    request_headers: Headers = ()
    status: int = 200
    headers: Headers = ()
    body: bytes
    at: datetime
    ip: str = ""
    rendered: bool = False
    provenance: Provenance

    @property
    def payload_digest(self) -> str:
        """The digest of the payload, as a WARC file states it."""
        return f"sha1:{base64.b32encode(hashlib.sha1(self.body).digest()).decode()}"  # noqa: S324


@attrs.frozen
class Earlier:
    """A record that holds a payload already: its id, its moment and its digest."""

    id: str
    at: datetime
    digest: str


_CONVERTER = make_converter(omit_if_default=True)


def provenance_json(provenance: Provenance) -> bytes:
    """Return a provenance as it stands in a metadata record."""
    slim = provenance
    if provenance.entry is not None and (provenance.entry.content or provenance.entry.summary):
        slim = attrs.evolve(
            provenance, entry=attrs.evolve(provenance.entry, content="", summary="")
        )
    return json.dumps(_CONVERTER.unstructure(slim), ensure_ascii=False).encode(
        "utf8", "surrogatepass"
    )


def read_provenance(block: bytes) -> Provenance | None:
    """Return the provenance that a metadata record holds; None where it holds none."""
    try:
        return _CONVERTER.structure(json.loads(block), Provenance)
    except Exception:  # noqa: BLE001 - cattrs raises groups of all kinds for what was tampered with
        return None


def record_id() -> str:
    """Return a new record's id, without its brackets."""
    return f"uuid:{uuid4()}"


def info_record(filename: str, at: datetime, *, software: str, user_agent: str) -> bytes:
    """Return a file's first record, which says by whom and how the file was written."""
    record = _record(WarcRecordType.warcinfo, record_id(), at)
    record.headers["Content-Type"] = "application/warc-fields"
    record.headers["WARC-Filename"] = filename
    fields = (
        ("software", software),
        ("format", "WARC File Format 1.1"),
        (
            "conformsTo",
            "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        ),
        ("http-header-user-agent", user_agent),
        ("robots", "obey"),
    )
    record.set_bytes_content("".join(f"{key}: {value}\r\n" for key, value in fields).encode())
    return _packed(record)


def page_records(capture: Capture, response: str, earlier: Earlier | None) -> list[bytes]:
    """Return the records of a page, packed, the response last; ``response`` is to be its id.

    ``earlier`` is a record of the same address that has the same payload.
    """
    records = [] if capture.rendered else [_request(capture, response)]
    records.append(_metadata(capture, response))
    if capture.rendered:
        records.append(_resource(capture, response))
    else:
        records.append(_response(capture, response, earlier))
    return records


def _request(capture: Capture, response: str) -> bytes:
    parts = urlsplit(capture.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers: list[tuple[bytes, bytes]] = [(b"Host", parts.netloc.rpartition("@")[2].encode())]
    headers += [pair for pair in capture.request_headers if pair[0].lower() != b"host"]
    record = _record(WarcRecordType.request, record_id(), capture.at, capture)
    record.headers["WARC-Concurrent-To"] = f"<urn:{response}>"
    line = f"{capture.method} {target} HTTP/1.1"
    record.set_bytes_content(_message(line, headers))
    record.headers["Content-Type"] = "application/http; msgtype=request"
    return _packed(record)


def _metadata(capture: Capture, response: str) -> bytes:
    record = _record(WarcRecordType.metadata, record_id(), capture.at, capture)
    record.headers["WARC-Concurrent-To"] = f"<urn:{response}>"
    record.headers["Content-Type"] = METADATA_TYPE
    record.set_bytes_content(provenance_json(capture.provenance))
    return _packed(record)


def _response(capture: Capture, response: str, earlier: Earlier | None) -> bytes:
    kind = WarcRecordType.revisit if earlier else WarcRecordType.response
    record = _record(kind, response, capture.at, capture)
    record.headers["Content-Type"] = "application/http; msgtype=response"
    record.headers["WARC-Payload-Digest"] = capture.payload_digest
    body = capture.body
    if earlier:
        record.headers["WARC-Profile"] = IDENTICAL
        record.headers["WARC-Refers-To"] = f"<urn:{earlier.id}>"
        record.headers["WARC-Refers-To-Target-URI"] = capture.url
        record.headers["WARC-Refers-To-Date"] = _moment(earlier.at)
        body = b""
    try:
        reason = HTTPStatus(capture.status).phrase
    except ValueError:
        reason = ""
    headers = [pair for pair in capture.headers if pair[0].lower() not in _OF_THE_CONNECTION]
    headers.append((b"Content-Length", str(len(capture.body)).encode()))
    line = f"HTTP/1.1 {capture.status} {reason}"
    record.set_bytes_content(_message(line, headers) + body)
    return _packed(record)


def _resource(capture: Capture, response: str) -> bytes:
    record = _record(WarcRecordType.resource, response, capture.at, capture)
    stated = next((v for k, v in capture.headers if k.lower() == b"content-type"), b"text/html")
    record.set_bytes_content(capture.body)
    record.headers["Content-Type"] = stated.decode("latin-1")
    record.headers["WARC-Payload-Digest"] = capture.payload_digest
    return _packed(record)


def _record(
    kind: WarcRecordType, identity: str, at: datetime, capture: Capture | None = None
) -> WarcRecord:
    record = WarcRecord()
    record.init_headers(kind, identity.encode())
    record.headers["WARC-Date"] = _moment(at)
    if capture is not None:
        record.headers["WARC-Target-URI"] = capture.url
        if capture.ip and kind is not WarcRecordType.metadata:
            record.headers["WARC-IP-Address"] = capture.ip
    return record


def _moment(at: datetime) -> str:
    """Return a moment to the millisecond, which is what MongoDB keeps (4.4: WARC 1.1 may have it)."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def _message(line: str, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    fields = b"".join(
        key + b": " + value.replace(b"\r", b" ").replace(b"\n", b" ") + b"\r\n"
        for key, value in headers
        if key.lower() not in _SECRET
    )
    return line.encode("utf8", "replace") + b"\r\n" + fields + b"\r\n"


def _packed(record: WarcRecord) -> bytes:
    packed = io.BytesIO()
    writer = GzipWriter(packed, compression_level=LEVEL)
    record.write(writer, checksum_data=True)
    writer.close()
    return packed.getvalue()
