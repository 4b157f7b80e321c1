"""Files that are gzip themselves, whatever the server says of them: many sitemaps, and some feeds."""

import zlib

_GZIP = b"\x1f\x8b"
# Bytes that are unpacked at a time: what comes before damage is kept.
_CHUNK = 65_536


def is_gzip(body: bytes) -> bool:
    """Say whether a body is a gzip file (RFC 1952, 2.3.1)."""
    return body.startswith(_GZIP)


def unpacked(body: bytes, most: int) -> bytes:
    """Return the first ``most`` bytes of a body, out of its gzip where it is in one.

    Of a damaged file what comes before the damage.
    """
    if not is_gzip(body):
        return body[:most]
    inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    whole = bytearray()
    for start in range(0, len(body), _CHUNK):
        try:
            whole += inflate.decompress(body[start : start + _CHUNK], most - len(whole))
        except zlib.error:
            break
        if len(whole) >= most or inflate.eof:
            break
    return bytes(whole)
