"""Why a request brought nothing: the counter it counts under, and what is said of the address."""

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.spidermiddlewares.httperror import HttpError

from newsbot.fetching.causes import CAUSES
from newsbot.fetching.refusals import refusal_in
from newsbot.fetching.rendering import NoBrowserError

_CAUSES: dict[type[BaseException], tuple[str, str]] = {
    CannotResolveHostError: ("failed_dns", "has a host name that is not known"),
    DownloadConnectionRefusedError: ("failed_connection", "refused the connection"),
    DownloadTimeoutError: ("failed_timeout", "did not answer in time"),
    NoBrowserError: ("failed_browser", "needs a browser, which does not start"),
}


# Answers by which a server keeps a page from a reader that it knows to exist (RFC 9110, 15.5.2-4;
# RFC 6585, 4; RFC 7725). 503 is a server's trouble, and 404 and 410 say that there is nothing.
_REFUSING = frozenset({401, 402, 403, 429, 451})

# What a server says of a page that it has no more.
_GONE = frozenset({404, 410})


def is_gone(error: BaseException | None) -> bool:
    """Say whether a request failed because its server has no such page."""
    return isinstance(error, HttpError) and error.response.status in _GONE


def failure_of(error: BaseException) -> tuple[str, str]:
    """Return the counter of a failed request, and the failure in words that go on from its address."""
    refusal = refusal_in(error)
    if refusal is not None:
        return refusal.cause, str(refusal)
    if isinstance(error, IgnoreRequest) and not isinstance(error, HttpError):
        return "refused", f"was not fetched: {error}"
    if isinstance(error, HttpError):
        return _of_status(error.response.status)
    return _CAUSES.get(
        type(error), ("failed_connection", f"could not be read: {type(error).__name__}: {error}")
    )


def _of_status(status: int) -> tuple[str, str]:
    """Return the counter of an answer that is no page, and the answer in words."""
    if status in _REFUSING:
        return "refused_status", f"{CAUSES['refused_status'].sentence} (it answered {status})"
    return "failed_http", f"answered {status}"
