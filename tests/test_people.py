"""People: passwords, sessions, one-time codes, tokens, tries, and that there is always an admin."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from math import inf

import attrs
import pyotp
import pytest
from argon2 import PasswordHasher

from newsbot.archive import audit, sessions, tries, users
from newsbot.archive import tokens as kept_tokens
from newsbot.archive.connection import Database
from newsbot.config import Config
from newsbot.people import changing, codes, passwords, signing_in, tokens
from newsbot.people.changing import PeopleError
from newsbot.people.passwords import PasswordError
from newsbot.people.roles import SCOPES, Role, allowed_by
from newsbot.people.signing_in import Browser, SignInError, TooEarlyError
from tests.conftest import InProcess

GOOD = "tram olive kettle moss"
OTHER = "ferry button august lime"
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def add(database: Database, name: str, role: str = "admin") -> users.User:
    return changing.add(database, name, role=role, password=GOOD, by="test")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "15 characters at least"),
        ("x" * 300, "256 characters at most"),
        ("passwordpassword", "first that are guessed"),
        ("p@ssw0rdp@ssw0rd1", "first that are guessed"),
        ("123456789012345", "first that are guessed"),
        ("qwertyuiopasdfgh", "first that are guessed"),
        ("aaaaaaaaaaaaaaaaaaaa", "first that are guessed"),
        ("lina haddad 2026 !", "first that are guessed"),
        ("Newsbot2026Newsbot2026", "first that are guessed"),
    ],
)
def test_a_password_that_is_guessed_first_is_not_taken(password: str, why: str) -> None:
    with pytest.raises(PasswordError, match=why):
        passwords.checked(password, name="Lina Haddad")


@pytest.mark.parametrize(
    "password",
    [GOOD, "dragon monkey summer basket", "قهوة مرة عند البحر صباحا", "correcthorsebatterystaple"],
)
def test_of_any_other_nothing_is_demanded(password: str) -> None:
    assert passwords.checked(password, name="Lina") == password


def test_a_password_is_kept_as_argon2id_and_hashed_again_when_the_parameters_change(
    database: Database,
) -> None:
    user = add(database, "Lina")
    assert user.password.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert GOOD not in str(database.users.find_one({"_id": "lina"}))
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(GOOD)
    changing.change(database, user, lambda there: attrs.evolve(there, password=weak))
    signing_in.with_password(database, "Lina", GOOD, Browser("192.0.2.1"))
    again = changing.find(database, "LINA")
    assert again.password.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.right(again.password, GOOD)


def test_there_is_always_an_admin(database: Database) -> None:
    with pytest.raises(PeopleError, match="first one has to be an admin"):
        add(database, "Lina", "viewer")
    add(database, "Lina")
    for change in (
        lambda: changing.set_role(database, "lina", "viewer", by="test"),
        lambda: changing.remove(database, "lina", by="test"),
    ):
        with pytest.raises(PeopleError, match="last admin"):
            change()
    add(database, "Omar")
    changing.set_role(database, "lina", "viewer", by="test")
    with pytest.raises(PeopleError, match="last admin"):
        changing.remove(database, "Omar", by="test")
    database.meta.delete_one({"_id": "admins"})  # an archive that was restored without it
    with pytest.raises(PeopleError, match="last admin"):
        changing.remove(database, "Omar", by="test")
    assert [each.action for each in audit.about(database, "lina")] == ["user role", "user add"]


def test_of_admins_who_remove_each_other_at_once_one_stays(database: Database) -> None:
    names = [f"admin {number}" for number in range(4)]
    for name in names:
        add(database, name)

    def gone(name: str) -> bool:
        try:
            changing.remove(database, name, by="another")
        except PeopleError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(gone, names)) == 3
    assert len(users.everything(database)) == 1


def test_names_differ_by_more_than_case_and_are_names(database: Database) -> None:
    add(database, "Lina Haddad")
    with pytest.raises(PeopleError, match="already"):
        add(database, "LINA  haddad")
    for name in ("", "a/b", "../x", "<script>", "x" * 65, "a\x1bb"):
        with pytest.raises(PeopleError, match="no name"):
            add(database, name)


def test_a_session_is_kept_as_a_hash_and_ends_idle_and_for_good(
    database: Database, settings: Config
) -> None:
    user = add(database, "Lina")
    session, secret = signing_in.begin(settings, database, user, Browser("192.0.2.1", "Firefox"))
    assert len(secret) >= 43, "256 bits"
    assert secret not in str(database.sessions.find_one({}))
    start = session.made_at

    def known(after: timedelta) -> bool:
        return signing_in.known(settings, database, secret, now=start + after) is not None

    assert known(timedelta(hours=71))  # which is a use
    assert known(timedelta(hours=140))
    assert not known(timedelta(hours=140 + 73))
    for days in range(5, 30, 2):
        signing_in.known(settings, database, secret, now=start + timedelta(days=days))
    assert not known(timedelta(days=30, seconds=1))


def test_that_a_session_is_used_is_not_written_at_every_use(
    database: Database, settings: Config
) -> None:
    user = add(database, "Lina")
    session, secret = signing_in.begin(settings, database, user, Browser())
    for seconds in range(0, 590, 60):
        signing_in.known(
            settings, database, secret, now=session.made_at + timedelta(seconds=seconds)
        )
    kept = sessions.find(database, secret, now=session.made_at)
    assert kept is not None
    assert abs(kept.seen_at - session.made_at) < timedelta(seconds=1)


@pytest.mark.parametrize("change", ["role", "password", "end", "remove"])
def test_a_session_ends_with_what_it_was_begun_for(
    change: str, database: Database, settings: Config
) -> None:
    add(database, "Omar")
    user = add(database, "Lina")
    session, secret = signing_in.begin(settings, database, user, Browser())
    match change:
        case "role":
            changing.set_role(database, "lina", "viewer", by="test")
        case "password":
            changing.set_password(database, "lina", OTHER, by="test")
        case "end":
            assert changing.end_sessions(database, "lina", by="test") == 1
        case "remove":
            changing.remove(database, "lina", by="test")
            add(database, "Lina")
    # Even one that was written a moment after the others were ended.
    sessions.add(database, session)
    assert signing_in.known(settings, database, secret, now=datetime.now(UTC)) is None


def test_a_name_that_there_is_not_is_answered_as_a_wrong_password(database: Database) -> None:
    add(database, "Lina")
    told, took = set(), {"lina": inf, "nobody": inf}
    for number in range(4):
        for name in took:
            started = time.thread_time()
            with pytest.raises(SignInError) as error:
                signing_in.with_password(database, name, "wrong", Browser(f"192.0.2.{number}"))
            took[name] = min(took[name], time.thread_time() - started)
            told.add(str(error.value))
    assert len(told) == 1
    assert 0.5 < took["nobody"] / took["lina"] < 2


def test_tries_wait_longer_and_longer_and_no_door_is_closed_for_good(database: Database) -> None:
    user = add(database, "Lina")
    for number in range(5):
        with pytest.raises(SignInError, match="not right"):
            signing_in.with_password(database, "lina", "wrong", Browser(f"192.0.2.{number}"))
    # From any address now, and after a restart: it is in the archive.
    with pytest.raises(TooEarlyError, match="too often"):
        signing_in.with_password(database, "lina", GOOD, Browser("198.51.100.1"))
    # Who has signed in with this browser before is not kept out by it.
    device = signing_in.device(database, user, "")
    assert signing_in.with_password(database, "lina", GOOD, Browser("198.51.100.1", "", device))
    other = add(database, "Omar")
    with pytest.raises(TooEarlyError):
        signing_in.with_password(
            database,
            "lina",
            GOOD,
            Browser("198.51.100.1", "", signing_in.device(database, other, "")),
        )
    # However many there were: a quarter of an hour.
    now, kept = NOW, timedelta(days=1)
    for _ in range(60):
        assert not tries.take(
            database, "x", now=now, pause=lambda count: signing_in._pause(5, count), kept=kept
        )
        now += timedelta(minutes=15)
    wait = tries.take(
        database,
        "x",
        now=now - timedelta(minutes=15),
        pause=lambda count: signing_in._pause(5, count),
        kept=kept,
    )
    assert wait <= timedelta(minutes=15)


def test_an_address_that_tries_many_names_waits_too(database: Database) -> None:
    add(database, "Lina")
    at_one = [Browser(f"2001:db8::{number:x}") for number in range(31)]  # one household
    for number, browser in enumerate(at_one[:30]):
        with pytest.raises(SignInError, match="not right"):
            signing_in.with_password(database, f"name{number}", "wrong", browser)
    with pytest.raises(TooEarlyError):
        signing_in.with_password(database, "Lina", GOOD, at_one[30])
    assert signing_in.with_password(database, "Lina", GOOD, Browser("192.0.2.9"))


def test_of_many_tries_at_once_no_more_get_through_than_one_by_one(database: Database) -> None:
    def free(_: int) -> bool:
        return not tries.take(
            database,
            "name lina",
            now=NOW,
            pause=lambda count: signing_in._pause(5, count),
            kept=timedelta(days=1),
        )

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(free, range(24))) == 5


def test_a_one_time_code_is_taken_once_and_a_clock_may_be_half_a_minute_off(
    database: Database,
) -> None:
    user, secret = add(database, "Lina"), codes.drawn()
    user, recovery = codes.turn_on(database, user, secret, 0)
    assert secret not in str(database.users.find_one({"_id": "lina"}))
    of = pyotp.TOTP(secret)

    def taken(code: str, now: datetime = NOW) -> bool:
        return codes.taken(database, changing.find(database, "lina"), code, now=now)

    assert not taken(of.at(NOW - timedelta(seconds=60)))
    assert not taken(of.at(NOW + timedelta(seconds=60)))
    assert taken(of.at(NOW - timedelta(seconds=30)))
    assert taken(of.at(NOW))
    assert not taken(of.at(NOW)), "a replay"
    assert not taken(of.at(NOW - timedelta(seconds=30))), "older than one that was taken"
    assert taken(of.at(NOW + timedelta(seconds=30)))
    assert taken(recovery[0].upper())
    assert not taken(recovery[0])
    assert len(changing.find(database, "lina").recovery) == 9
    for none in ("", "12345", "1234567", "١٢٣٤٥٦", "abcdef"):
        assert not taken(none)


def test_one_code_tried_twice_at_once_is_taken_once(database: Database) -> None:
    user, secret = add(database, "Lina"), codes.drawn()
    user, recovery = codes.turn_on(database, user, secret, 0)
    for code in (pyotp.TOTP(secret).at(NOW), recovery[0]):
        there = changing.find(database, "lina")
        once = partial(codes.taken, database, there, now=NOW)
        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(once, [code] * 4)) == 1


def test_a_code_follows_a_password_within_minutes(database: Database) -> None:
    user, secret = add(database, "Lina"), codes.drawn()
    user, _ = codes.turn_on(database, user, secret, 0)
    asked = signing_in.with_password(database, "lina", GOOD, Browser())
    ticket = signing_in.ticket(database, asked)
    with pytest.raises(SignInError, match="not right"):
        signing_in.with_code(database, ticket, "000000", Browser())
    with pytest.raises(SignInError, match="begin with"):
        signing_in.with_code(database, "made up", "000000", Browser())
    code = pyotp.TOTP(secret).now()
    assert signing_in.with_code(database, ticket, code, Browser()).id == "lina"
    changing.set_password(database, "lina", OTHER, by="test")
    with pytest.raises(SignInError, match="too long"):
        signing_in.with_code(database, ticket, code, Browser())


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("role", [each for each in Role if each])
def test_a_token_allows_what_its_scope_does_and_never_more_than_its_owner_may(
    scope: str, role: Role
) -> None:
    assert allowed_by([scope], role) == min(SCOPES[scope], role)
    assert allowed_by([], role) == Role.NOBODY


def test_a_token_is_kept_as_a_hash_expires_and_follows_its_owner(database: Database) -> None:
    add(database, "Omar")
    user = add(database, "Lina")
    with pytest.raises(PeopleError, match="more than"):
        tokens.make(
            database, attrs.evolve(user, role="viewer"), "x", ("write",), days=None, by="test"
        )
    token, secret = tokens.make(database, user, "desk", ("admin",), days=1, by="test")
    assert secret.startswith("nb_")
    assert secret not in str(list(database.tokens.find({})))
    now = datetime.now(UTC)

    def role(at: datetime = now) -> Role | None:
        found = tokens.known(database, secret, now=at)
        return found and found[1]

    assert role() is Role.ADMIN
    assert role(now + timedelta(days=2)) is None
    used = kept_tokens.find(database, token.id)
    assert used is not None
    assert used.used_at is not None
    tokens.known(database, secret, now=now + timedelta(minutes=4))
    assert kept_tokens.find(database, token.id) == used, "a use is not written each time"
    changing.set_role(database, "lina", "viewer", by="test")
    assert role() is Role.VIEWER
    changing.remove(database, "lina", by="test")
    add(database, "Lina")
    kept_tokens.add(database, token)  # as if removing it had failed
    assert role() is None, "another person of the same name"
    assert tokens.known(database, "nb_guessed", now=now) is None


def test_the_commands_add_list_change_and_remove(
    newsbot_here: InProcess, database: Database
) -> None:
    def piped(text: str, *words: str) -> tuple[int, str]:
        from typer.testing import CliRunner

        from newsbot.cli import app

        done = CliRunner().invoke(app, words, input=text)
        return done.exit_code, done.output

    assert "is open to whoever sits at this machine" in newsbot_here("user", "list").stdout
    code, said = piped("short\n", "user", "add", "Lina", "--role", "admin")
    assert (code, "15 characters at least" in said) == (2, True)
    assert piped("\n", "user", "add", "Lina", "--role", "king")[0] == 2
    code, said = piped(f"{GOOD}\n", "user", "add", "Lina")
    assert (code, "first one has to be an admin" in said) == (1, True)
    assert piped(f"{GOOD}\n", "user", "add", "Lina", "--role", "admin")[0] == 0
    assert piped(f"{GOOD}\n", "user", "add", "Omar")[0] == 0
    assert newsbot_here("user", "role", "omar", "analyst").returncode == 0
    people = newsbot_here.json("user", "list")
    assert [(each["name"], each["role"]) for each in people] == [
        ("Lina", "admin"),
        ("Omar", "analyst"),
    ]  # type: ignore[attr-defined]
    assert "argon2" not in newsbot_here("user", "list", "--json").stdout
    refused = newsbot_here("user", "remove", "Lina")
    assert (refused.returncode, "last admin" in refused.stderr) == (1, True)
    made = newsbot_here.json("token", "add", "omar", "--name", "desk", "--scope", "write")
    assert made["token"].startswith("nb_")  # type: ignore[index]
    above = newsbot_here("token", "add", "omar", "--name", "x", "--scope", "admin")
    assert (above.returncode, "more than" in above.stderr) == (1, True)
    assert made["id"] in newsbot_here("token", "list").stdout  # type: ignore[index]
    assert newsbot_here("token", "remove", made["id"]).returncode == 0  # type: ignore[index]
    code, said = piped(f"{OTHER}\n", "user", "password", "omar")
    assert (code, OTHER in said) == (0, False)
    assert newsbot_here("user", "end-sessions", "omar").returncode == 0
    assert newsbot_here("user", "remove", "omar").returncode == 0
    assert newsbot_here("user", "remove", "omar").returncode == 1
    actions = [each.action for each in audit.about(database, "omar")]
    assert set(actions) == {
        *("user add", "user role", "user password", "user end-sessions", "user remove"),
        *("token add", "token remove"),
    }
