"""``newsbot show`` and ``reindex``: reading the archive."""

import sys
from typing import Annotated

import attrs
import typer

from newsbot.archive import articles, revisions, sources
from newsbot.archive.articles import Kept, Revision
from newsbot.cli import context
from newsbot.cli.history import (
    history_json,
    print_difference,
    print_difference_json,
    print_history,
)
from newsbot.cli.output import (
    Json,
    console,
    counting,
    fail,
    print_json,
    print_table,
    safe,
    say,
)
from newsbot.config import Config
from newsbot.fetching.raw_files import RawNotKeptError, raw_block


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("show")(show)
    app.command("reindex")(reindex)


def show(
    article: Annotated[str, typer.Argument(help="An article's id, or its address.")],
    history: Annotated[
        bool,
        typer.Option("--history", help="List its edits: when, of what kind, what they changed."),
    ] = False,
    diff: Annotated[
        tuple[int, int] | None,
        typer.Option(
            "--diff",
            metavar="FROM TO",
            help="Compare two of its versions word by word, as in --diff 2 5.",
        ),
    ] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="Print its page as it came, header fields and all.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show an article."""
    from newsbot.text.urls import canonical_url

    config = context.config()
    with context.archive(config) as database:
        kept = articles.get(database, article) or articles.at(database, canonical_url(article))
        if kept is None:
            fail(f"there is no article {article!r}; `newsbot search QUERY` lists ids")
        names = sources.names(database, kept.record.sources)
        told = revisions.versions(database, kept)
    if raw:
        _print_raw(config, kept)
        return
    if diff is not None:
        if as_json:
            print_difference_json(kept.article, told, *diff)
        else:
            print_difference(told, *diff)
        return
    if as_json:
        shown: dict[str, object] = {"history": history_json(told)} if history else {}
        print_json(
            {"article": kept.article, "record": kept.record, "revisions": told[:-1], **shown}
        )
        return
    _print(kept, ", ".join(names.values()) or "(removed)", told)
    if history:
        print_history(told)


def _print_raw(config: Config, kept: Kept) -> None:
    from rich.text import Text

    place = kept.article.raw
    if place is None:
        fail("the page of this article was not kept as it came")
    try:
        block = raw_block(config.data_dir, place)
    except RawNotKeptError as error:
        fail(str(error))
    if sys.stdout.isatty():  # a terminal obeys what pages say
        console.print(Text(block.decode("utf8", "replace")), soft_wrap=True)
    else:
        sys.stdout.buffer.write(block)


def _expired(kept: Kept) -> str:
    at = kept.record.text_expired_at
    return (
        f"removed on {at:%Y-%m-%d}, when its time was over (newsbot retention list)" if at else ""
    )


def _print(kept: Kept, source: str, told: list[Revision]) -> None:
    from newsbot.fetching.causes import in_part

    article = kept.article
    console.print(safe(article.title), style="bold")
    published = article.published
    moment = "-"
    if published:
        moment = (
            f"{published.instant:%Y-%m-%d %H:%M} UTC" if published.instant else f"{published.day}"
        )
        moment += f" (not believed: {published.doubt})" if published.doubt else ""
    for label, value in (
        ("source", source),
        ("by", ", ".join(article.authors)),
        ("published", moment),
        (
            "access",
            "for subscribers: this may be its beginning only" if article.free is False else "",
        ),
        ("in part", in_part(article.partial)),
        ("taken down", _taken_down(kept)),
        ("text", _expired(kept)),
        ("publisher", article.publisher),
        ("language", article.language),
        ("address", article.url),
        ("first seen", f"{kept.record.first_seen:%Y-%m-%d %H:%M} UTC"),
        ("version", f"{kept.record.revision}" + (", see --history" if len(told) > 1 else "")),
    ):
        if value:
            console.print(safe(f"{label:<11} {value}"))
    console.print()
    console.print(safe(article.body))


def _taken_down(kept: Kept) -> str:
    deleted = kept.record.deleted_at
    return f"by its publisher, found on {deleted:%Y-%m-%d %H:%M} UTC" if deleted else ""


def reindex(
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Compare the index with the archive instead, day by day, and mend what differs.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Build the search index anew from the archive, beside the old one, then switch."""
    from newsbot.search.follow import IndexBusyError, rebuild

    config = context.config()
    if check:
        _check(config, as_json=as_json)
        return
    with context.archive(config) as database:
        try:
            with counting("articles taken up:") as progress:
                count = rebuild(config, database, progress)
        except IndexBusyError as error:
            fail(str(error))
    if as_json:
        print_json({"articles": count})
    else:
        say(f"{count} articles are in the new index.")


def _check(config: Config, *, as_json: bool) -> None:
    from newsbot.search import checking

    with context.archive(config) as database, counting("articles compared:") as progress:
        found = checking.check(config, database, progress)
    if as_json:
        # Numbers that other programs' numbers cannot hold.
        days = [
            attrs.asdict(day)
            | {name: f"{getattr(day, name):016x}" for name in ("archive_hash", "index_hash")}
            for day in found.days
        ]
        print_json({**attrs.asdict(found), "days": days})
    else:
        print_table(
            ("first stored", "in the archive", "in the index", "missing", "left over", "otherwise"),
            (
                (
                    day.day.isoformat(),
                    *(
                        f"{count:,}"
                        for count in (
                            *(day.archive, day.index),
                            *(day.missing, day.left_over, day.changed),
                        )
                    ),
                )
                for day in found.differed
            ),
            empty=f"{found.articles:,} articles of {len(found.days):,} days compared; nothing differs.",
        )
        if found.differing:
            say(
                f"{found.articles:,} articles compared; {found.differing:,} differed, "
                f"{found.mended:,} of them were mended."
            )
        if found.undecided:
            say(f"{found.undecided:,} changed all the while, and are compared the next time.")
    if found.mended < found.differing:
        fail("the process that writes the index did not take all of them up; is `newsbot up` well?")
