"""``newsbot token``: what programs show the API instead of signing in."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from newsbot.archive import audit, tokens
from newsbot.archive.tokens import Token
from newsbot.cli import context
from newsbot.cli.output import USAGE, Json, ago, errors, fail, print_json, print_table, say
from newsbot.cli.people import changing
from newsbot.people.roles import SCOPES

app = typer.Typer(
    help="Tokens: what programs show the API (Authorization: Bearer nb_…) instead of signing in.",
    no_args_is_help=True,
)


def add_to(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="token")


@app.command("add")
def add(
    user: Annotated[
        str, typer.Argument(help="Whose it is; it never allows more than this person may.")
    ],
    name: Annotated[str, typer.Option(help="What it is for, to know it by.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help=f"What it allows, read unless you say: {', '.join(SCOPES)}. May be repeated."
        ),
    ] = None,
    days: Annotated[
        float | None,
        typer.Option(
            min=0.0001, max=36_500, help="Days after which it expires; never unless you say."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a token. It is shown once, now, and kept nowhere."""
    from newsbot.people import changing as people
    from newsbot.people.tokens import make

    scopes = tuple(scope or ("read",))
    if unknown := [each for each in scopes if each not in SCOPES]:
        fail(f"there is no scope {unknown[0]!r}; there are {', '.join(SCOPES)}", code=USAGE)
    with changing() as database:
        owner = people.find(database, user)
        token, secret = make(database, owner, name, scopes, days=days, by=audit.acting_user())
    if as_json:
        print_json(shown(token) | {"token": secret})
    else:
        say(secret)
        # Beside what is printed, so that a token can be led into a file.
        errors.print(
            "It is shown this once. Programs send it as  Authorization: Bearer nb_…", markup=False
        )


@app.command("list")
def list_(
    user: Annotated[str, typer.Option(help="Only this person's.")] = "", as_json: Json = False
) -> None:
    """List the tokens; what they are themselves is kept nowhere."""
    from newsbot.people.changing import key_of

    with context.archive(context.config()) as database:
        found = tokens.everything(database, key_of(user) if user else None)
    if as_json:
        print_json([shown(each) for each in found])
        return
    now = datetime.now(UTC)
    print_table(
        ("id", "name", "whose", "scopes", "expires", "last used"),
        (
            (
                each.short,
                each.name,
                each.user,
                " ".join(each.scopes),
                _expiry(each, now),
                ago(each.used_at) if each.used_at else "never",
            )
            for each in found
        ),
        empty="There are no tokens. Make one: newsbot token add USER --name NAME --scope read",
    )


@app.command("remove")
def remove(
    token: Annotated[str, typer.Argument(help="The token's id, as `newsbot token list` shows it.")],
    as_json: Json = False,
) -> None:
    """Remove a token: it is worth nothing from now on."""
    from newsbot.people import tokens as people_tokens

    with changing() as database:
        gone = people_tokens.find(database, token)
        people_tokens.remove(database, gone, by=audit.acting_user())
    if as_json:
        print_json(shown(gone))
    else:
        say(f"The token {gone.name!r} of {gone.user} is removed.")


def shown(token: Token) -> dict[str, Any]:
    """Return what may be shown of a token."""
    return {
        "id": token.short,
        "name": token.name,
        "user": token.user,
        "scopes": token.scopes,
        "made_at": token.made_at,
        "expires_at": token.expires_at,
        "used_at": token.used_at,
    }


def _expiry(token: Token, now: datetime) -> str:
    if token.expires_at is None:
        return "never"
    return f"{token.expires_at:%Y-%m-%d}" if token.expires_at > now else "has expired"
