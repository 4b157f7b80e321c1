"""``newsbot triage``: stories by how they stand with a reader and the desk, and what is done about them."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from newsbot.archive import articles, audit, reader_marks, rules, triage, users
from newsbot.archive.connection import Database
from newsbot.archive.triage import FOR_THE_DESK, OWN, Done
from newsbot.cli import context
from newsbot.cli.output import USAGE, Json, ago, fail, print_json, print_table, say
from newsbot.query import QuerySyntaxError
from newsbot.search.cursors import PageError
from newsbot.search.desk import SHOWS, Desk, Listed, Told, Wanted
from newsbot.search.follow import catch_up
from newsbot.search.results import Reader

app = typer.Typer(help="Stories by how they stand with you and the desk.", no_args_is_help=True)

Who = Annotated[
    str,
    typer.Option(
        "--reader",
        metavar="NAME",
        help="Whose marks: a user's name. By default the web page's while there are no users, else yours.",
    ),
]


def add_to(parent: typer.Typer) -> None:
    """Add these commands to the command line."""
    parent.add_typer(app, name="triage")


def _person(database: Database, name: str) -> str:
    """Return the name under which marks are kept."""
    if name:
        return name
    if users.any_there(database):
        return audit.acting_user()
    from newsbot.web.access import AT_THE_MACHINE

    return AT_THE_MACHINE.name


@app.command("list")
def list_(
    query: Annotated[str, typer.Argument(help="Only stories that this query finds.")] = "",
    show: Annotated[str, typer.Option(help=f"One of: {', '.join(SHOWS)}.")] = "new",
    alert: Annotated[str, typer.Option(help="Only what this alert met in the last 30 days.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500, help="So many stories.")] = 30,
    after: Annotated[str, typer.Option(help="The next page: what the one before said.")] = "",
    reader: Who = "",
    as_json: Json = False,
) -> None:
    """List stories: new to you, starred, taken, done, not relevant."""
    chosen = next((each for each in SHOWS if each == show), None)
    if chosen is None:
        fail(f"there is no list {show!r}; give one of {', '.join(SHOWS)}", code=USAGE)
    config = context.config()
    with context.archive(config) as database:
        rule = rules.find(database, alert) if alert else None
        if alert and rule is None:
            fail(f"there is no alert {alert!r}; newsbot alert list shows them", code=USAGE)
        catch_up(config, database)
        person = reader_marks.reader(database, _person(database, reader))
        desk = Desk(database, Reader(config, database), person)
        wanted = Wanted(show=chosen, query=query, alert=rule.id if rule else "")
        try:
            found = desk.listed(wanted, limit=limit, after=after)
        except QuerySyntaxError as error:
            fail(f"the query cannot be understood:\n{error.explain()}", code=USAGE)
        except PageError as error:
            fail(str(error), code=USAGE)
    if as_json:
        print_json(
            {
                "reader": person.name,
                "back": [_as_json(each) for each in found.back],
                "stories": [_as_json(each) for each in found.told],
                "next": found.next or None,
            }
        )
    else:
        _print(found)


def _as_json(told: Told) -> dict[str, object]:
    kept, standing = told.hit.kept, told.standing
    return {
        "story": standing.story,
        "read": standing.read,
        "back": standing.back,
        "starred": standing.starred,
        "desk": standing.desk,
        "by": standing.by,
        "at": standing.at,
        "article": kept.article.id,
        "title": kept.article.title,
        "url": kept.article.url,
        "source": told.hit.source,
        "first_seen": kept.record.first_seen,
        "more": told.hit.more,
    }


def _print(found: Listed) -> None:
    rows = [
        (
            each.standing.story,
            _stands(each),
            ago(each.hit.kept.record.first_seen),
            each.hit.source or "(removed source)",
            each.hit.kept.article.title or "(no headline)",
        )
        for each in (*found.back, *found.told)
    ]
    print_table(
        ("story", "stands", "seen", "source", "headline"),
        rows,
        empty="There is nothing in this list.",
    )
    if found.next:
        say(f"There is more: --after {found.next}")


def _stands(told: Told) -> str:
    s = told.standing
    said = "read" if s.read else f"new again: {', '.join(s.back)}" if s.back else "new"
    parts = [said, *(("starred",) if s.starred else ())]
    if s.desk != "open":
        parts.append(f"{s.desk} ({s.by})")
    return ", ".join(parts)


@app.command("mark")
def mark(
    what: Annotated[str, typer.Argument(help=f"One of: {', '.join((*OWN, *FOR_THE_DESK))}.")],
    ids: Annotated[list[str], typer.Argument(help="Ids of stories or of articles.")],
    reader: Who = "",
    as_json: Json = False,
) -> None:
    """Mark stories for yourself, or decide of them for the desk."""
    own = next((each for each in OWN if each == what), None)
    decision = next((each for each in FOR_THE_DESK if each == what), None)
    if own is None and decision is None:
        fail(
            f"there is no mark {what!r}; give one of {', '.join((*OWN, *FOR_THE_DESK))}", code=USAGE
        )
    if len(ids) > triage.MOST_AT_ONCE:
        fail(f"at most {triage.MOST_AT_ONCE} stories at once, and these are {len(ids)}", code=USAGE)
    with context.archive(context.config()) as database:
        name, now = _person(database, reader), datetime.now(UTC)
        known = articles.many(database, ids)
        wanted = [known[each].record.story if each in known else each for each in ids]
        if own is not None:
            done = triage.own(database, name, own, wanted, now=now)
        else:
            assert decision is not None
            done = triage.for_the_desk(database, name, decision, wanted, now=now)
    _tell(done, as_json)


@app.command("undo")
def undo(reader: Who = "", as_json: Json = False) -> None:
    """Take back the last thing that you marked or decided."""
    with context.archive(context.config()) as database:
        done = triage.undo(database, _person(database, reader), now=datetime.now(UTC))
    if done is None:
        fail("there is nothing to take back")
    _tell(done, as_json)


def _tell(done: Done, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "stories": done.stories,
                "taken": {story: desk.by for story, desk in done.taken.items()},
                "unknown": done.unknown,
            }
        )
    else:
        say(f"{len(done.stories)} {'story' if len(done.stories) == 1 else 'stories'} marked.")
    for story, desk in done.taken.items():
        say_wrong = f"{story} was not changed: {desk.by} has it ({desk.state}, {ago(desk.at)} ago)"
        if not as_json:
            say(say_wrong)
    if done.unknown:
        fail(
            f"there is no story or article {', '.join(done.unknown)}; newsbot triage list shows them"
        )
    if done.taken:
        raise typer.Exit(1)
