"""The first steps of whoever has just begun: from a site of one's own to an alert of one's own that fires.

What the demo brings along is nobody's own: beside it, too, the first step is a site of one's own.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import attrs

from newsbot import demo
from newsbot.archive import matches, rules, searches, sources, standings
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source
from newsbot.items import derived_id

# An alert that is older has had its time to fire: it is rare, not new.
NEW = timedelta(days=1)
# Sources and alerts that are looked at; whoever has more has begun long ago.
MOST = 20
# Whoever has so many sources has begun long ago; no more of them are read.
BEGINNING = 60
_OF_THE_DEMO = derived_id("alert", demo.ALERT[0], demo.GROUP)


@attrs.frozen(kw_only=True)
class FirstSteps:
    """Which of the first steps are done. ``beside_demo`` says that the demo is there, too."""

    site: bool
    articles: bool
    searched: bool
    alert: bool
    beside_demo: bool = False

    @property
    def first(self) -> int:
        """The number of the first step that is not done, from 1."""
        done = (self.site, self.articles, self.searched, self.alert)
        return next((number for number, each in enumerate(done, 1) if not each), len(done) + 1)


class Beginning:
    """Knows when the first steps are over, which is not asked again then."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._over = False

    def steps(self, *, articles: bool, now: datetime) -> FirstSteps | None:
        """Return the first steps, as far as they are done; None once they are over."""
        if self._over:
            return None
        known = sources.some(self._database, at_most=BEGINNING)
        found = first_steps(self._database, sources=known, articles=articles, now=now)
        self._over = found is None
        return found


def first_steps(
    database: Database, *, sources: Sequence[Source], articles: bool, now: datetime
) -> FirstSteps | None:
    """Return the first steps, as far as they are done; None once an alert has fired, or could have.

    ``sources`` are all there are; ``articles`` says that there are some.
    """
    own = [each for each in sources if demo.GROUP not in each.groups]
    there = rules.some(database, at_most=MOST + 2)
    alerts = [each for each in there if each.id != _OF_THE_DEMO]
    if len(own) != len(sources):
        known = standings.many(database, [each.id for each in own[:MOST]]) if own else {}
        articles = any(each.last_stored for each in known.values())
    if own and articles and alerts:
        if len(alerts) > MOST or any(now - each.created_at > NEW for each in alerts):
            return None
        if matches.any_of(database, [each.id for each in alerts]):
            return None
    return FirstSteps(
        site=bool(own),
        articles=articles,
        searched=bool(alerts or searches.everything(database)),
        alert=bool(alerts),
        beside_demo=len(own) != len(sources),
    )
