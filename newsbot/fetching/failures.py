"""Why a request brought nothing: the counter it counts under, and what is said of the address."""

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.spidermiddlewares.httperror import HttpError

from newsbot.fetching.refusals import refusal_in
from newsbot.fetching.rendering import NoBrowserError

_CAUSES: dict[type[BaseException], tuple[str, str]] = {
    CannotResolveHostError: ("failed_dns", "has a host name that is not known"),
    DownloadConnectionRefusedError: ("failed_connection", "refused the connection"),
    DownloadTimeoutError: ("failed_timeout", "did not answer in time"),
    NoBrowserError: ("failed_browser", "needs a browser, which does not start"),
}


def failure_of(error: BaseException) -> tuple[str, str]:
    """Return the counter of a failed request, and the failure in words that go on from its address."""
    refusal = refusal_in(error)
    if refusal is not None:
        return refusal.cause, str(refusal)
    if isinstance(error, IgnoreRequest) and not isinstance(error, HttpError):
        if "robots" in str(error):
            return "refused_robots", "is closed to crawlers by robots.txt"
        return "refused", f"was not fetched: {error}"
    if isinstance(error, HttpError):
        return "failed_http", f"answered {error.response.status}"
    return _CAUSES.get(
        type(error), ("failed_connection", f"could not be read: {type(error).__name__}: {error}")
    )
