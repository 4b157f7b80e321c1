"""The first steps of whoever has just begun: from a site of one's own to an alert of one's own that fires.

What the demo brings along is nobody's own: beside it, too, the first step is a site of one's own.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import attrs

from newsbot import demo
from newsbot.archive import matches, rules, searches, standings
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source
from newsbot.items import derived_id

# An alert that is older has had its time to fire: it is rare, not new.
NEW = timedelta(days=1)
# Sources and alerts that are looked at; whoever has more has begun long ago.
MOST = 20
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


def first_steps(
    database: Database, *, sources: Sequence[Source], articles: bool, now: datetime
) -> FirstSteps | None:
    """Return the first steps, as far as they are done; None once an alert has fired, or could have.

    ``sources`` are all there are; ``articles`` says that there are some.
    """
    own = [each for each in sources if demo.GROUP not in each.groups]
    alerts = [each for each in rules.everything(database) if each.id != _OF_THE_DEMO]
    if len(own) != len(sources):
        known = standings.many(database, [each.id for each in own[:MOST]]) if own else {}
        articles = any(each.last_stored for each in known.values())
    if own and articles and alerts:
        if len(alerts) > MOST or any(now - each.created_at > NEW for each in alerts):
            return None
        if any(matches.any_since(database, each.id, each.created_at) for each in alerts):
            return None
    return FirstSteps(
        site=bool(own),
        articles=articles,
        searched=bool(alerts or searches.everything(database)),
        alert=bool(alerts),
        beside_demo=len(own) != len(sources),
    )
