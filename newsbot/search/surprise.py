"""How surprising a count of today is against the days before: by significance, not by size.

Pure. What is counted (articles with a term) is compared by the log-likelihood ratio of one rate against
two (Dunning, "Accurate methods for the statistics of surprise and coincidence", 1993), each out of the
articles that were collected. It is divided by how much more than by chance the days before differ among
themselves, and has to hold against each weekday of today by itself, too: a weekly column does not rise.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from math import log

import attrs

from newsbot.search.change import chance


@attrs.frozen(kw_only=True)
class Surprise:
    """How a count stands to its past: the ratio, and the chance of one so large.

    ``today`` and ``before`` are shares of the articles collected.
    """

    ratio: float
    chance: float
    today: float
    before: float


def surprise(
    count: int,
    of: int,
    past: Mapping[date, tuple[int, int]],
    weekdays: Collection[int],
) -> Surprise | None:
    """Return how a count out of so many stands to its past days; None where it is not above them.

    ``past`` has, for each day, the count and out of how many; ``weekdays`` are those of today.
    """
    before = _summed(past.values())
    if not of or not before[1] or count / of <= before[0] / before[1]:
        return None
    ratio = log_likelihood(count, of, *before)
    for weekday in weekdays:
        same = _summed(each for day, each in past.items() if day.weekday() == weekday)
        if same[1]:
            if count / of <= same[0] / same[1]:
                return None
            ratio = min(ratio, log_likelihood(count, of, *same))
    ratio /= _dispersion(past, before[0] / before[1])
    return Surprise(
        ratio=ratio,
        chance=chance(ratio),
        today=count / of,
        before=before[0] / before[1],
    )


def log_likelihood(count: int, of: int, past: int, past_of: int) -> float:
    """Return Dunning's log-likelihood ratio of two shares against one."""
    share = (count + past) / (of + past_of)
    return 2 * (
        _likelihood(count, of, count / of)
        + _likelihood(past, past_of, past / past_of)
        - _likelihood(count, of, share)
        - _likelihood(past, past_of, share)
    )


def _likelihood(count: int, of: int, share: float) -> float:
    return (count * log(share) if count else 0.0) + (
        (of - count) * log(1 - share) if of > count else 0.0
    )


def _summed(counts: Iterable[tuple[int, int]]) -> tuple[int, int]:
    listed = list(counts)
    return sum(each[0] for each in listed), sum(each[1] for each in listed)


def _dispersion(past: Mapping[date, tuple[int, int]], share: float) -> float:
    """Return by what factor the days' counts vary more than a binomial distribution says, 1 at least."""
    if len(past) < 2 or not 0 < share < 1:
        return 1.0
    excess = sum(
        (count - of * share) ** 2 / (of * share * (1 - share)) for count, of in past.values() if of
    )
    return max(1.0, excess / (len(past) - 1))
