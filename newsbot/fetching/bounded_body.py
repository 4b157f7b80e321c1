"""The body of an httpx answer, within the limits of a crawl: size, ratio, and time in all.

httpx unpacks each piece of a body whole, and its time-outs begin anew with each piece. Here pieces
are taken as they came, against one clock, and unpacked step by step.
"""

import time

import httpx

from newsbot.fetching.refusals import RefusedError
from newsbot.fetching.unpacking import head_of_gzip, unpacked


def read_body(answer: httpx.Response, *, most: int, seconds: float, ratio: float) -> bytes:
    """Return the body of a streamed answer, unpacked.

    Raises:
        RefusedError: when it is larger than ``most`` bytes, packed to more than ``ratio`` times, or
            not there after so many seconds.
        httpx.HTTPError: when it breaks off, or cannot be unpacked.
    """
    return _unpacked(answer, _raw(answer, most, seconds, cut=False), most, ratio)


def read_head(answer: httpx.Response, *, most: int, seconds: float) -> bytes:
    """Return the beginning of the body of a streamed answer, no more than ``most`` bytes.

    Raises:
        RefusedError: when it is not there after so many seconds.
        httpx.HTTPError: when it breaks off, or cannot be unpacked.
    """
    body = _raw(answer, most, seconds, cut=True)
    if answer.headers.get("content-encoding", "").lower() in ("gzip", "x-gzip"):
        return head_of_gzip(body, most)
    return _unpacked(answer, body, 20 * most, 200.0)[:most]


def _raw(answer: httpx.Response, most: int, seconds: float, *, cut: bool) -> bytes:
    ends = time.monotonic() + seconds
    body = bytearray()
    for piece in answer.iter_raw():
        body += piece
        if len(body) > most:
            if cut:
                break
            raise RefusedError("refused_size", f"more than {most} bytes")
        if time.monotonic() > ends:
            raise RefusedError("refused_time", f"more than {seconds:g} s")
    return bytes(body)


def _unpacked(answer: httpx.Response, body: bytes, most: int, ratio: float) -> bytes:
    encoding = answer.headers.get("content-encoding", "").encode("latin-1", "replace")
    try:
        return unpacked(body, encoding, most, ratio)
    except RefusedError:
        raise
    except Exception as error:  # noqa: BLE001 - of whichever of the libraries that unpack
        raise httpx.DecodingError(f"its body is broken: {error}") from None
