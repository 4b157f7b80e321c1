"""The first steps of whoever has just begun: from a site of one's own to an alert that fires."""

from datetime import datetime, timedelta

import attrs

from newsbot.archive import rules, searches
from newsbot.archive.connection import Database

# An alert that is older has had its time to fire: it is rare, not new.
NEW = timedelta(days=1)


@attrs.frozen(kw_only=True)
class FirstSteps:
    """Which of the first steps are done."""

    site: bool
    articles: bool
    searched: bool
    alert: bool

    @property
    def first(self) -> int:
        """The number of the first step that is not done, from 1."""
        done = (self.site, self.articles, self.searched, self.alert)
        return next((number for number, each in enumerate(done, 1) if not each), len(done) + 1)


def first_steps(
    database: Database, *, sources: bool, articles: bool, fired: bool, now: datetime
) -> FirstSteps | None:
    """Return the first steps, as far as they are done; None once an alert has fired, or could have.

    ``sources`` says that there are some, ``articles`` likewise, ``fired`` that an alert fired lately.
    """
    if fired:
        return None
    alerts = rules.everything(database)
    if sources and articles and any(now - each.created_at > NEW for each in alerts):
        return None
    return FirstSteps(
        site=sources,
        articles=articles,
        searched=bool(alerts or searches.everything(database)),
        alert=bool(alerts),
    )
