"""What newsbot does not fetch, or not to its end, in words: one vocabulary.

Whoever refuses raises :class:`newsbot.fetching.refusals.RefusedError` with one of these causes. The
spider counts it under the cause's name in the run's counters, and every list of runs says it in the
cause's words. Nothing that fetches is loaded with these words.
"""

from collections.abc import Mapping

import attrs


@attrs.frozen
class Cause:
    """Why something is refused.

    ``sentence`` goes on from an address ("http://… is larger than newsbot reads"); ``tally`` goes
    on from a number ("3 too large").
    """

    sentence: str
    tally: str


CAUSES: Mapping[str, Cause] = {
    # Where to
    "refused_address": Cause(
        "leads to an address that is not public, which newsbot does not fetch from",
        "at addresses that are not public",
    ),
    "refused_scheme": Cause("is neither http nor https", "neither http nor https"),
    "refused_url": Cause("is no address that newsbot fetches", "with impossible addresses"),
    "refused_offsite": Cause("redirects away from its site", "redirected to other sites"),
    "refused_redirects": Cause("redirects without end", "redirected without end"),
    # How much
    "refused_size": Cause("is larger than newsbot reads", "too large"),
    "refused_ratio": Cause(
        "unpacks to far more than a page does, as a decompression bomb", "packed like bombs"
    ),
    "refused_headers": Cause("has more header than newsbot reads", "with too much header"),
    "refused_time": Cause("takes longer to arrive than it may", "too slow to arrive"),
    "refused_links": Cause("names more links than newsbot reads", "links beyond those read"),
    "refused_trap": Cause(
        "is one of very many like it of which none was an article", "of kinds that are no articles"
    ),
    "refused_pages": Cause(
        "is beyond the pages of one run, and left for the next", "left for the next run"
    ),
    "refused_depth": Cause("is too many steps from an entry point", "too deep"),
    # What the site does not want
    "refused_robots": Cause("is closed to crawlers by robots.txt", "closed by robots.txt"),
    "refused_robots_unread": Cause(
        "is left alone because its host's robots.txt cannot be read",
        "left alone while robots.txt cannot be read",
    ),
    "refused_busy": Cause(
        "is left alone for a while, with its whole host", "left alone with their host"
    ),
    "refused_uplink": Cause(
        "was not asked for: our own connection is down", "not asked for while we were cut off"
    ),
    "refused_status": Cause("is not given to newsbot by its site", "not given by their site"),
    "refused_wall": Cause("shows a wall in its place", "behind a wall"),
    "refused_empty": Cause("shows no text of its own", "without a text"),
    "refused_paywall": Cause("shows its beginning only, to who has not paid", "for subscribers"),
    # What it is
    "refused_type": Cause("is no text", "that are no text"),
}

# Causes that say nothing of the page: it was not its turn, or its host's. It is not marked as visited.
LATER = frozenset({"refused_busy", "refused_robots_unread", "refused_pages", "refused_uplink"})
# Causes that will be the same tomorrow: an address that is refused by one of them is not asked for
# again. The others may pass, so the address is tried again some times.
FINAL = frozenset({"refused_robots", "refused_scheme", "refused_url"})


def in_part(cause: str) -> str:
    """Return in words why an article is kept in part; "" for one that is whole."""
    return f"from a feed; its page {CAUSES[cause].sentence}" if cause in CAUSES else ""


# Counters that say what was not read, besides the causes of refusals.
FAILED = {
    "failed_dns": "with unknown host names",
    "failed_connection": "could not be reached",
    "failed_timeout": "did not answer in time",
    "failed_http": "answered with an error",
    "failed_browser": "for which no browser starts",
    "failed_extraction": "could not be extracted",
    "failed_archive": "could not be kept",
    "failed_newsbot": "broke newsbot itself",
}

# How a run tells of each, after how many there were.
TALLIES: Mapping[str, str] = (
    {name: cause.tally for name, cause in CAUSES.items()} | {"refused": "not fetched"} | FAILED
)
