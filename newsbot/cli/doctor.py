"""``newsbot doctor``: checks every part and says what is wrong and what to do."""

import shutil
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import typer

from newsbot import parts
from newsbot.alerts import trouble_words
from newsbot.archive import (
    articles,
    channels,
    leading,
    outbox,
    pauses,
    removed,
    retention,
    rule_ailments,
    rules,
    runs,
    sources,
    standings,
    troubles,
)
from newsbot.archive.connection import ArchiveError, Database, connect
from newsbot.archive.spool import standing
from newsbot.cli import context
from newsbot.cli.output import Json, ago, console, print_json, safe
from newsbot.config import Config
from newsbot.fetching.raw_files import closed_files
from newsbot.fetching.rendering import NoBrowserError, chromium

# Below this (bytes) the disk is said to be filling up.
LITTLE_SPACE = 2_000_000_000
# So many alerts that are broken or slow are named.
_NAMED = 5
# A part that died so often without a steady minute between is said to be ill.
OFTEN = 3


@attrs.frozen
class Finding:
    """One check: ``state`` is ``"ok"``, ``"note"`` (nothing is broken) or ``"wrong"``."""

    part: str
    state: str
    says: str


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command("doctor")(doctor)


def doctor(as_json: Json = False) -> None:
    """Check every part; exit code 1 when something is wrong."""
    config = context.config()
    findings = [_data(config)]
    try:
        with connect(config) as database:
            findings += [check(config, database) for check in _CHECKS]
    except ArchiveError as error:
        findings.append(Finding("MongoDB", "wrong", str(error)))
    findings += [_spool(config), *_broker(config), _parts(config), _web(config)]
    if as_json:
        print_json(findings)
    else:
        for each in findings:
            mark = {"ok": "ok   ", "note": "note ", "wrong": "WRONG"}[each.state]
            console.print(safe(f"{mark}  {each.part:<14} {each.says}"))
    if any(each.state == "wrong" for each in findings):
        raise typer.Exit(1)


def _data(config: Config) -> Finding:
    folder = config.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".doctor"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        return Finding(
            "data folder",
            "wrong",
            f"{folder} cannot be written ({error.strerror}); set NEWSBOT_DATA_DIR to one that can",
        )
    free = shutil.disk_usage(folder).free
    if free < LITTLE_SPACE:
        return Finding("data folder", "wrong", f"{folder} has {free / 1e9:.1f} GB left; make room")
    return Finding("data folder", "ok", f"{folder}, {free / 1e9:.0f} GB free")


def _browser(_config: Config, database: Database) -> Finding:
    try:
        return Finding("browser", "ok", chromium())
    except NoBrowserError as error:
        found = sources.everything(database)
        waiting = [each.name for each in found if each.javascript and each.state == "active"]
        if not waiting:
            return Finding("browser", "note", "no Chromium was found; no source needs it")
        return Finding("browser", "wrong", f"{', '.join(waiting[:3])} … waits: {error}")


def _mongodb(config: Config, database: Database) -> Finding:
    kind = "the configured MongoDB" if config.mongodb_uri else "the embedded MongoDB"
    stored = database.meta.find_one({"_id": "schema"})
    version = stored["version"] if stored else 0
    return Finding(
        "MongoDB",
        "ok",
        f"{kind} answers; {articles.count(database)} articles, schema version {version}",
    )


def _index(config: Config, database: Database) -> Finding:
    from newsbot.search.results import Reader

    reader = Reader(config, database)
    indexed, stored = reader.count(), articles.count(database)
    if indexed != stored:
        return Finding(
            "search index",
            "wrong",
            f"has {indexed} articles, the archive {stored}; if that stays so: newsbot reindex",
        )
    return Finding("search index", "ok", f"has all {indexed} articles")


def _index_check(config: Config, _database: Database) -> Finding:
    from newsbot.search import checking

    found, part = checking.last(config.index_dir), "index check"
    if found is None:
        says = "the index was never compared with the archive; `newsbot up` does, or: newsbot reindex --check"
        return Finding(part, "note", says)
    says = f"{found.articles} articles compared {ago(found.at)}; "
    if not found.differing:
        return Finding(part, "ok", f"{says}none differed")
    days = ", ".join(f"{day.day}: {day.differing}" for day in found.differed[:3])
    more = " …" if len(found.differed) > 3 else ""
    says += f"{found.differing} differed ({days}{more})"
    if found.mended < found.differing:
        return Finding(
            part, "wrong", f"{says}, {found.mended} were mended: newsbot reindex --check"
        )
    return Finding(part, "note", f"{says} and were mended")


def _sources(_config: Config, database: Database) -> Finding:
    found = sources.everything(database)
    if not found:
        return Finding(
            "sources", "note", "there are none; newsbot source add https://news.example/"
        )
    if pauses.standing(database) is not None:
        return Finding("sources", "ok", f"{len(found)}; none is polled while everything is paused")
    late = datetime.now(UTC) - timedelta(minutes=5)
    overdue = [s.name for s in found if s.state == "active" and s.next_due and s.next_due < late]
    if overdue:
        return Finding(
            "sources",
            "wrong",
            f"{len(overdue)} of {len(found)} are overdue ({', '.join(overdue[:3])} …); "
            "crawls run while `newsbot up` does",
        )
    return Finding("sources", "ok", f"{len(found)}, none overdue")


def _scheduler(_config: Config, database: Database) -> Finding:
    found = leading.leader(database, "timetable")
    if found is None:
        return Finding("scheduler", "note", "none leads; polls and schedules need one: newsbot up")
    process = ", process ".join(found.owner.split(":")[:2])
    late = datetime.now(UTC) - timedelta(seconds=leading.LEASE_SECONDS)
    if found.until < late:
        return Finding(
            "scheduler",
            "wrong",
            f"none leads since {ago(found.until)}, when {process} did; polls and schedules start "
            "nothing: newsbot up",
        )
    return Finding("scheduler", "ok", f"{process} leads")


def _pause(_config: Config, database: Database) -> Finding:
    paused = pauses.standing(database)
    if paused is None:
        return Finding("pause", "ok", "polls and schedules start runs")
    says = f"everything is paused {paused.sentence}; no poll and no schedule starts a run: newsbot resume"
    return Finding("pause", "note", says)


def _health(config: Config, database: Database) -> Finding:
    from newsbot.alerts.vitals import ills_of, in_short

    now = datetime.now(UTC)
    stand = standings.everything(database, now)
    ill = {
        each.name: ills
        for each in sources.everything(database)
        if (ills := ills_of(stand.get(each.id), each, config, now))
    }
    if not ill:
        return Finding("health", "ok", f"none of {len(stand)} crawled sources is ill")
    told = "; ".join(f"{name} {in_short(ills)}" for name, ills in list(ill.items())[:_NAMED])
    more = f" and {len(ill) - _NAMED} more" if len(ill) > _NAMED else ""
    return Finding(
        "health",
        "note",
        f"{len(ill)} of {len(stand)} crawled sources are ill: {told}{more}; newsbot source list --ill",
    )


def _runs(_config: Config, database: Database) -> Finding:
    since = datetime.now(UTC) - timedelta(days=1)
    newest: dict[str, runs.Run] = {}
    for run in runs.latest(database, since=since, at_most=500):
        if run.state in ("done", "failed", "lost"):
            newest.setdefault(run.source, run)
    failed = [run for run in newest.values() if run.state != "done"]
    if failed:
        names = sources.names(database, [run.source for run in failed])
        first = failed[0]
        return Finding(
            "runs",
            "wrong",
            f"the last run of {len(failed)} sources failed; "
            f"{names.get(first.source, first.source)}: {first.reason}",
        )
    return Finding("runs", "ok", f"{len(newest)} sources crawled in the last day, none failed last")


def _raw_pages(config: Config, database: Database) -> Finding:
    if not config.warc:
        return Finding("raw pages", "note", "are not kept (setting warc)")
    since = datetime.now(UTC) - timedelta(days=1)
    for run in runs.latest(database, since=since, at_most=500):
        if run.counters.get("raw_not_kept"):
            why = next((line for line in run.log if "as they came" in line), "")
            return Finding(
                "raw pages",
                "wrong",
                f"{run.counters['raw_not_kept']} pages of a run were not kept as they came {why}; "
                "make room on the disk, or set warc_keep_bytes lower",
            )
    files = closed_files(config.data_dir)
    size = sum(map(_size, files))
    return Finding(
        "raw pages", "ok", f"{size / 1e9:.1f} GB in {len(files)} files under {config.data_dir}/warc"
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # the oldest go while newer ones come
        return 0


def _keeping(_config: Config, database: Database) -> Finding:
    from newsbot.keeping.holding import HoldError, Holds
    from newsbot.keeping.removing import SETTLED

    try:
        held = len(Holds.read(database).all)
    except HoldError as error:
        return Finding("keeping", "wrong", f"retention and removal stand still: {error}")
    late = datetime.now(UTC) - SETTLED - timedelta(hours=2)
    left = [stone for stone in removed.left_open(database) if stone.at < late]
    if left:
        return Finding(
            "keeping",
            "wrong",
            f"{len(left)} removals are not carried through ({left[0].id} …); `newsbot up` does that, "
            "or newsbot remove ID --reason … --yes once more",
        )
    return Finding("keeping", "ok", f"{len(retention.rules(database))} rules, {held} holds")


def _alerts(_config: Config, database: Database) -> Finding:
    ailing = {}
    for each in rule_ailments.everything(database):
        rule = rules.by_id(database, each.alert)
        if rule and rule.state == "active" and rule.version == each.version:
            ailing[rule.name] = each
    if not ailing:
        return Finding("alerts", "ok", "none is broken or slow")
    broken = any(each.what == "broken" for each in ailing.values())
    told = "; ".join(
        f"{name!r} is {each.what} ({each.says.splitlines()[-1]})"
        for name, each in list(ailing.items())[-_NAMED:]
    )
    more = f" and {len(ailing) - _NAMED} more" if len(ailing) > _NAMED else ""
    return Finding("alerts", "wrong" if broken else "note", f"{told}{more}; change or pause them")


def _delivery(_config: Config, database: Database) -> Finding:
    counts = outbox.counts(database)
    if counts["dead"]:
        return Finding(
            "delivery",
            "wrong",
            f"{counts['dead']} messages could not be delivered and were set aside",
        )
    return Finding("delivery", "ok", f"{counts['sent']} messages sent, {counts['due']} waiting")


def _troubles(_config: Config, database: Database) -> Finding:
    open_ = [
        each
        for each in troubles.standing(database)
        if each.told and each.state == "open" and each.kind not in troubles.SUBSCRIBERS
    ]
    heard = any(each.operators for each in channels.everything(database))
    nobody = (
        ""
        if heard
        else "; no channel is marked for operators, so nobody is told: newsbot channel operators CHANNEL"
    )
    if open_:
        names = sources.names(database, {name for each in open_ for name in each.members})
        first = trouble_words.title(open_[0], names)
        more = f", and {len(open_) - 1} troubles more" if len(open_) > 1 else ""
        return Finding("troubles", "wrong", f"{first}{more}{nobody}")
    return Finding("troubles", "ok" if heard else "note", f"none{nobody}")


def _spool(config: Config) -> Finding:
    found = standing(config.data_dir)
    waits = f"{found.waiting} articles ({found.bytes / 1e6:.1f} MB) wait on disk for MongoDB"
    if found.torn or found.refused:
        return Finding(
            "spool",
            "wrong",
            f"{waits}; {found.torn} torn and {found.refused} refused records were set aside under "
            f"{config.data_dir / 'spool'}: the worker's log says why; remove them when it is seen to",
        )
    if found.left:
        return Finding(
            "spool",
            "note",
            f"{waits}, {found.left} of them left by a process that died; a worker takes them over: "
            "newsbot up",
        )
    if found.waiting:
        return Finding("spool", "note", waits)
    return Finding("spool", "ok", "nothing waits")


def _broker(config: Config) -> list[Finding]:
    if config.dispatch == "local":
        return []
    from schedules.broker import Broker, BrokerError, shown

    broker = Broker(config)
    try:
        waiting = broker.waiting()
    except BrokerError as error:
        return [Finding("broker", "wrong", str(error))]
    finally:
        broker.close()
    says = f"{shown(config)} answers; {waiting} runs wait in it for a worker"
    return [Finding("broker", "ok", says)]


def _parts(config: Config) -> Finding:
    found = parts.running(config.data_dir)
    if found is None:
        return Finding(
            "parts", "note", "none runs; crawls, alerts and schedules need them: newsbot up"
        )
    ill = [part for part in found if part.waiting or part.deaths >= OFTEN]
    if ill:
        worst = max(ill, key=lambda part: part.deaths)
        return Finding(
            "parts",
            "wrong",
            f"{worst.name} died {worst.deaths} times of late; its log says why: "
            f"{config.data_dir / 'logs' / worst.name}.log",
        )
    return Finding("parts", "ok", f"{len(found)} run: {', '.join(part.name for part in found)}")


def _web(config: Config) -> Finding:
    where = f"http://{config.web_host}:{config.web_port}/"
    try:
        socket.create_connection((config.web_host, config.web_port), timeout=1).close()
    except OSError:
        return Finding("web page", "note", f"nothing answers at {where}; start it: newsbot up")
    return Finding("web page", "ok", where)


_CHECKS: tuple[Callable[[Config, Database], Finding], ...] = (
    _browser,
    _mongodb,
    _index,
    _index_check,
    _pause,
    _sources,
    _scheduler,
    _health,
    _runs,
    _raw_pages,
    _keeping,
    _alerts,
    _delivery,
    _troubles,
)
