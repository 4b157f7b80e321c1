"""``newsbot remove`` and ``newsbot audit``: one article out of everything, and who did what."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, NoReturn

import typer

from newsbot.archive import audit, removal, removed
from newsbot.archive.articles import Kept, article_id
from newsbot.archive.connection import Database
from newsbot.archive.removal import Reach
from newsbot.cli import context
from newsbot.cli.output import USAGE, Json, counting, fail, print_json, print_table, say
from newsbot.config import Config
from newsbot.fetching.raw_erasure import BusyError, files_of
from newsbot.keeping.holding import HoldError, Holds
from newsbot.keeping.removing import Done, carry_through, find, remove
from newsbot.search.follow import catch_up
from newsbot.text.urls import canonical_url

audit_app = typer.Typer(help="Who did what to the record, and why.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("remove")(remove_article)
    app.add_typer(audit_app, name="audit")


def remove_article(
    article: Annotated[str, typer.Argument(help="The article's id, or its address.")],
    reason: Annotated[str, typer.Option(help="Why, as the order or file number says.")] = "",
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; without, only say what it means.")
    ] = False,
    lift: Annotated[
        bool, typer.Option("--lift", help="Let a removed article be found and stored again.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Remove one article from everything: texts, edits, alerts, index, pages as they came.

    It does not come back by a later crawl, and cannot be brought back but from a backup. Copies of it
    that others published stay; they are named, to be removed one by one.
    """
    if not reason.strip():
        fail("say why with --reason; it stands in the audit", code=USAGE)
    config = context.config()
    with context.archive(config) as database:
        kept = find(database, article)
        if kept is None:
            _on_removed(config, database, article, reason.strip(), yes=yes, lift=lift)
            return
        if lift:
            fail(f"article {kept.article.id} was not removed; it is in the archive")
        found = removal.reach(database, kept)
        _refuse_held(database, kept)
        if not yes:
            _preview(config, kept, found)
        try:
            with counting("WARC files looked through:") as progress:
                done = remove(
                    config,
                    database,
                    kept,
                    why=reason.strip(),
                    now=datetime.now(UTC),
                    progress=progress,
                )
        except BusyError as error:
            fail(
                f"{error}; the article is out of the archive, its pages as they came are not erased "
                "yet: repeat the command in a while, or leave it to `newsbot up`"
            )
        gone = catch_up(config, database)
    _tell(done, found.copies, as_json=as_json)
    if not gone:
        say("The search index has not caught up yet; `newsbot doctor` tells when it has.")


def _refuse_held(database: Database, kept: Kept) -> None:
    try:
        held = Holds.read(database).on(kept)
    except HoldError as error:
        fail(str(error))
    for hold in held:
        say(f"hold {hold.id} on {hold.kind} {hold.what}: {hold.reason} ({hold.by})")
    if held:
        fail(
            f"article {kept.article.id} is under a legal hold and was not touched; "
            "whoever may lift it does so with: newsbot hold remove ID --reason …"
        )


def _preview(config: Config, kept: Kept, found: Reach) -> NoReturn:
    say(f"{kept.article.title}\n{kept.article.url}")
    say(
        f"would go: the article, {found.revisions} earlier versions, {found.matches} matches, "
        f"{found.waiting} messages that wait, the texts of {found.told} that were delivered, "
        f"{len(found.pages)} addresses, and its pages in {len(files_of(config.data_dir))} WARC files"
    )
    _name_copies(found.copies)
    fail("nothing was removed; repeat the command with --yes")


def _on_removed(
    config: Config, database: Database, article: str, reason: str, *, yes: bool, lift: bool
) -> None:
    """Go on with an article that is not in the archive (any more)."""
    stone = removed.get(database, article) or removed.get(
        database, article_id(canonical_url(article))
    )
    if stone is None:
        fail(f"there is no article {article!r}; `newsbot search QUERY` lists ids")
    if lift:
        removed.lift(database, stone)
        audit.note(database, "remove lift", why=reason, ids=[stone.id])
        say(f"Article {stone.id} may be found and stored again.")
        return
    if not (stone.open and yes):
        fail(f"article {stone.id} was removed on {stone.at:%Y-%m-%d %H:%M} UTC already")
    try:
        done = carry_through(config, database, stone, now=datetime.now(UTC))
    except BusyError as error:
        fail(str(error))
    _tell(done, (), as_json=False)


def _tell(done: Done, copies: tuple[str, ...], *, as_json: bool) -> None:
    if as_json:
        unread = [str(each) for each in done.unread]
        print_json(
            {"article": done.article, "erased": done.met, "unread": unread, "copies": copies}
        )
    else:
        said = ", ".join(f"{number} {name}" for name, number in done.met.items()) or "nothing more"
        say(f"Article {done.article} is removed: {said}.")
        _name_copies(copies)
        say(
            "Not reached: backups, exports and messages from before; links to it in the pages of others."
        )
    if done.unread:
        fail(
            "these may still hold it, and are for you to look at:\n"
            + "\n".join(map(str, done.unread[:10]))
        )


def _name_copies(copies: tuple[str, ...]) -> None:
    if copies:
        say(
            f"{len(copies)} other articles tell the same story and stay: {', '.join(copies[:10])}"
            + (" …" if len(copies) > 10 else "")
        )


@audit_app.command("list")
def list_(
    about: Annotated[str, typer.Option(help="Only this article, source or hold, by its id.")] = "",
    days: Annotated[float, typer.Option(min=0, max=36_500, help="How far back, in days.")] = 365,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
    as_json: Json = False,
) -> None:
    """List what was done, newest first."""
    with context.archive(context.config()) as database:
        if about:
            found = audit.about(database, about)[:limit]
        else:
            since = datetime.now(UTC) - timedelta(days=days)
            found = audit.latest(database, since=since, at_most=limit)
    if as_json:
        print_json(found)
        return
    print_table(
        ("when (UTC)", "who", "what", "on", "why"),
        (
            (
                f"{each.at:%Y-%m-%d %H:%M:%S}",
                each.by,
                each.action,
                ", ".join(each.ids[:3]) + (" …" if len(each.ids) > 3 else ""),
                " ".join((each.why, *(f"{name}={n}" for name, n in each.counts.items()))).strip(),
            )
            for each in found
        ),
        empty="Nothing is on record in that time.",
    )
