"""Facets and timelines as rows of a table: the same from the page and from the terminal."""

from collections.abc import Iterable, Iterator

from newsbot.search.facets import Facet
from newsbot.search.measured import Measured

FACET_COLUMNS = ("facet", "value", "id", "count")
TIMELINE_COLUMNS = ("first", "last", "count", "total_collected", "share", "gap")

# What stands in the place of a value for the articles that have others alone, and for those without any.
OTHERS, WITHOUT = "(others)", "(none known)"


def facet_rows(facets: Iterable[Facet]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each value of each facet, in the order of ``FACET_COLUMNS``."""
    for facet in facets:
        for value in facet.values:
            yield facet.field, value.name or "(removed source)", value.id, str(value.count)
        for name, count in ((OTHERS, facet.others), (WITHOUT, facet.without)):
            if count:
                yield facet.field, name, "", str(count)


def timeline_rows(measured: Measured) -> Iterator[tuple[str, ...]]:
    """Yield a row for each bar, in the order of ``TIMELINE_COLUMNS``."""
    for bar in measured.bars:
        share = "" if bar.share is None else f"{bar.share:.6f}"
        yield (
            bar.first.isoformat(),
            bar.last.isoformat(),
            str(bar.count),
            str(bar.collected),
            share,
            bar.gap,
        )
