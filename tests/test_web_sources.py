"""Sources on the web page: found among many, changed, paused, removed, and their overrides tried on a page."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import attrs
import pytest
from fastapi.testclient import TestClient

from newsbot.archive import audit, sources, standings
from newsbot.archive.connection import Database
from newsbot.archive.sources import Source, Way
from newsbot.config import Config
from newsbot.standing import Brought
from newsbot.web import overview
from newsbot.web.app import create_app
from newsbot.web.live import Live
from newsbot.web.overview import Overview, Wanted, chosen
from newsbot.web.sparks import hours, spark
from tests.conftest import Site
from tests.test_survey import newsroom
from tests.test_web import shown

MANY = 60
NOW = datetime.now(UTC).replace(microsecond=0)


def made(number: int) -> Source:
    return Source(
        id=f"s{number}",
        name=f"paper-{number:02}",
        homepage=f"https://paper{number}.example/",
        title=f"Paper {number}",
        entry_points=(Way(url=f"https://paper{number}.example/feed", kind="feed"),),
        groups=("coast",) if number % 2 else ("hills", "north"),
        next_due=NOW,
        added_at=NOW - timedelta(days=30),
    )


@pytest.fixture(scope="module")
def page(own_archive: tuple[Config, Database]) -> Iterator[TestClient]:
    config, database = own_archive
    sources.add_many(database, [made(number) for number in range(MANY)])
    for back in (3, 2, 1):  # one has failed three days long, one has brought articles
        at = NOW - timedelta(days=back)
        standings.note(
            database, "s7", mark=f"a{back}", at=at, well=False, trouble="https://x.example/ refused"
        )
        brought = Brought(news=back, articles=back, stored=back)
        standings.note(database, "s8", mark=f"b{back}", at=at, well=True, brought=brought)
    with TestClient(create_app(config, database, Live(config, database))) as client:
        yield client


def token(page: TestClient) -> str:
    found = re.search(r'name="token" value="([^"]+)"', shown(page, "/sources/add"))
    assert found is not None
    return found[1]


def listed(text: str) -> list[str]:
    return re.findall(r'<a href="/sources/s\d+"><bdi>(paper-\d\d)</bdi>', text)


def test_sources_are_listed_a_page_at_a_time_what_is_wrong_first(page: TestClient) -> None:
    first, second = shown(page, "/sources"), shown(page, "/sources?page=2")
    assert listed(first)[:2] == ["paper-07", "paper-00"]
    assert len(listed(first)) == 50
    assert len(listed(second)) == MANY - 50
    assert 'rel="next"' in first
    assert 'rel="prev"' in second
    for wrong in ("x", "0", "99999999999999999999", "-1", "²"):
        assert listed(shown(page, f"/sources?page={wrong}"))


def test_sources_are_found_by_name_group_and_health_and_ordered(page: TestClient) -> None:
    assert listed(shown(page, "/sources?q=PAPER33.example")) == ["paper-33"]
    assert len(listed(shown(page, "/sources?group=Hills&order=name"))) == MANY // 2
    assert listed(shown(page, "/sources?health=ill")) == ["paper-07"]
    assert listed(shown(page, "/sources?health=well")) == ["paper-08"]
    assert listed(shown(page, "/sources?order=most"))[0] == "paper-08"
    assert listed(shown(page, "/sources?order=stored"))[0] == "paper-08"
    assert "No source is like that" in shown(page, "/sources?q=nothing")
    assert "today last: " in shown(page, "/sources?health=well")


def test_one_source_shows_how_it_fares(page: TestClient) -> None:
    text = shown(page, "/sources/s7")
    assert "failed 3 times in a row" in text
    assert "Crawl it now" in text
    text = shown(page, "/sources/s8")
    assert '<td class="number">3</td>' in text
    assert page.get("/sources/none").status_code == 404


def test_a_source_is_changed_as_it_is_typed(
    page: TestClient, own_archive: tuple[Config, Database]
) -> None:
    _, database = own_archive
    before = sources.find(database, "s1")
    assert before is not None
    assert 'value="paper-01"' in shown(page, "/sources/s1/change")
    sent = {
        "token": token(page),
        "name": "paper one",
        "title": "The Paper",
        "groups": "north, Coast, coast",
        "delay": "2.5",
        "concurrency": "",
        "ways": "feed https://paper1.example/feed\n\npage https://paper1.example/news\n",
    }
    assert page.post("/sources/s1/change", data=sent).url.path == "/sources/s1"
    after = sources.find(database, "paper one")
    assert after is not None
    assert after == attrs.evolve(
        before,
        name="paper one",
        former_names=("paper-01",),
        title="The Paper",
        groups=("north", "Coast"),
        delay=2.5,
        entry_points=(*before.entry_points, Way(url="https://paper1.example/news", kind="page")),
        next_due=None,
    )
    assert audit.about(database, "s1")[0].action == "source set"


@pytest.mark.parametrize(
    ("field", "typed", "why"),
    [
        ("name", "paper-02", "is there already"),
        ("name", "a/b", "has no slash"),
        ("delay", "soon", "no time between two requests"),
        ("delay", "nan", "no time between two requests"),
        ("concurrency", "0", "give 1 to 64"),
        ("ways", "", "leave at least one"),
        ("ways", "feed https://a.example/\nfeeds b", "line 2"),
    ],
)
def test_what_cannot_be_is_shown_again_with_why(
    page: TestClient, own_archive: tuple[Config, Database], field: str, typed: str, why: str
) -> None:
    usual = {"name": "paper-03", "ways": "feed https://paper3.example/feed", "poll": "yes"}
    answer = page.post("/sources/s3/change", data={"token": token(page)} | usual | {field: typed})
    assert answer.status_code == 422
    assert why in answer.text
    assert f'id="wrong-{field}"' in answer.text
    assert sources.find(own_archive[1], "s3") == made(3)


def test_a_source_is_paused_resumed_and_removed(
    page: TestClient, own_archive: tuple[Config, Database]
) -> None:
    _, database = own_archive
    own = {"token": token(page)}
    assert page.post("/sources/s5/pause").status_code == 403
    assert "It is paused" in page.post("/sources/s5/pause", data=own).text
    assert listed(shown(page, "/sources?health=paused")) == ["paper-05"]
    page.post("/sources/s5/resume", data=own)
    found = sources.find(database, "s5")
    assert found is not None
    assert found.state == "active"
    assert page.post("/sources/s5/remove", data=own).status_code == 422
    assert sources.find(database, "s5") is not None
    assert page.post("/sources/s5/remove", data=own | {"sure": "yes"}).url.path == "/sources"
    assert sources.find(database, "s5") is None
    assert [each.action for each in audit.about(database, "s5")] == [
        "source remove",
        "source resume",
        "source pause",
    ]


def test_overrides_are_tried_on_a_page_and_saved(
    page: TestClient, own_archive: tuple[Config, Database], make_site: Callable[[], Site]
) -> None:
    _, database = own_archive
    site = make_site()
    newsroom(site)
    text = (site.root / "a/1.html").read_text()
    site.write("a/1.html", text.replace("<h1>", "<p class=by>By Lina Haddad</p><h1>"))
    host = site.base.removeprefix("http://")
    own = attrs.evolve(
        made(99),
        homepage=site.base,
        allowed_hosts=(host,),
        entry_points=(Way(url=f"{site.base}/feed.xml", kind="feed"),),
    )
    sources.add(database, own)
    where, sent = (
        f"/sources/{own.id}/overrides",
        {"token": token(page), "url": f"{site.base}/a/1.html"},
    )
    tried = page.post(where, data=sent | {"authors": ".by", "drop": ".ad\n.nothing"}).text
    assert "Lina Haddad" in tried
    assert '<code dir="ltr">drop .nothing</code>' in tried
    assert "Ferries wait for storm 1" in tried
    found = sources.find(database, own.id)
    assert found is not None
    assert not found.overrides.selectors()
    wrong = page.post(where, data=sent | {"title": "h1 >> ["})
    assert wrong.status_code == 422
    assert "is no CSS selector" in wrong.text
    assert "h1 &gt;&gt; [" in wrong.text
    page.post(where, data=sent | {"authors": ".by", "do": "save"})
    found = sources.find(database, own.id)
    assert found is not None
    assert found.overrides.selectors() == (("authors", ".by"),)
    # Only from where its crawls may fetch.
    elsewhere = make_site()
    elsewhere.write("x.html", "secret")
    refused = page.post(where, data=sent | {"url": f"{elsewhere.base}/x.html"})
    assert "refused" in refused.text
    assert elsewhere.requests == []


def test_where_reading_all_takes_long_it_is_done_beside_the_looks(
    own_archive: tuple[Config, Database], monkeypatch: pytest.MonkeyPatch, page: TestClient
) -> None:
    """What is changed here is known at once all the same."""
    del page
    config, database = own_archive
    monkeypatch.setattr(overview, "QUICK", 0.0)
    seen = Overview(config, database)
    rows = seen.rows()
    sources.change(database, "s9", groups=("islands",))
    assert not chosen(seen.rows(), Wanted(group="islands"))
    seen.changed("s9")
    assert [each.name for each in chosen(seen.rows(), Wanted(group="islands"))] == ["paper-09"]
    assert len(seen.rows()) == len(rows)


def test_charts_draw_what_is_known() -> None:
    assert spark([None, 0, 2, 4], width=40, height=10) == "M20 10v-5h8v5zM30 10v-10h8v10z"
    assert spark([]) == ""
    assert hours({}, [NOW.date()], well=True) == ""
