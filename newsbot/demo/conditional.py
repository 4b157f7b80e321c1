"""Answers that need not be sent twice: ETag, Last-Modified and 304 (RFC 9110, section 13)."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b

from starlette.requests import Request
from starlette.responses import Response


def conditional(
    request: Request, response: Response, *, modified: datetime | None, now: datetime
) -> Response:
    """Return ``response`` with validators, or an empty 304 where the client has it already.

    ``modified`` is when what it shows last changed; None where that is not known.
    """
    etag = f'"{blake2b(bytes(response.body), digest_size=8).hexdigest()}"'
    headers = {"etag": etag, "cache-control": "no-cache"}
    # A time in this very second could stand for two versions (RFC 9110, 8.8.2.2): left out.
    if modified and now - modified >= timedelta(seconds=1):
        headers["last-modified"] = format_datetime(modified.astimezone(UTC), usegmt=True)
    asked = request.headers.get("if-none-match")
    if asked is not None:
        # If-Modified-Since is not looked at where there is an ETag to compare (13.1.3).
        known = [tag.strip().removeprefix("W/") for tag in asked.split(",")]
        fresh = etag in known or "*" in known
    else:
        fresh = "last-modified" in headers and _not_since(request, headers["last-modified"])
    if fresh:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return response


def _not_since(request: Request, last_modified: str) -> bool:
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except ValueError:
        return False
    if since.tzinfo is None:
        return False
    return parsedate_to_datetime(last_modified) <= since
