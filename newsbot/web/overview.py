"""All sources at a glance: what the list of them shows, held in memory between looks.

Reading all of ten thousand out of the embedded MongoDB takes seconds. So what is quick to read is read for
every look; what is not is shown as it was read last, and read again meanwhile, for a twentieth of the time at
most. What is changed here is known at once.
"""

import threading
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

import attrs

from newsbot.alerts.vitals import LISTED, ills_of, in_short
from newsbot.archive import sources
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source, State
from newsbot.archive.standings import Standings
from newsbot.config import Config
from newsbot.standing import Standing, count_on

Health = Literal["well", "ill", "unknown", "paused"]
Order = Literal["wrong", "name", "stored", "most", "least"]

# What is read faster (seconds) is read for every look; what is not at most for such a share of the time.
QUICK, SHARE = 0.25, 1 / 20


@attrs.frozen(kw_only=True)
class Row:
    """A source at a glance.

    ``ills`` says in a few words what is wrong; ``days`` are its news of the last 14 days, today last (None: not
    known), ``a_day`` how many come a day on average of those that are known and over. ``ended`` is when its
    last run ended, ``failures`` how many failed in a row.
    """

    id: str
    name: str
    title: str
    homepage: str
    groups: tuple[str, ...]
    state: State
    health: Health
    ills: str
    entry_points: int
    days: tuple[int | None, ...]
    a_day: float
    last_found: datetime | None
    last_stored: datetime | None
    ended: datetime | None
    failures: int
    next_due: datetime | None
    known_as: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Wanted:
    """Which sources are asked for: by a text, a group, a state, their health; "" for any."""

    text: str = ""
    group: str = ""
    state: str = ""
    health: str = ""
    order: Order = "wrong"


class Overview:
    """The sources of one archive, for many looks. Safe for threads."""

    def __init__(self, config: Config, database: Database) -> None:
        self._config = config
        self._database = database
        self._lock = threading.Lock()
        self._standings = Standings()
        self._rows: dict[str, Row] | None = None
        self._cost = 0.0
        self._read_at = 0.0
        self._reading = False

    def rows(self) -> Sequence[Row]:
        """Return all sources, by name."""
        with self._lock:
            if self._rows is None or self._cost < QUICK:
                self._read()
            elif time.monotonic() - self._read_at > self._cost / SHARE and not self._reading:
                self._reading = True
                threading.Thread(target=self._read_meanwhile, name="overview", daemon=True).start()
            return tuple((self._rows or {}).values())

    def changed(self, source: str) -> None:
        """Know what was changed of a source, or that it is gone."""
        if self._cost < QUICK:
            return
        found = sources.find(self._database, source)
        known = self._standings.read(self._database, datetime.now(UTC))
        with self._lock:
            rows = dict(self._rows or {})
            rows.pop(source, None)
            if found is not None:
                rows[found.id] = _row(found, known.get(found.id), self._config, datetime.now(UTC))
            self._rows = _by_name(rows.values())

    def _read_meanwhile(self) -> None:
        try:
            self._read()
        finally:
            self._reading = False

    def _read(self) -> None:
        began, now = time.monotonic(), datetime.now(UTC)
        listed = sources.everything(self._database)
        known = self._standings.read(self._database, now)
        self._rows = _by_name(_row(each, known.get(each.id), self._config, now) for each in listed)
        self._read_at = time.monotonic()
        self._cost = self._read_at - began


def _by_name(rows: Iterable[Row]) -> dict[str, Row]:
    return {each.id: each for each in sorted(rows, key=lambda row: row.name.casefold())}


def _row(source: Source, standing: Standing | None, config: Config, now: datetime) -> Row:
    ills = ills_of(standing, source, config, now)
    if source.state == "paused":
        health: Health = "paused"
    elif standing is None:
        health = "unknown"
    else:
        health = "ill" if ills else "well"
    days = _days(standing, now)
    whole = [each for each in days[:-1] if each is not None]
    return Row(
        id=source.id,
        name=source.name,
        title=source.title,
        homepage=source.homepage,
        groups=source.groups,
        state=source.state,
        health=health,
        ills=in_short(ills) if ills else "",
        entry_points=len(source.entry_points),
        days=days,
        a_day=sum(whole) / len(whole) if whole else float(days[-1] or 0),
        last_found=standing.last_found if standing else None,
        last_stored=standing.last_stored if standing else None,
        ended=standing.at if standing else None,
        failures=standing.failures if standing else 0,
        next_due=source.next_due if source.state == "active" else None,
        known_as="\n".join(
            (source.name, source.title, source.homepage, *source.former_names, *source.addresses)
        ).casefold(),
    )


def _days(standing: Standing | None, now: datetime) -> tuple[int | None, ...]:
    today = now.astimezone(UTC).date()
    if standing is None:
        return (None,) * LISTED
    first = standing.since.astimezone(UTC).date() if standing.since else today
    days = [today - timedelta(days=back) for back in range(LISTED - 1, -1, -1)]
    return tuple(count_on(standing, day) if day >= first else None for day in days)


def chosen(rows: Sequence[Row], wanted: Wanted) -> list[Row]:
    """Return the sources that are asked for, in the order that is."""
    text, group = wanted.text.strip().casefold(), wanted.group.casefold()
    found = [
        each
        for each in rows
        if text in each.known_as
        and (not group or group in map(str.casefold, each.groups))
        and wanted.state in ("", each.state)
        and wanted.health in ("", each.health)
    ]
    # Rows come by name, and sorting keeps that where nothing else tells them apart.
    match wanted.order:
        case "wrong":
            found.sort(key=lambda each: each.health != "ill")
        case "stored":
            found.sort(key=lambda each: each.last_stored or _NEVER, reverse=True)
        case "most":
            found.sort(key=lambda each: each.a_day, reverse=True)
        case "least":
            found.sort(key=lambda each: each.a_day)
        case "name":
            pass
    return found


_NEVER = datetime.min.replace(tzinfo=UTC)
