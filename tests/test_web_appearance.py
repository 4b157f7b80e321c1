"""How the pages look to one reader, and the way through them; what a browser's cookies say is not trusted."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient

from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.web.access import STRANGER, Role, Visitor
from newsbot.web.app import create_app
from newsbot.web.languages import languages
from newsbot.web.live import Live
from newsbot.web.navigation import way
from newsbot.web.speech import Speech


@pytest.fixture(scope="module")
def desk(own_archive: tuple[Config, Database]) -> TestClient:
    config, database = own_archive
    return TestClient(create_app(config, database, Live(config, database)))


def get(desk: TestClient, address: str, **cookies: str) -> str:
    desk.cookies.clear()
    for name, value in cookies.items():
        desk.cookies.set(f"newsbot_{name}", value)
    answer = desk.get(address)
    assert answer.status_code == 200, answer.text
    return answer.text


def chosen(desk: TestClient, **choice: str) -> tuple[int, str, dict[str, str]]:
    """Send the form; return the status, where it leads, and what the browser keeps."""
    page = get(desk, "/appearance")
    token = page.split('name="token" value="')[1].split('"')[0]
    answer = desk.post("/appearance", data={"token": token, **choice}, follow_redirects=False)
    kept = {name: value for name, value in desk.cookies.items() if name != "newsbot_form"}
    return answer.status_code, answer.headers.get("location", answer.text), kept


def test_a_chosen_language_theme_and_zone_are_kept(desk: TestClient) -> None:
    status, where, kept = chosen(
        desk, language="ar", theme="dark", zone="Asia/Beirut", keys="off", back="/search?q=a"
    )
    assert (status, where) == (303, "/search?q=a")
    assert kept == {
        "newsbot_language": "ar",
        "newsbot_theme": "dark",
        "newsbot_keys": "off",
        "newsbot_zone": "Asia%2FBeirut",
        "newsbot_zone_chosen": "yes",
    }


def test_a_page_is_as_it_was_chosen(desk: TestClient) -> None:
    page = get(desk, "/", language="ar", theme="dark", keys="off")
    assert '<html lang="ar" dir="rtl" data-theme="dark" data-no-keys>' in page
    page = get(desk, "/", language="<script>", theme='"x', keys="maybe", zone="../../etc/passwd")
    assert '<html lang="en" dir="ltr" data-theme="auto">' in page


def test_a_zone_that_does_not_exist_is_refused_with_what_was_typed(desk: TestClient) -> None:
    status, text, kept = chosen(desk, zone="Beirut<b>")
    assert status == 400
    assert "There is no zone of time “Beirut&lt;b&gt;”; write one as Asia/Beirut" in text
    assert kept == {}


@pytest.mark.parametrize(
    "back",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "/\\elsewhere.example",
        "\\\\elsewhere.example",
        "javascript:alert(1)",
        "/a\r\nset-cookie: x=y",
        "/\t/elsewhere.example",
        "",
    ],
)
def test_nobody_is_led_elsewhere(desk: TestClient, back: str) -> None:
    assert chosen(desk, theme="dark", back=back)[:2] == (303, "/appearance")


def test_a_form_of_another_page_changes_nothing(desk: TestClient) -> None:
    get(desk, "/appearance")
    answer = desk.post("/appearance", data={"token": "x", "theme": "dark"})
    assert answer.status_code == 403


def test_where_one_is_is_marked_in_both_rows_of_the_way(desk: TestClient) -> None:
    page = get(desk, "/channels")
    assert '<a href="/alerts" data-go="a" aria-current="true">Alerts</a>' in page
    assert '<a href="/channels" data-go="h" aria-current="page">Channels</a>' in page


def test_the_way_offers_only_what_a_visitor_may_open() -> None:
    viewer = [
        each.address
        for _, area in way("/", Visitor("v", Role.VIEWER, "session"))
        for each in area.pages
    ]
    assert "/alerts" in viewer
    assert "/channels" not in viewer
    assert not way("/", STRANGER)
    operator = [
        each.address
        for _, area in way("/", Visitor("o", Role.OPERATOR, "session"))
        for each in area.pages
    ]
    assert "/channels" in operator


def test_letters_that_lead_to_pages_lead_to_one_each() -> None:
    admin = Visitor("a", Role.ADMIN, "session")
    letters = [page.key for _, area in way("/", admin) for page in area.pages if page.key]
    assert len(letters) == len(set(letters))


def test_keys_are_told_on_a_page_of_their_own(desk: TestClient) -> None:
    page = get(desk, "/keys")
    assert '<kbd dir="ltr">j</kbd></dt><dd>the next in the list' in page


# How a moment is told

MOMENT = datetime(2026, 3, 23, 22, 30, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("UTC", "2026-03-23 22:30:05 UTC"),
        ("Europe/Berlin", "2026-03-23 23:30:05 CET"),
        ("Asia/Dubai", "2026-03-24 02:30:05 UTC+04"),
    ],
)
def test_a_moment_is_told_in_the_readers_zone_with_its_name(zone: str, told: str) -> None:
    assert Speech(languages()["en"], ZoneInfo(zone)).exactly(MOMENT) == told


def test_utc_is_told_where_a_moment_is_pointed_at() -> None:
    assert str(Speech(languages()["en"], ZoneInfo("Europe/Berlin")).moment(MOMENT)) == (
        '<time datetime="2026-03-23T22:30:05+00:00" '
        'title="2026-03-23 23:30:05 CET · 2026-03-23 22:30:05 UTC">2026-03-23 23:30:05 CET</time>'
    )


def test_what_reads_from_left_to_right_is_kept_so_in_arabic() -> None:
    told = Speech(languages()["ar"]).exactly(MOMENT)
    assert told == "\u20662026-03-23 22:30:05 UTC\u2069"


@pytest.mark.parametrize(
    ("back", "english", "arabic"),
    [
        (timedelta(seconds=65), "1 minute ago", "قبل دقيقة واحدة"),
        (timedelta(minutes=2), "2 minutes ago", "قبل دقيقتين"),
        (timedelta(hours=5), "5 hours ago", "قبل 5 ساعات"),
        (timedelta(days=11), "11 days ago", "قبل 11 يومًا"),
        (timedelta(days=-3, seconds=-60), "in 3 days", "خلال 3 أيام"),
    ],
)
def test_how_long_ago_something_was_is_told_with_the_plurals_of_the_language(
    back: timedelta, english: str, arabic: str
) -> None:
    moment = datetime.now(UTC) - back
    told = [Speech(languages()[code]).ago(moment).replace("يوماً", "يومًا") for code in ("en", "ar")]
    assert told == [english, arabic]


def test_numbers_have_the_digits_that_queries_are_typed_with() -> None:
    arabic = Speech(languages()["ar"])
    assert (arabic.number(1234567), arabic.number(2.25, 1)) == ("1,234,567", "2.2")


def test_what_is_not_known_in_arabic_is_marked_as_english() -> None:
    arabic = Speech(languages()["ar"])
    assert str(arabic.told("No such <thing>")) == (
        '<span lang="en" dir="ltr">No such &lt;thing&gt;</span>'
    )
    assert str(arabic.told("done")) == "أُنجزت"
