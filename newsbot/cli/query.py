"""``newsbot query``: how a query is understood."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import typer

from newsbot.cli.lists import lists_for
from newsbot.cli.output import USAGE, Json, console, fail, print_json, safe
from newsbot.query import QuerySyntaxError, parse, shown
from newsbot.query.explain import Explained, Term, explain

app = typer.Typer(help="How queries are understood.", no_args_is_help=True)


def add_to(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="query")


@app.callback()
def _about() -> None:
    """Keep the name of the one command."""


@app.command("explain")
def explain_(
    query: Annotated[str, typer.Argument(help="The query, as for `newsbot search`.")],
    as_json: Json = False,
) -> None:
    """Print how a query is understood: part by part, with the terms that each word is found by."""
    try:
        lists = lists_for(query)
        tree = parse(query, lists.entries)
    except QuerySyntaxError as error:
        fail(f"the query cannot be understood:\n{error.explain()}", code=USAGE)
    explained = explain(tree, now=datetime.now(UTC))
    if as_json:
        print_json(
            {
                "typed": query,
                "understood": shown(tree),
                "lists": lists.versions(tree),
                "tree": explained,
            }
        )
        return
    console.print(safe(f"understood as: {shown(tree)}"))
    for name, version in lists.versions(tree).items():
        console.print(safe(f"with the list @{name} in its version {version}"))
    console.print()
    for line in _lines(explained):
        console.print(safe(line))


def _lines(part: Explained, stem: str = "", rest: str = "") -> Iterator[str]:
    """Yield a part and what it is made of, a line each, its branches drawn."""
    yield f"{stem}{part.meaning}{_found_by(part)}"
    for place, each in enumerate(part.parts):
        last = place == len(part.parts) - 1
        yield from _lines(
            each, f"{rest}{'└─ ' if last else '├─ '}", f"{rest}{'   ' if last else '│  '}"
        )


def _found_by(part: Explained) -> str:
    if not part.readings:
        return ""
    return ": found by " + ", or by ".join(
        " + ".join(map(_term, reading)) for reading in part.readings
    )


def _term(term: Term) -> str:
    others = ", ".join(each.removeprefix("~") for each in term.spellings[1:])
    return (
        f"{term.text}{'…' if term.prefix else ''}{f' (without dots: {others})' if others else ''}"
    )
