"""How often a source is due: more often while it publishes, less often while it is quiet."""

# A crawl that found news makes the next one come sooner by this factor, an empty one later.
SOONER, LATER = 0.7, 1.5


def next_interval(current: float | None, *, new: int, fastest: float, slowest: float) -> float:
    """Return the seconds until a source's next crawl.

    ``current`` is the interval so far (None: it was never learnt), ``new`` the articles that the
    crawl found; the result lies between ``fastest`` and ``slowest``.
    """
    if current is None:
        current = fastest * 5
    factor = SOONER if new else LATER
    return min(max(current * factor, fastest), slowest)
