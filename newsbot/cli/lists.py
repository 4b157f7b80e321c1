"""``newsbot list``: lists of terms and phrases that queries name as ``@name``."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from newsbot.archive import audit, lists
from newsbot.archive.lists import TermList
from newsbot.cli import context
from newsbot.cli.output import USAGE, Json, ago, fail, print_json, print_table, say
from newsbot.search.lists import InForce, Lists, in_force

app = typer.Typer(
    help="Lists of terms and phrases (all spellings of a name, say), which queries name as @name.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(help="The list's name, as in @name.")]
Terms = Annotated[
    list[str],
    typer.Argument(help='Words, phrases, words as written (=WHO), beginnings (storm*).'),
]  # fmt: skip


def add_to(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="list")


def lists_for(query: str) -> InForce:
    """Return the lists that a query may name; the archive is opened only where it may name one."""
    if "@" not in query:
        return in_force([])
    with context.archive(context.config()) as database:
        return Lists.of(database).now()


@app.command("add")
def add(name: Name, terms: Terms, as_json: Json = False) -> None:
    """Add terms and phrases to a list; one that there is not yet is made."""
    _change(name, terms, lambda there, more: tuple(dict.fromkeys(there + more)), as_json)


@app.command("set")
def set_(name: Name, terms: Terms, as_json: Json = False) -> None:
    """Have a list be just these terms and phrases."""
    _change(name, terms, lambda _, these: these, as_json)


@app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(
            help="A text file, one term or phrase a line, # before a remark; - reads what is piped in."
        ),
    ],
    name: Annotated[str, typer.Option(help="The list's name; by default the file's.")] = "",
    as_json: Json = False,
) -> None:
    """Have a list be what stands in a file."""
    piped = str(file) == "-"
    if piped and not name:
        fail("say with --name which list this is", code=USAGE)
    try:
        raw = sys.stdin.buffer.read() if piped else file.read_bytes()
        text = raw.decode("utf8")
    except OSError as error:
        fail(f"{file} cannot be read ({error.strerror})")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        fail(f"line {line} of {file} is not UTF-8; save the file as that", code=USAGE)
    _change(name or file.stem, text.splitlines(), lambda _, these: these, as_json)


@app.command("show")
def show(name: Name, as_json: Json = False) -> None:
    """Print a list, one entry a line, as `newsbot list import` reads it."""
    with context.archive(context.config()) as database:
        found = _existing(lists.find(database, _name(name)), name)
    if as_json:
        print_json(found)
        return
    say(f"# @{found.id}, version {found.version}, by {found.by}, {found.at:%Y-%m-%d %H:%M} UTC")
    if found.kept_by_file:
        say(f"# kept by the file {found.kept_by_file.by}")
    for entry in found.entries:
        say(entry)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the lists, and who uses them."""
    from newsbot.alerts.lists import users

    with context.archive(context.config()) as database:
        found = lists.everything(database)
        used = users(database)
    if as_json:
        print_json([{"list": each, "used_by": used.get(each.id, [])} for each in found])
        return
    print_table(
        ("name", "entries", "version", "changed", "by", "used by"),
        (
            (
                f"@{each.id}",
                str(len(each.entries)),
                str(each.version),
                ago(each.at),
                each.by,
                ", ".join(used.get(each.id, ())) or "-",
            )
            for each in found
        ),
        empty="There are no lists. Make one: newsbot list add NAME TERM …",
    )


@app.command("remove")
def remove(
    name: Name,
    terms: Annotated[
        list[str] | None, typer.Argument(help="Only these of its entries; none: the whole list.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Remove a list, or entries of it. A list that an alert, a hold or a saved search uses stays."""
    from newsbot.alerts import lists as desk

    key = _name(name)
    if terms:
        wanted = {" ".join(term.split()) for term in terms}
        with context.archive(context.config()) as database:
            there = _existing(lists.find(database, key), name)
        if missing := wanted - set(there.entries):
            fail(f"@{key} has no entry {min(missing)!r}; newsbot list show {key}")
        _change(name, [], lambda now, _: tuple(each for each in now if each not in wanted), as_json)
        return
    with context.archive(context.config()) as database:
        try:
            gone = desk.remove(database, key, by=audit.acting_user(), now=datetime.now(UTC))
        except desk.ListError as error:
            fail(str(error))
    if as_json:
        print_json(gone)
    else:
        say(f"The list @{key} is removed.")


def _change(
    name: str,
    lines: list[str],
    made: Callable[[tuple[str, ...], tuple[str, ...]], tuple[str, ...]],
    as_json: bool,
) -> None:
    from newsbot.alerts import lists as desk

    key = _name(name)
    try:
        given = desk.entries_in(lines)
    except desk.ListError as error:
        fail(f"nothing was changed, for this is no entry of a list:\n{error}", code=USAGE)
    with context.archive(context.config()) as database:
        try:
            changed = desk.change(
                database,
                key,
                lambda there: made(there, given),
                by=audit.acting_user(),
                now=datetime.now(UTC),
            )
        except desk.ListError as error:
            fail(f"nothing was changed: {error}")
    if as_json:
        print_json(changed)
    else:
        count = len(changed.entries)
        say(f"@{key} has {count} entr{'y' if count == 1 else 'ies'} (version {changed.version}).")
        if changed.kept_by_file:
            by = changed.kept_by_file.by
            say(f"The file {by} keeps it: change it there, or newsbot apply changes it back.")


def _name(name: str) -> str:
    from newsbot.alerts.lists import ListError, list_name

    try:
        return list_name(name)
    except ListError as error:
        fail(str(error), code=USAGE)


def _existing(found: TermList | None, name: str) -> TermList:
    if found is None or found.removed:
        fail(f"there is no list {name!r}; `newsbot list list` shows those there are")
    return found
