"""Lists show a story once: its first article in the list, and how many more of it there are."""

from collections import Counter
from collections.abc import Iterable

import attrs

from newsbot.search.results import Hit


@attrs.frozen
class Story:
    """A story as a list shows it: its first article there, and how many ``more`` of it are there."""

    hit: Hit
    more: int


def by_story(hits: Iterable[Hit]) -> list[Story]:
    """Fold the articles of one story into its first in the list."""
    first: dict[str, Hit] = {}
    count: Counter[str] = Counter()
    for hit in hits:
        first.setdefault(hit.story, hit)
        count[hit.story] += 1
    return [Story(hit, count[story] - 1) for story, hit in first.items()]
