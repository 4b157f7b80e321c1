"""``newsbot alert test``: an alert, or a query, tried on a text."""

import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from newsbot.archive.rules import Rule
from newsbot.cli import context
from newsbot.cli.lists import lists_for
from newsbot.cli.output import USAGE, Json, console, fail, plain, print_json, safe, say

if TYPE_CHECKING:
    from newsbot.alerts.trying import Tried


def add_to(app: typer.Typer) -> None:
    """Add this command to those of alerts."""
    app.command("test")(try_out)


def try_out(
    query: Annotated[str, typer.Argument(help="A query; with --alert, the text.")],
    text: Annotated[
        str | None, typer.Argument(help="A text to try it on; - reads what is piped in.")
    ] = None,
    alert: Annotated[
        str, typer.Option("--alert", metavar="NAME", help="Try this alert, with all its options.")
    ] = "",
    title: Annotated[str, typer.Option(help="The headline.")] = "",
    author: Annotated[list[str] | None, typer.Option(help="An author (several times).")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tag (several times).")] = None,
    source: Annotated[str, typer.Option(help="The source that it is from.")] = "",
    group: Annotated[
        list[str] | None, typer.Option(help="A group of its source (several times).")
    ] = None,
    language: Annotated[
        str, typer.Option(help="Its language; told from the text unless given.")
    ] = "",
    section: Annotated[str, typer.Option(help="Its section.")] = "",
    url: Annotated[str, typer.Option(help="Its address.")] = "",
    published: Annotated[
        str, typer.Option("--date", metavar="YYYY-MM-DD", help="The day of its publication.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Say whether an alert would fire for a text, and why.

    It says which clause is met and where, or which are not.

    Exit code 1: it would not.
    """
    from newsbot.alerts.rules import RuleError, understand, whole_query
    from newsbot.alerts.trying import Text, attempt

    if alert and text is None:
        query, text = "", query
    if text is None or (alert and query):
        fail("give a query and a text, or --alert NAME and a text", code=USAGE)
    rule = _rule(alert)
    whole = whole_query(rule) if rule else query
    try:
        parsed = understand(whole, lists_for(whole).entries)
    except RuleError as error:
        fail(f"the query cannot be used:\n{error}", code=USAGE)
    given = Text(
        body=sys.stdin.read() if text == "-" else text,
        title=title,
        authors=tuple(author or ()),
        tags=tuple(tag or ()),
        sources=(source,) if source else (),
        groups=tuple(group or ()),
        language=language,
        section=section,
        url=url,
        published=_day(published),
    )
    found = attempt(parsed, given, rule=rule, now=datetime.now(UTC))
    if as_json:
        print_json(plain(found))
    else:
        _print(found, whole)
    if not found.met:
        raise typer.Exit(1)


def _rule(name: str) -> Rule | None:
    from newsbot.cli.alert_options import existing

    if not name:
        return None
    with context.archive(context.config()) as database:
        return existing(database, name)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        fail(f"{text!r} is no day; give one as 2026-03-31", code=USAGE)


def _print(found: "Tried", query: str) -> None:
    if not found.met:
        say("It would not fire. Not met:")
        for each in found.missing:
            console.print(safe(f"  {each}"))
        if "lang:" in query and not found.language:
            say("The text is too short to tell its language; give --language.")
        return
    say("It would fire." if not found.held else f"It would fire, and nobody be told: {found.held}.")
    console.print(safe(f"  met: {found.clause}"))
    for name, text in (("title", found.title), ("body", found.body)):
        if found.marks[name]:
            console.print(safe(f"  in the {name}: {_marked(text, found.marks[name])}"))


def _marked(text: str, marks: tuple[tuple[int, int], ...]) -> str:
    out, at = [], 0
    for start, end in marks:
        out += [text[at:start], "[", text[start:end], "]"]
        at = end
    return "".join((*out, text[at:])).strip()
