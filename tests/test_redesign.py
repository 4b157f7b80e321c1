"""What is taken for a site's redesign, by values alone; the drill is in ``test_redesign_drill.py``."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import log

import attrs
import pytest

from newsbot.edits.known_page import witness
from newsbot.extraction import Extracted
from newsbot.items import Article
from newsbot.redesign import NewPage, Shown, Usual, Verdict, Witness, judge, suspicious
from newsbot.standing import Brought, Standing, after_run
from newsbot.text.dates import ParsedDate

NOW = datetime(2026, 3, 23, 12, tzinfo=UTC)
USUAL = Usual(pages=100, textless=2, untitled=0, undated=1, length=log(2_500))


def pages(count: int = 1, *, length: int = 2_000, **said: object) -> list[NewPage]:
    titles = (f"{n} of {count} {length} {said}" for n in range(count))
    return [NewPage(title=title, length=length, **said) for title in titles]  # type: ignore[arg-type]


def page(name: str, lost: dict[str, str] | None = None, **after: object) -> Witness:
    shown = {
        "title": name,
        "words": 400,
        "day": f"2026-03-{len(name):02}",
        "begins": name,
        "at": NOW,
    }
    return Witness(
        article=name,
        url=f"https://news.example/{name}",
        landed=f"news.example/{name}",
        had=("text", "titles", "dates"),
        lost=lost or {},  # type: ignore[arg-type]
        before=Shown(**shown),  # type: ignore[arg-type]
        after=Shown(**(shown | after)),  # type: ignore[arg-type]
        length=2_500,
    )


def lost_of(*known: Witness, new: Sequence[NewPage] = ()) -> tuple[str, ...] | None:
    found = judge(known, new, USUAL)
    return None if found is None else found.lost


GONE = {"text": "0 of 400 words"}


def test_two_known_articles_of_two_that_are_lost_are_a_redesign() -> None:
    assert lost_of(page("a", GONE), page("bb", GONE)) == ("text",)


def test_one_alone_says_nothing_and_one_of_several_is_its_own_affair() -> None:
    assert lost_of(page("a", GONE)) is None
    assert lost_of(page("a", GONE), page("bb"), page("ccc")) == ()
    assert lost_of(page("a", GONE), page("bb", GONE), page("ccc"), page("dddd")) == ()


def test_new_pages_that_read_well_speak_against_it() -> None:
    lost = page("a", GONE), page("bb", GONE)
    well, poor, short = pages(3), pages(3, hollow=True), pages(3, length=200)
    assert lost_of(*lost, new=well) == ()
    assert lost_of(*lost, new=poor) == lost_of(*lost, new=short) == ("text",)


def test_pages_that_all_show_one_text_are_a_wall() -> None:
    walls = [page(name, GONE, begins="Solve the puzzle.", title="x") for name in ("a", "bb", "ccc")]
    found = judge(walls, (), USUAL)
    assert found == Verdict(walled=3)


def test_pages_that_lead_to_one_are_passed_over() -> None:
    moved = [attrs.evolve(page(name, GONE), landed="news.example/") for name in ("a", "bb")]
    assert lost_of(*moved) is None


def test_what_stands_on_every_page_is_none_s_own() -> None:
    same = {"lines": {"terms": 1_500}, "length": 2_500}
    assert lost_of(*(attrs.evolve(page(n), **same) for n in ("a", "bb"))) == ("text",)
    assert lost_of(page("a", title="The Courier"), page("bb", title="The Courier")) == ("titles",)
    assert lost_of(page("a", day="2026-03-23"), page("bb", day="2026-03-23")) == ("dates",)


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (pages(hollow=True), True),
        (pages(hollow=True) + pages(11), False),
        (pages(3, dated=False), True),
        (pages(2, clocked=True), True),
        (pages(2, titled=False) + pages(1), True),
        ([NewPage(title="Courier", length=2_000)] * 2, True),
        (pages(2, lines={"terms": 900}), True),
        (pages(1, length=200) + pages(1), True),
        (pages(20, length=1_500), False),
        ([], False),
    ],
)
def test_known_articles_are_asked_for_where_new_pages_are_poor(
    new: list[NewPage], *, expected: bool
) -> None:
    assert suspicious(USUAL, new) is expected


def test_a_source_that_is_hardly_known_and_one_whose_pages_are_often_poor_raise_no_suspicion() -> (
    None
):
    poor = pages(hollow=True) + pages(1)
    assert not suspicious(attrs.evolve(USUAL, pages=5.0, textless=0.0), poor)
    assert not suspicious(attrs.evolve(USUAL, textless=30.0), poor)


# Of one page

TEXT = "\n".join(
    f"The council of Ellerton said in paragraph {n} that the bridge stays closed until the tide turns."
    for n in range(12)
)


def known(**said: object) -> Article:
    fields: dict[str, object] = {
        "id": "a",
        "url": "https://news.example/a/1",
        "fetched_url": "https://news.example/a/1",
        "source": "s",
        "fetched_at": NOW - timedelta(days=2),
        "title": "The bridge stays closed",
        "body": TEXT,
        "published": ParsedDate(NOW.date() - timedelta(days=2), source="json-ld"),
        "language": "en",
    }
    return Article(**(fields | said))  # type: ignore[arg-type]


def read(**said: object) -> Extracted:
    fields: dict[str, object] = {
        "title": "The bridge stays closed",
        "body": TEXT,
        "published": ParsedDate(NOW.date() - timedelta(days=2), source="json-ld"),
        "language": "en",
        "is_article": True,
    }
    return Extracted(**(fields | said))  # type: ignore[arg-type]


def seen(page: Extracted, article: Article | None = None, landed: str = "") -> Witness | None:
    return witness(article or known(), page, landed or "https://news.example/a/1", at=NOW, raw=None)


def test_a_page_that_reads_as_it_did_has_lost_nothing() -> None:
    said = seen(read(body=TEXT + "\nUpdate: the mayor has answered.", title="Bridge stays closed"))
    assert said is not None
    assert said.lost == {}


@pytest.mark.parametrize(
    ("page", "lost"),
    [
        (read(body="Subscribe to read on."), {"text"}),
        (read(body="", is_article=False, kind="empty", why="it has no text"), {"text"}),
        (read(title=""), {"titles"}),
        (read(published=None), {"dates"}),
        (read(published=ParsedDate(NOW.date(), source="time")), {"dates"}),
    ],
)
def test_what_a_page_does_not_show_any_more_is_lost(page: Extracted, lost: set[str]) -> None:
    said = seen(page)
    assert said is not None
    assert set(said.lost) == lost


def test_walls_errors_and_parts_say_nothing() -> None:
    for kind in ("wall", "error", "notice"):
        assert seen(read(is_article=False, kind=kind, body="")) is None
    assert seen(read(next_page="https://news.example/a/1?page=2")) is None
    assert seen(read(), known(partial="refused_paywall")) is None
    assert seen(read(body="", is_article=False, kind="hub"), landed="https://news.example/") is None


def test_a_date_that_the_feed_told_is_not_missed_on_the_page() -> None:
    of_feed = known(published=ParsedDate(NOW.date(), source="feed"))
    said = seen(read(published=None), of_feed)
    assert said is not None
    assert "dates" not in said.had


# Over runs


def ran(standing: Standing | None, minutes: int, **brought: object) -> Standing:
    return after_run(
        standing,
        "s",
        mark=f"{minutes}",
        at=NOW + timedelta(minutes=minutes),
        well=True,
        brought=Brought(**brought),  # type: ignore[arg-type]
    )


def test_a_redesign_stands_from_the_run_that_finds_it_to_the_run_that_finds_all_as_it_was() -> None:
    found = Verdict(lost=("text",), says="of 4 known articles 4 are read without their text")
    standing = ran(None, 0, known=("a", "b"))
    standing = ran(standing, 5, verdict=found, known=("poor",))
    assert standing.redesigned is not None
    assert standing.redesigned.since == NOW + timedelta(minutes=5)
    assert standing.known == ("a", "b")
    standing = ran(standing, 10, verdict=found)
    standing = ran(standing, 15, verdict=None)
    standing = ran(standing, 20, verdict=Verdict(walled=3))
    assert standing.redesigned is not None
    assert standing.redesigned.since == NOW + timedelta(minutes=5)
    standing = ran(standing, 25, verdict=Verdict(), known=("c",))
    assert standing.redesigned is None
    assert standing.known == ("a", "b", "c")
