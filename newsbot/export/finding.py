"""What an export takes: the articles that a query finds at one moment, all of them or a sample."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import attrs

from newsbot.archive import naming
from newsbot.archive.connection import Database
from newsbot.archive.streaming import sources_of
from newsbot.export.sampling import Draw, Sample
from newsbot.query import Lists
from newsbot.search.index import day_of
from newsbot.search.results import Reader
from newsbot.search.selection import Selection


@attrs.frozen(kw_only=True)
class Finding:
    """What was found: the articles, in the order in which they were first seen, and how they came.

    ``drawn`` says how a sample was drawn, None where all is taken.
    """

    selection: Selection
    ids: Iterator[str]
    drawn: Mapping[str, Any] | None = None


def find(
    database: Database,
    reader: Reader,
    query: str,
    sample: Sample | None,
    *,
    now: datetime,
    lists: Lists | None = None,
) -> Finding:
    """Return what a query finds ("" finds everything), or a sample of it.

    ``now`` is what relative ages are counted from; ``lists`` are other lists than those in force now.

    Raises:
        QuerySyntaxError: when it is no query.
    """
    selection = reader.select(query, now=now, lists=lists)
    if sample is None:
        return Finding(selection=selection, ids=(found.id for found in selection))
    draw = Draw(sample)
    if sample.by == "source":
        names = naming.read(database)
        for article, source in sources_of(database, (found.id for found in selection)):
            family = names.family(source)
            draw.offer(article, family.name if family else source)
    else:
        for found in selection:
            draw.offer(found.id, _day(found.day) if sample.by else "")
    drawn = draw.drawn()
    taken = frozenset[str]().union(*drawn.values())
    return Finding(
        selection=selection,
        ids=(found.id for found in selection if found.id in taken),
        drawn={
            "size": sample.size,
            "seed": sample.seed,
            "by": sample.by or None,
            "of": draw.found.total(),
            "drawn": len(taken),
            "strata": {
                each: {"found": draw.found[each], "drawn": len(drawn[each])}
                for each in sorted(draw.found)
            }
            if sample.by
            else None,
        },
    )


def _day(day: int | None) -> str:
    return "undated" if day is None else day_of(day).isoformat()
