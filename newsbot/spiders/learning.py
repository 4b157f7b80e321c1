"""What one reading teaches of an entry point: how often to ask it, and how far to believe its server.

Pure: it makes a new record of the old one and of what happened.
"""

import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import attrs

from newsbot.archive.entry_points import EntryPointRecord
from newsbot.archive.pages import Version
from newsbot.cadence import DAY, HOUR, next_reading
from newsbot.config import Config
from newsbot.fetching.conditional import conditions as conditions_of
from newsbot.fetching.conditional import same_name

# A server that says "not modified" is asked for the whole body once so much has passed since the
# last: by then so many articles were to be expected, or a day is over; each time that it proves
# honest the day is doubled, up to a week.
EXPECTED, SOONEST, CHECK_AFTER, CHECK_AT_LATEST = 5.0, HOUR, DAY, 7 * DAY
# A server whose "not modified" hid articles is not asked for it for so long.
DISTRUST = 7 * DAY
# An answer that caches may give again is not asked for before, but for so long at most: feeds are
# often said to be good for a day.
CACHED_AT_MOST = 900.0
# Due times are spread by this share of the wait, so that sources added together come apart.
SPREAD = 0.1
# Entry points that are due this soon (a share of their wait, or seconds) join a run.
EARLY, EARLY_SECONDS = 0.05, 5.0
# What was read so much later than now was read by a clock that was set back since.
_SET_BACK = timedelta(minutes=1)
_KINDS = ("feed", "sitemap", "page")


@attrs.frozen(kw_only=True)
class Reading:
    """One answer of an entry point.

    ``version`` names what came, None where the server said "not modified"; ``links`` stands for what
    it led to, "" where nothing was read. ``settled``: each fresh link it named is visited or kept for
    later. ``named`` are the dates of the articles named, ``first`` of those to which nothing else had
    led; ``led`` counts the latter, ``brought`` those of them that are news. ``fresh`` counts the links
    that were not known before. ``names`` is how many links it named, None where it was not read, and ``turned``
    what it turned out to be in place of a feed or sitemap. ``address`` is where it answered if it has moved for good. ``fresh_for`` is in seconds.
    """

    at: datetime
    conditional: bool
    version: Version | None = None
    links: str = ""
    settled: bool = False
    named: Sequence[datetime] = ()
    first: Sequence[datetime] = ()
    fresh: int = 0
    led: int = 0
    brought: int = 0
    children: tuple[str, ...] | None = None
    names: int | None = None
    turned: str = ""
    address: str = ""
    fresh_for: float = 0.0


def known_version(record: EntryPointRecord) -> Version:
    """Return what names the version that was read last."""
    return Version(etag=record.etag, last_modified=record.last_modified, digest=record.digest)


def conditions(record: EntryPointRecord, now: datetime) -> dict[str, str]:
    """Return the headers under which an entry point is asked; none where all of it is wanted."""
    if record.distrusted_until is not None and now < record.distrusted_until:
        return {}
    if record.full_at is None:
        return {}
    passed = (now - record.full_at).total_seconds()
    expected = record.rhythm.rate * passed >= EXPECTED and passed >= SOONEST
    if expected or passed >= min(CHECK_AFTER * 2**record.honest, CHECK_AT_LATEST):
        return {}
    return conditions_of(known_version(record))


def after_reading(record: EntryPointRecord, reading: Reading) -> EntryPointRecord:
    """Return what is known of an entry point once it has answered."""
    rhythm = record.rhythm
    if rhythm.read_at is None:
        rhythm = rhythm.with_history(reading.named, reading.first, reading.at)
    if record.failing_since is not None:
        # Of the time in which it failed nobody knows what there was: its rhythm is what it was before.
        rhythm = attrs.evolve(rhythm, read_at=reading.at)
    changed = attrs.evolve(
        record,
        rhythm=rhythm.watched(reading.at, reading.brought),
        readings=record.readings + 1,
        unchanged=record.unchanged + (not reading.links),
        brought=record.brought + reading.led,
        last_new=reading.at if reading.led else record.last_new,
        address=reading.address,
        failing_since=None,
        trouble="",
        gone=False,
        failures=0,
        failed_at=None,
    )
    changed = _named(record, changed, reading)
    if reading.version is None:
        return changed
    changed = attrs.evolve(changed, full_at=reading.at)
    changed = _judged(record, changed, reading)
    if reading.settled and not reading.links:
        # The same body as before: the version's name may be another all the same.
        return attrs.evolve(
            changed, etag=reading.version.etag, last_modified=reading.version.last_modified
        )
    version = reading.version if reading.settled else Version()
    return attrs.evolve(
        changed,
        etag=version.etag,
        last_modified=version.last_modified,
        digest=version.digest,
        links=reading.links if reading.settled else "",
        children=record.children if reading.children is None else reading.children,
    )


def _named(
    record: EntryPointRecord, changed: EntryPointRecord, reading: Reading
) -> EntryPointRecord:
    """Return what is known of an entry point that names nothing, or is no feed any more."""
    names = reading.names
    turned = record.turned if names is None else reading.turned
    # Of what is no feed any more it is not the links that count, but whether they lead to articles.
    leads = reading.led if turned else names
    if leads or (names == 0 and (reading.children or record.children)):
        return attrs.evolve(changed, turned=turned, empty_since=None, missing=0.0)
    # What brought nothing first is not missed.
    empty = names is not None and record.brought > 0
    since = record.empty_since or (reading.at if empty else None)
    missing = record.missing
    if since is not None and record.rhythm.read_at is not None:
        missing += record.rhythm.expected_between(record.rhythm.read_at, reading.at)
    return attrs.evolve(changed, turned=turned, empty_since=since, missing=missing)


def _judged(
    record: EntryPointRecord, changed: EntryPointRecord, reading: Reading
) -> EntryPointRecord:
    """Return what is thought of the server's word after it sent a body unasked-for."""
    before, version = known_version(record), reading.version
    if reading.conditional or version is None or not conditions_of(before):
        return changed
    if not same_name(before, version):
        return changed  # it would have said "modified", as is right
    if reading.fresh:
        return attrs.evolve(
            changed, honest=0, distrusted_until=reading.at + timedelta(seconds=DISTRUST)
        )
    if record.distrusted_until is not None and reading.at < record.distrusted_until:
        return changed  # nothing new this time: that proves nothing
    return attrs.evolve(changed, honest=min(record.honest + 1, 10), distrusted_until=None)


def unread(record: EntryPointRecord) -> EntryPointRecord:
    """Return the record of an entry point of which no version counts as read."""
    return attrs.evolve(record, etag="", last_modified="", digest="", links="")


def after_failure(
    record: EntryPointRecord, *, at: datetime, trouble: str, gone: bool
) -> EntryPointRecord:
    """Return what is known of an entry point that did not answer, or has nothing there."""
    return attrs.evolve(
        record,
        failing_since=record.failing_since or record.rhythm.read_at or at,
        failures=record.failures + 1,
        failed_at=at,
        trouble=trouble,
        gone=gone,
        address="",  # it may be back where it was
    )


def planned(
    record: EntryPointRecord,
    now: datetime,
    config: Config,
    *,
    leading: bool,
    fresh_for: float = 0.0,
    pause: float = 0.0,
) -> EntryPointRecord:
    """Return the record with its next reading; the leading entry point of a source is never far off.

    ``pause`` is for how many seconds its host is still to be left alone.
    """
    slowest = config.poll_slowest if leading else max(config.poll_slowest, config.poll_rarest)
    due = next_reading(
        record.rhythm, now, worth=config.poll_worth, fastest=config.poll_fastest, slowest=slowest
    )
    wait = (due - now).total_seconds()
    if record.failing_since is not None:
        # Again after as long as it has failed: soon after a hiccup, seldom after a month.
        limit = slowest if record.gone else config.poll_slowest
        wait = min(max(wait, (now - record.failing_since).total_seconds()), limit)
    wait *= random.uniform(1 - SPREAD, 1 + SPREAD)  # noqa: S311 - no secret
    wait = max(wait, config.poll_fastest, min(fresh_for, CACHED_AT_MOST, slowest), pause)
    return attrs.evolve(record, next_due=now + timedelta(seconds=wait))


def due(record: EntryPointRecord, now: datetime) -> bool:
    """Say whether an entry point is to be asked: it is due, or so soon that it may join those that are.

    One that was read at a time that is yet to come is: the clock was set back.
    """
    if record.next_due is None:
        return True
    asked_at = record.failed_at or record.rhythm.read_at
    if any(at and at > now + _SET_BACK for at in (asked_at, record.rhythm.read_at)):
        return True
    waited = (record.next_due - (asked_at or now)).total_seconds()
    return (record.next_due - now).total_seconds() <= max(EARLY_SECONDS, EARLY * waited)


def ranked(records: Iterable[EntryPointRecord]) -> list[EntryPointRecord]:
    """Return entry points in the order in which they are asked: those that answer and bring most first.

    Among equals it is by what costs a site least and says most.
    """
    return sorted(
        records,
        key=lambda record: (
            record.failing_since is not None,
            -record.rhythm.articles,
            _KINDS.index(record.kind),
        ),
    )
