"""Dates of articles that were stored before any date was doubted are judged once, a few at a time."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from threading import Event

import attrs
import pytest
from pymongo.collection import Collection

from newsbot.archive import articles, changes, old_dates, same_dates
from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.items import Article
from newsbot.keeping.old_dates import judge
from newsbot.reading import Candidate
from newsbot.search.checking import check
from newsbot.search.follow import catch_up
from newsbot.search.index import current
from newsbot.search.results import Reader
from newsbot.text.dates import IMPORTED, ParsedDate
from newsbot.text.doubts import FUTURE, PLACEHOLDER, TOO_EARLY
from schedules import timetable
from schedules.timetable import Timetable
from tests.test_kills import wait_until

READ = datetime(2026, 3, 10, 12, tzinfo=UTC)
BUILT, MINUTE = READ.replace(second=7), READ.replace(minute=30)
BATCH = "the same as at least 24 others of its source"


def article(path: str, stated: ParsedDate | None, source: str = "s") -> Article:
    url = f"https://{source}.example/{path}"
    return Article(
        id=articles.article_id(url),
        url=url,
        fetched_url=url,
        source=source,
        fetched_at=READ,
        title=f"Report {path}",
        body=f"The harbour of {path} at {source} was open to ships again.",
        published=stated,
    )


def moment(at: datetime, source: str = "json-ld datePublished") -> ParsedDate:
    return ParsedDate(at.date(), at, source)


def day(year: int, month: int, of: int, source: str = "json-ld datePublished") -> ParsedDate:
    return ParsedDate(date(year, month, of), None, source)


# What is stored, and why its date is not believed.
OLD: dict[str, tuple[ParsedDate | None, str]] = {
    "good": (day(2026, 3, 1), ""),
    "none": (None, ""),
    "tomorrow": (day(2026, 3, 11), ""),
    "future": (day(2031, 3, 11), FUTURE),
    "epoch": (day(1970, 1, 1), PLACEHOLDER),
    "early": (day(1923, 5, 4), TOO_EARLY),
    "1923/05/04/told-twice": (day(1923, 5, 4), ""),
    "from-a-file": (day(1923, 5, 4, IMPORTED), ""),
    **{f"built-{n}": (moment(BUILT), BATCH) for n in range(25)},
    **{f"edition-{n}": (moment(MINUTE), "") for n in range(30)},
    **{f"fed-{n}": (moment(BUILT + timedelta(seconds=1), "feed"), "") for n in range(30)},
}
FEW = {f"few-{n}": (moment(BUILT), "") for n in range(19)}


def put(database: Database, *found: Article) -> None:
    judged = articles.judge(database, [Candidate.of(each) for each in found])
    articles.keep(database, judged, now=READ, pending=False)


@pytest.fixture
def old(database: Database) -> None:
    """An archive as it was before dates were doubted, of two sources, and one article of today."""
    put(database, *(article(path, stated) for path, (stated, _) in OLD.items()))
    put(database, *(article(path, stated, "other") for path, (stated, _) in FEW.items()))
    database.articles.update_many({"published": {"$ne": None}}, {"$unset": {"published.doubt": 1}})
    new = attrs.evolve(day(2031, 3, 11), doubt="")  # believed for a reason of its own
    put(database, article("judged", new))


def wanted() -> dict[str, str]:
    told = {article(path, None).id: why for path, (_, why) in OLD.items()}
    told |= {article(path, None, "other").id: why for path, (_, why) in FEW.items()}
    return told | {article("judged", None).id: ""}


def told(database: Database) -> dict[str, str]:
    return {
        each["_id"]: (each.get("published") or {}).get("doubt", "")
        for each in database.articles.find({})
    }


def without_doubts(database: Database) -> list[object]:
    found = list(database.articles.find({}).sort("_id", 1))
    for each in found:
        (each.get("published") or {}).pop("doubt", None)
    return [found, database.revisions.count_documents({}), database.outbox.count_documents({})]


@pytest.mark.usefixtures("old")
def test_each_date_is_judged_as_if_it_came_today_and_nothing_else_changes(
    database: Database,
) -> None:
    before = without_doubts(database)
    assert judge(database) == 3 + 25
    assert told(database) == wanted()
    assert without_doubts(database) == before
    (batch,) = same_dates.known(database, "s")  # so that what comes after is of it
    assert (batch.second, batch.why, batch.settled) == (BUILT, BATCH, True)
    assert same_dates.known(database, "other") == []


@pytest.mark.usefixtures("old")
def test_it_is_done_once(database: Database) -> None:
    judge(database)
    database.articles.update_many({"published": {"$ne": None}}, {"$unset": {"published.doubt": 1}})
    assert judge(database) is None
    assert not any(told(database).values())


def test_an_empty_archive_is_done_at_once(database: Database) -> None:
    assert judge(database) == 0
    assert judge(database) is None


@pytest.mark.usefixtures("old")
@pytest.mark.parametrize("follows", ["the stream", "a scan", "nothing but the checker"])
def test_the_index_hears_of_it(database: Database, settings: Config, follows: str) -> None:
    catch_up(settings, database)
    assert Reader(settings, database).search("date:2031-03-11").total == 2
    judge(database)
    if follows == "a scan":
        folder = current(settings.index_dir)
        assert folder is not None
        noted = json.loads((folder / "followed.json").read_text())
        (folder / "followed.json").write_text(json.dumps(noted | {"token": None}))
    if follows != "nothing but the checker":
        catch_up(settings, database)
    assert check(settings, database).differing == 0
    reader = Reader(settings, database)
    assert reader.search("date:2031-03-11").total == 1
    assert reader.search("date:[* TO 2100-01-01]").total == len(OLD) + len(FEW) - 3 - 25


_WRITES = ("update_one", "update_many", "replace_one")


@pytest.mark.usefixtures("old")
def test_whenever_it_is_killed_it_is_carried_through(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_id = {each["_id"]: each for each in database.articles.find({})}
    monkeypatch.setattr("newsbot.keeping.old_dates.SIZE", 10)
    monkeypatch.setattr("newsbot.keeping.old_dates._NOTED_EVERY", 2)
    monkeypatch.setattr("newsbot.keeping.old_dates._SHARE", 1.0)
    for most in range(200):
        # What the round before changed, as it was.
        for each in database.articles.find({}):
            if each != by_id[each["_id"]]:
                database.articles.replace_one({"_id": each["_id"]}, by_id[each["_id"]])
        database.raw.same_dates.delete_many({})
        database.meta.delete_one({"_id": "old dates"})
        with monkeypatch.context() as patch:
            left = [most]
            for name in _WRITES:
                patch.setattr(Collection, name, _counted(getattr(Collection, name), left))
            try:
                judge(database)
            except KeyboardInterrupt:
                done = False
            else:
                done = True
        judge(database)
        assert told(database) == wanted(), most
        if done:
            return


def _counted(real: Callable[..., object], left: list[int]) -> Callable[..., object]:
    def write(self: object, *given: object, **more: object) -> object:
        if left[0] == 0:
            raise KeyboardInterrupt
        left[0] -= 1
        return real(self, *given, **more)

    return write


@pytest.mark.usefixtures("old")
def test_it_goes_on_where_it_was_stopped(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsbot.keeping.old_dates.SIZE", 10)
    monkeypatch.setattr("newsbot.keeping.old_dates._NOTED_EVERY", 1)
    asked, stop, real = list[object](), Event(), old_dates.dated

    def dated(database: Database, span: object) -> list[old_dates.Dated]:
        asked.append(span)
        if len(asked) == 5:
            stop.set()
        return real(database, span)  # type: ignore[arg-type]

    monkeypatch.setattr(old_dates, "dated", dated)
    judge(database, stop=stop)
    reached = old_dates.standing(database)
    assert reached is not None
    assert (reached.done, reached.parts) == (5, 16)
    judge(database)
    assert len(asked) == 2 * 16
    assert told(database) == wanted()


@pytest.mark.usefixtures("old")
def test_an_edit_that_brings_another_date_meanwhile_is_not_judged_by_the_old(
    database: Database,
) -> None:
    (everything,) = changes.spans(database, 1_000)
    found = {each.id: each for each in old_dates.dated(database, everything)}
    seen = found[article("future", None).id]
    assert not seen.judged
    database.articles.update_one({"_id": seen.id}, {"$set": {"published.day": "2026-03-02"}})
    assert old_dates.distrust(database, {seen: FUTURE}, now=READ) == 0


@pytest.mark.usefixtures("old")
def test_the_scheduler_does_it_and_starts_without_waiting_for_it(
    database: Database, settings: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timetable, "TENDED_FIRST", 0)
    opened = Timetable(settings, database)
    opened.open()
    try:
        wait_until(lambda: bool((s := old_dates.standing(database)) and s.finished))
    finally:
        opened.close()
    assert told(database) == wanted()
