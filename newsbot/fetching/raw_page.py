"""A page that is kept as it came, as its markup: unpacked, decoded, to be read by people."""

from email.parser import BytesHeaderParser
from pathlib import Path

from newsbot.extraction.tree import decode
from newsbot.fetching.raw_files import RawNotKeptError, raw_block
from newsbot.fetching.unpacking import unpacked
from newsbot.items import Raw

# Bytes of a page that are shown, and the largest proportion to what was sent.
_MOST, _RATIO = 5_000_000, 200.0
_MESSAGE = b"HTTP/"


def payload(data_dir: Path, place: Raw) -> tuple[bytes, str]:
    """Return a page as it came over the wire, unpacked, and the encoding that its server named ("": none).

    Raises:
        RawNotKeptError: when it is not there any more, or cannot be unpacked.
    """
    block = raw_block(data_dir, place)
    if not block.startswith(_MESSAGE):
        return block[:_MOST], ""  # as a browser rendered it
    head, _, body = block.partition(b"\r\n\r\n")
    headers = BytesHeaderParser().parsebytes(head.partition(b"\r\n")[2])
    packed = (headers.get("Content-Encoding") or "").encode("latin-1", "replace")
    try:
        body = unpacked(body, packed, _MOST, _RATIO)
    except Exception as error:  # noqa: BLE001 - of whatever kind, when it is broken
        raise RawNotKeptError(f"the page cannot be unpacked: {error}") from None
    return body, headers.get_content_charset() or ""


def markup(data_dir: Path, place: Raw) -> str:
    """Return the markup of a page as it came over the wire, decoded.

    Raises:
        RawNotKeptError: when it is not there any more, or cannot be unpacked.
    """
    return decode(*payload(data_dir, place))
