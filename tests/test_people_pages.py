"""The pages of one's own account, and those of admins."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from fastapi.testclient import TestClient

from newsbot.archive import audit, sessions, users
from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.people import changing, passwords, tokens
from newsbot.web.app import create_app
from newsbot.web.live import Live
from newsbot.web.people import ENTRIES
from tests.test_people import GOOD, OTHER

Desk = tuple[TestClient, Database]


@pytest.fixture(scope="module")
def desk(own_archive: tuple[Config, Database]) -> Iterator[Desk]:
    config, database = own_archive
    changing.add(database, "Lina", role="admin", password=GOOD, by="test")
    app = create_app(config, database, Live(config, database))
    with TestClient(app, headers={"accept": "text/html"}, follow_redirects=False) as client:
        yield client, database


def signed_in(desk: Desk, name: str, password: str = GOOD) -> TestClient:
    page, _ = desk
    page.cookies.clear()
    token = form_token(page.get("/sign-in").text)
    form = {"token": token, "name": name, "password": password}
    assert page.post("/sign-in", data=form).status_code == 303
    return page


def form_token(text: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', text)
    assert found is not None
    return found[1]


def send(page: TestClient, address: str, **form: object) -> tuple[int, str]:
    token = form_token(page.get("/appearance").text)
    answer = page.post(address, data={"token": token, **form})
    return answer.status_code, answer.text


def somebody(desk: Desk, name: str, role: str = "viewer") -> users.User:
    return changing.add(desk[1], name, role=role, password=GOOD, by="test")


def test_a_new_password_ends_other_sessions_and_draws_this_one_anew(desk: Desk) -> None:
    page, database = desk
    user = somebody(desk, "Omar")
    signed_in(desk, "omar")
    elsewhere = page.cookies["newsbot_session"]
    signed_in(desk, "omar")
    before = page.cookies["newsbot_session"]
    wrong = {"current": "wrong", "new": OTHER, "again": OTHER}
    for form, why in (
        (wrong, "present password is not right"),
        (wrong | {"current": GOOD, "again": GOOD}, "not the same twice"),
        (
            wrong | {"current": GOOD, "new": "omar omar omar omar", "again": "omar omar omar omar"},
            "guessed",
        ),
    ):
        status, text = send(page, "/account/password", **form)
        assert (status, why in text) == (400, True), why
    assert send(page, "/account/password", current=GOOD, new=OTHER, again=OTHER)[0] == 303
    assert page.cookies["newsbot_session"] != before
    assert page.get("/account").status_code == 200
    assert [each.id for each in sessions.of(database, user.id, now=datetime.now(UTC))] == [
        sessions.hashed(page.cookies["newsbot_session"])
    ]
    for old in (before, elsewhere):
        assert sessions.find(database, old, now=datetime.now(UTC)) is None
    assert passwords.right(changing.find(database, "omar").password, OTHER)


def test_one_time_codes_are_turned_on_with_a_picture_and_off_again(desk: Desk) -> None:
    _, database = desk
    somebody(desk, "Nour")
    page = signed_in(desk, "nour")
    shown = page.get("/account/codes").text
    assert 'src="data:image/svg+xml;base64,' in shown
    secret = re.search(r'class="secret" dir="ltr">([A-Z2-7]+)<', shown)
    sealed = re.search(r'name="sealed" value="([^"]+)"', shown)
    assert secret is not None
    assert sealed is not None
    code = pyotp.TOTP(secret[1]).now()
    off = str((int(code) + 1) % 1_000_000).zfill(6)
    for form in ({"code": off, "password": GOOD}, {"code": code, "password": "wrong"}):
        assert send(page, "/account/codes", sealed=sealed[1], **form)[0] == 400
    assert not changing.find(database, "nour").code_secret
    status, text = send(page, "/account/codes", sealed=sealed[1], code=code, password=GOOD)
    assert (status, len(re.findall(r"<li><code>", text))) == (200, 10)
    assert changing.find(database, "nour").code_secret
    assert "10 recovery codes are left" in page.get("/account").text
    assert send(page, "/account/codes/off", password="wrong")[0] == 400
    assert send(page, "/account/codes/off", password=GOOD)[0] == 303
    assert not changing.find(database, "nour").code_secret


def test_ones_own_sessions_are_listed_and_ended_and_nobody_elses(desk: Desk) -> None:
    page, database = desk
    rima, eve = somebody(desk, "Rima"), somebody(desk, "Eve")
    signed_in(desk, "rima")
    signed_in(desk, "rima")
    now = datetime.now(UTC)
    ends = re.findall(r"/account/sessions/(\w{12})/end", page.get("/account").text)
    assert len(ends) == 1, "not of the one that looks"
    other = next(each for each in sessions.of(database, rima.id, now=now) if each.short == ends[0])
    signed_in(desk, "eve")
    send(page, f"/account/sessions/{other.short}/end")
    assert len(sessions.of(database, rima.id, now=now)) == 2
    signed_in(desk, "rima")
    send(page, f"/account/sessions/{other.short}/end")
    assert other not in sessions.of(database, rima.id, now=now)
    assert send(page, "/account/sessions/end")[0] == 303
    assert len(sessions.of(database, rima.id, now=now)) == 1
    assert len(sessions.of(database, eve.id, now=now)) == 1


def test_a_token_is_made_shown_once_used_and_removed_by_its_owner(desk: Desk) -> None:
    _, database = desk
    somebody(desk, "Sami", "analyst")
    page = signed_in(desk, "sami")
    assert 'value="operate"' not in page.get("/account").text
    for form, why in (
        ({"name": "x", "scope": "operate"}, "more than"),
        ({"name": "x"}, "what the token is for"),
        ({"name": "", "scope": "read"}, "has a name"),
        ({"name": "x", "scope": "read", "days": "soon"}, "number of days"),
    ):
        status, text = send(page, "/account/tokens", **form)
        assert (status, why in text) == (400, True), why
    status, text = send(page, "/account/tokens", name="<desk>", scope=["read", "write"], days="")
    secret = re.search(r"nb_[\w-]{43}", text)
    assert status == 200
    assert secret is not None
    assert secret[0] not in page.get("/account").text
    shown = page.get("/account").text
    assert "&lt;desk&gt;" in shown
    short = re.search(r"/account/tokens/(\w+)/remove", shown)
    assert short is not None
    signed_in(desk, "lina")
    assert send(page, f"/account/tokens/{short[1]}/remove")[0] == 404, "another's"
    page.cookies.clear()
    by_token = {"authorization": f"Bearer {secret[0]}"}
    assert page.get("/", headers=by_token).status_code == 200
    # Whoever finds a token does not make himself at home.
    assert page.get("/account", headers=by_token).status_code == 403
    again = page.post("/account/tokens", data={"name": "x", "scope": "read"}, headers=by_token)
    assert again.status_code == 403
    signed_in(desk, "sami")
    assert send(page, f"/account/tokens/{short[1]}/remove")[0] == 303
    assert page.get("/account", headers=by_token).status_code == 303
    assert [each.action for each in audit.about(database, short[1])] == [
        "token remove",
        "token add",
    ]


def test_admins_add_change_and_remove_people_and_it_is_on_record_by_their_names(desk: Desk) -> None:
    _, database = desk
    page = signed_in(desk, "lina")
    refused = send(page, "/admin/people", name="Zeina", role="analyst", password="short")
    assert refused[0] == 400
    assert 'value="Zeina"' in refused[1], "what was typed is not lost"
    assert send(page, "/admin/people", name="Zeina", role="analyst", password=GOOD)[0] == 303
    there = "/admin/people/zeina"
    assert send(page, f"{there}/role", role="operator")[0] == 303
    assert send(page, f"{there}/role", role="king")[0] == 400
    assert send(page, f"{there}/password", password=OTHER)[0] == 303
    assert send(page, f"{there}/end-sessions")[0] == 303
    assert send(page, f"{there}/dance")[0] == 404
    assert send(page, "/admin/people/nobody/role", role="viewer")[0] == 404
    assert changing.find(database, "zeina").role == "operator"
    assert send(page, f"{there}/remove")[0] == 303
    last = send(page, "/admin/people/lina/remove")
    assert (last[0], "is the last admin" in last[1]) == (400, True)
    record = audit.about(database, "zeina")
    assert [each.action for each in record] == [
        *("user remove", "user end-sessions", "user password", "user role", "user add"),
    ]
    assert {each.by for each in record} == {"Lina"}


def test_admins_see_and_remove_everybodys_tokens(desk: Desk) -> None:
    _, database = desk
    user = somebody(desk, "Hala")
    token, secret = tokens.make(database, user, "harvest", ("read",), days=None, by="test")
    page = signed_in(desk, "lina")
    shown = page.get("/admin/tokens").text
    assert "harvest" in shown
    assert secret not in shown
    assert token.id not in shown
    assert send(page, f"/admin/tokens/{token.short}/remove")[0] == 303
    assert tokens.known(database, secret, now=datetime.now(UTC)) is None
    assert send(page, f"/admin/tokens/{token.short}/remove")[0] == 404


def test_the_record_is_shown_newest_first_page_by_page_and_by_name_and_action(desk: Desk) -> None:
    _, database = desk
    page = signed_in(desk, "lina")
    for number in range(ENTRIES + 5):
        audit.note(database, "remove", why=f"reason {number:03}", ids=("x",), by="the clerk")
    database.audit.update_one(
        {"why": "reason 000"}, {"$set": {"at": datetime.now(UTC) - timedelta(days=3_000)}}
    )
    # All of one moment: the place in the record tells them apart.
    database.audit.update_many(
        {"why": {"$gte": "reason 001", "$lte": "reason 020"}},
        {"$set": {"at": datetime.now(UTC) - timedelta(hours=1)}},
    )
    first = page.get("/admin/audit?by=the+clerk").text
    further = re.search(r'href="(/admin/audit\?[^"]+)" rel="next"', first)
    assert further is not None
    second = page.get(further[1].replace("&amp;", "&")).text
    found = re.findall(r"reason \d{3}", first + second)
    assert found[0] == f"reason {ENTRIES + 4}"
    assert found[-1] == "reason 000"
    assert len(found) == len(set(found)) == ENTRIES + 5
    assert 'rel="next"' not in second
    assert "sign in" in page.get("/admin/audit?action=sign").text
    assert "reason" not in page.get("/admin/audit?action=sign").text
    assert "on record" in page.get("/admin/audit?action=rem").text
    for none in ("x", "2026-01-01_", "9999-12-31T00:00:00_x", "0001-01-01T00:00:00%2B14:00_x"):
        assert page.get(f"/admin/audit?before={none}").status_code == 200, none


def test_all_of_it_can_be_had_from_the_api_too(desk: Desk) -> None:
    page, database = desk
    page.cookies.clear()
    lina = changing.find(database, "lina")
    _, secret = tokens.make(database, lina, "robot", ("admin",), days=None, by="test")
    by_token = {"authorization": f"Bearer {secret}"}

    def ask(method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any, str]:
        given = page.request(method, f"/api/v1{path}", json=body, headers=by_token | headers)
        told = given.json() if given.content else None
        return given.status_code, told, given.headers.get("etag", "")

    assert ask("GET", "/me")[1] == {"name": "Lina", "role": "admin", "by": "token"}
    wish = {"name": "Dunya", "role": "analyst", "password": "short"}
    assert ask("POST", "/people", wish)[0] == 422
    assert ask("POST", "/people", wish | {"password": GOOD})[0] == 201
    assert ask("POST", "/people", wish | {"password": GOOD})[0] == 409
    status, told, tag = ask("GET", "/people/DUNYA")
    assert (status, told["role"], told["one_time_codes"]) == (200, "analyst", False)
    assert "password" not in told
    assert ask("PATCH", "/people/dunya", {"role": "operator"})[0] == 428
    assert ask("PATCH", "/people/dunya", {"role": "operator"}, **{"if-match": tag})[0] == 200
    assert ask("PATCH", "/people/dunya", {"role": "viewer"}, **{"if-match": tag})[0] == 412
    assert ask("PATCH", "/people/lina", {"role": "viewer"}, **{"if-match": "*"})[0] == 409
    status, told, _ = ask("POST", "/people/dunya/tokens", {"name": "x", "scopes": ["operate"]})
    assert (status, told["token"][:3]) == (201, "nb_")
    assert ask("POST", "/people/dunya/tokens", {"name": "x", "scopes": ["admin"]})[0] == 422
    assert told["id"] in [each["id"] for each in ask("GET", "/tokens")[1]["items"]]
    assert ask("DELETE", f"/tokens/{told['id']}")[0] == 204
    assert ask("DELETE", f"/tokens/{told['id']}")[0] == 404
    assert ask("POST", "/people/dunya/end-sessions")[1] == {"ended": 0}
    assert ask("DELETE", "/people/dunya")[0] == 204
    assert ask("GET", "/people/dunya")[0] == 404
    assert ask("GET", "/people/..%2fx")[0] == 404
    record, seen = "/audit?by=Lina&action=user&limit=2", []
    while record:
        _, told, _ = ask("GET", record)
        seen += [each["action"] for each in told["items"] if each["ids"] == ["dunya"]]
        record = (told["next"] or "").removeprefix("/api/v1")
    assert seen == ["user remove", "user end-sessions", "user role", "user add"]
    names = [each["name"] for each in ask("GET", "/people")[1]["items"]]
    assert "Lina" in names
