"""Which sitemaps of an index are worth reading: the few in which something new may stand.

A site of twenty years has hundreds of sitemaps, one a month or one for each thousand articles, and
only the newest change. An index may say which (``lastmod``); where it does not, the names do: dates
and numbers in otherwise equal names are read as the order in which the files were made.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from urllib.parse import urlsplit

from newsbot.discovery.sitemaps import Child

# Sitemaps of an index that one poll reads.
AT_MOST = 6
# Names of files that list no articles, in the words that WordPress, Yoast, Rank Math, Drupal and
# Ghost name them with.
_OTHER = frozenset(
    "author authors user users category categories tag tags taxonomies taxonomy tax image images "
    "video videos product products page pages static misc attachment gallery galleries topic topics "
    "section sections event events location locations person people team profile profiles recipe".split()
)
_NEWS = frozenset({"news", "latest", "recent", "breaking", "today", "googlenews"})
_ARTICLES = frozenset(
    {"post", "posts", "article", "articles", "archive", "archives", "story", "stories", "content"}
)
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d+")
_NEVER = date.min


def worth_reading(
    children: Sequence[Child], *, at_most: int = AT_MOST, since: date | None = None
) -> list[Child]:
    """Return the sitemaps of an index to read, the most promising first.

    Those that list news come first, then those that changed last; of a numbered run without dates
    both ends are taken, since some sites number from the newest and some from the oldest; those of
    authors, tags or pictures only where there is room. ``since`` leaves out those that are known to
    have changed last before that day.
    """
    once = list({child.url: child for child in children}.values())
    if since is not None:
        once = [child for child in once if _day(child) is None or (_day(child) or since) >= since]
    ordered = [child for rank in _ranked(once) for child in _newest_first(rank)]
    return ordered[:at_most]


def of_articles(children: Sequence[Child]) -> list[Child]:
    """Return the sitemaps of an index that may list articles, by their names; all where none may."""
    once = list({child.url: child for child in children}.values())
    ranks = _ranked(once)
    return [child for rank in ranks[:-1] for child in rank] or once


def _ranked(children: Iterable[Child]) -> list[list[Child]]:
    ranks: list[list[Child]] = [[], [], [], []]
    for child in children:
        words = {word.lower() for word in _WORD.findall(_name(child))}
        if words & _NEWS:
            ranks[0].append(child)
        elif words & _ARTICLES:
            ranks[1].append(child)
        else:
            ranks[3 if words & _OTHER else 2].append(child)
    return ranks


def _name(child: Child) -> str:
    """Return the address without its host, which may be named for news itself."""
    parts = urlsplit(child.url)
    return f"{parts.path}?{parts.query}"


def _newest_first(children: list[Child]) -> list[Child]:
    dated = [child for child in children if child.changed is not None]
    moments = {_moment(child) for child in dated}
    # An index that gives all its files the moment at which it was made says nothing.
    if len(dated) * 2 >= len(children) and (len(moments) > 1 or len(children) == 1):
        undated = _by_name([child for child in children if child.changed is None])
        return [*sorted(dated, key=_moment, reverse=True), *undated]
    return _by_name(children)


def _by_name(children: list[Child]) -> list[Child]:
    """Return files in the order of the dates in their names, or from both ends of a numbered run."""
    runs: dict[str, list[tuple[tuple[int, ...], Child]]] = defaultdict(list)
    for child in children:
        numbers = tuple(int(number) for number in _NUMBER.findall(_name(child)) if len(number) < 15)
        # post-sitemap.xml, post-sitemap2.xml and post-sitemap-3.xml are one run
        runs[re.sub(r"[-_]?\d+", "", _name(child))].append((numbers, child))
    queues = []
    for run in runs.values():
        ordered = [child for _, child in sorted(run, key=lambda each: each[0], reverse=True)]
        if not all(_tells_a_year(numbers) for numbers, _ in run):
            ordered = _from_both_ends(ordered)
        queues.append(ordered)
    longest = max(map(len, queues), default=0)
    return [queue[place] for place in range(longest) for queue in queues if place < len(queue)]


def _tells_a_year(numbers: tuple[int, ...]) -> bool:
    return any(
        1990 <= n < 2100 or 199000 <= n < 210000 or 19900000 <= n < 21000000 for n in numbers
    )


def _from_both_ends(ordered: list[Child]) -> list[Child]:
    mixed: list[Child] = []
    for first, last in zip(ordered, reversed(ordered), strict=True):
        mixed += [first, last]
    return list({child.url: child for child in mixed}.values())


def _day(child: Child) -> date | None:
    return child.changed.day if child.changed else None


def _moment(child: Child) -> datetime:
    if child.changed is None:
        return datetime.min.replace(tzinfo=UTC)
    return child.changed.instant or datetime.combine(child.changed.day, time(), UTC)
