"""Which source an address is of, and whether that source's links would lead to it."""

from collections.abc import Sequence
from datetime import datetime

import attrs

from newsbot.archive import runs, sources, standings
from newsbot.archive.connection import Database
from newsbot.archive.runs import Run
from newsbot.archive.sources import Source
from newsbot.config import Config
from newsbot.discovery.shapes import Shape, shape_of
from newsbot.text.site_key import host_of, site_key
from newsbot.why.steps import Step

# A run is asked for by its source and the time of its request; those of so long ago are not looked at.
_LATEST = 5


def of_host(database: Database, url: str) -> list[Source]:
    """Return the sources that are on the host of an address, or have an entry point there."""
    host = host_of(site_key(url))
    return [
        each
        for each in sources.everything(database)
        if any(
            host_of(site_key(address)) == host
            for address in (each.homepage, *each.addresses, *(way.url for way in each.entry_points))
        )
    ]


def described(database: Database, found: Sequence[Source]) -> Step:
    """Return the step that says whose an address is."""
    if not found:
        return Step(
            name="source",
            outcome="no source",
            words="no source is on its host; `newsbot source add` adds one (a source elsewhere may "
            "lead to it all the same)",
        )
    standing = standings.many(database, [each.id for each in found])
    told = []
    for each in found[:_LATEST]:
        stands = standing.get(each.id)
        state = "" if each.state == "active" else f", {each.state}"
        told.append(
            f"{each.name}{state} (last found {_moment(stands.last_found if stands else None)}, last stored "
            f"{_moment(stands.last_stored if stands else None)})"
        )
    more = f" and {len(found) - _LATEST} more" if len(found) > _LATEST else ""
    return Step(
        name="source",
        outcome="known source",
        words=f"its host is that of {', '.join(told)}{more}",
        of={"source": found[0].id},
    )


def _moment(at: datetime | None) -> str:
    return "never that is known" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"


def shape_words(config: Config, url: str) -> str:
    """Return what the form of an address says of whether a page's links to it are taken for articles."""
    if len(url) > config.url_length:
        return f"it has {len(url)} characters, and none of more than {config.url_length} is fetched (url_length)"
    shape = shape_of(url)
    against = _against(shape)
    if against:
        return (
            f"by its form it is {against}: a link to it on a page is not taken for an article's; a feed "
            "or sitemap may name it all the same"
        )
    if shape.words >= 3 or shape.number >= 4 or shape.dated:
        return "its form is that of an article: a link to it would be taken"
    return (
        "its form does not show whether it is an article: whether a link to it is taken depends on the "
        "links around it"
    )


def _against(shape: Shape) -> str:
    for of, words in (
        (shape.media, "a file"),
        (shape.service, "a page about the site or its readers"),
        (shape.paged, "a further page of a list"),
        (shape.listing and shape.words < 3 and not shape.number, "a list of articles"),
        (not shape.template, "a homepage"),
    ):
        if of:
            return words
    return ""


@attrs.frozen
class Said:
    """A line of a run's log that names an address, and the run."""

    run: Run
    line: str


def said_of(
    database: Database, some: Sequence[Source], url: str, *, since: datetime
) -> Said | None:
    """Return what the latest runs of sources said of an address last.

    A run names the first few addresses of each cause alone.
    """
    bare = url.partition("://")[2]
    for source in some[:_LATEST]:
        for run in runs.latest(database, since=since, source=source.id, at_most=_LATEST):
            for line in reversed(run.log):
                # In a log an address is followed by a space, or a colon.
                if f"{bare} " in line or f"{bare}:" in line:
                    return Said(run, line)
    return None
