"""Who is let in: sessions, forms, cookies, and where the page may be served."""

import re
from collections.abc import Iterator
from functools import partial

import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from httpx import Response
from pymongo import MongoClient

from newsbot.archive import users
from newsbot.archive.connection import AWAY, Database
from newsbot.config import Config
from newsbot.people import changing, codes, tokens
from newsbot.people.roles import Role
from newsbot.service import Service, ServiceError
from newsbot.web.app import create_app
from newsbot.web.auth import own_address
from newsbot.web.live import Live
from newsbot.web.recognizing import Recognizer
from newsbot.web.server import PortInUseError, serve
from tests.canary import Canary
from tests.conftest import free_port
from tests.test_people import GOOD, OTHER, add

HTML = {"accept": "text/html"}


@pytest.fixture
def lina(database: Database) -> users.User:
    return add(database, "Lina")


def browser(config: Config, database: Database, base: str = "http://testserver") -> TestClient:
    app = create_app(config, database, Live(config, database))
    return TestClient(app, base_url=base, headers=HTML, follow_redirects=False)


@pytest.fixture
def page(settings: Config, database: Database) -> Iterator[TestClient]:
    with browser(settings, database) as client:
        yield client


def token(of: TestClient, address: str = "/sign-in") -> str:
    found = re.search(r'name="token" value="([^"]+)"', of.get(address).text)
    assert found is not None
    return found[1]


def sign_in(of: TestClient, name: str = "Lina", password: str = GOOD, **more: str) -> Response:
    form = {"token": token(of), "name": name, "password": password}
    return of.post("/sign-in", data=form | more)


def test_elsewhere_than_on_this_machine_a_password_is_demanded(
    settings: Config, database: Database
) -> None:
    for host in ("0.0.0.0", "192.0.2.7", "news.example"):
        config = settings.model_copy(update={"web_host": host})
        for start in (partial(serve, config, database), Service(config, database, demo=False).run):
            with pytest.raises(
                (PortInUseError, ServiceError), match="newsbot user add NAME --role admin"
            ):
                start()


def test_through_a_proxy_or_by_another_name_nobody_is_at_the_machine(
    settings: Config, database: Database
) -> None:
    config = settings.model_copy(update={"public_address": "https://news.example"})
    with browser(config, database) as page:
        assert page.get("/channels").status_code == 200
        for headers in (
            {"x-forwarded-for": "192.0.2.1"},
            {"forwarded": "for=192.0.2.1"},
            {"host": "news.example"},
        ):
            assert page.get("/channels", headers=headers).status_code == 303
            assert "newsbot user add NAME" in page.get("/sign-in", headers=headers).text


def test_the_first_admin_is_added_on_the_page_and_then_everybody_signs_in(
    page: TestClient, database: Database, settings: Config
) -> None:
    assert page.get("/sign-in").headers["location"] == "/sign-in/first"
    form = {"token": token(page, "/sign-in/first"), "name": "Lina", "password": "short"}
    refused = page.post("/sign-in/first", data=form)
    assert (refused.status_code, "15 characters at least" in refused.text) == (400, True)
    assert page.post("/sign-in/first", data=form | {"password": GOOD}).status_code == 303
    assert page.get("/").status_code == 200
    with browser(settings, database) as other:
        assert other.get("/channels").headers["location"] == "/sign-in?next=/channels"
        assert other.get("/sign-in/first").headers["location"].startswith("/sign-in")
        again = {"token": token(other), "name": "Eve", "password": OTHER}
        assert other.post("/sign-in/first", data=again).status_code == 303
    assert [each.name for each in users.everything(database)] == ["Lina"]


@pytest.mark.usefixtures("lina")
def test_a_session_is_begun_anew_at_every_sign_in(page: TestClient) -> None:
    chosen = "a-stranger-has-chosen-this"
    page.cookies.set("newsbot_session", chosen, domain="testserver.local", path="/")
    assert sign_in(page).status_code == 303
    first = page.cookies["newsbot_session"]
    assert first != chosen
    assert page.post("/sign-out", data={"token": token(page, "/lists")}).status_code == 303
    page.cookies.set("newsbot_session", first, domain="testserver.local", path="/")
    assert page.get("/").status_code == 303, "it has ended for whoever held it"
    del page.cookies["newsbot_session"]
    sign_in(page)
    assert page.cookies["newsbot_session"] != first


@pytest.mark.usefixtures("lina")
def test_a_wrong_password_is_told_and_tried_too_often_is_429(page: TestClient) -> None:
    unknown = sign_in(page, "nobody", GOOD)
    wrong = sign_in(page, "Lina", "wrong")
    assert (unknown.status_code, wrong.status_code) == (401, 401)
    assert "name or the password is not right" in wrong.text
    for _ in range(4):
        sign_in(page, "Lina", "wrong")
    late = sign_in(page)
    assert late.status_code == 429
    assert int(late.headers["retry-after"]) > 0


def test_a_one_time_code_is_asked_for_after_the_password(
    page: TestClient, database: Database, lina: users.User
) -> None:
    _, recovery = codes.turn_on(database, lina, codes.drawn(), 0)
    asked = sign_in(page, next="/lists")
    assert asked.status_code == 200
    assert page.get("/").status_code == 303, "not in yet"
    ticket = re.search(r'name="ticket" value="([^"]+)"', asked.text)
    assert ticket is not None
    form = {"token": token(page), "ticket": ticket[1], "next": "/lists"}
    assert page.post("/sign-in", data=form | {"code": "000000"}).status_code == 401
    done = page.post("/sign-in", data=form | {"code": recovery[0]})
    assert (done.status_code, done.headers["location"]) == (303, "/lists")


@pytest.mark.usefixtures("lina")
def test_forms_carry_the_token_of_their_own_session_and_site(
    page: TestClient, settings: Config, database: Database
) -> None:
    before = token(page)
    sign_in(page)
    mine = token(page, "/lists")
    with browser(settings, database) as other:
        sign_in(other)
        anothers = token(other, "/lists")
    form = {"name": "truce", "entries": "ceasefire"}
    for sent in ("", "guessed", before, anothers, mine[:-1]):
        assert page.post("/lists", data=form | {"token": sent}).status_code == 403, sent
    for headers in (
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ):
        sent = page.post("/lists", data=form | {"token": mine}, headers=headers)
        assert sent.status_code == 403, headers
    assert database.lists.find_one({}) is None
    assert page.post("/lists", data=form | {"token": mine}).status_code == 303


@pytest.mark.usefixtures("lina")
def test_without_a_session_a_cookie_that_somebody_else_has_set_is_no_token(
    page: TestClient,
) -> None:
    page.cookies.set("newsbot_form", "chosen.chosen")
    form = {"token": "chosen.chosen", "name": "Lina", "password": GOOD}
    assert page.post("/sign-in", data=form).status_code == 403
    page.cookies.clear()
    assert page.post("/sign-in", data=form | {"token": token(page)[:-1]}).status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example", "\\\\evil.example",
        "/\t/evil.example", "/\n/evil.example", "javascript:alert(1)", "evil.example", "", "/sign-out",
        "http:evil.example", "\x00//evil.example", "/%00\r\nlocation: x",
    ],
)  # fmt: skip
def test_after_signing_in_nobody_is_led_elsewhere(address: str) -> None:
    assert own_address(address) == "/"


def test_after_signing_in_one_is_led_where_one_was_going(
    page: TestClient, lina: users.User
) -> None:
    asked = page.get("/search?q=%22إطلاق النار%22&sort=new")
    sent = page.get(asked.headers["location"])
    onward = re.search(r'name="next" value="([^"]+)"', sent.text)
    assert onward is not None
    done = sign_in(page, lina.name, next=onward[1].replace("&amp;", "&"))
    assert "sort=new" in done.headers["location"]
    assert page.get(done.headers["location"]).status_code == 200


@pytest.mark.usefixtures("lina")
def test_cookies_are_as_they_should_be_and_nothing_of_a_session_is_kept_in_caches(
    page: TestClient,
) -> None:
    (session,) = [
        each for each in sign_in(page).headers.get_list("set-cookie") if "newsbot_session=" in each
    ]
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(session.split("; "))
    assert "Domain" not in session
    answer = page.get("/")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in answer.headers["permissions-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "strict-transport-security" not in answer.headers


@pytest.mark.usefixtures("lina")
def test_by_https_cookies_are_of_this_host_alone(settings: Config, database: Database) -> None:
    config = settings.model_copy(update={"public_address": "https://news.example"})
    with browser(config, database, "https://news.example") as page:
        answer = sign_in(page)
        given = answer.headers.get_list("set-cookie")
        assert len(given) == 3
        for each in given:
            assert each.startswith("__Host-newsbot_")
            assert {"Secure", "HttpOnly", "Path=/"} <= set(each.split("; "))
        assert answer.headers["strict-transport-security"].startswith("max-age=")
        secret = page.cookies["__Host-newsbot_session"]
        assert page.get("/").status_code == 200
        page.cookies.clear()
        # One that another host of the domain could have set is not looked at.
        page.cookies.set("newsbot_session", secret)
        assert page.get("/").status_code == 303


def test_programs_show_a_token_and_need_no_form(
    page: TestClient, database: Database, lina: users.User
) -> None:
    _, secret = tokens.make(database, lina, "desk", ("write",), days=None, by="test")
    page.headers["authorization"] = f"Bearer {secret}"
    page.headers["accept"] = "*/*"
    assert page.post("/lists", data={"name": "truce", "entries": "ceasefire"}).status_code == 303
    assert page.get("/channels").status_code == 403
    page.headers["authorization"] = "Bearer nb_guessed"
    refused = page.get("/channels")
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer")


def test_who_may_not_do_something_is_told_so_on_a_page(
    page: TestClient, database: Database
) -> None:
    add(database, "Lina")
    changing.add(database, "Omar", role="viewer", password=GOOD, by="test")
    sign_in(page, "omar")
    refused = page.get("/channels")
    assert refused.status_code == 403
    assert "role operator" in refused.text


@pytest.mark.usefixtures("lina")
def test_no_path_leads_out_of_what_is_served(page: TestClient) -> None:
    sign_in(page)
    for path in (
        *("/static/../pages.py", "/static/%2e%2e/pages.py", "/static/..%2fpages.py"),
        *("/static//etc/passwd", "/static/%2e%2e%2f%2e%2e%2fconfig.py", "/static/..%5cpages.py"),
        *(
            "/article/..%2f..%2fetc%2fpasswd",
            "/sources/%2e%2e%2f%2e%2e",
            "/runs/..%2f..%2fsecret.key",
        ),
        *("/feed/..%2fsecret.key.atom", "/api/v1/articles/..%2f..%2fsecret.key"),
    ):
        assert page.get(path).status_code == 404, path


def test_another_sites_name_is_no_host_of_this_page(page: TestClient) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", "", "localhost@evil.example"):
        status = page.get("/", headers={"host": host}).status_code
        assert status == (421 if host else 200), host


def test_a_channel_typed_on_the_page_has_nothing_inside_asked(
    settings: Config, database: Database
) -> None:
    inside = Canary()
    config = settings.model_copy(update={"webhook_hosts": ()})
    try:
        with browser(config, database) as page:
            sent = token(page, "/channels")
            for host in (
                "127.0.0.1",
                "localhost",
                "127.1",
                "2130706433",
                "0x7f000001",
                "[::1]",
                "[::ffff:127.0.0.1]",
            ):
                form = {"token": sent, "name": "in", "target": f"http://{host}:{inside.port}/x"}
                answer = page.post("/channels", data=form)
                if answer.status_code == 303:
                    there = answer.headers["location"].partition("#")[2]
                    answer = page.post(f"/channels/{there}/test", data={"token": sent})
                assert answer.status_code == 400, host
                assert 'role="alert"' in answer.text, host
        assert inside.connections == 0
    finally:
        inside.close()


def test_while_mongodb_is_away_metrics_alone_are_told_to_who_was_known(
    settings: Config, database: Database, lina: users.User
) -> None:
    _, secret = tokens.make(database, lina, "prometheus", ("read",), days=None, by="test")
    client: MongoClient[dict[str, object]] = MongoClient(
        "127.0.0.1", free_port(), serverSelectionTimeoutMS=50, tz_aware=True
    )
    away = Database(client, database.name, database.sealer)
    recognizer = Recognizer(settings, database)

    def asking(token: str, path: str = "/metrics", method: str = "GET") -> Request:
        headers = [(b"host", b"127.0.0.1")]
        headers += [(b"authorization", f"Bearer {token}".encode())] if token else []
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "headers": headers,
            "query_string": b"",
        }
        return Request(scope | {"state": {"https": False}})

    assert recognizer.know(asking(secret)).visitor.name == "Lina"
    recognizer._database = away
    away.patience = 0.0
    assert recognizer.know(asking(secret)).visitor.name == "Lina"
    assert recognizer.know(asking("")).visitor.role is Role.NOBODY
    for other in (asking("nb_guessed"), asking(secret, "/lists"), asking(secret, method="POST")):
        with pytest.raises(AWAY):
            recognizer.know(other)


def test_while_mongodb_is_away_it_is_said(settings: Config, database: Database) -> None:
    client: MongoClient[dict[str, object]] = MongoClient(
        "127.0.0.1", free_port(), serverSelectionTimeoutMS=50, tz_aware=True
    )
    with browser(settings, Database(client, database.name, database.sealer)) as page:
        answer = page.get("/lists", headers={"authorization": "Bearer nb_x"})
        assert (answer.status_code, "MongoDB does not answer" in answer.text) == (503, True)
        assert page.get("/healthz").status_code == 200
