"""``newsbot user``: who may sign in to the web page and the API, and what each may do there."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from newsbot.archive import audit, sessions, users
from newsbot.archive.connection import Database
from newsbot.archive.users import User
from newsbot.cli import context
from newsbot.cli.output import USAGE, Json, ago, fail, print_json, print_table, say
from newsbot.people.roles import ROLES

app = typer.Typer(
    help="People who may sign in to the web page and the API: viewers read, analysts also write alerts, "
    "searches and lists, operators also see to sources, runs and channels, admins also to people.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(help="The person's name; case does not matter.")]


def add_to(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="user")


@contextmanager
def changing() -> Iterator[Database]:
    """Open the archive for a change of people; what cannot be done ends the command."""
    from newsbot.people.changing import PeopleError

    with context.archive(context.config()) as database:
        try:
            yield database
        except PeopleError as error:
            fail(f"nothing was changed: {error}")


def shown(user: User, now: datetime, database: Database) -> dict[str, Any]:
    """Return what may be shown of a person."""
    return {
        "name": user.name,
        "role": user.role,
        "one_time_codes": bool(user.code_secret),
        "sessions": len(sessions.of(database, user.id, now=now)),
        "signed_in_at": user.signed_in_at,
        "made_at": user.made_at,
        "by": user.by,
    }


@app.command("add")
def add(
    name: Name,
    role: Annotated[
        str, typer.Option(help=f"What the person may do: {', '.join(ROLES)}.")
    ] = "viewer",
    as_json: Json = False,
) -> None:
    """Add a person. The password is asked for, or read from what is piped in; it is no argument."""
    from newsbot.people import changing as people

    _see_to_role(role)
    with changing() as database:
        if users.find(database, people.key_of(name)):
            fail(f"nothing was changed: there is somebody called {name!r} already")
        user = people.add(
            database, name, role=role, password=_password(name), by=audit.acting_user()
        )
        told = shown(user, datetime.now(UTC), database)
    if as_json:
        print_json(told)
    else:
        say(f"{user.name} is {_a(user.role)} and can sign in.")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the people."""
    now = datetime.now(UTC)
    with context.archive(context.config()) as database:
        found = [shown(each, now, database) for each in users.everything(database)]
    if as_json:
        print_json(found)
        return
    print_table(
        ("name", "role", "one-time codes", "sessions", "last signed in"),
        (
            (
                each["name"],
                each["role"],
                "on" if each["one_time_codes"] else "off",
                str(each["sessions"]),
                ago(each["signed_in_at"]) if each["signed_in_at"] else "never",
            )
            for each in found
        ),
        empty="There is nobody yet: the web page is open to whoever sits at this machine. Add the first "
        "person: newsbot user add NAME --role admin",
    )


@app.command("role")
def role(
    name: Name,
    role: Annotated[str, typer.Argument(help=f"{', '.join(ROLES)}.")],
    as_json: Json = False,
) -> None:
    """Give somebody another role. Sessions of theirs end; tokens allow no more than the role."""
    from newsbot.people import changing as people

    _see_to_role(role)
    with changing() as database:
        user = people.set_role(database, name, role, by=audit.acting_user())
        told = shown(user, datetime.now(UTC), database)
    if as_json:
        print_json(told)
    else:
        say(f"{user.name} is {_a(user.role)} now.")


@app.command("password")
def password(
    name: Name,
    without_codes: Annotated[
        bool,
        typer.Option(help="Take the one-time codes away, too: the authenticator is lost."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Give somebody another password, asked for or piped in. Sessions of theirs end."""
    from newsbot.people import changing as people

    with changing() as database:
        user = people.find(database, name)
        by = audit.acting_user()
        user = people.set_password(database, user.name, _password(user.name), by=by)
        if without_codes:
            user = people.without_codes(database, user.name, by=by)
        told = shown(user, datetime.now(UTC), database)
    if as_json:
        print_json(told)
    else:
        say(f"{user.name} has another password; who was signed in by that name no longer is.")


@app.command("remove")
def remove(name: Name, as_json: Json = False) -> None:
    """Remove a person, with all tokens and sessions. What was done by that name stays on record."""
    from newsbot.people import changing as people

    with changing() as database:
        user = people.remove(database, name, by=audit.acting_user())
    if as_json:
        print_json({"name": user.name, "role": user.role})
    else:
        say(f"{user.name} is removed.")


@app.command("end-sessions")
def end_sessions(name: Name, as_json: Json = False) -> None:
    """End all of somebody's sessions: every browser has to sign in again."""
    from newsbot.people import changing as people

    with changing() as database:
        ended = people.end_sessions(database, name, by=audit.acting_user())
    if as_json:
        print_json({"ended": ended})
    else:
        say(f"{ended} session{'' if ended == 1 else 's'} ended.")


def _see_to_role(role: str) -> None:
    if role not in ROLES:
        fail(f"there is no role {role!r}; there are {', '.join(ROLES)}", code=USAGE)


def _a(role: str) -> str:
    return f"{'an' if role[0] in 'ao' else 'a'} {role}"


def _password(name: str) -> str:
    """Return a password as it is typed twice, or what is piped in; one that cannot be ends the command."""
    from newsbot.people.passwords import SHORTEST, PasswordError, checked

    if sys.stdin.isatty():
        given = typer.prompt(
            f"Password ({SHORTEST} characters at least)", hide_input=True, err=True
        )
        again = typer.prompt("The same again", hide_input=True, err=True)
        if given != again:
            fail("nothing was changed: the two are not the same", code=USAGE)
    else:
        given = sys.stdin.readline().rstrip("\r\n")
        if not given:
            fail("nothing was changed: pipe the password in, on one line", code=USAGE)
    try:
        return checked(given, name=name)
    except PasswordError as error:
        fail(f"nothing was changed: {error}", code=USAGE)
