"""What the processes of newsbot count while they work, by the conventions of Prometheus.

Names begin with ``newsbot_``, units are seconds and bytes, and what only grows ends in ``_total``. No label
has a source, a host, an alert or an address for its value: of those there may be 100,000, and each value is
a time series that Prometheus keeps in memory. What is asked of one source stands in its runs.
"""

from collections.abc import Mapping

from prometheus_client import Counter, Gauge, Histogram

# Seconds: what is fast (extraction, storing), and what may take hours (a run).
_FAST = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_SLOW = (0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 900.0, 3_600.0, 21_600.0)

requests = Counter(
    "newsbot_requests",
    "Requests that were answered; and pages and links that were refused or failed, by cause. One that was "
    "answered may be among these.",
    ["outcome"],
)
response_bytes = Counter(
    "newsbot_response_bytes", "Bytes of bodies that sites answered with, unpacked."
)
pages = Counter(
    "newsbot_pages", "Pages of links that were read to no article, or found unchanged.", ["outcome"]
)
articles = Counter(
    "newsbot_articles",
    "Articles that crawls brought, by what the archive made of them.",
    ["verdict"],
)
matches = Counter("newsbot_matches", "Alerts that articles met, counted for each article.")
runs = Counter("newsbot_runs_ended", "Runs that ended, by the state in which they did.", ["state"])
runs_under_way = Gauge("newsbot_runs_under_way", "Runs that this process has under way.")
run_seconds = Histogram(
    "newsbot_run_seconds", "Seconds from a run's start to its end.", buckets=_SLOW
)
start_lag = Histogram(
    "newsbot_run_start_lag_seconds",
    "Seconds from the request of a run until a worker took it.",
    buckets=_SLOW,
)
extraction_seconds = Histogram(
    "newsbot_extraction_seconds",
    "Seconds that a page took to be read by an extractor, its turn included.",
    buckets=_FAST,
)
store_seconds = Histogram(
    "newsbot_store_seconds",
    "Seconds that a batch of articles took into the archive.",
    buckets=_FAST,
)
messages = Counter(
    "newsbot_messages",
    "Tries to deliver messages, by outcome: sent, failed (it is tried again), dead (set aside), dropped.",
    ["outcome"],
)

# Words of a run's counters that are articles, by what the archive made of them.
_VERDICTS = ("new", "edited", "completed", "known", "duplicate", "doubtful", "removed", "deleted")
_PAGES = ("not_articles", "unchanged")

# What is known beforehand is there from the start, as 0: a rate needs a first value.
for _verdict in _VERDICTS:
    articles.labels(_verdict)
for _page in _PAGES:
    pages.labels(_page)
for _state in ("done", "failed", "cancelled", "lost"):
    runs.labels(_state)
for _outcome in ("sent", "failed", "dead", "dropped"):
    messages.labels(_outcome)
requests.labels("answered")


def crawled(before: Mapping[str, int], now: Mapping[str, int]) -> None:
    """Count what a run's counters came to since they were looked at last."""
    for name, value in now.items():
        more = value - before.get(name, 0)
        if more <= 0:
            continue
        if name == "requests":
            requests.labels("answered").inc(more)
        elif name == "bytes":
            response_bytes.inc(more)
        elif name == "matches":
            matches.inc(more)
        elif name in _VERDICTS:
            articles.labels(name).inc(more)
        elif name in _PAGES:
            pages.labels(name).inc(more)
        elif name == "refused" or name.startswith(("refused_", "failed_")):
            requests.labels(name).inc(more)
