"""An archive with one of everything that the desk's pages show, in English and in Arabic."""

from datetime import UTC, datetime, timedelta

from newsbot.alerts import changing
from newsbot.alerts import lists as desk_lists
from newsbot.archive import channels, collections, runs, schedules, searches, sources, triage
from newsbot.archive.connection import Database
from newsbot.archive.schedules import Schedule
from newsbot.archive.sources import Source, Way
from newsbot.config import Config
from newsbot.search.follow import catch_up
from newsbot.text.dates import ParsedDate
from newsbot.web.access import AT_THE_MACHINE
from tests.test_web import article, put

ARABIC = "أعلنت هيئة الموانئ فتح المرفأ بعد تسعة أيام من الإغلاق.\nوقال مدير المرفأ إن ثلاث عبّارات غادرت."


def fill(config: Config, database: Database) -> None:
    """Put one of everything in."""
    now = datetime.now(UTC)
    for id_, name in (("s", "harbour-news"), ("t", "أخبار المرفأ")):
        sources.add(
            database,
            Source(
                id=id_,
                name=name,
                homepage=f"https://{'harbour' if id_ == 's' else 'marfa'}.example/",
                title=name,
                groups=("coast",),
                entry_points=(Way(url=f"https://harbour.example/{id_}.rss", kind="feed"),),
                added_at=now - timedelta(days=20),
            ),
        )
    channel = channels.add(
        database, kind="webhook", target="https://desk.example/x", shown="https://desk.example/…"
    )
    changing.add(
        database,
        {
            "name": "ferries",
            "query": "harbour OR المرفأ",
            "channels": (channel.id,),
            "max_age": 0.0,
        },
        by="Lina",
        now=now - timedelta(hours=1),
    )
    made = [
        article(
            f"{source}{n}",
            source=source,
            title=title if n else f"{title} " + "long" * 30,
            body=f"{body}\n{n}",
            language=language,
            section="World",
            authors=("Ann Lee",),
            published=ParsedDate(now.date() - timedelta(days=n), now - timedelta(days=n)),
        )
        for source, language, title, body in (
            ("s", "en", "The harbour opens", "The harbour opened at dawn after nine days."),
            ("t", "ar", "فتح المرفأ بعد تسعة أيام", ARABIC),
        )
        for n in range(4)
    ]
    stored = [each.record.story for each in put(database, *made)]
    triage.own(database, AT_THE_MACHINE.name, "star", stored[1:2], now=now)
    triage.for_the_desk(database, "Lina", "take", stored[:1], now=now)
    triage.for_the_desk(database, "Lina", "not relevant", stored[4:6], now=now)
    put(
        database,
        article("s1", title="The harbour opens again", body="It opened. Corrected: ten days."),
    )
    for id_ in ("s", "t"):
        runs.request(database, id_, trigger="request", occasion=id_, now=now)
    run = runs.latest(database, since=now - timedelta(days=1), at_most=1)[0]
    taken = runs.take(database, run, owner="w", seconds=60, now=now)
    assert taken is not None
    runs.finish(
        database,
        taken,
        state="failed",
        reason="3 too large",
        now=now,
        counters={"new": 4, "edited": 1, "requests": 9, "refused_size": 3, "bytes": 91_000},
        log=(
            "2026-11-28 22:00:00 began",
            "2026-11-28 22:00:03 https://harbour.example/a is larger",
        ),
    )
    searches.add(database, searches.new("harbour", "harbour", order="newest", by="Lina", now=now))
    desk_lists.change(database, "ports", lambda _: ("harbour", "المرفأ"), by="Lina", now=now)
    collection = collections.new("Ferries", by="Lina", now=now, sharing="desk", about="On ferries.")
    collections.add(database, collection)
    collections.put_in(
        database, collection.id, [made[0].id, made[5].id], by="Lina", now=now, note="Ask the master"
    )
    schedules.add(
        database,
        Schedule(id="daily", source="s", kind="cron", when="0 6 * * *", added_at=now),
    )
    catch_up(config, database)
