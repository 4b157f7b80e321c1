"""How records stand in a file of the spool: each with its length and a checksum. Pure.

A record is a mark, the payload's length, a BLAKE2b checksum of length and payload, and the payload.
A file that a crash or a bad disk has damaged gives up every record that is whole: behind one that is
torn, the next mark whose record proves itself by its checksum is where reading goes on.
"""

import struct
from collections.abc import Iterator
from hashlib import blake2b

import attrs

MARK = b"\xf1NB\x01"
_HEAD = struct.Struct("<4sI16s")


@attrs.frozen
class Whole:
    """A record whose checksum holds."""

    payload: bytes


@attrs.frozen
class Torn:
    """Bytes that are no whole record; ``offset`` is where they begin in the file."""

    offset: int
    data: bytes


def frame(payload: bytes) -> bytes:
    """Return a payload as a record."""
    return _HEAD.pack(MARK, len(payload), _checksum(payload)) + payload


def records(data: bytes) -> Iterator[Whole | Torn]:
    """Yield a file's records in their order, and what is torn between them."""
    at = 0
    while at < len(data):
        payload = _at(data, at)
        if payload is not None:
            yield Whole(payload)
            at += _HEAD.size + len(payload)
            continue
        following = data.find(MARK, at + 1)
        while following >= 0 and _at(data, following) is None:
            following = data.find(MARK, following + 1)
        end = following if following >= 0 else len(data)
        yield Torn(at, data[at:end])
        at = end


def _at(data: bytes, offset: int) -> bytes | None:
    """Return the payload of the whole record that begins there, or None."""
    if offset + _HEAD.size > len(data):
        return None
    mark, length, checksum = _HEAD.unpack_from(data, offset)
    payload = data[offset + _HEAD.size : offset + _HEAD.size + length]
    whole = mark == MARK and len(payload) == length and _checksum(payload) == checksum
    return payload if whole else None


def _checksum(payload: bytes) -> bytes:
    return blake2b(struct.pack("<I", len(payload)) + payload, digest_size=16).digest()
