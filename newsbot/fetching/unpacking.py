"""Compressed bodies, unpacked within bounds.

Scrapy unpacks step by step and stops at the largest size. This also stops where a body grows beyond
any page's ratio, and refuses bodies that are packed again and again.
"""

import zlib

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.http import Response
from scrapy.utils._compression import _DecompressionMaxSizeExceeded

from newsbot.fetching.refusals import RefusedError

# What unpacks to less is no bomb, whatever its ratio: an empty page of one letter packs very well.
_SMALL = 1_000_000
# Encodings of one body. One is usual, two are a proxy's work.
_LAYERS = 2


def unpacked(body: bytes, encoding: bytes, most: int, ratio: float) -> bytes:
    """Return a body unpacked from the encodings that its ``Content-Encoding`` names.

    ``most`` is the largest size in bytes, ``ratio`` the largest proportion to the packed size beyond
    the first megabyte. What is packed in an unknown way stays so.

    Raises:
        RefusedError: when it is larger.
        Exception: of whatever kind, when it is broken.
    """
    encodings = [each.strip().lower() for each in encoding.split(b",") if each.strip()]
    if len(encodings) > _LAYERS:
        raise RefusedError("refused_ratio", f"packed {len(encodings)} times over")
    by_ratio = max(int(len(body) * ratio), _SMALL)
    to_decode, _ = HttpCompressionMiddleware._split_encodings([encoding])
    unpacked_so_far = body
    try:
        for each in to_decode:
            unpacked_so_far = HttpCompressionMiddleware._decode(
                unpacked_so_far, each, min(most, by_ratio)
            )
    except _DecompressionMaxSizeExceeded:
        if by_ratio < most:
            sizes = f"{len(body)} bytes unpack to more than {by_ratio}"
            raise RefusedError("refused_ratio", sizes) from None
        raise RefusedError("refused_size", f"unpacks to more than {most} bytes") from None
    return unpacked_so_far


def head_of_gzip(body: bytes, at_most: int) -> bytes:
    """Return the beginning of what a gzip file holds, as far as it can be read."""
    try:
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(body, at_most)
    except zlib.error:
        return b""


class BoundedCompressionMiddleware(HttpCompressionMiddleware):
    """Scrapy's middleware, with a bound on the ratio and refusals in words.

    A request with ``read_at_most`` in its meta has its body cut there instead of refused.
    """

    def __init__(self, *, crawler: Crawler) -> None:
        super().__init__(crawler=crawler)
        # A request may allow more than a page's size, but not more than this.
        self._most = crawler.settings.getint("ENTRY_POINT_MAXSIZE")
        self._ratio = crawler.settings.getfloat("DECOMPRESSION_RATIO")

    def process_response(  # type: ignore[override]
        self, request: Request, response: Response
    ) -> Request | Response:
        """Unpack the body.

        Raises:
            RefusedError: when it grows beyond the size or ratio that is allowed.
        """
        at_most = request.meta.get("read_at_most")
        encodings = b",".join(response.headers.getlist("Content-Encoding")).strip().lower()
        if at_most and encodings in (b"gzip", b"x-gzip"):
            response = response.replace(body=head_of_gzip(response.body, at_most))
            del response.headers["Content-Encoding"]
        return super().process_response(request, response)

    def _handle_encoding(
        self, body: bytes, content_encoding: list[bytes], max_size: int
    ) -> tuple[bytes, list[bytes]]:
        named = b",".join(content_encoding)
        _, left = self._split_encodings(content_encoding)
        return unpacked(body, named, min(max_size, self._most), self._ratio), left
