"""What a crawl that has read all it had to comes to: what its requests met, and why it brought nothing."""

from collections import Counter

import attrs

from newsbot.spiders.session import CrawlSession

# Counters of requests by which a site kept newsbot from a page.
_BLOCKED = ("refused_status", "refused_wall", "asked_to_wait")
# Counters of articles that a run met.
_ARTICLES = ("new", "edited", "completed", "known", "duplicate")


def tell_traffic(session: CrawlSession) -> None:
    """Have what its requests met be told with the run."""
    counters = session.counters
    blocked = sum(counters[each] for each in _BLOCKED)
    session.brought = attrs.evolve(
        session.brought, requests=max(counters["requests"], blocked), blocked=blocked
    )


def nothing_found(counters: Counter[str]) -> str:
    """Return why a run that asked all of its source's entry points brought no article; "" where it did."""
    if counters["unchanged"] or any(counters[each] for each in _ARTICLES):
        return ""
    if counters["failed_newsbot"]:
        return f"newsbot itself failed on {counters['failed_newsbot']} pages; see the run's log"
    if counters["links"]:
        return f"none of the {counters['links']} links found led to an article"
    return "no links to articles were found at its entry points"
