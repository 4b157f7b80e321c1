"""Which of a source's overrides no longer match its pages, over one run.

A field's selector has to match on every article. One that drops has to match on some: not every
article has an advertisement.
"""

from collections import Counter
from collections.abc import Collection, Iterator

_DROP = "drop "


class OverrideMisses:
    """Counts what extraction reports of the articles of one run."""

    def __init__(self) -> None:
        self.articles = 0
        self.articles_missed = 0
        self._missed: Counter[str] = Counter()

    def note(self, missed: Collection[str]) -> None:
        """Note one article, or a page of it, and the overrides that matched nothing on it."""
        self.articles += 1
        self.articles_missed += any(not each.startswith(_DROP) for each in missed)
        self._missed.update(missed)

    def lines(self) -> Iterator[str]:
        """Yield for each override that no longer matches what is to be said of it."""
        for override, count in self._missed.items():
            if override.startswith(_DROP) and count < self.articles:
                continue
            field, _, selector = override.partition(" ")
            yield (
                f"the override {field} {selector!r} matched nothing on {count} of "
                f"{self.articles} articles"
            )
