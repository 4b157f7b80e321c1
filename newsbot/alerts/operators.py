"""Operators' alerts: what is wrong with sources and with newsbot itself, told once a cause.

One process looks each minute (``Watch.look``): it judges (:mod:`newsbot.alerts.health`), gives what is wrong
to a trouble that is open, or makes a trouble of each cause (:mod:`newsbot.alerts.grouping`), and tells it: when
it is found, again after growing times while it lasts, and once when it is over. As in Nagios a failure counts
once it is hard (so often in a row, for so long), and what is well counts once it stayed so for as long; as in
Alertmanager what begins waits a little for what has the same cause.

While our own connection is down nothing is judged of sources: that is one trouble, and told as that.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import attrs

from newsbot.alerts import health, own, trouble_words
from newsbot.alerts.grouping import TOGETHER, Group, belongs, groups
from newsbot.alerts.health import Ill
from newsbot.alerts.silence import Silences
from newsbot.archive import channels, leading, outbox, redesigns, sources, troubles, uplinks
from newsbot.archive.channels import Channel
from newsbot.archive.connection import Database
from newsbot.archive.outbox import Message, message_id
from newsbot.archive.sources import Source
from newsbot.archive.standings import Standings
from newsbot.archive.troubles import Telling, Trouble
from newsbot.config import Config
from newsbot.standing import Standing

LOOK_SECONDS = 60.0
LEAD_SECONDS = 180.0
# What is found waits so long for what has the same cause.
HOLD = timedelta(minutes=2)
# Told again after the configured time, each time so many times as long, at most:
_LONGER, _LONGEST = 4.0, timedelta(days=7)
# ... or so soon, when twice as many have the trouble as when it was told last.
_DOUBLED = timedelta(minutes=30)
# A trouble of many is over when so many of them are well, and have been for so long.
_MOST_WELL, _LEFT_BEHIND = 0.8, timedelta(hours=1)
# Runs that ended within so long are asked whether our own connection is down.
_LATELY = timedelta(minutes=15)
# A connection is told to be down after so long.
_UPLINK_TOLD = timedelta(minutes=5)
# What a machine that is gone said of its connection does not count any more after so long.
_SAID_LATELY = timedelta(minutes=10)
# Kinds that are of sources, and stand still while our own connection is down.
OF_SOURCES = frozenset(
    {"failing", "quiet", "rate", "fields", "redesign", "ways", "robots", "blocked"}
)
# Those of them for which alerts may be silent; other entry points lead to what a lost one did.
_SILENCING = OF_SOURCES - {"ways"}


@attrs.frozen(kw_only=True)
class Health:
    """What is known at one look: sources, how they stand, and all that is wrong. ``down`` is our connection."""

    now: datetime
    sources: Mapping[str, Source]
    standings: Mapping[str, Standing]
    ills: Sequence[Ill]
    down: bool


class Watch:
    """Looks after troubles; one process at a time."""

    def __init__(self, config: Config, database: Database, owner: str) -> None:
        self._config = config
        self._database = database
        self._owner = owner
        self._standings = Standings()
        self._silences = Silences(database)
        # When what belongs to no trouble yet was seen first, by kind and subject.
        self._seen: dict[tuple[str, str], datetime] = {}
        self._pruned: datetime | None = None

    def look(self, now: datetime) -> Health | None:
        """Judge, and tell what is to be told; None where another process does."""
        if not leading.lead(self._database, "troubles", self._owner, seconds=LEAD_SECONDS, now=now):
            return None
        kept = [self._caught_up(each, now) for each in troubles.standing(self._database)]
        ours = (each for each in kept if each.kind not in troubles.SUBSCRIBERS)
        there = [each for each in ours if each.state == "open"]
        found = self._health(there, now)
        self._settle(there, found)
        if not found.down and not self._just_up(now):
            self._explain(found)
        if self._pruned is None or now - self._pruned > timedelta(days=1):
            troubles.prune(self._database, now)
            redesigns.prune(self._database, now)
            self._pruned = now
        return found

    def _explain(self, found: Health) -> None:
        """Tell subscribers why their alerts are silent."""
        ill = {
            each.subject: found.sources[each.subject].name
            for each in found.ills
            if each.kind in _SILENCING
        }
        for trouble in self._silences.look(ill, found.standings, found.now):
            troubles.keep(self._database, trouble)
            self._caught_up(trouble, found.now)

    # What is wrong

    def _health(self, there: Sequence[Trouble], now: datetime) -> Health:
        listed = {each.id: each for each in sources.everything(self._database)}
        standings = self._standings.read(self._database, now)
        active = {
            name: standings[name]
            for name, source in listed.items()
            if source.state == "active" and name in standings
        }
        uplink = self._uplink(there, listed, active, now)
        ills = [uplink] if uplink else []
        down = uplink is not None
        if not down and not self._just_up(now):
            ills += self._of_sources(listed, active, now)
            ills += own.ills(self._config, self._database, now)
        else:
            ills += [
                each
                for each in own.ills(self._config, self._database, now)
                if each.kind in ("disk", "index")
            ]
        ills += own.dead_channels(self._database, now)
        return Health(now=now, sources=listed, standings=active, ills=ills, down=down)

    def _of_sources(
        self, listed: Mapping[str, Source], active: Mapping[str, Standing], now: datetime
    ) -> Iterable[Ill]:
        outages = self._outages(now)
        for name, standing in active.items():
            if any(_in_outage(standing, each, self._settled, now) for each in outages):
                continue
            yield from health.all_of_source(
                standing,
                now=now,
                failures=self._config.trouble_failures,
                seconds=self._config.trouble_seconds,
                host=host_of(listed[name]),
                proxy=proxy_of(listed[name]),
            )

    @property
    def _settled(self) -> timedelta:
        return timedelta(seconds=self._config.trouble_seconds)

    def _uplink(
        self,
        there: Sequence[Trouble],
        listed: Mapping[str, Source],
        active: Mapping[str, Standing],
        now: datetime,
    ) -> Ill | None:
        """Return that our own connection is down, if the workers say so or all runs of late do."""
        said = [each for each in uplinks.everything(self._database) if now - each.at < _SAID_LATELY]
        down = [each for each in said if each.down_since]
        if down and 2 * len(down) >= len(said):
            since = min(each.down_since for each in down if each.down_since)
            return _our_connection(since)
        lately = [each for each in active.values() if now - each.at < _LATELY]
        hosts = {host_of(listed[each.id]) for each in lately if each.failures}
        if health.likely_ours(lately, sorted(hosts)):
            return _our_connection(min(each.failing_since or now for each in lately))
        known = next((each for each in there if each.kind == "uplink"), None)
        if known is None or said:
            return None
        # While nothing is asked nothing is known: it is down until something answers.
        if any(each.well_at and each.well_at > known.found for each in active.values()):
            return None
        return _our_connection(known.began)

    def _outages(self, now: datetime) -> list[Trouble]:
        recent = troubles.latest(self._database, since=now - timedelta(days=2))
        return [each for each in recent if each.kind == "uplink"]

    def _just_up(self, now: datetime) -> bool:
        """Say whether our own connection is up only since minutes, in which sources are asked again."""
        came_up = [each.ended for each in self._outages(now) if each.ended]
        said = [each.up_at for each in uplinks.everything(self._database) if each.up_at]
        return any(now - each < self._settled for each in (*came_up, *said) if each)

    # What is told

    def _settle(self, there: Sequence[Trouble], found: Health) -> None:
        """Give what is wrong to its troubles, and tell what is due of them."""
        left = list(found.ills)
        for trouble in there:
            if found.down and trouble.kind in OF_SOURCES:
                continue
            mine = [each for each in left if _is_of(each, trouble)]
            left = [each for each in left if each not in mine]
            self._follow(trouble, mine, found)
        if found.down:
            self._seen = {key: at for key, at in self._seen.items() if key[0] not in OF_SOURCES}
        keys = {(each.kind, each.subject) for each in left}
        self._seen = {key: self._seen.get(key, found.now) for key in keys}
        ripe = {kind for (kind, _), at in self._seen.items() if found.now - at >= HOLD}
        new = [each for each in left if each.kind in ripe or each.kind not in OF_SOURCES]
        for group in groups(new, active=len(found.standings)):
            self._begin(group, found)

    def _begin(self, group: Group, found: Health) -> None:
        first = min(group.ills, key=lambda each: (each.since, each.subject))
        waits = first.kind == "uplink" and found.now - first.since < _UPLINK_TOLD
        members = sorted(group.ills, key=lambda each: (each.since, each.subject))
        trouble = Trouble(
            id=troubles.trouble_id(first.kind, group.cause, group.of, found.now),
            kind=first.kind,
            cause=group.cause,
            of=group.of,
            host=first.host,
            proxy=first.proxy,
            began=first.since,
            found=found.now,
            says=first.says,
            members={each.subject: each.since for each in members},
            next_at=first.since + _UPLINK_TOLD if waits else found.now,
            once=all(each.once for each in members),
        )
        self._follow(trouble, group.ills, found)

    def _follow(self, trouble: Trouble, ills: Sequence[Ill], found: Health) -> None:
        """Bring a trouble forward, and tell of it what is to be told."""
        now = found.now
        bad = {each.subject: each for each in ills}
        members = {**{name: each.since for name, each in bad.items()}, **trouble.members}
        gone = {name for name in members if _is_gone(name, trouble, found)}
        members = {name: since for name, since in members.items() if name not in gone}
        well = {name: trouble.well.get(name, now) for name in members if name not in bad}
        if trouble.kind == "failing":  # one that failed only once more is not well yet
            well = {name: at for name, at in well.items() if not found.standings[name].failures}
        cause, of = trouble.cause, trouble.of
        if cause == "one" and len(members) > 1:
            cause, of = ("proxy", trouble.proxy) if trouble.proxy else ("host", trouble.host)
        after = attrs.evolve(trouble, members=members, well=well, cause=cause, of=of)
        if after.kind in ("queue", "delivery", "index", "disk") and ills:
            after = attrs.evolve(after, says=ills[0].says)
        if not members:
            after = attrs.evolve(after, state="over", ended=now)
        elif self._is_over(after, now):
            after = self._over(after, found)
        elif self._is_due(after, now):
            after = self._told(after, found)
        if after.state == "over" and not after.told and after.kind != "uplink":
            troubles.drop(self._database, after.id)
        elif after != trouble or not trouble.told:
            troubles.keep(self._database, after)
            self._caught_up(after, now)

    def _is_over(self, trouble: Trouble, now: datetime) -> bool:
        if not trouble.well:
            return False
        passed = now - max(trouble.well.values())
        if len(trouble.well) == len(trouble.members):
            return passed >= self._settled or trouble.kind not in OF_SOURCES
        most = len(trouble.members) >= 5 and len(trouble.well) >= _MOST_WELL * len(trouble.members)
        return most and passed >= _LEFT_BEHIND

    def _is_due(self, trouble: Trouble, now: datetime) -> bool:
        bad = len(trouble.members) - len(trouble.well)
        if not bad or trouble.next_at is None:
            return False
        if trouble.told_at and bad >= 2 * trouble.told_of and now - trouble.told_at >= _DOUBLED:
            return True
        return now >= trouble.next_at

    def _told(self, trouble: Trouble, found: Health) -> Trouble:
        names = self._names(trouble, found)
        if trouble.told:
            said = trouble_words.again(trouble, names, found.now)
        else:
            said = trouble_words.first(trouble, names)
        pause = min(timedelta(seconds=self._config.trouble_again) * _LONGER**trouble.told, _LONGEST)
        return attrs.evolve(
            trouble,
            told=trouble.told + 1,
            told_at=found.now,
            told_of=len(trouble.members) - len(trouble.well),
            next_at=None if trouble.once else found.now + pause,
            telling=self._telling(trouble, str(trouble.told + 1), said),
        )

    def _over(self, trouble: Trouble, found: Health) -> Trouble:
        after = attrs.evolve(
            trouble,
            state="over",
            ended=max(trouble.well.values()),
        )
        if not trouble.told or (trouble.once and _stays(trouble, found)):
            return after
        left = [name for name in trouble.members if name not in trouble.well]
        came = sum(found.standings[name].came for name in trouble.well if name in found.standings)
        said = trouble_words.over(after, self._names(trouble, found), came=came, left=left)
        for name in left:
            self._left_behind(trouble, name, found)
        return attrs.evolve(after, telling=self._telling(trouble, "over", said))

    def _left_behind(self, trouble: Trouble, name: str, found: Health) -> None:
        """Keep what is still wrong, once the others are well, as a trouble of its own that was told."""
        pause = timedelta(seconds=self._config.trouble_again)
        alone = attrs.evolve(
            trouble,
            id=troubles.trouble_id(trouble.kind, "one", name, trouble.found),
            cause="one",
            of=name,
            began=trouble.members[name],
            members={name: trouble.members[name]},
            well={},
            told=1,
            told_at=found.now,
            told_of=1,
            next_at=None if trouble.once else found.now + pause,
        )
        troubles.keep(self._database, alone)

    def _telling(self, trouble: Trouble, occasion: str, said: Mapping[str, object]) -> Telling:
        silent = set(trouble.members) if trouble.kind == "channel" else set()
        to = tuple(each.id for each in operators_channels(self._database) if each.id not in silent)
        return Telling(occasion=occasion, channels=to, said=said)

    def _names(self, trouble: Trouble, found: Health) -> dict[str, str]:
        names = {name: each.name for name, each in found.sources.items() if name in trouble.members}
        if trouble.kind == "channel":
            known = channels.many(self._database, trouble.members)
            names |= {name: each.name or each.shown for name, each in known.items()}
        return names

    def _caught_up(self, trouble: Trouble, now: datetime) -> Trouble:
        """Write the messages of what was decided to be told, whether or not they are there already."""
        subscribers = trouble.kind in troubles.SUBSCRIBERS
        tell(self._database, trouble, kind="silence" if subscribers else "operator", now=now)
        return attrs.evolve(trouble, telling=None)


def tell(database: Database, trouble: Trouble, *, kind: outbox.MessageKind, now: datetime) -> None:
    """Write the messages of what was decided to be told of a trouble. May be repeated."""
    telling = trouble.telling
    if telling is None:
        return
    outbox.put(
        database,
        [
            Message(
                id=message_id(telling.alert, trouble.id, telling.occasion, channel),
                kind=kind,
                alert=telling.alert,
                story="",
                occasion=telling.occasion,
                channel=channel,
                said=telling.said,
                created_at=now,
                next_attempt=now,
            )
            for channel in telling.channels
        ],
    )
    troubles.told(database, trouble)


def operators_channels(database: Database) -> list[Channel]:
    """Return the channels by which operators are told."""
    return [each for each in channels.everything(database) if each.operators]


def host_of(source: Source) -> str:
    """Return the host of a source, with its port where it has one."""
    return source.homepage.partition("://")[2].partition("/")[0].rpartition("@")[2]


def proxy_of(source: Source) -> str:
    """Return the proxy of a source without what it is asked with."""
    return source.proxy.rpartition("@")[2].partition("://")[2] or source.proxy.rpartition("@")[2]


def _our_connection(since: datetime) -> Ill:
    return Ill(
        kind="uplink",
        subject="uplink",
        since=since,
        says="nothing that is asked answers, on whatever host: until something does, failures are held "
        "against no source, and few requests are made",
    )


def _is_of(ill: Ill, trouble: Trouble) -> bool:
    """Say whether what is wrong belongs to a trouble that is there."""
    if ill.kind != trouble.kind:
        return False
    if ill.subject in trouble.members or trouble.cause == "all":
        return True
    if trouble.cause == "error":
        latest = max(trouble.members.values())
        return ill.error == trouble.of and abs(ill.since - latest) <= TOGETHER
    if trouble.cause == "one":
        same_host = bool(ill.host) and ill.host == trouble.host
        return same_host or (bool(ill.proxy) and ill.proxy == trouble.proxy)
    return belongs(ill, trouble.cause, trouble.of)  # type: ignore[arg-type]


def _is_gone(name: str, trouble: Trouble, found: Health) -> bool:
    return trouble.kind in OF_SOURCES and name not in found.standings


def _stays(trouble: Trouble, found: Health) -> bool:
    """Say whether what was told once is as it was, and has become what is usual."""
    lately = [found.standings[name].lately for name in trouble.well if name in found.standings]
    return all(each.signed < 0.5 * each.articles for each in lately)


def _in_outage(standing: Standing, outage: Trouble, settled: timedelta, now: datetime) -> bool:
    """Say whether a source is only failing since our own connection was, and was not asked since."""
    began = standing.failing_since
    if began is None:
        return False
    ended = outage.ended or now
    return outage.began - _LATELY <= began <= ended + settled and standing.at < ended + settled
