"""The body of an HTTP message as WARC files hold it: as it was sent, or as some crawler unpacked it.

Common Crawl's news archive stores bodies unpacked and unchunked. Until May 2019 its headers still said
``Content-Encoding: gzip`` and ``Transfer-Encoding: chunked`` of them; since then these stand under
names of its own (``X-Crawl-…``). So a header is believed only where the body bears it out.
"""

import io
import re
import zlib
from collections.abc import Callable

from fastwarc.stream_io import BrotliReader, ZstdReader

_GZIP = b"\x1f\x8b"
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,200})?\r?\n")
_MOST_CODINGS = 3
# Brotli has no magic number; what is markup as it stands was unpacked by someone.
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")


class TooLargeError(Exception):
    """A body that unpacks to more than is read."""


def unpack(body: bytes, *, transfer: str, content: str, most: int) -> bytes:
    """Return the entity of a message: unchunked, and without its content codings.

    ``transfer`` and ``content`` are the headers' values, ``most`` the bytes that are read at most.

    Raises:
        TooLargeError: when there are more.
        ValueError: when a coding is broken or not known, and nothing could be read.
    """
    if "chunked" in transfer.lower():
        body = _unchunked(body, most)
    codings = [coding.strip().lower() for coding in content.split(",") if coding.strip()]
    if len(codings) > _MOST_CODINGS:
        raise ValueError(f"{len(codings)} content codings, one over the other")
    for coding in reversed(codings):
        if coding in _CODINGS:
            body = _CODINGS[coding](body, most)
        elif coding != "identity" and not _MARKUP.match(body):
            raise ValueError(f"the content coding {coding[:20]!r} is not known")
    if len(body) > most:
        raise TooLargeError
    return body


def _unchunked(body: bytes, most: int) -> bytes:
    """Return a chunked body's content; as much of it as there is, and itself where it is not chunked."""
    parts: list[bytes] = []
    size = at = 0
    while True:
        found = _CHUNK.match(body, at)
        if found is None:
            return body if not parts else b"".join(parts)
        length = int(found[1], 16)
        if length == 0:
            return b"".join(parts)
        parts.append(body[found.end() : found.end() + length])
        size += length
        if size > most:
            raise TooLargeError
        at = found.end() + length
        at += 2 if body[at : at + 2] == b"\r\n" else body[at : at + 1] == b"\n"


def _gunzip(body: bytes, most: int) -> bytes:
    return _inflate(body, 47, most) if body.startswith(_GZIP) else body


def _deflate(body: bytes, most: int) -> bytes:
    # "deflate" is zlib's format by RFC 9110 and raw deflate by many servers.
    if _MARKUP.match(body):
        return body
    try:
        return _inflate(body, 15, most)
    except ValueError:
        return _inflate(body, -15, most)


def _inflate(body: bytes, bits: int, most: int) -> bytes:
    unpacker = zlib.decompressobj(bits)
    try:
        unpacked = unpacker.decompress(body, most + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if len(unpacked) > most:
        raise TooLargeError
    return unpacked  # of a body that was cut off: what there is


def _unbrotli(body: bytes, most: int) -> bytes:
    return _read(BrotliReader, body, most)


def _unzstd(body: bytes, most: int) -> bytes:
    return _read(ZstdReader, body, most)


def _read(kind: type[BrotliReader | ZstdReader], body: bytes, most: int) -> bytes:
    if _MARKUP.match(body):
        return body
    try:
        unpacked: bytes = kind(io.BytesIO(body)).read(most + 1)
    except OSError as error:
        raise ValueError(str(error)) from None
    if len(unpacked) > most:
        raise TooLargeError
    return unpacked


_CODINGS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _deflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
