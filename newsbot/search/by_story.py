"""Lists show a story once: its first article in the list, and how many more of it there are."""

from collections import Counter
from collections.abc import Iterable

import attrs

from newsbot.search.results import Hit


def by_story(hits: Iterable[Hit]) -> list[Hit]:
    """Fold the articles of one story into its first in the list, whose ``more`` counts the others."""
    first: dict[str, Hit] = {}
    count: Counter[str] = Counter()
    for hit in hits:
        first.setdefault(hit.story, hit)
        count[hit.story] += 1
    return [attrs.evolve(hit, more=count[story] - 1) for story, hit in first.items()]
